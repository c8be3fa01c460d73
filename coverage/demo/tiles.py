"""The administrative map: one fine tessellation, gathered into communities and townships."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import Voronoi

from coverage.demo.figures import AREA_KM2, CORE_SECTORS, TOWNSHIPS, generator
from coverage.demo.land import CITY_AXES_M, Waves, canvas, city_norm, normals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.demo.land import Land

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_SPACINGS_M = (190.0, 250.0, 330.0, 430.0, 560.0, 760.0)
_HALF_CANVAS_M = (40_000.0, 38_000.0)
_COUNTY_AXES_M = (37_400.0, 35_300.0)
_SIMPLIFY_M = 45.0


@dataclass(frozen=True)
class Tiles:
    """Cells of the tessellation and the units they make up.

    Parameters
    ----------
    xy
        Middle of each cell of the county.
    spacing
        Local distance between cells, in metres.
    pairs
        Neighbouring cells, one row a pair.
    community
        Position of each cell's community.
    of_township
        Position of each community's township.
    urban
        Whether a community is a 社区.
    polygons
        Each community's polygon.
    centres
        Cell at the middle of each community.
    seats
        Cell of each township's seat.
    """

    xy: Points
    spacing: Points
    pairs: Positions
    community: Positions
    of_township: Positions
    urban: NDArray[np.bool_]
    polygons: Any
    centres: Positions
    seats: Positions


def town_radius_m(position: int) -> float:
    """Return the radius of a township's seat, 0 where the seat is the city itself."""
    if position in CORE_SECTORS:
        return 0.0
    township = TOWNSHIPS[position]
    people = township.population * (0.2 + 0.09 * township.urban)
    return float(np.clip(np.sqrt(people / 7500 / np.pi) * 1000, 260, 1500))


def _spacing(xy: Points) -> Points:
    beyond = (city_norm(xy) - 1) * float(np.mean(CITY_AXES_M))
    spacing = _SPACINGS_M[0] + 0.14 * np.clip(beyond, 0, None)
    for position, township in enumerate(TOWNSHIPS):
        radius = town_radius_m(position)
        if radius:
            away = np.hypot(*(xy - canvas(township.seat)).T)
            small = max(210.0, 330 - 25 * township.urban)
            spacing = np.minimum(spacing, small + 0.24 * np.clip(away - radius, 0, None))
    return np.minimum(spacing, _SPACINGS_M[-1])


