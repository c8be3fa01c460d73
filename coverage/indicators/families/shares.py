"""Shares of rows: of an attribute in another, of rows that pass, of facilities next to others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.indicators.amounts import values_of
from coverage.indicators.choose import facilities_of, rows_of
from coverage.indicators.conditions import Verdict, decide
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import Measure, Parts
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Parameters = Mapping[str, Any]

_METRES_TOLERANCE = 1e-6


def attribute_share(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:
    """Measure one field over another, summed over facilities.

    A facility of which either is not known counts in neither.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``pooled``, or ``mean`` or ``median`` of the facilities' own shares.
    """
    table = inputs.table("facilities")
    chosen = facilities_of(parameters, inputs)
    above, below = (
        _first_values(parameters[name], chosen, inputs) for name in ("numerator", "denominator")
    )
    if variant != "pooled":
        above = above / np.where(below > 0, below, np.nan)
        below = np.ones(len(table))
    parts = Parts.of_rows(
        table,
        numerator=above,
        denominator=below,
        missing=np.isnan(above) | np.isnan(below) | chosen.unknown,
    )
    taken = parts.take(chosen.holds | chosen.unknown)
    return Measure(level="community", parts=taken, median=variant == "median")


def _first_values(wanted: Any, chosen: Verdict, inputs: Inputs) -> Floats:  # noqa: ANN401
    """Return the values of the first of several fields that has any; 0 where it does not apply."""
    table = inputs.table("facilities")
    lacking = []
    for choice in wanted if isinstance(wanted, list) else [wanted]:
        own = chosen & facilities_of(choice, inputs) if choice.keys() - {"field"} else chosen
        try:
            return np.where(own.holds, values_of(table, choice.get("field"), own), 0.0)
        except NotComputableError as missing:
            lacking.append(missing)
    raise lacking[0]


def flag_share(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:  # noqa: ARG001
    """Measure the share of rows of a layer that pass.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``pooled`` or ``units``, which are the same: the name says whether rows are units.
    """
    layer = parameters["of"]
    table = inputs.table(layer)
    chosen = rows_of(layer, parameters, inputs)
    passes = decide(
        parameters["passes"],
        table,
        among=chosen.holds,
        urban_rule=parameters.get("urban_rule", "kind"),
    )
    parts = Parts.of_rows(
        table,
        numerator=passes.holds.astype(float),
        denominator=np.ones(len(table)),
        missing=passes.unknown | chosen.unknown,
    )
    return Measure(
        level=LAYER_LEVELS.get(layer, "community"), parts=parts.take(chosen.holds | chosen.unknown)
    )


def proximity(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:  # noqa: ARG001
    """Measure the share of facilities that have one of another kind within metres.

    What is only roughly placed, or by street not on one, is not known to be near or far.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``pooled``.
    """
    table = inputs.table("facilities")
    chosen = facilities_of(parameters, inputs)
    near = facilities_of({"categories": parameters["near"]}, inputs)
    exact = (table.frame["location"] == "exact").to_numpy()
    by_street = parameters.get("metric", "network") == "network"
    if by_street:
        exact = exact & inputs.ways.on_network("walk")[inputs.counts]
    metres = np.full(len(table), np.inf)
    starts, ends = chosen.holds & exact, near.holds & exact
    if starts.any() and ends.any():
        every = inputs.whole(starts), inputs.whole(ends)
        found = inputs.ways.metres(*every) if by_street else _straight(inputs, *every)
        metres[starts] = np.where(np.isnan(found), np.inf, found)
    parts = Parts.of_rows(
        table,
        numerator=(metres <= parameters["metres"] + _METRES_TOLERANCE).astype(float),
        denominator=np.ones(len(table)),
        missing=chosen.unknown | ~exact,
    )
    return Measure(level="community", parts=parts.take(chosen.holds | chosen.unknown))


def _straight(inputs: Inputs, starts: Flags, ends: Flags) -> Floats:
    points = np.asarray(inputs.layers.facilities.geometry.array)
    tree = shapely.STRtree(points[ends])
    _, metres = tree.query_nearest(points[starts], return_distance=True, all_matches=False)
    return np.asarray(metres, dtype=np.float64)
