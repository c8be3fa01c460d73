"""The catalogue of indicators: what each is called, what it counts, how it is computed.

The data stand in ``catalogue.toml`` beside this file; a plan adds its own the same way.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from coverage.plans.parameters import FAMILIES, VARIANTS, default_variants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.plans.findings import Findings

METHODS = ("layers", "ledger", "entered")
DIRECTIONS = ("up", "down")


@dataclass(frozen=True, kw_only=True)
class Choice:
    """An ambiguity of the plans and the readings it allows.

    Parameters
    ----------
    zh, en
        What is to be chosen.
    values
        By name of the reading, what it changes: parameters, and at need family, method, unit and
        variants.
    default
        Reading taken where nobody chooses; it changes nothing.
    """

    zh: str
    en: str
    values: Mapping[str, Mapping[str, Any]]
    default: str


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """An indicator of the catalogue, or one that a plan adds.

    Parameters
    ----------
    name
        Identifier.
    zh, en
        Name for people.
    family
        Computation family that serves it.
    unit
        Unit of its value.
    variants
        Readings to compute, the official one or the headline first.
    meaning_zh, meaning_en
        The definition in words, numerator over denominator.
    method
        ``layers``: geometry and attributes; ``ledger``: a count or sum over a ledger; ``entered``:
        entered by hand.
    parameters
        What the family needs.
    choices
        Ambiguities by name.
    direction
        ``up`` where more is better, ``down`` where less is.
    """

    name: str
    zh: str
    en: str
    family: str
    unit: str
    variants: tuple[str, ...]
    meaning_zh: str = ""
    meaning_en: str = ""
    method: str = "layers"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Choice] = field(default_factory=dict)
    direction: str = "up"


@cache
def _data() -> dict[str, Any]:
    source = resources.files("coverage.plans") / "catalogue.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


@cache
def known_indicators() -> dict[str, Indicator]:
    """Return all indicators of the catalogue by identifier."""
    return {
        name: indicator_from(name, entry) for name, entry in _data().items() if name != "services"
    }


def service_entries() -> dict[str, dict[str, Any]]:
    """Return the services that single indicators need beside those that every plan has."""
    entries: dict[str, dict[str, Any]] = _data()["services"]
    return entries


def indicator_from(name: str, entry: Mapping[str, Any]) -> Indicator:
    """Make an indicator from its table.

    Parameters
    ----------
    name
        Identifier.
    entry
        Its table, as `check_indicator` passes it.
    """
    family, parameters = entry["family"], entry.get("parameters", {})
    choices = {
        key: Choice(
            zh=choice["zh"],
            en=choice.get("en", choice["zh"]),
            values=choice["values"],
            default=reading(choice["default"]),
        )
        for key, choice in entry.get("choices", {}).items()
    }
    return Indicator(
        name=name,
        zh=entry["zh"],
        en=entry.get("en", entry["zh"]),
        family=family,
        unit=entry["unit"],
        variants=tuple(entry.get("variants") or default_variants(family, parameters)),
        meaning_zh=entry.get("meaning_zh", ""),
        meaning_en=entry.get("meaning_en", ""),
        method=entry.get("method", "entered" if family == "entered" else "layers"),
        parameters=parameters,
        choices=choices,
        direction=entry.get("direction", "up"),
    )


def check_indicator(name: str, entry: Mapping[str, Any], found: Findings) -> None:
    """Find what keeps a table from being an indicator; its parameters are checked with the rows.

    Parameters
    ----------
    name
        Identifier.
    entry
        Its table in a plan file.
    found
        Where findings go.
    """
    known = (
        *_NEEDED,
        "en",
        "variants",
        "meaning_zh",
        "meaning_en",
        *_ALLOWED,
        "parameters",
        "choices",
    )
    for key in entry:
        if key not in known:
            found.unknown("unknown_key", f"indicators.{name}.{key}", key, known)
    for key in _NEEDED:
        if not entry.get(key):
            found.error("lacks", f"indicators.{name}.{key}")
    for key, allowed in _ALLOWED.items():
        words = entry.get(key, [])
        for word in words if isinstance(words, list) else [words]:
            if word not in allowed:
                found.unknown("unknown_word", f"indicators.{name}.{key}", word, allowed)
    if not isinstance(entry.get("parameters", {}), dict):
        found.error("not_a_table", f"indicators.{name}.parameters", entry["parameters"])
    _check_choices(f"indicators.{name}.choices", entry.get("choices", {}), found)


def _check_choices(where: str, choices: Any, found: Findings) -> None:  # noqa: ANN401
    if not isinstance(choices, dict):
        found.error("not_a_table", where, choices)
        return
    for key, choice in choices.items():
        if not isinstance(choice, dict) or not {"zh", "values", "default"} <= set(choice):
            found.error("lacks", f"{where}.{key}: zh, values, default")
        elif not _readings(choice["values"]):
            found.error("not_a_table", f"{where}.{key}.values", choice["values"])
        elif reading(choice["default"]) not in choice["values"]:
            field = f"{where}.{key}.default"
            found.unknown("unknown_word", field, choice["default"], choice["values"])


def _readings(values: object) -> bool:
    return isinstance(values, dict) and all(isinstance(value, dict) for value in values.values())


def reading(value: object) -> str:
    """Return the name of a reading as TOML tables spell it: true for True, 30 for 30."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_NEEDED = ("zh", "family", "unit")
_ALLOWED: Mapping[str, tuple[str, ...]] = {
    "family": FAMILIES,
    "method": METHODS,
    "direction": DIRECTIONS,
    "variants": VARIANTS,
}
