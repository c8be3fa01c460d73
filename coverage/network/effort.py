"""What walking along an edge takes: slopes, stairs, waiting at crossings.

An edge's effort is its length in metres that on the flat would take as long, so that minutes at any
walking speed are effort over speed. It may differ by direction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.network.elevation import Elevation
    from coverage.network.streets import Streets
    from coverage.service import Direction

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

PIECE_M = 30.0  # longest piece of an edge that has one slope
HALF_SPEED = 0.5  # on stairs, of the speed elsewhere

# steepness of Tobler's function, and the slope at which one walks fastest
_STEEPNESS, _FASTEST = 3.5, 0.05
# streets whose junctions one waits at
_BUSY = frozenset(
    kind + link for kind in ("trunk", "primary", "secondary", "tertiary") for link in ("", "_link")
)
_JUNCTION_EDGES = 3
# a cliff takes days, not forever
_LEAST_FACTOR = 1e-6
# an edge that rounding makes longer than a piece is one piece all the same
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class Walking:
    """Say how people walk.

    Parameters
    ----------
    elevation
        Heights of the ground; None: everything is flat.
    direction
        ``to`` (trips lead from demand to facility), ``from`` or ``round_trip`` (the mean of both);
        matters with elevation only.
    steps_factor
        Speed on stairs, as a share of that elsewhere.
    crossing_delay_s
        Seconds that one waits at a junction of a busy street.
    """

    elevation: Elevation | None = None
    direction: Direction = "round_trip"
    steps_factor: float = 1.0
    crossing_delay_s: float = 0.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Effort:
    """Hold what walking along each edge takes.

    Parameters
    ----------
    walking
        How people walk.
    ahead_m, back_m
        Metres on the flat that take as long as the edge from u to v, and from v to u, for trips
        from demand to facility.
    wait_s
        Seconds of waiting at crossings, in either direction.
    flat_m
        Metres of the edge that count as flat because heights are not known.
    """

    walking: Walking
    ahead_m: Floats
    back_m: Floats
    wait_s: Floats
    flat_m: Floats

    def parts(self, edge: Integers, share: Floats) -> Effort:
        """Return the effort of parts of edges, in proportion.

        Parameters
        ----------
        edge
            Edge that each part belongs to.
        share
            Share of the edge that it is.
        """
        return replace(
            self,
            ahead_m=self.ahead_m[edge] * share,
            back_m=self.back_m[edge] * share,
            wait_s=self.wait_s[edge] * share,
            flat_m=self.flat_m[edge] * share,
        )

    def followed_by(self, other: Effort) -> Effort:
        """Return the effort of these edges and then others."""
        return replace(
            self,
            ahead_m=np.concatenate([self.ahead_m, other.ahead_m]),
            back_m=np.concatenate([self.back_m, other.back_m]),
            wait_s=np.concatenate([self.wait_s, other.wait_s]),
            flat_m=np.concatenate([self.flat_m, other.flat_m]),
        )


def speed_factor(slope: Floats) -> Floats:
    """Return the speed on a slope as a share of that on the flat.

    Tobler's function, 6·e^(-3.5·|s + 0.05|) km/h, divided by its value on the flat; downhill nobody
    is faster than on the flat.

    Parameters
    ----------
    slope
        Metres of height a metre, positive uphill.

    References
    ----------
    Tobler, W. (1993). Three presentations on geographical analysis and modeling. National Center
    for Geographic Information and Analysis, technical report 93-1.
    """
    factor = np.exp(-_STEEPNESS * (np.abs(slope + _FASTEST) - _FASTEST))
    return np.clip(factor, _LEAST_FACTOR, 1.0)


def effort_of(streets: Streets, walking: Walking) -> Effort:
    """Return what walking along each edge takes.

    Parameters
    ----------
    streets
        The streets.
    walking
        How people walk.
    """
    up = down = streets.length_m
    flat = np.zeros(up.size)
    if walking.elevation is not None:
        up, down, flat = _slopes(streets, walking.elevation)
    if walking.direction == "from":
        up, down = down, up
    elif walking.direction == "round_trip":
        up = down = (up + down) / 2
    slower = np.where(streets.steps, 1 / walking.steps_factor, 1.0)
    waits = _crossings(streets) * walking.crossing_delay_s
    # half a junction's wait at the end of each edge: a walk across it waits once
    wait = (waits[streets.u] + waits[streets.v]) / 2
    return Effort(
        walking=walking, ahead_m=up * slower, back_m=down * slower, wait_s=wait, flat_m=flat
    )


def _slopes(streets: Streets, elevation: Elevation) -> tuple[Floats, Floats, Floats]:
    """Return the effort of each edge from u to v and from v to u, and its metres without height."""
    metres = streets.length_m
    pieces = np.maximum(np.ceil(metres / PIECE_M - _ROUNDING), 1).astype(np.int64)
    lifted = streets.bridge | streets.tunnel
    # the slope of a bridge is that between its ends, whatever lies below
    pieces[lifted] = 1
    first = np.cumsum(pieces + 1) - (pieces + 1)
    edge = np.repeat(np.arange(metres.size), pieces + 1)
    share = (np.arange(edge.size) - first[edge]) / pieces[edge]
    u, v = streets.u[edge], streets.v[edge]
    # pieces end in the same place, to the last bit, where edges do
    x = np.where(share == 1, streets.x[v], streets.x[u] + share * (streets.x[v] - streets.x[u]))
    y = np.where(share == 1, streets.y[v], streets.y[u] + share * (streets.y[v] - streets.y[u]))
    height = elevation.heights(x, y, streets.crs)
    _straighten(streets, lifted, first, height)
    start = np.flatnonzero(share < 1)
    piece_m = (metres / pieces)[edge[start]]
    rise = height[start + 1] - height[start]
    unknown = np.isnan(rise)
    slope = np.divide(rise, piece_m, out=np.zeros(rise.size), where=~unknown & (piece_m > 0))

    def by_edge(metres_of_pieces: Floats) -> Floats:
        return np.bincount(edge[start], metres_of_pieces, metres.size).astype(np.float64)

    up, down = piece_m / speed_factor(slope), piece_m / speed_factor(-slope)
    return by_edge(up), by_edge(down), by_edge(piece_m * unknown)


def _straighten(
    streets: Streets, lifted: NDArray[np.bool_], first: Integers, height: Floats
) -> None:
    """Set, in place, heights along bridges and tunnels on the straight line between their ends.

    Parameters
    ----------
    streets
        The streets.
    lifted
        Which edges are bridges or tunnels; each is one piece. Consecutive edges of one way are one.
    first
        Position of the height at each edge's start; that at its end is the next.
    height
        Heights of the ground.
    """
    edge = np.flatnonzero(lifted)
    if not edge.size:
        return
    goes_on = (
        (edge[1:] == edge[:-1] + 1)
        & (streets.way[edge[1:]] == streets.way[edge[:-1]])
        & (streets.u[edge[1:]] == streets.v[edge[:-1]])
    )
    begin = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    end = np.append(begin[1:], edge.size) - 1
    of = np.repeat(np.arange(begin.size), end - begin + 1)
    run = np.cumsum(streets.length_m[edge])
    before = run[begin] - streets.length_m[edge[begin]]
    whole = (run[end] - before)[of]
    low, high = height[first[edge[begin]]][of], height[first[edge[end]] + 1][of]
    for place, metres in (
        (first[edge], run - streets.length_m[edge] - before[of]),
        (first[edge] + 1, run - before[of]),
    ):
        share = np.divide(metres, whole, out=np.zeros(whole.size), where=whole > 0)
        height[place] = low + share * (high - low)


def _crossings(streets: Streets) -> NDArray[np.bool_]:
    """Return which nodes are junctions of a busy street: three edges or more, one of them busy."""
    size = streets.x.size
    edges = np.bincount(streets.u, minlength=size) + np.bincount(streets.v, minlength=size)
    busy = np.isin(np.asarray(streets.classes, dtype=object).astype(str), list(_BUSY))
    of_edge = busy[streets.highway] if busy.size else np.zeros(streets.u.size, dtype=bool)
    touched = np.zeros(size, dtype=bool)
    touched[streets.u[of_edge]] = True
    touched[streets.v[of_edge]] = True
    return touched & (edges >= _JUNCTION_EDGES)
