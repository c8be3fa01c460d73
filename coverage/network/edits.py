"""Change streets: close what lies in areas or crosses lines, and add links such as new bridges.

Parts of an edge keep their share of what the whole edge takes, so that trips that do not meet a
change take as long as before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from coverage.errors import NetworkError
from coverage.network.effort import effort_of
from coverage.network.lines import JOIN_M, tags_of
from coverage.network.snap import Obstacles, snap
from coverage.network.streets import EDGE_FIELDS, Streets, clean, parts_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.network.snap import Snapped
    from coverage.network.street_network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

# metres from an end of an edge within which it is cut at the end, and from a line, on it
_AT_END_M = 1e-6
_NO_ID = -1


class _Cuts(NamedTuple):
    """Where edges are cut: at which share, and whether the sides are apart."""

    edge: Integers
    share: Floats
    apart: Flags


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """All edges in parts: of which edge, from which to which share, between which nodes.

    Parts stand in the order of the edges and along them; `x` and `y` are those of all nodes, new
    ones last.
    """

    edge: Integers
    low: Floats
    high: Floats
    u: Integers
    v: Integers
    x: Floats
    y: Floats


def closed(network: StreetNetwork, shapes: Shapes) -> StreetNetwork:
    """Return a network without the streets inside areas, cut where lines cross them.

    Bridges and tunnels are cut too. A line that meets a node cuts all its edges off there.

    Parameters
    ----------
    network
        The network.
    shapes
        Areas and lines, in its coordinate system.

    Raises
    ------
    NetworkError
        If nothing is left.
    """
    parts = shapely.get_parts(shapes[~shapely.is_missing(shapes)])
    areas = parts[shapely.get_dimensions(parts) == 2]  # noqa: PLR2004 - areas
    lines = parts[shapely.get_dimensions(parts) == 1]
    barriers = np.concatenate([shapely.boundary(areas), lines])
    barrier, edge = network.tree.query(barriers, predicate="dwithin", distance=_AT_END_M)
    cut = _cut(network, _met(network, edge, barriers[barrier], barrier >= areas.size))
    kept = np.flatnonzero(~_shut(network, cut, areas, lines))
    if not kept.size:
        raise NetworkError("network.all_closed")
    effort = network.effort
    if effort is not None:
        effort = effort.parts(cut.edge[kept], (cut.high - cut.low)[kept])
    streets = Streets(**_fields(network, cut, kept))
    return replace(network, **parts_of(clean(streets)), effort=effort)


def linked(
    network: StreetNetwork, shapes: Shapes, tags: pd.DataFrame, snap_limit: float
) -> StreetNetwork:
    """Return a network with links added one after the other.

    An end within 0.1 m of a node joins there; else the link goes on straight to the nearest edge,
    which is split.

    Parameters
    ----------
    network
        The network.
    shapes
        Lines, in its coordinate system.
    tags
        Their tags, row by row.
    snap_limit
        Farthest end from any edge, metres.

    Raises
    ------
    NetworkError
        If a link is no line, has no length, or ends too far from any street.
    """
    nothing = Obstacles(np.empty(0, dtype=object))
    for number, shape in enumerate(shapes, start=1):
        if shapely.get_dimensions(shape) != 1 or shapely.is_empty(shape):
            kind = getattr(shape, "geom_type", None)
            raise NetworkError("network.link_not_a_line", number=number, kind=kind)
        for line in shapely.get_parts(shapely.line_merge(shape)):
            vertices = shapely.get_coordinates(line)
            tips = gpd.GeoSeries(shapely.points(vertices[[0, -1]]), crs=network.crs)
            # a bridge may begin in the water
            ends = snap(network, network.tree, nothing, tips, snap_limit)
            if not ends.on_network.all():
                raise NetworkError("network.link_apart", number=number, limit=f"{snap_limit:g}")
            network = _with_link(network, vertices, ends, tags.iloc[[number - 1]])
    return network


def _with_link(
    network: StreetNetwork, vertices: Floats, ends: Snapped, tags: pd.DataFrame
) -> StreetNetwork:
    places = np.column_stack([network.x, network.y])
    from scipy.spatial import cKDTree  # noqa: PLC0415 - a third of a second, seldom needed

    distance, near = cKDTree(places).query(vertices[[0, -1]])
    at_node = np.asarray(distance <= JOIN_M)
    amid = ends.take(~at_node)
    cut = _cut(network, _Cuts(amid.edge, amid.share, np.zeros(len(amid), dtype=bool)))
    nodes = np.where(at_node, near, -1)
    for end in np.flatnonzero(~at_node):
        of_edge = cut.edge == ends.edge[end]
        known = np.concatenate([cut.u[of_edge], cut.v[of_edge]])
        away = np.hypot(cut.x[known] - ends.x[end], cut.y[known] - ends.y[end])
        nodes[end] = known[np.argmin(away)]
    course = _course(vertices, np.column_stack([cut.x[nodes], cut.y[nodes]]), at_node)
    chain = np.concatenate([nodes[:1], np.arange(len(course) - 2) + cut.x.size, nodes[1:]])
    cut = replace(
        cut,
        x=np.concatenate([cut.x, course[1:-1, 0]]),
        y=np.concatenate([cut.y, course[1:-1, 1]]),
    )
    link = _link(network, course, tags)
    fields = _fields(network, cut, np.arange(cut.edge.size))
    added = {name: getattr(link, name) for name in EDGE_FIELDS} | {"u": chain[:-1], "v": chain[1:]}
    joined = {name: np.concatenate([fields[name], added[name]]) for name in EDGE_FIELDS}
    streets = Streets(**(fields | joined | {"classes": link.classes}))
    effort = network.effort
    if effort is not None:
        old = effort.parts(cut.edge, cut.high - cut.low)
        effort = old.followed_by(effort_of(link, effort.walking))
    return replace(network, **parts_of(clean(streets)), effort=effort)


def _met(streets: Streets, edge: Integers, barriers: Shapes, apart: Flags) -> _Cuts:
    """Return where edges meet barriers; where both run together, at the ends of that."""
    u, v = streets.u[edge], streets.v[edge]
    ends = np.stack([np.stack([streets.x[n], streets.y[n]], axis=1) for n in (u, v)], axis=1)
    segments = np.asarray(shapely.linestrings(ends)) if edge.size else np.empty(0, dtype=object)
    met = shapely.intersection(segments, barriers)
    # those that rounding keeps from meeting, by less than a thousandth of a millimetre
    missed = shapely.is_empty(met)
    met[missed] = shapely.get_point(shapely.shortest_line(segments[missed], barriers[missed]), 0)
    places, of = shapely.get_coordinates(met, return_index=True)
    start, course = ends[of, 0], ends[of, 1] - ends[of, 0]
    length = np.hypot(*course.T)
    share = ((places - start) * course).sum(axis=1) / length**2
    share = np.where(share * length <= _AT_END_M, 0.0, share)
    share = np.where((1 - share) * length <= _AT_END_M, 1.0, share)
    return _Cuts(edge=edge[of], share=share, apart=apart[of])


def _cut(streets: Streets, cuts: _Cuts) -> _Parts:
    """Cut edges; those without a cut are one part."""
    count = streets.u.size
    every = np.arange(count)
    table = pd.DataFrame(
        {
            "edge": np.concatenate([every, every, cuts.edge]),
            "share": np.concatenate([np.zeros(count), np.ones(count), cuts.share]),
            "apart": np.concatenate([np.zeros(2 * count, dtype=bool), cuts.apart]),
        }
    )
    stops = table.groupby(["edge", "share"], sort=True)["apart"].any().reset_index()
    edge, share = stops["edge"].to_numpy(), stops["share"].to_numpy()
    apart = stops["apart"].to_numpy()
    at_u, at_v = share == 0, share == 1
    # the node where a part begins and where the part before ends: one, unless they are apart
    begins = np.where(at_u, streets.u[edge], streets.v[edge])
    ends = begins.copy()
    amid = ~(at_u | at_v)
    nodes = streets.x.size
    new = np.flatnonzero(amid | apart)
    begins[new] = ends[new] = nodes + np.arange(new.size)
    both = np.flatnonzero(amid & apart)
    ends[both] = nodes + new.size + np.arange(both.size)
    made = np.concatenate([new, both])
    u, v = streets.u[edge[made]], streets.v[edge[made]]
    x, y = (
        np.concatenate([place, place[u] + share[made] * (place[v] - place[u])])
        for place in (streets.x, streets.y)
    )
    part = np.flatnonzero(edge[1:] == edge[:-1])
    return _Parts(
        edge=edge[part],
        low=share[part],
        high=share[part + 1],
        u=begins[part],
        v=ends[part + 1],
        x=x,
        y=y,
    )


def _shut(streets: Streets, parts: _Parts, areas: Shapes, lines: Shapes) -> Flags:
    """Return which parts of edges lie inside areas or run along lines."""
    edge, share = parts.edge, (parts.low + parts.high) / 2
    u, v = streets.u[edge], streets.v[edge]
    middles = shapely.points(
        streets.x[u] + share * (streets.x[v] - streets.x[u]),
        streets.y[u] + share * (streets.y[v] - streets.y[u]),
    )
    tree = shapely.STRtree(np.asarray(middles))
    shut = np.zeros(edge.size, dtype=bool)
    shut[tree.query(areas, predicate="contains_properly")[1]] = True
    shut[tree.query(lines, predicate="dwithin", distance=_AT_END_M)[1]] = True
    return shut


def _course(vertices: Floats, places: Floats, at_node: Flags) -> Floats:
    """Return a link's vertices from node to node: ends give way to nodes, or lead to them."""
    first, last = int(at_node[0]), len(vertices) - int(at_node[1])
    course = np.concatenate([places[:1], vertices[first:last], places[1:]])
    moves = np.concatenate([[True], (np.diff(course, axis=0) != 0).any(axis=1)])
    kept: Floats = course[moves]
    return kept


