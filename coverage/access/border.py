"""The edge of the map: what rests on places beyond the border, and what may be missing there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.network.search import TOLERANCE_MINUTES

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.network import Snapped, StreetNetwork
    from coverage.service import Service

    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

# a dead end nearer than this to the border, in metres, is a street cut there
_CUT_M = 50.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Border:
    """Tell what of a network lies beyond the border.

    Parameters
    ----------
    inside
        The network without the streets that lie wholly beyond: their edges are there still, so that
        points keep their places, but lead nowhere.
    edges
        Number of edges wholly beyond.
    cut_ends
        Places where streets end at the border.
    """

    inside: StreetNetwork
    edges: int
    cut_ends: Shapes


def find_border(network: StreetNetwork, units: gpd.GeoSeries) -> Border:
    """Return what of a network lies beyond the border of units.

    Parameters
    ----------
    network
        The streets.
    units
        Polygons, in the network's coordinate system; gaps between them are land too.
    """
    land = _land(units)
    shapely.prepare(land)
    within = shapely.intersects_xy(land, network.x, network.y)
    beyond = ~(within[network.u] | within[network.v])
    streets_at = np.bincount(np.concatenate([network.u, network.v]), minlength=network.x.size)
    dead_ends = streets_at == 1
    ends = np.asarray(shapely.points(network.x[dead_ends], network.y[dead_ends]))
    near, _ = shapely.STRtree(_sides(land)).query(ends, predicate="dwithin", distance=_CUT_M)
    return Border(
        inside=replace(
            network, forward=network.forward & ~beyond, backward=network.backward & ~beyond
        ),
        edges=int(beyond.sum()),
        cut_ends=ends[np.unique(near)],
    )


def _land(units: gpd.GeoSeries) -> shapely.Geometry:
    whole = shapely.union_all(units.dropna().to_numpy())
    parts = shapely.get_parts(whole)
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    # holes are slivers between units far more often than another county
    land: shapely.Geometry = shapely.union_all(
        shapely.polygons(shapely.get_exterior_ring(polygons))
    )
    return land


def _sides(land: shapely.Geometry) -> Shapes:
    # a border of thousands of sides is measured against those nearby only
    places, ring = shapely.get_coordinates(
        shapely.get_parts(shapely.boundary(land)), return_index=True
    )
    side = np.flatnonzero(ring[1:] == ring[:-1])
    return np.asarray(shapely.linestrings(np.stack([places[side], places[side + 1]], axis=1)))


def without_beyond(
    service: Service,
    border: Border,
    *,
    demand_snapped: Snapped,
    facilities_snapped: Snapped,
    speed: float,
) -> Flags:
    """Return which demand points would be covered without the streets beyond the border.

    Parameters
    ----------
    service
        Whose limit holds.
    border
        That of the service's network.
    demand_snapped, facilities_snapped
        Where demand, and the facilities on this side, meet the streets.
    speed
        Walking speed in m/s.
    """
    nearest = border.inside.nearest(demand_snapped, facilities_snapped, speed=speed)
    minutes = nearest["minutes"].to_numpy(dtype=float)
    return np.asarray(minutes <= service.minutes + TOLERANCE_MINUTES)


def near_cut_ends(points: gpd.GeoSeries, ends: Shapes, reach_m: float) -> Flags:
    """Return which points lie near a street that ends at the border.

    Parameters
    ----------
    points
        Points.
    ends
        Where streets end.
    reach_m
        Farthest straight distance, metres.
    """
    near = np.zeros(len(points), dtype=bool)
    found, _ = shapely.STRtree(ends).query(points.to_numpy(), predicate="dwithin", distance=reach_m)
    near[found] = True
    return near
