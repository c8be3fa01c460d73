"""Edit the facilities layer: every edit gives a new layer, the old one stays as it is.

Rows keep their order, and new ones come last: of facilities at equal minutes the first counts.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.scenario.checks import AMOUNTS
from coverage.scenario.edits import Add, Close, Move, Reopen, Resize

if TYPE_CHECKING:
    from typing import TypeAlias

    from coverage.scenario.places import Ground, Where

FacilityEdit: TypeAlias = Add | Move | Resize | Close | Reopen
_SOURCE_STATUS = "source_status"
_IN_SERVICE = "operating"
PLANNED_STATUSES = ("planned", "building", "idle")


def edited_facilities(
    facilities: gpd.GeoDataFrame, edit: FacilityEdit, year: int, ground: Ground, where: Where
) -> gpd.GeoDataFrame:
    """Return the facilities after an edit.

    Parameters
    ----------
    facilities
        Facilities layer.
    edit
        What changes.
    year
        Year analysed.
    ground
        Finds places.
    where
        Names the edit in complaints.

    Raises
    ------
    ScenarioError
        If there is no such facility, or one of a new id is there.
    """
    if isinstance(edit, Add):
        return _added(facilities, edit, ground, where)
    label = label_of(facilities, edit.id, where)
    if isinstance(edit, Resize):
        given = {name: getattr(edit, name) for name in AMOUNTS}
        return _with(facilities, label, {n: v for n, v in given.items() if v is not None})
    if isinstance(edit, Move):
        return _moved(facilities, label, edit, ground, where)
    changes: dict[str, Any] = {"close_year": pd.NA, "status": "closed"}
    if isinstance(edit, Reopen):
        changes["status"] = _IN_SERVICE
        opens = facilities.loc[label, "open_year"]
        if not pd.isna(opens) and opens > year:
            changes["open_year"] = pd.NA
    return _with(with_source_status(facilities), label, changes)


def as_planned(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the facilities with those idle, being built or planned in service from open_year on.

    Parameters
    ----------
    facilities
        Facilities layer.
    """
    changed = with_source_status(facilities)
    changed["status"] = changed["status"].mask(
        changed["status"].isin(PLANNED_STATUSES), _IN_SERVICE
    )
    return changed


def with_source_status(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return a copy that remembers which status the source gives, whatever status is set.

    Parameters
    ----------
    facilities
        Facilities layer.
    """
    if _SOURCE_STATUS in facilities:
        return facilities.copy()
    return _last_geometry(facilities.assign(**{_SOURCE_STATUS: facilities["status"]}))


def label_of(facilities: gpd.GeoDataFrame, identifier: str, where: Where) -> int:
    """Return the label of the facility of an id.

    Parameters
    ----------
    facilities
        Facilities layer.
    identifier
        The id.
    where
        Names the edit in complaints.

    Raises
    ------
    ScenarioError
        If there is none.
    """
    same = (facilities["id"] == identifier) & ~facilities["set_aside"]
    if not same.any():
        near = get_close_matches(identifier, facilities["id"].tolist(), n=1, cutoff=0.0)
        raise where.wrong("no_facility", id=identifier, near=near[0] if near else "-")
    return int(np.flatnonzero(same)[0])


def _with(facilities: gpd.GeoDataFrame, label: int, changes: dict[str, Any]) -> gpd.GeoDataFrame:
    changed = facilities.copy()
    for column, value in changes.items():
        changed.loc[label, column] = value
    return changed


def _moved(
    facilities: gpd.GeoDataFrame, label: int, edit: Move, ground: Ground, where: Where
) -> gpd.GeoDataFrame:
    spot = ground.spot(edit, where)
    changes = {
        "township": spot.township,
        "community": spot.community,
        "location": "approximate" if spot.approximate else "exact",
    }
    moved = _with(facilities, label, changes)
    points = moved.geometry.to_numpy().copy()
    points[label] = spot.point
    return moved.set_geometry(gpd.GeoSeries(points, index=moved.index, crs=moved.crs))


def _added(
    facilities: gpd.GeoDataFrame, edit: Add, ground: Ground, where: Where
) -> gpd.GeoDataFrame:
    if (facilities["id"] == edit.id).any():
        raise where.wrong("facility_there", id=edit.id)
    spot = ground.spot(edit, where)
    known = with_source_status(facilities)
    values = {
        "id": edit.id,
        "name": edit.name or edit.id,
        "category": edit.category,
        "status": _IN_SERVICE,
        _SOURCE_STATUS: "planned",
        "open_year": pd.NA if edit.open_year is None else edit.open_year,
        "serves": tuple(dict.fromkeys(ground.served(unit, where) for unit in edit.serves)),
        "township": spot.township,
        "community": spot.community,
        "location": "approximate" if spot.approximate else "exact",
        "set_aside": False,
        "source_row": where.number,
        **{name: getattr(edit, name) for name in AMOUNTS},
    }
    kinds = known.drop(columns="geometry").dtypes
    row = pd.DataFrame({name: _cell(values.get(name), kind) for name, kind in kinds.items()})
    new = gpd.GeoDataFrame(row, geometry=[spot.point], crs=known.crs)
    return gpd.GeoDataFrame(pd.concat([known, new], ignore_index=True), crs=known.crs)


def _cell(value: object, kind: Any) -> pd.Series[Any]:  # noqa: ANN401 - any dtype
    """Return a column of one row, what is not known where there is no value."""
    if value is None:
        value = "" if isinstance(kind, pd.StringDtype) else getattr(kind, "na_value", np.nan)
    return pd.Series([value], dtype=object).astype(kind)


def _last_geometry(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return facilities[[*facilities.columns.drop("geometry"), "geometry"]]
