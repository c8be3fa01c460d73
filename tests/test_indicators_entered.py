"""Figures entered by hand: which one stands for which row, unit and year."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from small_city import CRS, TOWNS, city, plan_of, table, with_more

from coverage.indicators import Inputs, report_plan
from coverage.layers import IssueLog
from coverage.plans import Plan

RATE = "marriage_registration_pass_rate"
PLAN = f"""
[[rows]]
row = 4
indicator = "{RATE}"
name_zh = "登记合格率"
baseline = 90
target = 100
comparator = "≥"
[[rows]]
row = 5
indicator = "donations"
target = 500
[[rows]]
row = 6
indicator = "welfare_lottery_outlets"
target = 20
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return plan_of(tmp_path, PLAN)


def entered(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    made = [{"source_row": n, "source": "年报", **row} for n, row in enumerate(rows, start=2)]
    frame = pd.DataFrame(made)
    return gpd.GeoDataFrame(frame, geometry=[None] * len(frame), crs=CRS)


def with_figures(*rows: dict[str, Any]) -> Inputs:
    return with_more(city({"category": "canteen"}), entered=entered(*rows))


def figure(value: float | None, year: int | None, **other: Any) -> dict[str, Any]:
    return {"indicator": RATE, "value": value, "year": year, **other}


def of_row(inputs: Inputs, plan: Plan, number: int, year: int = 2023) -> pd.DataFrame:
    found = table(inputs, plan, year)
    return found[found["row"] == number]


def test_a_figure_is_tracked_like_any_other(plan: Plan) -> None:
    found = of_row(with_figures(figure(97.0, 2023)), plan, 4).iloc[0]
    assert (found["method"], found["level"], found["value"]) == ("entered", "city", 97)
    assert (found["gap"], found["progress"], found["status"]) == (3, 0.7, "on_track")
    assert "2023" in found["note"]
    assert "年报" in found["note"]


def test_the_latest_figure_not_after_the_year_is_taken(plan: Plan) -> None:
    inputs = with_figures(
        figure(95.0, 2021), figure(99.0, 2024), figure(96.0, 2022), figure(96.5, 2022)
    )
    assert of_row(inputs, plan, 4)["value"].tolist() == [96.5]
    assert of_row(inputs, plan, 4, 2021)["value"].tolist() == [95]
    assert of_row(inputs, plan, 4, 2024)["value"].tolist() == [99]
    early = of_row(inputs, plan, 4, 2020).iloc[0]
    assert (early["method"], early["status"]) == ("entered", "no_data")
    assert "2020" in early["reason"]


def test_days_are_told_apart(plan: Plan) -> None:
    inputs = with_figures(
        figure(95.0, None, 日期="2023-06-30"),
        figure(94.0, None, 日期="2023年3月"),
        figure(90.0, 2022),
    )
    found = of_row(inputs, plan, 4).iloc[0]
    assert found["value"] == 95
    assert "2023-06-30" in found["note"]


def test_figures_of_counties_and_of_the_whole_stand_side_by_side(plan: Plan) -> None:
    inputs = with_figures(
        figure(95.0, 2023, unit_code=""),
        figure(91.0, 2023, unit_code="500902"),
        figure(99.0, 2023, unit_code=TOWNS["A"]),
    )
    found = of_row(inputs, plan, 4)
    assert found["level"].tolist() == ["city", "county", "township"]
    assert found["value"].tolist() == [95, 91, 99]
    assert found["unit_name"].tolist() == ["小市", "500902", "甲街道"]


def test_a_figure_names_its_row_by_indicator_name_or_number(plan: Plan) -> None:
    by_name = with_figures({**figure(95.0, 2023), "indicator": "登记合格率"})
    assert of_row(by_name, plan, 4)["value"].tolist() == [95]
    by_number = with_figures({**figure(300.0, 2023), "indicator": "", "行号": 5.0})
    assert of_row(by_number, plan, 5)["value"].tolist() == [300]
    assert of_row(by_number, plan, 4)["value"].isna().all()


def test_a_figure_takes_the_place_of_what_no_ledger_gives(plan: Plan) -> None:
    inputs = with_figures({**figure(15.0, 2023), "indicator": "welfare_lottery_outlets"})
    found = of_row(inputs, plan, 6).iloc[0]
    assert (found["method"], found["value"], found["gap"]) == ("entered", 15, 5)


def test_without_the_layer_it_is_not_computable(plan: Plan) -> None:
    found = of_row(city({"category": "canteen"}), plan, 4).iloc[0]
    assert found["method"] == "not_computable"
    assert "entered" in found["reason"]


def test_figures_that_cannot_be_used_are_told(plan: Plan) -> None:
    inputs = with_figures(
        figure(95.0, 2023, unit_code="500902"),
        figure(96.0, 2031, unit_code=""),
        figure(None, 2023, unit_code=""),
        figure(97.0, None, unit_code=""),
        figure(97.0, 2023, unit_code="999999"),
        {**figure(97.0, 2023, unit_code=""), "indicator": "marriage_registration_pass_rat"},
    )
    issues = IssueLog()
    report_plan(issues, plan, inputs.layers.others["entered"], inputs.units, 2025)
    told = issues.frame()
    assert told[["row", "code"]].to_numpy().tolist() == [
        [3, "entered_future"],
        [4, "entered_without_value"],
        [5, "entered_undated"],
        [6, "entered_unit"],
        [7, "entered_unknown"],
    ]
    assert RATE in told["message"].iloc[-1]
    assert of_row(inputs, plan, 4, 2035)["value"].tolist() == [96, 95]
    # the one without a date stands for the whole until there is another
    assert of_row(inputs, plan, 4, 2023)["value"].tolist() == [97, 95]
