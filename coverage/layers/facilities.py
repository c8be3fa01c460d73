"""Make facilities of what was read: every input row, what it is, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage import vocabulary
from coverage.layers import shapes as shaped
from coverage.layers import values
from coverage.layers.places import Units
from coverage.layers.units import located_in

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.shapes import Shapes
    from coverage.layers.tidy import Table

_LAYER = "facilities"
_TEXT = ("id", "name", "category", "level", "status", "functions")
_YEARS = ("open_year", "close_year")
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
    def of(cls, townships: gpd.GeoDataFrame, communities: gpd.GeoDataFrame) -> _Areas:
        return cls(
            townships,
            communities,
            Units(townships["code"], townships["name"]),
            Units(communities["code"], communities["name"], communities["township"]),
        )


def make_facilities(
    table: Table,
    shapes: Shapes,
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    issues: IssueLog,
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

    Returns
    -------
    geopandas.GeoDataFrame
        Columns id, name, category, level, status, functions (text, items joined by ``;``),
        open_year, close_year (Int64), floor_area_m2, beds_total, beds_nursing, capacity (m2,
        beds, people; float), the other fields given, serves (tuple of codes), township, community
        (codes of where it lies), declared_township, declared_community (codes), location,
        set_aside (bool), source_row, geometry (points).
    """
    areas = _Areas.of(townships, communities)
    frame = _complete(table)
    frame["source_row"] = table.rows
    frame["id"] = _ids(frame, table, issues)
    duplicate = _duplicates(frame, table, issues)
    frame["category"], unknown = _categories(frame, table, issues)
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


def _duplicates(frame: pd.DataFrame, table: Table, issues: IssueLog) -> NDArray[np.bool_]:
    repeated = frame["id"].duplicated().to_numpy()
    first_row = frame.loc[~repeated].set_index("id")["source_row"]
    for position in np.flatnonzero(repeated):
        code = frame["id"].iloc[position]
        issues.add(
            "warning",
            "duplicate_id",
            layer=_LAYER,
            row=table.rows[position],
            field="id",
            value=code,
            first=first_row[code],
        )
    return repeated


def _categories(
    frame: pd.DataFrame, table: Table, issues: IssueLog
) -> tuple[pd.Series, NDArray[np.bool_]]:
    written = frame["category"]
    category = _mapped(written, vocabulary.category_of)
    unknown = (category == "").to_numpy()
    near = {word: _near_categories(word) for word in written[unknown].unique()}
    for position in np.flatnonzero(unknown):
        word = written.iloc[position]
        issues.add(
            "warning",
            "unknown_category",
            layer=_LAYER,
            row=table.rows[position],
            field="category",
            value=word,
            near=near[word],
        )
    return category, unknown


def _near_categories(word: str) -> str:
    known = vocabulary.categories()
    near = [f"{known[name].zh} {name}" for name in vocabulary.near_categories(word)]
    return "、".join(near) or "-"


def _mapped(written: pd.Series, meaning: Callable[[str], str | None]) -> pd.Series:
    meanings = {word: meaning(word) or "" for word in written.unique()}
    return written.map(meanings).astype("str")


def _statuses(frame: pd.DataFrame, table: Table, issues: IssueLog) -> pd.Series:
    written = frame["status"]
    status = _mapped(written, vocabulary.status_of)
    for position in np.flatnonzero((status == "") & (written != "")):
        issues.add(
            "warning",
            "unknown_status",
            layer=_LAYER,
            row=table.rows[position],
            field="status",
            value=written.iloc[position],
        )
    return status.where(status != "", "operating").astype("str")


def _declare(frame: pd.DataFrame, table: Table, areas: _Areas, issues: IssueLog) -> None:
    """Add the codes of the units that facilities declare; say what names none."""
    frame["declared_township"] = areas.by_township.match(frame["township"])
    within = frame["declared_township"]
    frame["declared_community"] = areas.by_community.match(frame["community"], within)
    report_unknown(frame, table, "township", areas.by_township, issues)
    report_unknown(frame, table, "community", areas.by_community, issues)


