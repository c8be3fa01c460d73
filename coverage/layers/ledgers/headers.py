"""Tell which column of a file holds which canonical field."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from coverage import vocabulary
from coverage.errors import LayerError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from coverage.layers.model import Source

NAMED_TWICE = ("county", "township", "community")  # ledgers have their names and their codes
JOIN = " / "  # between the levels of a header over several rows

_DBF_NAME = 10  # bytes of a column name in a shapefile's table
_LOOSE = 1000  # rank of what is not read literally, past all aliases
_LONGEST = 60  # characters of a header that are compared
_MOST_OFFERED = 40  # columns that candidates are looked for

# what stands before and after a header without changing what it means
_BEFORE = re.compile(
    r"^(其中:?|现有|实有|实际|目前|当前|现状|设施|机构|单位|站点|本|该|"
    r"\d{4}年(末|底|度)?|\(?\d{1,2}[).、]|[一二三四五六七八九十]+、)"
)
_AFTER = re.compile(r"(数量|总数|数|名称|情况|合计|总计|全称)$")
_BRACKETS = re.compile(r"^(?P<outer>[^()]+)\((?P<inner>[^()]+)\)$")
# brackets that say how to fill a column in, not what it holds
_HINT = re.compile(
    r"必填|选填|可选|下拉|格式|填|如|例|十进制|坐标|wgs-?84|gcj-?02|bd-?09|cgcs2000|高德|百度|"
    r"^(核定|实际|合计|总|年/?月?|年月|年月日|含.+)$"
)
# headers that only gather those below them
_GATHERS = re.compile(r"(情况|信息|概况|基本|数据|资料|位置|坐标|规模|指标|属性|其中)$")


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
    second
        Position of a second column for a unit that a row belongs to, by field: its code beside its
        name.
    ticks
        Position by function of columns that are ticked where a facility offers it.
    near
        Candidates for each unknown column, in words.
    """

    fields: Mapping[str, int]
    factors: Mapping[str, float]
    unknown: Mapping[str, int]
    personal: tuple[str, ...]
    twice: tuple[tuple[str, str, str], ...]
    second: Mapping[str, int]
    ticks: Mapping[str, int]
    near: Mapping[str, str]


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
    candidates = _candidates(headers, layer, basis)
    twice = []
    second: dict[str, int] = {}
    for _, position, field, factor in sorted(candidates):
        if position in taken:
            continue
        taken.add(position)
        if field in fields and field in NAMED_TWICE:
            second.setdefault(field, position)
            continue
        if field in fields:
            twice.append((field, headers[fields[field]], headers[position]))
            continue
        fields[field] = position
        if factor != 1:
            factors[field] = factor
    ticks = _ticks(headers, taken) if layer == "facilities" else {}
    taken |= set(ticks.values())
    left = [i for i, header in enumerate(headers) if i not in taken and header]
    unknown = {headers[i]: i for i in left if not vocabulary.is_personal(headers[i])}
    order = {field: i for i, field in enumerate(vocabulary.fields())}
    return Columns(
        fields={f: fields[f] for f in sorted(fields, key=lambda f: (order.get(f, len(order)), f))},
        factors=factors,
        unknown=unknown,
        personal=tuple(headers[i] for i in left if vocabulary.is_personal(headers[i])),
        twice=tuple(twice),
        second=second,
        ticks=ticks,
        near=_near_fields(unknown, layer, set(fields)),
    )


def known_headers(headers: Sequence[str], layer: str, source: Source) -> int:
    """Return how many headers are known in a layer or named by its source."""
    known = {position for _, position, _, _ in _candidates(headers, layer, "registered")}
    named = {vocabulary.fold(header) for header in source.columns.values()}
    known |= {i for i, header in enumerate(headers) if vocabulary.fold(header) in named}
    if layer == "facilities":
        known |= set(_ticks(headers, known).values())
    return len(known)


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
    headers: Sequence[str], layer: str, basis: str
) -> list[tuple[int, int, str, float]]:
    meanings = vocabulary.headers(layer, basis)
    short = _cut_meanings(layer, basis)
    found = []
    for position, header in enumerate(headers):
        personal = vocabulary.is_personal(header)
        for trust, (key, factor) in enumerate(_readings(header)[: 1 if personal else None]):
            field, rank = meanings.get(key) or short.get(key) or ("", 0)
            if field and _measures(header, field):
                # what is read literally goes before what had to be read into it
                found.append((rank + (_LOOSE if trust else 0), position, field, factor))
                break
    return found


