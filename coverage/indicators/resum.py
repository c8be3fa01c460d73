"""Sum a plan's rows over counties that were evaluated one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts
from coverage.indicators.assess import Aim, aim_of, gaps, progress, statuses
from coverage.indicators.evaluate import COLUMNS

if TYPE_CHECKING:
    from coverage.plans import IndicatorRow, Plan

_KEY = ["kind", "row", "indicator", "variant"]
_SAME = ("unit", "attribute")
_AMOUNTS = ["numerator", "denominator"]
_COUNTS = ["units_total", "units_missing"]


def resum(
    counties: pd.DataFrame, plan: Plan, *, level: str, code: str, name: str, year: int
) -> pd.DataFrame:
    """Return the rows of a unit above counties: numerators and denominators summed anew.

    Figures that were entered, and medians, cannot be summed; they say so and stay empty. Counties
    without a figure are counted in the note and leave the sum of the others.

    Parameters
    ----------
    counties
        The counties' own rows of ``indicators.csv``, all of one plan and year.
    plan
        The plan.
    level, code, name
        Of the unit.
    year
        Year evaluated.

    Returns
    -------
    pandas.DataFrame
        The columns of ``indicators.csv``, a row a plan row and variant.
    """
    rows = {(row.kind, row.row): row for row in plan.rows}
    unit = {
        "plan": plan.name, "level": level, "unit_code": code, "unit_name": name, "year": year,
    }  # fmt: skip
    table = []
    for _, group in counties.groupby(_KEY, sort=False):
        first = group.iloc[0]
        key = {name: first[name] for name in _KEY}
        row = rows[first["kind"], int(first["row"])]
        table.append({**unit, **key, **_summed(group, row, level, year)})
    frame = pd.DataFrame(table)
    return frame[list(COLUMNS)].astype(counties.dtypes[list(COLUMNS)].to_dict())


def _summed(group: pd.DataFrame, row: IndicatorRow, level: str, year: int) -> dict[str, Any]:
    """Sum one row and variant over its counties, and hold it against the target."""
    # apart: floats that are missing are NaN, whole numbers NA
    sums, counts = (group[names].sum(min_count=1) for names in (_AMOUNTS, _COUNTS))
    rate = bool(group["denominator"].notna().any())
    value = _value(group, sums, rate=rate)
    variant = str(group["variant"].iloc[0])
    aim = aim_of(row, variant) if rate or row.level == level else Aim()
    return {
        **{name: group[name].iloc[0] for name in _SAME},
        **{name: sums[name] for name in _AMOUNTS},
        **{name: counts[name] for name in _COUNTS},
        "value": value,
        "baseline": aim.baseline,
        "target": aim.target,
        "target_year": aim.target_year,
        "comparator": aim.comparator if aim.target is not None else "",
        "gap": float(gaps(value, aim)),
        "progress": float(progress(value, aim)),
        "status": str(statuses(value, aim, year)),
        **_words(group, value),
    }


def _value(group: pd.DataFrame, sums: pd.Series, *, rate: bool) -> float:
    """Return numerator over denominator, in the unit that the counties' own values are in."""
    if not rate:
        return float(sums["numerator"])
    if not sums["denominator"] > 0:
        return np.nan
    ratio = group["numerator"] / group["denominator"].where(group["denominator"] > 0)
    scales = (group["value"] / ratio.where(ratio != 0)).dropna()
    # where nothing is counted anywhere the share is 0 in every unit
    scale = float(scales.iloc[0]) if len(scales) else 0.0
    return float(sums["numerator"] / sums["denominator"] * scale)


def _words(group: pd.DataFrame, value: float) -> dict[str, str]:
    """Say how the figure came about, why there is none, and how many counties it lacks."""
    methods = group["method"]
    summed = group["numerator"].notna()
    method = str((methods[summed] if summed.any() else methods).iloc[0])
    if not np.isnan(value):
        lacking = int((~summed).sum())
        note = texts.say("indicators.without_counties", count=lacking) if lacking else ""
        return {"method": method, "reason": "", "note": note}
    if methods.eq("not_computable").all():
        return {"method": method, "reason": str(group["reason"].iloc[0]), "note": ""}
    key = "not_summed" if group["value"].notna().any() else "nothing_to_count"
    return {"method": method, "reason": texts.say(f"indicators.{key}"), "note": ""}
