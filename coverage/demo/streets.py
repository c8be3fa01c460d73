"""The street network as OpenStreetMap has it: shared nodes, ways, tags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import shapely

from coverage.demo.figures import CRS, generator
from coverage.demo.grids import Way
from coverage.demo.tiles import components

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Streets:
    """Nodes and ways.

    Parameters
    ----------
    lonlat
        Longitude and latitude of each node, degrees with 7 decimals.
    xy
        The same in metres.
    ways
        Positions of each way's nodes, and its tags.
    edges
        Pairs of nodes between which people may walk, streets of islands included.
    sites
        Whether a facility may stand beside the edge.
    islands
        Middles of the two islands of streets, the smaller first.
    beyond
        Where two roads end, some way beyond the county's border.
    """

    lonlat: Points
    xy: Points
    ways: tuple[tuple[Positions, dict[str, str]], ...]
    edges: Positions
    sites: NDArray[np.bool_]
    islands: Points
    beyond: Points


_NO_SITE = {"path", "steps", "track", "footway"}


def to_lonlat(xy: Points) -> Points:
    """Return longitude and latitude of places, rounded to the 7 decimals of OpenStreetMap."""
    lon, lat = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True).transform(*xy.T)
    return np.round(np.column_stack([lon, lat]), 7)


def to_metres(lonlat: Points) -> Points:
    """Return eastings and northings of places."""
    x, y = pyproj.Transformer.from_crs(4326, CRS, always_xy=True).transform(*lonlat.T)
    return np.column_stack([x, y])


def beside(ends: Points, share: Points, away: Points) -> Points:
    """Return places beside edges.

    Parameters
    ----------
    ends
        Both ends of each edge, in metres.
    share
        Share of the edge's length at which a place stands.
    away
        Metres from the edge, to its left where positive.
    """
    vector = ends[:, 1] - ends[:, 0]
    along = vector / np.hypot(*vector.T)[:, None]
    xy = ends[:, 0] * (1 - share[:, None]) + ends[:, 1] * share[:, None]
    return xy + np.column_stack([-along[:, 1], along[:, 0]]) * away[:, None]


def make_streets(ways: Sequence[Way], motorway: Sequence[Way], tiles: Tiles, land: Land) -> Streets:
    """Join streets where they meet, drop loose ends, add two islands.

    Parameters
    ----------
    ways
        Streets and roads; those that cross get a junction, save at bridges.
    motorway
        Joined only where its ramps end.
    tiles, land
        Where the islands may lie.
    """
    lines = _noded([Way(np.round(way.xy, 2), way.tags) for way in ways])
    lines = _largest(lines)
    stubs = _stubs(lines, tiles, land)
    islands, middles = _islands(lines, tiles, land)
    extra = [Way(np.round(way.xy, 2), way.tags) for way in motorway]
    beyond = np.vstack([stub.xy[-1] for stub in stubs])
    return _indexed([*lines, *stubs, *islands, *extra], middles, beyond)


def _noded(ways: list[Way]) -> list[Way]:
    # every crossing of two streets becomes a vertex of both
    owner = np.repeat(np.arange(len(ways)), [len(way.xy) - 1 for way in ways])
    segments = np.vstack([np.stack([way.xy[:-1], way.xy[1:]], axis=1) for way in ways])
    place = np.concatenate([np.arange(len(way.xy) - 1) for way in ways])
    lines: Any = shapely.linestrings(segments)
    left, right = shapely.STRtree(lines).query(lines, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    crossing: Any = shapely.intersection(lines[left], lines[right])
    point = shapely.get_type_id(crossing) == 0
    left, right = left[point], right[point]
    at = np.round(shapely.get_coordinates(crossing[point]), 2)
    touch = _touches(ways, lines, owner)
    left, right, at = (
        np.append(left, touch[0]),
        np.append(right, touch[0]),
        np.vstack([at, touch[1]]),
    )
    bridge = np.array(["bridge" in way.tags for way in ways])
    added: dict[int, list[tuple[int, float, float, float]]] = {}
    for one, other in ((left, right), (right, left)):
        inner = (np.abs(segments[one] - at[:, None]).sum(axis=2) > 0.015).all(axis=1)  # noqa: PLR2004
        inner &= ~bridge[owner[one]] & ~bridge[owner[other]]
        run = np.hypot(*(at - segments[one][:, 0]).T)
        for k in np.flatnonzero(inner):
            entry = (int(place[one[k]]), float(run[k]), float(at[k, 0]), float(at[k, 1]))
            added.setdefault(int(owner[one[k]]), []).append(entry)
    return [_with_vertices(way, added.get(k, [])) for k, way in enumerate(ways)]


def _touches(
    ways: list[Way],
    lines: Any,  # noqa: ANN401 - array of lines
    owner: Positions,
) -> tuple[Positions, Points]:
    # ends that stand on another street, but for the rounding of coordinates
    ends = np.vstack([way.xy[[0, -1]] for way in ways])
    whose = np.repeat(np.arange(len(ways)), 2)
    point, segment = shapely.STRtree(lines).query(
        shapely.points(ends), predicate="dwithin", distance=0.02
    )
    other = whose[point] != owner[segment]
    return segment[other], ends[point[other]]


def _with_vertices(way: Way, added: list[tuple[int, float, float, float]]) -> Way:
    if not added:
        return way
    rows = [(k, 0.0, float(x), float(y)) for k, (x, y) in enumerate(way.xy)]
    ordered = np.array([row[2:] for row in sorted(rows + added)])
    fresh = np.append(True, (np.diff(ordered, axis=0) != 0).any(axis=1))
    return Way(ordered[fresh], way.tags)


def _numbered(ways: Sequence[Way]) -> tuple[Points, list[Positions]]:
    stacked = np.vstack([way.xy for way in ways])
    keys = np.rint(to_lonlat(stacked) * 1e7).astype(np.int64)
    _, first, inverse = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    ends = np.cumsum([len(way.xy) for way in ways])[:-1]
    return stacked[first], np.split(np.asarray(inverse).ravel(), ends)


def _largest(ways: list[Way]) -> list[Way]:
    xy, members = _numbered(ways)
    pairs = np.vstack([np.column_stack([nodes[:-1], nodes[1:]]) for nodes in members])
    label = components(len(xy), pairs)
    main = np.bincount(label).argmax()
    return [way for way, nodes in zip(ways, members, strict=True) if label[nodes[0]] == main]


def _stubs(ways: list[Way], tiles: Tiles, land: Land) -> list[Way]:
    # two roads that go on beyond the border, one in the east and one in the north
    county = shapely.coverage_union_all(tiles.polygons)
    major = [w.xy for w in ways if w.tags["highway"] in {"secondary", "tertiary", "unclassified"}]
    nodes = np.vstack(major)
    near = nodes[shapely.distance(shapely.points(nodes), shapely.boundary(county)) < 900]  # noqa: PLR2004
    known = shapely.multilinestrings([shapely.linestrings(way.xy) for way in ways])
    shapely.prepare(known)
    stubs = []
    for heading in (np.array([1.0, 0.1]), np.array([-0.1, 1.0])):
        start = near[np.argsort(-(near @ heading), kind="stable")]
        ends = start + heading / np.hypot(*heading) * 1500
        stretches = shapely.linestrings(np.stack([start + heading * 5, ends], axis=1))
        clear = land.clear_of_water(stretches, 0) & ~shapely.intersects(known, stretches)
        clear &= shapely.distance(shapely.points(ends), county) > 350  # noqa: PLR2004
        first, last = start[clear][0], ends[clear][0]
        line = first + (last - first) * np.linspace(0, 1, 11)[:, None]
        stubs.append(Way(np.round(line, 2), {"highway": "tertiary", "ref": "Y900"}))
    return stubs


def _islands(ways: list[Way], tiles: Tiles, land: Land) -> tuple[list[Way], Points]:
    # two hamlets whose lanes were never joined to the road: 0.7 km and 2.6 km of streets
    rng = generator(6)
    known = shapely.multilinestrings([shapely.linestrings(way.xy) for way in ways])
    shapely.prepare(known)
    edge = shapely.boundary(shapely.coverage_union_all(tiles.polygons))
    rural = np.flatnonzero(~tiles.urban[tiles.community] & (tiles.spacing > 600))  # noqa: PLR2004
    spots = shapely.points(tiles.xy[rural])
    free = np.minimum(shapely.distance(spots, edge), shapely.distance(spots, land.water))
    away = np.where(free > 1300, shapely.distance(spots, known), 0)  # noqa: PLR2004
    order = np.argsort(-away, kind="stable")
    first = tiles.xy[rural[order[0]]]
    far = np.hypot(*(tiles.xy[rural[order]] - first).T) > 8000  # noqa: PLR2004
    second = tiles.xy[rural[order[np.flatnonzero(far)[0]]]]
    drawn = [*_star(rng, first, 3, 225, 1), *_star(rng, second, 4, 215, 3)]
    return drawn, np.vstack([first, second])


def _star(
    rng: np.random.Generator, middle: Points, arms: int, step: float, length: int
) -> list[Way]:
    turn = rng.uniform(0, np.pi)
    ways = []
    for arm in range(arms):
        angle = turn + 2 * np.pi * arm / arms + np.cumsum(rng.uniform(-0.5, 0.5, length))
        steps = np.column_stack([np.cos(angle), np.sin(angle)]) * step
        ways.append(
            Way(np.vstack([middle, middle + np.cumsum(steps, axis=0)]), {"highway": "track"})
        )
    return [Way(np.round(way.xy, 2), way.tags) for way in ways]


def _indexed(ways: list[Way], islands: Points, beyond: Points) -> Streets:
    xy, members = _numbered(ways)
    lonlat = to_lonlat(xy)
    walk = [
        not way.tags["highway"].startswith("motor")
        and way.tags.get("foot") != "no"
        and way.tags.get("access") != "private"
        for way in ways
    ]
    members = [nodes[np.append(True, nodes[1:] != nodes[:-1])] for nodes in members]
    chosen = [(way, nodes) for way, nodes, ok in zip(ways, members, walk, strict=True) if ok]
    edges = np.vstack([np.column_stack([nodes[:-1], nodes[1:]]) for _, nodes in chosen])
    sites = np.repeat(
        [way.tags["highway"] not in _NO_SITE and "bridge" not in way.tags for way, _ in chosen],
        [len(nodes) - 1 for _, nodes in chosen],
    )
    kept = tuple((nodes, way.tags) for way, nodes in zip(ways, members, strict=True))
    return Streets(lonlat, to_metres(lonlat), kept, edges, sites, islands, beyond)


def write_pbf(streets: Streets, path: Any) -> None:  # noqa: ANN401 - a path
    """Write the streets as an OpenStreetMap extract.

    Parameters
    ----------
    streets
        Nodes and ways; ids are positions counted from 1.
    path
        File to write, ``.osm.pbf``.
    """
    import osmium  # noqa: PLC0415 - start-up stays light

    header = osmium.io.Header()
    header.set("generator", "service-coverage-planner demo")
    low, high = streets.lonlat.min(axis=0), streets.lonlat.max(axis=0)
    header.add_box(osmium.osm.Box(*low.tolist(), *high.tolist()))
    with osmium.SimpleWriter(str(path), header=header, overwrite=True) as writer:
        for number, place in enumerate(streets.lonlat.tolist(), start=1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=tuple(place)))
        for number, (nodes, tags) in enumerate(streets.ways, start=1):
            full = {key: value for key, value in tags.items() if value}
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=(nodes + 1).tolist(), tags=full))
