"""Show what was found in the layers: problems by kind, and each table with its cells marked."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts
from coverage.layers.ledgers import values

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from coverage.layers import AsRead

# rows past which only those with findings are shown; no sheet has more
LONG = 20_000
SEVERITIES = ("error", "warning", "info")

_COLOURS = {"error": "#F4B6B0", "warning": "#FFE699", "info": "#DCE9F7"}
_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes every time
_A4 = 9  # what workbooks call the paper size
_FIRST_ROW = 2  # of a table: its header stands above
_SHOWN_ROWS = 5  # of a problem, in a line
_NOTES = 2_000  # a sheet: programs grow slow with more
_NOTE_LENGTH = 600
# where findings about places show: no field holds a place
_PLACES = ("lon", "lat")
_PLACED = frozenset(
    {
        "approximate_demand",
        "approximate_location",
        "bad_coordinates",
        "converted_datum",
        "no_location",
        "outside_townships",
        "same_place",
        "swapped_axes",
        "uncertain_datum",
    }
)


def problems(issues: pd.DataFrame) -> pd.DataFrame:
    """Group findings by kind, the worst first.

    Parameters
    ----------
    issues
        The table of ``issues.csv``.

    Returns
    -------
    pandas.DataFrame
        Columns severity, code, layer, field, findings (how many), rows (the first ones, as text),
        message, action: those of the first finding. Errors go before warnings and warnings before
        infos, those of whole layers before those of rows, frequent ones before rare ones, then the
        order in which they were found.
    """
    keys = ["severity", "code", "layer", "field"]
    grouped = issues.groupby(keys, sort=False)
    table = grouped.agg(
        findings=("code", "size"), message=("message", "first"), action=("action", "first")
    )
    table["rows"] = grouped["row"].agg(_rows)
    table = table.reset_index()
    rank = table["severity"].map({name: number for number, name in enumerate(SEVERITIES)})
    of_rows = table["rows"] != ""
    order = np.lexsort((-table["findings"], of_rows, rank.astype("int64")))
    ordered = [*keys, "findings", "rows", "message", "action"]
    return table.iloc[order].reset_index(drop=True)[ordered]


def layer_title(layer: str, language: str | None = None) -> str:
    """Return what people call a layer, with its name in the project file.

    Parameters
    ----------
    layer
        Its name; ``network`` and ``project`` are the streets and the project file.
    language
        Language, by default the one in use.
    """
    return f"{texts.say(f'data_report.layer.{layer}', language)} {layer}" if layer else ""


def data_workbook(
    title: str,
    layers: pd.DataFrame,
    issues: pd.DataFrame,
    as_read: Mapping[str, AsRead],
) -> bytes:
    """Return the data report as a workbook: a summary, a sheet a layer, all findings.

    A layer's sheet is the user's own table, with the row numbers and the order of columns of the
    file and without columns about persons. Cells with findings are coloured and carry a note; the
    column after the last one says the same in sentences.

    Parameters
    ----------
    title
        What the summary is headed with.
    layers
        One row a layer: layer, path, rows, used, set_aside, repaired.
    issues
        The table of ``issues.csv``.
    as_read
        Tables as their files have them, by layer.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    buffer = io.BytesIO()
    # nothing that a table holds may become a formula or a link
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(buffer, options)
    book.set_properties({"title": title, "created": _CREATED})
    look = _Look(book)
    _write_summary(book, look, title, layers, issues)
    for layer, table in as_read.items():
        _write_layer(book, look, layer, table, issues[issues["layer"] == layer])
    _write_issues(book, look, issues)
    for sheet in book.worksheets():
        # prints on A4, all columns on one page's width
        sheet.set_paper(_A4)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
    book.close()
    return buffer.getvalue()


class _Look:
    """Hold the formats of a workbook."""

    def __init__(self, book: Workbook) -> None:
        plain: dict[str, Any] = {"valign": "top"}
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.head = book.add_format(
            {
                "bold": True,
                "bg_color": "#2F5F8A",
                "font_color": "#FFFFFF",
                "border": 1,
                "text_wrap": True,
            }
        )
        self.wrap = book.add_format({**plain, "text_wrap": True})
        self.marked: dict[str, Format] = {
            severity: book.add_format({**plain, "bg_color": colour, "text_wrap": False})
            for severity, colour in _COLOURS.items()
        }
        self.marked_head: dict[str, Format] = {
            severity: book.add_format(
                {"bold": True, "bg_color": colour, "border": 1, "text_wrap": True}
            )
            for severity, colour in _COLOURS.items()
        }


