"""Shortest-path searches over arrays, compiled at their first call.

All searches run from facilities against the direction of travel, since a trip leads from a demand
point to a facility: ``reach[n]`` holds what it costs to get from node n to the facility. The
adjacency lists for each node the nodes from which it is entered. Costs are minutes on a grid of
2^-40 minutes (`on_grid`), so that sums are exact in whatever order they are added.

Nodes wait in buckets that are a fraction of an edge wide, and are searched on from bucket by
bucket; a node that turns out to be nearer is searched on from again. The order decides how soon all
is found, never what: a heap would keep a strict order that nobody needs.

References
----------
Meyer, U., & Sanders, P. (2003). Delta-stepping: a parallelizable shortest path algorithm. Journal
of Algorithms, 49(1), 114-152.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Positions = NDArray[np.int32]

# minutes by which a limit may be exceeded through rounding
TOLERANCE_MINUTES = 1e-9

_GRID = 2.0**40  # steps a minute

# trips that room is made for at first
_FIRST_TRIPS = 4096

# label of nodes that no facility has reached
NOBODY = np.iinfo(np.int64).max

_BUCKETS = 4096  # a power of two; used in turn, as a ring
_BUCKETS_AN_EDGE = 3.0
_LAST_BUCKET = np.iinfo(np.int64).max
# what stands before a node that waits nowhere, and before the first one of a bucket
_NOT_WAITING, _FIRST = -2, -1

_Function = TypeVar("_Function", bound="Callable[..., Any]")


class Rows(NamedTuple):
    """Hold what belongs to each row, in compressed rows.

    Parameters
    ----------
    start
        Start of each row's entries in the two other arrays, one number more than rows.
    item
        Positions of nodes or points.
    minutes
        What it costs to go there.
    """

    start: Integers
    item: Integers
    minutes: Floats


class Space(NamedTuple):
    """Hold what a search has found, and the nodes that wait to go on.

    Parameters
    ----------
    reach
        By node, least minutes to a facility so far.
    label
        By node, that facility; `NOBODY` at first.
    head, after, before
        The first node in each bucket, and by node its neighbours there.
    noted
        Nodes that got another label; without room none are noted.
    per_minute
        Buckets a minute.
    """

    reach: Floats
    label: Integers
    head: Positions
    after: Positions
    before: Positions
    noted: Integers
    per_minute: float


def compiled(function: _Function) -> _Function:
    """Compile a function at its first call, and keep what is compiled where that can be."""
    try:
        machine_code = njit(cache=True, nogil=True)(function)
    except RuntimeError:
        # neither the folder of this file nor the user's own can keep what is compiled
        machine_code = njit(nogil=True)(function)
    return cast("_Function", machine_code)


def on_grid(minutes: Floats) -> Floats:
    """Round minutes to a multiple of 2^-40.

    Sums up to 8,192 minutes of such numbers have no rounding error, so equal ways are equal in
    every order of their parts, and searches agree to the last bit. The rounding itself is below
    5e-13 minutes an edge.
    """
    return np.rint(minutes * _GRID) / _GRID


def space_for(adjacency: Rows, *, noting: bool) -> Space:
    """Return room for searches, one after the other.

    Parameters
    ----------
    adjacency
        By node, the nodes from which it is entered.
    noting
        Whether nodes are noted; only where one facility at a time is searched from.
    """
    # made here and not in compiled code: numpy is there already, compiling it again takes seconds
    nodes = adjacency.start.size - 1
    edge = float(adjacency.minutes.mean()) if adjacency.minutes.size else 1.0
    return Space(
        reach=np.full(nodes, np.inf),
        label=np.full(nodes, NOBODY),
        head=np.full(_BUCKETS, -1, np.int32),
        after=np.empty(nodes, np.int32),
        before=np.full(nodes, _NOT_WAITING, np.int32),
        noted=np.empty(nodes if noting else 0, np.int64),
        per_minute=_BUCKETS_AN_EDGE / edge,
    )


@compiled
def _begin(
    seeds: Rows, owners: Integers, row: int, stop: int, bound: float, space: Space
) -> tuple[int, int, int]:
    # take the seeds that are better than what is known, and let their nodes wait;
    # return how many wait, in which bucket the first, and how many were noted
    reach, label, head, after, before, noted, per_minute = space
    first, last = seeds.start[row], seeds.start[stop]
    count, waiting, turn = 0, 0, _LAST_BUCKET
    for entry in range(first, last):
        node, minutes, owner = seeds.item[entry], seeds.minutes[entry], owners[entry]
        if minutes > bound or minutes > reach[node]:
            continue
        if minutes == reach[node] and owner >= label[node]:
            continue
        if count < noted.size and label[node] != owner:
            noted[count] = node
            count += 1
        reach[node], label[node] = minutes, owner
    for entry in range(first, last):
        node = seeds.item[entry]
        if label[node] != owners[entry] or before[node] != _NOT_WAITING:
            continue
        number = np.int64(reach[node] * per_minute)
        bucket = number & (head.size - 1)
        following = head[bucket]
        head[bucket], after[node], before[node] = node, following, _FIRST
        if following >= 0:
            before[following] = node
        waiting += 1
        if number < turn:
            turn = int(number)
    return waiting, turn, count


@compiled
def spread(  # noqa: C901, PLR0912 - written out: calls that pass arrays take longer than the rest
    adjacency: Rows, seeds: Rows, owners: Integers, row: int, stop: int, bound: float, space: Space
) -> int:
    """Search from the seeds of some rows; return how many nodes were noted.

    Parameters
    ----------
    adjacency
        By node, the nodes from which it is entered.
    seeds, owners
        Ways to nodes by row, and the facility of each way. They count where they are better than
        what is known, and of equal minutes those of the lowest facility.
    row, stop
        The first of the rows, and the one after the last.
    bound
        Nodes farther than this stay as they are, minutes.
    space
        What is known; changed in place.
    """
    waiting, turn, count = _begin(seeds, owners, row, stop, bound, space)
    start, item, cost = adjacency
    reach, label, head, after, before, noted, per_minute = space
    mask = head.size - 1
    while waiting > 0:
        here = head[turn & mask]
        if here < 0:
            turn += 1
            continue
        following = after[here]
        head[turn & mask], before[here] = following, _NOT_WAITING
        if following >= 0:
            before[following] = _FIRST
        waiting -= 1
        minutes, owner = reach[here], label[here]
        for entry in range(start[here], start[here + 1]):
            node, further = item[entry], minutes + cost[entry]
            known = reach[node]
            if further > known or further > bound:
                continue
            if further == known and owner >= label[node]:
                continue
            if count < noted.size and label[node] != owner:
                noted[count] = node
                count += 1
            reach[node], label[node] = further, owner
            number = np.int64(further * per_minute)
            previous = before[node]
            if previous == _NOT_WAITING:
                waiting += 1
            else:
                old = np.int64(known * per_minute)
                if old == number:
                    continue
                following = after[node]
                if previous == _FIRST:
                    head[old & mask] = following
                else:
                    after[previous] = following
                if following >= 0:
                    before[following] = previous
            following = head[number & mask]
            head[number & mask], after[node], before[node] = node, following, _FIRST
            if following >= 0:
                before[following] = node
    return count


def reach_from_all(adjacency: Rows, seeds: Rows, bound: float) -> tuple[Floats, Integers]:
    """Return each node's least minutes to any facility, and the facility.

    Parameters
    ----------
    adjacency
        By node, the nodes from which it is entered.
    seeds
        By facility, the nodes next to it.
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
    space = space_for(adjacency, noting=False)
    facilities = seeds.start.size - 1
    owners = np.repeat(np.arange(facilities), np.diff(seeds.start))
    spread(adjacency, seeds, owners, 0, facilities, bound, space)
    return space.reach, space.label


