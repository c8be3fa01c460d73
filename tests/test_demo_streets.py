"""The demo's streets and heights, and the 15-minute circle computed on them with networkx."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pytest
import rasterio
import shapely
from demo_files import (
    CIRCLE,
    DEMO,
    Streets,
    metres,
    read,
    read_ledger,
    read_streets,
    walking_graph,
    working,
)
from scipy.ndimage import map_coordinates

WALK_M = 0.9 * 15 * 60  # on the flat

Places = dict[int, tuple[float, float]]


@pytest.fixture(scope="module")
def streets() -> Streets:
    return read_streets()


def test_streets_have_the_size_and_the_tags_of_a_real_extract(streets: Streets) -> None:
    places, ways = streets
    assert 15_000 <= len(places) <= 25_000
    used = {node for nodes, _ in ways for node in nodes}
    assert used == set(places)
    kinds = {tags["highway"] for _, tags in ways}
    assert kinds >= {
        "motorway", "motorway_link", "primary", "secondary", "tertiary", "residential", "track",
        "living_street", "unclassified", "service", "footway", "path", "steps",
    }  # fmt: skip
    assert any(tags.get("oneway") == "yes" and tags["highway"] != "motorway" for _, tags in ways)
    assert any(tags.get("foot") == "no" for _, tags in ways)
    assert sum("name" in tags for _, tags in ways) > 200


def test_streets_cross_water_only_on_bridges(streets: Streets) -> None:
    places, ways = streets
    at = metres(places)
    water = read("water").union_all()
    lines = [shapely.LineString([at[node] for node in nodes]) for nodes, _ in ways]
    wet = shapely.intersects(np.array(lines), water)
    bridge = np.array([tags.get("bridge") == "yes" for _, tags in ways])
    assert (wet == bridge).all()
    names = {tags["name"] for _, tags in ways if tags.get("bridge") == "yes"}
    assert 4 <= len(names) <= 6


def test_every_township_has_a_town_with_streets(streets: Streets) -> None:
    at = metres(streets[0])
    lanes = [
        shapely.LineString([at[node] for node in nodes])
        for nodes, tags in streets[1]
        if tags["highway"] == "residential"
    ]
    tree = shapely.STRtree(lanes)
    townships = read("townships").geometry.to_numpy()
    assert all(len(tree.query(town, predicate="contains")) >= 4 for town in townships)


def test_streets_are_one_network_and_two_islands(streets: Streets) -> None:
    graph = walking_graph(streets, metres(streets[0]))
    islands = sorted(nx.connected_components(graph), key=len)
    lengths = [
        sum(metre for _, _, metre in graph.subgraph(island).edges(data="metres"))
        for island in islands
    ]
    real = [length for length in lengths if length > 400]
    assert len(real) == 3
    assert real[0] < 1000 < real[1] < 5000
    assert real[2] > 2_000_000


def test_heights_are_flat_in_the_city_and_high_in_the_hills() -> None:
    with rasterio.open(DEMO / "elevation.tif") as raster:
        assert raster.crs.to_epsg() == 4545
        heights = raster.read(1)
        city = raster.index(432_000, 3_287_500)
        peak = raster.index(452_000, 3_266_000)
    around = heights[city[0] - 5 : city[0] + 5, city[1] - 5 : city[1] + 5]
    assert np.ptp(around) <= 12
    assert heights[peak[0] - 15 : peak[0] + 15, peak[1] - 15 : peak[1] + 15].max() > 900


def heights_at(places: np.ndarray) -> np.ndarray:
    """Heights of places, between the middles of the raster's cells."""
    with rasterio.open(DEMO / "elevation.tif") as raster:
        cells, bounds, size = raster.read(1).astype(float), raster.bounds, raster.res[0]
    row, column = (bounds.top - places[:, 1]) / size, (places[:, 0] - bounds.left) / size
    found: np.ndarray = map_coordinates(cells, [row - 0.5, column - 0.5], order=1, mode="nearest")
    return found


def round_trip(slope: np.ndarray) -> np.ndarray:
    """How many times as long as on the flat it takes to go up a slope and back."""
    factors = [np.exp(-3.5 * np.abs(s + 0.05)) / np.exp(-3.5 * 0.05) for s in (slope, -slope)]
    both: np.ndarray = sum(1 / np.minimum(factor, 1) for factor in factors) / 2
    return both