def report_unknown(
    frame: pd.DataFrame, table: Table, field: str, units: Units, issues: IssueLog
) -> None:
    """Add an issue for each row that declares a unit that is not known."""
    unknown = (frame[field] != "") & (frame[f"declared_{field}"] == "")
    near = {written: units.near(written) for written in frame.loc[unknown, field].unique()}
    for position in np.flatnonzero(unknown):
        written = frame[field].iloc[position]
        issues.add(
            "warning",
            f"unknown_{field}",
            layer=table.layer,
            row=table.rows[position],
            field=field,
            value=written,
            near=near[written],
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
    at_community = _inner_points(frame["declared_community"], areas.communities)
    community_township = _township_of(frame["declared_community"], areas.communities)
    declared = frame["declared_township"]
    township = declared.where(declared != "", community_township)
    at_township = _inner_points(township, areas.townships)
    fallback = np.where(shapely.is_missing(at_community), at_township, at_community)
    places: Shapes = np.where(exact, given, fallback)
    placed = ~shapely.is_missing(places)
    frame["location"] = np.where(exact, "exact", np.where(placed, "approximate", "none"))

    located = located_in(given, areas.townships)
    inside = _community_at(given, located, areas.communities)
    # where no community's polygon holds the point, the declared one of the same township
    fits = (located != "") & (community_township == located)
    lies_in = inside.where(inside != "", frame["declared_community"].where(fits, ""))
    without_community = township.where(community_township == "", community_township)
    frame["township"] = np.where(exact, located, without_community)
    frame["community"] = np.where(exact, lies_in, frame["declared_community"])
    frame[["township", "community"]] = frame[["township", "community"]].astype("str")
    _report_places(frame, table, areas, issues)
    return places


def _community_at(places: Shapes, township: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
    """Return the community each point lies in, on a border one of its township, then the lowest."""
    place, area = shaped.containing(places, np.asarray(communities.geometry.array))
    codes = communities["code"].to_numpy(dtype=object)
    foreign = communities["township"].to_numpy(dtype=object)[area] != township.to_numpy()[place]
    _, rank = np.unique(codes, return_inverse=True)
    order = np.lexsort((rank[area], foreign, place))
    found = np.full(len(places), "", dtype=object)
    # written last to first, so that the best stays
    found[place[order][::-1]] = codes[area[order][::-1]]
    return pd.Series(found, index=township.index, dtype="str")


def _inner_points(codes: pd.Series, units: gpd.GeoDataFrame) -> Shapes:
    inner = shapely.point_on_surface(np.asarray(units.geometry.array))
    point = dict(zip(units["code"], inner, strict=True))
    result = shaped.nowhere(len(codes))
    result[:] = [point.get(code) for code in codes]
    return result


def _township_of(codes: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
    township = dict(zip(communities["code"], communities["township"], strict=True))
    return codes.map(township).fillna("").astype("str")


def _report_places(frame: pd.DataFrame, table: Table, areas: _Areas, issues: IssueLog) -> None:
    exact = frame["location"] == "exact"
    for position in np.flatnonzero(frame["location"] == "none"):
        issues.add("warning", "no_location", layer=_LAYER, row=table.rows[position])
    for position in np.flatnonzero(frame["location"] == "approximate"):
        issues.add("info", "approximate_location", layer=_LAYER, row=table.rows[position])
    for position in np.flatnonzero(exact & (frame["township"] == "")):
        issues.add("warning", "outside_townships", layer=_LAYER, row=table.rows[position])
    moved = exact & (frame["township"] != "")
    units = pd.concat([areas.townships[["code", "name"]], areas.communities[["code", "name"]]])
    labels = dict(zip(units["code"], units["name"] + " " + units["code"], strict=True))
    reported = np.zeros(len(frame), dtype=bool)
    for field in ("township", "community"):
        declared = frame[f"declared_{field}"]
        differs = moved & (declared != "") & (frame[field] != "") & (declared != frame[field])
        for position in np.flatnonzero(differs & ~reported):
            issues.add(
                "warning",
                "declared_elsewhere",
                layer=table.layer,
                row=table.rows[position],
                field=field,
                value=labels[declared.iloc[position]],
                lies_in=labels[frame[field].iloc[position]],
            )
        reported |= differs.to_numpy()
