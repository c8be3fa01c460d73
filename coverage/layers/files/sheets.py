"""Read the sheets of a workbook, or the tables of an HTML page that calls itself one, as text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.errors import LayerError
from coverage.layers.files.raw import unreadable
from coverage.layers.files.workbook_parts import SheetFacts, inspect_package
from coverage.layers.ledgers.headers import listed
from coverage.workbooks import ENCRYPTED, TOO_MANY_CELLS, WorkbookError, pages_of, read_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.layers.model import Source
    from coverage.workbooks import Page

_MOST_SPAN = 1000  # rows or columns that a cell of a page may take up
_MOST_CELLS = 4_000_000  # of a page's table, spans counted
_MOST_CHARACTERS = 32_767  # of a cell, as in a spreadsheet


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Hold a sheet as written.

    Parameters
    ----------
    name
        Its name, empty where it has none.
    cells
        Text, columns numbered from 0; its row 0 is the row that a person calls 1.
    merged
        First row, first column, last row and last column of merged cells, counted from 0.
    hidden
        Rows that are hidden, as a person counts them.
    errors
        What a formula ended in, by row and column, both counted from 0.
    visible
        False for a sheet that is hidden itself.
    """

    name: str
    cells: pd.DataFrame
    merged: tuple[tuple[int, int, int, int], ...] = ()
    hidden: tuple[int, ...] = ()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)
    visible: bool = True


def read_sheets(source: Source, layer: str, *, packed: bool) -> list[Sheet]:
    """Read the sheet that the source names, else all.

    Parameters
    ----------
    source
        Where the workbook is.
    layer
        Layer it is read for.
    packed
        True for .xlsx, a package; False for the old .xls, of which hidden rows and errors of
        formulas are not known.

    Raises
    ------
    LayerError
        If the workbook cannot be read, is encrypted, or has no sheet of that name.
    """
    facts = inspect_package(source.path, layer) if packed else {}
    pages = _pages(source, layer, packed=packed)
    _check_named(source, layer, [page.name for page in pages])
    return [
        _sheet(page, facts.get(page.name)) for page in pages if source.layer in (None, page.name)
    ]


def _pages(source: Source, layer: str, *, packed: bool) -> list[Page]:
    if not packed:
        # what an .xls claims cannot be looked through before it is read
        try:
            return read_apart(source.path)
        except WorkbookError as error:
            if str(error) in (ENCRYPTED, TOO_MANY_CELLS):
                key = f"layers.{error}"
                raise LayerError(key, layer=layer, path=source.path) from error
            raise unreadable(layer, source.path, error) from error
    try:
        with source.path.open("rb") as file:
            pages = pages_of(file, source.layer)
            if not pages:  # no sheet of that name: the message names those that are there
                file.seek(0)
                pages = pages_of(file)
            return pages
    except Exception as error:  # a damaged workbook fails anywhere in zip, XML or the reader
        if type(error).__name__ == "PasswordError":
            raise LayerError("layers.encrypted", layer=layer, path=source.path) from error
        raise unreadable(layer, source.path, error) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise unreadable(layer, source.path, ValueError("damaged")) from error


def read_pages(text: str, source: Source, layer: str) -> list[Sheet]:
    """Read the tables of an HTML page.

    Raises
    ------
    LayerError
        If the page holds none.
    """
    page = _Page()
    page.feed(text)
    page.close()
    for table in page.tables:
        if sum(across * down for row in table for _, across, down in row) > _MOST_CELLS:
            raise LayerError("layers.too_many_cells", layer=layer, path=source.path)
    sheets = [_spread(table, f"{n}") for n, table in enumerate(page.tables, 1) if any(table)]
    if not sheets:
        raise LayerError("layers.not_a_table", layer=layer, path=source.path, kind="HTML")
    return sheets


def _check_named(source: Source, layer: str, names: Sequence[str]) -> None:
    if source.layer is None or source.layer in names:
        return
    raise LayerError(
        "layers.missing_layer",
        layer=layer,
        path=source.path,
        name=source.layer,
        names=listed(names),
    )


def _sheet(page: Page, facts: SheetFacts | None) -> Sheet:
    known = facts or SheetFacts()
    return Sheet(
        name=page.name,
        cells=_frame([[_cell(value) for value in row] for row in page.rows]),
        merged=tuple(page.merged),
        hidden=known.hidden,
        errors=known.errors,
        visible=page.visible,
    )


def _frame(rows: Sequence[Sequence[str]]) -> pd.DataFrame:
    width = max((len(row) for row in rows), default=0)
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    columns = list(zip(*even, strict=True))
    return pd.DataFrame(
        {i: pd.Series(column, dtype="str") for i, column in enumerate(columns)},
        index=pd.RangeIndex(len(rows)),
    )


def _cell(value: object) -> str:
    if isinstance(value, str):
        return value[:_MOST_CHARACTERS]
    if value is None:
        return ""
    if isinstance(value, float):
        if not np.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


class _Page(HTMLParser):
    """Collect the cells of a page's tables: text, columns and rows taken up."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[list[tuple[str, int, int]]]] = []
        self._text: list[str] | None = None
        self._spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._end_cell(tag in ("td", "th", "tr", "table"))
        if tag == "table" or (tag in ("tr", "td", "th") and not self.tables):
            self.tables.append([])
        if tag == "tr" or (tag in ("td", "th") and not self.tables[-1]):
            self.tables[-1].append([])
        if tag in ("td", "th"):
            given = dict(attrs)
            self._spans = (_span(given.get("colspan")), _span(given.get("rowspan")))
            self._text = []

    def handle_endtag(self, tag: str) -> None:
        self._end_cell(tag in ("td", "th", "tr", "table"))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def _end_cell(self, ends: bool) -> None:  # noqa: FBT001 - whether the tag ends a cell
        if ends and self._text is not None:
            text = " ".join("".join(self._text)[:_MOST_CHARACTERS].split())
            self.tables[-1][-1].append((text, *self._spans))
            self._text = None


def _span(written: str | None) -> int:
    number = int(written) if written and written.isdecimal() and len(written) < 6 else 1  # noqa: PLR2004
    return max(1, min(number, _MOST_SPAN))


def _spread(table: list[list[tuple[str, int, int]]], name: str) -> Sheet:
    """Return a table of a page with each cell in the place that spans leave it."""
    placed: dict[tuple[int, int], str] = {}
    merged = []
    for row, cells in enumerate(table):
        column = 0
        for text, across, down in cells:
            while (row, column) in placed:
                column += 1
            last = min(row + down, len(table)) - 1
            for place in (
                (r, c) for r in range(row, last + 1) for c in range(column, column + across)
            ):
                placed[place] = ""
            placed[row, column] = text
            if across > 1 or last > row:
                merged.append((row, column, last, column + across - 1))
            column += across
    width = max((column for _, column in placed), default=-1) + 1
    rows = [[placed.get((row, column), "") for column in range(width)] for row in range(len(table))]
    return Sheet(name=name, cells=_frame(rows), merged=tuple(merged))