def _measures(header: str, field: str) -> bool:
    """Return whether the unit of a header, if it has any, can be one of the field."""
    known = vocabulary.fields().get(field)
    bracketed = re.search(r"[(（\[〔【]([^()（）]+)[)）\]〕】]\s*$", header)
    unit = vocabulary.unit_of(bracketed[1]) if bracketed else None
    if known is None or unit is None or not known.measure or unit[1] == 1:
        return True
    return unit[0] in (known.measure, "any")


@lru_cache(maxsize=4096)
def _readings(header: str) -> tuple[tuple[str, float], ...]:
    """Return what a header may be read as, folded and without its unit, the most literal first."""
    keys = [vocabulary.header_key(header)]
    *above, last = header.split(JOIN)
    if above:
        key, factor = vocabulary.header_key(last)
        parent = vocabulary.fold(above[-1])
        if vocabulary.unit_of(last):
            keys.append(vocabulary.header_key(f"{JOIN.join(above)}({last})"))
        if key in vocabulary.fields() or parent in key or _GATHERS.search(parent):
            keys.append((key, factor))
        keys += [(parent + key, factor), (key + parent, factor)]
    for key, factor in tuple(keys):
        keys += [(variant, factor) for variant in _variants(key)]
    return tuple(dict.fromkeys(keys))


def _variants(key: str) -> list[str]:
    found = []
    bracketed = _BRACKETS.match(key)
    if bracketed:
        outer, inner = bracketed["outer"], bracketed["inner"]
        found += [inner + outer, outer + inner, *([outer] if _HINT.search(inner) else [])]
    for word in (key, *found):
        bare = word
        while (shorter := _BEFORE.sub("", bare)) != bare and shorter:
            bare = shorter
        found += [bare, _AFTER.sub("", bare) or bare]
    return found


def _ticks(headers: Sequence[str], taken: Collection[int]) -> dict[str, int]:
    """Return the position of the first column that is ticked for each function."""
    functions = vocabulary.function_names()
    ticks: dict[str, int] = {}
    for position, header in enumerate(headers):
        if position in taken or vocabulary.is_personal(header):
            continue
        last = vocabulary.fold(header.split(JOIN)[-1])
        name = functions.get(vocabulary.header_key(header)[0]) or functions.get(last)
        if name:
            ticks.setdefault(name, position)
    return ticks


def _near_fields(unknown: Iterable[str], layer: str, taken: set[str]) -> dict[str, str]:
    """Return the fields that come nearest to each header, those taken by other columns left out."""
    meanings = vocabulary.headers(layer)
    words = [key for key, (field, _) in meanings.items() if field not in taken]
    near = {}
    for header in list(unknown)[:_MOST_OFFERED]:
        key = vocabulary.header_key(header.split(JOIN)[-1][:_LONGEST])[0]
        inside = [word for word in words if len(word) > 1 and word in key]
        found = [*sorted(inside, key=len, reverse=True), *get_close_matches(key, words, cutoff=0.6)]
        fields = list(dict.fromkeys(meanings[word][0] for word in found))
        near[header] = "、".join(fields[:3])
    return near


@cache
def _cut_meanings(layer: str, basis: str) -> dict[str, tuple[str, int]]:
    """Return the meanings of headers as a shapefile cuts them, where the rest is unambiguous.

    Files made from a shapefile keep its short names, whatever their format.
    """
    meanings = vocabulary.headers(layer, basis)
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
