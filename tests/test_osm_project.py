"""A project from an OSM extract: its project file, what it says, and extracts that are faulty."""

from __future__ import annotations

import bz2
import tomllib
from pathlib import Path

import osmium
import pytest
from extracts import EAST, UTM, Osm, create, read_layer, two_townships, with_street

from coverage import texts
from coverage.configuration import read_configuration
from coverage.errors import LayerError, NetworkError, OutputError
from coverage.osm_project import Extract, create_project


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Extract]:
    """Return the project folder of two townships, and what it took from its extract."""
    return create(two_townships(), tmp_path_factory.mktemp("两镇"))


def test_the_project_file_is_valid_and_counts_buildings_in_every_service(
    two: tuple[Path, Extract],
) -> None:
    configuration = read_configuration(two[0])
    assert configuration.name == "某县"
    assert configuration.year == 2021
    assert configuration.population_basis == "resident"
    assert "不是人口" in configuration.notice
    assert {s.weight for s in configuration.services.values()} == {"buildings"}
    circle = configuration.services["elderly_circle"]
    assert (circle.mode, circle.minutes) == ("walk", 15)
    assert "canteen" not in circle.categories
    assert configuration.services["institutions"].categories == ("eldercare_institution",)
    assert configuration.services["institutions"].mode == "drive"
    assert configuration.services["social_work"].categories == ("social_work_station",)
    assert configuration.network.path == two[0] / "streets.osm"
    assert configuration.network.path.read_bytes() == (two[0].parent / "extract.osm").read_bytes()
    for source in configuration.layers.values():
        assert source.path.is_file()
        assert source.datum == "wgs84"


def test_it_says_what_it_took(two: tuple[Path, Extract]) -> None:
    extract = two[1]
    assert (extract.townships, extract.communities, extract.demand) == (3, 4, 6)
    assert (extract.township_level, extract.community_levels) == (8, (10,))
    assert extract.facilities == {"eldercare_institution": 1}
    assert extract.unserved == ("elderly_circle", "social_work", "community_service")
    assert extract.demand_from == "buildings"
    west, south, east, north = extract.bounds
    assert west < 117 < east
    assert south < 26.213 < north
    chinese, english = extract.sentences("zh"), extract.sentences("en")
    assert len(chinese) == len(english)
    assert any("养老机构 1" in sentence for sentence in chinese)
    assert any("6 points" in s and "not people" in s for s in english)
    # in the file the county's ring stays open, but counties are not what was looked for
    assert not any("do not close" in sentence for sentence in english)


def test_the_year_is_the_header_s_else_the_newest_edit_s_else_this_one(tmp_path: Path) -> None:
    _, extract = create(with_street(), tmp_path)
    assert extract.year == 2021
    assert "year_edits" in dict(extract.notes)
    header = osmium.io.Header()
    header.set("osmosis_replication_timestamp", "2019-01-02T00:00:00Z")
    dated = tmp_path / "dated.osm.pbf"
    with osmium.SimpleWriter(str(dated), header=header) as writer:
        for element in osmium.FileProcessor(str(tmp_path / "extract.osm")):
            writer.add(element)
    assert create_project(tmp_path / "dated", dated).year == 2019
    assert (tmp_path / "dated" / "streets.osm.pbf").read_bytes() == dated.read_bytes()
    undated = with_street(Osm(when="")).write(tmp_path / "undated.osm")
    assert create_project(tmp_path / "undated", undated, year=2024).year == 2024
    extract = create_project(tmp_path / "today", undated)
    assert extract.year >= 2025
    assert "year_today" in dict(extract.notes)


def test_without_streets_for_cars_all_is_measured_on_foot(tmp_path: Path) -> None:
    osm = Osm()
    osm.way((0, 0), (500, 0), highway="footway")
    folder, extract = create(osm, tmp_path)
    assert "on_foot" in dict(extract.notes)
    assert {s.mode for s in read_configuration(folder).services.values()} == {"walk"}


def test_ways_that_leave_the_extract_are_cut(tmp_path: Path) -> None:
    """The street goes on, and a house is cut: the one node more of each is not in the file."""
    osm = with_street()
    osm.square(100, 20, building="house", name="cut")
    osm.square(300, 20, building="house")
    lines = [
        element.replace('"/><tag', '"/><nd ref="999"/><tag', 1)
        if 'k="highway"' in element
        else element.replace('<nd ref="6"/>', '<nd ref="999"/>', 1)
        for element in osm.elements
    ]
    assert sum('ref="999"' in line for line in lines) == 2
    osm.elements = lines
    folder, extract = create(osm, tmp_path)
    assert extract.demand == 1
    assert read_layer(folder, "demand").to_crs(UTM).geometry.x.iloc[0] - EAST == pytest.approx(
        305, abs=0.2
    )


