"""Streets read once: networks of both modes, and lines to draw, come from them."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import numpy as np
import pytest
import shapely
from networks import EAST, NORTH, lines

from coverage.errors import NetworkError
from coverage.network import read_network, read_streets

OSM = """<?xml version="1.0"?>
<osm version="0.6">
  <node id="1" lat="30.000" lon="105.000"/>
  <node id="2" lat="30.002" lon="105.000"/>
  <node id="3" lat="30.002" lon="105.001"/>
  <node id="4" lat="31.000" lon="106.000"/>
  <way id="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="99"/>
    <tag k="highway" v="residential"/><tag k="oneway" v="yes"/></way>
  <way id="2"><nd ref="1"/><nd ref="3"/><tag k="highway" v="footway"/></way>
  <way id="3"><nd ref="3"/><nd ref="4"/><tag k="highway" v="motorway"/></way>
</osm>
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "streets.osm"
    path.write_text(OSM, encoding="utf-8")
    return path


def test_both_modes_come_from_one_reading(extract: Path) -> None:
    streets = read_streets(extract)
    walk = streets.network(mode="walk", min_island=0)
    drive = streets.network(mode="drive", min_island=0, crs=32648)
    assert walk.way.tolist() == [1, 1, 2]
    assert walk.backward.all()
    assert np.isnan(walk.speed_km_h).all()
    assert drive.way.tolist() == [1, 1, 3]
    assert drive.backward.tolist() == [False, False, True]
    assert drive.speed_km_h.tolist() == [25, 25, 90]
    assert drive.crs.to_epsg() == 32648
    # the motorway's far end does not count for the walkers' zone
    assert walk.crs.to_epsg() == 4544


def test_a_mode_without_streets_is_an_error(extract: Path) -> None:
    extract.write_text(OSM.replace("residential", "path").replace("motorway", "steps"), "utf-8")
    streets = read_streets(extract)
    assert streets.network(min_island=0).u.size == 4
    with pytest.raises(NetworkError) as caught:
        streets.network(mode="drive")
    assert caught.value.key == "network.no_streets"


def test_an_extract_draws_all_its_streets(extract: Path) -> None:
    drawn = read_streets(extract).draw()
    assert drawn.crs.to_epsg() == 4326
    # A-B and B-C, A-C, the motorway C-D; node 99 is not in the file
    corners = {"A": (105.0, 30.0), "B": (105.0, 30.002), "C": (105.001, 30.002), "D": (106, 31)}
    expected = [shapely.LineString([corners[a], corners[b]]) for a, b in ("AB", "BC", "AC", "CD")]
    assert shapely.equals_exact(drawn.array, expected, 1e-12).all()


def test_lines_and_graphs_draw_themselves(tmp_path: Path) -> None:
    course = [(0, 0), (450, 0)]
    drawn = lines(course)
    drawn.to_file(tmp_path / "streets.gpkg")
    graph = nx.Graph(crs="EPSG:32650")
    graph.add_nodes_from((i, {"x": EAST + x, "y": NORTH + y}) for i, (x, y) in enumerate(course))
    graph.add_edge(0, 1)
    nx.write_graphml(graph, tmp_path / "streets.graphml")
    for name in ("streets.gpkg", "streets.graphml"):
        found = read_streets(tmp_path / name).draw()
        assert found.crs.to_epsg() == 32650
        assert found.geom_equals(drawn.geometry).tolist() == [True]


def test_a_crs_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(NetworkError) as caught:
        read_network(tmp_path / "missing.osm.pbf", crs=4326)
    assert caught.value.key == "network.crs_not_metric"


@pytest.mark.real
def test_a_real_extract_draws_both_of_its_networks(real_data: Path) -> None:
    streets = read_streets(real_data / "streets" / "stockheim.osm.pbf")
    walk, drive = (streets.network(mode=mode, min_island=0) for mode in ("walk", "drive"))
    drawn = shapely.length(streets.draw().to_crs(walk.crs).array).sum()
    longest = max(walk.length_m.sum(), drive.length_m.sum())
    assert longest < drawn < walk.length_m.sum() + drive.length_m.sum()
