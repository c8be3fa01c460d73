"""What goes in, a source a layer, and what comes out, all layers in one metric system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd
    import numpy as np
    import pandas as pd
    import pyproj
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Source:
    """Name where a layer is read from, and what has to be known to read it.

    Parameters
    ----------
    path
        File, absolute or relative to the working folder; of a database, the table's name.
    layer
        Layer of a GeoPackage, sheet of a workbook; by default the only or first fitting one. Table
        of a database, with its schema if need be.
    datum
        Datum of longitudes and latitudes: ``auto``, ``wgs84``, ``cgcs2000``, ``gcj02``, ``bd09``.
        ``auto`` takes them as WGS84, which CGCS2000 equals within a metre, unless streets and other
        layers show clearly that they are not.
    columns
        Header in the file of canonical fields that are not recognised by themselves.
    categories
        Canonical category of words that are not recognised by themselves.
    crs
        Coordinate system, where the file names none or a wrong one: ``EPSG:4490``.
    encoding
        Encoding of the text, where it is neither UTF-8 nor GB18030.
    database
        URL of a PostGIS database without password, empty for files.
    """

    path: Path
    layer: str | None = None
    datum: str = "auto"
    columns: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    crs: str | int | None = None
    encoding: str | None = None
    database: str = ""


@dataclass(frozen=True, kw_only=True)
class AsRead:
    """Keep a layer as its file has it, so that a person finds their own table again.

    Columns about persons are not kept.

    Parameters
    ----------
    headers
        Headers as written, those of several header rows joined by ``/``.
    cells
        One column a header, numbered from 0: text for tables, typed as in the file for vector
        layers. Not a copy where the layer is large.
    rows
        Row that a person sees, one a row of `cells`.
    fields
        Position of the column that each canonical field was read from.
    sheet
        Name of the sheet in a workbook, of the layer in a vector file; empty in a text file.
    """

    headers: tuple[str, ...]
    cells: pd.DataFrame
    rows: NDArray[np.int64]
    fields: Mapping[str, int]
    sheet: str = ""


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
    as_read
        Each layer as its file has it, by name.
    digests
        SHA-256 of the rows of layers that come from a database, by name.
    """

    crs: pyproj.CRS
    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    others: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    as_read: Mapping[str, AsRead] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
