"""The lie of the land: rivers, reservoirs, hills and the city's outline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, map_coordinates
from scipy.spatial import cKDTree

from coverage.demo.figures import ORIGIN, generator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Points = NDArray[np.float64]

# control points, km east and north of the canvas' middle
_MAIN_KM = (
    (-48, -9), (-41, -6), (-34.5, -1.5), (-28, 4.6), (-21, 7.2), (-15, 6.0), (-9.5, 4.0), (-5, 2.9),
    (0, 2.6), (5, 3.0), (10, 5.4), (15, 7.6), (20, 7.2), (26, 8.8), (31, 13), (38, 17), (48, 19),
)  # fmt: skip
_BRANCH_KM = (
    (14, -46), (13, -38), (7, -31), (5.2, -25), (8.6, -19), (7, -13.5), (3.0, -9.6), (3.4, -5.6),
    (2.0, -2.4), (1.5, 0.4), (1.7, 2.75),
)  # fmt: skip
_RESERVOIRS_KM = (((-14.4, -8.6), 950.0, 0.5), ((3.8, 20.6), 760.0, 1.9))
_CITY_KM = (0.0, 0.75)
CITY_AXES_M = (5900.0, 3500.0)
RASTER_CELL_M = 200.0
_VERTEX_M = 100.0  # between the vertices of a river
_LEVEL_M = 850.0  # up to this distance from the middle of a settlement the ground is level
_RAMP_M = 750.0  # width of the belt in which it passes into the hills
_RASTER_HALF_M = (39_000.0, 37_000.0)


def canvas(km: Any) -> Points:  # noqa: ANN401 - anything numpy takes for coordinates
    """Return eastings and northings of places given in km from the canvas' middle."""
    places: Points = np.asarray(km, dtype=float) * 1000 + np.array(ORIGIN)
    return places


class Waves:
    """A smooth random field: a sum of plane waves, about -1 to 1.

    Parameters
    ----------
    rng
        Source of directions and phases.
    wavelength_m
        Mean wavelength.
    count
        Number of waves.
    """

    def __init__(self, rng: np.random.Generator, wavelength_m: float, count: int = 14) -> None:
        angle = rng.uniform(0, 2 * np.pi, count)
        length = wavelength_m * rng.uniform(0.6, 1.6, count)
        self._k = np.column_stack([np.cos(angle), np.sin(angle)]) * (2 * np.pi / length)[:, None]
        self._phase = rng.uniform(0, 2 * np.pi, count)
        self._scale = np.sqrt(2 / count) / 2

    def __call__(self, xy: Points) -> Points:
        """Return the field at places."""
        field: Points = np.cos((xy - np.array(ORIGIN)) @ self._k.T + self._phase).sum(axis=1)
        scaled: Points = field * self._scale
        return scaled


@dataclass(frozen=True)
class Land:
    """Rivers as centre lines, water as polygons, and the heights of the ground.

    Parameters
    ----------
    main, branch
        Centre lines of the two rivers, vertices every 100 m.
    water
        All water as one geometry; `waters` holds its named parts.
    waters
        Name, kind and polygon of each water.
    heights
        Metres above the sea on the raster, first row in the north.
    """

    main: Points
    branch: Points
    water: Any
    waters: tuple[tuple[str, str, Any], ...]
    heights: NDArray[np.float64]

    def height(self, xy: Points) -> Points:
        """Return the height at places, bilinear between cell centres."""
        west, north = raster_corner()
        column = (xy[:, 0] - west) / RASTER_CELL_M - 0.5
        row = (north - xy[:, 1]) / RASTER_CELL_M - 0.5
        heights: Points = map_coordinates(self.heights, [row, column], order=1, mode="nearest")
        return heights

    def clear_of_water(self, shapes: Any, metres: float) -> NDArray[np.bool_]:  # noqa: ANN401
        """Return which shapes are farther than some metres from any water."""
        # the water is prepared, and a prepared shape goes first
        return np.asarray(~shapely.dwithin(self.water, shapes, metres))

    @property
    def river_lines(self) -> Any:  # noqa: ANN401 - a shapely geometry
        """Return both centre lines as one geometry."""
        lines: Any = [shapely.linestrings(line) for line in (self.main, self.branch)]
        return shapely.multilinestrings(lines)


def raster_corner() -> tuple[float, float]:
    """Return the western and northern edge of the raster."""
    return ORIGIN[0] - _RASTER_HALF_M[0], ORIGIN[1] + _RASTER_HALF_M[1]


def city_norm(xy: Points) -> Points:
    """Return the elliptic distance from the city's middle, 1 on its outline."""
    away = (xy - canvas(_CITY_KM)) / np.array(CITY_AXES_M)
    wobble = 1 + 0.07 * np.sin(3 * np.arctan2(away[:, 1], away[:, 0]) + 0.6)
    norm: Points = np.hypot(away[:, 0], away[:, 1]) / wobble
    return norm


def normals(line: Points) -> Points:
    """Return unit normals of a line at its vertices, pointing left."""
    along = np.gradient(line, axis=0)
    along /= np.hypot(along[:, 0], along[:, 1])[:, None]
    return np.column_stack([-along[:, 1], along[:, 0]])


