"""Draw what lies within reach: parts of edges, and the ground beside them.

Areas are drawn, they never decide: a point is covered if its minutes say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.network import search, travel
from coverage.network.ground import QUARTER_SEGMENTS, ground_beside
from coverage.network.search import TOLERANCE_MINUTES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.network.snap import Snapped
    from coverage.network.streets import Streets

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Shapes = NDArray[np.object_]

# parts of an edge with a smaller gap, as a share of the edge, are one
_NO_GAP = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """Hold parts of edges: whose they are, which edge, from which share to which."""

    owner: Integers
    edge: Integers
    low: Floats
    high: Floats


def reached_lines(
    streets: Streets,
    adjacency: travel.Adjacency,
    costs: travel.Costs,
    facilities: Snapped,
    limit: float,
) -> Shapes:
    """Return the lines from which each facility is reached within a limit.

    Parts of edges are cut where the minutes run out; the facility's own leg is one of the lines.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    facilities
        Where trips end.
    limit
        Minutes.

    Returns
    -------
    ndarray
        A multiline for each facility, empty where it is off the network.
    """
    ends = travel.stops_of(facilities, costs)
    first, node, minutes = travel.reach(streets, adjacency, costs, facilities, limit)
    owner = np.repeat(np.arange(len(facilities)), np.diff(first))
    parts = _joined(
        _around_nodes(streets, adjacency, costs, (owner, node, minutes), limit),
        _around_facilities(streets, costs, facilities, ends, limit),
    )
    return _gathered(
        *_drawn(streets, parts), *_legs(facilities, ends, limit), count=len(facilities)
    )


def reached_by_any(
    streets: Streets,
    adjacency: travel.Adjacency,
    costs: travel.Costs,
    facilities: Snapped,
    limit: float,
) -> shapely.MultiLineString:
    """Return the lines from which any facility is reached within a limit, by one search.

    Parameters
    ----------
    streets, adjacency, costs
        The network, and the minutes of its edges.
    facilities
        Where trips end.
    limit
        Minutes.
    """
    ends = travel.stops_of(facilities, costs)
    reach, _ = search.reach_from_all(
        travel.entries(adjacency, costs),
        travel.seeds_of(streets, facilities, ends),
        limit + TOLERANCE_MINUTES,
    )
    node = np.flatnonzero(np.isfinite(reach))
    at_nodes = (np.zeros(node.size, dtype=np.int64), node, reach[node])
    beside = _around_facilities(streets, costs, facilities, ends, limit)
    beside = _Parts(
        owner=np.zeros_like(beside.owner), edge=beside.edge, low=beside.low, high=beside.high
    )
    parts = _joined(_around_nodes(streets, adjacency, costs, at_nodes, limit), beside)
    lines, owner = _drawn(streets, parts)
    legs, leg_owner = _legs(facilities, ends, limit)
    gathered: shapely.MultiLineString = _gathered(
        lines, owner, legs, np.zeros_like(leg_owner), count=1
    )[0]
    return gathered


def polygons(lines: Shapes, facilities: Snapped, buffer_m: float, erased: Shapes) -> Shapes:
    """Return the ground beside lines.

    Parameters
    ----------
    lines
        A multiline for each facility.
    facilities
        The facilities; one whose minutes end before any line begins keeps a circle, one off the
        network nothing.
    buffer_m
        Width of the ground on either side, metres.
    erased
        Polygons that are no ground.
    """
    grounds = _grounds(lines, buffer_m)
    points = np.asarray(shapely.points(facilities.point_x, facilities.point_y))
    outside = facilities.on_network & ~shapely.contains(grounds, points)
    grounds[outside] = _circles(points[outside], buffer_m)
    return _without(grounds, erased, lines, points)


def merged_polygon(
    lines: shapely.MultiLineString, facilities: Snapped, buffer_m: float, erased: Shapes
) -> shapely.Geometry:
    """Return the ground beside the lines of many facilities as one.

    Parameters
    ----------
    lines
        The lines.
    facilities
        The facilities; one whose minutes end before any line begins keeps a circle.
    buffer_m
        Width of the ground on either side, metres.
    erased
        Polygons that are no ground.
    """
    ground = _grounds(np.array([lines], dtype=object), buffer_m)[0]
    on = facilities.on_network
    points = np.asarray(shapely.points(facilities.point_x[on], facilities.point_y[on]))
    shapely.prepare(ground)
    outside = points[~shapely.contains(ground, points)]
    if outside.size:
        ground = shapely.union_all([ground, *_circles(outside, buffer_m)])
    alone = np.array([ground], dtype=object), erased, np.array([lines], dtype=object)
    merged: shapely.Geometry = _without(*alone, np.array([shapely.multipoints(points)]))[0]
    return merged


def _around_nodes(
    streets: Streets,
    adjacency: travel.Adjacency,
    costs: travel.Costs,
    reached: tuple[Integers, Integers, Floats],
    limit: float,
) -> _Parts:
    """Return how far back the edges that enter reached nodes are within the limit."""
    owner, node, minutes = reached
    of, entry = travel.row_entries(adjacency.start, node)
    edge = adjacency.edge[entry]
    share = _share(limit - minutes[of], costs.entry[entry])
    from_end = streets.v[edge] == node[of]
    return _Parts(
        owner=owner[of],
        edge=edge,
        low=np.where(from_end, 1 - share, 0.0),
        high=np.where(from_end, 1.0, share),
    )


def _around_facilities(
    streets: Streets, costs: travel.Costs, facilities: Snapped, ends: travel.Stops, limit: float
) -> _Parts:
    """Return the parts of facilities' own edges that lead straight to them within the limit."""
    owner = np.flatnonzero(facilities.on_network & (ends.leg <= limit + TOLERANCE_MINUTES))
    edge, place = ends.edge[owner], facilities.share[owner]
    left = limit - ends.leg[owner]
    before, after = _share(left, costs.ahead[edge]), _share(left, costs.back[edge])
    return _Parts(
        owner=owner,
        edge=edge,
        low=np.where(streets.forward[edge], np.maximum(place - before, 0.0), place),
        high=np.where(streets.backward[edge], np.minimum(place + after, 1.0), place),
    )


