"""The printed table of a run: columns that line up, binding rows first, the plan's own words."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import coverage
from coverage import texts
from coverage.cli import main
from coverage.cli.columns import set_columns
from coverage.cli.figures import plan_table
from coverage.indicators import figures_of_the_whole
from coverage.texts.width import cells_of

PLAN = """
name = "mine"
title_zh = "我县规划"
title_en = "Our plan"
base_year = 2020
target_year = 2025
[[rows]]
row = 1
indicator = "community_service_area_per_100hh"
target = "≥30"
attribute = "预期性"
[[rows]]
row = 2
indicator = "social_work_station_coverage"
baseline = 10
target = 100
attribute = "约束性"
[[rows]]
row = 3
kind = "text"
indicator = "nursing_bed_share"
target = 55
[[rows]]
row = 4
indicator = "donations"
target_text = "逐年增长"
attribute = "约束性"
"""


@pytest.fixture(autouse=True)
def _chinese_again() -> object:
    yield
    texts.use("zh")


@pytest.fixture
def plan(tiny: Path) -> Path:
    file = tiny / "mine.toml"
    file.write_text(PLAN, encoding="utf-8")
    return file


def test_binding_rows_go_first_and_text_rows_stay_out(tiny: Path, plan: Path) -> None:
    """By hand: 90 m² of 250 households are 36; one of two townships has a station."""
    title, heads, *rows, counts = plan_table(coverage.open_project(tiny, plan=plan.name).run())
    assert title == "我县规划"
    assert heads.split() == ["行", "指标", "现状", "目标", "单位", "评价"]
    cells = [row.split() for row in rows]
    assert [row[0] for row in cells] == ["2", "4", "1"]
    assert cells[0][1:] == [
        "乡镇（街道）社会工作站覆盖率（约束性）",
        "50",
        "100",
        "%",
        "落后序时进度",
    ]
    assert cells[1][2:] == ["—", "逐年增长", "万元", "无数据"]
    assert cells[2][2:] == ["36", "≥30", "㎡/百户", "已达标"]
    assert counts == "规划表 3 行：已达标 1 行、落后序时进度 1 行、无数据 1 行"


def test_columns_line_up_in_both_languages(tiny: Path, plan: Path) -> None:
    result = coverage.open_project(tiny, plan=plan.name).run()
    for language in texts.LANGUAGES:
        texts.use(language)
        _, *table, _ = plan_table(result)
        assert max(map(cells_of, table)) <= 98
        status = texts.say("cli.figures_status")
        start = cells_of(table[0][: table[0].index(status)])
        words = {texts.say(f"indicators.status_{s}") for s in ("met", "behind", "no_data")}
        ended = [(x, w) for x in table[1:] for w in words if x.endswith(w)]
        assert [cells_of(x) - cells_of(w) for x, w in ended] == [start] * 3


def test_without_a_plan_or_when_quiet_there_is_no_table(
    tiny: Path, plan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan_table(coverage.open_project(tiny).run()) == []
    assert main(["run", str(tiny), "--plan", str(plan), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["run", str(tiny), "--plan", str(plan)]) == 0
    out = capsys.readouterr().out
    assert out.index("我县规划") < out.index("（约束性）") < out.index("合计口径 36.00")


def test_the_highest_level_of_each_reading_is_the_whole() -> None:
    table = pd.DataFrame(
        [(1, "reach", "township", "预期性"), (1, "reach", "city", "预期性"),
         (2, "total", "county", "约束性"), (2, "total", "county", "约束性"),
         (2, "total", "community", "约束性")],
        columns=["row", "variant", "level", "attribute"],
    )  # fmt: skip
    assert figures_of_the_whole(table).index.tolist() == [2, 3, 1]


@given(st.lists(st.text("ab 社区（）", max_size=30).map(str.strip), min_size=1, max_size=5))
def test_no_word_is_lost_and_no_line_is_too_long(names: list[str]) -> None:
    lines = set_columns([[name, "100"] for name in names], wrap=0, most=20)
    assert all(cells_of(line) <= 20 for line in lines)
    assert "".join(lines).replace(" ", "").replace("100", "") == "".join(names).replace(" ", "")


def test_cells_are_those_of_a_terminal() -> None:
    assert cells_of("“ab”㎡") == 6
    assert cells_of("社区ab") == 6
    assert cells_of(unicodedata.normalize("NFD", "é")) == 1
