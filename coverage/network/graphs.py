"""Make streets of a graph of OSMnx or networkx."""

from __future__ import annotations

import ast
import itertools
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import shapely

from coverage.errors import NetworkError
from coverage.network.lines import suitable_crs, tags_of
from coverage.network.streets import Streets, clean

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import networkx as nx
    from numpy.typing import NDArray

    from coverage.service import Mode

    # vertices from one end to the other
    Course = tuple[tuple[float, float], ...]

_TAGS = ("highway", "maxspeed", "bridge", "tunnel")


def streets_of_graph(
    graph: nx.Graph, *, mode: Mode, crs: pyproj.CRS | None, source: object
) -> Streets:
    """Return the streets that the edges of a graph draw.

    An edge runs along its attribute ``geometry`` (a line, or its WKT), else straight. In a directed
    graph an edge may be used in its own direction only; u to v and v to u along the same line make
    one street. Walkers use every street both ways. Of several values of a tag the first counts, of
    several posted speeds the lowest.

    Parameters
    ----------
    graph
        Graph whose nodes carry ``x`` and ``y``, and whose attribute ``crs`` names their coordinate
        system.
    mode
        ``walk`` or ``drive``.
    crs
        Metric coordinate system; None chooses one by the extent.
    source
        What messages call the graph: its path.

    Raises
    ------
    NetworkError
        If the graph has no edges, no coordinates or no coordinate system.
    """
    drawn = _crs(graph, source)
    places = _places(graph, source)
    streets = _streets_between(graph, places, source)
    # the vertices of all streets, one street after the other
    vertex = np.concatenate([street.course for street in streets])
    size = np.array([len(street.course) for street in streets])
    last = np.cumsum(size) - 1
    first = last - size + 1
    crs = crs or suitable_crs(gpd.GeoSeries([shapely.multipoints(vertex)], crs=drawn), source)
    x, y = pyproj.Transformer.from_crs(drawn, crs, always_xy=True).transform(*vertex.T)
    # vertices between the ends are nodes of their own, after those of the graph
    labels = {label: number for number, label in enumerate(places)}
    node = np.arange(len(vertex)) + len(labels)
    node[first] = [labels[street.u] for street in streets]
    node[last] = [labels[street.v] for street in streets]
    node_x, node_y = np.zeros((2, len(vertex) + len(labels)))
    node_x[node], node_y[node] = x, y
    row = np.repeat(np.arange(len(streets)), size)
    pair = np.flatnonzero(row[1:] == row[:-1])
    on = row[pair]
    tags = tags_of(pd.DataFrame([street.tags for street in streets]), on, mode)
    if mode == "drive":
        tags["forward"] = np.array([street.forward for street in streets])[on]
        tags["backward"] = np.array([street.backward for street in streets])[on]
    return clean(
        Streets(
            crs=crs,
            mode=mode,
            x=node_x,
            y=node_y,
            node_id=np.concatenate([_whole(list(labels)), np.full(len(vertex), -1)]),
            u=node[pair],
            v=node[pair + 1],
            way=_whole([street.way for street in streets])[on],
            **tags,
        )
    )


def lines_of_graph(graph: nx.Graph, source: object) -> gpd.GeoSeries:
    """Return the streets of a graph as lines in its own coordinate system.

    Parameters
    ----------
    graph, source
        As for `streets_of_graph`.

    Raises
    ------
    NetworkError
        If the graph has no edges, no coordinates or no coordinate system.
    """
    streets = _streets_between(graph, _places(graph, source), source)
    courses = [shapely.LineString(street.course) for street in streets]
    return gpd.GeoSeries(courses, crs=_crs(graph, source))


@dataclass
class _Street:
    u: Hashable
    v: Hashable
    course: Course
    tags: dict[str, object]
    way: object
    forward: bool
    backward: bool


def _crs(graph: nx.Graph, source: object) -> pyproj.CRS:
    if not graph.graph.get("crs"):
        raise NetworkError("network.graph_without_crs", source=source)
    try:
        return pyproj.CRS(graph.graph["crs"])
    except pyproj.exceptions.CRSError as fault:
        raise NetworkError("network.graph_without_crs", source=source) from fault


def _places(graph: nx.Graph, source: object) -> dict[Hashable, tuple[float, float]]:
    try:
        places = {
            label: (float(data["x"]), float(data["y"])) for label, data in graph.nodes(data=True)
        }
    except (KeyError, TypeError, ValueError) as fault:
        raise NetworkError("network.graph_without_places", source=source) from fault
    if not all(map(math.isfinite, itertools.chain.from_iterable(places.values()))):
        raise NetworkError("network.graph_without_places", source=source)
    return places


def _streets_between(
    graph: nx.Graph, places: Mapping[Hashable, tuple[float, float]], source: object
) -> list[_Street]:
    """Return the streets of a graph, the two directions of one street as one."""
    streets: dict[tuple[Hashable, Hashable, Course], _Street] = {}
    for u, v, data in graph.edges(data=True):
        course = _course(data.get("geometry"), places[u], places[v], source)
        same, opposite = streets.get((u, v, course)), streets.get((v, u, course[::-1]))
        if same is not None:
            same.forward = True
        elif opposite is not None:
            opposite.backward = True
        else:
            tags = {name: _single(data.get(name), name) for name in _TAGS}
            way = _listed(data.get("osmid"))[0]
            both = not graph.is_directed()
            streets[u, v, course] = _Street(u, v, course, tags, way, forward=True, backward=both)
    if not streets:
        raise NetworkError("network.graph_without_edges", source=source)
    return list(streets.values())


def _course(
    geometry: object, start: tuple[float, float], end: tuple[float, float], source: object
) -> Course:
    """Return the vertices of an edge from its start to its end."""
    if geometry is None:
        return (start, end)
    try:
        with np.errstate(over="ignore"):  # digits without end are told below
            line: Any = shapely.from_wkt(geometry) if isinstance(geometry, str) else geometry
        drawn = shapely.get_coordinates(line)
    except (shapely.errors.ShapelyError, TypeError) as fault:
        raise NetworkError("network.graph_geometry", source=source, reason=fault) from fault
    if not drawn.size:
        return (start, end)
    if not np.isfinite(drawn).all():
        raise NetworkError("network.graph_geometry", source=source, reason=str(geometry)[:80])
    vertices: Course = tuple((x, y) for x, y in drawn.tolist())
    # graphs without directions may hold a line from either end
    if _apart(vertices[0], end) + _apart(vertices[-1], start) < _apart(vertices[0], start) + _apart(
        vertices[-1], end
    ):
        vertices = vertices[::-1]
    before = () if vertices[0] == start else (start,)
    after = () if vertices[-1] == end else (end,)
    return (*before, *vertices, *after)


def _apart(a: tuple[float, float], b: tuple[float, float]) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _listed(value: object) -> list[object]:
    """Return the values of a tag; GraphML holds lists as text."""
    if isinstance(value, str) and value.startswith("["):
        # a name may begin with a bracket, too
        with suppress(ValueError, SyntaxError, RecursionError, MemoryError):
            value = ast.literal_eval(value)
    if isinstance(value, (list, tuple, set)):
        return list(value) or [None]
    return [value]


def _single(value: object, name: str) -> object:
    values = _listed(value)
    if name != "maxspeed":
        return values[0]
    known = [str(speed) for speed in values if speed is not None]
    return "|".join(known) or None


def _whole(values: list[object]) -> NDArray[np.int64]:
    """Return whole numbers for values that are such, running numbers for all if any is not."""
    try:
        return np.array([int(str(value)) for value in values], dtype=np.int64)
    except ValueError:
        return np.arange(len(values))
