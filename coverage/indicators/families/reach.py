"""Reach: the share of people, and of units, within the minutes of a service or of several."""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.assign import demand_parts, demand_sums
from coverage.indicators.choose import facilities_of, services_of, units_of
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import SHARE_TOLERANCE, Measure, Parts
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.conditions import Verdict
    from coverage.indicators.inputs import Inputs
    from coverage.indicators.units import Level

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Parameters = Mapping[str, Any]

_HALF = 0.5


def reach(parameters: Parameters, inputs: Inputs) -> Measure:
    """Measure the share of people within the minutes of the row's service, or of all of several.

    People of units out of scope do not count.

    Parameters
    ----------
    parameters
        ``service`` or ``services``, ``weight``, ``units``, ``scope``, and of presence rates
        ``categories`` and ``where``.
    inputs
        What it is computed from.
    """
    units = inputs.units
    size = len(units.communities)
    inside, unsure = np.ones(size, dtype=bool), np.zeros(size, dtype=bool)
    if parameters.get("scope"):
        scope = units_of(parameters, inputs)
        over = units.positions("community", LAYER_LEVELS[parameters["units"]])
        inside, unsure = (np.append(flags, [False])[over] for flags in (scope.holds, scope.unknown))
    people, covered, points = _sums(parameters, inputs, "community")
    missing = np.isnan(people) | unsure
    parts = Parts.of_units(units, "community", covered, people, missing)
    return Measure(
        level="community",
        parts=parts.take(inside | unsure),
        beneath=lambda: _in(points(), "community", inside | unsure),
    )


def reached_units(parameters: Parameters, inputs: Inputs) -> Measure:
    """Measure the share of units of which enough people are within reach.

    Parameters
    ----------
    parameters
        As for `reach`; ``min_unit_share`` says what is enough, 0–1.
    inputs
        What it is computed from.
    """
    level = LAYER_LEVELS[parameters["units"]]
    scope: Verdict = units_of(parameters, inputs)
    table = inputs.table(parameters["units"])
    people, covered, points = _sums(parameters, inputs, level)
    share = covered / np.where(people > 0, people, np.nan)
    enough = share >= parameters.get("min_unit_share", _HALF) - SHARE_TOLERANCE
    parts = Parts.of_rows(
        table,
        numerator=enough.astype(float),
        denominator=np.ones(len(table)),
        missing=np.isnan(share) | scope.unknown,
    )
    asked = scope.holds | scope.unknown
    return Measure(
        level=level, parts=parts.take(asked), beneath=lambda: _in(points(), level, asked)
    )


def _in(points: Parts, level: Level, units: Flags) -> Parts:
    """Keep the demand points of some units."""
    return points.take(np.append(units, [False])[points.places[level]])


def _sums(
    parameters: Parameters, inputs: Inputs, level: Level
) -> tuple[Floats, Floats, Callable[[], Parts]]:
    """Return people and people covered by unit, and what makes the demand points as parts.

    Both are missing where no demand is known.
    """
    names = services_of(parameters)
    if not names:
        raise NotComputableError("lacks_parameter", parameter="service", assignment="reach")
    weight = inputs.weights(parameters.get("weight") or inputs.service(names[0]).weight)
    covered = _covered(parameters, inputs, names)
    # nobody is covered where it is not known how many there are
    within = np.where(covered, weight, 0.0 * weight)
    people, reached = demand_sums(inputs, level, weight, within)
    return people, reached, partial(demand_parts, inputs, within, weight)


def _covered(parameters: Parameters, inputs: Inputs, names: tuple[str, ...]) -> Flags:
    if len(names) > 1 or not (parameters.get("categories") or parameters.get("where")):
        for name in names:
            facilities_of({"service": name}, inputs)  # says where a category is not known at all
        return reduce(np.logical_and, (inputs.covered(name) for name in names))
    return inputs.covered(names[0], facilities_of(parameters, inputs).holds)
