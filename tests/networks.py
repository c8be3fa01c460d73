"""Small street networks that can be reckoned by hand, and an oracle that shares nothing with ours.

All coordinates are metres of EPSG:32650. At 1 m/s a minute is 60 m.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import networkx as nx
import numpy as np
import shapely

from coverage.network import StreetNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

CRS = "EPSG:32650"
# a corner of the zone where metres are true within 0.1 %, like a plan's own grid
EAST, NORTH = 400_000.0, 3_000_000.0


def lines(*courses: list[tuple[float, float]], **columns: list[Any]) -> gpd.GeoDataFrame:
    """Streets along vertices given from the corner."""
    drawn = [shapely.LineString([(EAST + x, NORTH + y) for x, y in course]) for course in courses]
    return gpd.GeoDataFrame(columns, geometry=drawn, crs=CRS)


def points(*places: tuple[float, float] | None, index: list[Any] | None = None) -> gpd.GeoDataFrame:
    """Points given from the corner; None has no geometry."""
    shapes = [
        None if place is None else shapely.Point(EAST + place[0], NORTH + place[1])
        for place in places
    ]
    return gpd.GeoDataFrame(geometry=gpd.GeoSeries(shapes, index=index, crs=CRS))


def polygon(*corners: tuple[float, float]) -> shapely.Polygon:
    """A polygon given from the corner."""
    return shapely.Polygon([(EAST + x, NORTH + y) for x, y in corners])


def diamond(**options: Any) -> StreetNetwork:
    """Two ways from west to east, the southern one straight.

    ::

              C (300, 400)
             / \\            A-C and C-B are 500 m each,
            /   \\           A-B is 600 m
           A-----B
        (0, 0)  (600, 0)
    """
    return StreetNetwork.from_edges(
        lines([(0, 0), (600, 0)], [(0, 0), (300, 400)], [(300, 400), (600, 0)]), **options
    )


def ladder(**options: Any) -> StreetNetwork:
    """Two long streets 100 m apart, rungs every 100 m.

    ::

        F--G--H--I     y = 100
        |  |  |  |
        A--B--C--D     y = 0
        0 100 200 300
    """
    south = [(0, 0), (100, 0), (200, 0), (300, 0)]
    north = [(x, 100) for x, _ in south]
    rungs = [[(x, 0), (x, 100)] for x, _ in south]
    return StreetNetwork.from_edges(lines(south, north, *rungs), **options)


def two_banks(*, bridge: bool, **options: Any) -> StreetNetwork:
    """A street on either bank of a river 100 m wide, perhaps a bridge at the eastern end.

    ::

        ================ y = 100   north bank, 0 to 1000
        ~~~~~~~~~~~~~~|~ river
        ================ y = 0     south bank, 0 to 1000
                    x = 1000
    """
    courses = [[(0, 0), (1000, 0)], [(0, 100), (1000, 100)]]
    if bridge:
        courses.append([(1000, 0), (1000, 100)])
    return StreetNetwork.from_edges(lines(*courses), **options)


Place = tuple[float, float]
Stop = tuple[str, int]


def _nearest_edge(lines_: np.ndarray, point: Place) -> tuple[float, int, float]:
    """Distance, edge and share of the nearest place on any edge, by measuring all."""
    place = shapely.Point(point)
    distances = shapely.distance(lines_, place)
    edge = int(np.argmin(distances))
    line = lines_[edge]
    return float(distances[edge]), edge, line.project(place) / line.length


def _connect(graph: nx.DiGraph, a: Any, b: Any, minutes: float) -> None:
    known = graph.get_edge_data(a, b)
    if known is None or minutes < known["minutes"]:
        graph.add_edge(a, b, minutes=minutes)


def _split_edge(
    graph: nx.DiGraph, network: StreetNetwork, edge: int, stops: list[tuple[float, Stop]], pace: Any
) -> None:
    """Add an edge to the graph, split at the points that enter on it."""
    u, v = int(network.u[edge]), int(network.v[edge])
    metres = math.dist((network.x[u], network.y[u]), (network.x[v], network.y[v]))
    chain: list[tuple[float, Any]] = [(0.0, u)]
    for share, stop in sorted(stops):
        if share * metres < 1e-8 or (1 - share) * metres < 1e-8:
            # a point at the very end is at the node
            for pair in ((stop, u if share < 0.5 else v), (u if share < 0.5 else v, stop)):
                _connect(graph, *pair, 0.0)
        else:
            chain.append((share, stop))
    chain.append((1.0, v))
    for (low, a), (high, b) in pairwise(chain):
        part = (high - low) * metres
        if network.forward[edge] or low == high:
            _connect(graph, a, b, part * pace(edge, ahead=True))
        if network.backward[edge] or low == high:
            _connect(graph, b, a, part * pace(edge, ahead=False))


def oracle(
    network: StreetNetwork,
    demand: list[Place],
    facilities: list[Place],
    *,
    speed: float = 0.9,
    snap_limit: float = 500.0,
    slower: Callable[..., float] | None = None,
) -> np.ndarray:
    """Minutes from every demand point to every facility, infinite without a way.

    Snaps by measuring all segments, splits the edges there, and lets networkx search. `slower` says
    how many times as long as on the flat an edge takes, ahead or back.
    """
    stops: dict[int, list[tuple[float, Stop]]] = {}
    legs: dict[Stop, float] = {}
    ends = zip(network.u, network.v, strict=True)
    segments = np.array(
        [shapely.LineString([(network.x[n], network.y[n]) for n in pair]) for pair in ends]
    )
    for kind, group in (("demand", demand), ("facility", facilities)):
        for number, point in enumerate(group):
            distance, edge, share = _nearest_edge(segments, point)
            if distance <= snap_limit:
                legs[kind, number] = distance / speed / 60
                stops.setdefault(edge, []).append((share, (kind, number)))

    def pace(edge: int, *, ahead: bool) -> float:
        """Minutes a metre."""
        driven = network.mode == "drive"
        flat = 60 / 1000 / float(network.speed_km_h[edge]) if driven else 1 / speed / 60
        return flat if slower is None else flat * slower(edge, ahead=ahead)

    graph = nx.DiGraph()
    for edge in range(network.u.size):
        _split_edge(graph, network, edge, stops.get(edge, []), pace)
    times = np.full((len(demand), len(facilities)), np.inf)
    backwards = graph.reverse()
    for column in range(len(facilities)):
        goal = ("facility", column)
        if goal not in legs:
            continue
        reach = nx.single_source_dijkstra_path_length(backwards, goal, weight="minutes")
        for row in range(len(demand)):
            if ("demand", row) in reach:
                times[row, column] = reach["demand", row] + legs["demand", row] + legs[goal]
    return times


def dense(times: Any) -> np.ndarray:
    """Sparse minutes as an array, infinite where there is no entry."""
    full = np.full(times.shape, np.inf)
    entries = times.tocoo()
    full[entries.row, entries.col] = entries.data
    return full
