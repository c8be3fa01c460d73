"""Who is near what: a small search of the generator's own, to set the built-in baselines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra

from coverage.demo.tiles import components

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.demo.streets import Streets

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

SNAP_LIMIT_M = 500.0
MIN_ISLAND_M = 1000.0
WALK_M = 0.9 * 15 * 60  # fifteen minutes at 0.9 m/s


class Walks:
    """Walking distances along streets, straight legs at both ends included.

    Parameters
    ----------
    streets
        The network; islands with less than a kilometre of streets are left out.
    """

    def __init__(self, streets: Streets) -> None:
        lengths = np.hypot(*(streets.xy[streets.edges[:, 0]] - streets.xy[streets.edges[:, 1]]).T)
        label = components(len(streets.xy), streets.edges)[streets.edges[:, 0]]
        big = np.bincount(label, lengths)[label] >= MIN_ISLAND_M
        self._edges, self._lengths = streets.edges[big], lengths[big]
        self._count = len(streets.xy)
        lines: Any = shapely.linestrings(streets.xy[self._edges])
        self._lines, self._tree = lines, shapely.STRtree(lines)

    def snap(self, xy: Points) -> tuple[Positions, Points, Points]:
        """Return the nearest edge of each place, the leg to it and the position along it.

        Parameters
        ----------
        xy
            Places, in metres.
        """
        points = shapely.points(xy)
        found = self._tree.query_nearest(points, all_matches=True)
        edge = np.full(len(xy), len(self._edges), dtype=np.int64)
        np.minimum.at(edge, found[0], found[1])
        leg = shapely.distance(points, self._lines[edge])
        along = shapely.line_locate_point(self._lines[edge], points)
        return edge, leg, along

    def legs(self, xy: Points) -> tuple[Points, Points]:
        """Return the leg of each place to its nearest street, and where it ends.

        Parameters
        ----------
        xy
            Places, in metres.
        """
        edge, leg, along = self.snap(xy)
        ends = shapely.line_interpolate_point(self._lines[edge], along)
        return leg, shapely.get_coordinates(ends)

    def to_nearest(self, people: Points, facilities: Points) -> Points:
        """Return metres from each place to the nearest facility, infinite where none.

        Parameters
        ----------
        people, facilities
            Places, in metres.
        """
        both = np.vstack([people, facilities])
        edge, leg, along = self.snap(both)
        order = np.lexsort([along, edge])
        nodes = self._count + np.arange(len(both))
        tails, heads, lengths = self._links(edge[order], along[order], nodes[order])
        count = self._count + len(both) + 1
        inside = leg <= SNAP_LIMIT_M
        start = nodes[len(people) :][inside[len(people) :]]
        # both ways along every link, and from one extra node to the facilities
        a = np.concatenate([tails, heads, np.full(len(start), count - 1)])
        b = np.concatenate([heads, tails, start])
        cost = np.concatenate([lengths, lengths, leg[start - self._count]])
        # a cost of 0 would be no link
        graph = csr_matrix((cost + 1e-9, (a, b)), shape=(count, count))
        metres = dijkstra(graph, indices=[count - 1])[0, nodes[: len(people)]] + leg[: len(people)]
        return np.where(inside[: len(people)], metres, np.inf)

    def _links(
        self, edge: Positions, along: Points, nodes: Positions
    ) -> tuple[Positions, Positions, Points]:
        # edges cut at the places that stand on them
        first = np.append(True, edge[1:] != edge[:-1])
        last = np.append(edge[1:] != edge[:-1], True)
        previous = np.where(first, self._edges[edge, 0], np.roll(nodes, 1))
        step = np.where(first, along, along - np.roll(along, 1))
        tail = self._edges[edge[last], 1]
        whole = np.ones(len(self._edges), dtype=bool)
        whole[edge] = False
        a = np.concatenate([previous, nodes[last], self._edges[whole, 0]])
        b = np.concatenate([nodes, tail, self._edges[whole, 1]])
        rest = self._lengths[edge[last]] - along[last]
        return a, b, np.maximum(np.concatenate([step, rest, self._lengths[whole]]), 0)
