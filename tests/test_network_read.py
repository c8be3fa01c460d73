"""Streets from files, OpenStreetMap's above all: what is kept, which way it runs, how fast."""

from __future__ import annotations

import bz2
import gzip
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import osmium
import osmnx
import pytest
import shapely

from coverage import texts
from coverage.errors import NetworkError
from coverage.network import read_network
from coverage.network.filters import WayFilter, direction, drive_speed, excluded, says_yes

STREETS = """<?xml version="1.0"?>
<osm version="0.6">
  <node id="11" lat="30.000" lon="105.000"/>
  <node id="12" lat="30.001" lon="105.000"/>
  <node id="13" lat="30.002" lon="105.000"/>
  <node id="14" lat="30.002" lon="105.001"/>
  <node id="-1" lat="30.003" lon="105.001"/>
  <way id="1"><nd ref="11"/><nd ref="12"/><nd ref="13"/>
    <tag k="highway" v="residential"/><tag k="oneway" v="yes"/><tag k="bridge" v="yes"/></way>
  <way id="2"><nd ref="13"/><nd ref="14"/><nd ref="-1"/><nd ref="99"/>
    <tag k="highway" v="primary"/><tag k="maxspeed" v="50"/><tag k="tunnel" v="no"/></way>
  <way id="3"><nd ref="11"/><nd ref="14"/><tag k="highway" v="steps"/></way>
  <way id="4"><nd ref="12"/><nd ref="14"/><tag k="highway" v="motorway_link"/></way>
  <way id="5"><nd ref="12"/><nd ref="14"/><tag k="waterway" v="river"/></way>
</osm>
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "街道.osm"
    path.write_text(STREETS, encoding="utf-8")
    return path


def test_walkers_take_what_osmnx_takes(extract: Path) -> None:
    network = read_network(extract, min_island=0)
    assert network.way.tolist() == [1, 1, 2, 2, 3]
    # node 99 is not in the file, node -1 is an editor's own
    assert sorted(network.node_id.tolist()) == [-1, 11, 12, 13, 14]
    assert network.forward.all()
    assert network.backward.all()
    assert network.bridge.tolist() == [True, True, False, False, False]
    assert not network.tunnel.any()
    assert network.steps.tolist() == [False, False, False, False, True]
    # the zone of 105 degrees east; a thousandth of a degree of latitude is 110.85 m there
    assert network.crs.to_epsg() == 4544
    assert network.length_m[0] == pytest.approx(110.85, abs=0.01)


def test_drivers_take_what_osmnx_takes(extract: Path) -> None:
    network = read_network(str(extract), mode="drive", min_island=0)
    assert network.way.tolist() == [1, 1, 2, 2, 4]
    assert network.backward.tolist() == [False, False, True, True, True]
    assert network.speed_km_h.tolist() == [25, 25, 50, 50, 45]


def test_bz2_is_the_same(extract: Path, tmp_path: Path) -> None:
    packed = tmp_path / "streets.osm.bz2"
    packed.write_bytes(bz2.compress(extract.read_bytes()))
    assert read_network(packed).length_m.tolist() == read_network(extract).length_m.tolist()


def test_streets_for_drawing_are_whole_ways(extract: Path) -> None:
    drawn = read_network(extract).lines()
    assert drawn.way.tolist() == [1, 2, 3]
    assert drawn.highway.tolist() == ["residential", "primary", "steps"]
    assert shapely.get_num_coordinates(drawn.geometry).tolist() == [3, 3, 2]


def _clauses(network_type: str) -> list[tuple[str, str]]:
    """Return the keys and expressions that OSMnx's filter excludes."""
    filters = osmnx._overpass._get_network_filter(network_type)
    return re.findall(r'\["([^"]+)"!~"([^"]+)"\]', filters)


