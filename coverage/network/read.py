"""Read a street network from a file."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import LayerError, NetworkError
from coverage.layers.files.vectors import PARQUET_SUFFIXES, opened
from coverage.network.graphs import lines_of_graph, streets_of_graph
from coverage.network.lines import COLUMNS, checked_crs, drawn_lines, streets_of_lines
from coverage.network.osm import read_osm
from coverage.network.street_network import StreetNetwork

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd
    import networkx as nx
    import pyproj

    from coverage.network.streets import Streets
    from coverage.service import Mode

OSM_ENDINGS = (".pbf", ".osm", ".osm.bz2", ".osm.gz")


@dataclass(frozen=True, kw_only=True)
class StreetFile:
    """The streets of a file, read once: networks of any mode and coordinate system are made of it.

    Parameters
    ----------
    make
        Makes the streets of a mode in a metric coordinate system, None for one by the extent.
    draw
        Draws the streets, in any coordinate system.
    """

    make: Callable[[Mode, pyproj.CRS | None], Streets]
    draw: Callable[[], gpd.GeoSeries]

    def network(
        self,
        *,
        mode: Mode = "walk",
        min_island: float = 1000.0,
        steps: bool = True,
        crs: pyproj.CRS | str | int | None = None,
    ) -> StreetNetwork:
        """Make a network of the streets.

        Parameters
        ----------
        mode, min_island, steps, crs
            As for `read_network`.

        Raises
        ------
        NetworkError
            If the file holds no streets for the mode.
        """
        streets = self.make(mode, checked_crs(crs))
        return StreetNetwork.from_streets(streets, min_island=min_island, steps=steps)


def read_network(
    path: str | Path,
    *,
    mode: Mode = "walk",
    min_island: float = 1000.0,
    node_crossings: bool = False,
    steps: bool = True,
    crs: pyproj.CRS | str | int | None = None,
) -> StreetNetwork:
    """Read a street network from a file.

    Parameters
    ----------
    path
        An OSM extract (``.osm.pbf``, ``.osm``, ``.osm.bz2``), of which OSMnx's ``walk`` or
        ``drive_service`` network is taken; a graph saved by OSMnx (``.graphml``); or any other
        vector file, all of whose lines count.
    mode
        ``walk`` (one-way streets count both ways) or ``drive``.
    min_island
        Pieces without connection that have fewer metres of streets are left out, save the largest.
    node_crossings
        Whether lines of a vector file that cross without a common vertex meet there.
    steps
        Whether stairs (``highway=steps``) are streets; without them islands may arise.
    crs
        Metric coordinate system of the network; None chooses one by the extent.

    Returns
    -------
    StreetNetwork
        The network, ready for searches.

    Raises
    ------
    NetworkError
        If the file is missing, cannot be read to its end or holds no streets.

    Examples
    --------
    >>> network = read_network("streets.osm.pbf", mode="walk")  # doctest: +SKIP
    """
    # a coordinate system that cannot be used is refused before a large file is read
    metric = checked_crs(crs)
    streets = read_streets(path, node_crossings=node_crossings)
    return streets.network(mode=mode, min_island=min_island, steps=steps, crs=metric)


def read_streets(path: str | Path, *, node_crossings: bool = False) -> StreetFile:
    """Read the streets of a file, for networks of both modes.

    Parameters
    ----------
    path, node_crossings
        As for `read_network`.

    Raises
    ------
    NetworkError
        If the file is missing or cannot be read to its end.
    """
    path = Path(path)
    if not path.is_file() and not path.is_dir():
        raise NetworkError("network.missing_file", path=path)
    name = path.name.lower()
    if name.endswith(OSM_ENDINGS):
        ways = read_osm(path)
        return StreetFile(make=ways.streets, draw=ways.lines)
    if name.endswith(".graphml"):
        graph = _graph(path)
        return StreetFile(
            make=lambda mode, crs: streets_of_graph(graph, mode=mode, crs=crs, source=path),
            draw=lambda: lines_of_graph(graph, path),
        )
    lines = _lines(path)
    return StreetFile(
        make=lambda mode, crs: streets_of_lines(
            lines, mode=mode, node_crossings=node_crossings, crs=crs, source=path
        ),
        draw=lambda: drawn_lines(lines, path),
    )


def _graph(path: Path) -> nx.Graph:
    import networkx as nx  # noqa: PLC0415 - only when a graph is read

    try:
        return nx.read_graphml(path)
    except Exception as fault:  # a damaged file fails anywhere in its reader
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault


def _lines(path: Path) -> gpd.GeoDataFrame:
    try:
        with opened(path, "network") as file, warnings.catch_warnings():
            # GDAL warns of odd files; what it cannot read is refused below
            warnings.simplefilter("ignore")
            return _first_lines(file, path)
    except NetworkError:
        raise
    except LayerError as fault:
        # of tables, which layers may be, streets cannot be made
        key = fault.key.replace("layers.unknown_format", "network.unknown_format")
        raise NetworkError(key, **fault.values) from fault
    except Exception as fault:  # a damaged file fails anywhere in its reader
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault


def _first_lines(file: Path, path: Path) -> gpd.GeoDataFrame:
    """Return the first layer that may hold lines of the file that a path means."""
    import geopandas as gpd  # noqa: PLC0415 - only when a vector file is read
    import pyogrio  # noqa: PLC0415 - only when a vector file is read

    if file.suffix.lower() in PARQUET_SUFFIXES:
        return gpd.read_parquet(file)
    layers = pyogrio.list_layers(file)
    drawn = [name for name, kind in layers if kind is not None and _may_hold_lines(kind)]
    if not drawn:
        raise NetworkError("network.no_lines", source=path)
    return pyogrio.read_dataframe(file, layer=drawn[0], columns=list(COLUMNS))


def _may_hold_lines(kind: str) -> bool:
    return any(word in kind for word in ("Line", "Unknown", "Collection", "Curve"))
