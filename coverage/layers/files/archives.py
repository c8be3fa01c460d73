"""Unpack a zip of one vector file: a shapefile with its companions, a geodatabase, a GeoPackage."""

from __future__ import annotations

import zipfile
import zlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from coverage.errors import LayerError
from coverage.layers.files.raw import unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ARCHIVE_SUFFIXES = (".zip", ".kmz")

_GEODATABASE = ".gdb"
# of a zip that holds several kinds the first is taken
_WANTED = (".shp", _GEODATABASE, ".gpkg", ".geojson", ".json", ".kml", ".fgb", ".tab", ".mif")
_MOST_BYTES = 2_000_000_000  # unpacked
_MOST_FILES = 10_000
# what the reader of zips raises: cut off, packed wrongly; encrypted or packed in an unknown way
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
)
_UTF8 = 0x800  # flag of a member whose name is UTF-8


def unpacked(path: Path, folder: Path, layer: str) -> Path:
    """Unpack the vector file that a zip holds into a folder and return it.

    Files are written under names of ours, so that nothing in the zip can lead out of the folder.

    Parameters
    ----------
    path
        The zip.
    folder
        An empty folder.
    layer
        What errors call the layer.

    Raises
    ------
    LayerError
        If it is no zip, is encrypted or damaged, unpacks to more than 2 GB, or holds no vector file
        or several of a kind.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _unpack(archive, folder, path, layer)
    except LayerError:
        raise
    except _DAMAGED as error:
        raise unreadable(layer, path, error) from error


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path, layer: str) -> Path:
    members = [member for member in archive.infolist() if not member.is_dir()]
    size = sum(member.file_size for member in members)
    if size > _MOST_BYTES or len(members) > _MOST_FILES:
        raise _too_large(size, path, layer)
    names = {member.filename: PurePosixPath(_name(member)) for member in members}
    found = _found(list(names.values()))
    if len(found) != 1:
        listed = "、".join(str(name) for name in found[:10]) or "-"
        raise LayerError("layers.zip_content", layer=layer, path=path, names=listed)
    target = folder / f"layer{found[0].suffix.lower()}"
    if target.suffix == _GEODATABASE:
        target.mkdir()
    left = _MOST_BYTES
    for member in members:
        name = names[member.filename]
        if target.suffix == _GEODATABASE and found[0] in name.parents:
            written = target / name.name
        elif name.parent == found[0].parent and name.stem == found[0].stem:
            written = folder / f"layer{name.suffix.lower()}"
        else:
            continue
        # the directory of a zip can lie about sizes
        with archive.open(member) as packed, written.open("wb") as file:
            while chunk := packed.read(min(left, 1 << 20)):
                left -= file.write(chunk)
        if left <= 0:
            raise _too_large(_MOST_BYTES, path, layer)
    return target


def _too_large(size: int, path: Path, layer: str) -> LayerError:
    megabytes = size // 1_000_000
    return LayerError("layers.zip_too_large", layer=layer, path=path, megabytes=megabytes)


def _name(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; Chinese Windows writes it in GBK and does not say so."""
    if member.flag_bits & _UTF8:
        return member.filename
    raw = member.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _found(names: Sequence[PurePosixPath]) -> list[PurePosixPath]:
    """Return the vector files of the first kind there is; a geodatabase is a folder."""
    for suffix in _WANTED:
        candidates = {
            place
            for name in names
            for place in ([name, *name.parents] if suffix == _GEODATABASE else [name])
            if place.suffix.lower() == suffix and "__MACOSX" not in name.parts
        }
        if candidates:
            return sorted(candidates)
    return []