def test_a_file_in_any_order_gives_the_same(tmp_path: Path, two: tuple[Path, Extract]) -> None:
    osm = two_townships()
    osm.elements.reverse()
    path = tmp_path / "reversed.osm"
    path.write_text(f'<osm version="0.6">{"".join(osm.elements)}</osm>', encoding="utf-8")
    extract = create_project(tmp_path / "project", path)
    assert (extract.townships, extract.communities, extract.demand) == (3, 4, 6)
    assert extract.facilities == two[1].facilities


def test_the_same_file_gives_the_same_bytes(tmp_path: Path, two: tuple[Path, Extract]) -> None:
    create_project(tmp_path / "project", two[0].parent / "extract.osm")
    names = sorted(path.name for path in two[0].iterdir())
    assert names == sorted(path.name for path in (tmp_path / "project").iterdir())
    for name in names:
        assert (two[0] / name).read_bytes() == (tmp_path / "project" / name).read_bytes(), name


def test_names_and_notice_follow_the_language(tmp_path: Path) -> None:
    texts.use("en")
    try:
        folder, _ = create(two_townships(), tmp_path)
    finally:
        texts.use("zh")
    assert list(read_layer(folder, "townships")["name"])[-1] == "rest of the extract"
    assert "not people" in read_configuration(folder).notice


def test_a_name_may_hold_what_toml_quotes(tmp_path: Path) -> None:
    path = with_street().write(tmp_path / 'a "b"\\c.osm')
    create_project(tmp_path / "project", path)
    text = (tmp_path / "project" / "project.toml").read_text(encoding="utf-8")
    assert tomllib.loads(text)["project"]["name"] == 'a "b"\\c'


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    (tmp_path / "project" / "mine.txt").write_text("mine")
    with pytest.raises(OutputError):
        create(with_street(), tmp_path)
    assert [path.name for path in (tmp_path / "project").iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    folder, _ = create(with_street(), tmp_path)
    assert (folder / "project.toml").is_file()


def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        message = "No space left on device"
        raise OSError(message)

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(OutputError, match="No space left"):
        create(with_street(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["extract.osm"]


def _as_pbf(osm: Path) -> bytes:
    path = osm.with_suffix(".osm.pbf")
    with osmium.SimpleWriter(str(path)) as writer:
        for element in osmium.FileProcessor(str(osm)):
            writer.add(element)
    return path.read_bytes()


@pytest.mark.parametrize("suffix", [".osm", ".osm.bz2", ".osm.pbf"])
def test_a_file_cut_in_half_is_one_sentence(suffix: str, tmp_path: Path) -> None:
    whole = two_townships().write(tmp_path / "whole.osm")
    content = {
        ".osm": whole.read_bytes,
        ".osm.bz2": lambda: bz2.compress(whole.read_bytes()),
        ".osm.pbf": lambda: _as_pbf(whole),
    }[suffix]()
    full, half = tmp_path / f"full{suffix}", tmp_path / f"half{suffix}"
    full.write_bytes(content)
    half.write_bytes(content[: len(content) // 2])
    assert create_project(tmp_path / "project", full).demand == 6
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "broken", half)
    assert error.value.key == "osm_project.broken"
    assert str(half) in error.value.text("en")
    assert not (tmp_path / "broken").exists()


@pytest.mark.parametrize("fault", ['id="1x"', 'id="1" lon="999" lat="26"'])
def test_a_fault_within_the_file_is_one_sentence(fault: str, tmp_path: Path) -> None:
    text = with_street().text().replace('id="1"', fault, 1)
    (tmp_path / "fault.osm").write_text(text, encoding="utf-8")
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "fault.osm")
    assert error.value.key == "osm_project.broken"


def test_a_file_that_is_not_there_or_no_extract(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "none.osm.pbf")
    assert error.value.key == "osm_project.missing"
    (tmp_path / "a.zip").write_bytes(b"PK")
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "a.zip")
    assert error.value.key == "osm_project.suffix"
    (tmp_path / "noise.osm.pbf").write_bytes(bytes(range(256)) * 9)
    with pytest.raises(LayerError) as error:
        create_project(tmp_path / "project", tmp_path / "noise.osm.pbf")
    assert error.value.key == "osm_project.broken"


def test_without_streets_there_is_no_project(tmp_path: Path) -> None:
    osm = Osm()
    osm.square(0, 0, building="house")
    osm.way((0, 0), (100, 0), highway="motorway")
    with pytest.raises(NetworkError) as error:
        create(osm, tmp_path)
    assert error.value.key == "osm_project.no_streets"
    assert not (tmp_path / "project").exists()
