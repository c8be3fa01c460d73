"""One big extract cut into the streets of many counties."""

from __future__ import annotations

import itertools
from pathlib import Path

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pytest
import shapely
from tiny_counties import write_counties

import coverage
from coverage.batch.counties import Job, run_county
from coverage.batch.streets import cut_streets, reach_km
from coverage.configuration import read_configuration


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


def ways_of(file: Path) -> set[int]:
    return {way.id for way in osmium.FileProcessor(str(file), osmium.osm.WAY)}


def test_a_county_gets_the_streets_within_reach_and_no_others(
    shared: list[Path], tmp_path: Path
) -> None:
    configurations = [read_configuration(county) for county in shared]
    cut = cut_streets(configurations, tmp_path / "cut")
    assert set(cut) == {configuration.path for configuration in configurations}
    every = ways_of(tmp_path / "big.osm")
    for file in cut.values():
        assert ways_of(file) == {1, 2, 3}
        assert len(every) == 6
    # half an hour at 120 km/h, as the institutions of every plan ask
    assert reach_km(configurations[0]) == 60


def test_figures_are_those_of_the_whole_extract(shared: list[Path], tmp_path: Path) -> None:
    configuration = read_configuration(shared[0])
    others = [configuration, read_configuration(shared[1])]
    cut = cut_streets(others, tmp_path / "cut")
    whole = coverage.open_project(shared[0]).run()
    job = Job(
        project=shared[0], key="", streets=cut[configuration.path], folder=tmp_path / "staged"
    )
    assert run_county(job).state == "done"
    found = pd.read_parquet(tmp_path / "staged" / "demand.parquet")
    assert found["minutes"].tolist() == pytest.approx(whole.demand["minutes"].tolist(), nan_ok=True)
    assert found["status"].tolist() == whole.demand["status"].tolist()


def test_an_extract_of_one_county_is_left_alone(shared: list[Path], tmp_path: Path) -> None:
    assert cut_streets([read_configuration(shared[0])], tmp_path / "cut") == {}


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
    outcome = run_county(Job(project=shared[0], key="", streets=None, folder=tmp_path / "staged"))
    assert outcome.state == "failed"
    assert "big.osm" in outcome.reason
