"""Streets of counties that share one big extract: cut once, and each county reads what it needs.

A province's extract is too large for every county to read it whole. It is cut into tiles in one
pass; a county then reads what lies within its extent and as far beyond as anyone may travel and
come back within the longest limit that a table knows.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from coverage.analysis import SENSITIVITY_MINUTES
from coverage.configuration import REQUIRED_LAYERS
from coverage.errors import CoverageError
from coverage.layers import IssueLog, read_layers
from coverage.network import OSM_ENDINGS, StreetFile, cut_into_tiles, read_tiles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coverage.configuration import Configuration
    from coverage.network import OsmWays

    Box = tuple[float, float, float, float]

DRIVING_KM_H = 120.0  # nobody drives faster: what is farther than the limit at this speed is out
# walkers have no use for streets farther beyond: who goes there and comes back walks for hours
WALKING_KM = 10.0
_KM_A_DEGREE = 111.32
_SHORTEST = 0.99  # of a length on a sphere: no projection of ours makes it shorter
_LEAST_MINUTES = 1e-9  # an edge of no length is an edge still


def cut_streets(
    configurations: Sequence[Configuration],
    folder: Path,
    told: Callable[[Path, int], None] | None = None,
) -> dict[Path, Path]:
    """Cut each extract that several counties share into tiles.

    Parameters
    ----------
    configurations
        The counties.
    folder
        Where the tiles go, a subfolder an extract.
    told
        Is told each extract before it is cut, and how many counties share it.

    Returns
    -------
    dict
        By project file, the tiles for it. Counties with an extract of their own, or one that cannot
        be cut, are left out: their own run takes or refuses the file.
    """
    shared: dict[Path, list[Path]] = {}
    for configuration in configurations:
        path = configuration.network.path.resolve()
        if path.name.lower().endswith(OSM_ENDINGS) and path.is_file():
            shared.setdefault(path, []).append(configuration.path)
    cut: dict[Path, Path] = {}
    for number, (path, among) in enumerate(shared.items()):
        if len(among) == 1:
            continue
        if told is not None:
            told(path, len(among))
        if _is_cut(path, folder / f"{number}"):
            cut |= dict.fromkeys(among, folder / f"{number}")
    return cut


def _is_cut(path: Path, folder: Path) -> bool:
    try:
        return cut_into_tiles(path, folder)
    except CoverageError:
        # each county's own run says what is wrong with the file
        return False


def streets_near(configuration: Configuration, tiles: Path) -> StreetFile | None:
    """Read the streets that matter to a county; None where its extent cannot be told.

    Parameters
    ----------
    configuration
        The county.
    tiles
        The extract that it shares with others, cut.

    Raises
    ------
    NetworkError
        If there are no streets.
    """
    minutes = reach_minutes(configuration)
    home = _extent(configuration, minutes / 60 * DRIVING_KM_H)
    if home is None:
        return None
    walk = _wider(home, _walking_km(configuration))
    drive = _wider(home, minutes / 60 * DRIVING_KM_H / 2) if minutes else walk
    ways = read_tiles(tiles, walk=walk, drive=drive)
    if minutes:
        beside = _wider(home, configuration.network.snap_limit / 1000)
        ways = within(ways, beside, minutes / 2)
    return StreetFile(make=ways.streets, draw=ways.lines)


def reach_minutes(configuration: Configuration) -> float:
    """Return the minutes of the longest drive that any table counts; 0 where nobody drives.

    Parameters
    ----------
    configuration
        The county.
    """
    driven = [s.minutes for s in configuration.services.values() if s.mode == "drive"]
    return max(*driven, *SENSITIVITY_MINUTES) if driven else 0.0


def _walking_km(configuration: Configuration) -> float:
    walked = [s.minutes for s in configuration.services.values() if s.mode == "walk"]
    km = max(walked, default=0.0) * 60 * configuration.walking.speed / 1000
    return max(km / 2, configuration.network.min_island / 1000, WALKING_KM)


def _extent(configuration: Configuration, most_km: float) -> Box | None:
    """Return the extent of a county's units and of its facilities not too far away, in degrees."""
    sources, _ = configuration.sources(configuration.year)
    wanted = {name: sources[name] for name in REQUIRED_LAYERS if name in sources}
    try:
        layers = read_layers(wanted, IssueLog(), basis=configuration.population_basis)
    except CoverageError:
        return None
    own = layers.townships.geometry.to_crs(4326).total_bounds
    points = layers.facilities.geometry.dropna().to_crs(4326)
    far = _wider(tuple(own), max(most_km, WALKING_KM))
    near = points.cx[far[0] : far[2], far[1] : far[3]]
    boxes = [own, near.total_bounds] if len(near) else [own]
    west, south = np.min(boxes, axis=0)[:2]
    east, north = np.max(boxes, axis=0)[2:]
    return float(west), float(south), float(east), float(north)


