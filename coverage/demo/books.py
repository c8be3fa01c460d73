"""Write the demo's tables as workbooks with one header row, as a bureau keeps them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.demo import projects
from coverage.demo.entered import COLUMNS as ENTERED_COLUMNS
from coverage.demo.entered import entered_rows
from coverage.demo.estates import BUILDING_COLUMNS, ESTATE_COLUMNS
from coverage.demo.figures import PROJECT_NAME
from coverage.demo.ledger import COLUMNS
from coverage.demo.streets import to_lonlat

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from coverage.demo.ledger import Ledger, Listed

_CREATED = datetime(2023, 12, 31, tzinfo=UTC).replace(tzinfo=None)  # the same bytes every time
_WIDE = 15  # characters of a header or a cell past which a column is widened


def write_books(
    folder: Path, ledger: Ledger, estates: Sequence[Listed], idle: Sequence[Listed]
) -> None:
    """Write the ledger of facilities and the lists beside it.

    Parameters
    ----------
    folder
        Where the project goes.
    ledger
        Facilities and projects.
    estates, idle
        New housing estates; buildings that stand empty.
    """
    rows = _placed(ledger.rows, np.vstack(ledger.xy))
    _write(folder / "facilities.xlsx", "民政设施台账", COLUMNS, rows)
    listed = [
        one.row | {"对应设施编号": "" if one.facility is None else one.facility["编号"]}
        for one in ledger.projects
    ]
    listed = _placed(listed, np.vstack([one.place for one in ledger.projects]))
    _write(folder / "projects.xlsx", "重点项目表", projects.COLUMNS, listed)
    for name, title, columns, found in (
        ("estates", "新建住宅小区配建台账", ESTATE_COLUMNS, estates),
        ("candidates", "闲置用房清单", BUILDING_COLUMNS, idle),
    ):
        rows = _placed([one.row for one in found], np.vstack([one.place for one in found]))
        _write(folder / f"{name}.xlsx", title, columns, rows)
    _write(folder / "entered.xlsx", "填报指标", ENTERED_COLUMNS, list(entered_rows()))


def _placed(rows: Sequence[dict[str, Any]], xy: Any) -> list[dict[str, Any]]:  # noqa: ANN401
    """Return rows with their longitude and latitude, where they have a place."""
    known = np.isfinite(xy[:, 0])
    lonlat = np.full(xy.shape, np.nan)
    lonlat[known] = to_lonlat(xy[known])
    return [
        {**row, "经度": float(lon), "纬度": float(lat)} if has else dict(row)
        for row, has, (lon, lat) in zip(rows, known.tolist(), lonlat, strict=True)
    ]


def _write(path: Path, title: str, columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    book = xlsxwriter.Workbook(str(path))
    book.set_properties({"title": f"{PROJECT_NAME}{title}", "created": _CREATED})
    sheet = book.add_worksheet(title)
    bold = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1, "text_wrap": True})
    sheet.write_row(0, 0, columns, bold)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    for column, header in enumerate(columns):
        cells = [str(row.get(header, "")) for row in rows[:50]]
        longest = max(len(cell) for cell in cells) if header not in ("经度", "纬度") else 0
        sheet.set_column(column, column, 30 if longest > _WIDE // 2 else 14)
    for number, row in enumerate(rows, start=1):
        for column, header in enumerate(columns):
            value = row.get(header, "")
            if value != "":
                sheet.write(number, column, value)
    book.close()
