"""Tell what a file is by its first bytes, whatever its name says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from coverage.errors import LayerError

if TYPE_CHECKING:
    from pathlib import Path

Kind = Literal["workbook", "old_workbook", "html", "text"]

_MOST_BYTES = 2_000_000_000  # a table of some ten million rows
_HEAD = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
# what else is met under the name of a table; the words stand in the texts
_OTHERS = (
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"SQLite format 3", "SQLite / GeoPackage"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
)


def kind_of(path: Path, layer: str) -> Kind:
    """Return what a table's file is.

    Raises
    ------
    LayerError
        If it is no file, is too large, is encrypted, or is something that holds no table.
    """
    if not path.is_file():
        raise LayerError("layers.not_a_file", layer=layer, path=path)
    size = path.stat().st_size
    if size > _MOST_BYTES:
        megabytes = size // 1_000_000
        raise LayerError("layers.too_large", layer=layer, path=path, megabytes=megabytes)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(_ZIP):
        return "workbook"
    if head.startswith(_OLE):
        return _ole(path, layer)
    for mark, name in _OTHERS:
        if head.startswith(mark):
            raise LayerError("layers.not_a_table", layer=layer, path=path, kind=name)
    return _markup(head, path, layer)


def _ole(path: Path, layer: str) -> Kind:
    """Return what a container of the old Office is; names of its streams are UTF-16."""
    data = path.read_bytes()
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise LayerError("layers.encrypted", layer=layer, path=path)
    if "WordDocument".encode("utf-16-le") in data:
        raise LayerError("layers.not_a_table", layer=layer, path=path, kind="Word")
    return "old_workbook"


def _markup(head: bytes, path: Path, layer: str) -> Kind:
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").replace(b"\0", b"").lower()
    if not start.startswith(b"<"):
        return "text"
    if b"office:spreadsheet" in start:
        raise LayerError("layers.not_a_table", layer=layer, path=path, kind="XML 2003")
    if any(tag in start for tag in (b"<html", b"<table", b"<!doctype html", b"<meta", b"<body")):
        return "html"
    raise LayerError("layers.not_a_table", layer=layer, path=path, kind="XML")
