"""What ``check`` finds: how many rows of each layer are used, and everything odd about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from coverage.layers.issues import REPAIRS
from coverage.outputs import csv_bytes, finish_swap, replace_file
from coverage.outputs.data_report import data_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.layers import AsRead, Layers, Source


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Say what was read, and everything odd about it.

    Parameters
    ----------
    title
        Project and year.
    layers
        One row a layer: layer, path, rows, used, set_aside, repaired. They count rows of the file:
        those read, those whose content is part of the layer, those that are not, and those with
        something put right.
    issues
        The table of ``issues.csv``.
    blocked
        Whether an error keeps the project from being run.
    as_read
        Tables as their files have them, by layer; empty where no layer could be read.
    """

    title: str
    layers: pd.DataFrame
    issues: pd.DataFrame
    blocked: bool
    as_read: Mapping[str, AsRead] = field(default_factory=dict)

    def save(self, folder: str | Path) -> Path:
        """Write ``issues.csv`` into a results folder and touch nothing else there.

        Parameters
        ----------
        folder
            Results folder.

        Returns
        -------
        pathlib.Path
            The file.
        """
        finish_swap(Path(folder))
        file = Path(folder) / "issues.csv"
        replace_file(file, csv_bytes(self.issues))
        return file

    def save_workbook(self, file: str | Path) -> Path:
        """Write the report as a workbook: every table as its user knows it, its cells marked.

        Parameters
        ----------
        file
            Where it goes; its name ends in ``.xlsx``.

        Returns
        -------
        pathlib.Path
            The file.
        """
        content = data_workbook(self.title, self.layers, self.issues, self.as_read)
        replace_file(Path(file), content)
        return Path(file)


def layer_summary(
    sources: Mapping[str, Source],
    as_read: Mapping[str, AsRead],
    layers: Layers | None,
    issues: pd.DataFrame,
) -> pd.DataFrame:
    """Count by layer the rows of its file: read, used, set aside, with something repaired.

    Parameters
    ----------
    sources
        Where the layers are read.
    as_read
        Tables as their files have them.
    layers
        The layers, None where they cannot be used.
    issues
        The table of ``issues.csv``.

    Returns
    -------
    pandas.DataFrame
        The table that `CheckReport` holds.
    """
    mended = issues[issues["code"].isin(REPAIRS)].groupby("layer")["row"].nunique()
    rows = []
    for name, source in sources.items():
        read = len(as_read[name].rows) if name in as_read else None
        used = None if read is None or layers is None else _used_rows(layers, name)
        aside = None if read is None or used is None else read - used
        repaired = None if read is None else int(mended.get(name, 0))
        rows.append((name, source.path.name, read, used, aside, repaired))
    numbers = ("rows", "used", "set_aside", "repaired")
    table = pd.DataFrame(rows, columns=["layer", "path", *numbers])
    return table.astype(dict.fromkeys(numbers, "Int64"))


def _used_rows(layers: Layers, name: str) -> int:
    """Return how many rows of a layer's file are part of it: one may hold several facilities."""
    own = {
        "townships": layers.townships,
        "communities": layers.communities,
        "facilities": layers.facilities,
    }
    frame = own.get(name, layers.others.get(name))
    if frame is None:
        return 0
    kept = frame if "set_aside" not in frame else frame[~frame["set_aside"]]
    return int(kept["source_row"].nunique())
