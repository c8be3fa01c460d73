"""A measure: numerators and denominators of parts, summed upward, never averaged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.indicators.tables import unit_positions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.tables import Table
    from coverage.indicators.units import Level, Units

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]

SHARE_TOLERANCE = 1e-12  # a share summed from floats may miss its exact value by this much


@dataclass(frozen=True, kw_only=True, eq=False)
class Note:
    """Something to be said of a measure: a sentence's key and what fills it."""

    key: str
    values: Mapping[str, object]


@dataclass(frozen=True, kw_only=True, eq=False)
class Parts:
    """What a measure adds up: units, facilities or other rows.

    Parameters
    ----------
    numerator
        One number a part.
    denominator
        Likewise; None for a count.
    missing
        Of which parts too little is known: they do not count.
    places
        By level, the position of the unit that each part lies in, -1 for none.
    names
        What people call each part.
    codes
        Code or identifier of each part.
    kinds
        What each part is: a level of units, ``facility``, ``demand``, else the name of its layer.
    """

    numerator: Floats
    denominator: Floats | None
    missing: Flags
    places: Mapping[Level, Integers]
    names: NDArray[np.object_]
    codes: NDArray[np.object_]
    kinds: NDArray[np.object_]

    @classmethod
    def of_rows(
        cls, table: Table, numerator: Floats, denominator: Floats | None, missing: Flags
    ) -> Parts:
        """Return the rows of a table as parts."""
        return cls(
            numerator=numerator,
            denominator=denominator,
            missing=missing,
            places=table.places,
            names=table.names.to_numpy(dtype=object),
            codes=table.codes.to_numpy(dtype=object),
            kinds=np.full(len(table), table.kind, dtype=object),
        )

    @classmethod
    def of_units(
        cls, units: Units, level: Level, numerator: Floats, denominator: Floats, missing: Flags
    ) -> Parts:
        """Return the units of a level as parts."""
        names = units.names(level)
        return cls(
            numerator=numerator,
            denominator=denominator,
            missing=missing,
            places=unit_positions(units, level),
            names=names.to_numpy(dtype=object),
            codes=names.index.to_numpy(dtype=object),
            kinds=np.full(len(names), level, dtype=object),
        )

    def take(self, chosen: Flags | Integers) -> Parts:
        """Return some of the parts, by flags or by positions."""
        return Parts(
            numerator=self.numerator[chosen],
            denominator=None if self.denominator is None else self.denominator[chosen],
            missing=self.missing[chosen],
            places={level: positions[chosen] for level, positions in self.places.items()},
            names=self.names[chosen],
            codes=self.codes[chosen],
            kinds=self.kinds[chosen],
        )

    def __add__(self, other: Parts) -> Parts:
        both = (self.denominator, other.denominator)
        return Parts(
            numerator=np.concatenate([self.numerator, other.numerator]),
            denominator=None if both[0] is None or both[1] is None else np.concatenate(both),  # type: ignore[arg-type]
            missing=np.concatenate([self.missing, other.missing]),
            places={
                level: np.concatenate([at, other.places[level]])
                for level, at in self.places.items()
            },
            names=np.concatenate([self.names, other.names]),
            codes=np.concatenate([self.codes, other.codes]),
            kinds=np.concatenate([self.kinds, other.kinds]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Measure:
    """One variant of a row before it is summed upward.

    Parameters
    ----------
    level
        Lowest level that it says something of.
    parts
        What is added up.
    above
        What is added up above the lowest level, where that is more than `parts`: townships' own
        numbers, facilities in no unit of the lowest level.
    scale
        What numerator over denominator is multiplied by.
    median
        Whether the middle of the parts' own values is taken in place of the ratio of sums.
    notes
        What has to be said of it.
    beneath
        Makes the rows of other layers that the parts rest on, each where it falls: facilities that
        a unit has, demand points with who is covered. None where parts are such rows themselves.
    """

    level: Level
    parts: Parts
    above: Parts | None = None
    scale: float = 100.0
    median: bool = False
    notes: tuple[Note, ...] = ()
    beneath: Callable[[], Parts] | None = None

    def summed(self, level: Level) -> Parts:
        """Return the parts that are added up at a level."""
        return self.parts if level == self.level or self.above is None else self.above


@dataclass(frozen=True, kw_only=True, eq=False)
class Sums:
    """A measure summed to the units of a level, arrays in the order of the units.

    Parameters
    ----------
    value, numerator, denominator
        As ``indicators.csv`` has them.
    total, missing
        Parts in the unit, and those of them that do not count.
    lacking
        By unit position, names of parts that do not count; only where there are any.
    """

    value: Floats
    numerator: Floats
    denominator: Floats
    total: Integers
    missing: Integers
    lacking: Mapping[int, tuple[str, ...]]


def sum_to(measure: Measure, units: Units, level: Level) -> Sums:
    """Sum a measure to the units of a level.

    A unit of which some parts are known counts these; without a known part nothing is known. Where
    there is no part at all, nothing is counted: 0 of 0.

    Parameters
    ----------
    measure
        The measure.
    units
        The units.
    level
        The level.
    """
    size = len(units.names(level))
    own = measure.parts
    total = _counts(own.places[level], size)
    missing = _counts(own.places[level][own.missing], size)
    parts = measure.summed(level)
    at = parts.places[level]
    known = ~parts.missing & (at >= 0)
    nothing = (_counts(at[known], size) == 0) & (total > 0)
    numerator = np.where(nothing, np.nan, _sums(at[known], parts.numerator[known], size))
    if parts.denominator is None:
        denominator, value = np.full(size, np.nan), numerator
    else:
        denominator = np.where(nothing, np.nan, _sums(at[known], parts.denominator[known], size))
        value = numerator / np.where(denominator > 0, denominator, np.nan) * measure.scale
    if measure.median:
        middle = pd.Series(parts.numerator[known]).groupby(at[known]).median()
        value = middle.reindex(range(size)).to_numpy() * measure.scale
        numerator, denominator = np.full(size, np.nan), np.full(size, np.nan)
    return Sums(
        value=value,
        numerator=numerator,
        denominator=denominator,
        total=total,
        missing=missing,
        lacking=_lacking(own, level),
    )


def _sums(at: Integers, values: Floats, size: int) -> Floats:
    return np.bincount(at, weights=values, minlength=size).astype(np.float64)


def _counts(at: Integers, size: int) -> Integers:
    return np.bincount(at[at >= 0], minlength=size)


def _lacking(parts: Parts, level: Level) -> dict[int, tuple[str, ...]]:
    if level == "community" or not parts.missing.any():
        return {}
    at = parts.places[level][parts.missing]
    names = pd.Series(parts.names[parts.missing])[at >= 0]
    return {int(str(unit)): tuple(group) for unit, group in names.groupby(at[at >= 0])}
