"""Findings that several layers share: repeated ids, and places outside the unit declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.location.shapes import Shapes

    Flags = NDArray[np.bool_]


def report_repeated(ids: pd.Series, table: Table, code: str, issues: IssueLog) -> Flags:
    """Return which rows have the id of a row before them, and say so under a code."""
    repeated: Flags = ids.duplicated().to_numpy()
    if not repeated.any():
        return repeated
    words = ids.to_numpy(dtype=object)
    first_row = dict(zip(words[~repeated], table.rows[~repeated], strict=True))
    issues.add_rows(
        "warning",
        code,
        layer=table.layer,
        rows=table.rows[repeated],
        field="id",
        value=words[repeated],
        first=[first_row[word] for word in words[repeated]],
    )
    return repeated


def report_elsewhere(
    table: Table,
    field: str,
    found: tuple[Flags, pd.Series, pd.Series],
    places: Shapes,
    units: gpd.GeoDataFrame,
    issues: IssueLog,
    *,
    value: ArrayLike | None = None,
) -> None:
    """Say which rows lie in another unit than they declare, and how far from the one declared.

    Parameters
    ----------
    table
        The layer that the rows belong to.
    field
        ``township`` or ``community``.
    found
        Which rows, the code of the unit that each row declares, and of the one it lies in.
    places
        Where the rows are.
    units
        The units of the level, with columns code and name.
    issues
        Where findings go.
    value
        What the rows write; by default name and code of the unit declared.
    """
    elsewhere, declared, located = found
    if not elsewhere.any():
        return
    label = dict(zip(units["code"], units["name"] + " " + units["code"], strict=True))
    area = dict(zip(units["code"], units.geometry.array, strict=True))
    said = declared.to_numpy(dtype=object)[elsewhere]
    declared_areas = np.empty(len(said), dtype=object)
    declared_areas[:] = [area[code] for code in said]
    metres = shapely.distance(places[elsewhere], declared_areas)
    issues.add_rows(
        "warning",
        "declared_elsewhere",
        layer=table.layer,
        rows=table.rows[elsewhere],
        field=field,
        value=[label[code] for code in said] if value is None else np.asarray(value)[elsewhere],
        lies_in=[label[code] for code in located.to_numpy(dtype=object)[elsewhere]],
        distance_m=["-" if np.isnan(m) else f"{m:.0f}" for m in metres],
    )
