"""One big extract cut into the streets of many counties."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pyproj
import pytest
import shapely
from tiny_counties import write_counties

import coverage
from coverage.batch.counties import Job, run_county
from coverage.batch.streets import cut_streets, reach_minutes, streets_near, within
from coverage.configuration import read_configuration
from coverage.network import StreetNetwork, cut_into_tiles, read_tiles
from coverage.network.osm import read_osm


def write_extract(file: Path, streets: gpd.GeoSeries, *, sign: int = 1) -> None:
    """Write lines as residential ways, vertices that coincide as one node."""
    lines = streets.to_crs(4326)
    places = shapely.get_coordinates(lines).round(7)
    known = {tuple(place): sign * (n + 1) for n, place in enumerate(np.unique(places, axis=0))}
    nodes = [f'<node id="{n}" lat="{y}" lon="{x}" version="1"/>' for (x, y), n in known.items()]
    number = itertools.count(1)
    ways = [
        f'<way id="{sign * next(number)}" version="1">'
        + "".join(
            f'<nd ref="{known[tuple(place)]}"/>' for place in shapely.get_coordinates(line).round(7)
        )
        + '<tag k="highway" v="residential"/></way>'
        for line in lines
    ]
    text = f'<osm version="0.6">{"".join(nodes)}{"".join(ways)}</osm>'
    file.write_text(text, encoding="utf-8")


@pytest.fixture
def shared(tiny: Path, tmp_path: Path) -> list[Path]:
    """Write two counties at one place that share an extract, with a street 300 km away."""
    streets = gpd.read_file(tiny / "streets.gpkg").geometry
    project = tiny / "project.toml"
    text = project.read_text(encoding="utf-8").replace('"streets.gpkg"', '"../big.osm"')
    project.write_text(text, encoding="utf-8")
    far = streets.translate(300_000, 0)
    write_extract(tmp_path / "big.osm", gpd.GeoSeries([*streets, *far], crs=streets.crs))
    return write_counties(tiny, tmp_path, ["510101", "510102"])


def test_a_county_gets_the_streets_within_reach_and_no_others(
    shared: list[Path], tmp_path: Path
) -> None:
    configurations = [read_configuration(county) for county in shared]
    told: list[tuple[Path, int]] = []
    cut = cut_streets(configurations, tmp_path / "cut", lambda *words: told.append(words))
    assert told == [(tmp_path / "big.osm", 2)]
    assert set(cut) == {configuration.path for configuration in configurations}
    for configuration in configurations:
        streets = streets_near(configuration, cut[configuration.path])
        assert streets is not None
        assert {*streets.make("walk", None).way.tolist()} == {1, 2, 3}
        assert {*streets.make("drive", None).way.tolist()} == {1, 2, 3}
    # the tables know drives of an hour
    assert reach_minutes(configurations[0]) == 60


FIGURES = (
    "indicators", "communities", "townships", "demand", "facilities", "gaps", "sensitivity",
    "accessibility", "inequality",
)  # fmt: skip


def test_figures_are_those_of_the_whole_extract(shared: list[Path], tmp_path: Path) -> None:
    configuration = read_configuration(shared[0])
    others = [configuration, read_configuration(shared[1])]
    cut = cut_streets(others, tmp_path / "cut")
    whole = coverage.open_project(shared[0]).run()
    job = Job(project=shared[0], key="", tiles=cut[configuration.path], folder=tmp_path / "staged")
    assert run_county(job).state == "done"
    for name in FIGURES:
        found = pd.read_parquet(tmp_path / "staged" / f"{name}.parquet")
        expected = getattr(whole, name).reset_index(drop=True)
        for column in [c for c in expected.columns if c not in ("geometry", "county")]:
            there = expected[column].notna()
            assert (found[column].notna() == there).all(), (name, column)
            was, now = (table.loc[there, column].astype(object) for table in (expected, found))
            assert (was == now).all(), (name, column)
    # the record names what was handed in, not what was cut of it
    record = json.loads((tmp_path / "staged" / "run.json").read_text(encoding="utf-8"))
    assert record["inputs"]["network"] == whole.record["inputs"]["network"]


def test_tiles_hold_what_the_whole_file_holds(tmp_path: Path) -> None:
    """Draw streets over many tiles; an extent of all of them gives the very same arrays."""
    rng = np.random.default_rng(1)
    ends = rng.uniform((106.0, 29.0), (107.5, 30.0), (60, 2))
    lines = [shapely.linestrings([a, a + rng.uniform(-0.4, 0.4, 2)]) for a in ends]
    lines.append(shapely.linestrings([(80.0, 20.0), (120.0, 50.0)]))
    write_extract(tmp_path / "big.osm", gpd.GeoSeries(lines, crs=4326))
    assert cut_into_tiles(tmp_path / "big.osm", tmp_path / "tiles")
    whole = read_osm(tmp_path / "big.osm")
    everywhere = (70.0, 10.0, 130.0, 60.0)
    back = read_tiles(tmp_path / "tiles", walk=everywhere, drive=everywhere)
    for name in ("node_id", "lon", "lat", "u", "v", "way", "way_id", "walked", "speed_km_h"):
        np.testing.assert_array_equal(getattr(back, name), getattr(whole, name))
    box = (106.4, 29.3, 106.6, 29.5)
    some = read_tiles(tmp_path / "tiles", walk=box, drive=everywhere)
    near = [shapely.box(*line.bounds).intersects(shapely.box(*box)) for line in lines]
    assert some.walked.tolist() == near
    assert some.driven.all()


def test_streets_of_every_drive_within_the_limit_are_kept(tmp_path: Path) -> None:
    """Drive between all places of an extent on a random town: ways of short drives are there."""
    rng = np.random.default_rng(3)
    at = rng.uniform((106.0, 29.0), (106.3, 29.3), (90, 2))
    near = shapely.delaunay_triangles(shapely.multipoints(at), only_edges=True)
    lines = [line for line in shapely.get_parts(near) if rng.random() < 0.6]
    write_extract(tmp_path / "town.osm", gpd.GeoSeries(lines, crs=4326))
    ways = read_osm(tmp_path / "town.osm")
    home, limit = (106.1, 29.1, 106.2, 29.2), 25.0
    kept = within(ways, home, limit / 2)
    network = StreetNetwork.from_streets(ways.streets("drive", None), min_island=0)
    graph = nx.Graph()
    minutes = network.length_m / 25_000 * 60
    for u, v, long, way in zip(network.u, network.v, minutes, network.way, strict=True):
        graph.add_edge(u, v, weight=long, way=way)
    x, y = pyproj.Transformer.from_crs(4326, network.crs, always_xy=True).transform(
        [home[0], home[2]], [home[1], home[3]]
    )
    inner = np.flatnonzero(
        (network.x > x[0]) & (network.x < x[1]) & (network.y > y[0]) & (network.y < y[1])
    )
    used = set()
    for start in inner.tolist():
        length, paths = nx.single_source_dijkstra(graph, start, cutoff=limit)
        for end in set(length).intersection(inner.tolist()):
            steps = itertools.pairwise(paths[end])
            used |= {int(graph.edges[step]["way"]) for step in steps}
    there = set(kept.way_id[kept.driven].tolist())
    assert used <= there
    assert len(used) < len(there) < len(lines)


def test_an_extract_of_one_county_is_left_alone(shared: list[Path], tmp_path: Path) -> None:
    told: list[Path] = []
    one = [read_configuration(shared[0])]
    assert cut_streets(one, tmp_path / "cut", lambda path, _: told.append(path)) == {}
    assert not told


def test_an_extract_with_an_editors_own_ids_is_left_whole(
    shared: list[Path], tiny: Path, tmp_path: Path
) -> None:
    streets = gpd.read_file(tiny / "streets.gpkg").geometry
    write_extract(tmp_path / "big.osm", streets, sign=-1)
    assert cut_streets([read_configuration(c) for c in shared], tmp_path / "cut") == {}


def test_an_extract_cut_in_half_is_said_by_each_county(shared: list[Path], tmp_path: Path) -> None:
    file = tmp_path / "big.osm"
    file.write_bytes(file.read_bytes()[:-60])
    assert cut_streets([read_configuration(c) for c in shared], tmp_path / "cut") == {}
    outcome = run_county(Job(project=shared[0], key="", tiles=None, folder=tmp_path / "staged"))
    assert outcome.state == "failed"
    assert "big.osm" in outcome.reason
