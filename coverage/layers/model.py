"""What goes in, a source a layer, and what comes out, all layers in one metric system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import pyproj


@dataclass(frozen=True, kw_only=True)
class Source:
    """Name where a layer is read from, and what has to be known to read it.

    Parameters
    ----------
    path
        File, absolute or relative to the working folder.
    layer
        Layer of a GeoPackage, sheet of a workbook; by default the only or first fitting one.
    datum
        Datum of longitudes and latitudes: ``auto``, ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``.
        ``auto`` takes them as WGS84, which CGCS2000 equals within a metre.
    columns
        Header in the file of canonical fields that are not recognised by themselves.
    crs
        Coordinate system, where the file names none or a wrong one: ``EPSG:4490``.
    encoding
        Encoding of the text, where it is neither UTF-8 nor GB18030.
    """

    path: Path
    layer: str | None = None
    datum: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    crs: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, kw_only=True)
class Layers:
    """Hold the layers of a project, tidy and in one metric coordinate system.

    Parameters
    ----------
    crs
        Coordinate system of every layer, in metres.
    townships
        Polygons; one row a code.
    communities
        Polygons, None where only names are known; one row a code.
    facilities
        Points; every input row in its order, faulty ones with ``set_aside``.
    others
        Whatever else was given, by name: demand, buildings, water, barriers, …
    """

    crs: pyproj.CRS
    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    others: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
