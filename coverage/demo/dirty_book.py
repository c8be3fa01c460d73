"""A ledger as a workbook that grew: titles, a header of three rows, sums, notes, hidden rows."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING

import pandas as pd

from coverage.demo.dirty_ledger import ERROR
from coverage.demo.figures import COUNTY_NAME
from coverage.demo.soiling import Seed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from coverage.demo.soiling import Soiled

# the three rows of the header, a column each, and the clean ledger's column where it has another
# name; the same words beside each other are one merged cell
_HEADER = (
    ("基本情况", "", "编号"),
    ("基本情况", "", "设施名称"),
    ("基本情况", "", "设施类型"),
    ("基本情况", "", "级别"),
    ("基本情况", "联系人", "负责人姓名"),
    ("基本情况", "联系人", "联系电话"),
    ("所在地", "", "所属乡镇"),
    ("所在地", "", "所属社区"),
    ("所在地", "", "详细地址"),
    ("所在地", "坐标", "经度"),
    ("所在地", "坐标", "纬度"),
    ("规模", "", "建筑面积"),
    ("规模", "床位", "床位数"),
    ("规模", "床位", "护理型床位"),
    ("规模", "床位", "日托床位"),
    ("规模", "床位", "认知障碍床位"),
    ("运营情况", "", "服务功能"),
    ("运营情况", "", "状态"),
    ("运营情况", "", "投入使用年份"),
    ("运营情况", "", "停用年份"),
    ("运营情况", "", "服务社区"),
    ("运营情况", "", "运营方式"),
    ("运营情况", "", "专职人员"),
    ("运营情况", "", "是否设志愿服务站点"),
    ("其他", "", "星级"),
    ("其他", "", "医养结合方式"),
    ("其他", "", "建设方式"),
    ("其他", "", "产权性质"),
    ("其他", "", "是否有节地生态安葬区"),
    ("其他", "", "环保火化炉"),
    ("其他", "", "是否设婚姻家庭辅导室"),
    ("", "", "公示牌编号"),
)
_UNITS = {"建筑面积": "建筑面积(㎡)", "床位数": "床位数（张）"}
_TOWNSHIP, _AREA = 6, 11  # columns
_TOP = 5  # rows above the first row of data
_SUMMED = ("望澜街道办事处", "锦堤街道", "百草镇")  # townships with a sum below them
_HIDDEN = (30, 31, 32)
_NOTES = (
    "注：1.床位数含护理型床位；2.面积为建筑面积。",
    "填表人：张某甲　审核人：李某乙　填报日期：2023年12月31日",
)
CREATED = datetime(2023, 12, 31, tzinfo=UTC).replace(tzinfo=None)


def write_ledger(file: Path, table: Soiled) -> list[Seed]:
    """Write the workbook and return its faults with their rows.

    Parameters
    ----------
    file
        Where it goes.
    table
        The ledger with the faults of its cells, townships together.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    book = xlsxwriter.Workbook(str(file))
    book.set_properties({"title": f"{COUNTY_NAME}民政设施台账", "created": CREATED})
    book.add_worksheet("封面").write_string(3, 1, f"民政设施台账（{table.year}年）")
    sheet = book.add_worksheet("台账")
    centred = book.add_format({"align": "center", "valign": "vcenter", "border": 1})
    write_titles(sheet, centred, len(_HEADER), "民政设施台账", table.year)
    write_header(sheet, centred, [tuple(_UNITS.get(w, w) for w in column) for column in _HEADER])
    rows, sums, end = _write_rows(book, sheet, table)
    for number, note in enumerate(_NOTES):
        sheet.write_string(end + number, 0, note)
    for position in _HIDDEN:
        sheet.set_row(rows[position] - 1, None, None, {"hidden": True})
    book.close()
    for fault, code in (
        ("标题行和说明行", "title_rows"),
        ("合并的乡镇单元格", "filled_down"),
        ("隐藏的行", "hidden_rows"),
        ("个人信息列", "personal_columns"),
        ("不认识的列", "unknown_columns"),
    ):
        table.note(fault, code)
    said = [("合计行", "total_row", row) for row in sums]
    said += [("表下的说明", "note_row", end + number + 1) for number in range(len(_NOTES))]
    return table.seeds(rows) + [
        Seed(fault=fault, layer=table.layer, year=table.year, row=row, code=code)
        for fault, code, row in said
    ]


