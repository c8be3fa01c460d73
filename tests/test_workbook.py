"""The workbook of indicators, read back: its figures are those of the tables, its text is text."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from openpyxl.worksheet.worksheet import Worksheet

import coverage
from coverage import texts
from coverage.cli import main
from coverage.errors import OutputError
from coverage.indicators import figures_of_the_whole, shortfalls
from coverage.outputs.workbook.book import Column, Row, Sheet, book_of
from coverage.results import Result

NOTICE = "演示数据（虚构）"
HEADER = 4
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")')
PLAN = """
name = "mine"
title_zh = "我县规划"
base_year = 2020
target_year = 2025
[[rows]]
row = 1
indicator = "community_service_area_per_100hh"
target = "≥40"
attribute = "预期性"
[[rows]]
row = 2
indicator = "eldercare_circle_15min_coverage"
baseline = 10
target = 90
attribute = "约束性"
[[rows]]
row = 3
indicator = "social_work_station_coverage"
target = 100
attribute = "约束性"
source = "@专栏"
[[rows]]
row = 4
indicator = "donations"
target = 1200
[[rows]]
row = 5
indicator = "sw_talent_total"
target = 60
kind = "text"
[[rows]]
row = 6
indicator = "welfare_lottery_outlets"
target = 3
kind = "box"
target_year = 2023
[[rows]]
row = 7
indicator = "nursing_bed_share"
target = 55
kind = "text"
[[left_out]]
row = 8
reason_zh = "只是评估安排"
"""


@pytest.fixture(autouse=True)
def _chinese_again() -> Iterator[None]:
    yield
    texts.use("zh")


@pytest.fixture
def project(tiny: Path) -> Path:
    (tiny / "mine.toml").write_text(PLAN, encoding="utf-8")
    (tiny / "entered.csv").write_text(
        "指标,数值,日期,来源\ndonations,900,2022-12-31,=民政局年报\ndonations,950,2023-06-30,+季报\n",
        encoding="utf-8",
    )
    file = tiny / "project.toml"
    words = file.read_text(encoding="utf-8")
    head = f'[project]\nplan = "mine.toml"\nnotice = "{NOTICE}"'
    words = words.replace("[project]", head).replace(
        "[layers.demand]", '[layers.entered]\npath = "entered.csv"\n[layers.demand]'
    )
    file.write_text(words, encoding="utf-8")
    return tiny


@pytest.fixture(scope="module")
def known() -> dict[str, Result]:
    """Return what has been run so far: a result outlives its files."""
    return {}


@pytest.fixture
def result(project: Path, known: dict[str, Result]) -> Result:
    if not known:
        known["mine"] = coverage.open_project(project).run()
    return known["mine"]


def opened(result: Result, tmp_path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(result.save_workbook(tmp_path / "indicators.xlsx"))


def table(sheet: Worksheet) -> pd.DataFrame:
    """Return the table of a sheet, its columns named by the header without line breaks."""
    head, *rows = sheet.iter_rows(min_row=HEADER, values_only=True)
    names = [str(name).replace("\n", " ") for name in head]
    return pd.DataFrame(rows, columns=names, dtype=object)


def same(cell: Any, value: float) -> bool:
    """Return whether a cell holds a number, or words where there is none.

    Workbooks hold sixteen digits.
    """
    if math.isnan(value):
        return isinstance(cell, str)
    return math.isclose(cell, value, rel_tol=1e-15)


def test_the_plans_figures_are_those_of_the_table(result: Result, tmp_path: Path) -> None:
    book = opened(result, tmp_path)
    main_rows, text_rows = table(book["主要指标"]), table(book["文本与专栏指标"])
    assert main_rows["序号"].drop_duplicates().tolist() == [2, 3, 1, 4]
    assert text_rows["序号"].tolist() == [5, 6, 7, 8]
    assert text_rows["类别"].tolist() == ["正文", "专栏", "正文", "正文"]
    whole = figures_of_the_whole(result.indicators)
    words = {texts.say(f"indicators.variant_{v}"): v for v in result.indicators["variant"].unique()}
    shown = pd.concat([main_rows, text_rows[text_rows["序号"] < 8]])
    assert len(shown) == len(whole)
    exact = whole.set_index(["row", "variant"])
    columns = {
        "2020年基期值": "baseline", "2025年目标值": "target", "2023年现状值": "value",
        "分子": "numerator", "分母": "denominator", "差额": "gap", "完成进度": "progress",
    }  # fmt: skip
    for line in shown.to_dict("records"):
        figure = exact.loc[(line["序号"], words[line["口径/读法"]])]
        assert all(same(line[title], figure[name]) for title, name in columns.items()), line
        assert line["状态"] == texts.say(f"indicators.status_{figure['status']}")
        assert line["单位"] == figure["unit"]


def test_no_data_is_a_word_and_the_reason_stands_beside(result: Result, tmp_path: Path) -> None:
    line = table(opened(result, tmp_path)["文本与专栏指标"]).set_index("序号").loc[5]
    assert line["2023年现状值"] == "无数据"
    assert line["差额"] == line["完成进度"] == "—"
    assert "尚未录入" in line["说明"]


@pytest.mark.parametrize(
    ("level", "sheet", "own"), [("township", "分乡镇", 3), ("community", "分社区", 4)]
)
def test_units_have_the_values_of_the_table(
    result: Result, tmp_path: Path, level: str, sheet: str, own: int
) -> None:
    rows = table(opened(result, tmp_path)[sheet])
    figures = result.indicators[result.indicators["level"] == level]
    by_code = figures.set_index(["row", "variant", "unit_code"])["value"]
    units = (result.townships if level == "township" else result.communities).set_index("code")
    inputs = [name for name in ("households", "population", "elders60") if name in units]
    words = {texts.say(f"indicators.variant_{v}"): v for v in figures["variant"].unique()}
    assert rows["代码"].tolist()[1:] == units.index.tolist()
    readings = rows.columns[own + len(inputs) :]
    # whether a township has a station says nothing of its communities
    assert len(readings) == {"township": 6, "community": 5}[level]
    for line in rows.iloc[1:].to_dict("records"):
        given = list(line.values())[own : own + len(inputs)]
        assert given == [units.loc[line["代码"], name] for name in inputs]
        for title in readings:
            row, variant = int(title.split()[0]), words[title.split()[-1].partition("（")[0]]
            assert same(line[title], by_code[(row, variant, line["代码"])]), title


def test_shortfalls_add_up_to_the_target(result: Result) -> None:
    """By hand: 40 m² per 100 households; 村 of 100 households and no m² lacks 40."""
    found = shortfalls(result.indicators, result.plan)
    area = found[found["row"] == 1].set_index("unit_name")["shortfall"]
    assert area.to_dict() == {"小县（虚构）": 250 * 0.4 - 90, "乙二村": 40.0}
    stations = found[(found["row"] == 3) & (found["level"] == "township")]
    assert stations[["unit_name", "shortfall", "counted"]].to_numpy().tolist() == [
        ["乙镇", 1.0, "处"]
    ]
    reach = found[(found["row"] == 2) & (found["variant"] == "reach")]
    lacking = 0.9 * reach["denominator"] - reach["numerator"]
    assert reach["shortfall"].tolist() == pytest.approx(lacking.tolist())
    entered = found[found["row"] == 4]
    assert entered[["shortfall", "counted"]].to_numpy().tolist() == [[250.0, "万元"]]


def test_of_units_that_need_one_each_lacks_a_whole_one(project: Path) -> None:
    """A target of 80 % of two townships asks for 1.6: two; one has none: it lacks one."""
    plan = (project / "mine.toml").read_text(encoding="utf-8")
    (project / "mine.toml").write_text(plan.replace("target = 100,", "target = 80,"), "utf-8")
    result = coverage.open_project(project).run()
    found = shortfalls(result.indicators, result.plan)
    assert found[found["row"] == 3]["shortfall"].tolist() == [1.0, 1.0]


def test_the_list_below_target_gives_whole_sum_and_units(result: Result, tmp_path: Path) -> None:
    rows = table(opened(result, tmp_path)["未达标清单"])
    assert rows["序号"].drop_duplicates().tolist() == [2, 3, 1, 4]
    found = shortfalls(result.indicators, result.plan)
    units = rows[rows["代码"].astype(bool) & (rows["备注"] != "逐个单位缺口之和")]
    assert sorted(units["缺口"]) == pytest.approx(sorted(found["shortfall"]), rel=1e-15)
    reach = rows[(rows["序号"] == 2) & (rows["口径/读法"] == "可达口径")]
    assert reach["单位名称"].tolist()[1] == "未达标 2 个"
    assert reach["缺口"].tolist()[1] == pytest.approx(sum(reach["缺口"].tolist()[2:]))


def test_entered_figures_carry_date_and_source(result: Result, tmp_path: Path) -> None:
    rows = table(opened(result, tmp_path)["录入数据"])
    line = rows.iloc[0].to_dict()
    assert (line["序号"], line["数值"], line["数据日期"]) == (4, 950, "2023-06-30")
    assert (line["来源"], line["采用情况"]) == ("+季报", "已采用")
    assert rows["采用情况"].tolist()[1:] == ["待录入"]
    assert rows["序号"].tolist()[1:] == [5]


def test_parameters_name_files_with_their_digests(result: Result, tmp_path: Path) -> None:
    rows = table(opened(result, tmp_path)["参数与口径"])
    said = " ".join(rows["说明"].astype(str))
    for source in result.record["inputs"].values():
        assert source["sha256"] in said
    services = rows[rows["类别"] == "服务"]["项目"].tolist()
    assert [name.split()[-1] for name in services] == [s.name for s in result.services]
    definitions = rows[rows["类别"] == "指标口径"]["项目"].tolist()
    assert [int(name.split()[0]) for name in definitions] == [1, 2, 3, 4, 5, 6, 7]
    speed = rows[rows["说明"] == "speed_m_s"]
    assert speed["取值 / 含义"].tolist() == ["1"]


def test_data_quality_counts_every_finding(result: Result, tmp_path: Path) -> None:
    rows = table(opened(result, tmp_path)["数据质量"])
    assert rows["条数"].sum() == len(result.issues)
    rank = rows["程度"].map({"错误": 0, "警告": 1, "说明": 2}).tolist()
    assert rank == sorted(rank)


def test_every_sheet_prints_on_a4_with_its_header_and_the_notice(
    result: Result, tmp_path: Path
) -> None:
    for sheet in opened(result, tmp_path):
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert (sheet.page_setup.fitToWidth or 1, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == f"${HEADER}:${HEADER}"
        assert sheet.freeze_panes.endswith(str(HEADER + 1))
        assert sheet.auto_filter.ref.startswith(f"A{HEADER}:")
        assert NOTICE in sheet.oddHeader.left.text
        assert NOTICE in sheet["A2"].value
        assert "&P" in sheet.oddFooter.center.text or "&[Page]" in sheet.oddFooter.center.text
        assert sheet["A5"].font.name == "宋体"


def test_what_users_write_is_never_a_formula(result: Result, tmp_path: Path) -> None:
    sheet = Sheet(
        name="表", title=FORMULAS[0], about=FORMULAS[1],
        columns=[Column(title=FORMULAS[2], width=9), Column(title=FORMULAS[3], width=9)],
        rows=[Row(cells=[text, 1.0]) for text in FORMULAS],
    )  # fmt: skip
    content = book_of([sheet], title="=1", subject="=2", notice="+3 & 4", language="zh")
    page = openpyxl.load_workbook(io.BytesIO(content))["表"]
    cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s", "n"}
    assert [page.cell(HEADER + 1 + n, 1).value for n in range(len(FORMULAS))] == list(FORMULAS)
    assert all(page.cell(HEADER + 1 + n, 1).quotePrefix for n in range(len(FORMULAS)))
    entered = opened(result, tmp_path)["录入数据"]
    assert all(cell.data_type != "f" for row in entered.iter_rows() for cell in row)


def test_the_same_result_gives_the_same_bytes_and_both_languages(
    result: Result, tmp_path: Path
) -> None:
    first, second = (result.save_workbook(tmp_path / f"{n}.xlsx").read_bytes() for n in (1, 2))
    assert first == second
    texts.use("en")
    names = opened(result, tmp_path).sheetnames
    assert names[:3] == ["Main indicators", "Text and boxes", "Townships"]
    assert len(names) == 8


def test_without_a_plan_there_is_a_workbook_too(tiny: Path, tmp_path: Path) -> None:
    book = opened(coverage.open_project(tiny).run(), tmp_path)
    assert "文本与专栏指标" not in book.sheetnames
    gaps = table(book["未达标清单"])
    assert gaps["单位名称"].tolist() == ["乙二村"]
    assert gaps["缺口"].tolist() == [30.0]


def test_a_file_held_open_is_told_and_left_as_it_was(
    result: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "indicators.xlsx"
    file.write_bytes(b"mine")

    def held(*_: object) -> None:
        raise PermissionError(13, "in use")

    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(OutputError, match="请先在 WPS/Excel 中关闭"):
        result.save_workbook(file)
    assert [entry.name for entry in tmp_path.iterdir() if entry.is_file()] == ["indicators.xlsx"]
    assert file.read_bytes() == b"mine"


def test_the_command_writes_it_where_it_is_asked(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "out" / "指标表.xlsx"
    assert main(["run", str(project), "--workbook", str(file)]) == 0
    assert f"指标表：{file}" in capsys.readouterr().out
    assert file.is_file()
    assert main(["run", str(project), "--workbook", "x.csv"]) == 2
