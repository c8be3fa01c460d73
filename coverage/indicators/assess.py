"""Hold a value against its target: gap, progress, status."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from coverage.plans import IndicatorRow

Status = Literal["no_data", "no_target", "met", "not_met", "on_track", "behind"]

TARGET_TOLERANCE = 1e-9  # in the indicator's unit: a value summed from floats may miss by this much


def shortfall(value: float, target: float, comparator: str) -> float:
    """Return how far a value falls short of its target, 0 when the target is met."""
    if comparator == "≥":
        gap = target - value
    elif comparator == "≤":
        gap = value - target
    else:
        gap = abs(target - value)
    return gap if gap > TARGET_TOLERANCE else 0.0


def gap(value: float, row: IndicatorRow) -> float:
    """Return the shortfall of a value to a row's target, missing where either is."""
    if row.target is None or math.isnan(value):
        return math.nan
    return shortfall(value, row.target, row.comparator)


def progress(value: float, row: IndicatorRow) -> float:
    """Return how much of the way from baseline to target is done; without a baseline value/target.

    Where baseline and target are equal it is 1 if the target is met, else 0; missing without a
    target, or where the target is 0 and there is no baseline.
    """
    if row.target is None or math.isnan(value):
        return math.nan
    if row.baseline is None:
        return value / row.target if row.target else math.nan
    if row.baseline == row.target:
        return 1.0 if shortfall(value, row.target, row.comparator) == 0 else 0.0
    return (value - row.baseline) / (row.target - row.baseline)


def status(value: float, row: IndicatorRow, year: int) -> Status:
    """Return the first status that holds, in the order of the contract.

    no_data; no_target; met; not_met (from the target year on); on_track (progress is at least the
    share of the time from base year to target year that has passed); behind.
    """
    if math.isnan(value):
        return "no_data"
    if row.target is None:
        return "no_target"
    if shortfall(value, row.target, row.comparator) == 0:
        return "met"
    if row.target_year is not None and year >= row.target_year:
        return "not_met"
    if row.target_year is None or row.base_year is None or row.target_year == row.base_year:
        return "behind"
    expected = (year - row.base_year) / (row.target_year - row.base_year)
    return "on_track" if progress(value, row) >= expected - TARGET_TOLERANCE else "behind"