def _scatter(rng: np.random.Generator, lines: tuple[Points, Points]) -> tuple[Points, Points]:
    places, spacings = [], []
    edges = np.sqrt(np.array(_SPACINGS_M[:-1]) * np.array(_SPACINGS_M[1:]))
    for band, step in enumerate(_SPACINGS_M):
        x = np.arange(-_HALF_CANVAS_M[0], _HALF_CANVAS_M[0], step)
        y = np.arange(-_HALF_CANVAS_M[1], _HALF_CANVAS_M[1], step * np.sqrt(3) / 2)
        grid = np.stack(np.meshgrid(x, y), axis=-1)
        grid[1::2, :, 0] += step / 2
        xy = (
            grid.reshape(-1, 2)
            + rng.uniform(-0.3, 0.3, (grid.size // 2, 2)) * step
            + canvas((0, 0))
        )
        keep = np.searchsorted(edges, _spacing(xy)) == band
        places.append(xy[keep])
        spacings.append(np.full(int(keep.sum()), step))
    xy, spacing = np.vstack(places), np.concatenate(spacings)
    courses: Any = [shapely.linestrings(line) for line in lines]
    rivers = shapely.multilinestrings(courses)
    shapely.prepare(rivers)
    reach: Any = 0.75 * spacing
    clear = ~shapely.dwithin(rivers, shapely.points(xy), reach)
    banks = [_bank_points(line) for line in lines]
    xy = np.vstack([xy[clear], *[bank[0] for bank in banks]])
    return xy, np.concatenate([spacing[clear], *[bank[1] for bank in banks]])


def _bank_points(line: Points) -> tuple[Points, Points]:
    # pairs mirrored at the river, so that borders follow it
    spacing = _spacing(line)
    along = np.cumsum(100 / (0.9 * spacing))
    picked = np.flatnonzero(np.diff(np.floor(along)) > 0)
    side = normals(line)[picked] * (0.42 * spacing[picked])[:, None]
    return np.vstack([line[picked] + side, line[picked] - side]), np.tile(spacing[picked], 2)


def _cells(rng: np.random.Generator, xy: Points) -> tuple[Any, Positions]:
    voronoi = Voronoi(xy)
    corners = np.round(voronoi.vertices, 2)
    sides = _frayed(rng, corners, voronoi.ridge_vertices)
    polygons = np.full(len(xy), None, dtype=object)
    for cell, region in enumerate(voronoi.point_region):
        ring = voronoi.regions[region]
        if -1 in ring or not ring:
            continue
        polygons[cell] = shapely.polygons(_outline(ring, corners, sides))
    return polygons, voronoi.ridge_points.astype(np.int64)


def _frayed(
    rng: np.random.Generator, corners: Points, ridges: list[list[int]]
) -> dict[tuple[int, int], Points]:
    # inner vertices of each side, displaced: borders look grown, and both neighbours share them
    ends = np.sort(np.array(ridges), axis=1)
    ends = ends[ends[:, 0] >= 0]
    along = corners[ends[:, 1]] - corners[ends[:, 0]]
    count = (np.hypot(along[:, 0], along[:, 1]) // 150).astype(np.int64)
    side = np.repeat(np.arange(len(ends)), count)
    first = np.cumsum(count) - count
    share = (np.arange(len(side)) - first[side] + 1) / (count[side] + 1)
    sway = rng.uniform(-0.2, 0.2, len(side)) / (count[side] + 1)
    across = np.column_stack([-along[:, 1], along[:, 0]])[side] * sway[:, None]
    inner = np.round(corners[ends[side, 0]] + along[side] * share[:, None] + across, 2)
    parts = np.split(inner, first[1:])
    return dict(zip(map(tuple, ends.tolist()), parts, strict=True))


def _outline(ring: list[int], corners: Points, sides: dict[tuple[int, int], Points]) -> Points:
    parts = []
    for a, b in zip(ring, [*ring[1:], ring[0]], strict=True):
        inner = sides[(min(a, b), max(a, b))]
        parts += [corners[[a]], inner if a < b else inner[::-1]]
    return np.vstack(parts)


def _inside_county(
    rng: np.random.Generator, xy: Points, areas: Points, pairs: Positions
) -> NDArray[np.bool_]:
    away = (xy - canvas((0, -0.6))) / np.array(_COUNTY_AXES_M)
    angle = np.arctan2(away[:, 1], away[:, 0])
    lobes = np.zeros(len(xy))
    for petals, reach in ((2, 0.09), (3, 0.10), (5, 0.08), (7, 0.05), (11, 0.03)):
        lobes += reach * np.sin(petals * angle + rng.uniform(0, 2 * np.pi))
    norm = np.hypot(away[:, 0], away[:, 1]) * (1 + lobes + 0.07 * Waves(rng, 7000)(xy))
    order = np.argsort(norm, kind="stable")
    aim = AREA_KM2 * 1e6
    while True:
        inside = np.zeros(len(xy), dtype=bool)
        inside[order[: int(np.searchsorted(np.cumsum(areas[order]), aim))]] = True
        label = components(len(xy), pairs[inside[pairs].all(axis=1)])
        inside &= label == np.bincount(label).argmax()
        missing = AREA_KM2 * 1e6 - areas[inside].sum()
        if missing < 1e6:  # noqa: PLR2004 - less than a square kilometre
            return inside
        aim += missing


def _graph(count: int, pairs: Positions, costs: Points) -> Any:  # noqa: ANN401 - sparse matrix
    both = np.vstack([pairs, pairs[:, ::-1]])
    return csr_matrix((np.tile(costs, 2), (both[:, 0], both[:, 1])), shape=(count, count))


def _regions(graph: Any, seeds: Positions, head_start: Points) -> Positions:  # noqa: ANN401
    # every cell joins the seed it reaches first; one extra node starts all seeds
    count = graph.shape[0]
    starts = csr_matrix(
        (head_start + 1e-6, (np.full(len(seeds), count), seeds)), shape=(count + 1, count + 1)
    )
    grown = graph.copy()
    grown.resize((count + 1, count + 1))
    parent = dijkstra(grown + starts, indices=count, return_predecessors=True)[1][:count]
    label = np.full(count + 1, -1, dtype=np.int64)
    label[seeds] = np.arange(len(seeds))
    root = np.where(parent == count, np.arange(count), parent)
    root = np.append(root, count)
    while not np.array_equal(root, root[root]):
        root = root[root]
    return np.asarray(label[root[:count]])


def _fitted(graph: Any, seeds: Positions, sizes: Points, aims: Points, rounds: int) -> Positions:  # noqa: ANN401
    # seeds start earlier or later until the regions have the sizes aimed at
    head_start = np.zeros(len(seeds))
    best, best_miss = _regions(graph, seeds, head_start), np.inf
    for _ in range(rounds):
        label = _regions(graph, seeds, head_start)
        got = np.bincount(label, sizes, minlength=len(seeds))
        miss = float(np.abs(got / aims - 1).max())
        if miss < best_miss:
            best, best_miss = label, miss
        head_start = head_start + 0.5 * (got - aims) / (2 * np.sqrt(np.pi * aims))
        head_start -= head_start.min()
    return best


def _communities(
    graph: Any,  # noqa: ANN401 - sparse matrix
    xy: Points,
    count: int,
) -> tuple[Positions, Positions]:
    seeds = np.array([int(np.argmin(np.hypot(*(xy - xy.mean(axis=0)).T)))])
    while len(seeds) < count:
        away = dijkstra(graph, indices=seeds, min_only=True)
        seeds = np.append(seeds, int(np.argmax(away)))
    sizes, aims = np.ones(len(xy)), np.full(count, len(xy) / count)
    for _ in range(7):
        label = _fitted(graph, seeds, sizes, aims, 4)
        seeds = _middles(xy, label, count)
    return _fitted(graph, seeds, sizes, aims, 18), seeds


def _middles(xy: Points, label: Positions, count: int) -> Positions:
    middles = np.empty(count, dtype=np.int64)
    for region in range(count):
        members = np.flatnonzero(label == region)
        away = np.hypot(*(xy[members] - xy[members].mean(axis=0)).T)
        middles[region] = members[int(np.argmin(away))]
    return middles


def make_tiles(land: Land) -> Tiles:
    """Tile the county with communities; communities tile townships.

    Parameters
    ----------
    land
        Its rivers attract borders.

    Returns
    -------
    Tiles
        Communities in the order of townships, 社区 before 村, nearest to the seat first.
    """
    rng = generator(2)
    xy, spacing = _scatter(rng, (land.main, land.branch))
    polygons, pairs = _cells(rng, xy)
    areas = np.where(shapely.is_missing(polygons), 1e12, shapely.area(polygons))
    inside = _inside_county(rng, xy, areas, pairs)
    number = np.cumsum(inside) - 1
    pairs = number[pairs[inside[pairs].all(axis=1)]]
    xy, spacing, polygons, areas = xy[inside], spacing[inside], polygons[inside], areas[inside]
    length = np.hypot(*(xy[pairs[:, 0]] - xy[pairs[:, 1]]).T)
    links = shapely.linestrings(np.stack([xy[pairs[:, 0]], xy[pairs[:, 1]]], axis=1))
    rivers = land.river_lines
    shapely.prepare(rivers)
    crossing = shapely.intersects(rivers, links)
    rough = length * rng.uniform(0.75, 1.3, len(pairs)) + 200_000 * crossing
    graph = _graph(len(xy), pairs, rough)
    seats = np.array([int(np.argmin(np.hypot(*(xy - canvas(t.seat)).T))) for t in TOWNSHIPS])
    aims = np.array([t.area_km2 for t in TOWNSHIPS])
    township = _fitted(graph, seats, areas, aims / aims.sum() * areas.sum(), 50)
    local = _graph(len(xy), pairs, length / spacing[pairs].mean(axis=1) + 300.0 * crossing)
    return _gather(xy, spacing, pairs, township, seats, polygons, local)


def _gather(
    xy: Points,
    spacing: Points,
    pairs: Positions,
    township: Positions,
    seats: Positions,
    cells: Any,  # noqa: ANN401 - array of polygons
    graph: Any,  # noqa: ANN401 - sparse matrix
) -> Tiles:
    community = np.full(len(xy), -1, dtype=np.int64)
    of_township: list[int] = []
    urban: list[bool] = []
    centres: list[int] = []
    for position, unit in enumerate(TOWNSHIPS):
        members = np.flatnonzero(township == position)
        label, middle = _communities(
            graph[members][:, members], xy[members], unit.urban + unit.rural
        )
        order = _town_first(xy[members], label, position, unit.urban)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        community[members] = place[label] + len(of_township)
        centres += members[middle[order]].tolist()
        of_township += [position] * len(order)
        urban += [rank < unit.urban for rank in range(len(order))]
    merged = np.array(
        [shapely.coverage_union_all(cells[community == c]) for c in range(len(of_township))]
    )
    merged = shapely.get_geometry(shapely.coverage_simplify(merged, _SIMPLIFY_M), 0)
    return Tiles(
        xy, spacing, pairs, community, np.array(of_township), np.array(urban),
        merged, np.array(centres), seats,
    )  # fmt: skip


def _town_first(xy: Points, label: Positions, position: int, urban: int) -> Positions:
    # 社区 are where the town is; within 社区 and 村 the nearest to the seat comes first
    count = int(label.max()) + 1
    seat = canvas(TOWNSHIPS[position].seat)
    norm = city_norm(xy) if position in CORE_SECTORS else np.hypot(*(xy - seat).T) / 1000
    townness = np.bincount(label, norm, minlength=count) / np.bincount(label, minlength=count)
    away = np.hypot(*(xy - seat).T)
    away = np.bincount(label, away, minlength=count) / np.bincount(label, minlength=count)
    is_urban = np.zeros(count, dtype=bool)
    is_urban[np.argsort(townness, kind="stable")[:urban]] = True
    return np.lexsort([away, ~is_urban])


def components(count: int, pairs: Positions) -> Positions:
    """Return the connected component of each node of a graph of pairs."""
    graph = _graph(count, pairs, np.ones(len(pairs)))
    _, component = connected_components(graph, directed=False)
    return np.asarray(component, dtype=np.int64)