def _link(streets: Streets, course: Floats, tags: pd.DataFrame) -> Streets:
    size = len(course) - 1
    if size < 1:
        raise NetworkError("network.link_without_length")
    fields = tags_of(tags, np.zeros(size, dtype=np.int64), streets.mode)
    # its class, as a position among all
    (name,) = fields["classes"]
    fields["classes"] = tuple(dict.fromkeys([*streets.classes, name]))
    fields["highway"] = np.full(size, fields["classes"].index(name), dtype=np.int16)
    return Streets(
        crs=streets.crs,
        mode=streets.mode,
        x=course[:, 0],
        y=course[:, 1],
        node_id=np.full(size + 1, _NO_ID),
        u=np.arange(size),
        v=np.arange(1, size + 1),
        # an id that no way has
        way=np.full(size, min(int(streets.way.min()), 0) - 1),
        **fields,
    )


def _fields(streets: Streets, parts: _Parts, kept: Integers) -> dict[str, Any]:
    """Return the fields of streets that are parts of others."""
    fields = {name: getattr(streets, name)[parts.edge[kept]] for name in EDGE_FIELDS}
    new = np.full(parts.x.size - streets.x.size, _NO_ID)
    nodes = {"x": parts.x, "y": parts.y, "node_id": np.concatenate([streets.node_id, new])}
    ends = {"u": parts.u[kept], "v": parts.v[kept]}
    return parts_of(streets) | fields | nodes | ends
