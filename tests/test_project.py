from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest

import coverage
from coverage.errors import CoverageError, LayerError, NetworkError, ProjectError
from coverage.results import Result

A1, B1, B2 = "500999001001", "500999101001", "500999101201"


@pytest.fixture
def result(tiny: Path) -> Result:
    return coverage.open_project(tiny).run()


def rows_of(result: Result, indicator: str, variant: str, level: str) -> pd.DataFrame:
    table = result.indicators
    chosen = (
        (table["indicator"] == indicator)
        & (table["variant"] == variant)
        & (table["level"] == level)
    )
    return table[chosen].set_index("unit_code")


def test_minutes_and_status_of_every_demand_point(result: Result) -> None:
    rows = result.demand[result.demand["service"] == "elderly_circle"].set_index("id")
    minutes = rows["minutes"].to_dict()
    assert minutes["d1"] == pytest.approx(200 / 60)
    assert minutes["d2"] == pytest.approx(15.0)
    assert minutes["d3"] == pytest.approx(901 / 60)
    assert minutes["d4"] == pytest.approx(2200 / 60)
    assert np.isnan(minutes["d5"])
    assert np.isnan(minutes["d6"])
    assert rows["status"].to_dict() == {
        "d1": "covered",
        "d2": "covered",
        "d3": "beyond_limit",
        "d4": "beyond_limit",
        "d5": "unreachable",
        "d6": "off_network",
    }
    assert rows["facility"].to_dict() == {
        "d1": "f1", "d2": "f1", "d3": "f1", "d4": "f1", "d5": "", "d6": "",
    }  # fmt: skip


def test_people_of_a_unit_are_covered_beyond_unreachable_or_off_the_network(
    result: Result,
) -> None:
    columns = ["people", "covered", "beyond", "unreachable", "off_network", "share"]
    table = result.communities.set_index("code")
    table = table[[f"elderly_circle_{c}" for c in columns]]
    assert table.loc[A1].to_list() == [20, 20, 0, 0, 0, 1.0]
    assert table.loc[B1].to_list() == pytest.approx([30, 10, 20, 0, 0, 1 / 3])
    assert table.loc[B2].to_list() == pytest.approx([50, 0, 25, 15, 10, 0.0])
    towns = result.townships.set_index("code")
    assert towns.loc["500999101", "elderly_circle_people"] == pytest.approx(80)
    assert towns.loc["500999101", "elderly_circle_share"] == pytest.approx(10 / 80)
    # mean over those who have minutes: (10·15 + 20·901/60 + 25·2200/60) / 55
    expected = (10 * 15 + 20 * 901 / 60 + 25 * 2200 / 60) / 55
    assert towns.loc["500999101", "elderly_circle_minutes"] == pytest.approx(expected)


def test_circle_by_reach_and_by_units(result: Result) -> None:
    name = "eldercare_circle_15min_coverage"
    reach = rows_of(result, name, "reach", "county").iloc[0]
    assert (reach["value"], reach["numerator"], reach["denominator"]) == pytest.approx(
        (30.0, 30.0, 100.0)
    )
    units = rows_of(result, name, "units", "county").iloc[0]
    assert (units["numerator"], units["denominator"]) == (1, 3)
    assert units["value"] == pytest.approx(100 / 3)
    by_reach = rows_of(result, name, "units_by_reach", "township")
    assert by_reach["value"].to_dict() == {"500999001": 100.0, "500999101": 0.0}


def test_floor_area_pooled_beside_compliance(result: Result) -> None:
    name = "community_service_area_per_100hh"
    pooled = rows_of(result, name, "pooled", "community")["value"]
    assert pooled.to_dict() == pytest.approx({A1: 60.0, B1: 60.0, B2: 0.0})
    county = rows_of(result, name, "pooled", "county").iloc[0]
    assert (county["numerator"], county["denominator"]) == (90.0, 250.0)
    assert county["value"] == pytest.approx(36.0)
    passed = rows_of(result, name, "compliance", "county").iloc[0]
    assert passed["value"] == pytest.approx(200 / 3)


def test_social_work_stations_by_township(result: Result) -> None:
    units = rows_of(result, "social_work_station_coverage", "units", "township")
    # f5 is planned and never counts
    assert units["value"].to_dict() == {"500999001": 100.0, "500999101": 0.0}
    assert units["status"].unique().tolist() == ["no_target"]
    assert not len(rows_of(result, "social_work_station_coverage", "units", "community"))


