"""Make townships and communities of what was read: one row a code, polygons, who belongs where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage.errors import LayerError
from coverage.layers.declared import declared_units, township_finder
from coverage.layers.findings import report_elsewhere
from coverage.layers.ledgers.codes import check_prefix
from coverage.layers.location import shapes as shaped
from coverage.layers.places import ending_kind

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    import pyproj
    from numpy.typing import NDArray

    from coverage.layers.crosswalk import Crosswalk
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.location.shapes import Shapes
    from coverage.layers.places import Units

_COUNTY, _TOWNSHIP, _COMMUNITY = 6, 9, 12  # digits of a code
_POINT = (0, 4)  # type numbers of shapely
# last three digits of a community's code
_RESIDENTS = (1, 199)
_VILLAGERS = (200, 399)

_FIRST = ("code", "name", "kind", "county")


def make_townships(
    table: Table, shapes: Shapes, crs: pyproj.CRS, path: Path, issues: IssueLog
) -> gpd.GeoDataFrame:
    """Return townships, one row a code in the order of the file.

    Parameters
    ----------
    table
        The layer, typed.
    shapes
        Its shapes in the project's coordinate system.
    crs
        That coordinate system.
    path
        File it was read from, for errors.
    issues
        Where findings go.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns code, name, kind, county, the other fields given, source_row, geometry.

    Raises
    ------
    LayerError
        If no row has a polygon.
    """
    areas = shaped.polygons(shapes, "townships", table.rows, issues)
    if shapely.is_missing(areas).all():
        raise LayerError("layers.no_polygons", layer="townships", path=path)
    frame = _identified(table, issues)
    frame["kind"] = _township_kind(frame)
    frame["county"] = _county(frame)
    check_prefix(frame["code"], frame["county"], table.rows, table.layer, issues, parent="county")
    # of several rows of a code the first with a polygon is the township
    ranks = np.where(shapely.is_missing(areas), 1, 0)
    kept = _first_of_each(frame["code"], ranks, table, issues)
    for position in kept[shapely.is_missing(areas[kept])]:
        name = f"{frame['name'].iloc[position]} {frame['code'].iloc[position]}"
        issues.add("warning", "no_polygon", layer="townships", row=table.rows[position], value=name)
    ordered = frame[[*_FIRST, *(c for c in frame.columns if c not in _FIRST)]]
    return shaped.framed(ordered.iloc[kept].reset_index(drop=True), areas[kept], crs)


def make_communities(
    table: Table,
    shapes: Shapes,
    townships: gpd.GeoDataFrame,
    issues: IssueLog,
    *,
    crosswalk: Crosswalk | None = None,
) -> gpd.GeoDataFrame:
    """Return communities, one row a code in the order of the file.

    A community lies in the township that its geometry lies in, else in the one that it declares or
    that its code begins with. A point becomes the part of its township that is nearer to it than to
    the township's other points, less the communities given as polygons.

    Parameters
    ----------
    table
        The layer, typed.
    shapes
        Its shapes in the project's coordinate system; missing where only a name is known.
    townships
        Townships as `make_townships` returns them.
    issues
        Where findings go.
    crosswalk
        What became of renamed townships, where that is given.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns code, name, kind, township, place (polygon, point or none), the other fields given,
        source_row, geometry.
    """
    is_point = np.isin(shapely.get_type_id(shapes), _POINT)
    centres = shaped.points(shaped.only(shapes, is_point))
    areas = shaped.polygons(shaped.only(shapes, ~is_point), table.layer, table.rows, issues)
    frame = _identified(table, issues, within="township")
    finder = township_finder(townships, crosswalk)
    frame["township"] = _township_of(frame, areas, centres, townships, finder, table, issues)
    check_prefix(
        frame["code"], frame["township"], table.rows, table.layer, issues, parent="township"
    )
    frame["code"] = _distinct_codes(frame, given="code" in table.frame.columns)
    frame["kind"] = _community_kind(frame)
    kept = _first_of_each(frame["code"], np.zeros(len(frame)), table, issues)
    frame, areas, centres = frame.iloc[kept].reset_index(drop=True), areas[kept], centres[kept]
    frame["place"] = np.where(
        ~shapely.is_missing(areas),
        "polygon",
        np.where(~shapely.is_missing(centres), "point", "none"),
    )
    _tell_places(frame, issues)
    cells = _cells(frame, areas, centres, townships, issues)
    first = ("code", "name", "kind", "township", "place")
    ordered = frame[[*first, *(c for c in frame.columns if c not in first)]]
    return shaped.framed(ordered, cells, townships.crs)


def _identified(table: Table, issues: IssueLog, within: str = "") -> pd.DataFrame:
    """Return a copy of a layer's table in which every row has a code and a name."""
    frame = table.frame.drop(columns=["lon", "lat"], errors="ignore").copy()
    for field in ("code", "name", *([within] if within else [])):
        if field not in frame:
            frame[field] = pd.Series("", index=frame.index, dtype="str")
    nameless = ((frame["code"] == "") & (frame["name"] == "")).to_numpy()
    for position in np.flatnonzero(nameless):
        issues.add("warning", "no_code", layer=table.layer, row=table.rows[position], field="code")
    filled = frame["code"].where(frame["code"] != "", frame["name"])
    numbered = pd.Series([f"{table.layer}-{row}" for row in table.rows], index=frame.index)
    frame["code"] = filled.where(~nameless, numbered).astype("str")
    frame["name"] = frame["name"].where(frame["name"] != "", frame["code"]).astype("str")
    frame["source_row"] = table.rows
    return frame


