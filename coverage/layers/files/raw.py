"""A layer as its file has it: headers, cells, rows, and shapes where it has any."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage.errors import CoverageError, LayerError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Raw:
    """Hold a layer as read.

    Parameters
    ----------
    headers
        Headers in the order of the columns.
    cells
        One column a header, numbered from 0.
    rows
        Row that a person sees, one a row of `cells`.
    geometry
        Shapes in the file's own coordinate system, None for a table.
    sheet
        Name of the sheet or layer, empty where there is none.
    merged
        First row and last row, as a person sees them, and column of cells merged downwards.
    errors
        What formulas ended in, by row as a person sees it and column.
    unit
        Unit that a title states for the whole table, empty where none does.
    digest
        SHA-256 of the rows where they come from no file.
    """

    headers: tuple[str, ...]
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: gpd.GeoSeries | None = None
    sheet: str = ""
    merged: tuple[tuple[int, int, int], ...] = ()
    errors: tuple[tuple[int, int, str], ...] = ()
    unit: str = ""
    digest: str = ""


class LayerFaultsError(LayerError):
    """Report the faults of several layers at once.

    Parameters
    ----------
    key
        Key of the sentence that leads the list.
    **values
        ``faults``: the errors.
    """

    def text(self, language: str | None = None) -> str:
        """Return all sentences in a language, one a line, by default in the one in use."""
        faults: Sequence[CoverageError] = self.values["faults"]  # type: ignore[assignment]
        first = super().text(language)
        return "\n".join([first, *(f"- {fault.text(language)}" for fault in faults)])


def unreadable(layer: str, path: Path, error: BaseException) -> LayerError:
    """Return the error for a file that its reader refuses."""
    detail = " ".join(str(error).split()) or type(error).__name__
    return LayerError("layers.unreadable", layer=layer, path=path, detail=detail[:200])
