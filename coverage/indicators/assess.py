"""Hold values against a target: gap, progress, status; arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coverage.plans import IndicatorRow

    Floats = NDArray[np.float64]

TARGET_TOLERANCE = 1e-9  # in the indicator's unit: a value summed from floats may miss by this much

_AT_MOST = ("≤", "<")
_STRICT = (">", "<")
_BARE = ("=", "≈")


@dataclass(frozen=True, kw_only=True)
class Aim:
    """What a value is held against, in the value's unit.

    Parameters
    ----------
    target, baseline
        None where the plan names none.
    comparator
        ``≥ ≤ = > < ≈``; ``=`` and ``≈`` are bare targets, to be reached in the direction in which
        the indicator gets better.
    downward
        Whether less is better.
    base_year, target_year
        Years of baseline and target.
    yearly
        Whether the target is due every year.
    """

    target: float | None = None
    baseline: float | None = None
    comparator: str = "≥"
    downward: bool = False
    base_year: int | None = None
    target_year: int | None = None
    yearly: bool = False

    @property
    def at_most(self) -> bool:
        """Return whether values have to stay below the target."""
        return self.comparator in _AT_MOST or (self.comparator in _BARE and self.downward)


def aim_of(row: IndicatorRow, variant: str) -> Aim:
    """Return what a variant of a plan's row is held against, nothing where the target is another's.

    Parameters
    ----------
    row
        The row.
    variant
        One of its variants.
    """
    goal = row.goal(variant)
    return Aim(
        target=goal.target,
        baseline=goal.baseline,
        comparator=goal.comparator,
        downward=row.direction == "down",
        base_year=row.base_year,
        target_year=row.target_year if goal.target is not None else None,
        yearly=row.yearly,
    )


def gaps(values: ArrayLike, aim: Aim) -> Floats:
    """Return how far values fall short of the target: 0 when met, missing where either is."""
    value = np.asarray(values, dtype=np.float64)
    if aim.target is None:
        return np.full(value.shape, np.nan)
    short = value - aim.target if aim.at_most else aim.target - value
    return np.where(np.isnan(value), np.nan, np.where(short > TARGET_TOLERANCE, short, 0.0))


def met(values: ArrayLike, aim: Aim) -> NDArray[np.bool_]:
    """Return which values meet the target; ``>`` and ``<`` are not met by the target itself."""
    value = np.asarray(values, dtype=np.float64)
    if aim.target is None:
        return np.zeros(value.shape, dtype=bool)
    short = value - aim.target if aim.at_most else aim.target - value
    allowed = -TARGET_TOLERANCE if aim.comparator in _STRICT else TARGET_TOLERANCE
    found: NDArray[np.bool_] = short <= allowed
    return found


def progress(values: ArrayLike, aim: Aim) -> Floats:
    """Return how much of the way from baseline to target is done; without a baseline value/target.

    Where baseline and target are equal it is 1 if the target is met, else 0; missing without a
    target, or where the target is 0 and there is no baseline.
    """
    value = np.asarray(values, dtype=np.float64)
    nothing = np.full(value.shape, np.nan)
    if aim.target is None:
        return nothing
    if aim.baseline is None:
        return value / aim.target if aim.target else nothing
    if aim.baseline == aim.target:
        return np.where(np.isnan(value), np.nan, np.where(met(value, aim), 1.0, 0.0))
    return (value - aim.baseline) / (aim.target - aim.baseline)


def statuses(values: ArrayLike, aim: Aim, year: int) -> NDArray[Any]:
    """Return the first status that holds, in the order of the contract.

    no_data; no_target; met; not_met (from the target year on, or where the target is due every
    year); on_track (progress is at least the share of the time from base year to target year that
    has passed); behind.
    """
    value = np.asarray(values, dtype=np.float64)
    due = aim.yearly or (aim.target_year is not None and year >= aim.target_year)
    choices = [
        np.isnan(value),
        np.full(value.shape, aim.target is None),
        met(value, aim),
        np.full(value.shape, due),
        _on_track(value, aim, year),
    ]
    names = ["no_data", "no_target", "met", "not_met", "on_track"]
    return np.select(choices, names, default="behind").astype(object)


def _on_track(value: Floats, aim: Aim, year: int) -> NDArray[np.bool_]:
    if aim.target_year is None or aim.base_year is None or aim.target_year == aim.base_year:
        return np.zeros(value.shape, dtype=bool)
    expected = (year - aim.base_year) / (aim.target_year - aim.base_year)
    found: NDArray[np.bool_] = progress(value, aim) >= expected - TARGET_TOLERANCE
    return found
