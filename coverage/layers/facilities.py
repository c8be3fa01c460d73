"""Make facilities of what was read: every input row, what it is, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage import vocabulary
from coverage.layers.declared import community_finder, declared_units, township_finder
from coverage.layers.findings import report_elsewhere, report_repeated
from coverage.layers.ledgers import values
from coverage.layers.ledgers.categories import facility_categories
from coverage.layers.location import shapes as shaped
from coverage.layers.units import community_at, located_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

    from coverage.layers.crosswalk import Crosswalk
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.location.shapes import Shapes
    from coverage.layers.places import Units

_LAYER = "facilities"
_TEXT = ("id", "name", "category", "level", "status", "functions")
_YEARS = ("open_year", "close_year")
_CROWD = 3  # facilities of different names on one spot
_NUMBERS = ("floor_area_m2", "beds_total", "beds_nursing", "capacity")
_LAST = (
    "serves",
    "township",
    "community",
    "declared_township",
    "declared_community",
    "location",
    "set_aside",
    "source_row",
)


@dataclass(frozen=True)
class _Areas:
    """Townships and communities, and how to find them by what a ledger writes."""

    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    by_township: Units
    by_community: Units

    @classmethod
    def of(
        cls,
        townships: gpd.GeoDataFrame,
        communities: gpd.GeoDataFrame,
        crosswalk: Crosswalk | None,
    ) -> _Areas:
        return cls(
            townships,
            communities,
            township_finder(townships, crosswalk),
            community_finder(communities, townships, crosswalk),
        )


def make_facilities(
    table: Table,
    shapes: Shapes,
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    issues: IssueLog,
    *,
    crosswalk: Crosswalk | None = None,
) -> gpd.GeoDataFrame:
    """Return facilities, one row an input row, in the order of the file.

    A facility lies where its geometry lies. Without one it stands at a point of the community that
    it declares, else of the township, and its `location` is ``approximate``; without either it is
    ``none`` and the geometry is missing. Rows of an unknown category and later rows of an id are
    marked ``set_aside``.

    Parameters
    ----------
    table
        The layer, typed.
    shapes
        Its shapes in the project's coordinate system.
    townships, communities
        Layers as `coverage.layers.units` makes them.
    issues
        Where findings go.
    crosswalk
        What became of renamed units, where that is given.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns id, name, category, level, status, functions (text, items joined by ``;``),
        open_year, close_year (Int64), floor_area_m2, beds_total, beds_nursing, capacity (m2,
        beds, people; float), the other fields given, serves (tuple of codes), township, community
        (codes of where it lies), declared_township, declared_community (codes), location,
        set_aside (bool), source_row, geometry (points).
    """
    areas = _Areas.of(townships, communities, crosswalk)
    frame = _complete(table)
    frame["source_row"] = table.rows
    frame["id"] = _ids(frame, table, issues)
    duplicate = report_repeated(frame["id"], table, "duplicate_id", issues)
    frame["category"], unknown = facility_categories(frame, table, issues)
    frame["status"] = _statuses(frame, table, issues)
    frame["set_aside"] = duplicate | unknown
    _declare(frame, table, areas, issues)
    frame["serves"] = _serves(frame, table, areas, issues)
    places = _place(frame, shaped.points(shapes), table, areas, issues)
    first = (*_TEXT[:5], "functions", *_YEARS, *_NUMBERS)
    other = [c for c in frame.columns if c not in (*first, *_LAST)]
    return shaped.framed(frame[[*first, *other, *_LAST]], places, townships.crs)


def _complete(table: Table) -> pd.DataFrame:
    frame = table.frame.drop(columns=["lon", "lat"], errors="ignore").copy()
    for field in (*_TEXT, "township", "community", "serves"):
        if field not in frame:
            frame[field] = pd.Series("", index=frame.index, dtype="str")
    for field in _YEARS:
        if field not in frame:
            frame[field] = pd.Series(pd.NA, index=frame.index, dtype="Int64")
    for field in _NUMBERS:
        if field not in frame:
            frame[field] = pd.Series(np.nan, index=frame.index, dtype="float64")
    return frame


def _ids(frame: pd.DataFrame, table: Table, issues: IssueLog) -> pd.Series:
    empty = (frame["id"] == "").to_numpy()
    if not empty.any():
        return frame["id"]
    count = int(empty.sum())
    row = int(table.rows[empty][0])
    issues.add("info", "numbered_ids", layer=_LAYER, row=row, field="id", count=count)
    numbered = pd.Series([f"F{row}" for row in table.rows], index=frame.index, dtype="str")
    return frame["id"].where(~empty, numbered)


def _mapped(written: pd.Series, meaning: Callable[[str], str | None]) -> pd.Series:
    meanings = {word: meaning(word) or "" for word in written.unique()}
    return written.map(meanings).astype("str")


def _statuses(frame: pd.DataFrame, table: Table, issues: IssueLog) -> pd.Series:
    written = frame["status"]
    status = _mapped(written, vocabulary.status_of)
    unknown = ((status == "") & (written != "")).to_numpy(dtype=bool)
    issues.add_rows(
        "warning",
        "unknown_status",
        layer=_LAYER,
        rows=table.rows[unknown],
        field="status",
        value=written.to_numpy(dtype=object)[unknown],
    )
    return status.where(status != "", "operating").astype("str")


def _declare(frame: pd.DataFrame, table: Table, areas: _Areas, issues: IssueLog) -> None:
    """Add the codes of the units that facilities declare; say what names none."""
    frame["declared_township"] = declared_units(
        frame["township"], None, areas.by_township, table, issues, field="township"
    )
    frame["declared_community"] = declared_units(
        frame["community"],
        frame["declared_township"],
        areas.by_community,
        table,
        issues,
        field="community",
    )


def _serves(frame: pd.DataFrame, table: Table, areas: _Areas, issues: IssueLog) -> pd.Series:
    written, within = frame["serves"], frame["declared_township"]
    result: list[tuple[str, ...]] = [()] * len(frame)
    for position in np.flatnonzero(written != ""):
        codes = []
        for item in values.split(written.iloc[position]):
            code = _served(item, within.iloc[position], areas)
            codes += [code] if code else []
            if code:
                continue
            issues.add(
                "warning",
                "unknown_serves",
                layer=_LAYER,
                row=table.rows[position],
                field="serves",
                value=item,
                near=areas.by_community.near(item),
            )
        result[position] = tuple(dict.fromkeys(codes))
    return pd.Series(result, index=frame.index, dtype=object)


def _served(item: str, township: str, areas: _Areas) -> str:
    near_by = areas.by_community.find(item, township) if township else ""
    return near_by or areas.by_community.find(item) or areas.by_township.find(item)


def _place(
    frame: pd.DataFrame, given: Shapes, table: Table, areas: _Areas, issues: IssueLog
) -> Shapes:
    """Place facilities, add where they lie and how sure that is, and return their points."""
    exact = ~shapely.is_missing(given)
    community_township = _township_of(frame["declared_community"], areas.communities)
    declared = frame["declared_township"]
    township = declared.where(declared != "", community_township)
    places = given.copy()
    at_community = _inner_points(frame["declared_community"][~exact], areas.communities)
    at_township = _inner_points(township[~exact], areas.townships)
    places[~exact] = np.where(shapely.is_missing(at_community), at_township, at_community)
    placed = ~shapely.is_missing(places)
    frame["location"] = np.where(exact, "exact", np.where(placed, "approximate", "none"))

    located = located_in(given, areas.townships)
    inside = community_at(given, located, areas.communities)
    # where no community's polygon holds the point, the declared one of the same township
    fits = (located != "") & (community_township == located)
    lies_in = inside.where(inside != "", frame["declared_community"].where(fits, ""))
    without_community = township.where(community_township == "", community_township)
    frame["township"] = located.where(exact, without_community)
    frame["community"] = lies_in.where(exact, frame["declared_community"])
    _report_places(frame, places, table, areas, issues)
    return places


def _inner_points(codes: pd.Series, units: gpd.GeoDataFrame) -> Shapes:
    inner = shapely.point_on_surface(np.asarray(units.geometry.array))
    point = dict(zip(units["code"], inner, strict=True))
    result = shaped.nowhere(len(codes))
    result[:] = [point.get(code) for code in codes]
    return result


def _township_of(codes: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
    township = dict(zip(communities["code"], communities["township"], strict=True))
    return codes.map(township).fillna("").astype("str")


def _report_places(
    frame: pd.DataFrame, places: Shapes, table: Table, areas: _Areas, issues: IssueLog
) -> None:
    location = frame["location"].to_numpy(dtype=object)
    exact = location == "exact"
    outside = exact & (frame["township"] == "").to_numpy(dtype=bool)
    nowhere, near = table.rows[location == "none"], table.rows[location == "approximate"]
    issues.add_rows("warning", "no_location", layer=_LAYER, rows=nowhere)
    issues.add_rows("info", "approximate_location", layer=_LAYER, rows=near)
    issues.add_rows("warning", "outside_townships", layer=_LAYER, rows=table.rows[outside])
    reported = ~exact | outside
    for field, units in (("township", areas.townships), ("community", areas.communities)):
        declared, lies_in = frame[f"declared_{field}"], frame[field]
        differs = ((declared != "") & (lies_in != "") & (declared != lies_in)).to_numpy(dtype=bool)
        found = (differs & ~reported, declared, lies_in)
        report_elsewhere(table, field, found, places, units, issues)
        reported |= differs
    _report_same_place(frame, shaped.only(places, exact), table, issues)


def _report_same_place(frame: pd.DataFrame, places: Shapes, table: Table, issues: IssueLog) -> None:
    """Say where three or more facilities of different names stand on the very same spot.

    Where all declare one community they may share a building, and nothing is said; what geocoding
    does not find comes from all over a district.
    """
    known = np.flatnonzero(~shapely.is_missing(places))
    spots = pd.DataFrame(shapely.get_coordinates(places[known]))
    shared = spots.duplicated(keep=False).to_numpy()
    known, xy = known[shared], spots[shared].to_numpy()
    here = frame.iloc[known].groupby([xy[:, 0], xy[:, 1]])
    names = here["name"].transform("nunique").to_numpy()
    communities = here["declared_community"].transform("nunique").to_numpy()
    declared = (frame["declared_community"] != "").to_numpy(dtype=bool)[known]
    odd = (names >= _CROWD) & ~(declared & (communities == 1))
    issues.add_rows(
        "warning",
        "same_place",
        layer=_LAYER,
        rows=table.rows[known[odd]],
        field="geometry" if table.geometry is not None else "lon, lat",
        value=[f"{x:.2f}, {y:.2f}" for x, y in xy[odd]],
        others=names[odd] - 1,
    )
