"""Zones and catchments: people who live inside areas, and supply per person within reach."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.access import floating_catchment
from coverage.indicators.amounts import values_of
from coverage.indicators.assign import demand_parts, demand_positions, demand_sums
from coverage.indicators.choose import facilities_of, note_unknown
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import Measure, Note, Parts
from coverage.indicators.units import LAYER_LEVELS
from coverage.indicators.zones import Zone, zone_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs

    Floats = NDArray[np.float64]
    Parameters = Mapping[str, Any]

_AT_LIMIT = 10.0  # a trip at the limit weighs a tenth where decay is exponential
_POWER = 1.0  # as one over minutes


def zone_share(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:  # noqa: ARG001
    """Measure the share of people inside zones, or with ``supply`` what they reach of it.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``pooled`` or ``mean``: for supply both are the mean over people.
    """
    if parameters.get("supply"):
        return _catchment(parameters, inputs)
    zone, notes = _zone(parameters, inputs)
    field = parameters.get("weight", "population")
    if zone.by_point:
        people = inputs.weights(field)
        return _of_points(zone, people, inputs, notes)
    column = inputs.units.communities.get(field)
    if column is None or column.isna().all():
        raise NotComputableError("lacks", layer="communities", field=field)
    return _of_communities(zone, column.to_numpy(dtype=float, na_value=np.nan), inputs, notes)


def _zone(parameters: Parameters, inputs: Inputs) -> tuple[Zone, tuple[Note, ...]]:
    """Return who lives inside: by the flag of the units where they carry it, else by zones."""
    flag = parameters.get("flag")
    units = inputs.units
    for level in LAYER_LEVELS.values():
        column = units.frame(level).get(flag)
        if column is not None and not column.isna().all():
            above = units.positions("community", level)
            unknown = np.append(column.isna().to_numpy(dtype=bool), [True])[above]
            inside = column.fillna(value=False).to_numpy(dtype=bool)
            inside = np.append(inside, [False])[above]
            return Zone(communities=inside, points=None, unknown=unknown), ()
    if not parameters.get("zone") and "zones" not in inputs.layers.others:
        raise NotComputableError("lacks", layer="communities", field=flag)
    zone = zone_of(parameters.get("zone"), inputs)
    return zone, note_unknown("unknown_zones", zone.lost)


def _of_communities(zone: Zone, people: Floats, inputs: Inputs, notes: tuple[Note, ...]) -> Measure:
    parts = Parts.of_units(
        inputs.units,
        "community",
        numerator=np.where(zone.communities, people, 0.0),
        denominator=people,
        missing=np.isnan(people) | zone.unknown,
    )
    return Measure(level="community", parts=parts, notes=notes)


def _of_points(zone: Zone, people: Floats, inputs: Inputs, notes: tuple[Note, ...]) -> Measure:
    """Sum people by community, point by point where the zone is an area."""
    inside = zone.of_points(demand_positions(inputs, "community"))
    return _by_community(np.where(inside, people, 0.0 * people), people, inputs, notes)


def _by_community(
    within: Floats, people: Floats, inputs: Inputs, notes: tuple[Note, ...], scale: float = 100.0
) -> Measure:
    """Sum numbers of demand points by community."""
    above, below = demand_sums(inputs, "community", within, people)
    return Measure(
        level="community",
        parts=Parts.of_units(inputs.units, "community", above, below, np.isnan(below)),
        scale=scale,
        notes=notes,
        beneath=partial(demand_parts, inputs, within, people),
    )


def _catchment(parameters: Parameters, inputs: Inputs) -> Measure:
    """Score people by two-step floating catchments, and take the mean over people."""
    service = inputs.service(parameters["service"])
    table = inputs.table("facilities")
    chosen = facilities_of({"service": service.name}, inputs)
    supply = values_of(table, parameters["supply"], chosen)
    offers = chosen.holds & ~np.isnan(supply)
    on = inputs.ways.on_network(service.mode)[inputs.counts]
    weight = inputs.weights(parameters.get("weight") or service.weight)
    decay = parameters.get("decay", "gaussian")
    scores = floating_catchment(
        inputs.ways.times(service, inputs.whole(offers)),
        supply[offers & on],
        np.nan_to_num(weight),
        limit=service.minutes,
        decay=decay,
        **_decay_of(decay, service.minutes),
    )
    without = chosen.holds & np.isnan(supply)
    notes = note_unknown("without_field", without, field=parameters["supply"])
    scale = float(parameters.get("scale", 1))
    return _by_community(scores * weight, weight, inputs, notes, scale)


def _decay_of(decay: str, limit: float) -> dict[str, Any]:
    """Return what a decay that falls without end needs, and no plan gives."""
    if decay == "exponential":
        return {"beta": math.log(_AT_LIMIT) / limit}
    return {"alpha": _POWER} if decay == "power" else {}
