"""Tie points to the nearest street, by legs that cross no water and no wall."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.errors import NetworkError

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray

    from coverage.network.streets import Streets

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# metres by which the snap limit may be exceeded through rounding of coordinates
_TOLERANCE_M = 1e-6
# metres from the end of an edge within which a point is at the node
_AT_NODE_M = 1e-8
# metres searched first around a point whose nearest street lies behind an obstacle
_FIRST_RING_M = 30.0
# streets tried at once, per point, behind the first
_BATCH = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class Snapped:
    """Hold where points enter the network.

    Parameters
    ----------
    index
        Labels of the points.
    point_x, point_y
        The points in the network's coordinate system, NaN where a point has no place.
    edge
        The edge on which each point enters, -1 off the network.
    share
        Place of the access point along the edge, 0 at u and 1 at v; NaN off the network.
    leg_m
        Straight distance between point and access point in metres; NaN off the network.
    x, y
        Access points; NaN off the network.
    """

    index: pd.Index
    point_x: Floats
    point_y: Floats
    edge: Integers
    share: Floats
    leg_m: Floats
    x: Floats
    y: Floats

    @property
    def on_network(self) -> NDArray[np.bool_]:
        """Whether a point has a street within the snap limit."""
        return np.asarray(self.edge >= 0)

    def __len__(self) -> int:
        return self.edge.size

    def take(self, positions: NDArray[np.int64] | NDArray[np.bool_]) -> Snapped:
        """Return some of the points: by position, or where a mask holds."""
        return Snapped(
            index=self.index[positions],
            point_x=self.point_x[positions],
            point_y=self.point_y[positions],
            edge=self.edge[positions],
            share=self.share[positions],
            leg_m=self.leg_m[positions],
            x=self.x[positions],
            y=self.y[positions],
        )

    def followed_by(self, other: Snapped) -> Snapped:
        """Return the points and others of the same network after them."""
        return Snapped(
            index=self.index.append(other.index),
            point_x=np.concatenate([self.point_x, other.point_x]),
            point_y=np.concatenate([self.point_y, other.point_y]),
            edge=np.concatenate([self.edge, other.edge]),
            share=np.concatenate([self.share, other.share]),
            leg_m=np.concatenate([self.leg_m, other.leg_m]),
            x=np.concatenate([self.x, other.x]),
            y=np.concatenate([self.y, other.y]),
        )


class Obstacles:
    """Decide which straight legs are barred.

    A leg is barred where its interior meets the interior of an obstacle: of a polygon or of a line.
    Touching a bank is no crossing, nor is ending at one; a leg of no length crosses nothing.

    Parameters
    ----------
    geometries
        Polygons and lines in the network's coordinate system.
    """

    def __init__(self, geometries: NDArray[np.object_]) -> None:
        parts = shapely.get_parts(geometries[~shapely.is_missing(geometries)])
        self.geometries = parts[~shapely.is_empty(parts)]
        shapely.prepare(self.geometries)

    def __len__(self) -> int:
        return int(self.geometries.size)

    @property
    def polygons(self) -> NDArray[np.object_]:
        """The obstacles that cover ground."""
        return np.asarray(self.geometries[shapely.get_dimensions(self.geometries) == 2])  # noqa: PLR2004 - areas

    def cover(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Return which points lie inside an obstacle's interior."""
        inside = np.zeros(x.size, dtype=bool)
        points = np.asarray(shapely.points(x, y))
        _, found = shapely.STRtree(points).query(self.polygons, predicate="contains_properly")
        inside[found] = True
        return inside

    def bar(self, x: Floats, y: Floats, to_x: Floats, to_y: Floats) -> NDArray[np.bool_]:
        """Return which straight legs, from x, y to to_x, to_y, are barred."""
        barred = np.zeros(x.size, dtype=bool)
        long = np.flatnonzero((x != to_x) | (y != to_y))
        if not long.size or not len(self):
            return barred
        ends = np.stack([x, y, to_x, to_y], axis=1)[long].reshape(-1, 2, 2)
        legs = np.asarray(shapely.linestrings(ends))
        obstacle, leg = shapely.STRtree(legs).query(self.geometries, predicate="intersects")
        # two geometries that meet without touching share interior points: pattern T********
        inner = ~shapely.touches(self.geometries[obstacle], legs[leg])
        barred[long[leg[inner]]] = True
        return barred


