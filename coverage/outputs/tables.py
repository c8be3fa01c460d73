"""Write tables as CSV that Excel and WPS open without a question."""

from __future__ import annotations

import io
import re
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

# what a spreadsheet takes for the beginning of a formula, in either width, and what it does not
_FORMULA_SIGNS = frozenset("=+-@\t\r＝＋－＠")
_NUMBER = re.compile(r"[+\-－＋]?(?:\d[\d,]*(?:\.\d+)?(?:[eE][+\-]?\d+)?%?)?")
_SHEET_NAME = 31  # letters that Excel allows
_WIDEST_PX = 300


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Return a table as CSV: UTF-8 with BOM, numbers unrounded, what is missing empty.

    Text that a spreadsheet would take for a formula has an apostrophe before it; numbers, written
    as text or not, have none.

    Parameters
    ----------
    table
        The table; a geometry column is left out.
    """
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    text: str = _inert(plain).to_csv(index=False, lineterminator="\r\n")
    return text.encode("utf-8-sig")


def _inert(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table none of whose texts begins as a formula; others stay as they are."""
    changed = {
        column: pd.Series([_quoted(value) for value in cells], index=cells.index, dtype=object)
        for column, cells in table.items()
        # a column says the same many times over
        if not pd.api.types.is_numeric_dtype(cells) and any(map(_is_formula, set(cells)))
    }
    result = table.copy(deep=False)
    for column, cells in changed.items():
        result[column] = cells
    return result


def _quoted(value: object) -> object:
    return f"'{value}" if _is_formula(value) else value


def _is_formula(value: object) -> bool:
    return (
        isinstance(value, str) and value[:1] in _FORMULA_SIGNS and _NUMBER.fullmatch(value) is None
    )


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
