"""Where facilities stand that come and go, by position."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from coverage.network.search import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


class Ends(NamedTuple):
    """Hold facilities by position, with room to spare.

    Parameters
    ----------
    node, minutes
        The one or two nodes next to each facility and the minutes from there to it; -1 for none.
    edge
        The edge on which it stands; -1 off the network.
    leg, along, back
        Minutes of its leg, from the start of the edge to it, and against the edge from it to there.
    after, first
        The next facility on the same edge, and by edge the first one; -1 for none.
    """

    node: Integers
    minutes: Floats
    edge: Integers
    leg: Floats
    along: Floats
    back: Floats
    after: Integers
    first: Integers


def no_ends(room: int, edges: int) -> Ends:
    """Return room for facilities on a number of edges."""
    return Ends(
        node=np.full((room, 2), -1),
        minutes=np.zeros((room, 2)),
        edge=np.full(room, -1),
        leg=np.zeros(room),
        along=np.zeros(room),
        back=np.zeros(room),
        after=np.full(room, -1),
        first=np.full(edges, -1),
    )


def with_room(ends: Ends, room: int) -> Ends:
    """Return the same facilities with room for as many as asked, and for twice those there are."""
    known = ends.edge.size
    wider = no_ends(max(room, 2 * known), 0)._replace(first=ends.first)
    for new, old in zip(wider[:-1], ends[:-1], strict=True):
        new[:known] = old
    return wider


@compiled
def stand(
    ends: Ends,
    facilities: Integers,
    links: tuple[Integers, Integers, Floats],
    edge: Integers,
    leg: Floats,
    along: Floats,
    back: Floats,
) -> None:
    """Let facilities stand at places.

    Parameters
    ----------
    ends
        What is known; changed in place.
    facilities
        Positions, none of which stands.
    links, edge, leg, along, back
        Of each facility, as `travel` has them.
    """
    for row, facility in enumerate(facilities):
        ends.node[facility, :] = -1
        ends.edge[facility], ends.leg[facility] = edge[row], leg[row]
        ends.along[facility], ends.back[facility] = along[row], back[row]
        if edge[row] >= 0:
            ends.after[facility] = ends.first[edge[row]]
            ends.first[edge[row]] = facility
    point, node, minutes = links
    for link in range(point.size):
        facility = facilities[point[link]]
        side = 0 if ends.node[facility, 0] < 0 else 1
        ends.node[facility, side], ends.minutes[facility, side] = node[link], minutes[link]


@compiled
def leave(ends: Ends, facility: int) -> None:
    """Forget where a facility stands; `ends` is changed in place."""
    ends.node[facility, :] = -1
    edge = ends.edge[facility]
    if edge < 0:
        return
    ends.edge[facility] = -1
    if ends.first[edge] == facility:
        ends.first[edge] = ends.after[facility]
        return
    other = ends.first[edge]
    while ends.after[other] != facility:
        other = ends.after[other]
    ends.after[other] = ends.after[facility]