def points_of(
    points: gpd.GeoDataFrame | gpd.GeoSeries, crs: pyproj.CRS
) -> tuple[pd.Index, Floats, Floats]:
    """Return labels and coordinates of points in a coordinate system.

    Parameters
    ----------
    points
        Points in any coordinate system.
    crs
        Coordinate system to return.

    Returns
    -------
    index
        Labels of the points.
    x, y
        NaN where the geometry is missing or empty.

    Raises
    ------
    NetworkError
        If the layer has no coordinate system, or holds anything but points.
    """
    series = points.geometry
    if series.crs is None:
        if not series.size or (series.isna() | series.is_empty).all():
            nowhere = np.full(series.size, np.nan)
            return series.index, nowhere, nowhere.copy()
        raise NetworkError("network.points_without_crs")
    geometries = np.asarray(series.to_crs(crs).array, dtype=object)
    kind = shapely.get_type_id(geometries)
    strange = (kind >= 0) & (kind != shapely.GeometryType.POINT) & ~shapely.is_empty(geometries)
    if strange.any():
        first = int(np.flatnonzero(strange)[0])
        raise NetworkError(
            "network.not_points",
            count=int(strange.sum()),
            row=first + 1,
            kind=geometries[first].geom_type,
        )
    x, y = shapely.get_x(geometries), shapely.get_y(geometries)
    nowhere = ~(np.isfinite(x) & np.isfinite(y))
    x[nowhere] = np.nan
    y[nowhere] = np.nan
    return series.index, x, y


def snap(
    streets: Streets,
    tree: shapely.STRtree,
    obstacles: Obstacles,
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    snap_limit: float,
) -> Snapped:
    """Tie points to the nearest edge that they reach without crossing an obstacle.

    Of edges at equal distance the lowest id is taken.

    Parameters
    ----------
    streets
        The network's streets.
    tree
        Index of the streets' segments.
    obstacles
        What legs may not cross.
    points
        Points in any coordinate system.
    snap_limit
        Points farther than this from any edge, in metres, are off the network.
    """
    index, x, y = points_of(points, streets.crs)
    edge = np.full(x.size, -1, dtype=np.int64)
    placed = np.flatnonzero(~np.isnan(x))
    if placed.size:
        edge[placed] = _nearest(tree, x[placed], y[placed], snap_limit)
    if len(obstacles):
        _around_obstacles(streets, tree, obstacles, (x, y), edge, snap_limit)
    share, to_x, to_y, leg_m = _access(streets, edge, x, y)
    return Snapped(
        index=index, point_x=x, point_y=y, edge=edge, share=share, leg_m=leg_m, x=to_x, y=to_y
    )


def _nearest(tree: shapely.STRtree, x: Floats, y: Floats, snap_limit: float) -> Integers:
    edge = np.full(x.size, -1, dtype=np.int64)
    reach = snap_limit + _TOLERANCE_M
    point, found = tree.query_nearest(
        shapely.points(x, y),
        max_distance=reach if np.isfinite(reach) else None,
        all_matches=True,
    )
    order = np.lexsort((found, point))
    point, first = np.unique(point[order], return_index=True)
    edge[point] = found[order][first]
    return edge


