"""Networks to measure on: streets drawn from a seed, and what real files hold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pyproj

from coverage.network import Snapped, StreetNetwork
from coverage.network.streets import Streets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

_SPACING_M = 94.0
_SHARE_OF_STREETS = 0.755  # of a full grid's edges: nearly three at a node, many dead ends
_RIVER_EVERY, _BRIDGE_EVERY = 120, 15  # in streets
_CORNER = (400_000.0, 3_000_000.0)


def drawn(
    nodes: int,
    seed: int = 7,
    *,
    spacing_m: float = _SPACING_M,
    corner: tuple[float, float] = _CORNER,
) -> StreetNetwork:
    """Draw a town: a grid shaken about, with gaps, and rivers that few streets cross.

    Parameters
    ----------
    nodes
        About so many nodes.
    seed
        Decides which streets are missing, and where the corners stand.
    spacing_m
        Metres between streets.
    corner
        Where it lies: the south-western corner.
    """
    side = streets_across(nodes)
    rng = np.random.default_rng(seed)
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side)))
    shaken = rng.uniform(-0.25, 0.25, (2, side * side)) * spacing_m
    number = np.arange(side * side).reshape(side, side)
    east = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()])
    north = np.stack([number[:-1].ravel(), number[1:].ravel()])
    over = row[north[0]] % _RIVER_EVERY == _RIVER_EVERY // 2
    dry = ~over | (column[north[0]] % _BRIDGE_EVERY == 0)
    kept = rng.random(east.shape[1] + north.shape[1]) < _SHARE_OF_STREETS
    kept[east.shape[1] :] = np.where(over, dry, kept[east.shape[1] :])
    ends = np.concatenate([east, north], axis=1)[:, kept]
    edges = ends.shape[1]
    both = np.ones(edges, dtype=bool)
    streets = Streets(
        crs=pyproj.CRS.from_epsg(32650),
        mode="walk",
        x=corner[0] + column * spacing_m + shaken[0],
        y=corner[1] + row * spacing_m + shaken[1],
        node_id=np.arange(side * side),
        u=ends[0],
        v=ends[1],
        forward=both,
        backward=both,
        speed_km_h=np.full(edges, np.nan),
        way=np.arange(edges),
        highway=np.zeros(edges, dtype=np.int16),
        classes=("residential",),
        bridge=~both,
        tunnel=~both,
    )
    return StreetNetwork.from_streets(streets, min_island=np.inf)


def streets_across(nodes: int) -> int:
    """Return how many streets a drawn town of so many nodes has side by side."""
    return round(math.sqrt(nodes * 1.045))  # some corners are on no street


def at_nodes(network: StreetNetwork, nodes: Integers) -> Snapped:
    """Return points that stand at nodes, tied to the network there."""
    edge, share = np.full(network.x.size, -1), np.zeros(network.x.size)
    numbers = np.arange(network.u.size)
    edge[network.v], share[network.v] = numbers, 1.0
    edge[network.u], share[network.u] = numbers, 0.0
    x, y = network.x[nodes], network.y[nodes]
    return Snapped(
        index=gpd.pd.RangeIndex(nodes.size),
        point_x=x,
        point_y=y,
        edge=edge[nodes],
        share=share[nodes],
        leg_m=np.zeros(nodes.size),
        x=x,
        y=y,
    )


def some_nodes(network: StreetNetwork, count: int, seed: int = 3) -> Integers:
    """Return different nodes drawn at random, ascending."""
    size = network.x.size
    return np.sort(np.random.default_rng(seed).choice(size, size=count, replace=False))
