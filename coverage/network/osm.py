"""Read the streets of an OpenStreetMap extract as a stream."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyproj

from coverage.errors import NetworkError
from coverage.layers.crs import metric_crs
from coverage.network.filters import STREET_KEY, WayFilter, direction, drive_speed, says_yes
from coverage.network.streets import Streets, clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from coverage.service import Mode

# OSM stores degrees as whole numbers of 1e-7
_UNITS_PER_DEGREE = 1e7
# what osmium gives for a node that is not in the file
_NO_PLACE = 2**31 - 1


@dataclass
class _Ways:
    """Gather ways while the file streams by: flat arrays of C numbers, not objects."""

    node: array[int] = field(default_factory=lambda: array("q"))
    lon: array[int] = field(default_factory=lambda: array("i"))
    lat: array[int] = field(default_factory=lambda: array("i"))
    size: array[int] = field(default_factory=lambda: array("q"))
    way: array[int] = field(default_factory=lambda: array("q"))
    highway: array[int] = field(default_factory=lambda: array("h"))
    oneway: array[int] = field(default_factory=lambda: array("b"))
    bridge: array[int] = field(default_factory=lambda: array("b"))
    tunnel: array[int] = field(default_factory=lambda: array("b"))
    speed: array[float] = field(default_factory=lambda: array("d"))
    classes: dict[str, int] = field(default_factory=dict)

    def add(self, way_id: int, tags: Mapping[str, str], mode: Mode) -> None:
        """Note the tags of a way."""
        highway = tags[STREET_KEY]
        driven = mode == "drive"
        self.way.append(way_id)
        self.highway.append(self.classes.setdefault(highway, len(self.classes)))
        self.oneway.append(direction(tags.get("oneway"), tags.get("junction")) if driven else 0)
        self.bridge.append(says_yes(tags.get("bridge")))
        self.tunnel.append(says_yes(tags.get("tunnel")))
        self.speed.append(drive_speed(highway, tags.get("maxspeed")) if driven else np.nan)

    def add_nodes(self, nodes: Any) -> None:  # noqa: ANN401 - osmium has no types
        """Note the nodes of the way added last."""
        before = len(self.node)
        for node in nodes:
            self.node.append(node.ref)
            self.lon.append(node.x)
            self.lat.append(node.y)
        self.size.append(len(self.node) - before)


def read_osm(path: Path, mode: Mode, crs: pyproj.CRS | None) -> Streets:
    """Return the streets of an OSM file that belong to a mode's network.

    Streets that leave the extract are cut at its edge.

    Parameters
    ----------
    path
        File ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.
    mode
        ``walk`` or ``drive``.
    crs
        Metric coordinate system; None chooses one by the extent.

    Raises
    ------
    NetworkError
        If the file cannot be read to its end, or has no streets.
    """
    ways = _Ways()
    keep = WayFilter(mode).keeps
    try:
        for way in _highways(path):
            tags = dict(way.tags)
            if keep(tags):
                ways.add(way.id, tags, mode)
                ways.add_nodes(way.nodes)
        added = _negative_nodes(path) if ways.node and min(ways.node) < 0 else {}
    except (RuntimeError, OSError, UnicodeDecodeError) as fault:
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault
    return _streets(ways, added, path, mode, crs)


def _highways(path: Path) -> Iterator[Any]:
    import osmium  # noqa: PLC0415 - only when an OSM file is read

    # all filters run in C++, so that Python sees streets only
    entities = osmium.osm.NODE | osmium.osm.WAY
    return iter(
        osmium.FileProcessor(str(path), entities)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter(STREET_KEY))
    )


def _negative_nodes(path: Path) -> dict[int, tuple[int, int]]:
    # ids below zero are an editor's own, not yet uploaded; osmium's index leaves them out
    import osmium  # noqa: PLC0415 - only when an OSM file is read

    return {
        node.id: (node.location.x, node.location.y)
        for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
        if node.id < 0
    }


def _streets(
    ways: _Ways,
    added: Mapping[int, tuple[int, int]],
    path: Path,
    mode: Mode,
    crs: pyproj.CRS | None,
) -> Streets:
    node = np.frombuffer(ways.node, dtype=np.int64) if ways.node else np.empty(0, np.int64)
    place = np.stack([np.array(ways.lon, np.int64), np.array(ways.lat, np.int64)], axis=1)
    for position in np.flatnonzero(node < 0) if added else ():
        place[position] = added.get(int(node[position]), (_NO_PLACE, _NO_PLACE))
    node_id, first, number = np.unique(node, return_index=True, return_inverse=True)
    way = np.repeat(np.arange(len(ways.way)), np.array(ways.size, dtype=np.int64))
    there = place[:, 0] != _NO_PLACE
    pair = np.flatnonzero((way[1:] == way[:-1]) & there[1:] & there[:-1])
    if not pair.size:
        raise NetworkError("network.no_streets", path=path)
    way = way[pair]
    lon, lat = (place[first] / _UNITS_PER_DEGREE).T
    known = there[first]
    if crs is None:
        crs = metric_crs((lon[known].min(), lat[known].min(), lon[known].max(), lat[known].max()))
    x, y = pyproj.Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    oneway = np.array(ways.oneway, dtype=np.int8)[way]
    return clean(
        Streets(
            crs=crs,
            mode=mode,
            x=x,
            y=y,
            node_id=node_id,
            u=number[pair],
            v=number[pair + 1],
            forward=oneway >= 0,
            backward=oneway <= 0,
            speed_km_h=np.array(ways.speed)[way],
            way=_numbers(ways.way, np.int64)[way],
            highway=_numbers(ways.highway, np.int16)[way],
            classes=tuple(ways.classes),
            bridge=np.array(ways.bridge, dtype=bool)[way],
            tunnel=np.array(ways.tunnel, dtype=bool)[way],
        )
    )


def _numbers(values: array[int], kind: Any) -> NDArray[Any]:  # noqa: ANN401 - a numpy type
    return np.array(values, dtype=kind)
