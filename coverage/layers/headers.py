"""Tell which column of a file holds which canonical field."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from coverage import vocabulary
from coverage.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.layers.model import Source

_DBF_NAME = 10  # bytes of a column name in a shapefile's table


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Say what each column of a file is.

    Parameters
    ----------
    fields
        Position of the column by field, canonical ones first.
    factors
        How many of the field's unit one is, by field, where it is not 1: persons in 万人.
    unknown
        Position by header of columns that no field was found for.
    personal
        Headers of columns about persons, which are not read.
    twice
        Field, header taken and header left of columns that mean the same field.
    """

    fields: Mapping[str, int]
    factors: Mapping[str, float]
    unknown: Mapping[str, int]
    personal: tuple[str, ...]
    twice: tuple[tuple[str, str, str], ...]


def match_columns(
    headers: Sequence[str], layer: str, source: Source, *, basis: str = "registered"
) -> Columns:
    """Match the headers of a file to canonical fields.

    What `Source.columns` says goes first; then a field's own name, the header of the project's
    population basis, and the other headers known for the field in the order of the vocabulary.

    Parameters
    ----------
    headers
        Headers in the order of the columns.
    layer
        Layer they belong to.
    source
        Where they were read.
    basis
        ``registered`` or ``resident``.

    Returns
    -------
    Columns
        What each column is.

    Raises
    ------
    LayerError
        If the source names a header that is not there.
    """
    fields, factors = _named(headers, layer, source)
    taken = set(fields.values())
    candidates = _candidates(headers, layer, basis, cut=source.path.suffix.lower() == ".shp")
    twice = []
    for _, position, field, factor in sorted(candidates):
        if position in taken:
            continue
        taken.add(position)
        if field in fields:
            twice.append((field, headers[fields[field]], headers[position]))
            continue
        fields[field] = position
        if factor != 1:
            factors[field] = factor
    left = [i for i, header in enumerate(headers) if i not in taken and header]
    order = {field: i for i, field in enumerate(vocabulary.fields())}
    return Columns(
        fields={f: fields[f] for f in sorted(fields, key=lambda f: (order.get(f, len(order)), f))},
        factors=factors,
        unknown={headers[i]: i for i in left if not vocabulary.is_personal(headers[i])},
        personal=tuple(headers[i] for i in left if vocabulary.is_personal(headers[i])),
        twice=tuple(twice),
    )


def known_headers(headers: Sequence[str], layer: str, source: Source) -> int:
    """Return how many headers are known in a layer or named by its source."""
    meanings = vocabulary.headers(layer)
    named = {vocabulary.fold(header) for header in source.columns.values()}
    return sum(
        vocabulary.header_key(header)[0] in meanings or vocabulary.fold(header) in named
        for header in headers
    )


def near_headers(headers: Sequence[str], field: str, layer: str) -> tuple[str, ...]:
    """Return the headers that come nearest to those known for a field, nearest first."""
    wanted = [key for key, (name, _) in vocabulary.headers(layer).items() if name == field]
    folded = {vocabulary.header_key(header)[0]: header for header in headers}
    near = (get_close_matches(key, folded, n=2, cutoff=0.5) for key in wanted)
    return tuple(dict.fromkeys(folded[key] for keys in near for key in keys))[:3]


def _named(
    headers: Sequence[str], layer: str, source: Source
) -> tuple[dict[str, int], dict[str, float]]:
    folded = {vocabulary.fold(header): i for i, header in reversed(list(enumerate(headers)))}
    fields, factors, missing = {}, {}, []
    for field, header in source.columns.items():
        position = headers.index(header) if header in headers else None
        position = folded.get(vocabulary.fold(header)) if position is None else position
        if position is None:
            near = get_close_matches(vocabulary.fold(header), folded, n=3, cutoff=0.3)
            missing.append((field, header, "、".join(headers[folded[key]] for key in near)))
            continue
        fields[field] = position
        factor = vocabulary.header_key(headers[position])[1]
        if factor != 1:
            factors[field] = factor
    if missing:
        raise LayerError(
            "layers.column_not_found",
            layer=layer,
            path=source.path,
            missing="、".join(f"{field} = {header!r}" for field, header, _ in missing),
            near="；".join(near for _, _, near in missing if near) or "-",
            headers=listed(headers),
        )
    return fields, factors


def listed(headers: Sequence[str]) -> str:
    """Return headers as one text, a long list cut."""
    shown = [header for header in headers if header and not vocabulary.is_personal(header)]
    return "、".join(shown[:20]) + ("…" if len(shown) > 20 else "")  # noqa: PLR2004 - a line's worth


def _candidates(
    headers: Sequence[str], layer: str, basis: str, *, cut: bool
) -> list[tuple[int, int, str, float]]:
    meanings = vocabulary.headers(layer, basis)
    short = _cut_meanings(meanings) if cut else {}
    found = []
    for position, header in enumerate(headers):
        key, factor = vocabulary.header_key(header)
        field, rank = meanings.get(key) or short.get(key) or ("", 0)
        if field:
            found.append((rank, position, field, factor))
    return found


def _cut_meanings(meanings: Mapping[str, tuple[str, int]]) -> dict[str, tuple[str, int]]:
    """Return the meanings of headers as a shapefile cuts them, where the rest is unambiguous."""
    short: dict[str, tuple[str, int]] = {}
    ambiguous = set()
    for key, (field, rank) in meanings.items():
        for encoding in ("utf-8", "gb18030"):
            raw = key.encode(encoding)
            if len(raw) <= _DBF_NAME:
                continue
            name = raw[:_DBF_NAME].decode(encoding, errors="ignore")
            if short.setdefault(name, (field, rank))[0] != field:
                ambiguous.add(name)
    return {name: meaning for name, meaning in short.items() if name not in ambiguous}
