"""Comparisons: the numbers of the two runs, what differs, files, a map without network."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from tiny_county import EAST, NORTH

import coverage
from coverage.cli.main import main
from coverage.outputs.digests import file_digest
from coverage.scenario import (
    Add,
    Close,
    Comparison,
    Housing,
    Move,
    Reopen,
    Resize,
    Scenario,
    save_scenario,
)
from coverage.scenario.compare import compared_indicators

STATION = "community_eldercare_station"
EDITS = (
    Add(id="n1", category=STATION, x=EAST + 2400, y=NORTH + 500),
    Move(id="f1", x=EAST + 1000, y=NORTH + 500),
    Resize(id="f3", floor_area_m2=45),
    Close(id="f4"),
    Reopen(id="f5"),
    Housing(id="h", households=10, population=30, elders60=5, x=EAST + 700, y=NORTH + 500),
)


@pytest.fixture
def saved(tiny: Path) -> Path:
    save_scenario(Scenario(name="试", title="试一试", edits=EDITS), tiny / "scenarios" / "试.toml")
    return tiny


@pytest.fixture
def comparison(saved: Path) -> Comparison:
    return coverage.open_project(saved).compare("baseline", "试")


def test_numbers_are_those_of_the_two_runs(saved: Path, comparison: Comparison) -> None:
    project = coverage.open_project(saved)
    runs = {"a": project.run(), "b": project.run(scenario="试")}
    for side, result in runs.items():
        for name in ("communities", "townships"):
            table, own = getattr(comparison, name), getattr(result, name)
            for column in (c for c in own if f"{c}_{side}" in table):
                assert table[f"{column}_{side}"].tolist() == pytest.approx(
                    own[column].tolist(), nan_ok=True, abs=0
                ), column
        both = comparison.indicators
        for column in ("value", "numerator", "status"):
            pd.testing.assert_series_equal(
                both[f"{column}_{side}"], result.indicators[column], check_names=False
            )
    covered = comparison.communities.set_index("code")["elderly_circle_covered_difference"]
    # from the station's new place d3 is reached, 401 m away, from the new one d4, 300 m away
    assert covered.to_dict() == pytest.approx(
        {"500999001001": 5, "500999101001": 20, "500999101201": 25}
    )


def test_facilities_that_differ(comparison: Comparison) -> None:
    table = comparison.facilities.set_index("id")
    assert table["change"].to_dict() == {
        "f1": "moved", "f3": "resized", "f4": "no_longer_counts", "f5": "counts", "n1": "added",
    }  # fmt: skip
    assert table.loc["f1", "moved_m"] == pytest.approx(500)
    assert table.loc["f3", ["floor_area_m2_a", "floor_area_m2_b"]].tolist() == [30, 45]
    assert table.loc["f5", ["status_a", "status_b"]].tolist() == ["not_in_service", "counted"]


def test_turned_round_every_difference_changes_its_sign(
    saved: Path, comparison: Comparison
) -> None:
    other = coverage.open_project(saved).compare("试", "baseline")
    for name in ("indicators", "communities", "townships"):
        one, two = getattr(comparison, name), getattr(other, name)
        for column in (c for c in one if str(c).endswith("difference")):
            assert np.array_equal(one[column], -two[column], equal_nan=True), column
    removed = other.facilities.set_index("id")["change"]
    assert removed["n1"] == "removed"


def test_a_scenario_against_itself_has_no_difference(saved: Path) -> None:
    same = coverage.open_project(saved).compare("试", "试")
    assert same.facilities.empty
    assert not same.indicators["difference"].fillna(0).any()


def test_who_meets_the_target() -> None:
    def table(*statuses: str) -> pd.DataFrame:
        rows = len(statuses)
        target = [np.nan if status == "no_target" else 80.0 for status in statuses]
        keys = dict.fromkeys(("plan", "kind", "indicator", "variant", "level", "unit_name"), "x")
        keys |= dict.fromkeys(("comparator", "unit"), "%")
        return pd.DataFrame(
            {**keys, "row": range(rows), "unit_code": "1", "year": 2025, "target_year": 2025,
             "value": 1.0, "numerator": 1.0, "denominator": 1.0, "target": target,
             "status": statuses}
        )  # fmt: skip

    a = table("met", "met", "behind", "behind", "no_target")
    b = table("met", "behind", "met", "no_data", "no_target")
    assert compared_indicators(a, b)["met_by"].tolist() == ["both", "a", "b", "neither", ""]


def test_the_command_writes_all_files(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(saved), "baseline", "试"]) == 0
    said = capsys.readouterr().out
    assert "“试一试”比“现状”" in said
    assert "设施新建：1 处" in said
    folder = saved / "results" / "compare" / "baseline--试"
    names = {file.name for file in folder.iterdir()}
    tables = {"indicators.csv", "townships.csv", "communities.csv", "facilities.csv"}
    assert names == {*tables, "compare.gpkg", "map.html", "run.json"}
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["compared"]["a"]["name"] == "baseline"
    assert record["compared"]["b"]["name"] == "试"
    assert record["outputs"] == {
        name: file_digest(folder / name) for name in sorted(names - {"run.json"})
    }
    assert len(gpd.read_file(folder / "compare.gpkg", layer="facilities")) == 5
    page = (folder / "map.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|link|img)[^>]*(src|href)=", page)
    assert main(["compare", str(saved), "baseline", "试", "--year", "2025", "--quiet"]) == 0
    assert (folder / "2025" / "run.json").is_file()


def test_the_notice_stands_on_every_map(saved: Path, edit: Callable[[str, str], None]) -> None:
    edit("year = 2023", 'year = 2023\nnotice = "虚构数据"')
    comparison = coverage.open_project(saved).compare("试", "planned")
    assert comparison.notice == "虚构数据"
    page = (comparison.save(saved / "compared") / "map.html").read_text(encoding="utf-8")
    assert '"notice":"虚构数据"' in page


def test_a_wrong_name_leaves_what_was_there(
    saved: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {p: p.read_bytes() for p in saved.rglob("*") if p.is_file()}
    assert main(["compare", str(saved), "baseline", "试试"]) == 1
    assert "“试”" in capsys.readouterr().err
    assert files == {p: p.read_bytes() for p in saved.rglob("*") if p.is_file()}
