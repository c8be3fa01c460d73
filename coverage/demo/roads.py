"""The roads outside the towns: least-cost paths over the hills, drawn as winding lines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import dijkstra, minimum_spanning_tree
from scipy.spatial import cKDTree

from coverage.demo.figures import CORE, TOWNSHIPS, generator
from coverage.demo.grids import Grid, Way
from coverage.demo.land import Waves, canvas, city_norm
from coverage.demo.tiles import town_radius_m

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_DRY_M = 70.0  # roads keep this distance from water
_LOCAL_M = 16_000.0  # villages farther apart, hills counted, are not neighbours
_STEP_M = 150.0  # between the vertices of a road
_CLASSES = ("primary", "secondary", "tertiary", "unclassified", "track")
_NONE = len(_CLASSES)
_BRIDGES_KM = ((19.2, 7.3, "鹭洲大桥"),)
_BANKS_KM = ((-0.5, 1.2), (-0.5, 3.5), (3.6, 0.2))  # south-west, north, south-east
_MOTORWAY_KM = (
    (-34.5, -8.6), (-29, -6.2), (-23.5, -6.2), (-17, -4.4), (-11.5, -2.6), (-7.6, -4.4), (-3, -6.2),
    (1.5, -6.6), (6, -6.0), (10, -4.6), (15.5, -2.4), (21, -0.6), (27, -0.8), (33.2, 1.0),
)  # fmt: skip
_INTERCHANGES = (0.16, 0.36, 0.62, 0.83)


@dataclass(frozen=True)
class Roads:
    """Roads with their tags.

    Parameters
    ----------
    ways
        Roads and tracks; the motorway joins them only at its ramps.
    motorway
        Carriageways and ramps.
    """

    ways: tuple[Way, ...]
    motorway: tuple[Way, ...]


@dataclass(frozen=True)
class _Ground:
    xy: Points
    pairs: Positions
    cost: Points
    dry: NDArray[np.bool_]
    bridges: tuple[tuple[int, int, str], ...]

    def graph(self, discount: Points | None = None) -> Any:  # noqa: ANN401 - sparse matrix
        cost = self.cost if discount is None else self.cost * discount
        both = np.vstack([self.pairs, self.pairs[:, ::-1]])
        count = len(self.xy)
        return csr_matrix((np.tile(cost, 2), (both[:, 0], both[:, 1])), shape=(count, count))


def _ground(rng: np.random.Generator, tiles: Tiles, land: Land) -> _Ground:
    points = shapely.points(tiles.xy)
    dry = land.clear_of_water(points, _DRY_M)
    lines = shapely.linestrings(tiles.xy[tiles.pairs])
    pairs = tiles.pairs[land.clear_of_water(lines, _DRY_M)]
    bridges = tuple((*_banks(tiles, land, dry, canvas((x, y))), name) for x, y, name in _BRIDGES_KM)
    city = _city_links(tiles, dry)
    pairs = np.vstack([pairs, [bridge[:2] for bridge in bridges], city])
    length = np.hypot(*(tiles.xy[pairs[:, 0]] - tiles.xy[pairs[:, 1]]).T)
    climb = np.abs(np.diff(land.height(tiles.xy)[pairs], axis=1))[:, 0]
    cost = (length + 9 * climb) * rng.uniform(0.85, 1.2, len(pairs))
    return _Ground(tiles.xy, pairs, np.round(cost, 3), dry, bridges)


def _banks(tiles: Tiles, land: Land, dry: NDArray[np.bool_], at: Points) -> tuple[int, int]:
    # the nearest dry cells on both banks of the main river
    river = land.main[np.argsort(np.hypot(*(land.main - at).T), kind="stable")[0]]
    near = np.flatnonzero(dry)[np.argsort(np.hypot(*(tiles.xy[dry] - river).T), kind="stable")[:30]]
    line = shapely.linestrings(land.main)
    first = int(near[0])
    links = shapely.linestrings(
        np.stack([np.repeat(tiles.xy[[first]], len(near), axis=0), tiles.xy[near]], axis=1)
    )
    return first, int(near[np.flatnonzero(shapely.intersects(links, line))[0]])


def _city_links(tiles: Tiles, dry: NDArray[np.bool_]) -> Positions:
    # the grid's own bridges carry the traffic between the three banks of the city
    cells = np.flatnonzero(dry)
    banks = cells[cKDTree(tiles.xy[cells]).query(canvas(_BANKS_KM))[1]]
    return np.array([[banks[0], banks[1]], [banks[0], banks[2]]])


class _Plan:
    """Which links of the ground bear a road, and of what class (the lowest number wins)."""

    def __init__(self, ground: _Ground) -> None:
        self.ground = ground
        self.rank: dict[tuple[int, int], int] = {}

    def add(self, parents: Positions, targets: list[int], rank: int) -> None:
        for target in targets:
            node = target
            while parents[node] >= 0:
                pair = (min(node, int(parents[node])), max(node, int(parents[node])))
                if self.rank.get(pair, _NONE) <= rank and rank > 2:  # noqa: PLR2004 - tertiary
                    break
                self.rank[pair] = min(rank, self.rank.get(pair, _NONE))
                node = int(parents[node])

    def nodes(self) -> list[int]:
        return sorted({node for pair in self.rank for node in pair})

    def graph(self, reuse: float) -> Any:  # noqa: ANN401 - sparse matrix
        count = len(self.ground.xy)
        built = np.array([a * count + b for a, b in self.rank], dtype=np.int64)
        pairs = np.sort(self.ground.pairs, axis=1)
        known = np.isin(pairs[:, 0] * count + pairs[:, 1], built)
        return self.ground.graph(np.where(known, reuse, 1.0))


def _reach(
    graph: Any,  # noqa: ANN401 - sparse matrix
    sources: list[int],
    limit: float = np.inf,
) -> tuple[Points, Positions]:
    distance, parents, _ = dijkstra(
        graph, indices=sources, min_only=True, return_predecessors=True, limit=limit
    )
    return distance, parents.astype(np.int64)


def _backbone(plan: _Plan, seats: list[int]) -> None:
    # highways from the city to every seat, then between seats that lie near one another
    distance, parents = dijkstra(plan.ground.graph(), indices=seats, return_predecessors=True)
    between = distance[:, seats]
    big = sorted(
        (k for k in range(len(seats)) if k not in CORE),
        key=lambda k: -TOWNSHIPS[k].population,
    )
    plan.add(parents[2], [seats[k] for k in big[:5]], 0)
    tree = np.argwhere(minimum_spanning_tree(between).toarray() > 0)
    for a, b in tree.tolist():
        plan.add(_reach(plan.graph(0.55), [seats[a]])[1], [seats[b]], 1)
    straight = np.hypot(*(plan.ground.xy[seats][:, None] - plan.ground.xy[seats][None]).T)
    for a in range(len(seats)):
        graph = plan.graph(0.6)
        reached, parent = _reach(graph, [seats[a]])
        for b in np.argsort(straight[a], kind="stable")[1:5].tolist():
            if reached[seats[b]] > 0.75 * between[a, b] and a not in CORE:
                plan.add(parent, [seats[b]], 1)


def _villages(plan: _Plan, centres: list[int], neighbours: Positions) -> None:
    plan.add(_reach(plan.graph(0.5), plan.nodes())[1], centres, 2)
    tracks, plain = plan.graph(0.45), plan.ground.graph()
    by_first = {a: [b for x, b in neighbours.tolist() if x == a] for a in range(len(centres))}
    for a, others in by_first.items():
        if not others:
            continue
        reached, parent = _reach(tracks, [centres[a]], _LOCAL_M)
        direct = _reach(plain, [centres[a]], _LOCAL_M)[0]
        for b in others:
            if (
                (a + b) % 3
                and np.isfinite(direct[centres[b]])
                and reached[centres[b]] > 0.72 * direct[centres[b]]
            ):
                plan.add(parent, [centres[b]], 3)


def _hamlets(rng: np.random.Generator, plan: _Plan, tiles: Tiles, share: float) -> None:
    known = plan.nodes()
    _, parents = _reach(plan.graph(0.5), known)
    open_land = plan.ground.dry & (city_norm(tiles.xy) > 1.0) & (parents >= 0)
    wanted = np.flatnonzero(open_land & (rng.uniform(size=len(tiles.xy)) < share))
    plan.add(parents, wanted.tolist(), 4)


def _built_up(xy: Points, seats: Points) -> Positions:
    # which grid a place lies in: 0 the city, 1 + k the seat of township k, -1 none
    inside = np.full(len(xy), -1, dtype=np.int64)
    for position, seat in enumerate(seats):
        radius = town_radius_m(position)
        if radius:
            inside[np.hypot(*(xy - seat).T) < 0.8 * radius] = 1 + position
    inside[city_norm(xy) < 0.93] = 0  # noqa: PLR2004 - just inside the city's outline
    return inside


def _chains(rank: dict[tuple[int, int], int], inside: Positions) -> list[tuple[list[int], int]]:
    # unbroken stretches of one class between junctions
    links: dict[int, list[int]] = {}
    for a, b in sorted(rank):
        links.setdefault(a, []).append(b)
        links.setdefault(b, []).append(a)

    def passes(node: int) -> bool:
        if len(links[node]) != 2 or inside[node] >= 0:  # noqa: PLR2004 - an end or a junction
            return False
        return len({rank[(min(node, o), max(node, o))] for o in links[node]}) == 1

    seen: set[tuple[int, int]] = set()
    chains = []
    starts = [node for node in sorted(links) if not passes(node)]
    for start in [*starts, *sorted(links)]:
        for onward in links[start]:
            pair = (min(start, onward), max(start, onward))
            if pair in seen:
                continue
            chain = [start]
            node, following = start, onward
            while True:
                seen.add((min(node, following), max(node, following)))
                chain.append(following)
                if not passes(following) or following == start:
                    break
                ahead = [o for o in links[following] if o != node]
                node, following = following, ahead[0]
            chains.append((chain, rank[pair]))
    return chains


class _Pen:
    """Draws stretches as winding lines that keep off the water."""

    def __init__(self, rng: np.random.Generator, land: Land) -> None:
        self._land = land
        self._sway = Waves(rng, 1150)
        self._bends = Waves(rng, 520)

    def draw(self, corners: Points) -> Points:
        for strength in (1.0, 0.45, 0.0):
            line = self._wind(_smooth(corners), strength)
            if self._land.clear_of_water(shapely.linestrings(line), 12):
                return line
        return corners

    def _wind(self, line: Points, strength: float) -> Points:
        along = np.gradient(line, axis=0)
        length = np.hypot(along[:, 0], along[:, 1])
        side = np.column_stack([-along[:, 1], along[:, 0]]) / np.maximum(length, 1e-9)[:, None]
        run = np.cumsum(length)
        ease = np.clip(np.minimum(run - run[0], run[-1] - run) / 350, 0, 1)
        heights = self._land.height(line)
        steep = np.clip(np.abs(np.gradient(heights)) / np.maximum(length, 1) * 11, 0.4, 1.7)
        reach = (170 * self._sway(line) + 125 * self._bends(line)) * ease * steep * strength
        return np.asarray(line + side * reach[:, None])


def _smooth(corners: Points) -> Points:
    # corners cut twice, ends kept, then vertices at even steps
    line = corners
    for _ in range(2):
        cut = np.empty((2 * len(line) - 2, 2))
        cut[0::2] = 0.75 * line[:-1] + 0.25 * line[1:]
        cut[1::2] = 0.25 * line[:-1] + 0.75 * line[1:]
        line = np.vstack([line[:1], cut[1:-1], line[-1:]])
    run = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    count = max(2, round(run[-1] / _STEP_M) + 1)
    even = np.linspace(0, run[-1], count)
    return np.column_stack([np.interp(even, run, line[:, axis]) for axis in (0, 1)])


def _road_tags(rank: int, number: int, rng: np.random.Generator) -> dict[str, str]:
    tags = {"highway": _CLASSES[rank]}
    if rank == 0:
        return tags | {"ref": f"S{201 + number % 7}", "maxspeed": "70"}
    if rank == 1:
        return tags | {"ref": f"X{110 + number % 60}", "maxspeed": "60"}
    if rank == 2:  # noqa: PLR2004 - tertiary
        return tags | {"ref": f"Y{210 + number % 400:03d}"}
    if rank == _NONE - 1 and rng.uniform() < 0.18:  # noqa: PLR2004 - share of footpaths
        return {"highway": "path"}
    return tags


def make_roads(tiles: Tiles, land: Land, city: Grid, towns: dict[int, Grid]) -> Roads:
    """Lay the roads that link villages, towns and the city, and the tracks to hamlets.

    Parameters
    ----------
    tiles
        Villages and the ground between them.
    land
        Heights, which roads avoid, and water, which they cross only on bridges.
    city, towns
        Grids, to whose junctions the roads connect.
    """
    rng = generator(5)
    ground = _ground(rng, tiles, land)
    plan = _Plan(ground)
    seats = _dry_cells(ground, tiles.seats)
    _backbone(plan, seats)
    centres = _dry_cells(ground, tiles.centres)
    _villages(plan, centres, _touching(tiles))
    _hamlets(rng, plan, tiles, 0.17)
    ways = _drawn(rng, plan, tiles, land, _Anchors(tiles, city, towns))
    return Roads(tuple(ways), tuple(_motorway(ways, land)))


def _dry_cells(ground: _Ground, cells: Positions) -> list[int]:
    dry = np.flatnonzero(ground.dry & np.isin(np.arange(len(ground.xy)), ground.pairs))
    return [int(k) for k in dry[cKDTree(ground.xy[dry]).query(ground.xy[cells])[1]]]


def _touching(tiles: Tiles) -> Positions:
    # neighbouring villages, each pair once
    pairs = np.sort(tiles.community[tiles.pairs], axis=1)
    pairs = np.unique(pairs[pairs[:, 0] != pairs[:, 1]], axis=0)
    rural = ~tiles.urban
    return pairs[rural[pairs[:, 0]] & rural[pairs[:, 1]]]


class _Anchors:
    """Where roads from outside meet the streets of a grid."""

    def __init__(self, tiles: Tiles, city: Grid, towns: dict[int, Grid]) -> None:
        self.inside = _built_up(tiles.xy, tiles.xy[tiles.seats])
        grids = {0: city} | {1 + k: town for k, town in towns.items()}
        self._nodes = {key: grid.nodes for key, grid in grids.items()}
        self._trees = {key: cKDTree(grid.nodes) for key, grid in grids.items()}

    def meet(self, outside: Points, key: int, land: Land) -> Points:
        _away, order = self._trees[key].query(outside, k=min(25, len(self._nodes[key])))
        for node in self._nodes[key][np.atleast_1d(order)]:
            if land.clear_of_water(shapely.linestrings([outside, node]), 25):
                return np.asarray(node)
        return np.asarray(self._nodes[key][np.atleast_1d(order)[0]])


def _eased(
    xy: Points, rank: dict[tuple[int, int], int], fixed: NDArray[np.bool_], land: Land
) -> Points:
    # roads run straighter through their junctions than from cell to cell, but not over water
    pairs = np.array(sorted(rank))
    ranks = np.array([rank[a, b] for a, b in pairs.tolist()])
    both = np.vstack([pairs, pairs[:, ::-1]])
    best = np.full(len(xy), _NONE)
    np.minimum.at(best, both[:, 0], np.tile(ranks, 2))
    main = np.tile(ranks, 2) == best[both[:, 0]]
    count = np.bincount(both[main, 0], minlength=len(xy))
    moves = (count == 2) & ~fixed  # noqa: PLR2004 - the road comes and goes on
    eased = xy
    for _ in range(3):
        middle = np.zeros_like(xy)
        np.add.at(middle, both[main, 0], eased[both[main, 1]])
        middle /= np.maximum(count, 1)[:, None]
        eased = np.where(moves[:, None], 0.45 * eased + 0.55 * middle, eased)
    for _ in range(6):
        wet = ~land.clear_of_water(shapely.linestrings(eased[pairs]), _DRY_M / 2)
        eased[pairs[wet].ravel()] = xy[pairs[wet].ravel()]
    return eased


def _drawn(
    rng: np.random.Generator, plan: _Plan, tiles: Tiles, land: Land, anchors: _Anchors
) -> list[Way]:
    bridges = {(min(a, b), max(a, b)): name for a, b, name in plan.ground.bridges}
    inside = anchors.inside
    outer = {
        pair: rank
        for pair, rank in plan.rank.items()
        if pair not in bridges and (inside[list(pair)] < 0).any()
    }
    pen = _Pen(rng, land)
    xy = _eased(tiles.xy, outer, inside >= 0, land)
    ways = []
    for number, (chain, rank) in enumerate(_chains(outer, inside)):
        corners = xy[chain].copy()
        for end, beside in ((0, 1), (-1, -2)):
            if inside[chain[end]] >= 0:
                corners[end] = anchors.meet(corners[beside], int(inside[chain[end]]), land)
        ways.append(Way(pen.draw(corners), _road_tags(rank, number, rng)))
    for (a, b), name in bridges.items():
        ways += _over(xy[a], xy[b], land, plan.rank.get((a, b), 2), name)
    return ways


def _over(a: Points, b: Points, land: Land, rank: int, name: str) -> list[Way]:
    wet = shapely.intersection(shapely.linestrings([a, b]), shapely.buffer(land.water, 35))
    low, high = shapely.get_coordinates(wet)[[0, -1]]
    tags = {"highway": _CLASSES[min(rank, 1)]}
    bridge = Way(np.array([low, high]), tags | {"bridge": "yes", "layer": "1", "name": name})
    return [Way(np.array([a, low]), dict(tags)), bridge, Way(np.array([high, b]), dict(tags))]


def _motorway(ways: list[Way], land: Land) -> list[Way]:
    middle = _smooth(_smooth(canvas(_MOTORWAY_KM)))
    along = np.gradient(middle, axis=0)
    side = np.column_stack([-along[:, 1], along[:, 0]])
    side *= (14 / np.hypot(side[:, 0], side[:, 1]))[:, None]
    tags = {
        "highway": "motorway",
        "oneway": "yes",
        "maxspeed": "100",
        "ref": "G8X",
        "name": "环澄高速",
    }
    drawn = []
    for line in (middle + side, (middle - side)[::-1]):
        drawn += _spanned(line, tags, land)
    major = np.vstack(
        [w.xy[1:-1] for w in ways if w.tags["highway"] in {"primary", "secondary", "tertiary"}]
    )
    for share in _INTERCHANGES:
        at = int(share * (len(middle) - 1))
        target = major[int(np.argmin(np.hypot(*(major - middle[at]).T)))]
        for line, index in ((middle + side, at), (middle - side, at)):
            ramp = {"highway": "motorway_link", "maxspeed": "40"}
            drawn.append(Way(np.array([line[index], target]), ramp))
    return drawn


def _spanned(line: Points, tags: dict[str, str], land: Land) -> list[Way]:
    # the stretch over water becomes a bridge of its own
    wet = shapely.intersects(
        shapely.linestrings(np.stack([line[:-1], line[1:]], axis=1)), land.water
    )
    spots = np.flatnonzero(wet)
    if not len(spots):
        return [Way(line, dict(tags))]
    first, last = int(spots[0]), int(spots[-1]) + 1
    return [
        Way(line[: first + 1], dict(tags)),
        Way(line[first : last + 1], tags | {"bridge": "yes", "layer": "1", "name": "墨溪河特大桥"}),
        Way(line[last:], dict(tags)),
    ]
