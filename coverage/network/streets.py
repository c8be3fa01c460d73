"""Streets as arrays: nodes, and edges that are one straight segment each."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    import pyproj
    from numpy.typing import NDArray

    from coverage.service import Mode

# nodes are ordered along a Morton curve of 2^16 x 2^16 cells over the extent
_MORTON_BITS = 16


@dataclass(frozen=True, kw_only=True, eq=False)
class Streets:
    """Hold the nodes and edges of a street network.

    An edge is the straight segment between two consecutive vertices of a street; its id is its
    position, and edges stand in the order in which they were read.

    Parameters
    ----------
    crs
        Metric coordinate system of the nodes.
    mode
        ``walk`` or ``drive``.
    x, y
        Coordinates of the nodes in metres.
    node_id
        OSM ids of the nodes, running numbers where there are none.
    u, v
        Node at the start and at the end of each edge, as positions.
    forward, backward
        Whether an edge may be used from u to v, and from v to u.
    speed_km_h
        Speed of a car; NaN in walk networks.
    way
        OSM id of an edge's way; else the position of its line in the input.
    highway
        Class of an edge's way, as a position in `classes`.
    classes
        Values of the tag ``highway``; an empty string stands for none.
    bridge, tunnel
        Whether the way says so.
    """

    crs: pyproj.CRS
    mode: Mode
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    node_id: NDArray[np.int64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    speed_km_h: NDArray[np.float64]
    way: NDArray[np.int64]
    highway: NDArray[np.int16]
    classes: tuple[str, ...]
    bridge: NDArray[np.bool_]
    tunnel: NDArray[np.bool_]

    @cached_property
    def length_m(self) -> NDArray[np.float64]:
        """Planar lengths of the edges in metres."""
        return np.hypot(self.x[self.v] - self.x[self.u], self.y[self.v] - self.y[self.u])

    @property
    def steps(self) -> NDArray[np.bool_]:
        """Whether an edge is a stair."""
        if "steps" not in self.classes:
            return np.zeros(self.u.size, dtype=bool)
        return np.asarray(self.highway == self.classes.index("steps"))

    def segments(self) -> NDArray[np.object_]:
        """Return the edges as lines."""
        ends = np.stack([self.u, self.v], axis=1)
        return np.asarray(shapely.linestrings(np.stack([self.x[ends], self.y[ends]], axis=2)))

    def lines(self) -> gpd.GeoDataFrame:
        """Return the streets for drawing.

        Consecutive edges of one way make one line.

        Returns
        -------
        GeoDataFrame
            Columns ``way``, ``highway``, ``geometry``.
        """
        chains, first = self._chains()
        return gpd.GeoDataFrame(
            {
                "way": self.way[first],
                "highway": np.asarray(self.classes, dtype=object)[self.highway[first]],
            },
            geometry=chains,
            crs=self.crs,
        )

    def _chains(self) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
        goes_on = (self.way[1:] == self.way[:-1]) & (self.u[1:] == self.v[:-1])
        starts = np.concatenate([np.ones(min(self.u.size, 1), dtype=bool), ~goes_on])
        first = np.flatnonzero(starts)
        chain = np.cumsum(starts) - 1
        # every edge gives its start, the last one of a chain its end too
        last = np.append(first[1:], self.u.size) - 1
        after = np.arange(1, first.size + 1)
        nodes = np.insert(self.u, last + 1, self.v[last])
        of_chain = np.insert(chain, last + 1, after - 1)
        coordinates = np.stack([self.x[nodes], self.y[nodes]], axis=1)
        return np.asarray(shapely.linestrings(coordinates, indices=of_chain)), first


NODE_FIELDS = ("x", "y", "node_id")
EDGE_FIELDS = ("u", "v", "forward", "backward", "speed_km_h", "way", "highway", "bridge", "tunnel")


def parts_of(streets: Streets) -> dict[str, Any]:
    """Return the fields of streets by name."""
    return {field.name: getattr(streets, field.name) for field in fields(Streets)}


def clean(streets: Streets) -> Streets:
    """Drop edges that lead from a node to itself, and order the nodes for fast searches.

    Nodes that lie near each other get positions near each other (Morton order), so that a search
    finds them in the processor's cache; nodes without edges go.

    Parameters
    ----------
    streets
        Streets as read.
    """
    kept = with_edges(streets, streets.u != streets.v)
    used = np.unique(np.concatenate([kept.u, kept.v]))
    order = used[np.argsort(_morton(kept.x[used], kept.y[used]), kind="stable")]
    position = np.full(kept.x.size, -1, dtype=np.int64)
    position[order] = np.arange(order.size)
    nodes = {name: getattr(kept, name)[order] for name in NODE_FIELDS}
    return replace(kept, **nodes, u=position[kept.u], v=position[kept.v])


def without_islands(streets: Streets, min_island: float) -> tuple[Streets, gpd.GeoDataFrame]:
    """Leave out small pieces of network that have no connection with the rest.

    Connections count regardless of one-way streets. The piece with most metres always stays.

    Parameters
    ----------
    streets
        Streets with nodes in any order.
    min_island
        Pieces with fewer metres of streets are left out.

    Returns
    -------
    Streets
        The streets that stay.
    GeoDataFrame
        The pieces left out, in the order of their first edges: ``length_m``, ``geometry``.
    """
    size = streets.x.size
    graph = coo_array((np.ones(streets.u.size, bool), (streets.u, streets.v)), shape=(size, size))
    _, of_node = connected_components(graph, directed=False)
    # number the pieces by their first edges
    _, first, found = np.unique(of_node[streets.u], return_index=True, return_inverse=True)
    rank = np.empty(first.size, dtype=np.int64)
    rank[np.argsort(first)] = np.arange(first.size)
    piece = rank[found]
    metres = np.bincount(piece, weights=streets.length_m, minlength=first.size)
    small = metres < min_island
    small[np.argmax(metres)] = False
    out = small[piece]
    left_out = with_edges(streets, out)
    # positions among the pieces left out
    number = (np.cumsum(small) - 1)[piece[out]]
    islands = gpd.GeoDataFrame(
        {"length_m": metres[small]},
        geometry=_gathered(left_out.segments(), number),
        crs=streets.crs,
    )
    return clean(with_edges(streets, ~out)), islands


def _gathered(segments: NDArray[np.object_], number: NDArray[np.int64]) -> NDArray[np.object_]:
    if not segments.size:
        return np.empty(0, dtype=object)
    order = np.argsort(number, kind="stable")
    gathered = shapely.multilinestrings(segments[order], indices=number[order])
    merged = np.asarray(shapely.line_merge(gathered))
    single = shapely.get_type_id(merged) == shapely.GeometryType.LINESTRING
    merged[single] = shapely.multilinestrings(merged[single][:, np.newaxis])
    return np.asarray(merged)


def with_edges(streets: Streets, kept: NDArray[np.bool_]) -> Streets:
    """Return streets of which some edges stay; nodes without edges stay too."""
    return replace(streets, **{name: getattr(streets, name)[kept] for name in EDGE_FIELDS})


def _morton(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.uint64]:
    return _spread(_cells(x)) | (_spread(_cells(y)) << np.uint64(1))


def _cells(values: NDArray[np.float64]) -> NDArray[np.uint64]:
    if not values.size:
        return np.empty(0, dtype=np.uint64)
    low, high = values.min(), values.max()
    scale = (2**_MORTON_BITS - 1) / (high - low) if high > low else 0.0
    return np.asarray((values - low) * scale).astype(np.uint64)


def _spread(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    # put a zero before each of 16 bits
    for shift, mask in ((8, 0x00FF00FF), (4, 0x0F0F0F0F), (2, 0x33333333), (1, 0x55555555)):
        bits = (bits | (bits << np.uint64(shift))) & np.uint64(mask)
    return bits
