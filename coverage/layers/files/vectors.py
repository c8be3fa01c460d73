"""Read vector files: GeoPackage, shapefile, GeoJSON, KML, File Geodatabase, GeoParquet and others.

Only files of the kinds listed here are given to GDAL, and only if they begin as their kind does:
GDAL would take a file by its content, whatever its name, and some of its formats fetch addresses.
"""

from __future__ import annotations

import json
import tempfile
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pyproj
import shapely

from coverage.errors import LayerError
from coverage.layers.files.archives import ARCHIVE_SUFFIXES, unpacked
from coverage.layers.files.raw import Raw, unreadable
from coverage.layers.ledgers.headers import known_headers, listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.layers.model import Source

PARQUET_SUFFIXES = (".parquet", ".geoparquet")

_REPLACEMENT = "\ufffd"
_SHAPEFILE, _GEODATABASE = ".shp", ".gdb"
_TEXTS = (".geojson", ".json", ".kml", ".tab", ".mif")
# what files of a kind begin with; space and a byte-order mark may go before text
_BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\0",),
    _SHAPEFILE: (b"\0\0\x27\x0a",),
    ".geojson": (b"{",),
    ".json": (b"{", b"["),
    ".kml": (b"<",),
    ".parquet": (b"PAR1",),
    ".geoparquet": (b"PAR1",),
    ".fgb": (b"fgb",),
    ".tab": (b"!table",),
    ".mif": (b"version",),
}
_COMPANIONS = (".dbf", ".shx")  # of a .shp
_HEAD = 4096  # bytes looked at
_MOST_JSON = 500_000_000  # bytes of a list of records, which is read whole


def read_vector(source: Source, layer: str) -> Raw:
    """Read a layer of a vector file, of a zip of one, or of a folder that holds one.

    Taken is the layer that the source names, else one of the planner's own name, else the one whose
    columns are known best. The text of a shapefile without ``.cpg`` is UTF-8 where it is valid,
    else GB18030. Shapes have no coordinate system where the file names none. A ``.json`` that is
    no GeoJSON may be a list of records.

    Raises
    ------
    LayerError
        If the file is of no known kind, not what its name says, incomplete or damaged, has no such
        layer, or text in neither encoding.
    """
    with opened(source.path, layer) as inside:
        return _read(replace(source, path=inside), layer)


@contextmanager
def opened(path: Path, layer: str) -> Iterator[Path]:
    """Give the vector file that a path means, safe for GDAL: out of its zip, or of its folder.

    Errors raised while it is open are told of the path that the user knows.

    Parameters
    ----------
    path
        A vector file, a zip of one, or a folder that holds one.
    layer
        What errors call the layer.

    Raises
    ------
    LayerError
        If the file is of no known kind, not what its name says, incomplete or damaged.
    """
    if path.suffix.lower() not in ARCHIVE_SUFFIXES:
        inside = _inner_file(path)
        _check(inside, layer)
        yield inside
        return
    with tempfile.TemporaryDirectory() as folder:
        inside = unpacked(path, Path(folder), layer)
        try:
            _check(inside, layer)
            yield inside
        except LayerError as error:
            raise LayerError(error.key, **{**error.values, "path": path}) from error


def _inner_file(path: Path) -> Path:
    """Return the one shapefile or geodatabase of a folder, else the path as it is."""
    if not path.is_dir() or path.suffix.lower() == _GEODATABASE:
        return path
    inside = [p for p in sorted(path.iterdir()) if p.suffix.lower() in (_SHAPEFILE, _GEODATABASE)]
    return inside[0] if len(inside) == 1 else path


def _read(source: Source, layer: str) -> Raw:
    with warnings.catch_warnings():
        # GDAL warns of odd files; what matters of it is found again in the checks
        warnings.simplefilter("ignore")
        try:
            if source.path.suffix.lower() in PARQUET_SUFFIXES:
                name, frame = "", _parquet(source.path)
            elif source.path.suffix.lower() == ".json" and _beginning(source.path) == b"[":
                name, frame = "", _records(source.path)
            else:
                name = _layer_name(source, layer)
                frame = _decoded(source, layer, name)
        except LayerError:
            raise
        except Exception as error:  # a damaged file fails anywhere in its reader
            raise unreadable(layer, source.path, error) from error
    geometry = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    cells = pd.DataFrame(frame if geometry is None else frame.drop(columns=geometry.name))
    if geometry is not None and shapely.is_missing(np.asarray(geometry.array)).all():
        geometry = None
    return Raw(
        headers=tuple(str(column) for column in cells.columns),
        cells=cells.set_axis(range(cells.shape[1]), axis=1).reset_index(drop=True),
        rows=np.arange(1, len(cells) + 1),
        geometry=None if geometry is None else geometry.reset_index(drop=True),
        sheet=name,
    )


