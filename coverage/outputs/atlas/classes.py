"""Sort values into a few named classes, and say how the classes were chosen."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coverage import texts
from coverage.outputs.atlas.palette import RAMP

if TYPE_CHECKING:
    from collections.abc import Sequence

_CLASSES = len(RAMP)
_FEW = 2  # classes, of which the upper one need not be as dark as the ramp's end
_DARKEST = (_CLASSES - 2, _CLASSES - 1)  # steps of the ramp for few and for more classes
_PERCENT = "%"
_WHOLE = 100.0  # percent
_CROWDED = 0.6  # share of the units in one class from which natural breaks tell little


@dataclass(frozen=True, kw_only=True)
class Classes:
    """Classes of a map, from low to high.

    Parameters
    ----------
    method
        How the bounds were chosen: ``thresholds``, ``natural``, ``quantile``, ``values`` or
        ``yes_no``.
    bounds
        Values that part the classes; a value on a bound belongs to the class above it.
    labels
        What the legend says, one a class.
    """

    method: str
    bounds: tuple[float, ...]
    labels: tuple[str, ...]

    @property
    def colours(self) -> tuple[str, ...]:
        """Return the colours of the classes, light to dark."""
        steps = (
            np.linspace(0, _DARKEST[len(self.labels) > _FEW], len(self.labels)).round().astype(int)
        )
        return tuple(RAMP[step] for step in steps)

    def of(self, values: Sequence[float | None]) -> list[int | None]:
        """Return the position of each value's class, None without a value."""
        return [
            None if v is None else int(np.searchsorted(self.bounds, v, side="right"))
            for v in values
        ]


def yes_no(no: str, yes: str) -> Classes:
    """Return the two classes of a reading that a unit either meets or does not."""
    return Classes(method="yes_no", bounds=(50.0,), labels=(no, yes))


def classes_of(
    values: Sequence[float | None], unit: str, language: str, threshold: float | None = None
) -> Classes:
    """Choose classes for values.

    Where there is a threshold, a target or a standard, thirds of it are the bounds. Else natural
    breaks by Fisher and Jenks; quantiles where one of these classes would hold most units, unless
    most units share one value; each value its own class where there are few.

    Parameters
    ----------
    values
        Values of the units; None without data.
    unit
        Unit of the values.
    language
        Language of the labels.
    threshold
        Target or standard, in `unit`.
    """
    known = np.array([v for v in values if v is not None], dtype=float)
    least = known.min(initial=np.inf)
    if threshold is not None and threshold > 0:
        method, bounds, least = "thresholds", _thirds(threshold, unit), -np.inf
    elif len(np.unique(known)) <= _CLASSES:
        method, bounds = "values", np.unique(known)[1:]
    else:
        method, bounds = _breaks(known)
    # whoever reads the legend sorts by the bounds as printed
    digits = _digits(bounds, least)
    printed = tuple(sorted({round(float(b), digits) for b in bounds}))
    return Classes(method=method, bounds=printed, labels=_labels(printed, unit, digits, language))


def _thirds(threshold: float, unit: str) -> np.ndarray:
    bounds = threshold * np.array([1 / 3, 2 / 3, 1, 4 / 3])
    # no share goes past the whole
    return bounds[bounds <= _WHOLE] if unit == _PERCENT else bounds


def _breaks(known: np.ndarray) -> tuple[str, np.ndarray]:
    ordered = np.sort(known)
    starts = natural_starts(ordered, _CLASSES)
    natural = (ordered[starts - 1] + ordered[starts]) / 2
    if np.diff([0, *starts, len(ordered)]).max() <= _CROWDED * len(ordered):
        return "natural", natural
    steps = np.arange(1, _CLASSES) / _CLASSES
    quantiles = np.unique(np.quantile(ordered, steps))
    # where most units share one value the quantiles fall on it and part nothing
    parting = quantiles[quantiles > ordered[0]]
    return ("quantile", parting) if len(parting) == len(steps) else ("natural", natural)


def natural_starts(ordered: np.ndarray, classes: int) -> np.ndarray:
    """Return where each class but the first begins, so that values differ least within classes.

    The sum of squared deviations from the means of the classes is the least possible, found by
    dynamic programming over prefixes.

    Parameters
    ----------
    ordered
        Values in ascending order, more different ones than classes.
    classes
        How many classes.

    References
    ----------
    Fisher, W. D. (1958). On grouping for maximum homogeneity. Journal of the American Statistical
    Association 53(284), 789-798.
    """
    count = len(ordered)
    centred = ordered - ordered.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    sizes = np.arange(1, count + 1)
    best = np.concatenate([[0.0], squares[1:] - sums[1:] ** 2 / sizes])
    begins = np.zeros((classes, count + 1), dtype=int)
    for level in range(1, classes):
        previous, best = best, np.full(count + 1, np.inf)
        for end in range(level + 1, count + 1):
            start = np.arange(level, end)
            within = squares[end] - squares[start]
            within -= (sums[end] - sums[start]) ** 2 / (end - start)
            total = previous[start] + within
            chosen = int(total.argmin())
            best[end], begins[level, end] = total[chosen], start[chosen]
    starts = [count]
    for level in range(classes - 1, 0, -1):
        starts.append(int(begins[level, starts[-1]]))
    return np.array(starts[:0:-1])


def _digits(bounds: np.ndarray, least: float) -> int:
    """Return as few decimals as keep the bounds apart, and above the least value."""
    for digits in range(4):
        printed = np.round(bounds, digits)
        if len(np.unique(printed)) == len(bounds) and (printed > least).all():
            return digits
    return 4


def _labels(bounds: tuple[float, ...], unit: str, digits: int, language: str) -> tuple[str, ...]:
    shown = [f"{b:,.{digits}f}" for b in bounds]
    if not shown:
        return (texts.say("atlas.class_all", language, unit=unit),)
    between = [
        texts.say("atlas.class_between", language, low=low, high=high, unit=unit)
        for low, high in pairwise(shown)
    ]
    return (
        texts.say("atlas.class_below", language, high=shown[0], unit=unit),
        *between,
        # nothing passes the whole
        f"{shown[-1]} {unit}"
        if unit == _PERCENT and bounds[-1] == _WHOLE
        else texts.say("atlas.class_above", language, low=shown[-1], unit=unit),
    )
