"""The table of a plan: its rows, levels, targets, reasons and notes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_city import PLACES, city, communities, plan_of, table

import coverage
from coverage.cli import main
from coverage.errors import PlanError
from coverage.indicators import differing_units
from coverage.indicators.evaluate import COLUMNS

STATION = 'indicator = "community_eldercare_station_coverage"\nvariants = ["units"]\n'
BEDS = 'indicator = "eldercare_beds_total"\n'
AREA = 'indicator = "community_service_area_per_100hh"\n'


def station(x: float, **fields: Any) -> dict[str, Any]:
    return {"category": "community_eldercare_station", "x": x, **fields}


def home(x: float, beds: float) -> dict[str, Any]:
    return {"category": "eldercare_institution", "x": x, "beds_total": beds}


def rooms(x: float, area: float) -> dict[str, Any]:
    return {"category": "community_service_facility", "x": x, "floor_area_m2": area}


def row(number: int, text: str) -> str:
    return f'[[rows]]\nrow = {number}\nkind = "table"\n{text}'


def at(frame: pd.DataFrame, level: str, variant: str | None = None) -> pd.DataFrame:
    rows = frame[frame["level"] == level]
    return rows if variant is None else rows[rows["variant"] == variant]


def test_a_rate_is_judged_at_every_level_a_count_at_the_plans_own(tmp_path: Path) -> None:
    goals = 'target = 75\ncomparator = "≥"\nbaseline = 25\n'
    plan = plan_of(tmp_path, row(1, STATION + goals) + row(2, BEDS + "target = 100\n"))
    found = table(city(station(500), station(1500), home(500, 60.0)), plan)
    assert list(found.columns) == list(COLUMNS)
    assert not found.duplicated(["plan", "row", "variant", "level", "unit_code", "year"]).any()
    rate = found[found["row"] == 1]
    assert at(rate, "city")[["value", "gap", "progress"]].iloc[0].tolist() == [50, 25, 0.5]
    assert at(rate, "city")["status"].tolist() == ["behind"]
    assert at(rate, "community")["status"].tolist() == ["met", "met", "behind", "behind"]
    count = found[found["row"] == 2]
    assert at(count, "city")[["value", "target", "gap"]].iloc[0].tolist() == [60, 100, 40]
    assert at(count, "city")["numerator"].tolist() == [60]
    assert set(at(count, "county")["status"]) == {"no_target"}
    assert at(count, "community")[["target", "denominator"]].isna().all(axis=None)
    assert (count["method"] == "ledger").all()


def test_the_plans_level_is_the_whole_where_the_project_has_none(tiny: Path) -> None:
    plan = '[[rows]]\nrow = 1\nindicator = "eldercare_institution_number"\ntarget = 2\n'
    own = """
