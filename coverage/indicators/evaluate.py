"""Evaluate a plan: every row, every variant, every level."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts, vocabulary
from coverage.indicators.assess import gap, progress, status
from coverage.indicators.families import (
    FAMILIES,
    Inputs,
    Measure,
    NotComputableError,
    categories_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow, Plan

COLUMNS = (
    "plan",
    "row",
    "kind",
    "indicator",
    "variant",
    "level",
    "unit_code",
    "unit_name",
    "year",
    "value",
    "unit",
    "numerator",
    "denominator",
    "units_total",
    "units_missing",
    "baseline",
    "target",
    "target_year",
    "comparator",
    "attribute",
    "gap",
    "progress",
    "status",
    "method",
    "reason",
    "note",
)


def evaluate(plan: Plan, inputs: Inputs, year: int) -> pd.DataFrame:
    """Compute all rows of a plan.

    Parameters
    ----------
    plan
        The plan.
    inputs
        Units, facilities that count, access by service.
    year
        Year evaluated.

    Returns
    -------
    pandas.DataFrame
        The columns of ``indicators.csv``; one row a plan row, variant, level and unit, counties
        and city first within a variant. ``value``, ``baseline``, ``target`` and ``gap`` are in
        ``unit``; ``progress`` is 0–1.
    """
    tables = [_variant(row, variant, inputs, year) for row in plan.rows for variant in row.variants]
    table = pd.concat(tables, ignore_index=True).assign(plan=plan.name, year=year)
    whole = ["row", "year", "units_total", "units_missing", "target_year"]
    return table[list(COLUMNS)].astype(dict.fromkeys(whole, "Int64"))


def _variant(row: IndicatorRow, variant: str, inputs: Inputs, year: int) -> pd.DataFrame:
    try:
        measure = FAMILIES[row.family](row, inputs, variant)
    except NotComputableError as missing:
        return _not_computable(row, variant, missing, inputs.units)
    return _measured(row, measure, inputs.units, year).assign(note=_note(row, inputs))


def _measured(row: IndicatorRow, measure: Measure, units: Units, year: int) -> pd.DataFrame:
    unit = measure.unit or row.unit
    # baseline and target are in the row's unit: they say nothing of a variant in another
    shown = row if unit == row.unit else replace(row, baseline=None, target=None, target_year=None)
    tables = []
    for level in reversed(units.levels_from(measure.level)):
        names = units.names(level)
        sums = _sum_to(measure, units, level).assign(
            level=level, unit_code=names.index, unit_name=names
        )
        tables.append(sums.reset_index(drop=True))
    table = pd.concat(tables, ignore_index=True)
    return _judged(table, shown, year).assign(
        variant=measure.variant, unit=unit, method="layers", reason="", **_head(row)
    )


def _sum_to(measure: Measure, units: Units, level: Level) -> pd.DataFrame:
    """Sum a measure's parts upward and divide; units of which nothing is known are left out."""
    names = units.names(level)
    above = units.positions(measure.level, level)
    missing = measure.parts["missing"].to_numpy(dtype=bool)
    numerator = measure.parts["numerator"].to_numpy(dtype=float)
    denominator = measure.parts["denominator"].to_numpy(dtype=float)
    known, at = ~missing & (above >= 0), above
    if measure.own_denominators is not None and level != "community":
        numerator, denominator, known = _by_township(measure, units)
        at = units.positions("township", level)
        known &= at >= 0
    sums = pd.DataFrame(
        {
            "numerator": _sums(at[known], numerator[known], len(names)),
            "denominator": _sums(at[known], denominator[known], len(names)),
        },
        index=names.index,
    )
    value = sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
    if measure.statistic == "median":
        middle = pd.Series(numerator[known]).groupby(at[known]).median()
        value = pd.Series(middle.reindex(range(len(names))).to_numpy(), index=names.index)
        sums[["numerator", "denominator"]] = math.nan
    return sums.assign(
        value=value * measure.scale,
        units_total=np.bincount(above[above >= 0], minlength=len(names)),
        units_missing=np.bincount(above[missing & (above >= 0)], minlength=len(names)),
    )


def _sums(at: NDArray[np.int64], values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    """Return the sum of the values at each position, missing where there are none."""
    counts = np.bincount(at, minlength=size)
    return np.where(counts > 0, np.bincount(at, weights=values, minlength=size), np.nan)


def _by_township(
    measure: Measure, units: Units
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Sum to townships, whose own number takes the place of their communities' sum.

    Where a township has its own denominator every known amount in it counts.
    """
    names = units.names("township")
    own = pd.Series(measure.own_denominators).reindex(names.index).to_numpy(dtype=float)
    town = units.positions("community", "township")
    parts = measure.parts
    usable = (town >= 0) & (~parts["missing"].to_numpy(dtype=bool) | ~np.isnan(own[town]))
    amounts = np.nan_to_num(parts["numerator"].to_numpy(dtype=float))
    numerator = _sums(town[usable], amounts[usable], len(names))
    bases = np.nan_to_num(parts["denominator"].to_numpy(dtype=float))
    summed = _sums(town[usable], bases[usable], len(names))
    denominator = np.where(np.isnan(own), summed, own)
    return numerator, denominator, ~np.isnan(numerator)


def _not_computable(
    row: IndicatorRow, variant: str, missing: NotComputableError, units: Units
) -> pd.DataFrame:
    top: Level = "city" if units.city else "county"
    names = units.names(top)
    nothing = pd.DataFrame(
        {
            "level": top,
            "unit_code": names.index,
            "unit_name": names.to_numpy(),
            "value": math.nan,
            "numerator": math.nan,
            "denominator": math.nan,
            "units_total": pd.NA,
            "units_missing": pd.NA,
        }
    )
    values = dict(missing.values)
    if "categories" in values:
        values["categories"] = _titles(values["categories"])
    reason = texts.say(f"indicators.{missing.reason}", **values)
    own_unit = variant in ("pooled", "mean", "median")
    # without a value the year does not matter
    return _judged(nothing, row, 0).assign(
        variant=variant,
        unit=row.unit if own_unit else "%",
        method="not_computable",
        reason=reason,
        note="",
        **_head(row),
    )


def _titles(names: Any) -> str:  # noqa: ANN401 - any collection of category names
    known = vocabulary.categories()
    return "、".join(known[name].title(texts.language()) for name in names)


def _head(row: IndicatorRow) -> dict[str, Any]:
    return {
        "row": row.row,
        "kind": row.kind,
        "indicator": row.indicator,
        "baseline": math.nan if row.baseline is None else row.baseline,
        "target": math.nan if row.target is None else row.target,
        "target_year": pd.NA if row.target_year is None else row.target_year,
        "comparator": row.comparator if row.target is not None else "",
        "attribute": row.attribute,
    }


def _judged(table: pd.DataFrame, row: IndicatorRow, year: int) -> pd.DataFrame:
    values = table["value"].astype(float)
    return table.assign(
        gap=[gap(value, row) for value in values],
        progress=[progress(value, row) for value in values],
        status=[status(value, row, year) for value in values],
    )


def _note(row: IndicatorRow, inputs: Inputs) -> str:
    notes = []
    if not inputs.facilities["category"].isin(categories_of(row, inputs)).any():
        notes.append(texts.say("indicators.no_facility"))
    share = inputs.approximate.get(row.parameters.get("service", ""), 0.0)
    if share > 0:
        notes.append(texts.say("indicators.approximate", share=f"{share:.1%}"))
    if row.target is not None and row.baseline is None:
        notes.append(texts.say("indicators.no_baseline"))
    if row.conflict:
        notes.append(row.conflict)
    return " ".join(notes)