def _check(path: Path, layer: str) -> None:
    """Refuse what is no vector file, or not all of one, before GDAL sees it."""
    kind = path.suffix.lower()
    if path.is_dir() and kind == _GEODATABASE:
        return
    if not path.is_file() or kind not in _BEGINNINGS:
        known = " ".join((*_BEGINNINGS, _GEODATABASE, *ARCHIVE_SUFFIXES))
        raise LayerError("layers.unknown_format", layer=layer, path=path, known=known)
    if not any(_beginning(path, len(mark)) == mark for mark in _BEGINNINGS[kind]):
        raise LayerError("layers.not_its_name", layer=layer, path=path, kind=kind)
    if kind == ".kml" and b"<!DOCTYPE" in _head(path):
        raise LayerError("layers.not_its_name", layer=layer, path=path, kind=kind)
    if kind == _SHAPEFILE:
        missing = [suffix for suffix in _COMPANIONS if not _companion(path, suffix)]
        if missing:
            names = "、".join(f"{path.stem}{suffix}" for suffix in missing)
            raise LayerError("layers.incomplete_shapefile", layer=layer, path=path, missing=names)
        stated = 2 * int.from_bytes(_head(path)[24:28], "big")  # bytes, counted in pairs
        if path.stat().st_size < stated:
            raise LayerError("layers.cut_off", layer=layer, path=path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def _beginning(path: Path, length: int = 1) -> bytes:
    """Return how a file begins; text in small letters, without what may go before it."""
    head = _head(path)
    if path.suffix.lower() in _TEXTS:
        head = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return head[:length]


def _companion(path: Path, suffix: str) -> bool:
    return any(path.with_suffix(s).is_file() for s in (suffix, suffix.upper()))


def _parquet(path: Path) -> gpd.GeoDataFrame:
    import pyarrow as pa  # noqa: PLC0415 - only when such a file is read

    frame = gpd.read_parquet(path)
    # the reader trusts that text is UTF-8; what is not would fail wherever it is first looked at
    for column in frame.select_dtypes(include=["str"]):
        pa.array(frame[column].array).validate(full=True)
    return frame


def _records(path: Path) -> pd.DataFrame:
    """Read a list of records as a table."""
    if path.stat().st_size > _MOST_JSON:
        msg = f"more than {_MOST_JSON // 1_000_000} MB"
        raise ValueError(msg)
    records = json.loads(path.read_text(encoding="utf-8-sig"))
    return pd.DataFrame.from_records([record for record in records if isinstance(record, dict)])


def _layer_name(source: Source, layer: str) -> str:
    # tables without shapes are layers too: a geodatabase may keep its ledger beside the polygons
    names = [str(name) for name, _ in pyogrio.list_layers(source.path)]
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


def _decoded(source: Source, layer: str, name: str) -> pd.DataFrame:
    """Read a layer in the first encoding that fits its text."""
    encodings: list[str | None] = [source.encoding]
    if source.path.suffix.lower() == _SHAPEFILE and source.encoding is None:
        declared: list[str | None] = [None] if _companion(source.path, ".cpg") else []
        encodings = [*declared, "UTF-8", "GB18030"]
    for encoding in encodings:
        try:
            frame: pd.DataFrame = pyogrio.read_dataframe(
                source.path, layer=name, encoding=encoding, on_invalid="ignore"
            )
        except (UnicodeDecodeError, LookupError):
            continue
        if len(frame) < pyogrio.read_info(source.path, layer=name)["features"]:
            raise LayerError("layers.cut_off", layer=layer, path=source.path)
        if not _damaged(frame):
            return frame
    raise LayerError("layers.encoding", layer=layer, path=source.path)


def _damaged(frame: pd.DataFrame) -> bool:
    if any(_REPLACEMENT in str(column) for column in frame.columns):
        return True
    texts = frame.drop(columns="geometry", errors="ignore").select_dtypes(include=["str"])
    return any(
        texts[column].str.contains(_REPLACEMENT, regex=False).fillna(value=False).any()
        for column in texts.columns
    )


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
