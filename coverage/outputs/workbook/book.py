"""Write sheets that a bureau can hand in: numbers as numbers, headers that stay, pages of A4."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from coverage import texts
from coverage.texts.width import cells_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes every time
_A4 = 9  # what workbooks call the paper size
_HEADER_ROW = 3
_LINE_POINTS = 14.0
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so is never a formula
_HIGHEST_POINTS = 409.0  # a row
_LONGEST_TEXT = 32_000  # signs a cell holds
_DARK, _PALE, _RULE = "#1F4E79", "#D9E2EC", "#A6A6A6"
_PLAIN: Mapping[str, Any] = {"border": 1, "border_color": _RULE, "valign": "vcenter"}
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "strong": {"bold": True, "bg_color": _PALE},
    "faint": {"font_color": "#595959", "italic": True},
}
# told apart in grey, too: from light to dark, and the word stands in the cell
_FILLS: Mapping[str, Mapping[str, Any]] = {
    "met": {"bg_color": "#E2EFDA"},
    "on_track": {"bg_color": "#DDEBF7"},
    "behind": {"bg_color": "#FFD966"},
    "not_met": {"bg_color": "#F4977B", "bold": True},
    "no_data": {"pattern": 17, "fg_color": "#BFBFBF", "bg_color": "#FFFFFF"},
    "error": {"bg_color": "#F4977B", "bold": True},
    "warning": {"bg_color": "#FFD966"},
}


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A value that is shown in a way of its own.

    Parameters
    ----------
    value
        A number, or text.
    sign
        What stands before the number: ``≥``.
    share
        Whether the number is 0–1 and shown in per cent.
    status
        Status whose colour the cell bears.
    """

    value: float | str
    sign: str = ""
    share: bool = False
    status: str = ""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column: its header, its width in half characters, where its words stand."""

    title: str
    width: float
    align: Literal["left", "center", "right"] = "left"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row of cells; missing numbers are given as words, for no data is never 0.

    Parameters
    ----------
    cells
        Text, numbers, or values shown in a way of their own.
    look
        ``strong`` for what stands out, the whole; ``faint`` for what stands beside something.
    """

    cells: Sequence[Cell | float | str]
    look: Literal["plain", "strong", "faint"] = "plain"


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A table on a sheet of its own.

    Parameters
    ----------
    name
        Name of the sheet.
    title
        What it is headed with.
    about
        What has to be known to read it.
    columns, rows
        The table.
    fixed
        Columns that stay when one scrolls to the right.
    """

    name: str
    title: str
    about: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    fixed: int = 0


def book_of(
    sheets: Sequence[Sheet], *, title: str, subject: str, notice: str, language: str
) -> bytes:
    """Return a workbook.

    Parameters
    ----------
    sheets
        Its sheets.
    title
        Of the file.
    subject
        Place and year, above every table and on every page.
    notice
        What every sheet must show; may be empty.
    language
        Language of fonts and page numbers.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    buffer = io.BytesIO()
    font = "宋体" if language == "zh" else "Arial"
    options = {
        "in_memory": True,
        # nothing that a table holds may become a formula or a link
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_format_properties": {"font_name": font, "font_size": 10},
    }
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": title, "subject": subject, "created": _CREATED})
    writer = _Writer(book, subject, notice, language)
    for sheet in sheets:
        writer.write(sheet)
    book.close()
    return buffer.getvalue()


class _Writer:
    """Write sheets into one workbook; formats are made once."""

    def __init__(self, book: Workbook, subject: str, notice: str, language: str) -> None:
        self.book = book
        self.subject = subject
        self.notice = notice
        self.language = language
        self.formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:  # noqa: ANN401 - whatever a format knows
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(dict(properties))
        return self.formats[key]

    def write(self, sheet: Sheet) -> None:
        page = self.book.add_worksheet(sheet.name)
        self._set_page(page)
        last = len(sheet.columns) - 1
        head_font = "黑体" if self.language == "zh" else "Arial"
        title = self.format(bold=True, font_size=16, font_name=head_font)
        page.write_string(0, 0, sheet.title, title)
        page.write_string(1, 0, "　".join(filter(None, (self.subject, self.notice))))
        width = sum(column.width for column in sheet.columns)
        page.merge_range(2, 0, 2, last, sheet.about, self.format(text_wrap=True, valign="top"))
        page.set_row(2, _LINE_POINTS * max(1, math.ceil(cells_of(sheet.about) / width * 1.1)))
        self._write_header(page, sheet)
        for number, row in enumerate(sheet.rows, start=_HEADER_ROW + 1):
            self._write_row(page, number, row, sheet.columns)
        page.freeze_panes(_HEADER_ROW + 1, sheet.fixed)
        page.autofilter(_HEADER_ROW, 0, _HEADER_ROW + max(1, len(sheet.rows)), last)
        page.repeat_rows(_HEADER_ROW)

    def _write_header(self, page: Worksheet, sheet: Sheet) -> None:
        head = self.format(
            bold=True, bg_color=_DARK, font_color="#FFFFFF", border=1, border_color=_RULE,
            text_wrap=True, align="center", valign="vcenter",
        )  # fmt: skip
        lines = 1
        for number, column in enumerate(sheet.columns):
            page.set_column(number, number, column.width)
            page.write_string(_HEADER_ROW, number, column.title, head)
            # the button of the filter takes two half characters
            lines = max(lines, _lines(column.title, column.width - 2))
        page.set_row(_HEADER_ROW, _LINE_POINTS * lines + 6)

    def _write_row(self, page: Worksheet, number: int, row: Row, columns: Sequence[Column]) -> None:
        """Write a row as high as its longest text: not every program finds the height itself."""
        lines = 1
        for place, (given, column) in enumerate(zip(row.cells, columns, strict=True)):
            cell = given if isinstance(given, Cell) else Cell(value=given)
            look = {**_PLAIN, **_LOOKS[row.look], **_FILLS.get(cell.status, {})}
            if isinstance(cell.value, str):
                text = cell.value[:_LONGEST_TEXT]
                lines = max(lines, _lines(text, column.width))
                look["text_wrap"] = True
                look["align"] = column.align
                if text.startswith(_FORMULA_SIGNS):
                    look["quote_prefix"] = True
                page.write_string(number, place, text, self.format(**look))
            else:
                look["num_format"] = _number_format(cell)
                look["align"] = "center" if column.align == "center" else "right"
                page.write_number(number, place, cell.value, self.format(**look))
        page.set_row(number, min(_LINE_POINTS * lines + 3, _HIGHEST_POINTS))

    def _set_page(self, page: Worksheet) -> None:
        page.set_paper(_A4)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        page.hide_gridlines(2)
        # a sign that headers understand is doubled
        notice, subject = (text.replace("&", "&&") for text in (self.notice, self.subject))
        page.set_header(f"&L&9{notice}&C&9&A&R&9{subject}"[:255])
        page.set_footer("&C&9" + texts.say("workbook.page", self.language))


def _lines(text: str, width: float) -> int:
    """Return how many lines a text takes in a column."""
    room = max(width - 1, 1)
    return sum(max(1, math.ceil(cells_of(part) / room)) for part in text.split("\n"))


def _number_format(cell: Cell) -> str:
    if cell.share:
        return "0.0%"
    whole = float(cell.value).is_integer()
    number = "#,##0" if whole else "#,##0.00"
    return f'"{cell.sign}"{number}' if cell.sign else number
