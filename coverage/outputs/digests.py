"""Name the content of files, so that a record says which ones it speaks of."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SIDECARS = (".dbf", ".shx", ".prj", ".cpg")


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal.

    Parameters
    ----------
    path
        The file.
    """
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file of a folder by its path within it.

    Parameters
    ----------
    folder
        The folder.
    """
    return {file.relative_to(folder).as_posix(): file_digest(file) for file in files_of(folder)}


def files_of(path: Path) -> Iterator[Path]:
    """Yield the files that an input consists of; a missing one is for its reader to report.

    Parameters
    ----------
    path
        A file, of a Shapefile the one in ``.shp``, or a folder such as a File Geodatabase.
    """
    if path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.is_file())
    elif path.is_file():
        yield path
    if path.suffix.lower() == ".shp":
        beside = (path.with_suffix(ending) for ending in _SIDECARS)
        yield from (file for file in beside if file.is_file())
