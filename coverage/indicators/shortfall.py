"""What is short of the targets, in square metres, beds, stations and people: whole and by unit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.indicators.assess import TARGET_TOLERANCE, Aim, aim_of, gaps
from coverage.indicators.units import LAYER_LEVELS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.units import Level
    from coverage.plans import IndicatorRow, Plan

    Floats = NDArray[np.float64]

COLUMNS = (
    "row", "indicator", "variant", "level", "unit_code", "unit_name", "value", "target", "unit",
    "numerator", "denominator", "shortfall", "counted",
)  # fmt: skip

_READ = COLUMNS[:-2]
_PERCENT = 100.0
_PLACE, _ITEM = "处", "个"  # what facilities and other things are counted in
_BY_PRESENCE = ("presence_rate", "quota")
_AVERAGES = ("mean", "median")
_WHOLE_NUMBERS = ("beds", "count")  # nobody builds half a bed
_SUMS = ("count", "entered")


def shortfalls(indicators: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """List the whole and the units below target, with what each lacks.

    Of a ratio it is target × denominator − numerator: for 30 m² per 100 households,
    30 · households / 100 − area. Of a share it is how many more would have to pass; of units that
    need a facility, one facility; of people within reach, the people who are still to be reached.
    Beds and facilities are whole numbers, the next higher one.
    The shortfall of the whole is not the sum of the units': what one unit has too much helps it.

    Parameters
    ----------
    indicators
        Results, as `evaluate` returns them.
    plan
        The plan.

    Returns
    -------
    pandas.DataFrame
        row, indicator, variant, level, unit_code, unit_name, value, target (a ratio without a
        target is held against its standard), unit, numerator, denominator, shortfall (missing where
        it cannot be told), and counted, what the shortfall is counted in. Rows of the plan in its
        order; of each the whole, then the units of the level it is about, the largest shortfall
        first. Rows that say the same as an earlier one are left out.
    """
    by_reading = dict(iter(indicators[list(_READ)].groupby(["row", "variant"], sort=False)))
    tables = []
    for row, variant in _readings(plan):
        figures = by_reading.get((row.row, variant))
        if figures is not None:
            tables.append(_below(figures, row, variant, plan))
    found = [table for table in tables if not table.empty]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _readings(plan: Plan) -> Iterator[tuple[IndicatorRow, str]]:
    """Give the plan's own reading of each row, and how many units have a facility beside reach."""
    seen = set()
    for row in plan.rows:
        for variant in dict.fromkeys((row.variants[0], "units")):
            aim = _aim(row, variant)
            if variant not in row.variants or variant in _AVERAGES or aim.target is None:
                continue
            told = [row.family, variant, row.unit, aim.target, row.parameters]
            named = row.indicator if row.family in _SUMS else ""
            key = json.dumps([named, *told], sort_keys=True, default=str)
            if key not in seen:
                yield row, variant
            seen.add(key)


def _aim(row: IndicatorRow, variant: str) -> Aim:
    aim = aim_of(row, variant)
    if aim.target is None and variant == "pooled" and "standard" in row.parameters:
        return Aim(target=float(row.parameters["standard"]))
    return aim


def _below(figures: pd.DataFrame, row: IndicatorRow, variant: str, plan: Plan) -> pd.DataFrame:
    aim = _aim(row, variant)
    level = figures["level"].map(LEVELS.index)
    chosen = (level == level.max()) | (figures["level"] == _lowest(row))
    if row.family in _SUMS:
        # counts have targets at the plan's own level only
        chosen = figures["target"].notna()
    lacking = gaps(figures["value"], aim)
    below = chosen.to_numpy() & (lacking > 0)
    if not below.any():
        return figures.head(0)
    table, gap = figures[below].assign(target=aim.target), lacking[below]
    counted, amount = _counted(row, variant, plan), _amount(table, gap, row, variant)
    known = vocabulary.unit_of(counted)
    if known and known[0] in _WHOLE_NUMBERS:
        amount = np.ceil(amount - TARGET_TOLERANCE)
    table = table.assign(shortfall=amount, counted=counted)
    table["rank"] = -table["level"].map(LEVELS.index)
    order = ["rank", "shortfall"]
    ordered = table.sort_values(order, ascending=[True, False], kind="stable")
    return pd.DataFrame(ordered[list(COLUMNS)])


def _lowest(row: IndicatorRow) -> Level:
    """Return the level of the units that a row is about; facilities go by township."""
    named = [str(row.parameters.get(name)) for name in ("units", "of")]
    return next((LAYER_LEVELS[layer] for layer in named if layer in LAYER_LEVELS), "township")


def _amount(table: pd.DataFrame, gap: Floats, row: IndicatorRow, variant: str) -> Floats:
    """Return gaps in what is counted rather than in the indicator's unit."""
    if row.family in _SUMS:
        return gap if row.unit != "%" else np.full(len(gap), np.nan)
    several = row.parameters.get("at_least", 1) > 1 or row.parameters.get("field")
    if row.family in _BY_PRESENCE and several:
        return np.full(len(gap), np.nan)  # it is not known how many are there
    denominator = table["denominator"].to_numpy(dtype=float)
    usual = 1.0 if row.family == "ratio" else _PERCENT
    scale = float(row.parameters.get("scale", usual)) if variant == "pooled" else _PERCENT
    lacking: Floats = gap * denominator / scale
    if variant == "units":
        # a single unit has a facility or has none, whatever share of the units is wanted
        itself = (table["level"] == _lowest(row)).to_numpy()
        lacking = np.where(itself, denominator - table["numerator"].to_numpy(dtype=float), lacking)
    return lacking


def _counted(row: IndicatorRow, variant: str, plan: Plan) -> str:
    """Return what a shortfall is counted in."""
    parameters = row.parameters
    if row.family in _SUMS:
        return row.unit
    if row.family in ("network_coverage", "zone_share") and variant != "units":
        service = plan.services.get(str(parameters.get("service")))
        weight = parameters.get("weight") or (service.weight if service else "population")
        return _unit_of(str(weight))
    if row.family == "flag_share" and parameters.get("of") != "facilities":
        return _ITEM
    amount = parameters.get("numerator")
    first: Mapping[str, Any] = (amount[0] if isinstance(amount, list) else amount) or {}
    field = first.get("field") or parameters.get("field")
    return _unit_of(str(field)) if field else _PLACE


def _unit_of(field: str) -> str:
    known = vocabulary.fields()
    return (known[field].unit if field in known else "") or _ITEM
