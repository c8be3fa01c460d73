"""Read the streets of an OpenStreetMap extract as a stream."""

from __future__ import annotations

import bz2
import math
import zlib
from array import array
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from coverage.errors import NetworkError
from coverage.layers.location.crs import metric_crs
from coverage.network.filters import STREET_KEY, WayFilter, direction, drive_speed, says_yes
from coverage.network.streets import Streets, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    import pyproj
    from numpy.typing import NDArray

    from coverage.service import Mode

# OSM stores degrees as whole numbers of 1e-7
UNITS_PER_DEGREE = 1e7
# what osmium gives for a node that is not in the file
NO_PLACE = 2**31 - 1
_PACKED_HEAD = 262_144  # bytes: some blocks
_MOST_RATIO = 200  # maps pack 8 to 20 times
_WKB_HEAD = 9  # bytes before the first place: order, kind, count
_DEGREES = 4326

WAY = np.dtype(
    [
        ("id", "<i8"), ("nodes", "<i8"), ("highway", "<i2"), ("walked", "?"), ("driven", "?"),
        ("oneway", "i1"), ("bridge", "?"), ("tunnel", "?"), ("speed_km_h", "<f8"),
    ]
)  # fmt: skip
NODE = np.dtype([("id", "<i8"), ("lon", "<f8"), ("lat", "<f8")])


@dataclass(frozen=True, kw_only=True, eq=False)
class WayRows:
    """Hold ways as they stand in a file: a row a way, and the nodes of all of them in turn.

    Parameters
    ----------
    ways
        Rows of `WAY`; ``nodes`` is how many each has.
    nodes
        Rows of `NODE`; the place of a node that is not in the file is NaN.
    classes
        Values of the tag ``highway``, which ``highway`` counts.
    """

    ways: NDArray[np.void]
    nodes: NDArray[np.void]
    classes: tuple[str, ...]

    def take(self, chosen: NDArray[np.int64]) -> WayRows:
        """Return some of the ways with their nodes, by position."""
        size = self.ways["nodes"]
        own = size[chosen]
        # each way's first node, counted on from there
        first = (np.cumsum(size) - size)[chosen] - (np.cumsum(own) - own)
        nodes = self.nodes[np.repeat(first, own) + np.arange(own.sum())]
        return WayRows(ways=self.ways[chosen], nodes=nodes, classes=self.classes)


@dataclass
class _Gathered:
    """Gather ways while the file streams by: flat arrays of C numbers, not objects."""

    node: array[int] = field(default_factory=lambda: array("q"))
    place: array[float] = field(default_factory=lambda: array("d"))
    size: array[int] = field(default_factory=lambda: array("q"))
    way: array[int] = field(default_factory=lambda: array("q"))
    walked: array[int] = field(default_factory=lambda: array("b"))
    driven: array[int] = field(default_factory=lambda: array("b"))
    highway: array[int] = field(default_factory=lambda: array("h"))
    oneway: array[int] = field(default_factory=lambda: array("b"))
    bridge: array[int] = field(default_factory=lambda: array("b"))
    tunnel: array[int] = field(default_factory=lambda: array("b"))
    speed: array[float] = field(default_factory=lambda: array("d"))
    classes: dict[str, int] = field(default_factory=dict)

    def add(self, way_id: int, tags: Mapping[str, str], *, walked: bool, driven: bool) -> None:
        """Note the tags of a way, and who uses it."""
        highway = tags[STREET_KEY]
        self.way.append(way_id)
        self.walked.append(walked)
        self.driven.append(driven)
        self.highway.append(self.classes.setdefault(highway, len(self.classes)))
        self.oneway.append(direction(tags.get("oneway"), tags.get("junction")))
        self.bridge.append(says_yes(tags.get("bridge")))
        self.tunnel.append(says_yes(tags.get("tunnel")))
        self.speed.append(drive_speed(highway, tags.get("maxspeed")))

    def add_nodes(self, nodes: list[int], places: bytes) -> None:
        """Note the nodes of the way added last, and where they lie."""
        self.node.extend(nodes)
        self.place.frombytes(places)
        self.size.append(len(nodes))

    def rows(self) -> WayRows:
        """Return what was gathered as arrays."""
        ways = np.empty(len(self.way), dtype=WAY)
        ways["id"], ways["nodes"], ways["highway"] = self.way, self.size, self.highway
        ways["walked"], ways["driven"], ways["oneway"] = self.walked, self.driven, self.oneway
        ways["bridge"], ways["tunnel"], ways["speed_km_h"] = self.bridge, self.tunnel, self.speed
        nodes = np.empty(len(self.node), dtype=NODE)
        nodes["id"] = self.node
        nodes["lon"], nodes["lat"] = np.array(self.place).reshape(-1, 2).T
        return WayRows(ways=ways, nodes=nodes, classes=tuple(self.classes))


