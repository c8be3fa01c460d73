"""Streets from lines and from graphs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import networkx as nx
import osmnx
import pytest
import shapely
from networks import CRS, EAST, NORTH, lines, points

from coverage.errors import NetworkError
from coverage.network import StreetNetwork, read_network


def test_line_files(tmp_path: Path) -> None:
    streets = lines([(0, 0), (100, 0)], [(100, 0), (100, 50)], oneway=["yes", None])
    path = tmp_path / "道路.gpkg"
    streets.to_file(path)
    network = read_network(path, mode="drive")
    assert network.backward.tolist() == [False, True]
    assert network.crs.to_epsg() == 32650
    elsewhere = read_network(path, crs=32651)
    assert elsewhere.crs.to_epsg() == 32651
    points().to_file(tmp_path / "points.gpkg", geometry_type="Point")
    with pytest.raises(NetworkError) as caught:
        read_network(tmp_path / "points.gpkg")
    assert caught.value.key == "network.no_lines"
    with pytest.warns(UserWarning, match="crs"):
        streets.set_crs(None, allow_override=True).to_file(tmp_path / "bare.shp")
    with pytest.raises(NetworkError) as caught:
        read_network(tmp_path / "bare.shp")
    assert caught.value.key == "network.lines_without_crs"


@pytest.mark.parametrize("crs", [4326, "nonsense", 2263])
def test_only_metres_will_do(crs: Any) -> None:
    with pytest.raises(NetworkError) as caught:
        StreetNetwork.from_edges(lines([(0, 0), (1, 0)]), crs=crs)
    assert caught.value.key == "network.crs_not_metric"


def test_web_mercator_is_not_taken_for_metres() -> None:
    streets = lines([(0, 0), (1000, 0)])
    network = StreetNetwork.from_edges(streets.to_crs(3857))
    # EPSG:3857 stretches by 12 % there
    assert network.length_m.sum() == pytest.approx(1000, rel=2e-3)


def test_vertices_join_within_a_tenth_of_a_metre() -> None:
    network = StreetNetwork.from_edges(
        lines([(0, 0), (100, 0)], [(100.08, 0.05), (200, 0)], [(200.2, 0), (300, 0)])
    )
    assert network.x.size == 5
    # the two pieces: about 200 m and 99.8 m
    assert len(StreetNetwork.from_edges(lines([(0, 0), (9, 0)], [(9.1, 0), (20, 0)])).islands) == 0


def test_a_densely_drawn_line_keeps_its_length() -> None:
    course = [(x / 20, 0.0) for x in range(201)]
    network = StreetNetwork.from_edges(lines(course))
    assert network.length_m.sum() == pytest.approx(10, abs=0.3)


def test_crossings_are_junctions_only_on_demand() -> None:
    cross = lines([(0, 0), (100, 0)], [(50, -50), (50, 50)], [(20, 0.05), (20, 40)])
    plain = StreetNetwork.from_edges(cross)
    assert plain.u.size == 3
    noded = StreetNetwork.from_edges(cross, node_crossings=True)
    assert noded.way.tolist() == [0, 0, 0, 1, 1, 2]
    demand, facilities = points((0, 0)), points((50, 50), (20, 40))
    assert plain.travel_times(demand, facilities).nnz == 0
    times = noded.travel_times(demand, facilities, speed=1.0).toarray()[0] * 60
    assert times.tolist() == pytest.approx([100, 60], abs=0.1)


def test_islands_are_left_out_and_listed() -> None:
    drawn = lines([(0, 0), (300, 0)], [(0, 100), (40, 100)], [(0, 200), (90, 200), (90, 210)])
    network = StreetNetwork.from_edges(drawn, min_island=100)
    assert network.way.tolist() == [0, 2, 2]
    assert network.islands.length_m.tolist() == [40]
    assert network.islands.geometry.geom_type.tolist() == ["MultiLineString"]
    # the largest piece always stays, and people beside an island go to the street that is left
    network = StreetNetwork.from_edges(drawn, min_island=1000)
    assert network.way.tolist() == [0]
    assert network.islands.length_m.tolist() == [40, 100]
    assert network.snap(points((10, 100))).leg_m.tolist() == [100]


def graph() -> nx.MultiDiGraph:
    """A two-way street bent at (50, 20), a one-way street on to the east."""
    streets = nx.MultiDiGraph(crs=CRS)
    for label, x in ((7, 0), (8, 100), (9, 200)):
        streets.add_node(label, x=EAST + x, y=NORTH)
    bend = shapely.LineString([(EAST + x, NORTH + y) for x, y in [(0, 0), (50, 20), (100, 0)]])
    streets.add_edge(7, 8, osmid=1, geometry=bend, highway="residential")
    streets.add_edge(8, 7, osmid=1, geometry=bend.reverse(), highway="residential")
    streets.add_edge(8, 9, osmid=[2, 3], highway=["primary", "trunk"], maxspeed=["60", "40"])
    return streets


def test_graphs_give_each_street_once() -> None:
    network = StreetNetwork.from_graph(graph(), mode="drive")
    assert network.way.tolist() == [1, 1, 2]
    assert network.forward.tolist() == [True, True, True]
    assert network.backward.tolist() == [True, True, False]
    assert network.speed_km_h.tolist() == [25, 25, 40]
    assert sorted(network.node_id.tolist()) == [-1, 7, 8, 9]
    assert StreetNetwork.from_graph(graph()).backward.all()


def test_graphml_is_the_graph(tmp_path: Path) -> None:
    path = tmp_path / "streets.graphml"
    osmnx.save_graphml(graph(), path)
    network = read_network(path, mode="drive")
    assert network.length_m.tolist() == StreetNetwork.from_graph(graph()).length_m.tolist()
    assert network.speed_km_h.tolist() == [25, 25, 40]
    assert sorted(network.node_id.tolist()) == [-1, 7, 8, 9]


def test_graphs_that_cannot_be_used() -> None:
    bare = graph()
    del bare.graph["crs"]
    placeless = graph()
    del placeless.nodes[7]["x"]
    unknown, nowhere = graph(), graph()
    unknown.graph["crs"] = "EPSG:0"
    nowhere.nodes[7]["x"] = "nan"
    cases = [
        ("network.graph_without_crs", bare),
        ("network.graph_without_crs", unknown),
        ("network.graph_without_places", placeless),
        ("network.graph_without_places", nowhere),
        ("network.graph_without_edges", nx.MultiDiGraph(crs=CRS)),
    ]
    for written in ("NESTRING (0 0, 1 1)", f"LINESTRING (0 0, {'1' * 400} 1)", 5):
        crooked = graph()
        next(iter(crooked.edges(data=True)))[2]["geometry"] = written
        cases.append(("network.graph_geometry", crooked))
    for key, broken in cases:
        with pytest.raises(NetworkError) as caught:
            StreetNetwork.from_graph(broken)
        assert caught.value.key == key
