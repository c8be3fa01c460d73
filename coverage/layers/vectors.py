"""Read vector files: GeoPackage, GeoJSON, shapefile, and whatever else GDAL reads."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj

from coverage.errors import LayerError
from coverage.layers.headers import known_headers, listed
from coverage.layers.raw import Raw, unreadable

if TYPE_CHECKING:
    from coverage.layers.model import Source

_REPLACEMENT = "\ufffd"


def read_vector(source: Source, layer: str) -> Raw:
    """Read a layer of a vector file.

    Taken is the layer that the source names, else one of the planner's own name, else the one whose
    columns are known best. The text of a shapefile without ``.cpg`` is UTF-8 where it is valid,
    else GB18030.

    Raises
    ------
    LayerError
        If the file cannot be read, has no such layer, no features, no coordinate system, or text
        in neither encoding.
    """
    source = replace(source, path=_inner_shapefile(source))
    with warnings.catch_warnings():
        # GDAL warns of odd files; what matters of it is found again in the checks
        warnings.simplefilter("ignore")
        name = _layer_name(source, layer)
        frame = _read(source, layer, name)
    geometry = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    if geometry is not None and not geometry.notna().any():
        geometry = None
    cells = pd.DataFrame(frame.drop(columns="geometry", errors="ignore"))
    return Raw(
        headers=tuple(str(column) for column in cells.columns),
        cells=cells.set_axis(range(cells.shape[1]), axis=1),
        rows=np.arange(1, len(cells) + 1),
        geometry=None if geometry is None else _with_crs(geometry, source, layer),
    )


def _inner_shapefile(source: Source) -> Any:  # noqa: ANN401 - a path, imported for types only
    inside = sorted(source.path.glob("*.shp")) if source.path.is_dir() else []
    return inside[0] if len(inside) == 1 else source.path


def _layer_name(source: Source, layer: str) -> str:
    try:
        names = [str(name) for name, _ in pyogrio.list_layers(source.path)]
    except Exception as error:
        raise unreadable(layer, source.path, error) from error
    if source.layer is not None:
        if source.layer in names:
            return source.layer
        raise LayerError(
            "layers.missing_layer",
            layer=layer,
            path=source.path,
            name=source.layer,
            names=listed(names),
        )
    if not names:
        raise LayerError("layers.empty", layer=layer, path=source.path)
    if layer in names or len(names) == 1:
        return layer if layer in names else names[0]
    return max(names, key=lambda name: _known(source, layer, name))


def _known(source: Source, layer: str, name: str) -> int:
    try:
        fields = pyogrio.read_info(source.path, layer=name)["fields"]
    except Exception:  # noqa: BLE001 - a layer that cannot be read is not the one meant
        return -1
    return known_headers([str(field) for field in fields], layer, source)


def _read(source: Source, layer: str, name: str) -> pd.DataFrame:
    encodings: list[str | None] = [source.encoding]
    if source.path.suffix.lower() == ".shp" and source.encoding is None:
        declared: list[str | None] = [None] if _has_cpg(source) else []
        encodings = [*declared, "UTF-8", "GB18030"]
    for encoding in encodings:
        try:
            frame: pd.DataFrame = pyogrio.read_dataframe(
                source.path, layer=name, encoding=encoding, on_invalid="ignore"
            )
        except (UnicodeDecodeError, LookupError):
            continue
        except Exception as error:
            raise unreadable(layer, source.path, error) from error
        if not _damaged(frame):
            return frame
    raise LayerError("layers.encoding", layer=layer, path=source.path)


def _has_cpg(source: Source) -> bool:
    return any(source.path.with_suffix(suffix).exists() for suffix in (".cpg", ".CPG"))


def _damaged(frame: pd.DataFrame) -> bool:
    if any(_REPLACEMENT in str(column) for column in frame.columns):
        return True
    texts = frame.drop(columns="geometry", errors="ignore").select_dtypes(include=["str"])
    return any(
        texts[column].str.contains(_REPLACEMENT, regex=False).fillna(value=False).any()
        for column in texts.columns
    )


def _with_crs(geometry: gpd.GeoSeries, source: Source, layer: str) -> gpd.GeoSeries:
    if source.crs is not None:
        crs = named_crs(source, layer)
    elif geometry.crs is None:
        raise LayerError("layers.no_crs", layer=layer, path=source.path)
    else:
        crs = geometry.crs
    west, south, east, north = geometry.total_bounds
    if crs.is_geographic and not (-360 <= west <= east <= 360 and -90 <= south <= north <= 90):  # noqa: PLR2004 - degrees
        raise LayerError(
            "layers.not_degrees",
            layer=layer,
            path=source.path,
            crs=crs.to_string(),
            bounds=f"{west:.6g}, {south:.6g}, {east:.6g}, {north:.6g}",
        )
    return geometry.set_crs(crs, allow_override=True)


def named_crs(source: Source, layer: str) -> pyproj.CRS:
    """Return the coordinate system that a source names.

    Raises
    ------
    LayerError
        If there is none of this name.
    """
    try:
        return pyproj.CRS.from_user_input(source.crs)
    except pyproj.exceptions.CRSError as error:
        raise LayerError(
            "layers.unknown_crs", layer=layer, path=source.path, crs=source.crs
        ) from error
