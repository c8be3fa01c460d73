"""Places for facilities: beside streets, in the right community, on dry land."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.demo.figures import generator
from coverage.demo.people import locate
from coverage.demo.streets import beside

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.people import Homes
    from coverage.demo.streets import Streets
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_SHORTEST_EDGE_M = 30.0
_FROM_WATER_M = 30.0
_NEAREST = 4  # sites of which one is chosen


class Sites:
    """Free sites beside streets, given out one after another.

    Parameters
    ----------
    tiles, land
        Communities, and the water to keep off.
    streets
        Along whose edges the sites lie, 12 to 26 m to a side.
    homes
        People's places: the middle of each community is where they are.
    """

    def __init__(self, tiles: Tiles, land: Land, streets: Streets, homes: Homes) -> None:
        self._rng = generator(9)
        ends = streets.xy[streets.edges[streets.sites]]
        length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
        ends = np.repeat(ends[length > _SHORTEST_EDGE_M], 3, axis=0)
        share = self._rng.uniform(0.15, 0.85, len(ends))
        away = self._rng.uniform(12, 26, len(ends)) * self._rng.choice([-1, 1], len(ends))
        xy = beside(ends, share, away)
        owner = locate(xy, tiles)
        points: Any = shapely.points(xy)
        good = (owner >= 0) & (land.clear_of_water(points, _FROM_WATER_M))
        good &= self._well_inside(points, owner, tiles)
        self.xy, self.community = np.round(xy[good], 2), owner[good]
        self._free = np.ones(len(self.xy), dtype=bool)
        self.middles = self._middles(homes, len(tiles.urban))

    @staticmethod
    def _well_inside(points: Points, owner: Positions, tiles: Tiles) -> NDArray[np.bool_]:
        # no ledger is in doubt about a facility's community
        edges = shapely.boundary(tiles.polygons)[np.maximum(owner, 0)]
        return np.asarray(shapely.distance(points, edges) > 8)  # noqa: PLR2004 - metres

    @staticmethod
    def _middles(homes: Homes, count: int) -> Points:
        weight = np.bincount(homes.community, homes.size, minlength=count)
        sums = [
            np.bincount(homes.community, homes.size * homes.xy[:, axis], minlength=count)
            for axis in (0, 1)
        ]
        return np.column_stack(sums) / weight[:, None]

    def free(self, community: int) -> int:
        """Return how many sites of a community are left."""
        return int(((self.community == community) & self._free).sum())

    def take(self, community: int, near: Points | None = None) -> Points:
        """Return a free site of a community and give it out.

        Parameters
        ----------
        community
            In which the site lies.
        near
            Place to be near to: one of the four nearest sites is chosen by chance. By default
            anywhere in the community.
        """
        own = np.flatnonzero((self.community == community) & self._free)
        if near is None:
            picked = own[int(self._rng.integers(len(own)))]
        else:
            order = np.argsort(np.hypot(*(self.xy[own] - near).T), kind="stable")
            picked = own[order[int(self._rng.integers(min(_NEAREST, len(own))))]]
        self._free[picked] = False
        return np.asarray(self.xy[picked])

    def middle(self, community: int) -> Points:
        """Return a free site near the middle of a community's people, and give it out."""
        return self.take(community, self.middles[community])
