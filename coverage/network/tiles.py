"""One big OSM extract cut into tiles of a quarter degree, so that a county reads those it needs.

The extract streams by once; of it no more than some ways are in memory at a time. A way stands in
each tile that it comes near. What is read back for an extent is what the whole file has there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.errors import NetworkError
from coverage.network.osm import NODE, WAY, OsmWays, WayRows, stream_osm, ways_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    Box = tuple[float, float, float, float]

_DEGREES = 0.25  # a tile's side
_AT_ONCE = 100_000  # ways
_TILED = np.dtype([("number", "<i8"), *((name, WAY[name]) for name in WAY.names or ())])
_INDEX = "tiles.json"
# ways that come near more tiles than this stand in one of their own, which everybody reads
_MOST_TILES = 64
_LONG = (9_999, 9_999)


def cut_into_tiles(path: Path, folder: Path) -> bool:
    """Cut an OSM extract into tiles, and return whether it could be.

    A file that has nodes with an editor's own ids, which are in no index, can only be read whole.

    Parameters
    ----------
    path
        The extract.
    folder
        Where the tiles go; it must not exist.

    Raises
    ------
    NetworkError
        If the file cannot be read to its end.
    """
    folder.mkdir(parents=True)
    before = 0
    classes: tuple[str, ...] = ()
    for rows in stream_osm(path, _AT_ONCE):
        if rows.nodes.size and rows.nodes["id"].min() < 0:
            return False
        _append(rows, before, folder)
        before += rows.ways.size
        classes = rows.classes
    index = {"path": str(path), "classes": classes}
    (folder / _INDEX).write_text(json.dumps(index), encoding="utf-8")
    return True


def read_tiles(folder: Path, *, walk: Box, drive: Box) -> OsmWays:
    """Read the streets of an extent.

    Parameters
    ----------
    folder
        Where `cut_into_tiles` wrote.
    walk, drive
        Extents in degrees, west, south, east and north; ways that come near are there for walkers
        in the first, for cars in the second.

    Raises
    ------
    NetworkError
        If there are no streets.
    """
    index = json.loads((folder / _INDEX).read_text(encoding="utf-8"))
    wide = (*np.minimum(walk, drive)[:2], *np.maximum(walk, drive)[2:])
    tiled, nodes = [], []
    for name in (_name(*_LONG), *_names(wide)):
        if (folder / f"{name}.ways").is_file():
            tiled.append(np.fromfile(folder / f"{name}.ways", dtype=_TILED))
            nodes.append(np.fromfile(folder / f"{name}.nodes", dtype=NODE))
    if not tiled:
        raise NetworkError("network.no_streets", path=index["path"])
    every = np.concatenate(tiled)
    ways = np.empty(every.size, dtype=WAY)
    for name in WAY.names or ():
        ways[name] = every[name]
    rows = WayRows(ways=ways, nodes=np.concatenate(nodes), classes=tuple(index["classes"]))
    # in the file's order, each once
    _, first = np.unique(every["number"], return_index=True)
    return ways_of(_near(rows.take(first), walk, drive), index["path"])


def _near(rows: WayRows, walk: Box, drive: Box) -> WayRows:
    """Leave to walkers and cars the ways near their extents, and drop the others."""
    extents = _extents(rows)
    ways = rows.ways.copy()
    ways["walked"] &= _meets(extents, walk)
    ways["driven"] &= _meets(extents, drive)
    used = np.flatnonzero(ways["walked"] | ways["driven"])
    return replace(rows, ways=ways).take(used)


def _append(rows: WayRows, before: int, folder: Path) -> None:
    """Write ways to the ends of the tiles that they come near."""
    number = before + np.arange(rows.ways.size)
    number, rows = number[rows.ways["nodes"] > 0], rows.take(np.flatnonzero(rows.ways["nodes"]))
    extents = _extents(rows)
    # a way none of whose nodes is in the file lies nowhere
    there = np.flatnonzero(~np.isnan(extents[0]))
    way, column, row = _tiles_of(extents[:, there])
    way = there[way]
    order = np.lexsort((way, row, column))
    ends = np.flatnonzero(np.diff(column[order]) | np.diff(row[order])) + 1
    for own in np.split(order, ends) if order.size else ():
        part = rows.take(way[own])
        tiled = np.empty(own.size, dtype=_TILED)
        tiled["number"] = number[way[own]]
        for name in WAY.names or ():
            tiled[name] = part.ways[name]
        place = _name(int(column[own[0]]), int(row[own[0]]))
        for ending, content in (("ways", tiled), ("nodes", part.nodes)):
            with (folder / f"{place}.{ending}").open("ab") as file:
                content.tofile(file)


def _tiles_of(extents: NDArray[np.float64]) -> tuple[NDArray[np.int64], ...]:
    """Return ways, by position, with column and row of each tile that they come near."""
    west, south, east, north = np.floor(extents / _DEGREES).astype(np.int64)
    wide, high = east - west + 1, north - south + 1
    long = wide * high > _MOST_TILES
    west, south, wide, high = (
        np.where(long, own, axis)
        for own, axis in ((_LONG[0], west), (_LONG[1], south), (1, wide), (1, high))
    )
    count = wide * high
    way = np.repeat(np.arange(count.size), count)
    step = np.arange(way.size) - np.repeat(np.cumsum(count) - count, count)
    return way, west[way] + step % wide[way], south[way] + step // wide[way]


def _extents(rows: WayRows) -> NDArray[np.float64]:
    """Return west, south, east and north of each way; NaN where none of its nodes has a place."""
    if not rows.ways.size:
        return np.empty((4, 0))
    size = rows.ways["nodes"]
    first = np.cumsum(size) - size
    lon, lat = rows.nodes["lon"], rows.nodes["lat"]
    ends = (np.fmin, lon), (np.fmin, lat), (np.fmax, lon), (np.fmax, lat)
    return np.stack([end.reduceat(axis, first) for end, axis in ends])


def _meets(extents: NDArray[np.float64], box: Box) -> NDArray[np.bool_]:
    west, south, east, north = extents
    meets = (west <= box[2]) & (east >= box[0]) & (south <= box[3]) & (north >= box[1])
    return np.asarray(meets, dtype=bool)


def _names(box: Box) -> Iterator[str]:
    west, south, east, north = (int(np.floor(end / _DEGREES)) for end in box)
    for column in range(west, east + 1):
        for row in range(south, north + 1):
            yield _name(column, row)


def _name(column: int, row: int) -> str:
    return f"{column}_{row}"
