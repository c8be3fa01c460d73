"""Place shapes in the project's coordinate system, mend polygons, find what lies in what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj
import shapely

from coverage.errors import LayerError
from coverage.layers import datum
from coverage.layers.vectors import named_crs

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.model import Source
    from coverage.layers.tidy import Table

    Shapes = NDArray[np.object_]

WGS84 = pyproj.CRS.from_epsg(4326)

_MULTIPOINT = 4  # type number of shapely
_POLYGONAL = (3, 6)


def geographic(table: Table, source: Source, issues: IssueLog) -> gpd.GeoSeries | None:
    """Return the shapes of a layer in longitude and latitude on WGS84, None where it has none.

    Where the file has no shapes they are points at the columns lon and lat, which are degrees on
    WGS84 unless the source names a datum or another coordinate system. Coordinates that cannot be
    are left out, each with an issue.

    Raises
    ------
    LayerError
        If the coordinate system cannot be turned into longitude and latitude.
    """
    given = table.geometry
    if given is None:
        given = _points(table, source, issues)
    if given is None:
        return None
    flat = shapely.force_2d(np.asarray(given.array))
    try:
        placed = gpd.GeoSeries(flat, crs=given.crs).to_crs(WGS84)
    except pyproj.exceptions.ProjError as error:
        raise _not_placed(given, source, table.layer) from error
    shapes = np.asarray(placed.array)
    if source.datum in ("gcj02", "bd09"):
        shapes = _shifted(shapes, source.datum)
    return gpd.GeoSeries(shapes, crs=WGS84)


def nowhere(count: int) -> Shapes:
    """Return as many missing shapes."""
    return np.full(count, None, dtype=object)


def only(shapes: Shapes, chosen: NDArray[np.bool_]) -> Shapes:
    """Return shapes with those that are not chosen missing."""
    result = shapes.copy()
    result[~chosen] = None
    return result


def projected(shapes: gpd.GeoSeries, crs: pyproj.CRS, table: Table, issues: IssueLog) -> Shapes:
    """Return shapes in a metric coordinate system, None where they are empty or out of its reach.

    Parameters
    ----------
    shapes
        Shapes on WGS84.
    crs
        Coordinate system of the project.
    table
        The layer, for the rows of findings.
    issues
        Where findings go.
    """
    placed: Shapes = np.array(shapes.to_crs(crs).array, dtype=object)
    empty = shapely.is_empty(placed) | shapely.is_missing(placed)
    bounds = shapely.bounds(placed)
    lost = ~empty & ~np.isfinite(bounds).all(axis=1)
    for position in np.flatnonzero(lost):
        issues.add("warning", "bad_coordinates", layer=table.layer, row=table.rows[position])
    placed[empty | lost] = None
    return placed


def polygons(shapes: Shapes, layer: str, rows: NDArray[np.int64], issues: IssueLog) -> Shapes:
    """Return the polygons of a layer, invalid ones mended, None where there is none.

    Mending keeps every area that a ring encloses and no line or point; each mended shape is an
    issue, and so is each shape that is no polygon.
    """
    result = shapes.copy()
    polygonal = np.isin(shapely.get_type_id(shapes), _POLYGONAL)
    collections = shapely.get_type_id(shapes) == 7  # noqa: PLR2004 - geometry collection
    invalid = (polygonal & ~shapely.is_valid(shapes)) | collections
    reasons = shapely.is_valid_reason(shapes[invalid])
    result[invalid] = shapely.make_valid(shapes[invalid], method="structure", keep_collapsed=False)
    result[collections] = [_polygon_part(shape) for shape in result[collections]]
    usable = np.isin(shapely.get_type_id(result), _POLYGONAL) & (shapely.area(result) > 0)
    for position, reason in zip(np.flatnonzero(invalid), reasons, strict=True):
        if usable[position]:
            area = shapely.area(result[position])
            issues.add(
                "warning",
                "repaired_geometry",
                layer=layer,
                row=rows[position],
                field="geometry",
                value=reason,
                area_m2=f"{area:.0f}",
            )
    for position in np.flatnonzero(~usable & ~shapely.is_missing(shapes)):
        kind = shapes[position].geom_type
        issues.add("warning", "not_a_polygon", layer=layer, row=rows[position], value=kind)
    result[~usable] = None
    return result


def points(shapes: Shapes) -> Shapes:
    """Return a point a shape: itself, the first of several, or one that surely lies on it."""
    result = shapes.copy()
    multiple = shapely.get_type_id(shapes) == _MULTIPOINT
    result[multiple] = shapely.get_geometry(shapes[multiple], 0)
    other = ~multiple & ~shapely.is_missing(shapes) & (shapely.get_type_id(shapes) != 0)
    result[other] = shapely.point_on_surface(shapes[other])
    return result


def containing(places: Shapes, areas: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return positions of points and of the areas they lie in or on, sorted by both.

    Parameters
    ----------
    places
        Points; None lies nowhere.
    areas
        Polygons; nothing lies in None.
    """
    place, area = _pairs(places, areas)
    order = np.lexsort((area, place))
    return place[order], area[order]


