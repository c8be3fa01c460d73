"""Measure how well a layer fits what is around it under each datum that it may have.

Three measures, each of one kind of evidence:

- `membership`: the share of places that lie in the unit that they declare. Two datums are compared
  by the places that lie in it under one of them only, with McNemar's statistic.
- `nearness`: the distance of places to the nearest street. Two datums are compared by which of them
  brings more places nearer, a sign test in which the places of a 300 m cell have one vote together,
  for neighbours move alike.
- `coincidence`: the share of an outline that runs along lines of another layer, within 15 m and 10
  degrees: borders follow streets here and there, and borders of townships all borders of counties.
  Two datums are compared by the scatter of this share under displacement.

The last two are held against 60 copies of the layer displaced by 200 to 800 m all around, which
keep its pattern and lose its place. A datum under which the layer fits its surroundings no better
than displaced copies do has nothing speaking for it, whatever the others have.

References
----------
McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions or
percentages. Psychometrika 12, 153-157.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import shapely

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]
    Shapes = NDArray[np.object_]

_RADII = (200.0, 350.0, 500.0, 650.0, 800.0)  # m
_DIRECTIONS = 12
_ALIKE_M = 120.0  # a copy displaced as a datum displaces is none
_MOST_PLACES = 4000  # enough for every statistic here
_STEP_M = 10.0  # of the pieces that lines are cut into
_ALONG_M, _PARALLEL = 15.0, np.sin(np.radians(10))
_NEIGHBOURS = 8  # pieces looked at for one that is parallel
_CELL_M = 300.0
_SAME_M = 5.0  # distances to streets that differ less are the same
_FAR_M = 300.0  # farther from any street says nothing more
_EXCEPTIONAL = 0.01  # share of displaced copies that may do as well
_EXCEPTIONAL_SD = 4.0  # of the copies' scatter
_WEAK = 1.0  # standard deviations granted to what fits no better than displaced copies


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What one measure says of the datums.

    Parameters
    ----------
    kind
        ``inside``, ``streets`` or ``outlines``.
    figures
        By datum the share inside (0 to 1), the median distance to a street (m), or the share of the
        outline that coincides (0 to 1).
    over
        By pair of datums, by how many standard deviations the first fits better than the second.
    """

    kind: str
    figures: Mapping[str, float]
    over: Mapping[tuple[str, str], float]


class Pieces:
    """Lines cut into pieces of some 10 m: their middles and directions.

    Parameters
    ----------
    lines
        Lines in metres, none missing.
    """

    def __init__(self, lines: Shapes) -> None:
        parts = shapely.get_parts(shapely.get_parts(lines))
        cut = shapely.segmentize(parts, _STEP_M)
        places, line = shapely.get_coordinates(cut, return_index=True)
        joined = line[1:] == line[:-1]
        steps = np.diff(places, axis=0)[joined]
        middles = ((places[1:] + places[:-1]) / 2)[joined]
        # neighbours share a border: it counts once
        _, once = np.unique(np.round(middles, 1), axis=0, return_index=True)
        self.middles: Floats = middles[once]
        self.directions: Floats = np.arctan2(steps[once, 1], steps[once, 0])
        from scipy.spatial import cKDTree  # noqa: PLC0415 - a third of a second, seldom needed

        self.tree = cKDTree(self.middles)

    def __len__(self) -> int:
        return len(self.middles)


def membership(inside: Mapping[str, Flags]) -> Evidence | None:
    """Compare datums by which places lie in the unit that they declare.

    Parameters
    ----------
    inside
        By datum, which of the places that declare a unit lie in it.
    """
    if not len(next(iter(inside.values()))):
        return None
    over = {}
    for one, other in permutations(inside, 2):
        won, lost = (inside[one] & ~inside[other]).sum(), (inside[other] & ~inside[one]).sum()
        over[one, other] = float((won - lost) / np.sqrt(max(won + lost, 1)))
    figures = {datum: float(flags.mean()) for datum, flags in inside.items()}
    return Evidence(kind="inside", figures=figures, over=over)


