"""Look into an .xlsx package for what its reader does not tell, before the reader opens it.

Seen are rows that are hidden, formulas that ended in an error, and how much there is to read: a
package may claim more cells than any memory holds.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coverage.errors import LayerError
from coverage.layers.files.raw import unreadable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

_MOST_UNPACKED = 512_000_000  # bytes of all parts that are read
_MOST_RATIO, _RATIO_FROM = 300, 32_000_000  # sheets pack 5 to 50 times; a bomb 1000 times
_MOST_CELLS = 32_000_000  # of the rectangle that a sheet spans
_PARTS = re.compile(
    r"xl/(worksheets/|sharedStrings|styles|workbook)|\[Content_Types\]", re.IGNORECASE
)

_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)\s*=\s*(?:"([^"]*)"|\'([^\']*)\')')
_ROW = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,8})"')
_HIDDEN = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d{1,8})"')
# columns from BA on; what lies before is never too wide
_FAR = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{3,8}|[B-Z][A-Z])\d')
_FILLED = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{1,8})(\d{1,8})"(?:[^>]*[^/>])?>')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]{1,3})(\d{1,8})"[^>]*>.{0,4000}?'
    rb"<(?:\w+:)?v>(#[^<]{1,20})</",
    re.DOTALL,
)
_NEAR_COLUMNS = 52


@dataclass(frozen=True, kw_only=True)
class SheetFacts:
    """Hold what a sheet's reader does not tell.

    Parameters
    ----------
    hidden
        Rows that are hidden, as a person counts them.
    errors
        What a formula ended in, by row and column, both counted from 0.
    """

    hidden: tuple[int, ...] = ()
    errors: Mapping[tuple[int, int], str] = field(default_factory=dict)


def inspect_package(path: Path, layer: str) -> dict[str, SheetFacts]:
    """Return the facts of each sheet of a package by its name.

    Raises
    ------
    LayerError
        If the package is damaged, holds no workbook, or unpacks to more than can be read.
    """
    try:
        with zipfile.ZipFile(path) as package:
            _check_parts(package, path, layer)
            parts = _sheet_parts(package)
            # reading a part to its end also proves that its size is the one it claims
            _prove(package, parts.values())
            return {name: _facts(package.read(part), path, layer) for name, part in parts.items()}
    except LayerError:
        raise
    except Exception as error:  # a damaged package fails anywhere
        raise unreadable(layer, path, error) from error


def _check_parts(package: zipfile.ZipFile, path: Path, layer: str) -> None:
    infos = [info for info in package.infolist() if _PARTS.match(info.filename)]
    names = {name.partition("/")[0] for name in package.namelist()}
    if "xl" not in names:
        kind = "Word" if "word" in names else "ZIP"
        raise LayerError("layers.not_a_table", layer=layer, path=path, kind=kind)
    if any(info.flag_bits & 1 for info in infos):
        raise LayerError("layers.encrypted", layer=layer, path=path)
    unpacked = sum(info.file_size for info in infos)
    bomb = any(
        info.file_size > _RATIO_FROM and info.file_size > _MOST_RATIO * max(info.compress_size, 1)
        for info in infos
    )
    if bomb or unpacked > _MOST_UNPACKED:
        megabytes = unpacked // 1_000_000
        raise LayerError("layers.too_large", layer=layer, path=path, megabytes=megabytes)


def _prove(package: zipfile.ZipFile, sheets: Collection[str]) -> None:
    left = {info.filename for info in package.infolist() if _PARTS.match(info.filename)}
    for name in sorted(left - set(sheets)):
        package.read(name)


def _sheet_parts(package: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of each sheet by its name; none where the package is written oddly."""
    listed = set(package.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= listed:
        return {}
    targets = {}
    for tag in _RELATION.findall(package.read("xl/_rels/workbook.xml.rels")):
        attributes = _attributes(tag)
        target = attributes.get("Target", "").lstrip("/")
        part = target if target.startswith("xl/") else f"xl/{target}"
        targets[attributes.get("Id", "")] = part
    parts = {}
    for tag in _SHEET.findall(package.read("xl/workbook.xml")):
        attributes = _attributes(tag)
        part = targets.get(attributes.get("r:id", ""), "")
        if part in listed:
            parts[_unescaped(attributes.get("name", ""))] = part
    return parts


def _attributes(tag: bytes) -> dict[str, str]:
    return {
        key.decode(): (double or single).decode("utf-8", errors="replace")
        for key, double, single in _ATTRIBUTE.findall(tag)
    }


def _unescaped(name: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'")):
        name = name.replace(mark, sign)
    return name.replace("&amp;", "&")


def _facts(data: bytes, path: Path, layer: str) -> SheetFacts:
    rows = max(map(int, _ROW.findall(data)), default=0)
    columns = max(map(_column, set(_FAR.findall(data))), default=_NEAR_COLUMNS - 1) + 1
    if rows * columns > _MOST_CELLS and _area_of_filled(data) > _MOST_CELLS:
        raise LayerError("layers.too_many_cells", layer=layer, path=path)
    errors = {}
    if b't="e"' in data:
        for column, row, sign in _ERROR.findall(data):
            errors[int(row) - 1, _column(column)] = sign.decode("ascii", errors="replace")
    hidden = tuple(int(row) for row in _HIDDEN.findall(data)) if b"hidden=" in data else ()
    return SheetFacts(hidden=hidden, errors=errors)


def _area_of_filled(data: bytes) -> int:
    """Return rows times columns of the rectangle around cells that hold something."""
    widest = longest = 0
    for found in _FILLED.finditer(data):
        widest = max(widest, _column(found[1]) + 1)
        longest = max(longest, int(found[2]))
    return widest * longest


def _column(letters: bytes) -> int:
    """Return the position of a column by its letters: A, B, …, Z, AA, and so on."""
    position = 0
    for letter in letters:
        position = position * 26 + letter - 64
    return position - 1
