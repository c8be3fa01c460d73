"""Evaluate a plan: every row, every variant, every level."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

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
    parts = measure.parts
    known = parts[~parts["missing"].astype(bool)]
    names = units.names(level)
    every = units.parents(parts.index, measure.level, level)
    parents = units.parents(known.index, measure.level, level)
    if measure.own_denominators is not None and level != "community":
        known, parents = _with_own_denominators(measure, units, level)
    grouped = known.groupby(parents, sort=False)
    sums = grouped[["numerator", "denominator"]].sum().reindex(names.index)
    if measure.statistic == "sum":
        value = sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
        sums["value"] = value * measure.scale
    elif measure.statistic == "mean":
        sums["value"] = sums["numerator"] / sums["denominator"] * measure.scale
    else:
        sums["value"] = grouped["numerator"].median().reindex(names.index) * measure.scale
        sums[["numerator", "denominator"]] = math.nan
    sums["units_total"] = every.value_counts().reindex(names.index, fill_value=0)
    missing = every[parts["missing"].astype(bool)].value_counts()
    sums["units_missing"] = missing.reindex(names.index, fill_value=0)
    return sums


def _with_own_denominators(
    measure: Measure, units: Units, level: Level
) -> tuple[pd.DataFrame, pd.Series]:
    """Sum to townships first: a township's own number takes the place of its communities' sum."""
    own = measure.own_denominators
    assert own is not None  # noqa: S101 - the caller has looked
    parts = measure.parts
    town = units.parents(parts.index, "community", "township")
    # where the township has its own denominator every known amount in it counts
    usable = parts[~parts["missing"].astype(bool) | town.isin(own.index)]
    sums = usable[["numerator", "denominator"]].groupby(town.loc[usable.index], sort=False).sum()
    sums["denominator"] = own.reindex(sums.index).fillna(sums["denominator"])
    return sums, units.parents(sums.index, "township", level)


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
