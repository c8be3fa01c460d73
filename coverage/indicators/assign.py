"""Which facility counts for which unit: inside it, serving it, near it, within reach of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import SHARE_TOLERANCE, Parts
from coverage.indicators.units import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.units import Level

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Pairs = tuple[Integers, Integers]

_HALF = 0.5  # of a unit's people


def pairs_of(parameters: Mapping[str, Any], inputs: Inputs, level: Level) -> Pairs:
    """Return which facilities that count belong to which units, each pair once.

    Parameters
    ----------
    parameters
        ``assignment``, and ``metres`` or ``service`` where it needs them.
    inputs
        Facilities and units.
    level
        Level of the units.

    Returns
    -------
    facility, unit
        Positions, sorted.

    Raises
    ------
    NotComputableError
        If the assignment needs a parameter, or a layer, that is not there.
    """
    kind = parameters.get("assignment", "within_or_serves")
    if kind == "nearest":
        metres = _needed(parameters, "metres", kind)
        return inputs.once(("near", level, metres), lambda: _near(inputs, level, metres))
    if kind == "reach":
        name = _needed(parameters, "service", kind)
        share = parameters.get("min_unit_share", _HALF)
        key = ("reach", level, name, share)
        return inputs.once(key, lambda: _reached(inputs, level, name, share))
    return inputs.once((kind, level), lambda: _declared(kind, inputs, level))


def _needed(parameters: Mapping[str, Any], name: str, kind: str) -> Any:  # noqa: ANN401
    if name not in parameters:
        raise NotComputableError("lacks_parameter", parameter=name, assignment=kind)
    return parameters[name]


def _declared(kind: str, inputs: Inputs, level: Level) -> Pairs:
    table = inputs.table("facilities")
    facility: list[Integers] = []
    unit: list[Integers] = []
    if kind in ("within", "within_or_serves"):
        at = table.places[level]
        inside = np.flatnonzero(at >= 0)
        facility, unit = [*facility, inside], [*unit, at[inside]]
    if kind in ("serves", "within_or_serves"):
        who, whom = served(inputs, level)
        facility, unit = [*facility, who], [*unit, whom]
    return _once_each(np.concatenate(facility), np.concatenate(unit))


def served(inputs: Inputs, level: Level) -> Pairs:
    """Return the units of a level that facilities declare to serve.

    Who serves a township serves every community in it, and its county.

    Parameters
    ----------
    inputs
        Facilities and units.
    level
        Level of the units.
    """
    frame, units = inputs.table("facilities").frame, inputs.units
    codes = frame["serves"].reset_index(drop=True).explode().dropna().astype(object)
    facility, words = codes.index.to_numpy(), pd.Index(codes)
    town = units.townships.index.get_indexer(words)
    if level == "community":
        at = units.communities.index.get_indexer(words)
        lies_in = units.positions("community", "township")
        order = np.argsort(lies_in, kind="stable")
        first = np.searchsorted(lies_in[order], np.append(town, -1))
        size = np.bincount(lies_in[lies_in >= 0], minlength=len(units.townships))
        count = np.append(size, 0)[town]
        start = np.repeat(first[:-1], count)
        step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        whose, members = np.repeat(facility, count), order[start + step]
        direct = at >= 0
        return (
            np.concatenate([facility[direct], whose]),
            np.concatenate([at[direct], members]),
        )
    at = town
    if level == "county":
        over = np.append(units.positions("township", "county"), -1)[town]
        named = units.counties.index.get_indexer(words)
        at = np.where(named >= 0, named, over)
    return facility[at >= 0], at[at >= 0]


def _near(inputs: Inputs, level: Level, metres: float) -> Pairs:
    """Pair units with facilities within metres of their outline."""
    outlines = _outlines(inputs, level)
    table = inputs.table("facilities")
    places = np.asarray(inputs.layers.facilities.geometry.array)[np.flatnonzero(inputs.counts)]
    sure = (table.frame["location"] == "exact").to_numpy()
    places = np.where(sure, places, np.array(None, dtype=object))
    facility, unit = shapely.STRtree(outlines).query(places, predicate="dwithin", distance=metres)
    return _once_each(facility, unit)


def _outlines(inputs: Inputs, level: Level) -> NDArray[Any]:
    if level == "community":
        return np.asarray(inputs.layers.communities.geometry.array)
    townships = inputs.layers.townships
    if level == "township":
        return np.asarray(townships.geometry.array)
    above = inputs.units.positions("township", "county")
    merged = townships.geometry.groupby(above).apply(lambda part: part.union_all())
    return np.asarray(merged.reindex(range(len(inputs.units.counties))).array)


def _reached(inputs: Inputs, level: Level, name: str, share: float) -> Pairs:
    """Pair units with facilities that so large a share of their people reach."""
    service = inputs.service(name)
    every = inputs.counts
    times = inputs.ways.times(service, every).tocoo()
    on = inputs.ways.on_network(service.mode)[every]
    columns = np.flatnonzero(on)
    weight = np.nan_to_num(inputs.weights(service.weight))
    at = demand_positions(inputs, level)
    (people,) = demand_sums(inputs, level, weight)
    inside = at[times.row] >= 0
    sums = pd.Series(weight[times.row[inside]]).groupby(
        [columns[times.col[inside]], at[times.row[inside]]]
    )
    reached = sums.sum()
    facility, unit = (reached.index.get_level_values(i).to_numpy() for i in (0, 1))
    enough = (people[unit] > 0) & (reached.to_numpy() >= (share - SHARE_TOLERANCE) * people[unit])
    return facility[enough], unit[enough]


def demand_positions(inputs: Inputs, level: Level) -> Integers:
    """Return the position of the unit that each demand point lies in, -1 for none."""
    return inputs.once(("demand", level), lambda: _demand_positions(inputs, level))


def _demand_positions(inputs: Inputs, level: Level) -> Integers:
    units = inputs.units
    if level == "community":
        codes = pd.Index(inputs.demand["community"].astype(object))
        return np.asarray(units.communities.index.get_indexer(codes))
    codes = pd.Index(inputs.demand["township"].astype(object))
    town = units.townships.index.get_indexer(codes)
    return np.append(units.positions("township", level), -1)[town]


def demand_sums(inputs: Inputs, level: Level, *columns: Floats) -> list[Floats]:
    """Sum numbers of the demand by unit.

    Parameters
    ----------
    inputs
        Demand and units.
    level
        Level of the units.
    *columns
        Numbers, one a demand point; a point counts where all of them are known.

    Returns
    -------
    list
        The sums of each column, missing in units where no point counts.
    """
    at = demand_positions(inputs, level)
    size = len(inputs.units.names(level))
    counted = (at >= 0) & ~np.isnan(columns).any(axis=0)
    unknown = np.bincount(at[counted], minlength=size) == 0
    sums = [np.bincount(at[counted], weights=each[counted], minlength=size) for each in columns]
    return [np.where(unknown, np.nan, each) for each in sums]


def demand_parts(inputs: Inputs, numerator: Floats, denominator: Floats) -> Parts:
    """Return the demand points as parts.

    Parameters
    ----------
    inputs
        Demand and units.
    numerator, denominator
        Numbers, one a demand point.
    """
    identifiers = inputs.demand["id"].to_numpy(dtype=object)
    return Parts(
        numerator=numerator,
        denominator=denominator,
        missing=np.isnan(numerator) | np.isnan(denominator),
        places={level: demand_positions(inputs, level) for level in LEVELS},
        names=np.full(len(identifiers), "", dtype=object),
        codes=identifiers,
        kinds=np.full(len(identifiers), "demand", dtype=object),
    )


def _once_each(facility: Integers, unit: Integers) -> Pairs:
    pairs = np.unique(np.column_stack([facility, unit]), axis=0)
    return pairs[:, 0], pairs[:, 1]