def _place(location: Any) -> tuple[float, float]:  # noqa: ANN401 - osmium has no types
    if location.x == NO_PLACE:
        return math.nan, math.nan
    return location.x / UNITS_PER_DEGREE, location.y / UNITS_PER_DEGREE


@dataclass(frozen=True, kw_only=True, eq=False)
class OsmWays:
    """Hold the ways of an OSM file that walkers or cars use, read once for both.

    Ways that leave the extract are cut at its edge.

    Parameters
    ----------
    path
        The file.
    node_id, lon, lat
        OSM ids of the nodes, ascending, and their places in degrees.
    u, v, way
        Node at the start and at the end of each edge, and the way that it is part of, as positions.
    way_id
        OSM ids of the ways.
    walked, driven
        Which ways belong to the networks of walkers and of cars.
    highway
        Class of each way, as a position in `classes`.
    classes
        Values of the tag ``highway``.
    oneway
        1 for ways that cars use only forward, -1 only backward, 0 both ways.
    bridge, tunnel
        Whether the way says so.
    speed_km_h
        Speeds of a car.
    """

    path: Path
    node_id: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    u: NDArray[np.int64]
    v: NDArray[np.int64]
    way: NDArray[np.int64]
    way_id: NDArray[np.int64]
    walked: NDArray[np.bool_]
    driven: NDArray[np.bool_]
    highway: NDArray[np.int16]
    classes: tuple[str, ...]
    oneway: NDArray[np.int8]
    bridge: NDArray[np.bool_]
    tunnel: NDArray[np.bool_]
    speed_km_h: NDArray[np.float64]

    def streets(self, mode: Mode, crs: pyproj.CRS | None) -> Streets:
        """Return the streets of a mode's network.

        Parameters
        ----------
        mode
            ``walk`` (one-way streets count both ways) or ``drive``.
        crs
            Metric coordinate system; None chooses one by the extent.

        Raises
        ------
        NetworkError
            If the file has no streets for the mode.
        """
        driving = mode == "drive"
        u, v, way = self._edges(self.driven if driving else self.walked)
        if not way.size:
            raise NetworkError("network.no_streets", path=self.path)
        crs = crs or self._suitable_crs(np.concatenate([u, v]))
        # through geopandas, which keeps its transformers: making one takes a tenth of a second
        places = gpd.points_from_xy(self.lon, self.lat, crs=_DEGREES).to_crs(crs)
        oneway = self.oneway[way] if driving else np.zeros(way.size, dtype=np.int8)
        return clean(
            Streets(
                crs=crs,
                mode=mode,
                x=places.x,
                y=places.y,
                node_id=self.node_id,
                u=u,
                v=v,
                forward=oneway >= 0,
                backward=oneway <= 0,
                speed_km_h=self.speed_km_h[way] if driving else np.full(way.size, np.nan),
                way=self.way_id[way],
                highway=self.highway[way],
                classes=self.classes,
                bridge=self.bridge[way],
                tunnel=self.tunnel[way],
            )
        )

    def lines(self) -> gpd.GeoSeries:
        """Return all edges as lines, in degrees."""
        ends = np.stack([self.u, self.v], axis=1)
        places = np.stack([self.lon[ends], self.lat[ends]], axis=2)
        return gpd.GeoSeries(shapely.linestrings(places), crs=_DEGREES)

    def _edges(
        self, used: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        chosen = used[self.way]
        return self.u[chosen], self.v[chosen], self.way[chosen]

    def _suitable_crs(self, nodes: NDArray[np.int64]) -> pyproj.CRS:
        lon, lat = self.lon[nodes], self.lat[nodes]
        return metric_crs((lon.min(), lat.min(), lon.max(), lat.max()))


def read_osm(path: Path) -> OsmWays:
    """Read the streets of an OSM file.

    Parameters
    ----------
    path
        File ``.osm.pbf``, ``.osm`` or ``.osm.bz2``.

    Raises
    ------
    NetworkError
        If the file cannot be read to its end.
    """
    rows = next(stream_osm(path), _Gathered().rows())
    if rows.nodes.size and rows.nodes["id"].min() < 0:
        rows = _with_added(rows, path)
    return ways_of(rows, path)


def stream_osm(path: Path, at_once: int | None = None) -> Iterator[WayRows]:
    """Yield the streets of an OSM file as they stand in it.

    Parameters
    ----------
    path
        As for `read_osm`.
    at_once
        How many ways at a time; None: all together.

    Raises
    ------
    NetworkError
        If the file cannot be read to its end.
    """
    _refuse_bomb(path)
    gathered = _Gathered()
    walks, drives = WayFilter("walk").keeps, WayFilter("drive").keeps
    places = _places_of_ways()
    try:
        for way in _highways(path):
            tags = way.tags
            walked, driven = walks(tags), drives(tags)
            if walked or driven:
                gathered.add(way.id, tags, walked=walked, driven=driven)
                gathered.add_nodes([node.ref for node in way.nodes], places(way))
                if len(gathered.way) == at_once:
                    yield gathered.rows()
                    gathered = _Gathered(classes=gathered.classes)
    except Exception as fault:  # a damaged file fails anywhere in its reader
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault
    yield gathered.rows()


def _refuse_bomb(path: Path) -> None:
    """Refuse a packed file whose beginning unpacks to far more than any map does."""
    name = path.name.lower()
    if not name.endswith((".bz2", ".gz")):
        return
    with path.open("rb") as file:
        head = file.read(_PACKED_HEAD)
    most = _MOST_RATIO * len(head)
    try:
        if name.endswith(".bz2"):
            unpacked = bz2.BZ2Decompressor().decompress(head, max_length=most)
        else:
            unpacked = zlib.decompressobj(wbits=31).decompress(head, most)
    except (OSError, zlib.error):
        return  # what is damaged is told by the reader of the whole
    if head and len(unpacked) == most:
        raise NetworkError("network.bomb", path=path, ratio=_MOST_RATIO)


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


def _places_of_ways() -> Callable[[Any], bytes]:
    """Return a function that writes the places of a way's nodes, two C doubles each."""
    import osmium  # noqa: PLC0415 - only when an OSM file is read

    write = osmium.geom.WKBFactory().create_linestring

    def places(way: Any) -> bytes:  # noqa: ANN401 - osmium has no types
        try:
            # all places at a time: a look at each node of a city takes seconds
            return bytes.fromhex(write(way, use_nodes=osmium.geom.use_nodes.ALL))[_WKB_HEAD:]
        except (osmium.InvalidLocationError, RuntimeError):
            # nodes that are not in the file, or less than two
            singly = [coordinate for node in way.nodes for coordinate in _place(node.location)]
            return array("d", singly).tobytes()

    return places


def _with_added(rows: WayRows, path: Path) -> WayRows:
    """Place nodes with an editor's own ids, not yet uploaded: osmium's index has none of them."""
    import osmium  # noqa: PLC0415 - only when an OSM file is read

    try:
        added = {
            node.id: _place(node.location)
            for node in osmium.FileProcessor(str(path), osmium.osm.NODE)
            if node.id < 0
        }
    except Exception as fault:  # a damaged file fails anywhere in its reader
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault
    nodes = rows.nodes.copy()
    for position in np.flatnonzero(nodes["id"] < 0):
        node = nodes[position]
        node["lon"], node["lat"] = added.get(int(node["id"]), (np.nan, np.nan))
    return replace(rows, nodes=nodes)


def ways_of(rows: WayRows, path: Path) -> OsmWays:
    """Return ways with their nodes numbered and their edges drawn from one to the next.

    Parameters
    ----------
    rows
        The ways.
    path
        The file that they are of.
    """
    ways, nodes = rows.ways, rows.nodes
    there = ~np.isnan(nodes["lon"])
    node_id, first, found = np.unique(nodes["id"][there], return_index=True, return_inverse=True)
    number = np.full(nodes.size, -1)
    number[there] = found
    way = np.repeat(np.arange(ways.size), ways["nodes"])
    pair = np.flatnonzero((way[1:] == way[:-1]) & there[1:] & there[:-1])
    return OsmWays(
        path=path,
        node_id=node_id,
        lon=nodes["lon"][there][first],
        lat=nodes["lat"][there][first],
        u=number[pair],
        v=number[pair + 1],
        way=way[pair],
        way_id=ways["id"].copy(),
        walked=ways["walked"].copy(),
        driven=ways["driven"].copy(),
        highway=ways["highway"].copy(),
        classes=rows.classes,
        oneway=ways["oneway"].copy(),
        bridge=ways["bridge"].copy(),
        tunnel=ways["tunnel"].copy(),
        speed_km_h=ways["speed_km_h"].copy(),
    )
