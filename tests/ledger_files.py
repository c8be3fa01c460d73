"""How tests write ledgers and read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import xlsxwriter

from coverage.layers import IssueLog, Source
from coverage.layers.files.tables import read_table
from coverage.layers.ledgers.reading import read_ledger
from coverage.layers.ledgers.tidy import tidy

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from coverage.layers.model import AsRead


@dataclass(frozen=True)
class Read:
    """A ledger, typed; what was found in it; and the ledger as its file has it."""

    frame: pd.DataFrame
    rows: list[int]
    issues: pd.DataFrame
    as_read: AsRead

    def found(self, code: str) -> list[tuple[Any, ...]]:
        """Return row, field and value of the findings of a code."""
        chosen = self.issues[self.issues["code"] == code]
        return list(chosen[["row", "field", "value"]].itertuples(index=False, name=None))


def read(path: Path, layer: str = "facilities", **given: Any) -> Read:
    """Read a ledger."""
    issues, source = IssueLog(), Source(path=path, **given)
    ledger = read_ledger(read_table(source, layer, issues), source, layer, issues)
    table = tidy(ledger.raw, ledger.columns, layer, issues, basis="registered")
    # both languages, so that every sentence is filled at least once
    issues.frame("en")
    return Read(table.frame, table.rows.tolist(), issues.frame("zh"), ledger.as_read)


def read_text(folder: Path, text: str, layer: str = "facilities", **given: Any) -> Read:
    """Write a CSV file and read it."""
    path = folder / "ledger.csv"
    path.write_text(text, encoding="utf-8")
    return read(path, layer, **given)


def write_sheet(
    path: Path,
    rows: Sequence[Sequence[object]],
    *,
    merged: Sequence[str] = (),
    hidden: Sequence[int] = (),
) -> Path:
    """Write a sheet: rows from A1 on, ranges to merge (their first cell stays), rows to hide."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("台账")
        for place in merged:
            sheet.merge_range(place, "")
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if value is None:
                    continue
                if isinstance(value, str) and value.startswith("="):
                    sheet.write_formula(number, column, value, None, "#DIV/0!")
                else:
                    sheet.write(number, column, value)
        for number in hidden:
            sheet.set_row(number - 1, None, None, {"hidden": True})
    return path
