"""The four plans with tables on the demo: which rows its layers give, which were entered."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd
import pytest
from demo_files import DEMO, read_book

import coverage
from coverage.analysis import Prepared

# rows of the plan's table, and how many of them are computed from layers
TABLES = {"dazhou": (18, 12), "anyue": (17, 8), "fuling": (19, 11), "weinan": (21, 10)}
COUNTED = {  # by layers, by counting a ledger
    "dazhou": ({4, 5, 7, 10, 11, 14, 15, 16}, {8, 9, 13, 18}),
    "anyue": ({2, 3, 5, 7, 8, 9, 10, 15}, set()),
    "fuling": ({6, 9, 11, 13, 14, 15, 17, 18, 19}, {5, 16}),
    "weinan": ({7, 8, 13, 14, 15, 16, 17, 18, 19}, {9}),
}


@cache
def prepared(year: int) -> Prepared:
    return coverage.open_project(DEMO).prepare(year=year)


@cache
def indicators(plan: str, year: int) -> pd.DataFrame:
    configuration = coverage.open_project(DEMO, plan=plan).configuration
    table = replace(prepared(year), configuration=configuration).analyse(extras=False).indicators
    return table[table["level"] == "county"]


def rows_of_the_table(plan: str, year: int) -> pd.DataFrame:
    return indicators(plan, year).query("kind == 'table'")


@pytest.mark.parametrize("year", [2020, 2023])
@pytest.mark.parametrize("plan", TABLES)
def test_rows_are_computed_from_layers_or_entered(plan: str, year: int) -> None:
    table = rows_of_the_table(plan, year)
    rows, computed = TABLES[plan]
    assert sorted(table["row"].unique()) == list(range(1, rows + 1))
    method = table.groupby("row")["method"].agg(set)
    assert all(len(ways) == 1 for ways in method)
    by_layers, by_ledger = (
        {row for row, ways in method.items() if ways == {way}} for way in ("layers", "ledger")
    )
    assert (by_layers, by_ledger) == COUNTED[plan]
    assert len(by_layers) + len(by_ledger) == computed
    entered = table[~table["row"].isin(by_layers | by_ledger)]
    assert (entered["method"] == "entered").all()
    assert len(entered) == rows - computed
    assert entered["value"].notna().all()
    assert entered["note"].str.contains(f"{year}-12-31", regex=False).all()
    first = table.groupby("row")["value"].first()
    assert first.notna().all()


def test_baselines_that_the_plan_publishes_are_those_of_2020() -> None:
    table = rows_of_the_table("fuling", 2020)
    entered = table[(table["method"] == "entered") & table["baseline"].notna()]
    assert entered["row"].tolist() == [2, 3, 4, 7, 8]
    assert entered["value"].tolist() == entered["baseline"].tolist() == [80, 100, 100, 3700, 900]


def test_entered_figures_have_a_date_and_a_source_and_say_that_they_are_invented() -> None:
    book = read_book("entered")
    assert not book[["指标", "数值", "单位", "统计日期", "数据来源"]].isna().any().any()
    assert book["数据来源"].str.endswith("（虚构）").all()
    assert book.groupby(["指标", "规划"], dropna=False)["统计日期"].nunique().eq(3).all()


def test_a_project_that_the_list_does_not_have_is_no_data_and_not_zero() -> None:
    """The demo lists the projects of elder care only; the plan has three others by their ids."""
    whole = indicators("fuling", 2023).query("kind == 'text'").set_index("row")
    for row, name in ((99, "一1"), (100, "一2"), (112, "三11")):
        assert pd.isna(whole.loc[row, "value"])
        assert whole.loc[row, "status"] == "no_data"
        assert name in whole.loc[row, "reason"]
    assert whole.loc[113, "value"] > 0
