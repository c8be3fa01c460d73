"""Tell the rows of data of a ledger from its totals, notes and examples; fill what was merged."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.layers.ledgers.headers import JOIN

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from coverage.layers.files.raw import Raw
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.headers import Columns

    Mask = NDArray[np.bool_]

_LABELS = ("name", "code", "id", "county", "township", "community", "old_name", "indicator")
_FIRST_COLUMNS = 3  # in which totals and notes begin
_GAP = "[\\s\u3000]*"
_TOTAL = (
    rf"^{_GAP}(?:.{{0,12}}[合小总共累]{_GAP}计{_GAP}(?:数|[(（].{{0,8}}[)）])?{_GAP}[:：]?"
    rf"|[全本](?:区|县|市|镇|乡|街道|页)){_GAP}$"
)
_NOTE = (
    rf"^{_GAP}[(（]?(?:附?注|备{_GAP}注|说{_GAP}明|填{_GAP}表|"
    rf"填{_GAP}报|制{_GAP}表|审{_GAP}核|复{_GAP}核|统计|"
    r"单位负责人|负责人|联系人|联系电话|数据来源|资料来源|分管领导|主要领导)[^:：]{0,8}[:：]"
)
_NOTE_WORD = re.compile(r"^[(（]?([^:：]{1,8})")
_EXAMPLE = (
    rf"^{_GAP}[(（【]?(?:示例|样例|填写示例|例如?)[)）】]?{_GAP}(?:[:：]|$)"
    rf"|^{_GAP}[Ee]xample{_GAP}[:：]"
)
# what any of these begins with or has, in a form that whole columns are searched for at once
_SUSPECT = (
    "[合小总共累][ \t\n\u3000]*计|示例|样例|[Ee]xample|"
    "^[ \t\n\u3000(（【]*(?:例|[全本].|附?注|备|说|填|制|审|复|统计|单位负|负责|联系|数据|资料|"
    "分管|主要)"
)
_SENTENCE = re.compile(r"[。；]|^.{40,}$")
_TAIL = 30  # rows at the end in which a note needs no keyword
_STEMS = "甲乙丙丁戊己庚辛"
_GROUPS = ("county", "township", "community")
_ALIKE = 3  # cells that make a row a header repeated or a row of column numbers
_CONTROL = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ufffe]"


def data_rows(raw: Raw, columns: Columns, layer: str, issues: IssueLog) -> Raw:
    """Return the rows of a table that are data, gaps of merged cells filled.

    Control characters, which no document or workbook can hold, are left out of every layer.

    Left out, each with an issue, are rows of totals, notes, examples, headers repeated and column
    numbers. A layer with shapes keeps all its rows.

    Parameters
    ----------
    raw
        The table as read.
    columns
        What its columns are.
    layer
        Its name.
    issues
        Where findings go.
    """
    if not len(raw.rows):
        return raw
    raw = _without_control(raw, layer, issues)
    if raw.geometry is not None:
        return raw
    labels = dict.fromkeys(columns.fields[f] for f in _LABELS if f in columns.fields)
    labels |= dict.fromkeys(range(min(_FIRST_COLUMNS, len(raw.headers))))
    left = np.zeros(len(raw.rows), dtype=bool)
    odd = _any_of(raw, labels, _SUSPECT)
    for code, rows in (
        ("example_row", _matching(odd, raw, labels, _EXAMPLE)),
        ("total_row", _matching(odd, raw, labels, _TOTAL)),
        ("note_row", _notes(odd, raw, labels)),
        ("repeated_header", _repeated_headers(raw)),
        ("repeated_header", _column_numbers(raw)),
    ):
        told = {row: word for row, word in rows.items() if not left[row]}
        positions = np.array(sorted(told), dtype=np.int64)
        issues.add_rows(
            "info", code, layer=layer, rows=raw.rows[positions],
            value=[told[row] for row in positions.tolist()],
        )  # fmt: skip
        left[positions] = True
    kept = replace(raw, cells=raw.cells[~left].reset_index(drop=True), rows=raw.rows[~left])
    return _filled_down(kept if left.any() else raw, columns, layer, issues)


def _without_control(raw: Raw, layer: str, issues: IssueLog) -> Raw:
    changed = {}
    for position in range(len(raw.headers)):
        column = raw.cells[position]
        if not isinstance(column.dtype, pd.StringDtype):
            continue
        odd = column.str.contains(_CONTROL, regex=True).to_numpy(dtype=bool)
        if odd.any():
            changed[position] = column.str.replace(_CONTROL, "", regex=True)
            field = raw.headers[position]
            issues.add_rows(
                "info", "control_characters", layer=layer, rows=raw.rows[odd], field=field, count=1
            )
    if not changed:
        return raw
    return replace(raw, cells=_put(raw.cells, changed))


def _put(cells: pd.DataFrame, columns: dict[int, pd.Series]) -> pd.DataFrame:
    result = cells.copy(deep=False)
    for position, column in columns.items():
        result[position] = column
    return result


def _any_of(raw: Raw, labels: Iterable[int], pattern: str) -> NDArray[np.intp]:
    """Return the positions of rows of which a label matches."""
    found = np.zeros(len(raw.rows), dtype=bool)
    for position in labels:
        if isinstance(raw.cells[position].dtype, pd.StringDtype):
            found |= raw.cells[position].str.contains(pattern, regex=True).to_numpy(dtype=bool)
    return np.flatnonzero(found)


def _matching(
    rows: NDArray[np.intp], raw: Raw, labels: Iterable[int], pattern: str
) -> dict[int, str]:
    """Return the first label that matches of each of some rows, by position."""
    found: dict[int, str] = {}
    for position in labels:
        for row, text in zip(rows.tolist(), raw.cells[position].iloc[rows], strict=True):
            if re.search(pattern, str(text)):
                found.setdefault(row, str(text).strip())
    return found


def _notes(rows: NDArray[np.intp], raw: Raw, labels: Iterable[int]) -> dict[int, str]:
    """Return the keyword of each row that is a note; who wrote it is not repeated."""
    found = {}
    for row, text in _matching(rows, raw, labels, _NOTE).items():
        cells = [cell for cell in raw.cells.iloc[row] if str(cell).strip()]
        keyed = sum(bool(re.search(r"[:：]", str(cell))) for cell in cells)
        if len(cells) <= _ALIKE or keyed * 2 > len(cells):
            word = _NOTE_WORD.match(text)
            found[row] = word[1] if word else ""
    for row in range(max(0, len(raw.rows) - _TAIL), len(raw.rows)):
        cells = [str(cell) for cell in raw.cells.iloc[row] if str(cell).strip()]
        if len(cells) == 1 and len(raw.headers) >= _ALIKE and _SENTENCE.search(cells[0]):
            found.setdefault(row, "…")
    return found


def _repeated_headers(raw: Raw) -> dict[int, str]:
    """Return the rows that repeat the header, as printed pages do."""
    last = [header.split(JOIN)[-1] for header in raw.headers]
    named = [i for i, header in enumerate(last) if header]
    if len(named) < _ALIKE:
        return {}
    first = raw.cells[named[0]].astype("str").str.strip()
    alike = np.flatnonzero((first == last[named[0]]).to_numpy(dtype=bool))
    keys = [vocabulary.fold(header) for header in last]
    repeated = {}
    for row in alike:
        cells = [vocabulary.fold(str(cell)) for cell in raw.cells.iloc[row]]
        if sum(bool(key) and key == cell for key, cell in zip(keys, cells, strict=True)) >= _ALIKE:
            repeated[int(row)] = last[named[0]]
    return repeated


def _column_numbers(raw: Raw) -> dict[int, str]:
    """Return the first row where it only numbers the columns: 甲, 乙, 1, 2, 3."""
    cells = [vocabulary.fold(str(cell)) for cell in raw.cells.iloc[0] if str(cell).strip()]
    numbers = [cell for cell in cells if cell not in tuple(_STEMS)]
    consecutive = numbers == [str(n) for n in range(1, len(numbers) + 1)]
    stems = cells[: len(cells) - len(numbers)] == list(_STEMS[: len(cells) - len(numbers)])
    return {0: "1, 2, 3"} if len(numbers) >= _ALIKE and consecutive and stems else {}


def _filled_down(raw: Raw, columns: Columns, layer: str, issues: IssueLog) -> Raw:
    """Fill cells that were merged downwards, and groups that name their unit in the first row."""
    known = vocabulary.fields()
    changed = {}
    for field, position in columns.fields.items():
        column = raw.cells[position]
        if field not in known or not isinstance(column.dtype, pd.StringDtype):
            continue
        # a number that several rows share is one amount: repeated it would count again
        merged = known[field].kind != "number"
        gaps = _merged_gaps(raw, position) if merged else np.zeros(len(raw.rows), dtype=bool)
        if field in _GROUPS and not gaps.any():
            # where cells are merged, an empty one beside them is meant to be empty
            gaps = _group_gaps(column)
        gaps &= (column.str.strip() == "").to_numpy(dtype=bool)
        if not gaps.any():
            continue
        filled = column.where(column.str.strip() != "").ffill().fillna("")
        changed[position] = column.mask(gaps, filled).astype("str")
        issues.add(
            "info", "filled_down", layer=layer, row=raw.rows[gaps][0], field=field,
            value=raw.headers[position], count=int(gaps.sum()),
        )  # fmt: skip
    return replace(raw, cells=_put(raw.cells, changed)) if changed else raw


def _merged_gaps(raw: Raw, position: int) -> Mask:
    gaps = np.zeros(len(raw.rows), dtype=bool)
    for first, last, column in raw.merged:
        if column == position:
            gaps |= (raw.rows > first) & (raw.rows <= last)
    return gaps


def _group_gaps(column: pd.Series) -> Mask:
    """Return the empty cells of a column whose filled ones clearly head groups.

    They do where the first row is filled, no name comes twice, there are at least two, and more
    cells are empty than filled.
    """
    filled = (column.str.strip() != "").to_numpy(dtype=bool)
    names = column[filled]
    clear = filled[0] and 1 < len(names) < len(column) - len(names) and names.is_unique
    return ~filled if clear else np.zeros(len(column), dtype=bool)
