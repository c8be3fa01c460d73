"""Rasters of heights for tests, drawn around the corner of the small networks."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj
import rasterio
from networks import CRS, EAST, NORTH

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def write_raster(
    folder: Path,
    ground: Callable[[Any, Any], Any],
    *,
    name: str = "heights.tif",
    cell: float = 20.0,
    size: int = 200,
    crs: Any = CRS,
) -> Path:
    """Write a square raster around the corner; NaN is no data.

    Parameters
    ----------
    ground
        Height in metres at x, y metres from the corner.
    cell, size
        Metres of a cell, and cells on a side.
    crs
        4326 for degrees, None for none.
    """
    west, north = EAST - cell * size / 2, NORTH + cell * size / 2
    transform = rasterio.Affine(cell, 0, west, 0, -cell, north)
    if crs == 4326:
        to_degrees = pyproj.Transformer.from_crs(CRS, 4326, always_xy=True)
        lon, lat = to_degrees.transform(EAST, NORTH)
        step = cell / 111_000
        transform = rasterio.Affine(step, 0, lon - step * size / 2, 0, -step, lat + step * size / 2)
    column, row = np.meshgrid(np.arange(size) + 0.5, np.arange(size) + 0.5)
    x, y = transform.c + transform.a * column, transform.f + transform.e * row
    if crs == 4326:
        x, y = to_degrees.transform(x, y, direction="INVERSE")
    heights = np.asarray(ground(x - EAST, y - NORTH), dtype=np.float64)
    file = folder / name
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(
            file, "w", driver="GTiff", width=size, height=size, count=1, dtype="float64", crs=crs,
            transform=transform, nodata=np.nan,
        ) as raster:  # fmt: skip
            raster.write(np.broadcast_to(heights, (size, size)), 1)
    return file