def _share(left: Floats, minutes: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(minutes > 0, left / minutes, 1.0)
    return np.clip(share, 0.0, 1.0)


def _joined(one: _Parts, other: _Parts) -> _Parts:
    """Return parts of which those of one owner on one edge that overlap or meet are one."""
    owner = np.concatenate([one.owner, other.owner])
    edge = np.concatenate([one.edge, other.edge])
    low, high = np.concatenate([one.low, other.low]), np.concatenate([one.high, other.high])
    order = np.lexsort((low, edge, owner))
    owner, edge, low, high = owner[order], edge[order], low[order], high[order]
    if not owner.size:
        return one
    fresh = np.concatenate([[True], (owner[1:] != owner[:-1]) | (edge[1:] != edge[:-1])])
    # shares of one owner's edge lie above all of the edges before, so one running maximum serves
    level = 2.0 * np.cumsum(fresh)
    so_far = np.maximum.accumulate(level + high)
    apart = np.concatenate([[True], level[1:] + low[1:] > so_far[:-1] + _NO_GAP])
    begin = np.flatnonzero(apart)
    return _Parts(
        owner=owner[begin],
        edge=edge[begin],
        low=low[begin],
        high=np.maximum.reduceat(high, begin),
    )


def _drawn(streets: Streets, parts: _Parts) -> tuple[Shapes, Integers]:
    """Return parts of edges as lines, and whose they are.

    Parts that follow each other along a way are one line, through junctions too: fewer and longer
    lines are united faster.
    """
    long = parts.high > parts.low
    owner, edge = parts.owner[long], parts.edge[long]
    low, high = parts.low[long], parts.high[long]
    if not edge.size:
        return np.empty(0, dtype=object), owner
    u, v = streets.u[edge], streets.v[edge]
    goes_on = (
        (owner[1:] == owner[:-1])
        & (edge[1:] == edge[:-1] + 1)
        & (streets.way[edge[1:]] == streets.way[edge[:-1]])
        & (u[1:] == v[:-1])
        & (high[:-1] == 1)
        & (low[1:] == 0)
    )
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    last = np.append(first[1:], edge.size) - 1
    # every part gives its start, the last one of a line its end too
    places = np.empty((edge.size + first.size, 2))
    at_end = last + np.arange(1, first.size + 1)
    at_start = np.delete(np.arange(len(places)), at_end)
    for axis, place in enumerate((streets.x, streets.y)):
        course = place[v] - place[u]
        places[at_start, axis] = place[u] + low * course
        # exactly the node, so that lines merge there
        ends = np.where(high == 1, place[v], place[u] + high * course)
        places[at_end, axis] = ends[last]
    line = np.repeat(np.arange(first.size), last - first + 2)
    return np.asarray(shapely.linestrings(places, indices=line)), owner[first]


def _legs(facilities: Snapped, ends: travel.Stops, limit: float) -> tuple[Shapes, Integers]:
    """Return the legs of facilities within the limit as lines, and whose they are."""
    owner = np.flatnonzero(facilities.on_network & (ends.leg > 0) & (limit > 0))
    share = _share(np.full(owner.size, limit), ends.leg[owner])
    ends_of = np.empty((owner.size, 2, 2))
    for axis, (place, access) in enumerate(
        ((facilities.point_x, facilities.x), (facilities.point_y, facilities.y))
    ):
        course = access[owner] - place[owner]
        ends_of[:, 0, axis] = place[owner]
        ends_of[:, 1, axis] = np.where(share == 1, access[owner], place[owner] + share * course)
    return np.asarray(shapely.linestrings(ends_of)), owner


def _gathered(
    lines: Shapes, owner: Integers, legs: Shapes, leg_owner: Integers, *, count: int
) -> Shapes:
    """Return one multiline for each owner."""
    everything, whose = np.concatenate([lines, legs]), np.concatenate([owner, leg_owner])
    order = np.argsort(whose, kind="stable")
    gathered = np.full(count, shapely.MultiLineString(), dtype=object)
    if order.size:
        shapely.multilinestrings(everything[order], indices=whose[order], out=gathered)
    return gathered


def _circles(points: Shapes, buffer_m: float) -> Shapes:
    return np.asarray(shapely.buffer(points, buffer_m, quad_segs=QUARTER_SEGMENTS))


def _grounds(lines: Shapes, buffer_m: float) -> Shapes:
    return np.array([ground_beside(line, buffer_m) for line in lines], dtype=object)


def _without(grounds: Shapes, erased: Shapes, lines: Shapes, points: Shapes) -> Shapes:
    """Return grounds less the polygons that lie on them, and less what is cut off by these.

    Ground on the other bank of a narrow river stays only if a line leads there.
    """
    cut = grounds.copy()
    ground, over = shapely.STRtree(erased).query(grounds, predicate="intersects")
    for position in np.unique(ground):
        away = shapely.union_all(erased[over[ground == position]])
        parts = shapely.get_parts(shapely.difference(grounds[position], away))
        shapely.prepare(lines[position])
        linked = shapely.intersects(lines[position], parts)
        linked |= shapely.intersects(points[position], parts)
        kept = parts[linked] if linked.any() else parts
        # cutting leaves parts that are apart: nothing is to be united
        cut[position] = kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept.tolist())
    return cut
