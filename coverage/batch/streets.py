"""Cut one big extract into the streets of many counties, in one pass over the file.

A province's extract is too large for every county to read it whole. Each county gets the ways that
come within its own extent and as far beyond as anyone may travel within a limit, complete with
their nodes. Ways go straight to the county's file as they stream by; of nodes only numbers and
places are kept, on disk, until the pass is over.
"""

from __future__ import annotations

import math
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.configuration import REQUIRED_LAYERS
from coverage.errors import CoverageError
from coverage.layers import IssueLog, read_layers
from coverage.network.filters import STREET_KEY
from coverage.network.osm import NO_PLACE, UNITS_PER_DEGREE
from coverage.network.read import OSM_ENDINGS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from coverage.configuration import Configuration

    Box = tuple[float, float, float, float]
    Places = NDArray[np.int64]

DRIVING_KM_H = 120.0  # nobody drives faster: what is farther than the limit at this speed is out
_KM_A_DEGREE = 111.32
_NODE = np.dtype([("id", "<i8"), ("x", "<i4"), ("y", "<i4")])


@dataclass(frozen=True, kw_only=True)
class _Cut:
    """Where the streets of one county go while the file streams by."""

    ways: Any
    nodes: BinaryIO
    folder: Path


def cut_streets(configurations: Sequence[Configuration], folder: Path) -> dict[Path, Path]:
    """Cut each extract that several counties share into one file a county.

    Parameters
    ----------
    configurations
        The counties.
    folder
        Where the cut files go, a subfolder a county.

    Returns
    -------
    dict
        By project file, the streets cut for it. Counties with an extract of their own, whose
        extent cannot be told, or whose extract cannot be read are left out: their own run takes
        or refuses the file.
    """
    shared: dict[Path, list[Configuration]] = {}
    for configuration in configurations:
        path = configuration.network.path.resolve()
        if path.name.lower().endswith(OSM_ENDINGS) and path.is_file():
            shared.setdefault(path, []).append(configuration)
    cut: dict[Path, Path] = {}
    for number, (path, among) in enumerate(shared.items()):
        boxes = {c.path: box for c in among if (box := _extent(c)) is not None}
        if len(among) > 1 and boxes:
            cut |= _cut(path, boxes, folder / f"{number}")
    return cut


def reach_km(configuration: Configuration) -> float:
    """Return how far beyond its units a county's streets can matter for who is covered.

    Parameters
    ----------
    configuration
        The county.
    """
    walk_km_h = configuration.walking.speed * 3.6
    speeds = {"walk": walk_km_h, "drive": DRIVING_KM_H}
    services = configuration.services.values()
    return max((s.minutes / 60 * speeds[s.mode] for s in services), default=0.0)


def _extent(configuration: Configuration) -> Box | None:
    """Return the extent of a county's townships and what is within reach of it, in degrees."""
    sources, _ = configuration.sources(configuration.year)
    wanted = {name: sources[name] for name in REQUIRED_LAYERS if name in sources}
    try:
        layers = read_layers(wanted, IssueLog(), basis=configuration.population_basis)
    except CoverageError:
        return None
    west, south, east, north = layers.townships.geometry.to_crs(4326).total_bounds
    km = reach_km(configuration)
    high = max(abs(south), abs(north))
    tall = km / _KM_A_DEGREE
    wide = tall / max(math.cos(math.radians(min(high, 89.0))), 0.01)
    return (west - wide, south - tall, east + wide, north + tall)


def _cut(path: Path, boxes: Mapping[Path, Box], folder: Path) -> dict[Path, Path]:
    import osmium  # noqa: PLC0415 - only when an OSM file is read

    extents = shapely.STRtree([shapely.box(*box) for box in boxes.values()])
    with ExitStack() as stack:
        cuts = [_begin(osmium, stack, folder / f"{n}") for n in range(len(boxes))]
        try:
            for way in _streets(osmium, path):
                places = [(n.ref, n.location.x, n.location.y) for n in way.nodes]
                if min(places)[0] < 0:
                    # an editor's own ids have no place in osmium's index: such a file stays whole
                    return {}
                _share(way, np.array(places, dtype=np.int64), extents, cuts)
        except (RuntimeError, OSError, UnicodeDecodeError):
            # each county's own run says what is wrong with the file
            return {}
    return {file: _finish(osmium, cut) for file, cut in zip(boxes, cuts, strict=True)}


def _share(way: Any, places: Places, extents: shapely.STRtree, cuts: Sequence[_Cut]) -> None:  # noqa: ANN401
    """Give a way to each county that it comes near; nodes beyond the extract have no place."""
    there = places[places[:, 1] != NO_PLACE]
    if not len(there):
        return
    (west, south), (east, north) = (
        end(there[:, 1:], axis=0) / UNITS_PER_DEGREE for end in (np.min, np.max)
    )
    near = extents.query(shapely.box(west, south, east, north))
    for at in near:
        cuts[at].ways.add_way(way)
        cuts[at].nodes.write(_as_nodes(there))


def _streets(osmium: Any, path: Path) -> Any:  # noqa: ANN401 - osmium has no types
    entities = osmium.osm.NODE | osmium.osm.WAY
    return (
        osmium.FileProcessor(str(path), entities)
        .with_locations()
        .with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        .with_filter(osmium.filter.KeyFilter(STREET_KEY))
    )


def _begin(osmium: Any, stack: ExitStack, folder: Path) -> _Cut:  # noqa: ANN401 - as above
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    ways = osmium.SimpleWriter(str(folder / "ways.osm.pbf"))
    stack.callback(ways.close)
    nodes = stack.enter_context((folder / "nodes.bin").open("wb"))
    return _Cut(ways=ways, nodes=nodes, folder=folder)


def _as_nodes(places: Places) -> bytes:
    rows = np.empty(len(places), dtype=_NODE)
    rows["id"], rows["x"], rows["y"] = places.T
    return rows.tobytes()


def _finish(osmium: Any, cut: _Cut) -> Path:  # noqa: ANN401 - as above
    """Write a county's nodes and then its ways: that is the order in which they are read."""
    rows = np.fromfile(cut.folder / "nodes.bin", dtype=_NODE)
    _, first = np.unique(rows["id"], return_index=True)
    path = cut.folder / "streets.osm.pbf"
    with osmium.SimpleWriter(str(path)) as writer:
        for number, x, y in rows[first].tolist():
            node = osmium.osm.mutable.Node(
                id=number, location=(x / UNITS_PER_DEGREE, y / UNITS_PER_DEGREE)
            )
            writer.add_node(node)
        for way in osmium.FileProcessor(str(cut.folder / "ways.osm.pbf"), osmium.osm.WAY):
            writer.add_way(way)
    for name in ("nodes.bin", "ways.osm.pbf"):
        (cut.folder / name).unlink()
    return path
