"""Write the layers of a result into one GeoPackage, with what QGIS needs to draw and name them.

References
----------
OGC 12-128r15, GeoPackage Encoding Standard 1.2.1: 2.3 (schema extension), 2.4 (attributes tables).
"""

from __future__ import annotations

import sqlite3
import warnings
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import DataLayerError, DataSourceError, FeatureError

from coverage import texts
from coverage.outputs.folder import written
from coverage.outputs.map_figures import main_service
from coverage.outputs.qgis import column_titles, styles

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import geopandas as gpd

    from coverage.results import Result
    from coverage.service import Service

_FAULTS = (DataSourceError, DataLayerError, FeatureError, sqlite3.Error)
_STYLES = "layer_styles"  # where QGIS looks for them
_GEOMETRY = "geom"
_VERSION = "1.2"  # QGIS of some years ago warns of a later one
_SCHEMA = """
CREATE TABLE gpkg_data_columns (
    table_name TEXT NOT NULL, column_name TEXT NOT NULL, name TEXT, title TEXT, description TEXT,
    mime_type TEXT, constraint_name TEXT,
    CONSTRAINT pk_gdc PRIMARY KEY (table_name, column_name),
    CONSTRAINT gdc_tn UNIQUE (table_name, name)
);
CREATE TABLE gpkg_data_column_constraints (
    constraint_name TEXT NOT NULL, constraint_type TEXT NOT NULL, value TEXT, min NUMERIC,
    min_is_inclusive BOOLEAN, max NUMERIC, max_is_inclusive BOOLEAN, description TEXT,
    CONSTRAINT gdcc_ntv UNIQUE (constraint_name, constraint_type, value)
);
INSERT INTO gpkg_extensions VALUES
    ('gpkg_data_columns', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write'),
    ('gpkg_data_column_constraints', NULL, 'gpkg_schema',
     'http://www.geopackage.org/spec121/#extension_schema', 'read-write');
"""

LAYERS = ("townships", "communities", "demand", "facilities", "service_areas", "gaps")


def write_geopackage(result: Result, path: Path, language: str = "zh") -> None:
    """Write townships, communities, demand, facilities, service areas and gaps.

    Beside the layers stand their styles for QGIS, and titles of their columns.

    Parameters
    ----------
    result
        The result; every layer is written in its metric CRS.
    path
        File to write; it need not be on the disk when this returns.
    language
        Language of styles and titles, ``zh`` or ``en``.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    layers: dict[str, gpd.GeoDataFrame] = {name: getattr(result, name) for name in LAYERS}
    titles = {name: texts.say(f"qgis.layer_{name}", language) for name in LAYERS}
    main = main_service(result)
    services = sorted(result.services, key=lambda service: service != main)
    write_layers(layers, path, titles)
    with _unhurried(), written(path, *_FAULTS):
        pyogrio.write_dataframe(
            _styles(layers, services, language),
            path,
            layer=_STYLES,
            driver="GPKG",
            dataset_options={"VERSION": _VERSION},
            layer_options={"FID": "id"},
        )
    with written(path, *_FAULTS), closing(sqlite3.connect(path)) as database, database:
        database.execute("PRAGMA synchronous = OFF")
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO gpkg_data_columns (table_name, column_name, name, title)"
            " VALUES (?, ?, ?, ?)",
            [
                (layer, column, column, title)
                for layer, frame in layers.items()
                for column, title in column_titles(_columns(frame), services, language).items()
            ],
        )


def write_layers(
    layers: Mapping[str, gpd.GeoDataFrame], path: Path, titles: Mapping[str, str] | None = None
) -> None:
    """Write layers into one GeoPackage.

    Parameters
    ----------
    layers
        Layers by name.
    path
        File to write; it need not be on the disk when this returns.
    titles
        What layers hold, by name.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with _unhurried(), written(path, *_FAULTS), warnings.catch_warnings():
        # rows without a place are written without geometry, on purpose
        warnings.filterwarnings("ignore", message=".*geometry.*", category=UserWarning)
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                _writable(frame),
                path,
                layer=name,
                driver="GPKG",
                geometry_type=_kind(frame),
                dataset_options={"VERSION": _VERSION},
                layer_options={"DESCRIPTION": (titles or {}).get(name, "")},
                use_arrow=True,
            )


@contextmanager
def _unhurried() -> Iterator[None]:
    """Keep SQLite from waiting for the disk after each layer: files are synced all together."""
    option = "OGR_SQLITE_SYNCHRONOUS"
    before = pyogrio.get_gdal_config_option(option)
    pyogrio.set_gdal_config_options({option: "OFF"})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({option: before})


def _styles(
    layers: Mapping[str, gpd.GeoDataFrame], services: Sequence[Service], language: str
) -> pd.DataFrame:
    """Return the styles of all layers as the table that QGIS reads."""
    rows = [
        {
            "f_table_catalog": "",
            "f_table_schema": "",
            "f_table_name": layer,
            "f_geometry_column": _GEOMETRY,
            "styleName": style.name,
            "styleQML": style.qml,
            "styleSLD": "",
            "useAsDefault": style.default,
            "description": texts.say(f"qgis.layer_{layer}", language),
            "owner": "",
            "ui": None,
        }
        for layer, frame in layers.items()
        for style in styles(
            layer,
            _columns(frame),
            "marker" if _kind(frame) == "Point" else "fill",
            services,
            language,
        )
    ]
    # no date of change: the same result gives the same table
    return pd.DataFrame(rows).assign(update_time=pd.Series(dtype="datetime64[ms]"))


def _columns(frame: gpd.GeoDataFrame) -> list[str]:
    return [str(name) for name in frame.columns.drop(frame.geometry.name)]


def _writable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in types that a GeoPackage knows, areas all as multipolygons."""
    plain = frame.copy()
    for column in plain.columns.drop(plain.geometry.name):
        if plain[column].dtype == object or isinstance(plain[column].dtype, pd.StringDtype):
            plain[column] = plain[column].astype(str).where(plain[column].notna(), None)
    geometry = plain.geometry.to_numpy().copy()
    polygons = shapely.get_type_id(geometry) == shapely.GeometryType.POLYGON
    if polygons.any():
        geometry[polygons] = shapely.multipolygons(geometry[polygons][:, np.newaxis])
        plain = plain.set_geometry(geometry, crs=frame.crs)
    return plain


def _kind(frame: gpd.GeoDataFrame) -> str:
    kinds = set(np.unique(shapely.get_type_id(frame.geometry.to_numpy())))
    kinds.discard(shapely.GeometryType.MISSING)
    if kinds == {shapely.GeometryType.POINT}:
        return "Point"
    areas = {shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON}
    return "MultiPolygon" if kinds and kinds <= areas else "Unknown"
