"""Write the layers of a result into one GeoPackage."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyogrio
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import geopandas as gpd

    from coverage.results import Result

LAYERS = ("townships", "communities", "demand", "facilities", "service_areas", "gaps")


def write_geopackage(result: Result, path: Path) -> None:
    """Write townships, communities, demand, facilities, service areas and gaps.

    Parameters
    ----------
    result
        The result; every layer is written in its metric CRS.
    path
        File to write; it need not be on the disk when this returns.
    """
    write_layers({name: getattr(result, name) for name in LAYERS}, path)


def write_layers(layers: Mapping[str, gpd.GeoDataFrame], path: Path) -> None:
    """Write layers into one GeoPackage.

    Parameters
    ----------
    layers
        Layers by name.
    path
        File to write; it need not be on the disk when this returns.
    """
    with _unhurried(), warnings.catch_warnings():
        # rows without a place are written without geometry, on purpose
        warnings.filterwarnings("ignore", message=".*geometry.*", category=UserWarning)
        for name, frame in layers.items():
            pyogrio.write_dataframe(
                _writable(frame),
                path,
                layer=name,
                driver="GPKG",
                geometry_type=_kind(frame),
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
