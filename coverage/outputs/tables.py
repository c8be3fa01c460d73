"""Write tables as CSV that Excel and WPS open without a question."""

from __future__ import annotations

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
