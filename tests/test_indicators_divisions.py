"""Townships as they were divided in the year that is evaluated, by the crosswalk.

The city of `small_city`: A 甲街道 (A1, A2), B 乙镇 (B1), C 丙镇 (C1).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from demo_files import DEMO
from small_city import CRS, TOWNS, city, plan_of, table

import coverage
from coverage.indicators import Inputs
from coverage.indicators.explain import explain
from coverage.results import Result

ROWS = """
[[rows]]
row = 1
indicator = "rural_public_cemetery_township_coverage"
"""
CEMETERY = "public_cemetery_rural"


def crosswalk(*rows: tuple[Any, ...]) -> gpd.GeoDataFrame:
    columns = ("old_code", "old_name", "old_kind", "code", "name", "kind", "year")
    frame = pd.DataFrame(rows, columns=list(columns)).astype({"year": "Int64"})
    return gpd.GeoDataFrame(frame, geometry=[None] * len(rows), crs=CRS)


def whole(inputs: Inputs, folder: Path, year: int) -> tuple[float, float, str]:
    found = table(inputs, plan_of(folder, ROWS), year)
    row = found[found["level"] == "city"].iloc[0]
    below = found[found["level"] == "township"]
    assert (
        below[["numerator", "denominator"]].sum().tolist()
        == row[["numerator", "denominator"]].tolist()
    )
    return row["numerator"], row["denominator"], row["note"]


# 甲街道 was 甲镇 until 2021
RENAMED = ("900", "甲镇", "镇", TOWNS["A"], "甲街道", "街道", 2021)


@pytest.mark.parametrize(
    ("year", "part", "of", "today"),
    [(2020, 2, 3, "1 / 2"), (2021, 1, 2, ""), (2023, 1, 2, "")],
)
def test_a_town_that_became_a_street_counts_as_a_town_before(
    tmp_path: Path, year: int, part: int, of: int, today: str
) -> None:
    """Cemeteries in A and B; of towns in 2020 there are A, B and C, today B and C."""
    inputs = city(
        {"category": CEMETERY, "x": 500}, {"category": CEMETERY, "x": 2500},
        crosswalk=crosswalk(RENAMED),
    )  # fmt: skip
    numerator, denominator, note = whole(inputs, tmp_path, year)
    assert (numerator, denominator) == (part, of)
    assert ("现行行政区划" in note) == bool(today)
    assert today in note


def test_changes_one_after_the_other(tmp_path: Path) -> None:
    steps = crosswalk(
        ("800", "甲乡", "乡", "900", "甲街道", "街道", 2015),
        ("900", "甲街道", "街道", TOWNS["A"], "甲街道", "街道", 2021),
    )
    inputs = city({"category": CEMETERY, "x": 500}, crosswalk=steps)
    assert [whole(inputs, tmp_path, year)[:2] for year in (2014, 2016, 2022)] == [
        (1, 3), (0, 2), (0, 2),
    ]  # fmt: skip


def test_towns_that_were_one_count_once(tmp_path: Path) -> None:
    """乙镇 and 丙镇 were 大镇 until 2021; one of them has a cemetery now."""
    split = crosswalk(
        ("700", "大镇", "镇", TOWNS["B"], "乙镇", "镇", 2021),
        ("700", "大镇", "镇", TOWNS["C"], "丙镇", "镇", 2021),
    )
    inputs = city({"category": CEMETERY, "x": 2500}, crosswalk=split)
    numerator, denominator, note = whole(inputs, tmp_path, 2020)
    assert (numerator, denominator) == (1, 1)
    assert "1 / 2" in note
    found = table(inputs, plan_of(tmp_path, ROWS), 2020)
    names = found.loc[found["level"] == "township", ["unit_code", "unit_name"]]
    assert ["700", "大镇"] in names.to_numpy().tolist()


def test_what_several_towns_became_stays_whole(tmp_path: Path) -> None:
    merged = crosswalk(
        ("701", "乙一镇", "镇", TOWNS["B"], "乙镇", "镇", 2021),
        ("702", "乙二镇", "镇", TOWNS["B"], "乙镇", "镇", 2021),
    )
    inputs = city({"category": CEMETERY, "x": 2500}, crosswalk=merged)
    assert whole(inputs, tmp_path, 2020) == (1, 2, whole(inputs, tmp_path, 2022)[2])


def test_a_layer_of_the_old_division_is_shown_beside_todays(tmp_path: Path) -> None:
    """The layer has 乙镇, which has become a street since."""
    later = crosswalk((TOWNS["B"], "乙镇", "镇", "600", "乙街道", "街道", 2024))
    inputs = city({"category": CEMETERY, "x": 2500}, crosswalk=later)
    numerator, denominator, note = whole(inputs, tmp_path, 2020)
    assert (numerator, denominator) == (1, 2)
    assert "0 / 1" in note


@pytest.fixture(scope="module")
def demo() -> Result:
    return coverage.open_project(DEMO, plan="fuling").prepare(year=2020).analyse(extras=False)


def test_rural_cemeteries_of_the_demo_in_2020(demo: Result) -> None:
    """As published: 4 of 18 by the division of 2020, where today's has 16."""
    rows = demo.indicators.query("kind == 'table' and row == 14")
    county = rows[rows["level"] == "county"].iloc[0]
    assert county[["numerator", "denominator", "baseline"]].tolist() == [4, 18, 22]
    assert county["value"] == pytest.approx(22.2222, abs=1e-3)
    assert "3 / 16" in county["note"]
    key = ["plan", "row", "variant", "level", "unit_code", "year"]
    assert not demo.indicators.duplicated(key).any()
    towns = rows[rows["level"] == "township"].set_index("unit_code")
    assert towns.index.isin(demo.townships["code"]).all()
    assert towns[["numerator", "denominator"]].sum().tolist() == [4, 18]


def test_the_explanation_counts_by_the_same_division(demo: Result) -> None:
    found = explain(demo, "rural_public_cemetery_township_coverage")
    (reading,) = found.rows[0].readings
    assert len(reading.parts) == 18
    assert "3 / 16" in reading.figures["note"]
