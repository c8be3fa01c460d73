"""Project shapes, mend polygons, find what lies in what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

if TYPE_CHECKING:
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table

    Shapes = NDArray[np.object_]

_MULTIPOINT = 4  # type number of shapely
_POLYGONAL = (3, 6)


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


def framed(frame: pd.DataFrame, shapes: Shapes, crs: pyproj.CRS) -> gpd.GeoDataFrame:
    """Return a table with its shapes, the column geometry last."""
    return gpd.GeoDataFrame(frame, geometry=gpd.GeoSeries(shapes, crs=crs, index=frame.index))
