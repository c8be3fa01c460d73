"""Presence and quota: the share of units that have enough facilities."""

from __future__ import annotations

from dataclasses import replace
from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.amounts import amounts_of, facility_amounts
from coverage.indicators.assign import pairs_of
from coverage.indicators.choose import facilities_of, note_unknown, units_of
from coverage.indicators.conditions import decide
from coverage.indicators.errors import NotComputableError
from coverage.indicators.families.reach import reach, reached_units
from coverage.indicators.measure import SHARE_TOLERANCE, Measure, Note, Parts
from coverage.indicators.tables import unit_positions
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.units import Level

    Flags = NDArray[np.bool_]
    Parameters = Mapping[str, Any]

_CITY = {"level": "市级"}


def presence_rate(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:
    """Measure the share of units with enough facilities in them or serving them.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``units``, ``reach`` or ``units_by_reach``.
    """
    if variant == "reach":
        return reach(parameters, inputs)
    if variant == "units_by_reach":
        return reached_units(parameters, inputs)
    if not parameters.get("tiers"):
        return equipped_units(parameters, inputs)
    tiers = [equipped_units(tier, inputs) for tier in parameters["tiers"]]
    parts = tiers[0].parts
    for tier in tiers[1:]:
        parts += tier.parts
    return Measure(
        level=LAYER_LEVELS[parameters["units"]],
        parts=parts,
        notes=tuple(note for tier in tiers for note in tier.notes),
        beneath=lambda: reduce(Parts.__add__, (tier.beneath() for tier in tiers if tier.beneath)),
    )


def quota(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:  # noqa: ARG001
    """Measure the share of units whose number of facilities, or sum of a field, is large enough.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``units``.
    """
    return equipped_units(parameters, inputs)


def equipped_units(parameters: Parameters, inputs: Inputs) -> Measure:
    """Measure the share of units in scope that have enough.

    Parameters
    ----------
    parameters
        ``units``, ``scope``, what is counted and how much of it is enough.
    inputs
        What it is computed from.
    """
    level = LAYER_LEVELS[parameters["units"]]
    table = inputs.table(parameters["units"])
    present, unknown, notes = _present(parameters, inputs, level)
    scope = units_of(parameters, inputs)
    among = scope.holds
    if parameters.get("only_within"):
        among = among & _within_passing(parameters, inputs, level)
    parts = Parts.of_rows(
        table,
        numerator=present.astype(float),
        denominator=np.ones(len(table)),
        missing=unknown | scope.unknown,
    ).take(among | scope.unknown)
    if parameters.get("and_city") and inputs.units.city:
        parts += _city(parameters, inputs)
    beneath = partial(facilities_by_unit, parameters, inputs, level)
    return Measure(level=level, parts=parts, notes=notes, beneath=beneath)


def facilities_by_unit(parameters: Parameters, inputs: Inputs, level: Level) -> Parts:
    """Return the facilities that units have, each for each of its units: one, or its amount."""
    table = inputs.table("facilities")
    chosen = facilities_of(parameters, inputs)
    if parameters.get("field"):
        amounts = facility_amounts(parameters, inputs, level)
        return replace(amounts.parts(), denominator=None)
    facility, unit = pairs_of(parameters, inputs, level)
    meant = (chosen.holds | chosen.unknown)[facility]
    facility, unit = facility[meant], unit[meant]
    one = Parts.of_rows(table, np.ones(len(table)), None, chosen.unknown).take(facility)
    units = unit_positions(inputs.units, level)
    return replace(one, places={name: positions[unit] for name, positions in units.items()})


def _present(
    parameters: Parameters, inputs: Inputs, level: Level
) -> tuple[Flags, Flags, tuple[Note, ...]]:
    """Return which units have enough, of which it is not known, and notes."""
    wanted = parameters.get("at_least", 1)
    if parameters.get("field"):
        amount, blank = amounts_of(parameters, inputs, level)
        present = amount >= wanted - SHARE_TOLERANCE
        unknown = ~present & blank
    else:
        chosen = facilities_of(parameters, inputs)
        facility, unit = pairs_of(parameters, inputs, level)
        size = len(inputs.units.names(level))
        sure = np.bincount(unit[chosen.holds[facility]], minlength=size)
        maybe = np.bincount(unit[chosen.unknown[facility]], minlength=size)
        present = sure >= wanted
        unknown = ~present & (sure + maybe >= wanted)
    without, notes = _without_facility(parameters, inputs)
    return present | without, unknown & ~without, notes


def _without_facility(parameters: Parameters, inputs: Inputs) -> tuple[Flags, tuple[Note, ...]]:
    """Return the units that count whatever facilities there are."""
    table = inputs.table(parameters["units"])
    conditions = parameters.get("unit_counts_where")
    nobody = np.zeros(len(table), dtype=bool)
    if not conditions:
        return nobody, ()
    try:
        verdict = decide(conditions, table, urban_rule=parameters.get("urban_rule", "kind"))
    except NotComputableError as missing:
        return nobody, (Note(key="only_facilities", values=missing.values),)
    return verdict.holds, note_unknown("unsaid", verdict.unknown, layer=table.layer)


def _within_passing(parameters: Parameters, inputs: Inputs, level: Level) -> Flags:
    """Return the units of townships or counties that pass themselves."""
    above = LAYER_LEVELS[parameters["only_within"]]
    present, _, _ = _present({**parameters, "units": parameters["only_within"]}, inputs, above)
    return np.append(present, [False])[inputs.units.positions(level, above)]


def _city(parameters: Parameters, inputs: Inputs) -> Parts:
    """Return the city as one more unit: it has what facilities of its own level offer."""
    where = parameters.get("where") or {}
    sets = where if isinstance(where, list) else [where]
    own = facilities_of({**parameters, "where": [{**entry, **_CITY} for entry in sets]}, inputs)
    has = int(own.holds.sum()) >= parameters.get("at_least", 1)
    number, known = np.array([float(has)]), np.zeros(1, dtype=bool)
    return Parts.of_units(inputs.units, "city", number, np.ones(1), known)
