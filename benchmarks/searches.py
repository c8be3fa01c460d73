"""Nearest facilities, ways within a limit, and service areas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.measure import Line, by_turns, peak_mb
from benchmarks.peers import PANDANA_SCALE, Graph
from benchmarks.streets import at_nodes, some_nodes
from coverage.network import search, travel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from coverage.network import StreetNetwork

    Floats = NDArray[np.float64]

LIMIT = 15.0  # minutes
SPEED = 4 / 3  # m/s: 1,200 m in 15 minutes
_SAMPLE = 20  # facilities that slow peers are asked about


class Town:
    """A network, a facility for every thousand nodes, and what searches need.

    Parameters
    ----------
    name
        What the table calls it.
    network
        A walk network.
    judged
        Whether goals count here.
    """

    def __init__(self, name: str, network: StreetNetwork, *, judged: bool = True) -> None:
        self.judged = judged
        self.name = f"{name}, {network.x.size:,} nodes"
        self.network = network
        self.sources = some_nodes(network, max(network.x.size // 1000, 20))
        self.facilities = at_nodes(network, self.sources)
        self.costs = travel.costs_at(network, network.adjacency, SPEED)
        self.graph = Graph(network, self.costs.ahead)

    def nearest(self, bound: float) -> Floats:
        """Return every node's minutes to the nearest facility: our search, seeds and all."""
        stops = travel.stops_of(self.facilities, self.costs)
        seeds = travel.seeds_of(self.network, self.facilities, stops)
        ways = travel.entries(self.network.adjacency, self.costs)
        return search.reach_from_all(ways, seeds, bound)[0]

    def within(self, count: int) -> Any:
        """Return the nodes within the limit of the first facilities, with their minutes."""
        some = self.facilities.take(np.arange(count))
        return travel.reach(self.network, self.network.adjacency, self.costs, some, LIMIT)