@pytest.mark.parametrize(("mode", "network_type"), [("walk", "walk"), ("drive", "drive_service")])
def test_filters_are_those_of_osmnx(mode: Any, network_type: str) -> None:
    clauses = _clauses(network_type)
    assert len(clauses) > 5
    assert sorted(clauses) == sorted(excluded(mode))
    assert osmnx._overpass._get_network_filter(network_type).startswith('["highway"]')


@pytest.mark.parametrize(
    ("tags", "walk", "drive"),
    [
        ({"highway": "residential"}, True, True),
        ({"highway": "footway"}, True, False),
        ({"highway": "motorway_link"}, False, True),
        ({"highway": "residential", "foot": "unknown"}, False, True),
        ({"highway": "service", "service": "parking_aisle"}, True, False),
        ({"highway": "track"}, True, False),
        ({"highway": "residential", "access": "private"}, False, False),
        ({"highway": "residential", "access": "no"}, True, True),
        ({"building": "yes"}, False, False),
    ],
)
def test_what_filters_keep(tags: dict[str, str], walk: bool, drive: bool) -> None:  # noqa: FBT001
    assert WayFilter("walk").keeps(tags) == walk
    assert WayFilter("drive").keeps(tags) == drive


@pytest.mark.parametrize(
    ("oneway", "junction", "expected"),
    [
        ("yes", None, 1),
        ("true", None, 1),
        ("1", None, 1),
        ("F", None, 1),
        ("-1", None, -1),
        ("reverse", None, -1),
        ("T", None, -1),
        ("no", None, 0),
        (None, None, 0),
        (None, "roundabout", 1),
        ("-1", "roundabout", -1),
        ("alternating", None, 0),
    ],
)
def test_one_way_as_osmnx_understands_it(
    oneway: str | None, junction: str | None, expected: int
) -> None:
    assert direction(oneway, junction) == expected


@pytest.mark.parametrize(
    ("highway", "maxspeed", "expected"),
    [
        ("primary", None, 65),
        ("primary", "40", 40),
        ("primary", "40 km/h", 40),
        ("primary", "30 mph", 48.28032),
        ("primary", "CN:urban", 65),
        ("motorway", "none", 90),
        ("primary", "60|80", 60),
        ("primary", "0", 65),
        ("", None, 25),
        ("track", "walk", 25),
    ],
)
def test_speeds(highway: str, maxspeed: str | None, expected: float) -> None:
    assert drive_speed(highway, maxspeed) == pytest.approx(expected)


def test_what_denies_a_bridge() -> None:
    assert all(says_yes(value) for value in ("yes", "viaduct"))
    assert not any(says_yes(value) for value in ("no", "F", "", None))


@pytest.mark.real
@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_ways_of_a_real_file_by_the_clauses_of_overpass(real_data: Path, mode: Any) -> None:
    path = real_data / "streets" / "stockheim.osm.pbf"
    clauses = _clauses({"walk": "walk", "drive": "drive_service"}[mode])
    expected = set()
    for way in osmium.FileProcessor(str(path), osmium.osm.WAY):
        tags = dict(way.tags)
        if "highway" in tags and not any(
            key in tags and re.search(expression, tags[key]) for key, expression in clauses
        ):
            expected.add(way.id)
    network = read_network(path, mode=mode, min_island=0)
    assert len(expected) > 2000
    # ways with a single node in the extract have no edge
    assert set(network.way.tolist()) <= expected
    assert len(expected - set(network.way.tolist())) < 20


@pytest.mark.real
@pytest.mark.parametrize(
    "name",
    [
        "West-Oakland.osm.bz2",
        "cn_fujian_ninghua_small.osm",
        "cn_shenzhen_longgang.osm",
        "cn_shenzhen_futian_drive.graphml",
        "cn_chongqing_main_roads_shp/路网.shp",
    ],
)
def test_real_files_of_every_kind(real_data: Path, name: str) -> None:
    network = read_network(real_data / "streets" / name, mode="drive")
    assert network.length_m.sum() > 5_000
    assert network.crs.is_projected
    assert np.isfinite(network.x).all()
    assert (network.speed_km_h > 0).all()