def _course(km: Any) -> Points:  # noqa: ANN401
    points = canvas(km)
    chord = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    spline = CubicSpline(chord, points)
    fine = spline(np.linspace(0, chord[-1], 4000))
    run = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    even = np.arange(0, run[-1], _VERTEX_M)
    return np.column_stack([np.interp(even, run, fine[:, axis]) for axis in (0, 1)])


def _meander(line: Points, waves: Waves, reach_m: float) -> Points:
    # the river winds in the hills and runs calm through the city
    calm = np.clip((city_norm(line) - 1.3) / 1.2, 0, 1)
    return line + normals(line) * (waves(line) * reach_m * calm)[:, None]


def _ribbon(line: Points, width: Points) -> Any:  # noqa: ANN401 - a shapely geometry
    side = normals(line) * (width / 2)[:, None]
    ring = np.vstack([line + side, (line - side)[::-1]])
    banks: Any = shapely.polygons(ring)
    middle: Any = shapely.linestrings(line)
    return shapely.union(shapely.buffer(banks, 0), shapely.buffer(middle, 60))


def _lake(middle: Points, radius: float, turn: float) -> Any:  # noqa: ANN401
    angle = np.linspace(0, 2 * np.pi, 72, endpoint=False)
    reach = radius * (1 + 0.34 * np.sin(2 * angle + turn) + 0.2 * np.sin(5 * angle + 2 * turn))
    reach += radius * 0.1 * np.sin(9 * angle)
    shore = middle + reach[:, None] * np.column_stack([np.cos(angle), 0.62 * np.sin(angle)])
    return shapely.polygons(shore)


def make_land() -> Land:
    """Draw the rivers, the reservoirs and the raw heights.

    Returns
    -------
    Land
        Heights are not yet levelled around the settlements: see `levelled`.
    """
    rng = generator(1)
    main = _meander(_course(_MAIN_KM), Waves(rng, 9000), 900)
    branch = _meander(_course(_BRANCH_KM), Waves(rng, 5000), 800)
    main_width = 390 + 110 * Waves(rng, 6000)(main)
    branch_width = 195 + 40 * Waves(rng, 4000)(branch)
    river = _ribbon(main, np.clip(main_width, 290, 500))
    arm = shapely.difference(_ribbon(branch, np.clip(branch_width, 150, 240)), river)
    lakes = [_lake(canvas(at), radius, turn) for at, radius, turn in _RESERVOIRS_KM]
    parts = shapely.set_precision(shapely.simplify([river, arm, *lakes], 2.0), 0.01)
    names = (
        ("澄川江", "river"),
        ("墨溪河", "river"),
        ("镜湖水库", "reservoir"),
        ("月亮湖水库", "reservoir"),
    )
    waters = tuple((*name, part) for name, part in zip(names, parts, strict=True))
    water = shapely.union_all(parts)
    shapely.prepare(water)
    return Land(main, branch, water, waters, _raw_heights(rng, main, branch))


def _raster_points() -> tuple[Points, tuple[int, int]]:
    west, north = raster_corner()
    columns = np.arange(west + RASTER_CELL_M / 2, west + 2 * _RASTER_HALF_M[0], RASTER_CELL_M)
    rows = np.arange(north - RASTER_CELL_M / 2, north - 2 * _RASTER_HALF_M[1], -RASTER_CELL_M)
    x, y = np.meshgrid(columns, rows)
    return np.column_stack([x.ravel(), y.ravel()]), x.shape


def _raw_heights(rng: np.random.Generator, main: Points, branch: Points) -> NDArray[np.float64]:
    xy, shape = _raster_points()
    away = cKDTree(np.vstack([main, branch])).query(xy)[0]
    rise = np.clip((away - 500) / 9000, 0, 1) ** 0.8
    # folds run from south-west to north-east
    across = ((xy - np.array(ORIGIN)) @ np.array([0.80, -0.60])) / 1000
    folds = 0.5 + 0.5 * np.cos(across / 1.75 + 1.6 * Waves(rng, 24_000)(xy))
    hills = Waves(rng, 3600, 48)(xy)
    knolls = Waves(rng, 1400, 48)(xy)
    massif = np.exp(-(((xy - canvas((21, -22))) / 13_500) ** 2).sum(axis=1))
    heights = 172 + rise * (150 + 270 * folds + 130 * hills + 45 * knolls + 850 * massif)
    heights += 18 * np.clip((away - 250) / 1200, 0, 1)
    city = np.clip((city_norm(xy) - 1.05) / 0.9, 0, 1)
    heights = np.maximum(180 + (heights - 180) * city, 168)
    return np.asarray(gaussian_filter(heights.reshape(shape), 1.0))


def levelled(land: Land, centres: Points) -> Land:
    """Level the ground around settlements, which stand in small basins.

    Parameters
    ----------
    land
        With raw heights.
    centres
        Middles of villages and towns.

    Returns
    -------
    Land
        The same land with new heights, rounded to whole metres.
    """
    xy, shape = _raster_points()
    away, nearest = cKDTree(centres).query(xy)
    weight = np.clip(1 - (away - _LEVEL_M) / _RAMP_M, 0, 1)
    weight = weight * weight * (3 - 2 * weight)
    heights = land.heights.ravel() * (1 - weight) + land.height(centres)[nearest] * weight
    return Land(land.main, land.branch, land.water, land.waters, np.rint(heights).reshape(shape))
