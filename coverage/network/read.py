"""Read a street network from a file."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import NetworkError
from coverage.network.graphs import streets_of_graph
from coverage.network.lines import COLUMNS, checked_crs, streets_of_lines
from coverage.network.model import StreetNetwork
from coverage.network.osm import read_osm

if TYPE_CHECKING:
    import geopandas as gpd
    import networkx as nx
    import pyproj

    from coverage.service import Mode

_OSM_ENDINGS = (".pbf", ".osm", ".osm.bz2", ".osm.gz")


def read_network(
    path: str | Path,
    *,
    mode: Mode = "walk",
    min_island: float = 1000.0,
    node_crossings: bool = False,
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
    path = Path(path)
    if not path.is_file() and not path.is_dir():
        raise NetworkError("network.missing_file", path=path)
    metric = checked_crs(crs)
    name = path.name.lower()
    if name.endswith(_OSM_ENDINGS):
        streets = read_osm(path, mode, metric)
    elif name.endswith(".graphml"):
        streets = streets_of_graph(_graph(path), mode=mode, crs=metric, source=path)
    else:
        streets = streets_of_lines(
            _lines(path), mode=mode, node_crossings=node_crossings, crs=metric, source=path
        )
    return StreetNetwork.from_streets(streets, min_island=min_island)


def _graph(path: Path) -> nx.Graph:
    import networkx as nx  # noqa: PLC0415 - only when a graph is read

    try:
        return nx.read_graphml(path)
    except (ET.ParseError, nx.NetworkXError, KeyError, ValueError, OSError) as fault:
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault


def _lines(path: Path) -> gpd.GeoDataFrame:
    import pyogrio  # noqa: PLC0415 - only when a vector file is read

    try:
        layers = pyogrio.list_layers(path)
        drawn = [name for name, kind in layers if kind is not None and _may_hold_lines(kind)]
        if not drawn:
            raise NetworkError("network.no_lines", source=path)
        return pyogrio.read_dataframe(path, layer=drawn[0], columns=list(COLUMNS))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, ValueError) as fault:
        if isinstance(fault, NetworkError):
            raise
        raise NetworkError("network.unreadable", path=path, reason=fault) from fault


def _may_hold_lines(kind: str) -> bool:
    return any(word in kind for word in ("Line", "Unknown", "Collection", "Curve"))