def nearness(places: Mapping[str, Floats], streets: Pieces) -> Evidence | None:
    """Compare datums by how near places are to streets.

    Parameters
    ----------
    places
        By datum, the same places in metres; the first datum is the one they are displaced from.
    streets
        The streets.
    """
    first = next(iter(places))
    used = _among(places[first], streets)
    if not used.size or not len(streets):
        return None
    chosen = {datum: xy[used] for datum, xy in places.items()}

    def distances(xy: Floats) -> Floats:
        far: Floats = np.minimum(streets.tree.query(xy, distance_upper_bound=_FAR_M)[0], _FAR_M)
        return far

    def score(xy: Floats) -> float:
        return -float(distances(xy).mean())

    found = {datum: distances(xy) for datum, xy in chosen.items()}
    copies = _copies(chosen, score)
    ordinary = {d for d, m in found.items() if (copies >= -m.mean()).mean() > _EXCEPTIONAL}
    cells = np.unique(np.floor(chosen[first] / _CELL_M), axis=0, return_inverse=True)[1].ravel()
    over = {}
    for one, other in permutations(found, 2):
        nearer = np.sign(found[other] - found[one])
        nearer[np.abs(found[other] - found[one]) < _SAME_M] = 0
        votes = np.sign(np.bincount(cells, nearer))
        advantage = float(votes.sum() / np.sqrt(max(np.abs(votes).sum(), 1)))
        over[one, other] = min(advantage, _WEAK) if one in ordinary else advantage
    figures = {datum: float(np.median(values)) for datum, values in found.items()}
    return Evidence(kind="streets", figures=figures, over=over)


def coincidence(outlines: Mapping[str, Pieces], lines: Pieces) -> Evidence | None:
    """Compare datums by how much of an outline runs along lines of another layer.

    Parameters
    ----------
    outlines
        By datum, the same outline; the first datum is the one it is displaced from.
    lines
        Lines of the other layer.
    """
    if not len(lines):
        return None
    west, south = lines.middles.min(axis=0) - _ALONG_M
    east, north = lines.middles.max(axis=0) + _ALONG_M

    def share(xy: Floats, directions: Floats) -> float:
        inside = (xy[:, 0] > west) & (xy[:, 0] < east) & (xy[:, 1] > south) & (xy[:, 1] < north)
        picked = evenly(np.flatnonzero(inside))
        if not picked.size:
            return 0.0
        _, near = lines.tree.query(xy[picked], k=_NEIGHBOURS, distance_upper_bound=_ALONG_M)
        # what is not found has the number after the last, which is parallel to nothing
        known = np.append(lines.directions, np.nan)
        turned = np.abs(np.sin(known[near] - directions[picked, None]))
        return float((turned < _PARALLEL).any(axis=1).mean())

    first = next(iter(outlines))
    middles = {datum: pieces.middles for datum, pieces in outlines.items()}
    figures = {d: share(pieces.middles, pieces.directions) for d, pieces in outlines.items()}
    directions = outlines[first].directions
    copies = _copies(middles, lambda xy: share(xy, directions))
    scatter = float(copies.std())
    if not scatter:
        return None
    height = {datum: (figure - copies.mean()) / scatter for datum, figure in figures.items()}
    over = {}
    for one, other in permutations(height, 2):
        advantage = float((height[one] - height[other]) / np.sqrt(2))
        ordinary = height[one] < _EXCEPTIONAL_SD
        over[one, other] = min(advantage, _WEAK) if ordinary else advantage
    return Evidence(kind="outlines", figures=figures, over=over)


def _copies(places: Mapping[str, Floats], score: Callable[[Floats], float]) -> Floats:
    """Return the scores of displaced copies of the first datum's places."""
    base, *others = places.values()
    turn = np.linspace(0, 2 * np.pi, _DIRECTIONS, endpoint=False)
    shifts = [np.median(other - base, axis=0) for other in others if len(other) == len(base)]
    scores = []
    for number, radius in enumerate(_RADII):
        # each ring is turned a little, so that no street is followed by all
        for angle in turn + number * 0.13:
            vector = radius * np.array([np.cos(angle), np.sin(angle)])
            if all(np.hypot(*(vector - shift)) > _ALIKE_M for shift in shifts):
                scores.append(score(base + vector))
    return np.array(scores)


def _among(places: Floats, streets: Pieces) -> NDArray[np.intp]:
    """Return the positions of places among the streets, evenly thinned out."""
    if not len(streets):
        return np.empty(0, dtype=np.intp)
    low, high = streets.middles.min(axis=0), streets.middles.max(axis=0)
    return evenly(np.flatnonzero(((places >= low) & (places <= high)).all(axis=1)))


def evenly(positions: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return as many positions as every statistic here needs, evenly thinned out."""
    if len(positions) <= _MOST_PLACES:
        return positions
    chosen = np.linspace(0, len(positions) - 1, _MOST_PLACES).astype(np.intp)
    return positions[chosen]
