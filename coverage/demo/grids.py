"""The street grids of the city and of the towns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.ndimage import gaussian_filter1d

from coverage.demo.figures import TOWNSHIPS, generator
from coverage.demo.land import Waves, canvas, city_norm, normals
from coverage.demo.names import street_names
from coverage.demo.tiles import components, town_radius_m

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from coverage.demo.land import Land

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_BANK_M = 45.0  # no street is nearer to the water, save on bridges
_PARKS_KM = (
    ((-2.3, -0.9), 430.0),
    ((0.2, -2.0), 520.0),
    ((3.9, -0.6), 360.0),
    ((-4.4, 1.6), 300.0),
)
_SETTLED = 0.22  # what the field of settlement must exceed
_MAIN_BRIDGES = (-1750.0, 1900.0)  # metres along the river from its crossing with the branch
_BRANCH_BRIDGES = (-900.0, -2900.0)  # metres south of the main river


@dataclass(frozen=True)
class Way:
    """A line of streets with its OSM tags."""

    xy: Any
    tags: dict[str, str]


@dataclass(frozen=True)
class Grid:
    """Streets of a built-up place, and the middles of its blocks.

    Parameters
    ----------
    ways
        Its streets.
    nodes
        Junctions, to which roads from outside connect.
    blocks
        Middles of built-up blocks.
    size
        Block area, in square metres.
    """

    ways: tuple[Way, ...]
    nodes: Points
    blocks: Points
    size: Points


@dataclass(frozen=True)
class _Lattice:
    xy: Points  # rows x columns x 2
    keep: NDArray[np.bool_]
    right: NDArray[np.bool_]  # edge to the next column stands
    up: NDArray[np.bool_]  # edge to the next row stands


def _clear(lines: Points, land: Land, bank_m: float) -> NDArray[np.bool_]:
    shape = lines.shape[:-2]
    segments = shapely.linestrings(lines.reshape(-1, 2, 2))
    return np.asarray(land.clear_of_water(segments, bank_m)).reshape(shape)


def _edges(xy: Points) -> tuple[Points, Points]:
    right = np.stack([xy[:, :-1], xy[:, 1:]], axis=2)
    up = np.stack([xy[:-1], xy[1:]], axis=2)
    return right, up


def _connected(lattice: _Lattice, anchor: Points, least: int) -> _Lattice:
    # only pieces of some size stay; what hangs loose is dropped
    rows, columns = lattice.keep.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    pairs = np.vstack([
        np.column_stack([index[:, :-1][lattice.right], index[:, 1:][lattice.right]]),
        np.column_stack([index[:-1][lattice.up], index[1:][lattice.up]]),
    ])  # fmt: skip
    label = components(rows * columns, pairs)
    big = np.bincount(label) >= least
    if not big.any():
        away = np.hypot(*(lattice.xy.reshape(-1, 2) - anchor).T)
        big[label[int(np.argmin(away))]] = True
    keep = lattice.keep & big[label].reshape(rows, columns)
    return _Lattice(
        lattice.xy, keep, lattice.right & keep[:, :-1] & keep[:, 1:],
        lattice.up & keep[:-1] & keep[1:],
    )  # fmt: skip


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    # first node and last node of each unbroken run of edges
    padded = np.concatenate([[False], flags, [False]])
    change = np.flatnonzero(padded[1:] != padded[:-1])
    yield from zip(change[::2].tolist(), change[1::2].tolist(), strict=True)


def _blocks(lattice: _Lattice) -> tuple[Points, Points]:
    keep = lattice.keep
    around = keep[:-1, :-1].astype(int) + keep[1:, :-1] + keep[:-1, 1:] + keep[1:, 1:]
    streets = (
        lattice.right[:-1].astype(int) + lattice.right[1:] + lattice.up[:, :-1] + lattice.up[:, 1:]
    )
    built = (around >= 3) & (streets >= 2)  # noqa: PLR2004 - a block, not a corner
    corners = np.stack(
        [lattice.xy[:-1, :-1], lattice.xy[:-1, 1:], lattice.xy[1:, 1:], lattice.xy[1:, :-1]], axis=2
    )[built]
    return corners.mean(axis=1), np.asarray(shapely.area(shapely.polygons(corners)))


def _steps(rng: np.random.Generator, start: float, end: float, short: float, long: float) -> Points:
    steps = np.cumsum(rng.uniform(short, long, 200)) + start
    return steps[steps < end]


def _city_lattice(rng: np.random.Generator, land: Land) -> tuple[_Lattice, Points, int]:
    near = np.flatnonzero(city_norm(land.main) < 1.7)  # noqa: PLR2004 - a margin around the city
    calm = np.column_stack([gaussian_filter1d(land.main[:, axis], 14)[near] for axis in (0, 1)])
    run = np.arange(len(calm)) * 100.0
    zero = run[int(np.argmin(np.hypot(*(calm - land.branch[-1]).T)))]
    columns = _steps(rng, -7300, 7300, 120, 185) + zero
    north = _steps(rng, 110, 3000, 115, 175)
    south = -_steps(rng, 110, 6500, 115, 175)[::-1]
    rows = np.concatenate([south, north])
    side = normals(calm)
    base = np.column_stack([np.interp(columns, run, calm[:, k]) for k in (0, 1)])
    out = np.column_stack([np.interp(columns, run, side[:, k]) for k in (0, 1)])
    xy = base[None] + rows[:, None, None] * out[None]
    flat = xy.reshape(-1, 2)
    bend = np.column_stack([Waves(rng, 2600)(flat), Waves(rng, 2600)(flat)]) * 95
    flat = flat + bend + rng.uniform(-9, 9, flat.shape)
    return _pruned(rng, flat.reshape(xy.shape), land, len(south)), columns - zero, len(south)


def _arterial(count: int, every: int, phase: int) -> NDArray[np.bool_]:
    return np.asarray((np.arange(count) + phase) % every == 0)


def _pruned(rng: np.random.Generator, xy: Points, land: Land, south: int) -> _Lattice:
    rows, columns = xy.shape[:2]
    flat = xy.reshape(-1, 2)
    keep = (city_norm(flat) < 1) & (land.clear_of_water(shapely.points(flat), _BANK_M))
    keep &= Waves(rng, 1700)(flat) + 1.5 - 2.0 * np.clip(city_norm(flat) - 0.55, 0, 1) > _SETTLED
    for park, radius in _PARKS_KM:
        keep &= np.hypot(*(flat - canvas(park)).T) > radius
    keep = keep.reshape(rows, columns)
    right_lines, up_lines = _edges(xy)
    loose = rng.uniform(size=(rows, columns))
    row_main = _arterial(rows, 6, 6 - south % 6)[:, None]
    column_main = _arterial(columns, 6, 2)[None]
    right = keep[:, :-1] & keep[:, 1:] & _clear(right_lines, land, _BANK_M)
    up = keep[:-1] & keep[1:] & _clear(up_lines, land, _BANK_M)
    right &= row_main | (loose[:, :-1] > 0.11)  # noqa: PLR2004 - one edge in nine is missing
    up &= column_main | (loose[:-1] < 0.89)  # noqa: PLR2004
    return _connected(_Lattice(xy, keep, right, up), canvas((0, 0)), 60)


def _city_tags(rng: np.random.Generator, rank: int, name: str) -> dict[str, str]:
    if rank % 12 == 0:
        return {"highway": "primary", "name": name.replace("路", "大道"), "maxspeed": "60"}
    if rank % 6 == 0:
        return {"highway": "secondary", "name": name, "maxspeed": "50"}
    if rank % 3 == 0:
        return {"highway": "tertiary", "name": name, "maxspeed": "40"}
    if rng.uniform() < 0.12:  # noqa: PLR2004 - share of quiet streets
        return {"highway": "living_street", "name": name}
    return {"highway": "residential", "name": name}


def _lattice_ways(
    rng: np.random.Generator, lattice: _Lattice, zero_row: int, names: list[str]
) -> list[Way]:
    ways = []
    rows, columns = lattice.keep.shape
    for row in range(rows):
        tags = _city_tags(rng, row - zero_row, names[row])
        for start, end in _runs(lattice.right[row]):
            ways.append(Way(lattice.xy[row, start : end + 1], dict(tags)))
    for column in range(columns):
        tags = _city_tags(rng, column + 2, names[rows + column])
        for start, end in _runs(lattice.up[:, column]):
            ways.append(Way(lattice.xy[start : end + 1, column], dict(tags)))
    return [_one_way(rng, way) for way in ways]


def _one_way(rng: np.random.Generator, way: Way) -> Way:
    if way.tags["highway"] in {"secondary", "residential"} and rng.uniform() < 0.05:  # noqa: PLR2004
        way.tags["oneway"] = "yes"
    return way


def _alleys(rng: np.random.Generator, lattice: _Lattice, land: Land) -> list[Way]:
    # lanes into the blocks, from the middle of a street to the middle of the block
    ways = []
    kinds = (("service", 0.5), ("footway", 0.78), ("living_street", 0.93), ("steps", 1.01))
    for row, column in np.argwhere(lattice.right[:-1]):
        if rng.uniform() > 0.36:  # noqa: PLR2004 - share of streets with a lane
            continue
        a, b, c = lattice.xy[row, column], lattice.xy[row, column + 1], lattice.xy[row + 1, column]
        start = a + (b - a) * rng.uniform(0.35, 0.65)
        middle = start + (c - a) * rng.uniform(0.35, 0.55) + rng.uniform(-6, 6, 2)
        pick = rng.uniform()
        highway = next(kind for kind, upto in kinds if pick < upto)
        tags = {"highway": highway}
        if highway == "service":
            tags["service"] = "alley"
        line = np.vstack([start, middle])
        if land.clear_of_water(shapely.linestrings(line), _BANK_M / 2):
            ways.append(Way(line, tags))
    for number, way in enumerate(ways[::97]):
        way.tags.update({"access": "private"} if number % 2 else {"foot": "no"})
    return ways


def _bridges(lattice: _Lattice, columns: Points, south: int) -> list[Way]:
    # two columns over the main river, two rows over the branch
    ways = []
    for along in _MAIN_BRIDGES:
        column = int(np.argmin(np.abs(columns - along) + 1e9 * ~lattice.keep[:south].any(axis=0)))
        column = _nearest_open(lattice, column, south)
        low = int(np.flatnonzero(lattice.keep[:south, column])[-1])
        high = south + int(np.flatnonzero(lattice.keep[south:, column])[0])
        ways.append(_bridge(lattice.xy[[low, high], column], "primary"))
    for offset in _BRANCH_BRIDGES:
        row = south - round(-offset / 145)
        kept = np.flatnonzero(lattice.keep[row])
        west = int(kept[columns[kept] < _branch_side(lattice.xy[row], columns)][-1])
        east = int(kept[columns[kept] > columns[west]][0])
        ways.append(_bridge(lattice.xy[row, [west, east]], "secondary"))
    return ways


def _nearest_open(lattice: _Lattice, column: int, south: int) -> int:
    both = lattice.keep[:south].any(axis=0) & lattice.keep[south:].any(axis=0)
    candidates = np.flatnonzero(both)
    return int(candidates[int(np.argmin(np.abs(candidates - column)))])


def _branch_side(row: Points, columns: Points) -> float:
    # the widest step between kept junctions near the branch is the water
    return float(columns[int(np.argmin(np.abs(row[:, 0] - canvas((1.75, 0))[0])))])


def _bridge(ends: Points, highway: str) -> Way:
    return Way(
        ends, {"highway": highway, "bridge": "yes", "layer": "1", "name": "", "maxspeed": "60"}
    )


def make_city(land: Land) -> Grid:
    """Lay out the city's streets along its rivers, with four bridges.

    Parameters
    ----------
    land
        Rivers, which no street crosses but on a bridge.
    """
    rng = generator(4)
    lattice, columns, south = _city_lattice(rng, land)
    names = street_names(sum(lattice.keep.shape), "路街路街路巷")
    ways = _lattice_ways(rng, lattice, south, names) + _alleys(rng, lattice, land)
    bridges = _bridges(lattice, columns, south)
    for bridge, name in zip(bridges, ("澄川一桥", "澄川二桥", "墨溪桥", "墨溪南桥"), strict=True):
        bridge.tags["name"] = name
    blocks, size = _blocks(lattice)
    return Grid((*ways, *bridges), lattice.xy[lattice.keep], blocks, size)


def make_town(position: int, seat: Points, land: Land) -> Grid:
    """Lay out the small grid of a township's seat.

    Parameters
    ----------
    position
        The township.
    seat
        Its middle, where the roads from outside meet.
    land
        Rivers, which no street crosses.
    """
    rng = generator(100 + position)
    radius = town_radius_m(position)
    step = float(np.clip(radius / 4.2, 85, 150))
    half = int(np.ceil(radius / step)) + 1
    axis = np.arange(-half, half + 1) * step
    turn = rng.uniform(0, np.pi)
    frame = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    local = np.stack(np.meshgrid(axis, axis), axis=-1)
    local = local + rng.uniform(-0.13, 0.13, local.shape) * step
    local[..., 1] += 0.00022 * local[..., 0] ** 2  # the main street bends
    local[half, half] = 0
    xy = local @ frame + seat
    away = np.hypot(local[..., 0], 1.5 * local[..., 1])
    keep = away < radius * (1 + 0.2 * Waves(rng, 900)(xy.reshape(-1, 2)).reshape(away.shape))
    flat = shapely.points(xy.reshape(-1, 2))
    keep &= (land.clear_of_water(flat, _BANK_M)).reshape(keep.shape)
    keep[half, half] = True
    right_lines, up_lines = _edges(xy)
    loose = rng.uniform(size=keep.shape)
    right = keep[:, :-1] & keep[:, 1:] & _clear(right_lines, land, _BANK_M)
    up = keep[:-1] & keep[1:] & _clear(up_lines, land, _BANK_M)
    right &= (np.arange(len(axis)) == half)[:, None] | (loose[:, :-1] > 0.16)  # noqa: PLR2004
    up &= (np.arange(len(axis)) == half)[None] | (loose[:-1] < 0.84)  # noqa: PLR2004
    lattice = _connected(_Lattice(xy, keep, right, up), seat, keep.size)
    return _town(rng, lattice, half, TOWNSHIPS[position].name[:2])


def _town(rng: np.random.Generator, lattice: _Lattice, half: int, stem: str) -> Grid:
    ways = []
    for row in range(len(lattice.keep)):
        for start, end in _runs(lattice.right[row]):
            tags = {"highway": "residential"}
            if row == half:
                tags = {"highway": "tertiary", "name": f"{stem}正街", "maxspeed": "40"}
            ways.append(Way(lattice.xy[row, start : end + 1], tags))
    for column in range(len(lattice.keep)):
        for start, end in _runs(lattice.up[:, column]):
            tags = {"highway": "living_street" if rng.uniform() < 0.15 else "residential"}  # noqa: PLR2004
            if column == half:
                tags = {"highway": "tertiary", "name": f"{stem}横街", "maxspeed": "40"}
            ways.append(Way(lattice.xy[start : end + 1, column], tags))
    blocks, size = _blocks(lattice)
    return Grid(tuple(ways), lattice.xy[lattice.keep], blocks, size)
