"""Read tables, whatever file holds them, as text under one header."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.errors import LayerError
from coverage.layers.files.containers import kind_of
from coverage.layers.files.encodings import as_utf8
from coverage.layers.files.raw import Raw, unreadable
from coverage.layers.files.sheets import Sheet, read_pages, read_sheets
from coverage.layers.ledgers.header_rows import HEAD, Header, find_header

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.model import Source

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ".et")
TABLE_SUFFIXES = (*TEXT_SUFFIXES, *WORKBOOK_SUFFIXES)

_DELIMITERS = ",\t;|"
_HEAD_CHARACTERS = 262_144
_MOST_COLUMNS = 16_384  # what a sheet holds
_MOST_ROWS_LISTED = 20


def read_table(source: Source, layer: str, issues: IssueLog) -> Raw:
    """Read a table by what its file is, not by what its name says.

    A workbook gives the sheet that the source names, else the one whose headers are known best; a
    page gives its best known table; any other text is taken as values separated by commas, tabs,
    semicolons or bars, in UTF-8, UTF-16 or GB18030, or in the encoding that the source names.

    Parameters
    ----------
    source
        Where the table is.
    layer
        Layer it is read for.
    issues
        Where findings about the file go.

    Raises
    ------
    LayerError
        If the file holds no table that can be read, or no row.
    """
    kind = kind_of(source.path, layer)
    named_book = source.path.suffix.lower() in WORKBOOK_SUFFIXES
    if named_book != (kind in ("workbook", "old_workbook")):
        name, value = source.path.name, {"text": "CSV", "html": "HTML"}.get(kind, "Excel")
        issues.add("info", "renamed_file", layer=layer, value=value, name=name)
    if kind == "text":
        return _read_text(source, layer, issues)
    if kind == "html":
        text = as_utf8(source.path.read_bytes(), source, layer, issues)
        sheets = read_pages(text.decode(errors="replace"), source, layer)
    else:
        sheets = read_sheets(source, layer, packed=kind == "workbook")
    return _best(sheets, source, layer, issues)


def _best(sheets: list[Sheet], source: Source, layer: str, issues: IssueLog) -> Raw:
    """Return the sheet whose headers are known best, a visible and earlier one before others."""
    filled = [sheet for sheet in sheets if (sheet.cells != "").to_numpy().any()]
    if not filled:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    headers = [_header(sheet, layer, source) for sheet in filled]
    order = sorted(range(len(filled)), key=lambda i: (-headers[i].known, not filled[i].visible, i))
    best = order[0]
    alike = [
        filled[i].name
        for i in order[1:]
        if headers[best].known > 1 and headers[i].names == headers[best].names
    ]
    if alike and source.layer is None:
        issues.add(
            "warning", "other_sheets", layer=layer,
            value="、".join(alike[:_MOST_ROWS_LISTED]), sheet=filled[best].name,
        )  # fmt: skip
    return _raw(filled[best], headers[best], source, layer, issues)


def _header(sheet: Sheet, layer: str, source: Source) -> Header:
    head = sheet.cells.iloc[:HEAD].to_numpy(dtype=object).tolist()
    merged = [area for area in sheet.merged if area[0] < HEAD]
    return find_header(head, merged, layer, source)


def _raw(sheet: Sheet, header: Header, source: Source, layer: str, issues: IssueLog) -> Raw:
    """Return the rows under a header, blank ones left out, and say what was found around them."""
    body = sheet.cells.iloc[header.last + 1 :]
    kept = _filled(body)
    rows = np.arange(header.last + 2, len(sheet.cells) + 1)[kept]
    names = _named(header.names, body, kept)
    _tell_header(header, source, layer, issues)
    hidden = sorted(set(sheet.hidden) & set(rows.tolist()))
    if hidden:
        issues.add(
            "info", "hidden_rows", layer=layer, row=hidden[0], value=listed_rows(hidden),
            count=len(hidden),
        )  # fmt: skip
    return Raw(
        headers=names,
        cells=body[kept].reset_index(drop=True).set_axis(range(len(names)), axis=1),
        rows=rows,
        sheet=sheet.name,
        merged=tuple(
            (top + 1, bottom + 1, left)
            for top, left, bottom, right in sheet.merged
            if top > header.last and bottom > top and left == right
        ),
        errors=tuple(
            (row + 1, column, sign)
            for (row, column), sign in sorted(sheet.errors.items())
            if row > header.last and column < len(names)
        ),
        unit=header.unit,
    )


def listed_rows(rows: list[int]) -> str:
    """Return row numbers as one text, a long list cut."""
    shown = "、".join(str(row) for row in rows[:_MOST_ROWS_LISTED])
    return shown + ("…" if len(rows) > _MOST_ROWS_LISTED else "")


def _filled(body: pd.DataFrame) -> NDArray[np.bool_]:
    filled = np.zeros(len(body), dtype=bool)
    for column in body.columns:
        if filled.all():
            break
        filled |= (body[column].str.strip() != "").to_numpy(dtype=bool)
    return filled


def _named(names: tuple[str, ...], body: pd.DataFrame, kept: NDArray[np.bool_]) -> tuple[str, ...]:
    """Return headers, columns that hold something but have none named by their position."""
    bare = [i for i, name in enumerate(names) if not name]
    held = {i for i in bare if (body[body.columns[i]][kept].str.strip() != "").any()}
    return tuple(f"#{i + 1}" if i in held else name for i, name in enumerate(names))


def _tell_header(header: Header, source: Source, layer: str, issues: IssueLog) -> None:
    if header.last == 0:
        return
    issues.add(
        "info", "title_rows", layer=layer, row=header.first + 1, value=source.path.name,
        first=header.first + 1, last=header.last + 1,
    )  # fmt: skip


def _read_text(source: Source, layer: str, issues: IssueLog) -> Raw:
    data = as_utf8(source.path.read_bytes(), source, layer, issues)
    # the end of the head may cut a character in two
    head = data[: 4 * _HEAD_CHARACTERS].decode(errors="ignore")[:_HEAD_CHARACTERS]
    delimiter = _delimiter(head)
    records = _records(head, delimiter)
    width = max((len(record) for record in records), default=0)
    if width > _MOST_COLUMNS:
        raise LayerError("layers.too_many_columns", layer=layer, path=source.path, count=width)
    if not any(cell.strip() for record in records for cell in record):
        raise LayerError("layers.empty", layer=layer, path=source.path)
    cells = _parsed(data, delimiter, width, source, layer)
    if not (cells.iloc[: HEAD + 1] != "").to_numpy().any() and not _filled(cells).any():
        raise LayerError("layers.empty", layer=layer, path=source.path)
    sheet = Sheet(name="", cells=cells)
    header = _header(sheet, layer, source)
    _check_widths(cells, header, records, source, layer)
    return _raw(sheet, header, source, layer, issues)


def _parsed(data: bytes, delimiter: str, width: int, source: Source, layer: str) -> pd.DataFrame:
    try:
        return pd.read_csv(
            io.BytesIO(data),
            encoding="utf-8",
            sep=delimiter,
            header=None,
            names=range(width),
            index_col=False,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        )
    except Exception as error:  # a text that is no table fails anywhere in the parser
        raise _csv_error(error, source, layer) from error


def _delimiter(head: str) -> str:
    """Return the separator that most of the first lines have, by how often."""
    lines = [line for line in head.splitlines()[: 2 * HEAD] if line.strip()]
    return max(_DELIMITERS, key=lambda sign: sum(min(line.count(sign), 50) for line in lines))


def _records(head: str, delimiter: str) -> list[list[str]]:
    """Return the first records, as many as a header is looked for in."""
    records = []
    try:
        for record in csv.reader(io.StringIO(head), delimiter=delimiter):
            records.append(record)
            if len(records) >= HEAD:
                break
    except csv.Error:  # a cell of no end; what was read before it will do
        pass
    return records


def _check_widths(
    cells: pd.DataFrame, header: Header, records: list[list[str]], source: Source, layer: str
) -> None:
    """Raise where a row under the header is longer than it."""
    expected = max((len(record) for record in records[header.first : header.last + 1]), default=0)
    beyond = cells.iloc[header.last + 1 :, expected:]
    filled = (beyond != "").to_numpy().any(axis=1)
    if not filled.any():
        return
    row = header.last + 1 + int(np.argmax(filled))
    seen = expected + int(np.flatnonzero((beyond.loc[row] != "").to_numpy())[-1]) + 1
    raise LayerError(
        "layers.long_row", layer=layer, path=source.path, row=row + 1, seen=seen, expected=expected
    )


def _csv_error(error: Exception, source: Source, layer: str) -> LayerError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if not found:
        return unreadable(layer, source.path, error)
    expected, row, seen = (int(group) for group in found.groups())
    return LayerError(
        "layers.long_row", layer=layer, path=source.path, row=row, seen=seen, expected=expected
    )