def _township_kind(frame: pd.DataFrame) -> pd.Series:
    given = frame["kind"] if "kind" in frame else pd.Series("", index=frame.index, dtype="str")
    said = given.map(lambda kind: ending_kind(kind) or kind)
    return said.where(said != "", frame["name"].map(ending_kind)).astype("str")


def _county(frame: pd.DataFrame) -> pd.Series:
    given = frame["county"] if "county" in frame else pd.Series("", index=frame.index, dtype="str")
    long = frame["code"].str.fullmatch(rf"[0-9]{{{_TOWNSHIP},}}")
    prefix = frame["code"].str[:_COUNTY].where(long, "")
    return given.where(given != "", prefix).astype("str")


def _community_kind(frame: pd.DataFrame) -> pd.Series:
    given = frame["kind"] if "kind" in frame else pd.Series("", index=frame.index, dtype="str")
    said = given.map(lambda kind: ending_kind(kind) or kind)
    kind = said.where(said != "", frame["name"].map(ending_kind))
    whole = frame["code"].str.fullmatch(rf"[0-9]{{{_COMMUNITY}}}")
    number = pd.to_numeric(frame["code"].str[_TOWNSHIP:_COMMUNITY].where(whole), errors="coerce")
    by_code = np.where(
        number.between(*_RESIDENTS), "社区", np.where(number.between(*_VILLAGERS), "村", "")
    )
    return kind.where(kind != "", by_code).astype("str")


def _distinct_codes(frame: pd.DataFrame, *, given: bool) -> pd.Series:
    """Return codes; a name that stands for a code in several townships gets the township's."""
    if given:
        return frame["code"]
    names = frame.groupby("code")["township"].transform("nunique")
    return frame["code"].where(names < 2, frame["township"] + frame["code"])  # noqa: PLR2004 - several


def _first_of_each(
    codes: pd.Series, ranks: NDArray[np.float64], table: Table, issues: IssueLog
) -> NDArray[np.intp]:
    """Return the positions of the row kept of each code, and say which rows are set aside."""
    order = np.lexsort((np.arange(len(codes)), ranks))
    kept = np.sort(order[~codes.iloc[order].duplicated().to_numpy()])
    row_of = dict(zip(codes.iloc[kept], table.rows[kept], strict=True))
    for position in np.setdiff1d(np.arange(len(codes)), kept):
        code = codes.iloc[position]
        issues.add(
            "warning",
            "duplicate_id",
            layer=table.layer,
            row=table.rows[position],
            field="code",
            value=code,
            first=row_of[code],
        )
    return kept


def _township_of(
    frame: pd.DataFrame,
    areas: Shapes,
    centres: Shapes,
    townships: gpd.GeoDataFrame,
    units: Units,
    table: Table,
    issues: IssueLog,
) -> pd.Series:
    written = frame["township"]
    declared = declared_units(written, None, units, table, issues, field="township")
    prefix = frame["code"].where(frame["code"].str.fullmatch(rf"[0-9]{{{_COMMUNITY},}}"), "")
    by_code = units.match(prefix.str[:_TOWNSHIP])
    places = np.where(shapely.is_missing(areas), centres, shaped.points(areas))
    located = located_in(places, townships)
    result = located.where(located != "", declared.where(declared != "", by_code))
    for position in np.flatnonzero((result == "") & (written == "")):
        name = frame["name"].iloc[position]
        issues.add(
            "warning", "no_township", layer=table.layer, row=table.rows[position], value=name
        )
    elsewhere = ((declared != "") & (located != "") & (declared != located)).to_numpy(dtype=bool)
    found = elsewhere, declared, located
    report_elsewhere(table, "township", found, places, townships, issues, value=written)
    return result.astype("str")


def located_in(places: Shapes, units: gpd.GeoDataFrame) -> pd.Series:
    """Return the code of the unit that each point lies in or on, empty where in none.

    On a common border it is the lowest code.
    """
    order = np.argsort(units["code"].to_numpy(dtype=object), kind="stable")
    found = shaped.first_containing(places, np.asarray(units.geometry.array)[order])
    codes = np.append(units["code"].to_numpy(dtype=object)[order], "")
    return pd.Series(codes[found], dtype="str")


def community_at(places: Shapes, township: pd.Series, communities: gpd.GeoDataFrame) -> pd.Series:
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


def _tell_places(frame: pd.DataFrame, issues: IssueLog) -> None:
    for row, name in frame.loc[frame["place"] == "none", ["source_row", "name"]].to_numpy():
        issues.add("info", "community_without_place", layer="communities", row=row, value=name)


def _cells(
    frame: pd.DataFrame,
    areas: Shapes,
    centres: Shapes,
    townships: gpd.GeoDataFrame,
    issues: IssueLog,
) -> Shapes:
    """Return the polygons of communities, points turned into cells of their township."""
    result = areas.copy()
    township_area = dict(zip(townships["code"], townships.geometry.array, strict=True))
    is_point = (frame["place"] == "point").to_numpy()
    for code, group in frame[is_point].groupby("township", sort=True):
        positions = group.index.to_numpy()
        area = township_area.get(str(code))
        if area is None:
            continue
        drawn = areas[((frame["township"] == code) & ~is_point).to_numpy()]
        left = shapely.difference(area, shapely.union_all(drawn))
        result[positions] = shaped.voronoi_cells(centres[positions], left)
    for position in np.flatnonzero(is_point & shapely.is_missing(result)):
        issues.add(
            "warning",
            "community_without_cell",
            layer="communities",
            row=frame["source_row"].iloc[position],
            value=frame["name"].iloc[position],
        )
    return result
