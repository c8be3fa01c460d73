"""The words of the field: categories, fields, statuses, with the names they bear in ledgers.

The data stand in ``vocabulary.toml`` beside this file.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Literal

FieldKind = Literal["text", "code", "number", "year", "flag", "set"]


@dataclass(frozen=True)
class Category:
    """A canonical facility category with its names."""

    name: str
    zh: str
    en: str
    aliases: tuple[str, ...]

    def title(self, language: str) -> str:
        """Return what people call the category in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Field:
    """A canonical field: what it holds, where it belongs, the headers it bears in ledgers.

    Its numbers are people, households, m2, beds or yuan by its `measure`, plain numbers where that
    is empty.
    """

    name: str
    kind: FieldKind
    layers: tuple[str, ...]
    aliases: tuple[str, ...]
    measure: str = ""

    @property
    def unit(self) -> str:
        """Return the unit of the field's numbers as headers write it, empty for plain numbers."""
        return str(_data()["units"][self.measure]["1"][0]) if self.measure else ""

    def title(self, language: str) -> str:
        """Return what people call the field in a language: in English its own name."""
        if language != "zh":
            return self.name
        plainest = {"flag": r"是否.*", "year": r".*年份"}.get(self.kind, "")
        plain = [alias for alias in self.aliases if re.fullmatch(plainest, alias)]
        return next(iter((*plain, *self.aliases, self.name)))


@cache
def _data() -> dict[str, Any]:
    source = resources.files("coverage") / "vocabulary.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def categories() -> dict[str, Category]:
    """Return all canonical facility categories by name."""
    return {
        name: Category(name, entry["zh"], entry["en"], tuple(entry["aliases"]))
        for name, entry in _data()["categories"].items()
    }


@cache
def fields() -> dict[str, Field]:
    """Return all canonical fields by name."""
    return {
        name: Field(
            name,
            entry["kind"],
            tuple(entry["layers"]),
            tuple(entry["aliases"]),
            entry.get("measure", ""),
        )
        for name, entry in _data()["fields"].items()
    }


def fold(text: str) -> str:
    """Fold a header or a name for comparison.

    Full-width forms become half-width, white space goes, letters become lower case.
    """
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


@cache
def _category_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for category in categories().values():
        for alias in (category.name, category.zh, category.en, *category.aliases):
            names[fold(alias)] = category.name
    return names


def category_of(text: str) -> str | None:
    """Return the canonical category that a word from a ledger names, or None."""
    return _category_names().get(fold(text))


@cache
def _status_names() -> dict[str, str]:
    names = {}
    for status, aliases in _data()["statuses"].items():
        for alias in (status, *aliases):
            names[fold(alias)] = status
    return names


def status_of(text: str) -> str | None:
    """Return operating, idle, building, planned or closed for a word from a ledger, or None."""
    return _status_names().get(fold(text))


def near_categories(text: str, count: int = 3) -> tuple[str, ...]:
    """Return the canonical categories whose names come nearest to a word, nearest first."""
    near = get_close_matches(fold(text), _category_names(), n=4 * count, cutoff=0.4)
    return tuple(dict.fromkeys(_category_names()[name] for name in near))[:count]


@cache
def headers(layer: str, basis: str = "registered") -> dict[str, tuple[str, int]]:
    """Return what each folded header means in a layer.

    Parameters
    ----------
    layer
        Layer the headers stand in: ``街道`` names the unit itself in ``townships``, the township
        it belongs to elsewhere.
    basis
        ``registered`` or ``resident``: whose header goes first where a table counts both.

    Returns
    -------
    dict
        Canonical field and rank by folded header; of several headers of a field that of the lowest
        rank is meant.
    """
    data = _data()
    own: dict[str, list[str]] = data["headers"].get(layer, {})
    preferred = {fold(header) for header in data["bases"][basis]}
    meanings: dict[str, tuple[str, int]] = {}
    for field in fields().values():
        if layer not in field.layers:
            continue
        for rank, header in enumerate((field.name, *field.aliases, *own.get(field.name, ()))):
            key = fold(header)
            better = 1 if key in preferred else rank + 2
            meanings.setdefault(key, (field.name, better if rank else 0))
    for name, aliases in own.items():
        rank = len(fields()[name].aliases) + 2
        meanings.update({fold(header): (name, rank + i) for i, header in enumerate(aliases)})
    return meanings


@cache
def basis_of(header: str) -> str | None:
    """Return registered or resident where a header says whom it counts, else None."""
    for basis, names in _data()["bases"].items():
        if fold(header) in {fold(name) for name in names}:
            return str(basis)
    return None


@cache
def _units() -> dict[str, tuple[str, float]]:
    return {
        fold(name): (measure, float(factor))
        for measure, units in _data()["units"].items()
        for factor, names in units.items()
        for name in names
    }


def unit_of(text: str) -> tuple[str, float] | None:
    """Return what a unit measures and how many of the field's unit one is, None for no unit.

    ``万人`` gives ``people`` and 10000, ``亩`` ``area`` and 666.67; what 万 counts is ``any``.
    """
    return _units().get(fold(text).strip(_MARKS))


def unit_title(unit: str, language: str) -> str:
    """Return how a language writes the unit of an indicator, or a kind of township or community.

    A word that is not known stays.
    """
    if language == "zh":
        return unit
    names: dict[str, str] = _data()["english"]
    return " per ".join(names.get(part, part) for part in unit.split("/"))


_UNIT = re.compile(r"^(?P<header>.+?)[(\[〔【](?P<unit>[^()\[\]〔〕【】]+)[)\]〕】]$")
_MARKS = "*:：、 "


@lru_cache(maxsize=4096)
def header_key(header: str) -> tuple[str, float]:
    """Return a header folded and without its unit, and how many of the field's unit one is.

    ``建筑面积（㎡）`` gives ``建筑面积`` and 1, ``人口(万人)`` gives ``人口`` and 10000. Brackets
    that hold no known unit stay.
    """
    key = fold(header).strip(_MARKS)
    found = _UNIT.match(key)
    unit = unit_of(found["unit"]) if found else None
    if not found or unit is None:
        return key, 1.0
    return found["header"].strip(_MARKS), unit[1]


@cache
def function_names() -> dict[str, str]:
    """Return what a facility offers by the folded header of a column that is ticked for it."""
    named = _data()["functions"].items()
    return {fold(alias): name for name, aliases in named for alias in (name, *aliases)}


@cache
def category_words() -> dict[str, str]:
    """Return the category by each folded Chinese name, longest first."""
    names = {name: found for name, found in _category_names().items() if not name.isascii()}
    return {name: names[name] for name in sorted(names, key=lambda word: (-len(word), word))}


@cache
def is_personal(header: str) -> bool:
    """Return whether a column of this header holds names, numbers or addresses of persons."""
    key = fold(header)
    personal = _data()["personal"]
    # of headers over several rows each may say it
    parts = {key, *key.split("/")}
    return bool(parts & set(personal["exact"])) or any(word in key for word in personal["words"])
