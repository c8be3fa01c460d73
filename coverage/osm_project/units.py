"""Cut an extract into townships and communities, so that every home lies in one of each.

Townships are the areas of admin_level 8, else of the finest level with at least two areas, else
the extent as one. Communities are, township by township, the areas of level 10, then those of
level 9 where no area of level 10 is, then what is left. Only areas count that close within the
file and hold something; what they leave over becomes a unit of its own if it holds a home or a
facility, for an extract rarely ends at a border.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from coverage import texts
from coverage.errors import ProjectError
from coverage.osm_project.reading import COUNTY_LEVEL, CRS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from shapely.geometry.base import BaseGeometry

    from coverage.osm_project.reading import Elements

TOWNSHIP_LEVEL = 8
COMMUNITY_LEVELS = (10, 9)
MARGIN_M = 100.0  # around streets and points: the rest of the extract ends there

_LEAST_PART = 0.5  # an area is a unit of its own if no other has taken more than half of it
_TOWNSHIP_KINDS = (("街道", "街道"), ("街道办事处", "街道"), ("镇", "镇"), ("乡", "乡"))
_COMMUNITY_KINDS = (
    ("社区", "社区"),
    ("居委会", "社区"),
    ("居民委员会", "社区"),
    ("村", "村"),
    ("村委会", "村"),
)


@dataclass(frozen=True, kw_only=True)
class Units:
    """Townships and communities of an extract.

    Parameters
    ----------
    townships
        Columns code, name, kind, county, osm_id; polygons on WGS84.
    communities
        Columns code, name, kind, township, osm_id; polygons on WGS84.
    township_level
        The admin_level they were taken from, None for the extent as one or areas of a file.
    community_levels
        The levels that communities were taken from.
    rest
        Whether the last township is what the areas leave over.
    """

    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    township_level: int | None
    community_levels: tuple[int, ...]
    rest: bool

    def community_of(self, points: NDArray[np.object_]) -> NDArray[np.object_]:
        """Return the code of the community that each point belongs to.

        Parameters
        ----------
        points
            Points on WGS84.
        """
        codes: NDArray[np.object_] = self.communities["code"].to_numpy(dtype=object)
        return codes[_first_or_nearest(self.communities.geometry.to_numpy(), points)]


def extent(elements: Elements, points: NDArray[np.object_]) -> shapely.Polygon:
    """Return the ground that an extract covers: the hull of streets and points, and 100 m more.

    Parameters
    ----------
    elements
        What the extract holds.
    points
        Homes and facilities on WGS84.
    """
    everything = np.concatenate([elements.streets.geometry.to_numpy(), points])
    hull = shapely.convex_hull(shapely.multipoints(shapely.get_coordinates(everything)))
    ground = gpd.GeoSeries([hull], crs=CRS).to_crs(elements.metric_crs).buffer(MARGIN_M)
    polygon: shapely.Polygon = ground.to_crs(CRS).iloc[0]
    return polygon


def cut_units(
    elements: Elements,
    ground: shapely.Polygon,
    points: NDArray[np.object_],
    *,
    name: str,
    given: gpd.GeoDataFrame | None = None,
    township_level: int | None = None,
    community_level: int | None = None,
) -> Units:
    """Cut an extract into townships and communities.

    Parameters
    ----------
    elements
        What the extract holds.
    ground
        Ground that the extract covers.
    points
        Homes and facilities on WGS84: each will lie in a township and in a community.
    name
        Name of the township, where the extent is the only one.
    given
        Areas to use as townships, with ``name`` and ``osm_id``, instead of the file's own.
    township_level, community_level
        The admin_level to take instead of looking for one.

    Raises
    ------
    ProjectError
        If no area of a level asked for closes within the file, or the level of communities is not
        finer than that of townships.
    """
    streets = elements.streets.geometry.to_numpy()
    inside = np.concatenate([points, shapely.line_interpolate_point(streets, 0.5, normalized=True)])
    areas = _holding(elements.boundaries, inside)
    level = None
    if given is None:
        level = _township_level(areas["level"].to_numpy(dtype=int), township_level)
        given = areas[areas["level"] == level] if level is not None else areas.iloc[:0]
    townships, rest = _townships(_holding(given, inside), ground, points, name)
    townships["code"] = [f"{number + 1:09d}" for number in range(len(townships))]
    townships["kind"] = _kinds(townships["name"], _TOWNSHIP_KINDS)
    townships["county"] = _counties(elements, townships)
    levels = _community_levels(areas["level"].to_numpy(dtype=int), level, community_level)
    communities = _communities(townships, areas, levels, points, rest=rest)
    return Units(
        townships=townships[["code", "name", "kind", "county", "osm_id", "geometry"]],
        communities=communities[["code", "name", "kind", "township", "osm_id", "geometry"]],
        township_level=level,
        community_levels=tuple(n for n in levels if (communities["level"] == n).any()),
        rest=rest,
    )


def _township_level(levels: NDArray[np.int_], wanted: int | None) -> int | None:
    found, count = np.unique(levels, return_counts=True)
    if wanted is not None:
        _require(wanted, found)
        return wanted
    if TOWNSHIP_LEVEL in found:
        return TOWNSHIP_LEVEL
    several = found[count > 1]
    return int(several.max()) if several.size else None


def _community_levels(
    levels: NDArray[np.int_], townships: int | None, wanted: int | None
) -> tuple[int, ...]:
    if wanted is not None:
        _require(wanted, np.unique(levels))
        if townships is not None and wanted <= townships:
            raise ProjectError("osm_project.not_finer", level=wanted, townships=townships)
        return (wanted,)
    return tuple(n for n in COMMUNITY_LEVELS if townships is None or n > townships)


def _require(level: int, found: NDArray[np.int_]) -> None:
    if level not in found:
        there = "、".join(str(n) for n in found) or "—"
        raise ProjectError("osm_project.no_level", level=level, found=there)


def _holding(areas: gpd.GeoDataFrame, points: NDArray[np.object_]) -> gpd.GeoDataFrame:
    """Return the areas that hold a point, ordered by name, then OSM id."""
    held = np.unique(shapely.STRtree(points).query(areas.geometry.to_numpy(), "intersects")[0])
    return areas.iloc[held].sort_values(["name", "osm_id"], kind="stable").reset_index(drop=True)


def _townships(
    areas: gpd.GeoDataFrame, ground: shapely.Polygon, points: NDArray[np.object_], name: str
) -> tuple[gpd.GeoDataFrame, bool]:
    """Return the areas without overlaps, and what they leave over where it holds a point."""
    if areas.empty:
        return _frame([{"name": name, "osm_id": "", "geometry": _polygons(ground)}]), False
    rows: list[dict[str, object]] = []
    for row, shape in zip(areas.itertuples(), _apart(areas.geometry.to_numpy()), strict=True):
        if not shape.is_empty:
            rows.append({"name": row.name, "osm_id": row.osm_id, "geometry": shape})
    shapes = np.array([row["geometry"] for row in rows], dtype=object)
    if (_first(shapes, points) >= 0).all():
        return _frame(rows), False
    left = _polygons(shapely.difference(ground, shapely.union_all(shapes)))
    rest = {"name": texts.say("osm_project.rest"), "osm_id": "", "geometry": left}
    return _frame([*rows, rest]), True


def _communities(
    townships: gpd.GeoDataFrame,
    areas: gpd.GeoDataFrame,
    levels: Sequence[int],
    points: NDArray[np.object_],
    *,
    rest: bool,
) -> gpd.GeoDataFrame:
    candidates = areas[areas["level"].isin(levels)]
    order = candidates["level"].map({level: rank for rank, level in enumerate(levels)})
    candidates = candidates.iloc[np.argsort(order.to_numpy(), kind="stable")]
    middles = shapely.point_on_surface(candidates.geometry.to_numpy())
    shapes = townships.geometry.to_numpy()
    home = _first(shapes, middles)
    lies_in = _first_or_nearest(shapes, points)
    rows: list[dict[str, object]] = []
    for number, township in enumerate(townships.itertuples()):
        inside = candidates[home == number]
        own = _communities_of(township.geometry, inside, points[lies_in == number])
        for serial, row in enumerate(own, start=1):
            # what is left over bears the township's name
            last = rest and number == len(townships) - 1
            alone = township.name if last or len(own) == 1 else None
            name = row["name"] or alone or texts.say("osm_project.rest_of", name=township.name)
            code = f"{township.code}{serial:03d}"
            rows.append({**row, "name": name, "code": code, "township": township.code})
    frame = _frame(rows)
    frame["kind"] = _kinds(frame["name"], _COMMUNITY_KINDS)
    return frame


def _communities_of(
    township: BaseGeometry, candidates: gpd.GeoDataFrame, points: NDArray[np.object_]
) -> list[dict[str, object]]:
    """Return the areas of a township by name, then what they leave over, which has no name."""
    within = shapely.intersection(candidates.geometry.to_numpy(), township)
    rows: list[dict[str, object]] = [
        {"name": row.name, "osm_id": row.osm_id, "level": row.level, "geometry": shape}
        for row, shape in zip(candidates.itertuples(), _apart(within), strict=True)
        if not shape.is_empty
    ]
    rows.sort(key=lambda row: (row["name"], row["osm_id"]))
    shapes = np.array([row["geometry"] for row in rows], dtype=object)
    if not rows or (_first(shapes, points) < 0).any():
        left = _polygons(shapely.difference(township, shapely.union_all(shapes)))
        rows.append({"name": "", "osm_id": "", "level": 0, "geometry": left})
    return rows


def _counties(elements: Elements, townships: gpd.GeoDataFrame) -> list[str]:
    """Name the county of each township: the area around it, else the only one in the file."""
    areas = elements.boundaries[elements.boundaries["level"] == COUNTY_LEVEL]
    middles = shapely.point_on_surface(townships.geometry.to_numpy())
    around = _first(areas.geometry.to_numpy(), middles)
    names = areas["name"].tolist()
    return [names[n] if n >= 0 else elements.county for n in around]


def _apart(shapes: NDArray[np.object_]) -> list[BaseGeometry]:
    """Take from each area what earlier ones cover; nothing is left of one mostly covered."""
    apart: list[BaseGeometry] = []
    for shape in shapes:
        earlier = [other for other in apart if other.intersects(shape)]
        own = _polygons(shapely.difference(shape, shapely.union_all(earlier)) if earlier else shape)
        mostly = own.area >= _LEAST_PART * shape.area
        apart.append(own if mostly else shapely.MultiPolygon())
    return apart


def _first(areas: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int_]:
    """Return the first area that each point lies in, -1 for none."""
    # what asks is prepared, what is asked is not: the areas are the complicated ones
    area, point = shapely.STRtree(points).query(areas, "intersects")
    first = np.full(len(points), len(areas))
    np.minimum.at(first, point, area)
    return np.where(first < len(areas), first, -1)


def _first_or_nearest(areas: NDArray[np.object_], points: NDArray[np.object_]) -> NDArray[np.int_]:
    """Return the first area that each point lies in, the nearest where none does."""
    chosen = _first(areas, points)
    outside = np.flatnonzero(chosen < 0)
    # rounding may leave a point on a border outside both its sides
    chosen[outside] = shapely.STRtree(areas).nearest(points[outside])
    return chosen


def _polygons(shape: BaseGeometry) -> shapely.MultiPolygon:
    """Keep the polygons of a shape: cutting leaves lines and points where areas touch."""
    parts = shapely.get_parts(shape)
    if shape.geom_type == "GeometryCollection":
        parts = shapely.get_parts(parts)
    return shapely.MultiPolygon([part for part in parts if part.geom_type == "Polygon"])


def _kinds(names: Sequence[str], endings: Sequence[tuple[str, str]]) -> list[str | None]:
    """Tell the kind of each unit by the last characters of its name, brackets aside."""
    bare = [name.split("(")[0].split("（")[0].strip() for name in names]
    return [next((kind for end, kind in endings if name.endswith(end)), None) for name in bare]


def _frame(rows: Sequence[dict[str, object]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(list(rows), crs=CRS)
