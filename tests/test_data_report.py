"""The data report: problems by kind, and the user's own table with its cells marked."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest

import coverage
from coverage import texts
from coverage.cli import main
from coverage.layers import AsRead, IssueLog
from coverage.outputs import data_report
from coverage.outputs.data_report import data_workbook, problems

RED, YELLOW, BLUE = "FFF4B6B0", "FFFFE699", "FFDCE9F7"
HEADERS = ("编号", "设施名称", "建筑面积", "经度", "纬度")
FIELDS = {"id": 0, "name": 1, "floor_area_m2": 2, "lon": 3, "lat": 4}


@pytest.fixture(autouse=True)
def _chinese_again() -> object:
    yield
    texts.use("zh")


def table(rows: Sequence[int], *cells: Sequence[str]) -> AsRead:
    frame = pd.DataFrame(cells, dtype="str").set_axis(range(len(HEADERS)), axis=1)
    return AsRead(headers=HEADERS, cells=frame, rows=np.array(rows), fields=FIELDS)


def book(issues: IssueLog, **as_read: AsRead) -> openpyxl.Workbook:
    layers = pd.DataFrame(
        [(name, f"{name}.xlsx", 2, 2, 0, pd.NA) for name in as_read],
        columns=["layer", "path", "rows", "used", "set_aside", "repaired"],
    )
    return openpyxl.load_workbook(
        io.BytesIO(data_workbook("小县 · 2023 年", layers, issues.frame(), as_read))
    )


def colour(sheet: openpyxl.worksheet.worksheet.Worksheet, cell: str) -> str:
    fill = sheet[cell].fill
    return str(fill.fgColor.rgb) if fill.fill_type else ""


def test_the_worst_kinds_come_first_with_counts_and_rows() -> None:
    issues = IssueLog()
    issues.add("info", "approximate_location", layer="facilities", row=3)
    for row in (9, 4, 6, 7, 8, 11):
        issues.add("warning", "not_a_number", layer="facilities", row=row, field="lat", value="x")
    issues.add("warning", "not_a_year", layer="facilities", row=5, field="open_year", value="x")
    issues.add("warning", "stand_in_layer", layer="zones", value=2020, year=2023)
    issues.add("error", "blocked", message="坏了", value="layers.empty")
    found = problems(issues.frame())
    assert found["code"].tolist() == [
        "blocked",
        "stand_in_layer",
        "not_a_number",
        "not_a_year",
        "approximate_location",
    ]
    assert found["findings"].tolist() == [1, 1, 6, 1, 1]
    assert found["rows"].tolist() == ["", "", "第 9、4、6、7、8 行等 6 行", "第 5 行", "第 3 行"]
    assert problems(IssueLog().frame()).empty


def test_cells_stand_where_the_user_has_them_and_say_what_is_wrong() -> None:
    """A title in rows 1 and 2, the header in row 3, data from row 4; row 6 is a total left out."""
    issues = IssueLog()
    issues.add("warning", "not_a_number", layer="facilities", row=5, field="floor_area_m2",
               value="三百多")  # fmt: skip
    issues.add("info", "approximate_location", layer="facilities", row=4)
    issues.add("warning", "negative_number", layer="facilities", row=6, field="", value="合计")
    issues.add("info", "unit_converted", layer="facilities", field="floor_area_m2", value="面积",
               factor="10000")  # fmt: skip
    sheet = book(
        issues,
        facilities=table([4, 5], ("F1", "甲", "120", "", ""), ("F2", "乙", "三百多", "108", "29")),
    )["设施 facilities"]
    assert [cell.value for cell in sheet[3]] == [*HEADERS, "问题", "行号"]
    assert [cell.value for cell in sheet[5]][:3] == ["F2", "乙", "三百多"]
    assert colour(sheet, "C5") == YELLOW
    assert "第 5 行" in sheet["C5"].comment.text
    assert "不是数字" in sheet["F5"].value
    assert sheet["G5"].value == 5
    # no field holds a place: the coordinates are marked, though nothing stands there
    assert (colour(sheet, "D4"), colour(sheet, "E4")) == (BLUE, BLUE)
    # a finding about the column marks its header, one about a row left out stands in its line
    assert colour(sheet, "C3") == BLUE
    assert "负数" in sheet["F6"].value
    assert colour(sheet, "A4") == ""
    assert sheet.freeze_panes == "C4"
    assert sheet.auto_filter.ref == "A3:G6"


def test_the_worst_severity_colours_a_cell_and_all_sentences_are_told() -> None:
    issues = IssueLog()
    for severity, code in (("info", "not_a_year"), ("error", "not_a_number")):
        issues.add(severity, code, layer="facilities", row=2, field="id", value="x")  # type: ignore[arg-type]
    sheet = book(issues, facilities=table([2], ("x", "", "", "", "")))["设施 facilities"]
    assert colour(sheet, "A2") == RED
    assert sheet["F2"].value.count("第 2 行") == 2


def test_nothing_a_table_holds_becomes_a_formula() -> None:
    wicked = ("=1+1", "+1", "-cmd|' /C calc'!A0", "@SUM(A1)", "http://example.test")
    issues = IssueLog()
    issues.add("warning", "not_a_year", layer="facilities", row=2, field="id", value="=1+1")
    opened = book(issues, facilities=table([2], wicked))
    sheet = opened["设施 facilities"]
    assert tuple(cell.value for cell in sheet[2])[:5] == wicked
    assert {cell.data_type for cell in sheet[2][:5]} == {"s"}
    assert not any(cell.hyperlink for cell in sheet[2])
    assert opened["全部问题"]["E2"].value == "=1+1"
    assert opened["全部问题"]["E2"].data_type == "s"


def test_features_of_a_map_layer_are_numbered_from_1() -> None:
    issues = IssueLog()
    issues.add("warning", "not_a_year", layer="water", row=1, field="name", value="x")
    sheet = book(issues, water=table([1, 2], ("a", "", "", "", ""), ("b", "", "", "", "")))[
        "水域 water"
    ]
    assert "地图图层" in sheet["A1"].value
    assert [sheet["A2"].value, sheet["A3"].value, sheet["G3"].value] == ["编号", "a", 1]
    assert colour(sheet, "B3") == YELLOW


def test_of_a_long_layer_only_rows_with_findings_are_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(data_report, "LONG", 3)
    issues = IssueLog()
    issues.add("warning", "not_a_year", layer="demand", row=4, field="id", value="x")
    rows = [(f"D{row}", "", "", "", "") for row in (2, 3, 4, 5)]
    sheet = book(issues, demand=table([2, 3, 4, 5], *rows))["居民点 demand"]
    assert "4 行" in sheet["A1"].value
    assert [sheet["A3"].value, sheet["G3"].value, sheet["A4"].value] == ["D4", 4, None]


def test_the_summary_counts_rows_of_each_file(tiny: Path) -> None:
    report = coverage.open_project(tiny).check()
    rows = report.layers.set_index("layer")
    assert rows.loc["facilities", ["rows", "used", "set_aside", "repaired"]].tolist() == [
        6,
        6,
        0,
        0,
    ]
    assert rows.loc["demand", "rows"] == 6


def test_check_writes_a_workbook_only_where_it_is_asked_for(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(file.name for file in tiny.rglob("*"))
    assert main(["check", str(tiny)]) == 0
    after = sorted(file.name for file in tiny.rglob("*"))
    assert set(after) - set(before) == {"results", "issues.csv"}
    assert "--workbook" in capsys.readouterr().out
    assert main(["check", str(tiny), "--workbook", str(tiny / "报告.xlsx")]) == 0
    assert "报告.xlsx" in capsys.readouterr().out
    names = openpyxl.load_workbook(tiny / "报告.xlsx").sheetnames
    assert names[0] == "汇总"
    assert names[-1] == "全部问题"
    assert "设施 facilities" in names
    assert main(["check", str(tiny), "--workbook", str(tiny / "报告.csv")]) == 2


def test_the_workbook_speaks_english(tiny: Path) -> None:
    file = tiny / "report.xlsx"
    assert main(["check", str(tiny), "--lang", "en", "--quiet", "--workbook", str(file)]) == 0
    opened = openpyxl.load_workbook(file)
    assert opened.sheetnames[0] == "Summary"
    assert "Facilities facilities" in opened.sheetnames


def test_a_blocked_project_still_gets_its_report(
    tiny: Path, edit: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    edit('"streets.gpkg"', '"gone.gpkg"')
    file = tiny / "report.xlsx"
    assert main(["check", str(tiny), "--workbook", str(file)]) == 1
    assert "1. [错误]" in capsys.readouterr().out
    opened = openpyxl.load_workbook(file)
    assert "gone.gpkg" in str([cell.value for row in opened["汇总"] for cell in row])
    # the streets are missing, the tables are read and shown all the same
    assert "设施 facilities" in opened.sheetnames