def _say(key: str, **values: object) -> str:
    return texts.say(f"data_report.{key}", **values)


def _rows(rows: pd.Series) -> str:
    numbers = rows.dropna().drop_duplicates()
    if numbers.empty:
        return ""
    first = tuple(numbers[:_SHOWN_ROWS])
    more = "row_list_more" if len(numbers) > _SHOWN_ROWS else "row_list"
    return _say(more, rows=first, count=len(numbers))


def _write_table(
    sheet: Worksheet,
    look: _Look,
    top: int,
    columns: Sequence[tuple[str, int]],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Write headers, widths and rows; the first cell of a row may be a severity."""
    for column, (key, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, _say(key), look.head)
    for number, row in enumerate(rows, start=top + 1):
        for column, cell in enumerate(row):
            if cell is None or cell is pd.NA:
                continue
            if isinstance(cell, int | np.integer):
                sheet.write_number(number, column, int(cell), look.wrap)
            elif column == 0 and cell in SEVERITIES:
                sheet.write_string(number, 0, _say(f"severity_{cell}"), look.marked[str(cell)])
            else:
                sheet.write_string(number, column, str(cell), look.wrap)


def _write_summary(
    book: Workbook, look: _Look, title: str, layers: pd.DataFrame, issues: pd.DataFrame
) -> None:
    sheet = book.add_worksheet(_say("sheet_summary"))
    sheet.write_string(0, 0, title, look.title)
    counts = {severity: int((issues["severity"] == severity).sum()) for severity in SEVERITIES}
    sheet.write_string(1, 0, _say("counts", **counts))
    sheet.write_string(2, 0, _say("legend"))
    sheet.write_string(3, 0, _say("left_out"))
    counted = layers.astype({"layer": "object"}).itertuples(index=False)
    rows = [(layer_title(row[0]), *row[1:]) for row in counted]
    keys = ("layer", "file", "read", "used", "set_aside", "repaired")
    widths = (24, 24, 10, 10, 60, 60)
    _write_table(sheet, look, 5, tuple(zip(keys, widths, strict=True)), rows)
    top = 5 + len(rows) + 2
    found = problems(issues)
    listed = found[["severity", "layer", "findings", "rows", "message", "action"]]
    kinds = (
        ("severity", 24),
        ("layer", 24),
        ("count", 10),
        ("rows", 24),
        ("problem", 60),
        ("action", 60),
    )
    shown = [(row[0], layer_title(row[1]), *row[2:]) for row in listed.itertuples(index=False)]
    _write_table(sheet, look, top, kinds, shown)
    sheet.freeze_panes(1, 0)


def _write_issues(book: Workbook, look: _Look, issues: pd.DataFrame) -> None:
    sheet = book.add_worksheet(_say("sheet_issues"))
    names = ("severity", "layer", "row", "field", "value", "message", "action", "code")
    keys = ("severity", "layer", "row", "field", "value", "problem", "action", "code")
    widths = (8, 14, 8, 16, 24, 64, 64, 20)
    shown = issues.head(LONG)
    _write_table(
        sheet,
        look,
        0,
        tuple(zip(keys, widths, strict=True)),
        list(shown[list(names)].itertuples(index=False)),
    )
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(len(shown), 1), len(keys) - 1)
    if len(shown) < len(issues):
        cut = _say("cut", shown=len(shown), count=len(issues))
        sheet.write_string(len(shown) + 1, 0, cut)


def _write_layer(
    book: Workbook, look: _Look, layer: str, table: AsRead, issues: pd.DataFrame
) -> None:
    sheet = book.add_worksheet(layer_title(layer)[:31])
    page = _Page.of(table, issues)
    if page.notice:
        sheet.write_string(0, 0, page.notice, look.title)
    marks, told = _marks(table, issues, page)
    width = len(table.headers)
    headers = [*table.headers, _say("problem"), _say("row")]
    lines = [page.header, *page.lines.tolist()]
    for column, header in enumerate(headers):
        body = (
            values.text(page.cells[column]).mask(page.veiled, "").tolist() if column < width else []
        )
        for line, cell in zip(lines, [header, *body], strict=False):
            mark = marks.get((line, column))
            plain = look.head if line == page.header else None
            if mark:
                formats = look.marked_head if line == page.header else look.marked
                sheet.write_string(line, column, cell, formats[mark[0]])
            elif cell:
                sheet.write_string(line, column, cell, plain)
    for (line, column), (_, sentences) in list(marks.items())[:_NOTES]:
        note = sentences[:_NOTE_LENGTH]
        sheet.write_comment(line, column, note, {"author": "", "x_scale": 3, "y_scale": 2})
    for line, (severity, sentences) in told.items():
        sheet.write_string(line, width, sentences, look.marked[severity])
    for row, line in page.line_of.items():
        sheet.write_number(line, width + 1, row)
    last = max([page.header + 1, *page.line_of.values()])
    sheet.set_column(0, width - 1, 14)
    sheet.set_column(width, width, 90)
    sheet.freeze_panes(page.header + 1, min(2, width))
    sheet.autofilter(page.header, 0, last, width + 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last + 1}"})


@dataclass(frozen=True, kw_only=True)
class _Page:
    """Say which rows a sheet shows and where they stand.

    A row stands where the file has it, unless only some are shown or the rows are features.
    Rows left out of the table, such as totals, have a line too: their sentence stands there. What
    notes below a table say is not shown: they name those who filled it in.
    """

    cells: pd.DataFrame
    lines: NDArray[np.int64]
    veiled: NDArray[np.bool_]
    header: int
    notice: str
    line_of: Mapping[int, int]

    @classmethod
    def of(cls, table: AsRead, issues: pd.DataFrame) -> _Page:
        cells, rows, notice = table.cells, table.rows, ""
        notes = issues.loc[issues["code"] == "note_row", "row"]
        found = np.unique(issues["row"].dropna().to_numpy(dtype="int64"))
        if len(rows) > LONG:
            chosen = np.isin(rows, found[:LONG])
            notice = _say("long", rows=len(rows), most=LONG, row=_say("row"))
            cells, rows = cells[chosen], rows[chosen]
        elif len(rows) and rows.min() < _FIRST_ROW:
            notice = _say("features", row=_say("row"))
        veiled = np.isin(rows, notes.to_numpy(dtype="int64"))
        if notice:
            lines = 2 + np.arange(len(rows))
            line_of = dict(zip(rows.tolist(), lines.tolist(), strict=True))
            return cls(
                cells=cells, lines=lines, veiled=veiled, header=1, notice=notice, line_of=line_of
            )
        header = int(rows.min()) - 2 if len(rows) else 0
        below = found[found - 1 > header]
        line_of = {row: row - 1 for row in np.union1d(rows, below).tolist()}
        return cls(
            cells=cells, lines=rows - 1, veiled=veiled, header=header, notice="", line_of=line_of
        )


def _marks(
    table: AsRead, issues: pd.DataFrame, page: _Page
) -> tuple[dict[tuple[int, int], tuple[str, str]], dict[int, tuple[str, str]]]:
    """Return severity and sentences of cells, by line and column, and of whole rows, by line."""
    cells: dict[tuple[int, int], list[tuple[str, str]]] = {}
    rows: dict[int, list[tuple[str, str]]] = {}
    # where no canonical field is meant, a finding names the header
    places = {header: i for i, header in enumerate(table.headers)} | dict(table.fields)
    columns = ["severity", "code", "row", "field", "message", "action"]
    shown = issues[issues["row"].isna() | issues["row"].isin(list(page.line_of))]
    for severity, code, row, field, message, action in shown[columns].itertuples(index=False):
        line = page.header if row is pd.NA else page.line_of[int(row)]
        sentence = (severity, f"{message} {action}")
        fields = _PLACES if code in _PLACED else (field,)
        for column in [places[name] for name in fields if name in places]:
            cells.setdefault((line, column), []).append(sentence)
        if row is not pd.NA:
            rows.setdefault(line, []).append(sentence)
    return (
        {place: _joined(sentences) for place, sentences in cells.items()},
        {line: _joined(sentences) for line, sentences in rows.items()},
    )


def _joined(sentences: list[tuple[str, str]]) -> tuple[str, str]:
    worst = min((severity for severity, _ in sentences), key=SEVERITIES.index)
    return worst, "\n".join(dict.fromkeys(text for _, text in sentences))
