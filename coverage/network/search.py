"""Shortest-path searches over arrays, compiled at their first call.

All searches run from facilities against the direction of travel, since a trip leads from a demand
point to a facility: ``reach[n]`` holds what it costs to get from node n to the facility. The
adjacency lists for each node the nodes from which it is entered. Costs are minutes on a grid of
2^-40 minutes (`on_grid`), so that sums are exact in whatever order they are added.

Array names: ``start, node, cost`` are an adjacency in compressed rows; facility arrays have one
entry a facility, ``edge`` -1 for those off the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# minutes by which a limit may be exceeded through rounding
TOLERANCE_MINUTES = 1e-9

_GRID = 2.0**40  # steps a minute

# trips that room is made for at first
_FIRST_TRIPS = 4096

# label of nodes that no facility has reached
_NOBODY = np.iinfo(np.int64).max

_Function = TypeVar("_Function", bound="Callable[..., Any]")


def _compiled(function: _Function) -> _Function:
    return cast("_Function", njit(cache=True)(function))


def on_grid(minutes: Floats) -> Floats:
    """Round minutes to a multiple of 2^-40.

    Sums up to 8,192 minutes of such numbers have no rounding error, so equal ways are equal in
    every order of their parts, and searches agree to the last bit. The rounding itself is below
    5e-13 minutes an edge.
    """
    return np.rint(minutes * _GRID) / _GRID


@_compiled
def _sink(key: Floats, item: Integers, place: Integers, size: int) -> None:
    # move the entry at the root of a 4-ary heap down to where it belongs
    moved_key, moved = key[0], item[0]
    hole = 0
    while True:
        first = 4 * hole + 1
        if first >= size:
            break
        least = first
        for child in range(first + 1, min(first + 4, size)):
            if key[child] < key[least]:
                least = child
        if key[least] >= moved_key:
            break
        key[hole], item[hole] = key[least], item[least]
        place[item[hole]] = hole
        hole = least
    key[hole], item[hole] = moved_key, moved
    place[moved] = hole


@_compiled
def _rise(key: Floats, item: Integers, place: Integers, hole: int) -> None:
    # move the entry at a position of a 4-ary heap up to where it belongs
    moved_key, moved = key[hole], item[hole]
    while hole > 0:
        parent = (hole - 1) // 4
        if key[parent] <= moved_key:
            break
        key[hole], item[hole] = key[parent], item[parent]
        place[item[hole]] = hole
        hole = parent
    key[hole], item[hole] = moved_key, moved
    place[moved] = hole


@_compiled
def _settle(  # noqa: PLR0913, PLR0917 - arrays of one search
    start: Integers,
    node: Integers,
    cost: Floats,
    seed: Integers,
    seed_minutes: Floats,
    seed_owner: Integers,
    first: int,
    stop: int,
    bound: float,
    reach: Floats,
    label: Integers,
    key: Floats,
    item: Integers,
    place: Integers,
    touched: Integers,
) -> int:
    # search from the seeds first to stop; note the nodes met and return how many they are
    size = 0
    count = 0
    here = -1
    minutes = 0.0
    targets, costs = seed, seed_minutes
    while True:
        for entry in range(first, stop):
            further = minutes + costs[entry]
            if further > bound:
                continue
            target = targets[entry]
            owner = seed_owner[entry] if here < 0 else label[here]
            known = reach[target]
            # ties go to the lowest label; a node whose label improves is settled again
            if further > known or (further == known and owner >= label[target]):
                continue
            if known == np.inf:
                touched[count] = target
                count += 1
            reach[target] = further
            label[target] = owner
            hole = place[target]
            if hole < 0:
                hole = size
                size += 1
                item[hole] = target
            key[hole] = further
            _rise(key, item, place, hole)
        if size == 0:
            return count
        minutes, here = key[0], item[0]
        place[here] = -1
        size -= 1
        if size > 0:
            key[0], item[0] = key[size], item[size]
            place[item[0]] = 0
            _sink(key, item, place, size)
        targets, costs = node, cost
        first, stop = start[here], start[here + 1]


def _workspace(nodes: int) -> tuple[Floats, Integers, Floats, Integers, Integers, Integers]:
    # made here and not in compiled code: numpy is there already, compiling it again takes seconds
    return (
        np.full(nodes, np.inf),
        np.full(nodes, _NOBODY),
        np.empty(nodes),
        np.empty(nodes, np.int64),
        np.full(nodes, -1, np.int64),
        np.empty(nodes, np.int64),
    )


def reach_from_all(
    start: Integers,
    node: Integers,
    cost: Floats,
    seed: Integers,
    seed_minutes: Floats,
    seed_owner: Integers,
    bound: float,
) -> tuple[Floats, Integers]:
    """Return each node's least minutes to any facility, and the facility.

    Parameters
    ----------
    start, node, cost
        Adjacency against the direction of travel, minutes.
    seed, seed_minutes, seed_owner
        Nodes next to facilities, what it costs from there, and the facility's position.
    bound
        Nodes farther than this stay unreached, minutes.

    Returns
    -------
    minutes
        Infinite for unreached nodes.
    owner
        Position of the facility, the lowest of those at equal minutes; a large number for
        unreached nodes.
    """
    space = _workspace(start.size - 1)
    _settle(start, node, cost, seed, seed_minutes, seed_owner, 0, seed.size, bound, *space)
    reach, label, *_ = space
    return reach, label


@_compiled
def improve_on_same_edge(  # noqa: PLR0913, PLR0917 - plain arrays
    edge: Integers,
    along: Floats,
    leg: Floats,
    edge_start: Integers,
    facility: Integers,
    facility_along: Floats,
    facility_leg: Floats,
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    minutes: Floats,
    owner: Integers,
) -> None:
    """Take the part of an edge between a demand point and a facility on it where that is better.

    Parameters
    ----------
    edge, along, leg
        Edge of each demand point (-1: none), minutes from the edge's start, minutes of the leg.
    edge_start, facility
        Facilities by edge, in compressed rows; positions ascend within an edge.
    facility_along, facility_leg
        Minutes from the edge's start and minutes of the leg, by facility.
    forward, backward
        Directions in which each edge may be used.
    minutes, owner
        Best minutes and facility so far, legs included; changed in place.
    """
    for point in range(edge.size):
        here = edge[point]
        if here < 0:
            continue
        for entry in range(edge_start[here], edge_start[here + 1]):
            other = facility[entry]
            ahead = facility_along[other] - along[point]
            if (ahead > 0 and not forward[here]) or (ahead < 0 and not backward[here]):
                continue
            total = leg[point] + abs(ahead) + facility_leg[other]
            if total < minutes[point] or (total == minutes[point] and other < owner[point]):
                minutes[point] = total
                owner[point] = other


@_compiled
def _grown_floats(values: Floats) -> Floats:
    # a loop compiles in a tenth of the time that a slice takes
    grown = np.empty(2 * values.size)
    for position in range(values.size):
        grown[position] = values[position]
    return grown


@_compiled
def _grown_integers(values: Integers) -> Integers:
    grown = np.empty(2 * values.size, np.int64)
    for position in range(values.size):
        grown[position] = values[position]
    return grown


def times_from_each(  # noqa: PLR0913, PLR0917 - plain arrays
    start: Integers,
    node: Integers,
    cost: Floats,
    seed_start: Integers,
    seed: Integers,
    seed_minutes: Floats,
    exit_start: Integers,
    exit_point: Integers,
    exit_minutes: Floats,
    edge: Integers,
    along: Floats,
    leg: Floats,
    same_start: Integers,
    same_point: Integers,
    point_along: Floats,
    point_leg: Floats,
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    bound: float,
) -> tuple[Integers, Integers, Floats]:
    """Return the minutes of all trips within a bound, facility by facility.

    Parameters
    ----------
    start, node, cost
        Adjacency against the direction of travel, minutes.
    seed_start, seed, seed_minutes
        Nodes next to each facility and what it costs from there, in compressed rows.
    exit_start, exit_point, exit_minutes
        Demand points that enter the network at each node, and at what cost, in compressed rows.
    edge, along, leg
        Edge of each facility (-1: none), minutes from the edge's start, minutes of the leg.
    same_start, same_point
        Demand points on each edge, in compressed rows.
    point_along, point_leg
        Minutes from the edge's start and minutes of the leg, by demand point.
    forward, backward
        Directions in which each edge may be used.
    bound
        Longest trip, minutes, inclusive.

    Returns
    -------
    first
        Start of each facility's trips in the two other arrays, one entry more than facilities.
    point, minutes
        Demand point and minutes of each trip.
    """
    points = point_along.size
    first = np.zeros(edge.size + 1, np.int64)
    point, minutes = _collect(
        start,
        node,
        cost,
        seed_start,
        seed,
        seed_minutes,
        # one facility at a time: whose the nodes are does not matter
        np.zeros(seed.size, np.int64),
        exit_start,
        exit_point,
        exit_minutes,
        edge,
        along,
        leg,
        same_start,
        same_point,
        point_along,
        point_leg,
        forward,
        backward,
        bound,
        *_workspace(start.size - 1),
        np.full(points, np.inf),
        np.empty(points, np.int64),
        first,
        np.empty(_FIRST_TRIPS, np.int64),
        np.empty(_FIRST_TRIPS),
    )
    return first, point[: first[-1]], minutes[: first[-1]]


@_compiled
def _collect(  # noqa: PLR0913, PLR0917, C901 - one loop over plain arrays
    start: Integers,
    node: Integers,
    cost: Floats,
    seed_start: Integers,
    seed: Integers,
    seed_minutes: Floats,
    nobody: Integers,
    exit_start: Integers,
    exit_point: Integers,
    exit_minutes: Floats,
    edge: Integers,
    along: Floats,
    leg: Floats,
    same_start: Integers,
    same_point: Integers,
    point_along: Floats,
    point_leg: Floats,
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
    bound: float,
    reach: Floats,
    label: Integers,
    key: Floats,
    item: Integers,
    place: Integers,
    touched: Integers,
    best: Floats,
    met: Integers,
    first: Integers,
    out_point: Integers,
    out_minutes: Floats,
) -> tuple[Integers, Floats]:
    # fill first and the two outputs, which grow as needed; what follows the last trip is idle
    written = 0
    for facility in range(edge.size):
        count = _settle(
            start,
            node,
            cost,
            seed,
            seed_minutes,
            nobody,
            seed_start[facility],
            seed_start[facility + 1],
            bound,
            reach,
            label,
            key,
            item,
            place,
            touched,
        )
        seen = 0
        for position in range(count):
            here = touched[position]
            for entry in range(exit_start[here], exit_start[here + 1]):
                total = exit_minutes[entry] + reach[here]
                point = exit_point[entry]
                if total <= bound and total < best[point]:
                    if best[point] == np.inf:
                        met[seen] = point
                        seen += 1
                    best[point] = total
            reach[here] = np.inf
            label[here] = _NOBODY
        shared = edge[facility]
        if shared >= 0:
            for entry in range(same_start[shared], same_start[shared + 1]):
                point = same_point[entry]
                ahead = along[facility] - point_along[point]
                if (ahead > 0 and not forward[shared]) or (ahead < 0 and not backward[shared]):
                    continue
                total = point_leg[point] + abs(ahead) + leg[facility]
                if total <= bound and total < best[point]:
                    if best[point] == np.inf:
                        met[seen] = point
                        seen += 1
                    best[point] = total
        while written + seen > out_point.size:
            out_point = _grown_integers(out_point)
            out_minutes = _grown_floats(out_minutes)
        for position in range(seen):
            point = met[position]
            out_point[written] = point
            out_minutes[written] = best[point]
            best[point] = np.inf
            written += 1
        first[facility + 1] = written
    return out_point, out_minutes
