"""Minutes of trips from demand points to facilities: arrays of snapped points in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from coverage.network import search
from coverage.network.search import TOLERANCE_MINUTES, Rows, compiled, on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.network.effort import Effort
    from coverage.network.snap import Snapped
    from coverage.network.streets import Streets

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_SECONDS_PER_MINUTE = 60.0

_on_grid = compiled(on_grid)


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjacency:
    """Hold, for each node, the nodes from which an edge enters it.

    Parameters
    ----------
    start
        Start of each node's entries, one entry more than nodes.
    node
        Where the edge comes from.
    edge
        Which edge it is.
    """

    start: Integers
    node: Integers
    edge: Integers


def adjacency_of(streets: Streets) -> Adjacency:
    """Return the adjacency against the direction of travel."""
    edges = np.arange(streets.u.size)
    ahead, back = streets.forward, streets.backward
    to = np.concatenate([streets.v[ahead], streets.u[back]])
    origin = np.concatenate([streets.u[ahead], streets.v[back]])
    edge = np.concatenate([edges[ahead], edges[back]])
    order, start = _order(to, streets.x.size)
    return Adjacency(start=start, node=origin[order], edge=edge[order])


def walk_minutes(metres: Floats, speed: float) -> Floats:
    """Return the minutes of straight ways on foot at a speed in m/s."""
    return on_grid(metres / (speed * _SECONDS_PER_MINUTE))


@dataclass(frozen=True, kw_only=True, eq=False)
class Costs:
    """Hold the minutes of edges at one walking speed.

    Parameters
    ----------
    ahead, back
        Minutes of each edge from u to v, and from v to u.
    entry
        Minutes of each entry of the adjacency.
    speed
        Walking speed in m/s.
    """

    ahead: Floats
    back: Floats
    entry: Floats
    speed: float


def entries(adjacency: Adjacency, costs: Costs) -> Rows:
    """Return for each node the nodes from which it is entered, and the minutes."""
    return Rows(adjacency.start, adjacency.node, costs.entry)


def costs_at(
    streets: Streets, adjacency: Adjacency, speed: float, effort: Effort | None = None
) -> Costs:
    """Return the minutes of all edges.

    Parameters
    ----------
    streets, adjacency
        The network.
    speed
        Walking speed in m/s; cars drive at the edges' own speeds.
    effort
        What walking takes; None: edges take their lengths.
    """
    if streets.mode == "drive":
        hours = streets.length_m / 1000.0 / streets.speed_km_h
        ahead = back = on_grid(hours * _SECONDS_PER_MINUTE)
    elif effort is None:
        ahead = back = walk_minutes(streets.length_m, speed)
    else:
        wait = on_grid(effort.wait_s / _SECONDS_PER_MINUTE)
        ahead = walk_minutes(effort.ahead_m, speed) + wait
        back = walk_minutes(effort.back_m, speed) + wait
    entered_ahead = streets.u[adjacency.edge] == adjacency.node
    entry = np.where(entered_ahead, ahead[adjacency.edge], back[adjacency.edge])
    return Costs(ahead=ahead, back=back, entry=entry, speed=speed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stops:
    """Hold snapped points in minutes.

    Parameters
    ----------
    edge
        Edge of each point, -1 off the network.
    leg
        Minutes of the leg.
    along, rest
        Minutes from the start of the edge to the point, and from there to its end.
    back, back_rest
        Minutes against the edge: from the point to its start, and from its end to the point.
    """

    edge: Integers
    leg: Floats
    along: Floats
    rest: Floats
    back: Floats
    back_rest: Floats


def stops_of(snapped: Snapped, costs: Costs) -> Stops:
    """Return snapped points in minutes."""
    leg, along, rest, back, back_rest = (np.empty(len(snapped)) for _ in range(5))
    _measure_stops(
        snapped.edge, snapped.share, snapped.leg_m, costs.ahead, costs.back,
        costs.speed * _SECONDS_PER_MINUTE, (leg, along, rest, back, back_rest),
    )  # fmt: skip
    return Stops(edge=snapped.edge, leg=leg, along=along, rest=rest, back=back, back_rest=back_rest)


@compiled
def _measure_stops(
    edge: Integers,
    share: Floats,
    leg_m: Floats,
    ahead: Floats,
    back: Floats,
    metres_per_minute: float,
    stops: tuple[Floats, Floats, Floats, Floats, Floats],
) -> None:
    # one loop: an edit has one point, for which a dozen array operations took most of its time
    leg, along, rest, against, against_rest = stops
    for row in range(edge.size):
        here = edge[row]
        if here < 0:
            leg[row] = along[row] = rest[row] = against[row] = against_rest[row] = 0.0
            continue
        leg[row] = _on_grid(leg_m[row] / metres_per_minute)
        along[row] = _on_grid(share[row] * ahead[here])
        rest[row] = ahead[here] - along[row]
        against[row] = _on_grid(share[row] * back[here])
        against_rest[row] = back[here] - against[row]


def links(
    streets: Streets, snapped: Snapped, stops: Stops, *, leaving: bool
) -> tuple[Integers, Integers, Floats]:
    """Return by which nodes points are tied to the network, at what cost.

    Parameters
    ----------
    streets
        The network's streets.
    snapped, stops
        The points, and their minutes.
    leaving
        Whether trips start at the points (demand) or end there (facilities).

    Returns
    -------
    point, node, minutes
        A point within an edge has up to two links, one at a node has one; legs are included.
    """
    # a trip leaves by the edge's start against the edge, and arrives by it along the edge
    by_u, by_v = streets.backward, streets.forward
    to_u, to_v = stops.back, stops.rest
    if not leaving:
        by_u, by_v = by_v, by_u
        to_u, to_v = stops.along, stops.back_rest
    size = 2 * len(snapped)
    point, node, minutes = np.empty(size, np.int64), np.empty(size, np.int64), np.empty(size)
    found, edge, share, leg = (point, node, minutes), snapped.edge, snapped.share, stops.leg
    count = _tie(edge, share, leg, 0.0, streets.u, by_u, to_u, found, 0)
    count = _tie(edge, share, leg, 1.0, streets.v, by_v, to_v, found, count)
    return point[:count], node[:count], minutes[:count]


@compiled
def _tie(  # noqa: PLR0913, PLR0917 - arrays of one loop
    edge: Integers,
    share: Floats,
    leg: Floats,
    end: float,
    node: Integers,
    passable: Flags,
    minutes: Floats,
    found: tuple[Integers, Integers, Floats],
    count: int,
) -> int:
    # tie points to one end of their edges, note that behind what was found; return the count
    points, nodes, totals = found
    for row in range(edge.size):
        here = edge[row]
        if here < 0 or share[row] == 1.0 - end or not (share[row] == end or passable[here]):
            continue
        points[count], nodes[count], totals[count] = row, node[here], leg[row] + minutes[row]
        count += 1
    return count


def seeds_of(streets: Streets, snapped: Snapped, stops: Stops) -> Rows:
    """Return by which nodes, at what cost, each facility is reached."""
    facility, node, minutes = links(streets, snapped, stops, leaving=False)
    return rows_of(facility, node, minutes, len(snapped))


def _direct(streets: Streets, starts: Stops, ends: Stops) -> tuple[Integers, Integers, Floats]:
    """Return the trips that lead along the part of one edge between both of their ends.

    Returns
    -------
    facility, point, minutes
        Legs are included.
    """
    on = np.flatnonzero(starts.edge >= 0)
    order, start = _order(starts.edge[on], streets.u.size)
    by_edge = on[order]
    owner = np.flatnonzero(ends.edge >= 0)
    of, entry = row_entries(start, ends.edge[owner])
    facility, point = owner[of], by_edge[entry]
    edge = ends.edge[facility]
    ahead = ends.along[facility] - starts.along[point]
    back = starts.back[point] - ends.back[facility]
    barred = ((ahead > 0) & ~streets.forward[edge]) | ((back > 0) & ~streets.backward[edge])
    part = np.maximum(ahead, back)
    facility, point, part = facility[~barred], point[~barred], part[~barred]
    return facility, point, starts.leg[point] + part + ends.leg[facility]


def nearest(
    streets: Streets,
    adjacency: Adjacency,
    costs: Costs,
    demand: Snapped,
    facilities: Snapped,
) -> tuple[Floats, Integers]:
    """Return each demand point's least minutes to a facility, and which it is.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    demand, facilities
        Where trips start and end.

    Returns
    -------
    minutes
        Infinite where there is no way to any facility.
    facility
        Position of the facility, the lowest of those at equal minutes; -1 without one.
    """
    starts, ends = stops_of(demand, costs), stops_of(facilities, costs)
    seeds = seeds_of(streets, facilities, ends)
    reach, label = search.reach_from_all(entries(adjacency, costs), seeds, np.inf)
    point, node, link_minutes = links(streets, demand, starts, leaving=True)
    beside, direct_point, direct_minutes = _direct(streets, starts, ends)
    point = np.concatenate([point, direct_point])
    total = np.concatenate([link_minutes + reach[node], direct_minutes])
    facility = np.concatenate([label[node], beside])
    minutes, best = np.full(len(demand), np.inf), np.full(len(demand), -1)
    order = np.lexsort((facility, total, point))
    who, first = np.unique(point[order], return_index=True)
    minutes[who], best[who] = total[order][first], facility[order][first]
    return minutes, np.where(np.isfinite(minutes), best, -1)


def travel_times(
    streets: Streets,
    adjacency: Adjacency,
    costs: Costs,
    demand: Snapped,
    facilities: Snapped,
    limit: float,
) -> csr_array:
    """Return the minutes of all trips within a limit, demand points by facilities.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    demand, facilities
        Where trips start and end.
    limit
        Longest trip in minutes, inclusive.
    """
    starts, ends = stops_of(demand, costs), stops_of(facilities, costs)
    point, node, link_minutes = links(streets, demand, starts, leaving=True)
    first, reached, minutes = search.times_from_each(
        entries(adjacency, costs),
        seeds_of(streets, facilities, ends),
        rows_of(node, point, link_minutes, streets.x.size),
        rows_of(*_direct(streets, starts, ends), len(facilities)),
        points=len(demand),
        bound=limit + TOLERANCE_MINUTES,
    )
    times = csc_array((minutes, reached, first), shape=(len(demand), len(facilities))).tocsr()
    times.sort_indices()
    return times


def reach(
    streets: Streets, adjacency: Adjacency, costs: Costs, facilities: Snapped, limit: float
) -> tuple[Integers, Integers, Floats]:
    """Return the nodes within a limit of each facility.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    facilities
        Where ways end.
    limit
        Longest way in minutes, inclusive.

    Returns
    -------
    first
        Start of each facility's nodes in the two other arrays, one entry more than facilities.
    node, minutes
        Node, and minutes from there to the facility.
    """
    seeds = seeds_of(streets, facilities, stops_of(facilities, costs))
    return search.nodes_from_each(entries(adjacency, costs), seeds, limit + TOLERANCE_MINUTES)


def row_entries(start: Integers, rows: Integers) -> tuple[Integers, Integers]:
    """Return the entries of chosen compressed rows, and to which of the choices each belongs.

    Parameters
    ----------
    start
        Start of each row's entries.
    rows
        Rows in any order.

    Returns
    -------
    of, entry
        Position in `rows`, ascending, and position of the entry.
    """
    size = start[rows + 1] - start[rows]
    of = np.repeat(np.arange(rows.size), size)
    within = np.arange(of.size) - np.repeat(np.cumsum(size) - size, size)
    return of, within + start[rows[of]]


def rows_of(group: Integers, item: Integers, minutes: Floats, groups: int) -> Rows:
    """Return items and minutes in compressed rows, by group."""
    order, start = _order(group, groups)
    return Rows(start, item[order], minutes[order])


def _order(group: Integers, groups: int) -> tuple[Integers, Integers]:
    """Return the order that gathers entries by group, and where each group starts."""
    start = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=groups), out=start[1:])
    return np.argsort(group, kind="stable"), start
