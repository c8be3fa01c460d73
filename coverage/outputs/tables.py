"""Write tables as CSV that Excel and WPS open without a question."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from pathlib import Path

TABLES = (
    "indicators",
    "communities",
    "townships",
    "demand",
    "facilities",
    "sensitivity",
    "accessibility",
    "inequality",
    "issues",
)

_SHEET_NAME = 31  # letters that Excel allows
_WIDEST_PX = 300


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as CSV: UTF-8 with BOM, numbers unrounded, what is missing empty.

    Parameters
    ----------
    table
        The table; a geometry column is left out.
    """
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    text: str = plain.to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def excel_bytes(table: pd.DataFrame, title: str) -> bytes:
    """Return a table as a workbook of one sheet, numbers unrounded, its header fixed.

    Parameters
    ----------
    table
        The table; a geometry column is left out.
    title
        Name of the sheet.
    """
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    content = io.BytesIO()
    # a name that begins with = is a name, not a formula
    as_text = {"strings_to_formulas": False, "strings_to_urls": False}
    with pd.ExcelWriter(content, engine="xlsxwriter", engine_kwargs={"options": as_text}) as book:
        plain.to_excel(book, sheet_name=title[:_SHEET_NAME], index=False, freeze_panes=(1, 1))
        sheet = book.sheets[title[:_SHEET_NAME]]
        sheet.autofilter(0, 0, len(plain), max(len(plain.columns) - 1, 0))
        sheet.autofit(_WIDEST_PX)
    return content.getvalue()


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV.

    Parameters
    ----------
    table
        The table; a geometry column is left out.
    path
        File to write.
    """
    path.write_bytes(csv_bytes(table))
