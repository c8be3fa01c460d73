"""Find the header of a table under titles, dates and units, over as many rows as it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage import vocabulary
from coverage.layers.ledgers.headers import JOIN, known_headers
from coverage.layers.ledgers.rooms import room_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.layers.model import Source

    Merged = Sequence[tuple[int, int, int, int]]

HEAD = 40  # rows in which a header is looked for
_MOST_LEVELS = 3
_LONGEST = 200  # characters of a header
_TABLE_UNIT = re.compile(r"(?:计量)?单位[:：]\s*([^\s,，、;；:：()（）]{1,6})\s*$")


@dataclass(frozen=True, kw_only=True)
class Header:
    """Say where a table's header stands and what it says.

    Parameters
    ----------
    first, last
        Its first and last row, a row of units included, counted from 0.
    names
        Header of each column, those of several rows joined, empty where there is none.
    known
        How many of them are known.
    unit
        Unit that a title row states for the whole table, empty where none does.
    """

    first: int
    last: int
    names: tuple[str, ...]
    known: int
    unit: str


def find_header(
    head: Sequence[Sequence[str]], merged: Merged, layer: str, source: Source
) -> Header:
    """Find the header among the first rows of a table.

    It is where most headers are known; of equal places the first and the one of fewest rows.
    Where none is known it is the first row with several different cells, else the first with any.

    Parameters
    ----------
    head
        First rows of the table, all of one length.
    merged
        First row, first column, last row and last column of merged cells.
    layer
        Layer the table is read for.
    source
        Where it was read.
    """
    rows = [[_plain(cell) for cell in row] for row in head]
    spread = _spread(rows, merged)
    best = Header(first=0, last=0, names=(), known=0, unit="")
    for first in _starts(spread):
        for last in _ends(spread, merged, first):
            names = _joined(spread, first, last)
            known = known_headers(names, layer, source)
            known += len(room_columns(names)) if layer == "facilities" else 0
            if known > best.known:
                best = Header(first=first, last=last, names=names, known=known, unit="")
    if not best.known:
        best = _unknown(spread, merged)
    return _with_units(best, spread)


def _plain(cell: str) -> str:
    return " ".join(cell[:_LONGEST].split()).removeprefix("\ufeff")


def _spread(rows: Sequence[Sequence[str]], merged: Merged) -> list[list[str]]:
    """Return rows in which each merged cell says what the whole of it says."""
    spread = [list(row) for row in rows]
    for top, left, bottom, right in merged:
        for row in range(top, min(bottom + 1, len(spread))):
            for column in range(left, min(right + 1, len(spread[row]))):
                spread[row][column] = spread[top][left]
    return spread


def _starts(spread: Sequence[Sequence[str]]) -> list[int]:
    """Return the rows that a header may begin with: not a title, one text over the whole width."""
    several = [i for i, row in enumerate(spread) if len(set(row) - {""}) > 1]
    return several or [i for i, row in enumerate(spread) if any(row)]


def _ends(spread: Sequence[Sequence[str]], merged: Merged, first: int) -> range:
    """Return the rows that a header may end with; merged cells are not cut."""
    least, most = first, min(first + _MOST_LEVELS, len(spread)) - 1
    for top, left, bottom, right in merged:
        if top == first and bottom <= first + _MOST_LEVELS:
            # a cell over several columns gathers headers of the row below it
            least = max(least, bottom + (1 if right > left else 0))
    least = min(least, len(spread) - 1)
    return range(least, max(least, most) + 1)


def _joined(spread: Sequence[Sequence[str]], first: int, last: int) -> tuple[str, ...]:
    names = []
    for column in range(len(spread[first])):
        levels: list[str] = []
        for row in range(first, last + 1):
            text = spread[row][column] or _gathering(spread, row, column, last)
            if text and text not in levels:
                levels.append(text)
        names.append(JOIN.join(levels))
    return tuple(names)


def _gathering(spread: Sequence[Sequence[str]], row: int, column: int, last: int) -> str:
    """Return the text to the left that an empty cell above a filled one belongs to."""
    if row == last or not any(spread[below][column] for below in range(row + 1, last + 1)):
        return ""
    return next((text for text in reversed(spread[row][:column]) if text), "")


def _unknown(spread: Sequence[Sequence[str]], merged: Merged) -> Header:
    first = next(iter(_starts(spread)), 0)
    last = _ends(spread, merged, first).start if spread else 0
    names = _joined(spread, first, last) if spread else ()
    return Header(first=first, last=last, names=names, known=0, unit="")


def _with_units(header: Header, spread: Sequence[Sequence[str]]) -> Header:
    """Add a row of units below the header to it, and the unit that a title states."""
    unit = ""
    for row in spread[: header.first]:
        for cell in row:
            found = _TABLE_UNIT.search(cell)
            unit = found[1] if found and vocabulary.unit_of(found[1]) else unit
    names, last = header.names, header.last
    below = spread[last + 1] if last + 1 < len(spread) else []
    units = [cell.strip("()（）[]【】") for cell in below]
    if any(units) and all(not cell or vocabulary.unit_of(cell) for cell in units):
        pairs = zip(names, units, strict=True)
        names = tuple(f"{name}（{cell}）" if cell else name for name, cell in pairs)
        last += 1
    return Header(first=header.first, last=last, names=names, known=header.known, unit=unit)
