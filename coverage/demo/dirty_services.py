"""The ledger of 38 columns in which communities report all rooms of a facility in one row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.demo.dirty_book import CREATED, write_header, write_titles
from coverage.demo.figures import COUNTY_NAME
from coverage.demo.soiling import Seed

if TYPE_CHECKING:
    from collections.abc import Hashable
    from pathlib import Path

    import pandas as pd

CATEGORIES = ("社区综合服务设施", "党群服务中心", "便民服务中心")

_ROOMS = (
    "社区服务大厅",
    "社区警务室",
    "社区卫生室",
    "社区图书室",
    "社区文娱活动室",
    "残疾人活动室",
)
_MONEY = ("财政拨款", "自筹", "社会捐助", "其他", "合计")
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("", "", "单位名称"),
    ("社区工作用房", "", "数量(个)"),
    ("社区工作用房", "", "建筑面积(m2)"),
    ("社区工作用房", "", "投入使用年份(年)"),
    *(
        ("社区服务设施用房", room, measure)
        for room in _ROOMS
        for measure in ("个数(个)", "面积(m2)", "年份(年)")
    ),
    *(("投入资金(万元)", "", source) for source in _MONEY),
    ("社区室外活动场地", "", "数量(个)"),
    ("社区室外活动场地", "", "面积(m2)"),
    ("社区室外活动场地", "", "年份(年)"),
    *(("社区室外活动场地", "投入资金(万元)", source) for source in _MONEY),
    ("", "", "填报日期"),
    ("", "", "填报状态"),
    ("", "", "上报日期"),
)
_TOP = 5  # rows above the first row of data


def write_services(file: Path, clean: pd.DataFrame, year: int) -> list[Seed]:
    """Write the ledger of a year and return what is odd in it.

    The rooms of a community sum up to the floor area that the clean ledger has for it.

    Parameters
    ----------
    file
        Where it goes.
    clean
        The clean ledger of facilities.
    year
        Year it describes.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    works = (clean["状态"] == "运营") & (clean["投入使用年份"] <= year)
    listed = clean[works & clean["设施类型"].isin(CATEGORIES)]
    book = xlsxwriter.Workbook(str(file))
    book.set_properties({"title": f"{COUNTY_NAME}社区综合服务设施", "created": CREATED})
    sheet = book.add_worksheet("社区综合服务设施")
    centred = book.add_format({"align": "center", "valign": "vcenter", "border": 1})
    write_titles(sheet, centred, len(_COLUMNS), "社区综合服务设施", year)
    write_header(sheet, centred, list(_COLUMNS))
    for line, row in enumerate(listed.to_dict("records"), start=_TOP):
        sheet.write_row(line, 0, _cells(row, line))
    book.close()
    return [
        Seed(fault="一行多处用房", layer="facilities", year=year, code="unfolded"),
        Seed(fault="标题行和说明行", layer="facilities", year=year, code="title_rows"),
    ]


def _cells(row: dict[Hashable, Any], line: int) -> list[object]:
    area, opened = int(row["建筑面积"]), int(row["投入使用年份"])
    # the offices have half of it, the rooms the rest; every seventh has offices only
    rooms = [0] * len(_ROOMS) if line % 7 == 0 else _shared(area // 2, len(_ROOMS))
    offices = area - sum(rooms)
    money = [offices // 10, 0, 0, 0, offices // 10]
    cells: list[object] = [row["所属社区"], 1, offices, opened]
    for room in rooms:
        cells += [1, room, opened] if room else ["", "", ""]
    return [
        *cells,
        *money,
        1,
        400,
        opened,
        *[12, 0, 0, 0, 12],
        "2020-12-20",
        "已上报",
        "2020-12-25",
    ]


def _shared(total: int, parts: int) -> list[int]:
    """Return whole parts of a sum, the first ones larger by what is left."""
    return [total // parts + (k < total % parts) for k in range(parts)]
