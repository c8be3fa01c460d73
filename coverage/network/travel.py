"""Minutes of trips from demand points to facilities: arrays of snapped points in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csc_array

from coverage.network import search
from coverage.network.search import TOLERANCE_MINUTES, on_grid

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.network.snap import Snapped
    from coverage.network.streets import Streets

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_SECONDS_PER_MINUTE = 60.0


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
    order, start = _rows(to, streets.x.size)
    return Adjacency(start=start, node=origin[order], edge=edge[order])


def edge_minutes(streets: Streets, speed: float) -> Floats:
    """Return what each edge costs in minutes.

    Parameters
    ----------
    streets
        The network's streets.
    speed
        Walking speed in m/s; cars drive at the edges' own speeds.
    """
    if streets.mode == "walk":
        return walk_minutes(streets.length_m, speed)
    return on_grid(streets.length_m / 1000.0 / streets.speed_km_h * _SECONDS_PER_MINUTE)


def walk_minutes(metres: Floats, speed: float) -> Floats:
    """Return the minutes of straight ways on foot at a speed in m/s."""
    return on_grid(metres / (speed * _SECONDS_PER_MINUTE))


@dataclass(frozen=True, kw_only=True, eq=False)
class Costs:
    """Hold the minutes of edges at one walking speed.

    Parameters
    ----------
    edge
        Minutes of each edge.
    entry
        Minutes of each entry of the adjacency.
    speed
        Walking speed in m/s.
    """

    edge: Floats
    entry: Floats
    speed: float


def costs_at(streets: Streets, adjacency: Adjacency, speed: float) -> Costs:
    """Return the minutes of all edges at a walking speed in m/s."""
    minutes = edge_minutes(streets, speed)
    return Costs(edge=minutes, entry=minutes[adjacency.edge], speed=speed)


@dataclass(frozen=True, kw_only=True, eq=False)
class Stops:
    """Hold snapped points in minutes.

    Parameters
    ----------
    edge
        Edge of each point, -1 off the network.
    leg
        Minutes of the leg.
    along
        Minutes from the start of the edge.
    rest
        Minutes to the end of the edge.
    """

    edge: Integers
    leg: Floats
    along: Floats
    rest: Floats


def stops_of(snapped: Snapped, costs: Costs) -> Stops:
    """Return snapped points in minutes."""
    on = snapped.on_network
    whole = np.where(on, costs.edge[snapped.edge], 0.0)
    along = on_grid(np.where(on, snapped.share, 0.0) * whole)
    leg = walk_minutes(np.where(on, snapped.leg_m, 0.0), costs.speed)
    return Stops(edge=snapped.edge, leg=leg, along=along, rest=whole - along)


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
    on = snapped.on_network
    edge = snapped.edge
    at_u, at_v = on & (snapped.share == 0), on & (snapped.share == 1)
    # a trip leaves by the edge's start against the edge, and arrives by it along the edge
    by_u, by_v = streets.backward[edge], streets.forward[edge]
    if not leaving:
        by_u, by_v = by_v, by_u
    use_u = np.flatnonzero(at_u | (on & ~at_v & by_u))
    use_v = np.flatnonzero(at_v | (on & ~at_u & by_v))
    return (
        np.concatenate([use_u, use_v]),
        np.concatenate([streets.u[edge[use_u]], streets.v[edge[use_v]]]),
        np.concatenate(
            [stops.leg[use_u] + stops.along[use_u], stops.leg[use_v] + stops.rest[use_v]]
        ),
    )


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
    owner, seed, seed_minutes = links(streets, facilities, ends, leaving=False)
    reach, label = search.reach_from_all(
        adjacency.start, adjacency.node, costs.entry, seed, seed_minutes, owner, np.inf
    )
    point, node, link_minutes = links(streets, demand, starts, leaving=True)
    total, facility = link_minutes + reach[node], label[node]
    minutes = np.full(len(demand), np.inf)
    best = np.full(len(demand), np.iinfo(np.int64).max)
    order = np.lexsort((facility, total, point))
    who, first = np.unique(point[order], return_index=True)
    minutes[who], best[who] = total[order][first], facility[order][first]
    on = np.flatnonzero(facilities.on_network)
    by_edge, edge_start = _rows(facilities.edge[on], streets.u.size)
    search.improve_on_same_edge(
        starts.edge,
        starts.along,
        starts.leg,
        edge_start,
        on[by_edge],
        ends.along,
        ends.leg,
        streets.forward,
        streets.backward,
        minutes,
        best,
    )
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
    starts = stops_of(demand, costs)
    point, node, link_minutes = links(streets, demand, starts, leaving=True)
    by_node, exit_start = _rows(node, streets.x.size)
    on = np.flatnonzero(demand.on_network)
    by_edge, same_start = _rows(demand.edge[on], streets.u.size)
    first, reached, minutes = _trips(
        streets,
        adjacency,
        costs,
        facilities,
        (exit_start, point[by_node], link_minutes[by_node]),
        (same_start, on[by_edge], starts.along, starts.leg),
        limit,
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
    # as if a demand point stood at every node, and none on an edge
    size = streets.x.size
    nodes, nothing = np.arange(size), np.zeros(size)
    return _trips(
        streets,
        adjacency,
        costs,
        facilities,
        (np.arange(size + 1), nodes, nothing),
        (np.zeros(streets.u.size + 1, dtype=np.int64), nodes[:0], nothing, nothing),
        limit,
    )


def _trips(
    streets: Streets,
    adjacency: Adjacency,
    costs: Costs,
    facilities: Snapped,
    exits: tuple[Integers, Integers, Floats],
    same: tuple[Integers, Integers, Floats, Floats],
    limit: float,
) -> tuple[Integers, Integers, Floats]:
    ends = stops_of(facilities, costs)
    owner, seed, minutes = links(streets, facilities, ends, leaving=False)
    order, seed_start = _rows(owner, len(facilities))
    exit_start, exit_point, exit_minutes = exits
    same_start, same_point, along, leg = same
    return search.times_from_each(
        adjacency.start,
        adjacency.node,
        costs.entry,
        seed_start,
        seed[order],
        minutes[order],
        exit_start,
        exit_point,
        exit_minutes,
        ends.edge,
        ends.along,
        ends.leg,
        same_start,
        same_point,
        along,
        leg,
        streets.forward,
        streets.backward,
        limit + TOLERANCE_MINUTES,
    )


def _rows(group: Integers, groups: int) -> tuple[Integers, Integers]:
    """Return the order that gathers entries by group, and where each group starts."""
    start = np.zeros(groups + 1, dtype=np.int64)
    np.cumsum(np.bincount(group, minlength=groups), out=start[1:])
    return np.argsort(group, kind="stable"), start
