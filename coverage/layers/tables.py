"""Read CSV files and workbooks as text."""

from __future__ import annotations

import csv
import io
import re
import warnings
from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.errors import LayerError
from coverage.layers.headers import known_headers, listed
from coverage.layers.raw import Raw, unreadable

if TYPE_CHECKING:
    from coverage.layers.model import Source

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")

_DELIMITERS = ",\t;"
_HEAD = 65536  # characters looked at to find header and delimiter


def read_csv(source: Source, layer: str) -> Raw:
    """Read a CSV file.

    The text is UTF-8, with or without a byte-order mark, else UTF-16 with one, else GB18030, or in
    the encoding that the source names. The first row that is not empty is the header.

    Raises
    ------
    LayerError
        If the file cannot be decoded, has a row longer than its header, or is empty.
    """
    data = source.path.read_bytes()
    encoding = _encoding(data, source, layer)
    # the end of the head may cut a character in two
    head = data[: 4 * _HEAD].decode(encoding, errors="ignore")[:_HEAD].removeprefix("\ufeff")
    delimiter = _delimiter(head)
    width = _width(head, delimiter)
    if not width:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    try:
        cells = pd.read_csv(
            io.BytesIO(data),
            encoding=encoding,
            sep=delimiter,
            header=None,
            names=range(width),
            index_col=False,
            dtype=str,
            na_filter=False,
            skip_blank_lines=False,
            on_bad_lines="error",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise _csv_error(error, source, layer) from error
    return _with_header(cells)


def read_workbook(source: Source, layer: str) -> Raw:
    """Read a sheet of a workbook: the one named, else the one whose headers are known best.

    Raises
    ------
    LayerError
        If the workbook cannot be read, has no such sheet, or the sheet is empty.
    """
    with warnings.catch_warnings():
        # readers warn of what they will not keep; only cells are read here
        warnings.simplefilter("ignore")
        try:
            sheets = pd.read_excel(
                source.path,
                sheet_name=None if source.layer is None else [source.layer],
                header=None,
                dtype=object,
                na_filter=False,
                engine="calamine",
            )
        except ValueError as error:
            if source.layer is None or "Worksheet" not in str(error):
                raise unreadable(layer, source.path, error) from error
            raise _no_sheet(source, layer) from error
        except Exception as error:  # a damaged workbook fails anywhere in zip, XML or the reader
            raise unreadable(layer, source.path, error) from error
    filled = [_as_text(cells) for cells in sheets.values() if len(cells)]
    if not filled:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    tables = [cells for cells in filled if (cells != "").to_numpy().any()]
    if not tables:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    # of equally well known sheets the first one
    best = max(tables, key=lambda cells: known_headers(_header(cells)[1], layer, source))
    return _with_header(best)


def _encoding(data: bytes, source: Source, layer: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and source.encoding is None:
        return "utf-16"
    for encoding in [source.encoding] if source.encoding else ["utf-8-sig", "gb18030"]:
        try:
            data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    raise LayerError("layers.encoding", layer=layer, path=source.path)


def _delimiter(head: str) -> str:
    first = next((line for line in head.splitlines() if line.strip()), "")
    return max(_DELIMITERS, key=first.count)


def _width(head: str, delimiter: str) -> int:
    for record in csv.reader(io.StringIO(head), delimiter=delimiter):
        if any(cell.strip() for cell in record):
            return len(record)
    return 0


def _csv_error(error: Exception, source: Source, layer: str) -> LayerError:
    found = re.search(r"Expected (\d+) fields in line (\d+), saw (\d+)", str(error))
    if not found:
        return unreadable(layer, source.path, error)
    expected, row, seen = (int(group) for group in found.groups())
    return LayerError(
        "layers.long_row", layer=layer, path=source.path, row=row, seen=seen, expected=expected
    )


def _no_sheet(source: Source, layer: str) -> LayerError:
    with pd.ExcelFile(source.path, engine="calamine") as book:
        names = [str(name) for name in book.sheet_names]
    return LayerError(
        "layers.missing_layer",
        layer=layer,
        path=source.path,
        name=source.layer,
        names=listed(names),
    )


def _as_text(cells: pd.DataFrame) -> pd.DataFrame:
    written: pd.DataFrame = cells.apply(lambda column: column.map(_cell)).astype("str")
    return written


def _cell(value: object) -> str:
    if value is None or value is pd.NaT:
        return ""
    if isinstance(value, float):
        if not np.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def _header(cells: pd.DataFrame) -> tuple[int, tuple[str, ...]]:
    """Return position and cells of the first row that is not empty."""
    for position in range(len(cells)):
        row = tuple(" ".join(str(cell).split()) for cell in cells.iloc[position])
        if any(row):
            return position, row
    return 0, ()


def _with_header(cells: pd.DataFrame) -> Raw:
    position, headers = _header(cells)
    body = cells.iloc[position + 1 :]
    rows = np.arange(position + 2, len(cells) + 1)
    filled = np.zeros(len(body), dtype=bool)
    for column in body.columns:
        if filled.all():
            break
        filled |= (body[column].str.strip() != "").to_numpy(dtype=bool)
    return Raw(
        headers=tuple(header.removeprefix("\ufeff") for header in headers),
        cells=body[filled].reset_index(drop=True).set_axis(range(len(headers)), axis=1),
        rows=rows[filled],
    )