def _access(
    streets: Streets, edge: Integers, x: Floats, y: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return share, access point and leg of points on given edges, NaN for edge -1."""
    u, v = streets.u[edge], streets.v[edge]
    from_x, from_y = streets.x[u], streets.y[u]
    along_x, along_y = streets.x[v] - from_x, streets.y[v] - from_y
    square = along_x**2 + along_y**2
    with np.errstate(invalid="ignore", divide="ignore"):
        share = ((x - from_x) * along_x + (y - from_y) * along_y) / square
        share = np.where(square > 0, share, 0.0)
        at_node = _AT_NODE_M / np.sqrt(square)
        share = np.where(share <= at_node, 0.0, np.where(share >= 1 - at_node, 1.0, share))
    to_x = np.where(share == 1, streets.x[v], from_x + share * along_x)
    to_y = np.where(share == 1, streets.y[v], from_y + share * along_y)
    leg_m = np.hypot(x - to_x, y - to_y)
    off = edge < 0
    for values in (share, to_x, to_y, leg_m):
        values[off] = np.nan
    return share, to_x, to_y, leg_m


def _around_obstacles(
    streets: Streets,
    tree: shapely.STRtree,
    obstacles: Obstacles,
    points: tuple[Floats, Floats],
    edge: Integers,
    snap_limit: float,
) -> None:
    """Replace, in place, the edges of points whose leg is barred."""
    x, y = points
    on = np.flatnonzero(edge >= 0)
    _, to_x, to_y, leg_m = _access(streets, edge[on], x[on], y[on])
    barred = obstacles.bar(x[on], y[on], to_x, to_y)
    todo, tried = on[barred], leg_m[barred]
    if not todo.size:
        return
    edge[todo] = -1
    # a point in the water reaches nothing
    dry = ~obstacles.cover(x[todo], y[todo])
    todo, tried = todo[dry], tried[dry]
    farthest = min(snap_limit, _extent(streets, x, y))
    inner = 0.0
    radius = _FIRST_RING_M
    while todo.size and inner < farthest:
        radius = min(max(radius, 2 * tried.min()), farthest)
        found = _in_ring(streets, tree, (x[todo], y[todo]), (inner, radius))
        edge[todo] = _first_free(streets, obstacles, (x[todo], y[todo]), found)
        open_still = edge[todo] < 0
        todo, tried = todo[open_still], tried[open_still]
        inner, radius = radius, 2 * radius


def _extent(streets: Streets, x: Floats, y: Floats) -> float:
    """Return a length that no leg exceeds."""
    return float(
        np.hypot(
            max(streets.x.max(), np.nanmax(x)) - min(streets.x.min(), np.nanmin(x)),
            max(streets.y.max(), np.nanmax(y)) - min(streets.y.min(), np.nanmin(y)),
        )
    )


def _in_ring(
    streets: Streets,
    tree: shapely.STRtree,
    points: tuple[Floats, Floats],
    ring: tuple[float, float],
) -> tuple[Integers, Integers]:
    """Return pairs of point and edge at a distance within a ring, nearest first for each point."""
    x, y = points
    inner, outer = ring
    point, edge = tree.query(
        shapely.points(x, y), predicate="dwithin", distance=outer + _TOLERANCE_M
    )
    *_, leg_m = _access(streets, edge, x[point], y[point])
    kept = leg_m >= inner
    point, edge, leg_m = point[kept], edge[kept], leg_m[kept]
    order = np.lexsort((edge, leg_m, point))
    return point[order], edge[order]


def _first_free(
    streets: Streets,
    obstacles: Obstacles,
    points: tuple[Floats, Floats],
    pairs: tuple[Integers, Integers],
) -> Integers:
    """Return for each point the first of its edges that no obstacle bars, -1 without one."""
    x, y = points
    point, edge = pairs
    chosen = np.full(x.size, -1, dtype=np.int64)
    rank = np.arange(point.size) - np.searchsorted(point, point)
    for low in range(0, int(rank.max(initial=-1)) + 1, _BATCH):
        now = (rank >= low) & (rank < low + _BATCH) & (chosen[point] < 0)
        from_point, to_edge = point[now], edge[now]
        _, to_x, to_y, _ = _access(streets, to_edge, x[from_point], y[from_point])
        free = ~obstacles.bar(x[from_point], y[from_point], to_x, to_y)
        first, position = np.unique(from_point[free], return_index=True)
        chosen[first] = to_edge[free][position]
    return chosen