@pytest.mark.real
def test_a_graph_of_osmnx_is_as_long_as_osmnx_says(real_data: Path) -> None:
    path = real_data / "streets" / "cn_shenzhen_futian_drive.graphml"
    network = read_network(path, mode="drive", min_island=0)
    graph = osmnx.load_graphml(path)
    assert (network.forward.sum() + network.backward.sum()) >= graph.number_of_edges()
    both = network.length_m @ (network.forward.astype(float) + network.backward)
    great_circle = sum(data["length"] for *_, data in graph.edges(data=True))
    assert both == pytest.approx(great_circle, rel=5e-3)


@pytest.mark.real
def test_half_a_file_is_refused(real_data: Path, tmp_path: Path) -> None:
    whole = (real_data / "streets" / "monaco.osm.pbf").read_bytes()
    half = tmp_path / "half.osm.pbf"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(NetworkError) as caught:
        read_network(half)
    assert caught.value.key == "network.unreadable"


def test_files_that_cannot_be_used(extract: Path, tmp_path: Path) -> None:
    cases = {
        "missing.osm.pbf": (None, "network.missing_file"),
        "text.osm.pbf": (b"no streets here", "network.unreadable"),
        "half.osm": (extract.read_bytes()[:600], "network.unreadable"),
        "empty.osm": (b'<osm version="0.6"></osm>', "network.no_streets"),
        "broken.graphml": (b"<graphml><node", "network.unreadable"),
        "broken.gpkg": (b"no streets here", "layers.not_its_name"),
        # GDAL would follow the address in it, whatever the name of the file
        "virtual.gpkg": (b"<OGRVRTDataSource></OGRVRTDataSource>", "layers.not_its_name"),
        "streets.dxf": (b"0\nSECTION", "network.unknown_format"),
        "broken.zip": (b"PK\3\4", "layers.unreadable"),
        "dates.osm": (
            extract.read_bytes().replace(b"<way ", b'<way timestamp="21-05-06T00:00:00Z" ', 1),
            "network.unreadable",
        ),
        "places.osm": (
            extract.read_bytes().replace(b' lat="', b' lat="1e999'),
            "network.unreadable",
        ),
    }
    for name, (content, key) in cases.items():
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(NetworkError) as caught:
            read_network(path)
        assert caught.value.key == key
        assert name in caught.value.text("zh")
        assert name in caught.value.text("en")


@pytest.mark.parametrize("name", ["streets.osm", "streets.graphml"])
def test_words_that_stand_for_words_are_not_unfolded(name: str, tmp_path: Path) -> None:
    names = "abcdefghi"
    inner = "".join(f'<!ENTITY {word} "{f"&{before};" * 10}">' for before, word in pairwise(names))
    head = f'<!DOCTYPE x [<!ENTITY a "{"x" * 1000}">{inner}]>'
    file = tmp_path / name
    file.write_text(f"{head}<osm version='0.6'>&i;</osm>", encoding="utf-8")
    with pytest.raises(NetworkError) as caught:
        read_network(file)
    assert caught.value.key == "network.unreadable"


@pytest.mark.parametrize(("ending", "pack"), [("bz2", bz2.compress), ("gz", gzip.compress)])
def test_a_file_that_unpacks_to_far_more_is_not_read(
    ending: str, pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    file = tmp_path / f"streets.osm.{ending}"
    file.write_bytes(pack(b"<osm>" + b" " * 20_000_000))
    with pytest.raises(NetworkError) as caught:
        read_network(file)
    assert caught.value.key == "network.bomb"


def test_every_sentence_of_the_room_is_used() -> None:
    room = Path(texts.__file__).parents[1] / "network"
    used = {
        key
        for module in room.glob("*.py")
        for key in re.findall(r'"network\.(\w+)"', module.read_text(encoding="utf-8"))
    }
    assert used == set(texts.keys("network"))