def _wider(box: Box, km: float) -> Box:
    west, south, east, north = box
    tall = km / _KM_A_DEGREE
    high = min(max(abs(south), abs(north)) + tall, 89.0)
    wide = tall / max(math.cos(math.radians(high)), 0.01)
    return (west - wide, south - tall, east + wide, north + tall)


def within(ways: OsmWays, home: Box, minutes: float) -> OsmWays:
    """Leave to cars the ways that they reach from an extent within some minutes.

    Of a drive between two places there, every point is within half its minutes of one of them.

    Parameters
    ----------
    ways
        Streets.
    home
        The extent, in degrees.
    minutes
        Half of the longest drive.
    """
    edge = ways.driven[ways.way]
    u, v, way = ways.u[edge], ways.v[edge], ways.way[edge]
    # whoever stands beside a street may leave it at both of its ends
    start = np.zeros(ways.lon.size, dtype=bool)
    beside = _meets(ways, u, v, home)
    start[u[beside]] = start[v[beside]] = True
    reached = _reached(u, v, _minutes(ways, u, v, way), start, minutes)
    used = np.zeros(ways.driven.size, dtype=bool)
    used[way[reached[u] | reached[v]]] = True
    driven = ways.driven & used
    kept = (ways.walked | driven)[ways.way]
    return replace(ways, driven=driven, u=ways.u[kept], v=ways.v[kept], way=ways.way[kept])


def _meets(
    ways: OsmWays, u: NDArray[np.int64], v: NDArray[np.int64], box: Box
) -> NDArray[np.bool_]:
    west, south, east, north = box
    lon, lat = ways.lon[np.array([u, v])], ways.lat[np.array([u, v])]
    beside = (lon.min(axis=0) <= east) & (lon.max(axis=0) >= west)
    beside &= (lat.min(axis=0) <= north) & (lat.max(axis=0) >= south)
    return np.asarray(beside, dtype=bool)


def _minutes(
    ways: OsmWays, u: NDArray[np.int64], v: NDArray[np.int64], way: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return at least so many minutes as a car takes."""
    north = np.cos(np.radians(np.maximum(np.abs(ways.lat[u]), np.abs(ways.lat[v]))))
    across, along = (ways.lon[v] - ways.lon[u]) * north, ways.lat[v] - ways.lat[u]
    km = np.hypot(across, along) * _KM_A_DEGREE * _SHORTEST
    return np.maximum(km / ways.speed_km_h[way] * 60, _LEAST_MINUTES)


def _reached(
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    minutes: NDArray[np.float64],
    start: NDArray[np.bool_],
    limit: float,
) -> NDArray[np.bool_]:
    # of edges between the same nodes the quickest; one-way streets count both ways, to be sure
    order = np.lexsort((minutes, v, u))
    first = np.ones(order.size, dtype=bool)
    first[1:] = (np.diff(u[order]) != 0) | (np.diff(v[order]) != 0)
    edge = order[first]
    graph = coo_array((minutes[edge], (u[edge], v[edge])), shape=(start.size, start.size))
    away = dijkstra(
        graph.tocsr(),
        directed=False,
        indices=np.flatnonzero(start),
        limit=limit,
        min_only=True,
    )
    return np.asarray(np.isfinite(away), dtype=bool)
