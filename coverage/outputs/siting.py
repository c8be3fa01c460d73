"""Write where to build: sites, reasons, candidates, the trade-off, the proof."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from coverage.outputs.folder import replaced
from coverage.outputs.tables import write_csv

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from coverage.sites import SitingResult


def write_siting(result: SitingResult, folder: Path) -> Path:
    """Write all files of a siting result into a folder, whole or not at all.

    Parameters
    ----------
    result
        The result.
    folder
        Folder to write; its earlier files are replaced.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    with replaced(folder) as partial:
        for name, table in siting_tables(result).items():
            write_csv(table, partial / f"{name}.csv")
        text = json.dumps(result.record, ensure_ascii=False, indent=2, default=str, allow_nan=False)
        (partial / "siting.json").write_text(text + "\n", encoding="utf-8")
    return folder


def siting_tables(result: SitingResult) -> dict[str, pd.DataFrame]:
    """Return the tables of a siting result by the names of their files, those that there are.

    Parameters
    ----------
    result
        The result.
    """
    tables = {
        "sites": result.sites,
        "reasons": result.reasons,
        "candidates": result.candidates,
        "townships": result.townships,
        "phases": result.phases,
        "closed": result.closed,
        "pareto": result.pareto,
        "indicator": None if result.indicator is None else result.indicator.table,
    }
    return {name: table for name, table in tables.items() if table is not None}