[indicators.eldercare_institution_number]
zh = "养老机构数"
family = "count"
unit = "个"
parameters = { of = "facilities", categories = ["eldercare_institution"] }
"""
    (tiny / "city.toml").write_text(f'level = "city"\n{own}{plan}', encoding="utf-8")
    found = coverage.open_project(tiny, plan="city.toml").run().indicators
    whole = at(found, "county").iloc[0]
    assert (whole["value"], whole["target"], whole["gap"]) == (1, 2, 1)
    assert at(found, "township")["target"].isna().all()


def test_rows_stay_in_the_plans_order_and_repeats_share_values(tmp_path: Path) -> None:
    rows = (
        row(7, BEDS) + row(3, STATION + 'attribute = "约束性"\n') + row(9, BEDS + "repeats = 7\n")
    )
    found = table(city(station(500), home(500, 60.0)), plan_of(tmp_path, rows))
    assert found["row"].drop_duplicates().tolist() == [7, 3, 9]
    same = [found[found["row"] == number]["value"].to_numpy() for number in (7, 9)]
    assert np.array_equal(*same)


def test_what_cannot_be_computed_says_why_and_is_never_zero(tmp_path: Path) -> None:
    rows = row(1, STATION) + row(2, 'indicator = "planned_project_beds"\n')
    rows += row(3, 'indicator = "village_child_director"\n') + row(4, 'indicator = "siting_gain"\n')
    found = table(city(home(500, 60.0)), plan_of(tmp_path, rows)).set_index("row")
    assert set(found["method"]) == {"not_computable"}
    assert found["value"].isna().all()
    assert set(found["status"]) == {"no_data"}
    assert "社区养老服务站" in found.loc[1, "reason"]
    assert "projects" in found.loc[2, "reason"]
    assert "child_director" in found.loc[3, "reason"]
    assert "site" in found.loc[4, "reason"]


def test_a_denominator_of_0_and_missing_data_have_their_reasons(tmp_path: Path) -> None:
    people = communities(households=[0.0, np.nan, 80.0, 120.0], population=[0, np.nan, 200, 300])
    plan = plan_of(tmp_path, row(1, AREA))
    services = tuple(plan.services.values())
    found = table(city(rooms(500, 30.0), communities=people, services=services), plan)
    places = at(found, "community", "pooled").set_index("unit_name")
    assert places["value"].isna().tolist() == [True, True, False, False]
    assert places["status"].tolist()[:2] == ["no_data", "no_data"]
    assert "分母为 0" in places.loc["A1", "reason"]
    assert "缺数据" in places.loc["A2", "reason"]
    county = at(found, "county", "compliance").iloc[0]
    assert (county["units_total"], county["units_missing"]) == (3, 2)
    assert "A1、A2" in county["note"]


def test_estimated_households_are_named(tmp_path: Path) -> None:
    people = communities(households=[100.0, np.nan, 80.0, 120.0])
    plan = plan_of(tmp_path, row(1, AREA))
    services = tuple(plan.services.values())
    inputs = city(rooms(500, 30.0), communities=people, services=services)
    found = table(inputs, plan)
    top = at(found, "city", "pooled").iloc[0]
    assert top["denominator"] == pytest.approx(300 + 150 / 2.45)
    assert "A2" in top["note"]
    left_out = AREA + 'choices = { missing_households = "leave_out" }\n'
    top = at(table(inputs, plan_of(tmp_path, row(1, left_out))), "city", "pooled").iloc[0]
    assert (top["denominator"], top["units_missing"]) == (300, 1)


def test_the_units_that_explain_why_two_readings_differ(tmp_path: Path) -> None:
    plan = plan_of(
        tmp_path, row(1, AREA) + row(2, STATION.replace('["units"]', '["units", "units_by_reach"]'))
    )
    inputs = city(
        rooms(500, 60.0), rooms(1500, 10.0), station(1400), services=tuple(plan.services.values())
    )
    found = table(inputs, plan)
    area, circle = plan.rows
    failing = differing_units(found, area, "pooled", "compliance")
    assert failing["unit_name"].tolist() == ["A2", "B1", "C1"]
    assert failing["pooled"].tolist() == [20, 0, 0]
    reached = differing_units(found, circle, "units", "units_by_reach")
    assert reached[["unit_name", "counted"]].to_numpy().tolist() == [["A1", "units_by_reach"]]
    assert reached.index.tolist() == [PLACES["A1"]]


OWN = """
level = "county"
base_year = 2020
target_year = 2025
[[rows]]
row = 1
indicator = "beds_per_1000_elders"
target = 30
[[rows]]
row = 2
indicator = "no_such_indicator"
"""


def test_figures_of_a_single_county_need_no_code(own: Path) -> None:
    text = "指标编号,年份,数值,来源,日期\nbeds_per_1000_elders,2023,12,台账,2023-06-30\n"
    (own / "entered.csv").write_text(text, encoding="utf-8")
    file = own / "project.toml"
    layer = '[layers.entered]\npath = "entered.csv"\n'
    file.write_text(file.read_text(encoding="utf-8") + layer, encoding="utf-8")
    found = coverage.open_project(own).run().indicators
    # the ledger has no beds
    assert found[["level", "value", "method"]].to_numpy().tolist() == [["county", 12.0, "entered"]]
    assert "2023-06-30" in found["note"].iloc[0]
    assert "台账" in found["note"].iloc[0]


@pytest.fixture
def own(tiny: Path, edit: Callable[[str, str], None]) -> Path:
    """Give the tiny county a plan of one good row and a faulty one."""
    (tiny / "own.toml").write_text(OWN, encoding="utf-8")
    edit("year = 2023\n", 'year = 2023\nplan = "own.toml"\n')
    return tiny


def test_a_faulty_row_is_an_issue_and_the_rest_goes_on(own: Path) -> None:
    result = coverage.open_project(own).run()
    assert result.indicators["row"].unique().tolist() == [1]
    for issues in (result.issues, coverage.open_project(own).check().issues):
        told = issues[issues["code"] == "plan_row"]
        assert told["severity"].tolist() == ["warning"]
        assert "no_such_indicator" in told["message"].iloc[0]


def test_readings_are_chosen_by_the_project_and_over_it_by_the_command(
    own: Path, tmp_path: Path
) -> None:
    file = own / "project.toml"
    section = '\n[indicators.beds_per_1000_elders]\nscale = 100\nbed_scope = "all"\n'
    file.write_text(file.read_text(encoding="utf-8") + section, encoding="utf-8")
    rows = coverage.open_project(own).configuration.plan.rows
    assert rows[0].parameters["scale"] == 100
    assert "day_care_center" in rows[0].parameters["numerator"]["categories"]
    out = tmp_path / "out"
    chosen = [
        "--set",
        "beds_per_1000_elders.scale=10",
        "--set",
        "beds_per_1000_elders.bed_scope=institutions",
    ]
    assert main(["run", str(own), "--out", str(out), "--quiet", *chosen]) == 0
    told = pd.read_json(out / "run.json", typ="series")["parameters"]["indicators"]
    assert told[0]["parameters"]["scale"] == 10
    assert told[0]["choices"]["bed_scope"] == "institutions"
    assert main(["run", str(own), "--set", "beds"]) == 2
    with pytest.raises(PlanError, match="beds_per_1000_elders"):
        coverage.open_project(own, choices={"beds_per_1000_elder": {}})
