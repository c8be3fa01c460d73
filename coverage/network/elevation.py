"""Heights of the ground from an elevation raster, read window by window."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyproj

from coverage.errors import NetworkError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# cells on either side of a window: with the four neighbours of a place, two megabytes
_WINDOW_CELLS = 512
_TIFF_SUFFIXES = (".tif", ".tiff")
_TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")  # small and big, of either byte order
# between the shore of the Dead Sea and the top of Everest
_LOWEST_M, _HIGHEST_M = -500.0, 9000.0


class Elevation:
    """Tell heights of places from a raster, however large: only windows with places are read.

    Parameters
    ----------
    path
        The raster, for instance a GeoTIFF; its first band holds heights in metres.
    crs
        Coordinate system of a raster that does not name its own.

    Raises
    ------
    NetworkError
        If the file is missing, is no raster, or has no coordinate system.
    """

    def __init__(self, path: str | Path, *, crs: pyproj.CRS | str | int | None = None) -> None:
        self.path = Path(path)
        if not self.path.exists():
            raise NetworkError("network.missing_raster", path=self.path)
        from rasterio.errors import RasterioError  # noqa: PLC0415 - only with elevation

        with self._opened() as raster:
            # most DEMs are drawn in degrees or in another zone than the streets
            unplaced = raster.transform.is_identity or raster.crs is None
            if raster.transform.is_degenerate or (unplaced and crs is None):
                raise NetworkError("network.raster_without_crs", path=self.path)
            try:
                self.crs = pyproj.CRS(crs if raster.crs is None else raster.crs.to_wkt())
            except (pyproj.exceptions.CRSError, RasterioError) as fault:
                raise NetworkError("network.raster_without_crs", path=self.path) from fault

    def heights(self, x: Floats, y: Floats, crs: pyproj.CRS) -> Floats:
        """Return the heights of places, bilinear between the middles of the four cells around.

        Within half a cell of the raster's border the middles of the outermost cells go on.

        Parameters
        ----------
        x, y
            Places.
        crs
            Their coordinate system.

        Returns
        -------
        ndarray
            Metres; NaN outside the raster, and where one of the cells has no data.

        Raises
        ------
        NetworkError
            If the raster cannot be read to its end.
        """
        to_raster = pyproj.Transformer.from_crs(crs, self.crs, always_xy=True)
        with self._opened() as raster:
            place_x, place_y = to_raster.transform(x, y)
            to_cell = ~raster.transform
            column = to_cell.a * place_x + to_cell.b * place_y + to_cell.c
            row = to_cell.d * place_x + to_cell.e * place_y + to_cell.f
            inside = (column >= 0) & (column <= raster.width) & (row >= 0) & (row <= raster.height)
            heights = np.full(x.size, np.nan)
            if inside.any():
                heights[inside] = self._bilinear(raster, row[inside] - 0.5, column[inside] - 0.5)
        return heights

    def _bilinear(self, raster: Any, row: Floats, column: Floats) -> Floats:  # noqa: ANN401
        size = (raster.height, raster.width)
        row, column = np.clip(row, 0, size[0] - 1), np.clip(column, 0, size[1] - 1)
        top, left = np.floor(row).astype(np.int64), np.floor(column).astype(np.int64)
        below, beside = row - top, column - left
        heights = np.zeros(row.size)
        windows_across = size[1] // _WINDOW_CELLS + 1
        window = top // _WINDOW_CELLS * windows_across + left // _WINDOW_CELLS
        order = np.argsort(window, kind="stable")
        found, first = np.unique(window[order], return_index=True)
        for number, places in zip(found.tolist(), np.split(order, first[1:]), strict=True):
            start = tuple(_WINDOW_CELLS * part for part in divmod(number, windows_across))
            cells = self._cells(raster, start)
            for down, right in ((0, 0), (0, 1), (1, 0), (1, 1)):
                weight = np.where(down, below, 1 - below) * np.where(right, beside, 1 - beside)
                at_row, at_column = top + down - start[0], left + right - start[1]
                used = places[weight[places] > 0]
                heights[used] += weight[used] * cells[at_row[used], at_column[used]]
        return heights

    def _cells(self, raster: Any, start: tuple[int, ...]) -> Floats:  # noqa: ANN401
        from rasterio.errors import RasterioError  # noqa: PLC0415 - only with elevation

        rows, columns = (
            (low, min(low + _WINDOW_CELLS + 1, end))
            for low, end in zip(start, (raster.height, raster.width), strict=True)
        )
        try:
            read = raster.read(1, window=(rows, columns), masked=True)
        except RasterioError as fault:
            raise NetworkError("network.not_a_raster", path=self.path, reason=fault) from fault
        cells: Floats = read.astype(np.float64).filled(np.nan)
        # rasters in decimetres and the like say so
        metres: Floats = cells * raster.scales[0] + raster.offsets[0]
        # numbers such as -32768 stand for no data, whether the raster says so or not
        metres[~((metres >= _LOWEST_M) & (metres <= _HIGHEST_M))] = np.nan
        return metres

    def _opened(self) -> Any:  # noqa: ANN401 - rasterio has no types
        import rasterio  # noqa: PLC0415 - only with elevation

        self._check()
        try:
            with warnings.catch_warnings():
                # a picture without a place is refused in words of our own
                warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
                return rasterio.open(self.path)
        except rasterio.errors.RasterioError as fault:
            raise NetworkError("network.not_a_raster", path=self.path, reason=fault) from fault

    def _check(self) -> None:
        """Refuse a picture that is none: GDAL would follow addresses in it, whatever its name."""
        if self.path.suffix.lower() not in _TIFF_SUFFIXES or not self.path.is_file():
            return
        with self.path.open("rb") as file:
            head = file.read(4)
        if head not in _TIFF_HEADS:
            reason = f"{self.path.suffix} ≠ {head!r}"
            raise NetworkError("network.not_a_raster", path=self.path, reason=reason)
