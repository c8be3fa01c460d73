"""Explanations: the rows behind a number give the number, and say all that it rests on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from demo_files import DEMO

import coverage
from coverage import texts
from coverage.cli import main
from coverage.cli.columns import cells_of
from coverage.errors import ProjectError
from coverage.indicators import Explanation, Reading
from coverage.plans.parameters import COMPUTES
from coverage.results import Result

PLAN = """
level = "county"
base_year = 2020
target_year = 2025
[[rows]]
row = 1
kind = "table"
indicator = "eldercare_circle_15min_coverage"
target = 90
comparator = "≥"
baseline = 10
source = "第一章 专栏1 第1行"
[[rows]]
row = 2
kind = "table"
indicator = "community_service_area_per_100hh"
target = 30
parameters = { standard = 25 }
[[rows]]
row = 3
kind = "text"
indicator = "donations"
target = 100
[[rows]]
row = 4
kind = "text"
indicator = "nursing_bed_share"
[[rows]]
row = 5
kind = "text"
indicator = "lottery_sales"
"""
EVERY_FAMILY = {
    "social_work_station_coverage": 'variants = ["units", "reach", "units_by_reach"]\n',
    "community_service_area_per_100hh": "",
    "eldercare_circle_15min_coverage": "",
    "nursing_bed_share": 'variants = ["pooled", "mean", "median"]\n',
    "community_service_facility_300m2_share": "",
    "medical_care_combo_rate": "",
    "eldercare_health_colocation": "",
    "cremation_zone_population_share": 'variants = ["pooled", "mean"]\n',
    "eldercare_accessibility_2sfca": "",
    "volunteer_station_coverage": 'variants = ["pooled", "units"]\n',
    "eldercare_beds_total": 'variants = ["total", "mean", "median"]\n',
    "three_level_eldercare_network": "",
    "beds_per_1000_elders": "",
}
ENTERED = """indicator,value,date,source
lottery_sales,1,2019-12-31,旧年报
donations,40,2022-12-31,年报
donations,55,2023-06-30,半年报
"""


def readd(reading: Reading) -> float:
    """Add up the rows of a reading as a person would."""
    rows = reading.parts[reading.parts["counted"]]
    if reading.variant == "median":
        return float(rows["numerator"].median() * reading.scale)
    if rows["denominator"].isna().all():
        return float(rows["numerator"].sum())
    return float(rows["numerator"].sum() / rows["denominator"].sum() * reading.scale)


def only(explanation: Explanation, variant: str) -> Reading:
    found = [r for row in explanation.rows for r in row.readings if r.variant == variant]
    return found[0]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Result:
    plan = tmp_path_factory.mktemp("plan") / "families.toml"
    plan.write_text(
        "\n".join(
            f'[[rows]]\nrow = {number}\nkind = "table"\nindicator = "{indicator}"\n{more}'
            for number, (indicator, more) in enumerate(EVERY_FAMILY.items(), start=1)
        ),
        encoding="utf-8",
    )
    return coverage.open_project(DEMO, plan=str(plan)).prepare().analyse(extras=False)


def test_adding_the_rows_again_gives_every_number(demo: Result) -> None:
    """Every family and variant: the county, and some units of the levels below."""
    units = demo.inputs.units
    chosen = [None, *units.townships.index[[9]], *units.communities.index[[0, 120]]]
    checked, table = set(), demo.indicators.set_index(["row", "variant", "unit_code"])["value"]
    for row in demo.plan.rows:
        for unit in chosen:
            for reading in demo.explain(row.indicator, unit).rows[0].readings:
                value = table.get((row.row, reading.variant, reading.figures["unit_code"]))
                if value is not None and pd.notna(value):
                    assert readd(reading) == pytest.approx(value, abs=1e-9)
                    checked.add((row.family, reading.variant))
    every = {(family, variant) for family, variants in COMPUTES.items() for variant in variants}
    assert checked == every - {("entered", "total")}  # tested below


def test_what_lies_beneath_units_adds_up_to_them(demo: Result) -> None:
    township = demo.inputs.units.townships.index[3]
    explained = demo.explain("community_service_area_per_100hh", township)
    for variant in ("pooled", "reach"):
        reading = only(explained, variant)
        beneath = reading.beneath.groupby("part_code")[["numerator", "denominator"]].sum()
        parts = reading.parts.set_index("code")
        both = parts["numerator"].to_frame("part").join(beneath["numerator"]).fillna(0.0)
        assert both["numerator"].to_numpy() == pytest.approx(both["part"].to_numpy())
    assert set(only(explained, "pooled").beneath["kind"]) == {"facility"}
    points = only(explained, "reach").beneath
    assert (points["minutes"].le(15) == points["numerator"].gt(0)).all()


def test_units_that_differ_are_those_of_the_unit_asked_for(demo: Result) -> None:
    whole = demo.explain("eldercare_circle_15min_coverage").rows[0].differences[0]
    town = demo.inputs.units.communities.loc[whole.units.index[0], "township"]
    inside = demo.explain("eldercare_circle_15min_coverage", town).rows[0].differences[0]
    assert 0 < len(inside.units) < len(whole.units)
    assert inside.units.index.isin(whole.units.index).all()
    both = whole.units[["reach", "units"]]
    assert ((both["reach"] >= 50) != (both["units"] > 0)).all()


@pytest.fixture
def result(tiny: Path) -> Result:
    (tiny / "own.toml").write_text(PLAN, encoding="utf-8")
    (tiny / "entered.csv").write_text(ENTERED, encoding="utf-8")
    project = tiny / "project.toml"
    project.write_text(
        project.read_text(encoding="utf-8")
        + '[layers.entered]\npath = "entered.csv"\n'
        + "[indicators.eldercare_circle_15min_coverage]\nmin_unit_share = 0.6\n",
        encoding="utf-8",
    )
    choices = {"eldercare_circle_15min_coverage": {"elder_age": "60"}}
    opened = coverage.open_project(tiny, plan="own.toml", choices=choices)
    return opened.prepare().analyse(extras=False)


def test_reach_is_told_person_by_person(result: Result) -> None:
    """Of 100 elders 30 walk to f1 in 15 minutes: 20 of A1, and 10 of B1 exactly at the limit."""
    reading = only(result.explain("table:1"), "reach")
    assert reading.calculation == "30 ÷ 100 × 100 = 30 %"
    assert reading.parts["numerator"].tolist() == [20, 10, 0]
    assert reading.parts["denominator"].tolist() == [20, 30, 50]
    assert reading.lacking["name"].tolist() == ["乙二村"]
    points = reading.beneath.set_index("code")
    assert points.loc["d2", ["numerator", "facility"]].tolist() == [10, "f1"]
    assert points.loc["d2", "minutes"] == pytest.approx(15)
    assert points.loc["d3", "numerator"] == 0
    assert any("(30 − 10)÷(90 − 10)" in told.replace("（", "(").replace("）", ")")
               for told in reading.judgement)  # fmt: skip


def test_units_are_told_with_the_facilities_they_have(result: Result) -> None:
    reading = only(result.explain("table:1"), "units")
    assert reading.parts["numerator"].tolist() == [1, 0, 0]
    assert reading.beneath[["code", "part_name"]].to_numpy().tolist() == [["f1", "甲一社区"]]
    town = only(result.explain("table:1", "500999101"), "units")
    assert town.calculation == "0 ÷ 2 × 100 = 0 %"


def test_what_was_set_is_told_with_who_set_it(result: Result) -> None:
    row = result.explain("table:1").rows[0]
    parameters = row.parameters.set_index("parameter")
    assert parameters.loc["min_unit_share", ["value", "default", "origin"]].tolist() == [
        0.6, 0.5, "project",
    ]  # fmt: skip
    assert parameters.loc["service", "origin"] == "catalogue"
    assert row.choices.set_index("choice").loc["elder_age", ["value", "origin"]].tolist() == [
        "60", "caller",
    ]  # fmt: skip
    area = result.explain("table:2").rows[0].parameters.set_index("parameter")
    assert area.loc["standard", ["value", "default", "origin"]].tolist() == [25, 30, "plan"]


def test_files_are_those_read_with_their_hash(result: Result, tiny: Path) -> None:
    files = result.explain("table:1").files.set_index("layer")
    for layer, name in (("facilities", "facilities.gpkg"), ("network", "streets.gpkg")):
        digest = hashlib.sha256((tiny / name).read_bytes()).hexdigest()
        assert files.loc[layer, ["path", "sha256"]].tolist() == [name, digest]
    assert set(result.explain("donations").files["layer"]) == {"project", "entered"}


def test_an_entered_figure_names_its_row(result: Result) -> None:
    reading = only(result.explain("donations"), "total")
    assert reading.entered is not None
    assert (reading.value, reading.entered.date, reading.entered.source) == (
        55, "2023-06-30", "半年报",
    )  # fmt: skip
    assert reading.parts[["code", "numerator"]].to_numpy().tolist() == [["4", 55]]
    assert readd(reading) == reading.value
    assert reading.calculation == "录入值 = 55 万元"
    below = only(result.explain("donations", "500999001"), "total")
    assert pd.isna(below.value)
    assert below.figures["reason"]


def test_what_cannot_be_computed_says_what_to_do(result: Result) -> None:
    reading = only(result.explain("nursing_bed_share"), "pooled")
    assert reading.figures["method"] == "not_computable"
    assert "beds" in reading.figures["reason"]
    assert reading.remedy == texts.say("explain.remedy_lacks")
    assert reading.parts.empty


def test_facilities_that_do_not_count_are_listed_with_the_reason(tiny: Path) -> None:
    explained = coverage.open_project(tiny).explain("social_work_station_coverage")
    aside = only(explained, "units").set_aside
    assert aside[["id", "reason", "township"]].to_numpy().tolist() == [
        ["f5", "not_in_service", "乙镇"]
    ]
    inside = coverage.open_project(tiny).explain("social_work_station_coverage", "500999001")
    assert only(inside, "units").set_aside.empty


def test_indicators_are_found_by_name_and_place(result: Result) -> None:
    by_name = ("每百户居民拥有的社区综合服务设施面积", "community_service_area_per_100hh")
    title = result.plan.indicators[by_name[1]].zh
    found = {result.explain(word).rows[0].row.row for word in (title, by_name[1], "table:2")}
    assert found == {2}


@pytest.mark.parametrize(
    ("indicator", "unit", "said"),
    [
        ("eldercare_circle_15min", None, "eldercare_circle_15min_coverage"),
        ("table:11", None, "table:1"),
        ("marriage_cross_handling", None, "--plan"),
        ("table:1", "500999009", "500999001 甲街道"),
        ("table:1", "甲二社区", "500999001001 甲一社区"),
    ],
)
def test_what_is_unknown_names_the_nearest(
    result: Result, indicator: str, unit: str | None, said: str
) -> None:
    with pytest.raises(ProjectError, match=said):
        result.explain(indicator, unit)


def test_the_command_tells_it_in_a_hundred_columns(
    tiny: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = tmp_path / "rows.csv"
    for language in texts.LANGUAGES:
        asked = ["eldercare_circle_15min_coverage", "--unit", "500999101", "--csv", str(rows)]
        assert main(["explain", str(tiny), *asked, "--lang", language]) == 0
        told = capsys.readouterr().out
        assert "10 ÷ 80 × 100 = 12.5 %" in told
        assert str(rows) in told
        assert max(map(cells_of, told.removesuffix(f"{rows}\n").splitlines()[:-1])) <= 100
    table = pd.read_csv(rows, encoding="utf-8-sig")
    reach = table[(table["variant"] == "reach") & (table["role"] == "counted")]
    assert reach[["numerator", "denominator"]].sum().tolist() == [10, 80]
    assert set(table["role"]) == {"counted", "beneath"}


def test_the_command_shows_one_reading_and_says_what_others_there_are(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["explain", str(tiny), "eldercare_circle_15min_coverage", "--variant"]
    assert main([*asked, "units"]) == 0
    told = capsys.readouterr().out
    assert "【按单位计】" in told
    assert "【可达口径】" not in told
    assert main([*asked, "pooled"]) == 2
    assert "units_by_reach" in capsys.readouterr().err
    assert main(["explain", str(tiny), "beds"]) == 1
