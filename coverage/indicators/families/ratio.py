"""Ratios: a sum over a sum, pooled; and the same for each unit alone."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.amounts import Amounts, first_amounts, households_of
from coverage.indicators.choose import units_of
from coverage.indicators.families.reach import reach
from coverage.indicators.measure import SHARE_TOLERANCE, Measure, Note, Parts
from coverage.indicators.tables import unit_positions
from coverage.indicators.units import LAYER_LEVELS, LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.units import Level

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Parameters = Mapping[str, Any]

_FIRST_NAMES = 3


def ratio(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:
    """Measure a sum per sum: of all units together, of the middle one, or who passes.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``pooled``: Σ numerator / Σ denominator; ``compliance``: share of units that reach
        ``standard``; ``mean`` and ``median`` of the units' own values; ``reach``.
    """
    if variant == "reach":
        return reach(parameters, inputs)
    pooled = inputs.once(("ratio", repr(parameters)), lambda: _pooled(parameters, inputs))
    if variant == "pooled":
        return pooled
    parts = pooled.parts
    denominator = np.asarray(parts.denominator)
    value = parts.numerator / np.where(denominator > 0, denominator, np.nan) * pooled.scale
    if variant == "compliance":
        numerator = (value >= parameters["standard"] - SHARE_TOLERANCE).astype(float)
    else:
        numerator = value
    each = replace(
        parts,
        numerator=numerator,
        denominator=np.ones(len(value)),
        missing=parts.missing | np.isnan(value),
    )
    return Measure(
        level=pooled.level,
        parts=each,
        scale=100.0 if variant == "compliance" else 1.0,
        median=variant == "median",
        notes=pooled.notes,
        beneath=pooled.beneath,
    )


def _pooled(parameters: Parameters, inputs: Inputs) -> Measure:
    households, estimated = households_of(inputs, parameters.get("people_per_household"))
    numerator, _ = first_amounts(parameters["numerator"], parameters, inputs, households=households)
    denominator, below = first_amounts(
        parameters["denominator"], parameters, inputs, households=households
    )
    counts_households = (below.get("of"), below.get("field")) == ("communities", "households")
    notes: tuple[Note, ...] = ()
    if counts_households and not below.get("where"):
        denominator = _replaced(denominator, households)
        notes = _note_estimates(estimated, inputs)
    units = LAYER_LEVELS[parameters["units"]]
    level = max((units, numerator.level, denominator.level), key=LEVELS.index)
    own = None if parameters.get("scope") else _townships_own(below, inputs)
    if own is not None and level != "community":
        denominator = _with_own(denominator, own, inputs)
    numerator, denominator = (
        _in_scope(amounts, parameters, inputs) for amounts in (numerator, denominator)
    )
    parts, notes_of_parts = _parts(numerator, denominator, inputs, level)
    if level == units and parameters.get("scope"):
        scope = units_of(parameters, inputs)
        parts = parts.take(scope.holds | scope.unknown)
    return Measure(
        level=level,
        parts=parts,
        above=_above(parts, numerator, own if level == "community" else None, inputs, level),
        scale=float(parameters.get("scale", 1)),
        notes=(*notes, *notes_of_parts),
        beneath=_beneath(numerator, denominator, level),
    )


def _replaced(amounts: Amounts, households: Floats) -> Amounts:
    """Return the households of communities with estimates where none are known."""
    at = amounts.places["community"]
    return replace(amounts, value=households[at])


def _note_estimates(estimated: Flags, inputs: Inputs) -> tuple[Note, ...]:
    if not estimated.any():
        return ()
    names = inputs.units.names("community").to_numpy(dtype=object)[estimated]
    shown = "、".join(str(name) for name in names[:_FIRST_NAMES])
    return (Note(key="estimated_households", values={"count": len(names), "names": shown}),)


def _in_scope(amounts: Amounts, parameters: Parameters, inputs: Inputs) -> Amounts:
    """Keep what falls to units in scope, of amounts that are known by such units."""
    level = LAYER_LEVELS[parameters["units"]]
    if not parameters.get("scope") or LEVELS.index(amounts.level) > LEVELS.index(level):
        return amounts
    scope = units_of(parameters, inputs)
    return amounts.take(np.append(scope.holds | scope.unknown, [False])[amounts.places[level]])


def _beneath(numerator: Amounts, denominator: Amounts, level: Level) -> Callable[[], Parts] | None:
    """Return what makes the rows that units' sums are made of, where these are not the units."""
    made = [
        partial(amounts.parts, below=below)
        for amounts, below in ((numerator, False), (denominator, True))
        if amounts.table.kind != level
    ]
    return (lambda: reduce(Parts.__add__, (make() for make in made))) if made else None


def _parts(
    numerator: Amounts, denominator: Amounts, inputs: Inputs, level: Level
) -> tuple[Parts, tuple[Note, ...]]:
    """Add both up by unit; of units made of smaller ones the known part is taken, with a note."""
    size = len(inputs.units.names(level))
    sums, missing = [], np.zeros(size, dtype=bool)
    notes: list[Note] = []
    for amounts in (numerator, denominator):
        total, blank, nothing = amounts.by_unit(level, size)
        if amounts.level == level:
            missing |= blank
        else:
            missing |= nothing
            count = int(np.isnan(amounts.value).sum())
            notes += [Note(key="partly_known", values={"count": count})] if count else []
        sums.append(total)
    parts = Parts.of_units(inputs.units, level, sums[0], sums[1], missing)
    return parts, tuple(notes)


def _townships_own(below: Mapping[str, Any], inputs: Inputs) -> Floats | None:
    """Return the townships' own numbers of what the communities are summed for."""
    field, townships = below.get("field"), inputs.units.townships
    if below.get("of") != "communities" or below.get("where") or field not in townships:
        return None
    return townships[field].to_numpy(dtype=float, na_value=np.nan)


def _with_own(amounts: Amounts, own: Floats, inputs: Inputs) -> Amounts:
    """Return communities' amounts summed to townships, whose own numbers go first."""
    sums, _, nothing = amounts.by_unit("township", len(own))
    summed = np.where(nothing, np.nan, sums)
    return Amounts(
        value=np.where(np.isnan(own), summed, own),
        places=unit_positions(inputs.units, "township"),
        level="township",
        table=inputs.table("townships"),
        rows=np.arange(len(own)),
    )


def _above(
    parts: Parts, numerator: Amounts, own: Floats | None, inputs: Inputs, level: Level
) -> Parts | None:
    """Return what is added up above the units: with townships' own numbers, and what lies in none.

    A township rate rests on the township's own number; there every known amount in it counts.
    """
    result = parts
    if own is not None:
        town = parts.places["township"]
        covered = (town >= 0) & ~np.isnan(np.append(own, np.nan)[town])
        amounts = np.where(covered, np.nan_to_num(parts.numerator), parts.numerator)
        result = replace(
            parts,
            numerator=amounts,
            denominator=np.where(covered, 0.0, np.asarray(parts.denominator)),
            missing=parts.missing & ~covered,
        )
        there = np.isin(np.arange(len(own)), town) & ~np.isnan(own)
        nothing = np.zeros(len(own))
        whole = Parts.of_units(inputs.units, "township", nothing, own, nothing.astype(bool))
        result += whole.take(there)
    loose = (numerator.places[level] < 0) & ~np.isnan(numerator.value)
    loose &= np.logical_or.reduce([at >= 0 for at in numerator.places.values()])
    if loose.any():
        result += numerator.take(loose).parts()
    return None if result is parts else result
