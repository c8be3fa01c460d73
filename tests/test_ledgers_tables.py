"""Ledgers as bureaus keep them: titles, merged headers, units, totals, groups, notes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ledger_files import read, read_text, write_sheet

LEDGERS = Path(__file__).parent / "ledgers"


def messy(folder: Path) -> Path:
    """Write a ledger with most of what a ledger can have.

    ::

        1  示范区养老服务设施台账                                (merged over all columns)
        2  统计单位：示范区民政局         统计时间：2023年6月
        3  序号 | 乡镇（街道） | 设施名称 | 类型 |    床位    | 建筑面积 | 启用 |  服务  | 联系人
        4                                     | 总数 | 护理型 |               | 日托|助餐 |
        5                                         张     张       ㎡
        6  ...                                    rows 6-7 and 9-10 share a merged township
    """
    rows: list[list[object]] = [
        ["示范区养老服务设施台账"],
        ["统计单位：示范区民政局", None, None, None, None, None, "统计时间：2023年6月"],
        ["序号", "乡镇（街道）", "设施名称", "类型", "床位", None, "建筑面积", "投入使用时间",
         "服务内容", None, "联系人"],
        [None, None, None, None, "总数", "护理型", None, None, "日托", "助餐"],
        [None, None, None, None, "张", "张", "㎡"],
        [1, "甲街道", "甲站", "养老驿站", 10, 5, "350㎡", 43831, "√", None, "张三"],
        [2, None, "乙院", "敬老院", "１２", 0, "1,200", "2019年5月", "√", "√", "李四"],
        [None, "小计", None, None, 22, 5, 1550],
        [3, "乙镇", "丙院", "敬老院", 3, 4, "约120", 2020, None, "√"],
        [4, None, "丁院", "敬老院", 3, "x", "=1/0", 2020],
        ["合  计", None, None, None, 28, 9, 1670],
        ["填表人：钱七", None, None, None, "审核人：孙八"],
    ]  # fmt: skip
    merged = ["A1:K1", *(f"{column}3:{column}4" for column in "ABCDGHK"), "E3:F3", "I3:J3"]
    path = folder / "messy.xlsx"
    return write_sheet(path, rows, merged=[*merged, "B6:B7", "B9:B10"], hidden=[7])


def test_a_ledger_with_everything(tmp_path: Path) -> None:
    result = read(messy(tmp_path))
    assert result.rows == [6, 7, 9, 10]
    frame = result.frame
    assert frame["id"].tolist() == ["1", "2", "3", "4"]
    assert frame["township"].tolist() == ["甲街道", "甲街道", "乙镇", "乙镇"]
    assert frame["beds_total"].tolist() == [10, 12, 3, 3]
    np.testing.assert_array_equal(frame["beds_nursing"], [5, 0, 4, np.nan])
    np.testing.assert_array_equal(frame["floor_area_m2"], [350, 1200, 120, np.nan])
    assert frame["open_year"].tolist() == [2020, 2019, 2020, 2020]
    assert frame["functions"].tolist() == ["日托", "日托;助餐", "助餐", ""]
    assert result.found("title_rows") == [(3, "", "messy.xlsx")]
    assert result.found("hidden_rows") == [(7, "", "7")]
    assert result.found("formula_error") == [(10, "floor_area_m2", "#DIV/0!")]
    assert [row for row, _, _ in result.found("total_row")] == [8, 11]
    assert result.found("note_row") == [(12, "", "填表人")]
    assert result.found("filled_down") == [(7, "township", "乡镇（街道）")]
    assert result.found("repaired_number") == [
        (6, "floor_area_m2", "350㎡"),
        (7, "floor_area_m2", "1,200"),
        (9, "floor_area_m2", "约120"),
        (7, "beds_total", "１２"),
        (6, "open_year", "43831"),
    ]
    assert result.found("not_a_number") == [(10, "beds_nursing", "x")]
    assert not {"张三", "李四", "钱七", "孙八"} & set(result.issues.to_string())
    assert "张三" not in result.as_read.cells.to_string()


def test_the_ledger_as_its_file_has_it(tmp_path: Path) -> None:
    shown = read(messy(tmp_path)).as_read
    assert shown.sheet == "台账"
    assert shown.headers[4:7] == ("床位 / 总数（张）", "床位 / 护理型（张）", "建筑面积（㎡）")
    assert "联系人" not in shown.headers
    assert shown.rows.tolist() == [6, 7, 8, 9, 10, 11, 12]
    assert shown.cells[shown.fields["floor_area_m2"]].iloc[0] == "350㎡"
    assert shown.fields["beds_nursing"] == 5


def test_an_old_workbook_is_read_alike() -> None:
    """Two header rows under a title and a unit, a merged township, a row of totals."""
    result = read(LEDGERS / "old.xls")
    assert result.frame["beds_total"].tolist() == [10, 20, 3]
    assert result.frame["township"].tolist() == ["甲街道", "甲街道", "乙镇"]
    assert result.found("total_row") == [(8, "", "合计")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
def test_text_with_titles_and_two_header_rows(tmp_path: Path, encoding: str) -> None:
    text = (
        "台账,,,,\n单位：万人,,,,\n名称,人口,,位置,\n,总人口,60岁以上,经度,纬度\n"
        "甲社区,0.5,0.1,107.3,29.7\n"
    )
    (tmp_path / "c.csv").write_bytes(text.encode(encoding))
    result = read(tmp_path / "c.csv", "communities")
    assert result.frame.iloc[0].to_dict() == {
        "name": "甲社区", "lon": 107.3, "lat": 29.7, "population": 5000, "elders60": 1000,
    }  # fmt: skip
    assert [field for _, field, _ in result.found("unit_converted")] == ["population", "elders60"]
    assert result.rows == [5]


def test_a_title_unit_leaves_what_it_cannot_measure(tmp_path: Path) -> None:
    text = "单位：亩,\n名称,面积,床位,建设面积（㎡）\n甲院,3,20,7\n"
    frame = read_text(tmp_path, text).frame
    assert frame["floor_area_m2"].tolist() == pytest.approx([2000])
    assert frame["beds_total"].tolist() == [20]


@pytest.mark.parametrize(
    ("townships", "filled"),
    [
        # two groups of three and two rows
        (["甲街道", "", "", "乙镇", ""], ["甲街道", "甲街道", "甲街道", "乙镇", "乙镇"]),
        # a name that comes again, a first row without one, more names than gaps: not clear
        (["甲街道", "", "", "甲街道", ""], ["甲街道", "", "", "甲街道", ""]),
        (["", "甲街道", "", "", "乙镇"], ["", "甲街道", "", "", "乙镇"]),
        (["甲街道", "", "乙镇", "", "丙镇"], ["甲街道", "", "乙镇", "", "丙镇"]),
    ],
)
def test_groups_are_filled_only_where_they_are_clear(
    tmp_path: Path, townships: list[str], filled: list[str]
) -> None:
    rows = [f"{i},敬老院,{name}" for i, name in enumerate(townships)]
    result = read_text(tmp_path, "\n".join(["编号,类型,乡镇", *rows]))
    assert result.frame["township"].tolist() == filled
    assert bool(result.found("filled_down")) == (filled != townships)


def test_a_merged_number_is_one_amount(tmp_path: Path) -> None:
    rows: list[list[object]] = [["编号", "类型", "建筑面积"], ["a", "敬老院", 300], ["b"]]
    result = read(write_sheet(tmp_path / "m.xlsx", rows, merged=["B2:B3", "C2:C3"]))
    assert result.frame["category"].tolist() == ["敬老院", "敬老院"]
    np.testing.assert_array_equal(result.frame["floor_area_m2"], [300, np.nan])


def test_rows_that_are_no_data(tmp_path: Path) -> None:
    text = (
        "名称,类型,床位\n甲,乙,1\n示例：某院,敬老院,9\n小计算机站,养老驿站,1\n全县,,5\n"
        "名称,类型,床位\n注：床位为核定数,,\n乙院,敬老院,2\n本表每季度报送一次。,,\n"
    )
    result = read_text(tmp_path, text)
    assert result.rows == [2, 4, 8]
    assert result.found("example_row") == [(3, "", "示例：某院")]
    assert result.found("total_row") == [(5, "", "全县")]
    assert result.found("repeated_header") == [(6, "", "名称")]
    assert result.found("note_row") == [(7, "", "注"), (9, "", "…")]


def test_a_row_of_column_numbers(tmp_path: Path) -> None:
    result = read_text(tmp_path, "编号,类型,床位,面积\n甲,1,2,3\nx,敬老院,2,3\n")
    assert result.rows == [3]
    assert result.found("repeated_header") == [(2, "", "1, 2, 3")]


def test_sheets_of_the_same_header_are_named(tmp_path: Path) -> None:
    path = tmp_path / "towns.xlsx"
    with pd.ExcelWriter(path) as book:
        for name in ("甲街道", "乙镇"):
            table = pd.DataFrame({"编号": [name], "类型": ["敬老院"]})
            table.to_excel(book, sheet_name=name, index=False)
    result = read(path)
    assert result.frame["id"].tolist() == ["甲街道"]
    assert result.found("other_sheets") == [(pd.NA, "", "乙镇")]


class TestRooms:
    """A community with a working room of 100 m2, a hall of 80 and a library of 20: 200 m2."""

    HEADER: tuple[list[object], ...] = (
        ["单位名称", "社区工作用房", None, None, "社区服务设施用房", None, None, None, None, None,
         "社区室外活动场地", None],
        [None, None, None, None, "社区服务大厅", None, None, "社区图书室"],
        [None, "数量(个)", "建筑面积(m2)", "投入使用年份(年)", "个数", "面积", "年份",
         "个数", "面积", "年份", "数量", "面积"],
    )  # fmt: skip
    MERGED = ("A1:L1", "A3:A5", "B3:D4", "E3:J3", "E4:G4", "H4:J4", "K3:L4")

    def test_rooms_become_one_facility(self, tmp_path: Path) -> None:
        rows: list[list[object]] = [
            ["某街道社区综合服务设施"],
            ["统计单位：某街道", None, "统计时间：2023"],
            *self.HEADER,
            ["甲社区", 1, 100, 2015, 1, 80, 2012, 2, 20, 2018, 1, 999],
            ["乙社区", None, None, None, 1, 50, 2010, 0, 0, None, 1, 5],
            ["丙社区"],
        ]
        result = read(write_sheet(tmp_path / "rooms.xlsx", rows, merged=self.MERGED))
        frame = result.frame
        assert frame["category"].tolist() == ["community_service_facility"] * 3
        assert frame["community"].tolist() == ["甲社区", "乙社区", "丙社区"]
        np.testing.assert_array_equal(frame["floor_area_m2"], [200, 50, np.nan])
        assert frame["functions"].tolist() == ["社区服务大厅;社区图书室", "社区服务大厅", ""]
        assert frame["open_year"].tolist()[:2] == [2015, 2010]
        value = "社区工作用房、社区服务大厅、社区图书室"
        assert [issue[1:] for issue in result.found("unfolded")] == [("floor_area_m2", value)]
        assert result.as_read.headers[2] == "社区工作用房 / 建筑面积(m2)"
        assert result.as_read.fields["floor_area_m2"] == 2