def nodes_from_each(
    adjacency: Rows, seeds: Rows, bound: float
) -> tuple[Integers, Integers, Floats]:
    """Return the nodes within a bound of each facility.

    Parameters
    ----------
    adjacency
        By node, the nodes from which it is entered.
    seeds
        By facility, the nodes next to it.
    bound
        Longest way, minutes, inclusive.

    Returns
    -------
    first
        Start of each facility's nodes in the two other arrays, one entry more than facilities.
    node, minutes
        Node, and minutes from there to the facility.
    """
    facilities = seeds.start.size - 1
    first = np.zeros(facilities + 1, np.int64)
    node, minutes = np.empty(_FIRST_TRIPS, np.int64), np.empty(_FIRST_TRIPS)
    # one facility at a time: whose the nodes are does not matter
    owners = np.zeros(seeds.item.size, np.int64)
    space = space_for(adjacency, noting=True)
    done = 0
    while done < facilities:
        done = _gather(adjacency, seeds, owners, bound, space, Rows(first, node, minutes), done)
        if done < facilities:
            node, minutes = np.resize(node, 2 * node.size), np.resize(minutes, 2 * node.size)
    return first, node[: first[-1]], minutes[: first[-1]]


@compiled
def _gather(
    adjacency: Rows,
    seeds: Rows,
    owners: Integers,
    bound: float,
    space: Space,
    found: Rows,
    facility: int,
) -> int:
    # note the nodes of a facility and those after it; return the first one that finds no room
    first, item, minutes = found
    reach, label, noted = space.reach, space.label, space.noted
    while facility < seeds.start.size - 1:
        count = spread(adjacency, seeds, owners, facility, facility + 1, bound, space)
        written = first[facility]
        room = written + count <= item.size
        for position in range(count):
            node = noted[position]
            if room:
                item[written + position], minutes[written + position] = node, reach[node]
            reach[node], label[node] = np.inf, NOBODY
        if not room:
            break
        facility += 1
        first[facility] = written + count
    return facility


