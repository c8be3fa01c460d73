"""Conditions on units, facilities, estates and projects: the same words for every family.

A set of conditions maps a field to what it must be, and holds where all of them hold; a list of
sets holds where any of them does::

    kind = "村"                         is it
    kind = ["镇", "乡"]                 is one of them
    level = { not = ["市级"] }          is none of them, or not known
    population = { min = 10000 }        at least; max: at most; both may stand
    star = { min = 3, max = 3 }         of text, the number it holds: 三星级 is 3, 4A is 4
    functions = { all = ["全托"] }      a set that contains all of them
    poor_count = { top = 0.25 }         among the highest quarter of the units
    gb_ok = true                        yes; false: no
    level = "any"                       no condition: takes one of the catalogue's away
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.plans.findings import Findings

UNITS = ("communities", "townships", "counties")
LAYERS = (*UNITS, "facilities", "estates", "projects", "candidates", "zones")
URBAN_RULES = ("kind", "urban_code", "township_kind")

# fields that no ledger holds and every reader of conditions derives
DERIVED: Mapping[str, Mapping[str, vocabulary.FieldKind]] = {
    "communities": {"urban": "flag"},
    "estates": {"community_area_per_100hh": "number", "eldercare_area_per_100hh": "number"},
}
_WORDS = ("min", "max", "all", "not", "top")


@cache
def fields_of(layer: str) -> dict[str, vocabulary.FieldKind]:
    """Return the fields that conditions on a layer may name, with what they hold."""
    own = {f.name: f.kind for f in vocabulary.fields().values() if layer in f.layers}
    return {**own, **DERIVED.get(layer, {})}


def check_conditions(conditions: Any, layer: str, where: str, found: Findings) -> None:  # noqa: ANN401
    """Find what is wrong with conditions.

    Parameters
    ----------
    conditions
        A set of conditions, or a list of them.
    layer
        Layer that they are about.
    where
        Name of the parameter they stand in.
    found
        Where findings go.
    """
    sets = conditions if isinstance(conditions, list) else [conditions]
    known = fields_of(layer)
    for entry in sets:
        if not isinstance(entry, dict):
            found.error("not_conditions", where, entry)
            continue
        for field, wanted in entry.items():
            if field not in known:
                found.unknown("unknown_field", f"{where}.{field}", field, known)
            elif not _fits(wanted, known[field]):
                found.error("condition", f"{where}.{field}", wanted)


def _fits(wanted: object, kind: vocabulary.FieldKind) -> bool:
    if wanted == "any":
        return True
    if isinstance(wanted, dict):
        return bool(wanted) and all(_fits_word(w, v, kind) for w, v in wanted.items())
    if isinstance(wanted, bool):
        return kind == "flag"
    if isinstance(wanted, list):
        return bool(wanted) and all(
            _fits(value, kind) for value in wanted if not isinstance(value, list | dict)
        )
    if isinstance(wanted, int | float):
        return kind in ("number", "year")
    return isinstance(wanted, str) and kind in ("text", "code", "set")


def _fits_word(word: str, value: object, kind: vocabulary.FieldKind) -> bool:
    if word not in _WORDS:
        return False
    if word == "all":
        return kind == "set" and isinstance(value, list)
    if word == "not":
        return _fits(value, kind)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if word == "top":
        return number and kind == "number" and 0 < float(str(value)) < 1
    return number and kind in ("number", "year", "text")