def first_containing(places: Shapes, areas: Shapes) -> NDArray[np.intp]:
    """Return the position of the first area that each point lies in or on, -1 where in none."""
    place, area = _pairs(places, areas)
    found = np.full(len(places), len(areas), dtype=np.intp)
    np.minimum.at(found, place, area)
    found[found == len(areas)] = -1
    return found


def voronoi_cells(places: Shapes, area: shapely.Geometry) -> Shapes:
    """Return the part of an area that is nearer to each point than to any other point.

    Parameters
    ----------
    places
        Points, none missing; points at the same place share their cell, which the first of them
        gets.
    area
        Polygon to be shared out.

    Returns
    -------
    numpy.ndarray
        A polygon a point, None where nothing of the area is left for it.
    """
    cells = nowhere(len(places))
    coordinates = shapely.get_coordinates(places)
    _, first = np.unique(coordinates, axis=0, return_index=True)
    first = np.sort(first)
    if len(first) == 1:
        cells[first[0]] = area
        return cells
    united = shapely.multipoints(places[first])
    diagram = shapely.voronoi_polygons(united, extend_to=area)
    parts = np.array(shapely.get_parts(diagram), dtype=object)
    owner = first_containing(places[first], parts)
    shares = shapely.intersection(parts[owner], area)
    for position, share in zip(first, shares, strict=True):
        polygon = _polygon_part(share)
        cells[position] = None if shapely.is_empty(polygon) else polygon
    return cells


def _pairs(places: Shapes, areas: Shapes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    # queried by area, so that each polygon is prepared once for all its points
    area, place = shapely.STRtree(places).query(areas, predicate="intersects")
    return place, area


def _polygon_part(shape: shapely.Geometry) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    flat = shapely.get_parts(parts)
    return shapely.union_all(flat[shapely.get_type_id(flat) == _POLYGONAL[0]])


def _points(table: Table, source: Source, issues: IssueLog) -> gpd.GeoSeries | None:
    if not {"lon", "lat"} <= set(table.frame.columns):
        return None
    crs = WGS84 if source.crs is None else named_crs(source, table.layer)
    x, y = (table.frame[field].to_numpy(dtype="float64") for field in ("lon", "lat"))
    given = np.isfinite(x) & np.isfinite(y)
    half = np.isfinite(x) != np.isfinite(y)
    outside = given & ((x == 0) & (y == 0))
    if crs.is_geographic:
        outside |= given & ((np.abs(x) > 180) | (np.abs(y) > 90))  # noqa: PLR2004 - degrees
    for position in np.flatnonzero(half | outside):
        issues.add(
            "warning",
            "bad_coordinates",
            layer=table.layer,
            row=table.rows[position],
            field="lon, lat",
            value=f"{x[position]:.6g}, {y[position]:.6g}",
        )
    shapes = nowhere(len(x))
    usable = given & ~outside
    shapes[usable] = shapely.points(x[usable], y[usable])
    return gpd.GeoSeries(shapes, crs=crs)


def _shifted(shapes: Shapes, name: str) -> Shapes:
    def shift(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(datum.to_wgs84(coordinates[:, 0], coordinates[:, 1], name))

    result: Shapes = shapely.transform(shapes, shift)
    return result


def _not_placed(shapes: gpd.GeoSeries, source: Source, layer: str) -> LayerError:
    crs = shapes.crs.to_string() if source.crs is None else source.crs
    return LayerError("layers.unknown_crs", layer=layer, path=source.path, crs=crs)


def framed(frame: pd.DataFrame, shapes: Shapes, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a table with its shapes, the column geometry last."""
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs, index=frame.index))