def times_from_each(
    adjacency: Rows, seeds: Rows, exits: Rows, direct: Rows, *, points: int, bound: float
) -> tuple[Integers, Integers, Floats]:
    """Return the minutes of all trips within a bound, facility by facility.

    Parameters
    ----------
    adjacency
        By node, the nodes from which it is entered.
    seeds
        By facility, the nodes next to it.
    exits
        By node, the demand points that enter the network there.
    direct
        By facility, the demand points on its own edge, and the minutes along that.
    points
        Number of demand points.
    bound
        Longest trip, minutes, inclusive.

    Returns
    -------
    first
        Start of each facility's trips in the two other arrays, one entry more than facilities.
    point, minutes
        Demand point and minutes of each trip.
    """
    facilities = seeds.start.size - 1
    first = np.zeros(facilities + 1, np.int64)
    point, minutes = np.empty(_FIRST_TRIPS, np.int64), np.empty(_FIRST_TRIPS)
    # one facility at a time: whose the nodes are does not matter
    owners = np.zeros(seeds.item.size, np.int64)
    space = space_for(adjacency, noting=True)
    best, met = np.full(points, np.inf), np.empty(points, np.int64)
    done = 0
    while done < facilities:
        done = _collect(
            adjacency, seeds, owners, exits, direct, bound, space, best, met,
            Rows(first, point, minutes), done,
        )  # fmt: skip
        if done < facilities:
            point, minutes = np.resize(point, 2 * point.size), np.resize(minutes, 2 * point.size)
    return first, point[: first[-1]], minutes[: first[-1]]


@compiled
def _collect(  # noqa: PLR0913, PLR0917 - arrays of many searches
    adjacency: Rows,
    seeds: Rows,
    owners: Integers,
    exits: Rows,
    direct: Rows,
    bound: float,
    space: Space,
    best: Floats,
    met: Integers,
    trips: Rows,
    facility: int,
) -> int:
    # note the trips to a facility and those after it; return the first one whose trips find no room
    while facility < seeds.start.size - 1:
        count = spread(adjacency, seeds, owners, facility, facility + 1, bound, space)
        # a bare 0 is a type of its own, for which meet would be compiled once more
        seen: int = np.int64(0)  # type: ignore[assignment]
        for position in range(count):
            here = space.noted[position]
            seen = meet(exits, here, space.reach[here], bound, best, met, seen)
            space.reach[here] = np.inf
            space.label[here] = NOBODY
        seen = meet(direct, facility, 0.0, bound, best, met, seen)
        written = trips.start[facility]
        room = written + seen <= trips.item.size
        for position in range(seen):
            point = met[position]
            if room:
                trips.item[written + position] = point
                trips.minutes[written + position] = best[point]
            best[point] = np.inf
        if not room:
            break
        trips.start[facility + 1] = written + seen
        facility += 1
    return facility


@compiled
def meet(
    rows: Rows, row: int, minutes: float, bound: float, best: Floats, met: Integers, seen: int
) -> int:
    """Take the ways to a row's points where they are better; return how many points are noted.

    Parameters
    ----------
    rows, row
        Points by row, and the row.
    minutes, bound
        Minutes to add to each way, and the most that it may take.
    best, met, seen
        By point, least minutes so far; the points noted, and how many they are so far.
    """
    for entry in range(rows.start[row], rows.start[row + 1]):
        total = rows.minutes[entry] + minutes
        point = rows.item[entry]
        if total <= bound and total < best[point]:
            if best[point] == np.inf:
                met[seen] = point
                seen += 1
            best[point] = total
    return seen