def slowness(streets: Streets, at: Places, edges: list[tuple[int, int]]) -> np.ndarray:
    """How many times as long as on the flat each edge takes, there and back.

    Edges have a slope every 30 m, bridges one from end to end.
    """
    ends = np.array([[at[a], at[b]] for a, b in edges])
    course = ends[:, 1] - ends[:, 0]
    length = np.hypot(*course.T)
    pieces = np.ceil(length / 30).astype(int)
    edge = np.repeat(np.arange(len(edges)), pieces)
    step = np.arange(edge.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    low, high = (
        heights_at(ends[edge, 0] + ((step + k) / pieces[edge])[:, None] * course[edge])
        for k in (0, 1)
    )
    found = np.bincount(edge, round_trip((high - low) / (length / pieces)[edge])) / pieces
    number = {frozenset(pair): position for position, pair in enumerate(edges)}
    for nodes, tags in streets[1]:
        if tags.get("bridge") == "yes":
            places = np.array([at[node] for node in nodes])
            first, last = heights_at(places[[0, -1]])
            slope = (last - first) / np.hypot(*np.diff(places, axis=0).T).sum()
            for pair in pairwise(nodes):
                if frozenset(pair) in number:
                    found[number[frozenset(pair)]] = round_trip(slope)
    return found


class Walks:
    """Edges of the walking network, split where people and facilities stand beside them.

    Their metres are those that on the flat would take as long.
    """

    def __init__(self, streets: Streets) -> None:
        self.at = metres(streets[0])
        whole = walking_graph(streets, self.at)
        kept = nx.Graph()
        for island in nx.connected_components(whole):
            part = whole.subgraph(island)
            if sum(metre for _, _, metre in part.edges(data="metres")) >= 1000:
                kept.update(part)
        self.edges = list(kept.edges)
        self.lines = np.array([shapely.LineString([self.at[a], self.at[b]]) for a, b in self.edges])
        self.tree = shapely.STRtree(self.lines)
        self.water = read("water").union_all()
        self.slower = slowness(streets, self.at, self.edges)
        for (a, b), times in zip(self.edges, self.slower.tolist(), strict=True):
            kept[a][b]["metres"] *= times
        self.graph = kept

    def within_reach(self, people: np.ndarray, facilities: np.ndarray) -> np.ndarray:
        graph = self.graph.copy()
        stands: dict[int, list[tuple[float, object]]] = {}
        legs: dict[object, float] = {}
        for kind, points in (("people", people), ("facility", facilities)):
            nearest = self.tree.nearest(points)
            for number, (point, edge) in enumerate(zip(points, nearest.tolist(), strict=True)):
                line = self.lines[edge]
                along = line.project(point)
                foot = line.interpolate(along)
                assert not shapely.LineString([point, foot]).intersects(self.water)
                legs[kind, number] = point.distance(foot)
                stands.setdefault(edge, []).append((along, (kind, number)))
        for edge, feet in stands.items():
            a, b = self.edges[edge]
            graph.remove_edge(a, b)
            ordered = sorted(feet, key=lambda foot: foot[0])
            stops = [(0.0, a), *ordered, (self.lines[edge].length, b)]
            for (start, left), (end, right) in pairwise(stops):
                graph.add_edge(left, right, metres=(end - start) * self.slower[edge])
        for number in range(len(facilities)):
            if legs["facility", number] <= 500:
                graph.add_edge("start", ("facility", number), metres=legs["facility", number])
        reached = nx.single_source_dijkstra_path_length(
            graph, "start", cutoff=WALK_M, weight="metres"
        )
        near = []
        for number in range(len(people)):
            leg, far = legs["people", number], float("inf")
            near.append(leg <= 500 and reached.get(("people", number), far) + leg <= WALK_M)
        return np.array(near)


@pytest.fixture(scope="module")
def walks(streets: Streets) -> Walks:
    return Walks(streets)


@pytest.mark.parametrize(
    ("year", "suffix", "low", "high"),
    [(2020, "_2020", 54.7, 55.3), (2023, "", 70, 76), (2025, "_2025", 78, 95)],
)
def test_share_of_older_people_in_the_15_minute_circle(
    walks: Walks, year: int, suffix: str, low: float, high: float
) -> None:
    running = working(read_ledger(), year)
    chosen = running[running["category"].isin(CIRCLE)]
    places = gpd.GeoSeries(gpd.points_from_xy(chosen["经度"], chosen["纬度"]), crs=4326)
    demand = read("demand")
    near = walks.within_reach(demand.geometry.to_numpy(), places.to_crs(4545).to_numpy())
    # each community's people of the year stand where those of 2020 stood
    totals = read(f"communities{suffix}").set_index("code")["elders60"]
    then = demand.groupby("community")["elders60"].transform("sum")
    people = demand["elders60"] / then * totals.loc[demand["community"]].to_numpy()
    assert people.sum() == pytest.approx(totals.sum())
    assert low <= 100 * people[near].sum() / people.sum() <= high


def test_few_people_live_far_from_any_street(walks: Walks) -> None:
    demand = read("demand")
    _, metre = walks.tree.query_nearest(
        demand.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    share = demand.loc[metre > 500, "population"].sum() / demand["population"].sum()
    assert 0.0005 < share < 0.02
