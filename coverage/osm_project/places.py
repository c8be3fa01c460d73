"""Choose where people live and where the facilities stand: points from an extract's elements.

People are not in OpenStreetMap. A residential building counts one; an extract without any counts
100 metres of residential street as one. Neither is a person, and all that is written says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from coverage.osm_project.reading import CRS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.osm_project.reading import Elements

SMALLEST_HOME_M2 = 40.0  # ground covered; most garages and sheds cover less
OUTBUILDING_WITHIN_M = 20.0  # of a home with a tag or a number; gardens are about as deep
STREET_POINT_SPACING_M = 100.0
SMALLEST_WATER_M2 = 500.0


def homes(elements: Elements) -> gpd.GeoDataFrame:
    """Return a point in each residential building.

    A building is residential by its own tag; or it is just a building (``building=yes``, no other
    use) with a house number. One without covers at least 40 m², stands on no land of another use
    and not within 20 m of a building of the first two kinds, whose outbuilding it would be.

    Parameters
    ----------
    elements
        What the extract holds.

    Returns
    -------
    geopandas.GeoDataFrame
        id, buildings (1 each), points on WGS84, in the order of the file.
    """
    buildings = elements.buildings
    sure = (buildings["home"] != "plain").to_numpy(dtype=bool)
    points = shapely.point_on_surface(buildings.geometry.to_numpy())
    taken = sure | _plain_homes(elements, sure, points)
    return _counted(buildings["id"].to_numpy(dtype=object)[taken], points[taken])


def street_points(elements: Elements) -> gpd.GeoDataFrame:
    """Return a point for each 100 m of residential streets, of all streets where none is such.

    The streets are put end to end in the order of the file, with a point in the middle of each
    100 m, so that each point stands for the same length; there is at least one.

    Parameters
    ----------
    elements
        What the extract holds.

    Returns
    -------
    geopandas.GeoDataFrame
        id, buildings (1 each), points on WGS84.
    """
    streets = elements.streets
    if streets["residential"].any():
        streets = streets[streets["residential"]]
    lines = streets.geometry.to_crs(elements.metric_crs).to_numpy()
    ends = np.cumsum(shapely.length(lines))
    count = max(int(ends[-1] // STREET_POINT_SPACING_M), 1)
    along = (np.arange(count) + 0.5) * min(STREET_POINT_SPACING_M, ends[-1] / count)
    line = np.searchsorted(ends, along, side="right").clip(max=len(lines) - 1)
    starts = np.concatenate(([0.0], ends[:-1]))
    points = shapely.line_interpolate_point(lines[line], along - starts[line])
    nth = np.arange(count) - np.searchsorted(line, line)
    names = streets["id"].to_numpy(dtype=object)[line]
    identifiers = np.array([f"{n}-{k + 1}" for n, k in zip(names, nth, strict=True)], dtype=object)
    points = gpd.GeoSeries(points, crs=elements.metric_crs).to_crs(CRS).to_numpy()
    return _counted(identifiers, points)


def residential_street_km(elements: Elements) -> float:
    """Return the length of all residential streets in km.

    Parameters
    ----------
    elements
        What the extract holds.
    """
    streets = elements.streets[elements.streets["residential"]]
    return float(streets.geometry.to_crs(elements.metric_crs).length.sum() / 1000)


def facility_points(elements: Elements) -> tuple[gpd.GeoDataFrame, int]:
    """Return a point in each facility, each facility once.

    What is mapped twice, as a house and again as a node or a house within, with the same name or
    none, is taken once: the larger one stays.

    Parameters
    ----------
    elements
        What the extract holds.

    Returns
    -------
    tuple
        The facilities as points on WGS84 in the order of their ids, and how many were left out
        because they were mapped twice.
    """
    facilities = elements.facilities
    shapes = facilities.geometry.to_numpy()
    points = shapely.point_on_surface(shapes)
    inner, outer = shapely.STRtree(shapes).query(points, predicate="within")
    size = shapely.area(shapes)
    category = facilities["category"].to_numpy(dtype=object)
    name = facilities["name"].to_numpy(dtype=object)
    named_alike = (name[inner] == name[outer]) | (name[inner] == "") | (name[outer] == "")
    twice = (size[inner] < size[outer]) & (category[inner] == category[outer]) & named_alike
    once = np.ones(len(facilities), dtype=bool)
    once[inner[twice]] = False
    kept = facilities.set_geometry(points, crs=CRS)[once]
    order = sorted(range(len(kept)), key=lambda row: _osm_order(kept["id"].iloc[row]))
    return kept.iloc[order].reset_index(drop=True), int((~once).sum())


def waters(elements: Elements) -> gpd.GeoDataFrame:
    """Return rivers, lakes and reservoirs of more than 500 m².

    Parameters
    ----------
    elements
        What the extract holds.
    """
    area = elements.water.geometry.to_crs(elements.metric_crs).area
    large = elements.water[area > SMALLEST_WATER_M2]
    return large[["name", "geometry"]].reset_index(drop=True)


def _plain_homes(
    elements: Elements, sure: NDArray[np.bool_], points: NDArray[np.object_]
) -> NDArray[np.bool_]:
    shapes = elements.buildings.geometry.to_crs(elements.metric_crs).to_numpy()
    home: NDArray[np.bool_] = ~sure & (shapely.area(shapes) >= SMALLEST_HOME_M2)
    land = elements.other_land.geometry.to_numpy()
    home[shapely.STRtree(points).query(land, predicate="contains")[1]] = False
    by_homes = shapely.STRtree(shapes[sure])
    candidates = np.flatnonzero(home)
    near = by_homes.query(shapes[candidates], predicate="dwithin", distance=OUTBUILDING_WITHIN_M)
    home[candidates[near[0]]] = False
    return home


def _counted(identifiers: NDArray[np.object_], points: NDArray[np.object_]) -> gpd.GeoDataFrame:
    ones = np.ones(len(points))
    return gpd.GeoDataFrame({"id": identifiers, "buildings": ones}, geometry=points, crs=CRS)


def _osm_order(identifier: str) -> tuple[int, int]:
    """Order nodes before ways before relations, each by number."""
    return "nwr".index(identifier[0]), int(identifier[1:])