def nearest(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare minutes to the nearest facility from every node, without limit."""
    goals: dict[str, float | None] = {"networkx": 40.0, "scipy": 2.0, "igraph": 6.0}
    yield from _nearest("nearest, no limit", town, np.inf, goals, rounds)


def nearest_within(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare the same within the limit."""
    goals: dict[str, float | None] = {"networkx": 35.0, "scipy": None, "pandana query": 40.0}
    yield from _nearest("nearest within 15 min", town, LIMIT, goals, rounds)


def _nearest(
    job: str, town: Town, bound: float, goals: dict[str, float | None], rounds: int
) -> Iterator[Line]:
    ours = town.nearest(bound)
    expected = np.where(np.isfinite(ours), ours, np.inf)
    mb = peak_mb(lambda: town.nearest(bound))
    for name, goal in goals.items():
        engine = _PEERS[name](town, bound)
        theirs_mb = peak_mb(lambda: _assert_equal(name, engine(), expected))  # noqa: B023 - at once
        slow = name in {"networkx", "pandana query"}
        pair = {"ours": lambda: town.nearest(bound), "theirs": engine}
        seconds = by_turns(pair, max(rounds // 2, 1) if slow else rounds)
        yield Line(
            job=job, data=town.name, peer=name, ours=seconds["ours"], theirs=seconds["theirs"],
            goal=goal, ours_mb=mb, theirs_mb=theirs_mb,
        )  # fmt: skip


def _assert_equal(name: str, found: Floats, expected: Floats) -> None:
    # pandana rounds every edge to a thousandth
    tolerance = 1e-3 if name.startswith("pandana") else 1e-9
    both = np.isfinite(expected) & np.isfinite(found)
    # only what lies on the limit may be in the one and not in the other
    assert np.abs(found[both] - expected[both]).max(initial=0.0) <= tolerance, name
    lone = np.minimum(found, expected)[np.isfinite(expected) != np.isfinite(found)]
    assert (np.abs(lone - LIMIT) <= tolerance).all(), name


def _scipy(town: Town, bound: float) -> Callable[[], Floats]:
    from scipy.sparse.csgraph import dijkstra

    graph = town.graph.scipy()
    return lambda: dijkstra(graph, indices=town.sources, min_only=True, limit=bound)


def _networkx(town: Town, bound: float) -> Callable[[], Floats]:
    import networkx as nx

    graph, sources = town.graph.networkx(), town.sources.tolist()
    cutoff = None if np.isinf(bound) else bound

    def run() -> Floats:
        found = nx.multi_source_dijkstra_path_length(graph, sources, cutoff=cutoff, weight="time")
        return _by_node(town, found)

    return run


def _igraph(town: Town, bound: float) -> Callable[[], Floats]:
    assert np.isinf(bound)
    graph = town.graph.igraph(town.sources)
    size = town.graph.size
    return lambda: np.array(graph.distances(source=size, weights="time")[0][:size])


def _pandana(town: Town, bound: float) -> Callable[[], Floats]:
    import pandas as pd

    network = town.graph.pandana(bound)
    x, y = (pd.Series(axis[town.sources]) for axis in (town.graph.x, town.graph.y))
    limit = bound * PANDANA_SCALE
    network.set_pois("facility", limit, 1, x, y)

    def run() -> Floats:
        found = network.nearest_pois(limit, "facility", num_pois=1, max_distance=-1.0)
        minutes = found[1].to_numpy() / PANDANA_SCALE
        return np.where(minutes < 0, np.inf, minutes)

    return run


def _pandana_whole(town: Town, bound: float) -> Callable[[], Floats]:
    def run() -> Floats:
        query = _pandana(town, bound)
        return query()

    return run


_PEERS: dict[str, Callable[[Town, float], Callable[[], Floats]]] = {
    "networkx": _networkx,
    "scipy": _scipy,
    "igraph": _igraph,
    "pandana query": _pandana,
    "pandana with preprocessing": _pandana_whole,
}


def preprocessed(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare with pandana, its preprocessing counted."""
    del rounds
    goals: dict[str, float | None] = {"pandana with preprocessing": None}
    yield from _nearest("nearest within 15 min", town, LIMIT, goals, 0)


def _by_node(town: Town, found: dict[int, float]) -> Floats:
    minutes = np.full(town.graph.size, np.inf)
    minutes[list(found)] = list(found.values())
    return minutes


def areas(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare, per facility, the nodes within the limit and their minutes."""
    import networkx as nx
    from scipy.sparse.csgraph import dijkstra

    graph, rows = town.graph.networkx(), town.graph.scipy()
    some = town.sources[:_SAMPLE].tolist()
    every = town.sources.size
    peers: dict[str, tuple[Callable[[int], Any], float | None]] = {
        "networkx cutoff": (
            lambda node: nx.single_source_dijkstra_path_length(
                graph, node, cutoff=LIMIT, weight="time"
            ),
            15.0,
        ),
        "ego_graph": (lambda node: nx.ego_graph(graph, node, radius=LIMIT, distance="time"), 80.0),
        "scipy limit": (lambda node: dijkstra(rows, indices=np.array(node), limit=LIMIT), None),
    }
    first, node, minutes = town.within(every)
    mb = peak_mb(lambda: town.within(every))
    for name, (ask, goal) in peers.items():
        for position, source in enumerate(some):
            mine = slice(first[position], first[position + 1])
            known = dict(zip(node[mine].tolist(), minutes[mine].tolist(), strict=True))
            _assert_reached(name, ask(source), known)
        theirs_mb = peak_mb(lambda: [ask(source) for source in some])  # noqa: B023 - at once
        pair = {
            "ours": lambda: town.within(every),
            "theirs": lambda: [ask(source) for source in some],  # noqa: B023 - at once
        }
        seconds = by_turns(pair, rounds)
        yield Line(
            job="service area, per facility", data=town.name, peer=name, goal=goal,
            ours=seconds["ours"] / every, theirs=seconds["theirs"] / len(some),
            ours_mb=mb, theirs_mb=theirs_mb,
        )  # fmt: skip


def _assert_reached(name: str, answer: Any, known: dict[int, float]) -> None:
    if name == "ego_graph":
        assert set(answer) == set(known), name
        return
    if not isinstance(answer, dict):
        reached = np.flatnonzero(np.isfinite(answer))
        answer = dict(zip(reached.tolist(), answer[reached].tolist(), strict=True))
    assert answer.keys() == known.keys(), name
    assert max(abs(answer[node] - minutes) for node, minutes in known.items()) <= 1e-9, name


def isochrones(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare polygons, per facility, with OSMnx's recipe: a hull around the nodes reached.

    Theirs claims ground across rivers and between streets; ours is the ground beside the streets
    reached, cut where the minutes run out. The nodes reached are asserted equal, the shapes cannot.
    """
    import networkx as nx
    import shapely

    graph, some = town.graph.networkx(), town.sources[:_SAMPLE].tolist()
    first, node, _ = town.within(len(some))

    def recipe() -> list[Any]:
        hulls = []
        for source in some:
            reached = nx.ego_graph(graph, source, radius=LIMIT, distance="time")
            places = [(data["x"], data["y"]) for _, data in reached.nodes(data=True)]
            hulls.append(shapely.MultiPoint(places).convex_hull)
        return hulls

    hulls = recipe()
    for position, hull in enumerate(hulls):
        mine = node[first[position] : first[position + 1]]
        points = shapely.points(town.graph.x[mine], town.graph.y[mine])
        assert shapely.MultiPoint(points).convex_hull.equals(hull)
    ends = town.facilities.take(np.arange(len(some)))
    pair = {
        "ours": lambda: town.network.service_areas(ends, limit=LIMIT, speed=SPEED),
        "theirs": recipe,
    }
    seconds = by_turns(pair, rounds)
    yield Line(
        job="isochrone polygon", data=town.name, peer="OSMnx recipe (hull)",
        ours=seconds["ours"] / len(some), theirs=seconds["theirs"] / len(some),
        ours_mb=peak_mb(pair["ours"]), theirs_mb=peak_mb(recipe),
    )  # fmt: skip