def test_every_facility_is_listed_with_its_status(result: Result) -> None:
    status = result.facilities.set_index("id")["status"].to_dict()
    assert status == {
        "f1": "counted", "f2": "counted", "f3": "counted", "f4": "counted",
        "f5": "not_in_service", "f6": "counted",
    }  # fmt: skip
    station = result.facilities.set_index("id").loc["f1"]
    assert station["elderly_circle_reach"] == pytest.approx(30)
    assert station["elderly_circle_load"] == pytest.approx(30)
    assert np.isnan(station["social_work_reach"])


def test_levels_sum_to_the_county(result: Result) -> None:
    table = result.indicators[result.indicators["variant"].isin(["reach", "pooled", "units"])]
    for _, group in table.groupby(["indicator", "variant"]):
        sums = group.groupby("level")[["numerator", "denominator"]].sum()
        for level in sums.index:
            assert sums.loc[level].to_list() == pytest.approx(sums.loc["county"].to_list())


def test_a_facility_counts_from_its_opening_to_its_closing(tiny: Path) -> None:
    project = coverage.open_project(tiny)
    for year, status in ((2014, "not_in_year"), (2015, "counted")):
        facilities = project.run(year=year).facilities.set_index("id")
        assert facilities.loc["f4", "status"] == status


def test_more_minutes_or_speed_never_lower_coverage(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    shares = [
        prepared.analyse(minutes={"elderly_circle": m})
        .indicators.query(
            "indicator == 'eldercare_circle_15min_coverage' and variant == 'reach'"
            " and level == 'county'"
        )["value"]
        .iloc[0]
        for m in (3, 4, 15, 15.02, 40)
    ]
    assert shares == pytest.approx([0, 20, 30, 50, 75])
    bands = prepared.analyse().sensitivity
    for _, band in bands.groupby(["service", "speed"]):
        assert band["share"].is_monotonic_increasing
    for _, band in bands.groupby(["service", "minutes"]):
        assert band.sort_values("speed")["share"].is_monotonic_increasing


def test_figures_are_the_same_without_the_extras(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    drawn, plain = prepared.analyse(), prepared.analyse(extras=False)
    assert set(drawn.service_areas["service"]) == {s.name for s in drawn.services}
    assert plain.service_areas.empty
    assert plain.sensitivity.empty
    pd.testing.assert_frame_equal(drawn.indicators, plain.indicators)


def test_saved_files_and_their_record(tiny: Path, result: Result) -> None:
    folder = result.save(tiny / "results")
    names = {f.name for f in folder.iterdir()}
    tables = ("indicators", "communities", "townships", "demand", "facilities", "sensitivity",
              "accessibility", "inequality", "issues")  # fmt: skip
    assert names == {f"{t}.csv" for t in tables} | {"coverage.gpkg", "map.html", "run.json"}
    raw = (folder / "demand.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert set(record["outputs"]) == names - {"run.json"}
    assert record["inputs"]["townships"]["path"] == "townships.gpkg"
    layers = {name for name, _ in pyogrio.list_layers(folder / "coverage.gpkg")}
    layers.remove("layer_styles")  # how QGIS draws the others
    assert layers == {"townships", "communities", "demand", "facilities", "service_areas", "gaps"}
    gaps = pyogrio.read_dataframe(folder / "coverage.gpkg", layer="gaps")
    assert set(gaps.query("service == 'elderly_circle'")["id"]) == {"d3", "d4", "d5", "d6"}


def test_same_inputs_give_the_same_bytes(tiny: Path) -> None:
    project = coverage.open_project(tiny)
    first = project.run().save(tiny / "first")
    second = project.run().save(tiny / "second")
    for file in first.glob("*.csv"):
        assert file.read_bytes() == (second / file.name).read_bytes(), file.name


def test_results_of_other_years_stay(tiny: Path) -> None:
    project = coverage.open_project(tiny)
    assert project.results_folder(2020) == tiny / "results" / "2020"
    project.run(year=2020).save(project.results_folder(2020))
    project.run().save(project.results_folder())
    assert (tiny / "results" / "2020" / "run.json").is_file()


def test_a_layer_of_an_earlier_year_stands_in_and_is_named(
    tiny: Path, edit: Callable[[str, str], None]
) -> None:
    edit("[network]", '[years.2020.layers.communities]\npath = "communities.gpkg"\n[network]')
    project = coverage.open_project(tiny)
    result = project.run(year=2021)
    assert result.record["stands_for_year"] == {"communities": 2020}
    assert "stand_in_layer" in set(result.issues["code"])
    assert "stand_in_layer" not in set(project.run(year=2020).issues["code"])


def test_check_reports_and_writes_only_the_issues(tiny: Path) -> None:
    project = coverage.open_project(tiny)
    report = project.check()
    assert not report.blocked
    report.save(tiny / "results")
    assert [f.name for f in (tiny / "results").iterdir()] == ["issues.csv"]
    assert report.layers.set_index("layer").loc["facilities", "rows"] == 6


@pytest.mark.parametrize(
    ("old", "new", "error", "words"),
    [
        ('"townships.gpkg"', '"missing.gpkg"', LayerError, "missing.gpkg"),
        ('"streets.gpkg"', '"missing.pbf"', NetworkError, "missing.pbf"),
        ("snap_limit", "snap_limt", ProjectError, "snap_limit"),
        ("year = 2023", 'year = "soon"', ProjectError, "soon"),
        ("[layers.facilities]", "[layers.facilitys]", ProjectError, "facilities"),
        ("speed = 1.0", "speed = -1", ProjectError, "-1"),
        (
            "[network]",
            '[layers.facilities.categories]\n"茶馆" = "敬老"\n[network]',
            ProjectError,
            "敬老",
        ),
        (
            "[network]",
            '[layers.demand.categories]\n"茶馆" = "敬老院"\n[network]',
            ProjectError,
            "demand",
        ),
        ('name = "小县（虚构）"', 'name = "x', ProjectError, "project.toml"),
    ],
)
def test_errors_name_the_place(
    tiny: Path,
    edit: Callable[[str, str], None],
    old: str,
    new: str,
    error: type[CoverageError],
    words: str,
) -> None:
    edit(old, new)
    with pytest.raises(error) as caught:
        coverage.open_project(tiny).run()
    assert words in caught.value.text("zh")
    assert words in caught.value.text("en")


@pytest.mark.parametrize(("encoding", "line"), [("gb18030", 3), ("utf-16", 1)])
def test_a_project_file_of_another_encoding_says_how_to_save_it(
    tiny: Path, encoding: str, line: int
) -> None:
    """The first Chinese character stands in the third line; UTF-16 begins with a mark."""
    file = tiny / "project.toml"
    file.write_text(file.read_text(encoding="utf-8"), encoding=encoding)
    with pytest.raises(ProjectError) as caught:
        coverage.open_project(tiny)
    assert caught.value.key == "configuration.not_utf8"
    assert caught.value.values == {"path": file, "line": line}
    assert "UTF-8" in caught.value.text("zh")


def test_the_mark_that_notepad_puts_before_utf_8_does_no_harm(tiny: Path) -> None:
    file = tiny / "project.toml"
    file.write_text(file.read_text(encoding="utf-8"), encoding="utf-8-sig", newline="\r\n")
    assert coverage.open_project(tiny).configuration.name == "小县（虚构）"


def test_a_network_elsewhere_is_refused(tiny: Path) -> None:
    streets = pyogrio.read_dataframe(tiny / "streets.gpkg")
    streets.geometry = streets.geometry.translate(50_000)
    pyogrio.write_dataframe(streets, tiny / "streets.gpkg")
    with pytest.raises(NetworkError) as caught:
        coverage.open_project(tiny).run()
    assert caught.value.key == "project.network_apart"


def test_weights_that_are_not_people_are_told(tiny: Path, edit: Callable[[str, str], None]) -> None:
    edit("[network]", '[services.elderly_circle]\nweight = "source_row"\n[network]')
    codes = set(coverage.open_project(tiny).check().issues["code"])
    assert "not_people" in codes


def test_unknown_service_names_the_nearest(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    with pytest.raises(ProjectError, match="elderly_circle"):
        prepared.analyse(minutes={"elderly_circel": 10})