def write_titles(sheet: Worksheet, centred: Format, width: int, subject: str, year: int) -> None:
    """Write a title over all columns, and below it who reports what, when, in which units."""
    sheet.merge_range(0, 0, 0, width - 1, f"{COUNTY_NAME}{subject}", centred)
    words = f"填报单位：{COUNTY_NAME}民政局（虚构）　统计时间：{year}年　单位：平方米、张"
    sheet.merge_range(1, 0, 1, width - 1, words, centred)


def write_header(sheet: Worksheet, centred: Format, columns: list[tuple[str, ...]]) -> None:
    """Write a header of three rows below two rows of titles, its like cells merged.

    Parameters
    ----------
    sheet, centred
        Where it goes, and its format.
    columns
        Words of each column from top to bottom, empty where those below reach up.
    """
    depth = len(columns[0])
    for level in range(depth - 1):
        start = 0
        for words, group in groupby(column[: level + 1] for column in columns):
            stop = start + len(list(group))
            if words[-1] and stop - start > 1:
                sheet.merge_range(2 + level, start, 2 + level, stop - 1, words[-1], centred)
            elif words[-1]:
                sheet.write_string(2 + level, start, words[-1], centred)
            start = stop
    for number, column in enumerate(columns):
        top = depth - 1
        while top and not column[top - 1]:
            top -= 1
        if top < depth - 1:
            sheet.merge_range(2 + top, number, 1 + depth, number, column[-1], centred)
        else:
            sheet.write_string(1 + depth, number, column[-1], centred)


def _write_rows(
    book: Workbook, sheet: Worksheet, table: Soiled
) -> tuple[dict[int, int], list[int], int]:
    """Write all rows; return the row of each, the rows of the sums, and the first line below."""
    middle = book.add_format({"valign": "vcenter"})
    frame, rows, sums = table.frame, {}, []
    line = _TOP
    for township, block in _blocks(frame):
        if township and len(block) > 1:
            sheet.merge_range(line, _TOWNSHIP, line + len(block) - 1, _TOWNSHIP, township, middle)
        elif township:
            sheet.write_string(line, _TOWNSHIP, township)
        for position in block:
            _write_row(sheet, line, table, position)
            rows[position] = line + 1
            line += 1
        if township in _SUMMED:
            sums.append(_write_sum(sheet, line, "小计", frame.loc[block]))
            line += 1
    sums.append(_write_sum(sheet, line, "合计", frame))
    return rows, sums, line + 1


def _blocks(frame: pd.DataFrame) -> Iterator[tuple[str, list[int]]]:
    names = frame["所属乡镇"].tolist()
    for name, members in groupby(range(len(names)), key=lambda position: names[position]):
        yield name, list(members)


def _write_row(sheet: Worksheet, line: int, table: Soiled, position: int) -> None:
    for column, words in enumerate(_HEADER):
        value = table.cell(position, words[-1])
        if column == _TOWNSHIP or value == "":
            continue
        if value == ERROR:
            sheet.write_formula(line, column, f"={ERROR}", None, ERROR)
        else:
            sheet.write(line, column, value)


def _write_sum(sheet: Worksheet, line: int, word: str, rows: pd.DataFrame) -> int:
    sheet.write_string(line, 0, word)
    area = pd.to_numeric(rows["建筑面积"], errors="coerce").sum()
    sheet.write_number(line, _AREA, float(area))
    return line + 1
