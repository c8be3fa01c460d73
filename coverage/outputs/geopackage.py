"""Write the layers of a result into one GeoPackage."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import pandas as pd
import pyogrio
import shapely

if TYPE_CHECKING:
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
        File to write.
    """
    for name in LAYERS:
        frame: gpd.GeoDataFrame = getattr(result, name)
        with warnings.catch_warnings():
            # rows without a place are written without geometry, on purpose
            warnings.filterwarnings("ignore", message=".*geometry.*", category=UserWarning)
            pyogrio.write_dataframe(
                _writable(frame), path, layer=name, driver="GPKG", geometry_type=_kind(frame)
            )


def _writable(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the frame in types that a GeoPackage knows, areas all as multipolygons."""
    plain = frame.copy()
    for column in plain.columns.drop(plain.geometry.name):
        if plain[column].dtype == object or isinstance(plain[column].dtype, pd.StringDtype):
            plain[column] = plain[column].astype(str).where(plain[column].notna(), None)
    polygons = plain.geometry.geom_type == "Polygon"
    if polygons.any():
        geometry = plain.geometry.to_numpy().copy()
        chosen = polygons.to_numpy()
        geometry[chosen] = [shapely.MultiPolygon([g]) for g in geometry[chosen]]
        plain = plain.set_geometry(geometry, crs=frame.crs)
    return plain


def _kind(frame: gpd.GeoDataFrame) -> str:
    kinds = set(frame.geometry.geom_type.dropna())
    if kinds <= {"Point"}:
        return "Point" if kinds else "Unknown"
    return "MultiPolygon" if kinds <= {"Polygon", "MultiPolygon"} else "Unknown"
