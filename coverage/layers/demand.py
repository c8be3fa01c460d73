"""Make demand points and buildings of what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage import vocabulary
from coverage.layers.declared import community_finder, declared_units, township_finder
from coverage.layers.findings import report_repeated
from coverage.layers.location import shapes as shaped
from coverage.layers.units import located_in

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.layers.crosswalk import Crosswalk
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table
    from coverage.layers.location.shapes import Shapes

_NO_WEIGHT = ("lon", "lat")


def make_demand(
    table: Table,
    shapes: Shapes,
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    issues: IssueLog,
    *,
    crosswalk: Crosswalk | None = None,
) -> gpd.GeoDataFrame:
    """Return demand points, one row an input row that is somewhere, in the order of the file.

    A row belongs to the community that it declares, else to the one that it lies in. A row without
    geometry stands at a point of the community that it declares; where it declares none it is left
    out; either is an issue. Empty, unreadable and negative weights count 0.

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
        Columns id (text), community, township (codes, empty in none), the weights (float), the
        other fields given, source_row, geometry (points).
    """
    frame = table.frame.drop(columns=list(_NO_WEIGHT), errors="ignore").copy()
    frame["source_row"] = table.rows
    frame["id"] = _ids(frame, table, issues)
    weights = weight_fields(table)
    frame[weights] = frame[weights].fillna(0.0)
    given = shaped.points(shapes)
    declared = _declared(frame, table, townships, communities, crosswalk, issues)
    frame["community"] = _or_located(declared, given, communities)
    township = dict(zip(communities["code"], communities["township"], strict=True))
    by_community = frame["community"].map(township).fillna("").astype("str")
    frame["township"] = _or_located(by_community, given, townships)
    places = _at_community(given, frame["community"], communities)
    kept = _kept(frame, given, places, table, issues)
    first = ["id", "community", "township", *weights]
    other = [c for c in frame.columns if c not in (*first, "source_row")]
    ordered = frame[[*first, *other, "source_row"]]
    return shaped.framed(ordered[kept].reset_index(drop=True), places[kept], communities.crs)


def make_buildings(
    table: Table, shapes: Shapes, communities: gpd.GeoDataFrame, issues: IssueLog
) -> gpd.GeoDataFrame:
    """Return buildings with a polygon, in the order of the file.

    The floor area is the footprint times the levels; a building that names no levels has one.

    Parameters
    ----------
    table
        The layer, typed.
    shapes
        Its shapes in the project's coordinate system.
    communities
        Layer as `coverage.layers.units` makes it.
    issues
        Where findings go.

    Returns
    -------
    geopandas.GeoDataFrame
        Columns floor_area_m2, levels (float), community (code of the one that its middle lies in,
        empty in none), the other fields given, geometry (polygons).
    """
    areas = shaped.polygons(shapes, table.layer, table.rows, issues)
    kept = ~shapely.is_missing(areas)
    frame = table.frame.drop(columns=["floor_area_m2"], errors="ignore")[kept]
    frame = frame.reset_index(drop=True)
    missing = pd.Series(np.nan, index=frame.index)
    levels = frame.get("levels", missing)
    frame["levels"] = levels.fillna(1.0).clip(lower=1.0)
    frame["floor_area_m2"] = shapely.area(areas[kept]) * frame["levels"]
    frame["community"] = located_in(shapely.point_on_surface(areas[kept]), communities)
    first = ["floor_area_m2", "levels", "community"]
    ordered = frame[[*first, *(c for c in frame.columns if c not in first)]]
    return shaped.framed(ordered, areas[kept], communities.crs)


def weight_fields(table: Table) -> list[str]:
    """Return the fields of a layer that count something: all its numbers but coordinates."""
    known = vocabulary.fields()
    return [
        field
        for field in table.frame.columns
        if field in table.weights
        or (field in known and known[field].kind == "number" and field not in _NO_WEIGHT)
    ]


def _ids(frame: pd.DataFrame, table: Table, issues: IssueLog) -> pd.Series:
    numbered = pd.Series(table.rows, index=frame.index).astype("str")
    if "id" not in frame:
        return numbered
    ids = frame["id"].where(frame["id"] != "", numbered).astype("str")
    repeated = report_repeated(ids, table, "repeated_demand_id", issues)
    # people stay, so a repeated id is told apart by its row
    return ids.where(~repeated, ids + "-" + numbered).astype("str")


def _declared(
    frame: pd.DataFrame,
    table: Table,
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    crosswalk: Crosswalk | None,
    issues: IssueLog,
) -> pd.Series:
    empty = pd.Series("", index=frame.index, dtype="str")
    if "community" not in frame:
        return empty
    within = township_finder(townships, crosswalk).match(frame.get("township", empty))
    units = community_finder(communities, townships, crosswalk)
    return declared_units(frame["community"], within, units, table, issues, field="community")


def _or_located(codes: pd.Series, places: Shapes, units: gpd.GeoDataFrame) -> pd.Series:
    """Return codes, empty ones replaced by the unit that the point lies in."""
    empty = (codes == "").to_numpy(dtype=bool)
    result = codes.copy()
    result[empty] = located_in(places[empty], units).to_numpy()
    return result


def _at_community(given: Shapes, codes: pd.Series, communities: gpd.GeoDataFrame) -> Shapes:
    """Return points, missing ones replaced by a point of their community."""
    missing = shapely.is_missing(given)
    if not missing.any():
        return given
    inner = shapely.point_on_surface(np.asarray(communities.geometry.array))
    point = dict(zip(communities["code"], inner, strict=True))
    places = given.copy()
    places[missing] = [point.get(code) for code in codes[missing]]
    return places


def _kept(
    frame: pd.DataFrame, given: Shapes, places: Shapes, table: Table, issues: IssueLog
) -> NDArray[np.bool_]:
    kept: NDArray[np.bool_] = ~shapely.is_missing(places)
    near = table.rows[kept & shapely.is_missing(given)]
    issues.add_rows("info", "approximate_demand", layer=table.layer, rows=near)
    outside = kept & (frame["community"] == "").to_numpy(dtype=bool)
    issues.add_rows("warning", "demand_without_place", layer=table.layer, rows=table.rows[~kept])
    issues.add_rows(
        "warning",
        "demand_outside",
        layer=table.layer,
        rows=table.rows[outside],
        value=frame["id"].to_numpy(dtype=object)[outside],
    )
    return kept
