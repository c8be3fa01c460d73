"""Minutes kept true while facilities open and close, by searches of what changes.

The cell of a facility is the nodes whose nearest facility it is. One that opens is searched from
only as far as it is nearer than what stood there; where one closes, its cell is emptied and entered
again over its border. Rules are those of `search`: minutes lie on a grid, so sums are exact, and of
facilities at equal minutes the lowest position counts. So after any edits the state equals that of
a search of all, to the last bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coverage.network import search, travel
from coverage.network.ends import Ends, leave, no_ends, stand, with_room
from coverage.network.search import (
    NOBODY,
    TOLERANCE_MINUTES,
    Rows,
    Space,
    compiled,
    meet,
    space_for,
    spread,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.network.snap import Snapped
    from coverage.network.streets import Streets

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class _Demand(NamedTuple):
    """Demand points: the nodes they leave by, who leaves by a node, who stands on an edge."""

    ways: Rows
    exits: Rows
    beside: Rows
    edge: Integers
    leg: Floats
    along: Floats
    back: Floats
    forward: Flags
    backward: Flags


class Changes(NamedTuple):
    """Demand points whose minutes or facility changed, and what they were before."""

    row: Integers
    minutes: Floats
    facility: Integers


class LiveTimes:
    """Keep each demand point's minutes to its nearest facility while facilities come and go.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    demand, facilities
        Where trips start and end.

    Attributes
    ----------
    minutes
        By demand point, infinite without a way to any facility.
    facility
        Position of the nearest facility, the lowest of those at equal minutes; -1 without one.
    """

    def __init__(
        self,
        streets: Streets,
        adjacency: travel.Adjacency,
        costs: travel.Costs,
        demand: Snapped,
        facilities: Snapped,
    ) -> None:
        self._streets, self._costs = streets, costs
        self._back = travel.entries(adjacency, costs)
        self._ahead = _turned(self._back)
        self._demand = _demand_of(streets, demand, travel.stops_of(demand, costs))
        self._ends = no_ends(max(len(facilities), 1), streets.u.size)
        self._place(np.arange(len(facilities)), facilities)
        seeds = travel.seeds_of(streets, facilities, travel.stops_of(facilities, costs))
        reach, label = search.reach_from_all(self._back, seeds, np.inf)
        self._nodes = space_for(self._back, noting=True)._replace(reach=reach, label=label)
        blank = space_for(self._back, noting=False)
        self._trial = self._nodes._replace(reach=blank.reach, label=blank.label)
        self._ways, self._owners = _ways_for(streets.x.size, self._ends)
        size = len(demand)
        self.minutes, self.facility = np.full(size, np.inf), np.full(size, -1)
        self._best, self._met = np.full(size, np.inf), np.empty(size, np.int64)
        self._old = Changes(np.empty(size, np.int64), np.empty(size), np.empty(size, np.int64))
        _refresh_all(self._demand, self._ends, self._nodes, self.minutes, self.facility, self._old)

    def open(self, position: int, place: Snapped) -> Changes:
        """Let a facility stand at a place.

        Parameters
        ----------
        position
            Position of the facility, none that stands now.
        place
            The place, one row.
        """
        self._place(np.array([position]), place)
        # with one owner every node that changes is noted once
        owners = np.full(2, position)
        count = spread(self._back, self._seeds(position), owners, 0, 1, np.inf, self._nodes)
        changed = _gain(
            count, position, self._demand, self._ends, self._nodes,
            self.minutes, self.facility, self._old,
        )  # fmt: skip
        return self._noted(changed)

    def close(self, position: int) -> Changes:
        """Take a facility away.

        Parameters
        ----------
        position
            Position of a facility that stands.
        """
        edge = int(self._ends.edge[position])
        count = _empty(self._back, self._ends, position, self._nodes)
        leave(self._ends, position)
        ways, owners = self._ways, self._owners
        ways.start[1] = _ways_in(self._ahead, self._ends, count, self._nodes, ways, owners)
        # the nodes that change are those of the cell, which are noted already
        nodes = self._nodes._replace(noted=self._nodes.noted[:0])
        spread(self._back, ways, owners, 0, 1, np.inf, nodes)
        changed = _refresh(
            count, edge, self._demand, self._ends, self._nodes,
            self.minutes, self.facility, self._old,
        )  # fmt: skip
        return self._noted(changed)

    def within(self, position: int, limit: float) -> Integers:
        """Return the demand points within a limit of a facility, ascending.

        Parameters
        ----------
        position
            Position of a facility that stands.
        limit
            Longest trip in minutes, inclusive.
        """
        bound = limit + TOLERANCE_MINUTES
        owners = np.zeros(2, np.int64)
        count = spread(self._back, self._seeds(position), owners, 0, 1, bound, self._trial)
        seen = _gather(
            count, self._demand, self._ends, position, bound, self._trial, self._best, self._met
        )
        return np.sort(self._met[:seen])

    def _seeds(self, position: int) -> Rows:
        node = self._ends.node[position]
        size = int(node[0] >= 0) + int(node[1] >= 0)
        return Rows(np.array([0, size]), node, self._ends.minutes[position])

    def _noted(self, changed: int) -> Changes:
        row, minutes, facility = self._old
        return Changes(row[:changed].copy(), minutes[:changed].copy(), facility[:changed].copy())

    def _place(self, positions: Integers, places: Snapped) -> None:
        last = int(positions.max(initial=-1))
        if last >= self._ends.edge.size:
            self._ends = with_room(self._ends, last + 1)
            self._ways, self._owners = _ways_for(self._streets.x.size, self._ends)
        stops = travel.stops_of(places, self._costs)
        links = travel.links(self._streets, places, stops, leaving=False)
        stand(self._ends, positions, links, stops.edge, stops.leg, stops.along, stops.back)


def _turned(rows: Rows) -> Rows:
    size = rows.start.size - 1
    of = np.repeat(np.arange(size), np.diff(rows.start))
    return travel.rows_of(rows.item, of, rows.minutes, size)


def _demand_of(streets: Streets, snapped: Snapped, stops: travel.Stops) -> _Demand:
    point, node, minutes = travel.links(streets, snapped, stops, leaving=True)
    on = np.flatnonzero(stops.edge >= 0)
    return _Demand(
        ways=travel.rows_of(point, node, minutes, len(snapped)),
        exits=travel.rows_of(node, point, minutes, streets.x.size),
        beside=travel.rows_of(stops.edge[on], on, stops.along[on], streets.u.size),
        edge=stops.edge,
        leg=stops.leg,
        along=stops.along,
        back=stops.back,
        forward=streets.forward,
        backward=streets.backward,
    )


def _ways_for(nodes: int, ends: Ends) -> tuple[Rows, Integers]:
    # room for a way of every node, and those of all facilities
    size = nodes + ends.node.size
    ways = Rows(np.zeros(2, np.int64), np.empty(size, np.int64), np.empty(size))
    return ways, np.empty(size, np.int64)


@compiled
def _empty(back: Rows, ends: Ends, facility: int, space: Space) -> int:
    # forget the minutes of a facility's cell; note its nodes, return how many they are
    reach, label, noted = space.reach, space.label, space.noted
    count = 0
    for side in range(2):
        node = ends.node[facility, side]
        if node >= 0 and label[node] == facility:
            reach[node], label[node] = np.inf, NOBODY
            noted[count] = node
            count += 1
    done = 0
    while done < count:
        here = noted[done]
        done += 1
        for entry in range(back.start[here], back.start[here + 1]):
            node = back.item[entry]
            if label[node] == facility:
                reach[node], label[node] = np.inf, NOBODY
                noted[count] = node
                count += 1
    return count


@compiled
def _ways_in(
    ahead: Rows, ends: Ends, count: int, nodes: Space, ways: Rows, owners: Integers
) -> int:
    # note for each node of an emptied cell its best way to a node outside, and other facilities'
    # ways to nodes; return how many ways there are
    found = 0
    for position in range(count):
        here = nodes.noted[position]
        least, owner = np.inf, NOBODY
        for entry in range(ahead.start[here], ahead.start[here + 1]):
            onward = ahead.item[entry]
            minutes = nodes.reach[onward] + ahead.minutes[entry]
            if minutes < least or (minutes == least and nodes.label[onward] < owner):
                least, owner = minutes, nodes.label[onward]
        if least < np.inf:
            ways.item[found], ways.minutes[found], owners[found] = here, least, owner
            found += 1
    for other in range(ends.edge.size):
        for side in range(2):
            node = ends.node[other, side]
            if node >= 0 and nodes.reach[node] == np.inf:
                ways.item[found], ways.minutes[found] = node, ends.minutes[other, side]
                owners[found] = other
                found += 1
    return found


@compiled
def _along_edge(demand: _Demand, ends: Ends, row: int, facility: int) -> float:
    # minutes of a trip along the part of an edge between both of its ends
    edge = demand.edge[row]
    ahead = ends.along[facility] - demand.along[row]
    back = demand.back[row] - ends.back[facility]
    if (ahead > 0 and not demand.forward[edge]) or (back > 0 and not demand.backward[edge]):
        return np.inf
    minutes: float = demand.leg[row] + max(ahead, back) + ends.leg[facility]
    return minutes


@compiled
def _better(
    row: int,
    total: float,
    who: int,
    minutes: Floats,
    facility: Integers,
    old: Changes,
    changed: int,
) -> int:
    # take a demand point's way to a facility where it is better; note what it had, once
    if total > minutes[row] or (total == minutes[row] and who >= facility[row] >= 0):
        return changed
    if facility[row] != who:
        old.row[changed], old.minutes[changed] = row, minutes[row]
        old.facility[changed] = facility[row]
        changed += 1
    minutes[row], facility[row] = total, who
    return changed


@compiled
def _gain(
    count: int,
    who: int,
    demand: _Demand,
    ends: Ends,
    nodes: Space,
    minutes: Floats,
    facility: Integers,
    old: Changes,
) -> int:
    # let demand points at the nodes noted and on its edge know a new facility; return their count
    changed = 0
    for position in range(count):
        node = nodes.noted[position]
        for entry in range(demand.exits.start[node], demand.exits.start[node + 1]):
            total = demand.exits.minutes[entry] + nodes.reach[node]
            row = demand.exits.item[entry]
            changed = _better(row, total, who, minutes, facility, old, changed)
    edge = ends.edge[who]
    if edge >= 0:
        for entry in range(demand.beside.start[edge], demand.beside.start[edge + 1]):
            row = demand.beside.item[entry]
            total = _along_edge(demand, ends, row, who)
            if total < np.inf:
                changed = _better(row, total, who, minutes, facility, old, changed)
    return changed


@compiled
def _refresh_row(
    row: int,
    demand: _Demand,
    ends: Ends,
    nodes: Space,
    minutes: Floats,
    facility: Integers,
    old: Changes,
    changed: int,
) -> int:
    # find a demand point's nearest facility; note what it was if it is another, return their count
    least, nearest = np.inf, -1
    for entry in range(demand.ways.start[row], demand.ways.start[row + 1]):
        node = demand.ways.item[entry]
        total = demand.ways.minutes[entry] + nodes.reach[node]
        owner = nodes.label[node]
        if total < least or (total == least and total < np.inf and owner < nearest):
            least, nearest = total, owner
    other = ends.first[demand.edge[row]] if demand.edge[row] >= 0 else -1
    while other >= 0:
        total = _along_edge(demand, ends, row, other)
        if total < least or (total == least and total < np.inf and other < nearest):
            least, nearest = total, other
        other = ends.after[other]
    if least == minutes[row] and nearest == facility[row]:
        return changed
    old.row[changed], old.minutes[changed] = row, minutes[row]
    old.facility[changed] = facility[row]
    minutes[row], facility[row] = least, nearest
    return changed + 1


@compiled
def _refresh(
    count: int,
    edge: int,
    demand: _Demand,
    ends: Ends,
    nodes: Space,
    minutes: Floats,
    facility: Integers,
    old: Changes,
) -> int:
    # renew the demand points at the nodes noted and on an edge, perhaps twice; return their count
    changed = 0
    for position in range(count):
        node = nodes.noted[position]
        for entry in range(demand.exits.start[node], demand.exits.start[node + 1]):
            row = demand.exits.item[entry]
            changed = _refresh_row(row, demand, ends, nodes, minutes, facility, old, changed)
    if edge >= 0:
        for entry in range(demand.beside.start[edge], demand.beside.start[edge + 1]):
            row = demand.beside.item[entry]
            changed = _refresh_row(row, demand, ends, nodes, minutes, facility, old, changed)
    return changed


@compiled
def _refresh_all(
    demand: _Demand,
    ends: Ends,
    nodes: Space,
    minutes: Floats,
    facility: Integers,
    old: Changes,
) -> None:
    changed = 0
    for row in range(minutes.size):
        changed = _refresh_row(row, demand, ends, nodes, minutes, facility, old, changed)


@compiled
def _gather(
    count: int,
    demand: _Demand,
    ends: Ends,
    facility: int,
    bound: float,
    trial: Space,
    best: Floats,
    met: Integers,
) -> int:
    # note the demand points of a search, which is forgotten; return how many they are
    seen: int = np.int64(0)  # type: ignore[assignment]
    for position in range(count):
        node = trial.noted[position]
        seen = meet(demand.exits, node, trial.reach[node], bound, best, met, seen)
        trial.reach[node], trial.label[node] = np.inf, NOBODY
    edge = ends.edge[facility]
    if edge >= 0:
        for entry in range(demand.beside.start[edge], demand.beside.start[edge + 1]):
            row = demand.beside.item[entry]
            if best[row] == np.inf and _along_edge(demand, ends, row, facility) <= bound:
                met[seen] = row
                seen += 1
    for position in range(seen):
        best[met[position]] = np.inf
    return seen
