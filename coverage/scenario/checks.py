"""Read one edit: every key known, every value usable, each complaint with its file and number."""

from __future__ import annotations

import math
from dataclasses import MISSING, dataclass, fields
from difflib import get_close_matches
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeGuard

from coverage import texts, vocabulary
from coverage.errors import ScenarioError
from coverage.scenario.edits import KINDS, Barrier, Edit, Housing, Resize

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

AMOUNTS = ("floor_area_m2", "beds_total", "beds_nursing", "capacity")
PEOPLE = ("households", "population", "elders60", "elders65", "elders80")
_NESTED = ("population", "elders60", "elders65", "elders80")  # each holds the next
_PLACES = (("lon", "lat"), ("x", "y"), ("polygon",), ("community",))
_MODES = ("walk", "drive", "both")
_FASTEST_KM_H = 200.0
_LONGITUDE, _LATITUDE = 180.0, 90.0  # degrees


def read_edit(table: object, number: int, source: str) -> Edit:
    """Read an edit from its table in the file.

    Parameters
    ----------
    table
        What the file says.
    number
        Its number in the file, from 1.
    source
        What the file is called.

    Raises
    ------
    ScenarioError
        If a key is unknown or missing, or a value cannot be used.
    """
    return _Reader(number, source).read(table)


@dataclass(frozen=True)
class _Reader:
    """Check one edit; every complaint names the file and the number of the edit."""

    number: int
    source: str

    def read(self, table: object) -> Edit:
        if not isinstance(table, dict):
            raise self.wrong("not_a_table", value=table)
        action = table.get("action")
        if action is None:
            raise self.wrong("lacks_key", key="action")
        if not isinstance(action, str) or action not in KINDS:
            raise self.wrong("unknown_action", value=action, allowed=tuple(KINDS))
        kind = KINDS[action]
        keys = {field.name: field for field in fields(kind)}
        for key in table:
            if key != "action" and key not in keys:
                near = get_close_matches(key, keys, n=1, cutoff=0.0)[0]
                raise self.wrong("unknown_key", key=key, action=action, near=near)
        for key, field in keys.items():
            if field.default is MISSING and key not in table:
                raise self.wrong("lacks_key", key=key)
        values = {key: self.value(key, value) for key, value in table.items() if key != "action"}
        edit = kind(**values)
        self.check_together(edit, values)
        return edit

    def check_together(self, edit: Edit, values: Mapping[str, Any]) -> None:
        """Check what keys say together."""
        if isinstance(edit, Resize) and not any(name in values for name in AMOUNTS):
            raise self.wrong("no_amount", keys=tuple(AMOUNTS))
        if isinstance(edit, Barrier):
            if (edit.line is None) == (edit.polygon is None):
                raise self.wrong("line_or_polygon")
        elif any(field.name == "lon" for field in fields(edit)):
            self.check_place(values)
        if isinstance(edit, Housing):
            for more, fewer in pairwise(_NESTED):
                if getattr(edit, fewer) > getattr(edit, more):
                    raise self.wrong("not_nested", more=more, fewer=fewer)

    def check_place(self, values: Mapping[str, Any]) -> None:
        """Check that a place is given, in one way."""
        ways = [way for way in _PLACES if any(key in values for key in way)]
        if len(ways) != 1 or not all(key in values for key in ways[0]):
            raise self.wrong("one_place")

    def value(self, key: str, value: object) -> Any:  # noqa: ANN401 - any kind
        """Return a value as the edit holds it."""
        own = {
            "category": self.category,
            "mode": self.mode,
            "serves": self.texts,
            "line": self.vertices,
            "polygon": self.vertices,
            "open_year": self.year,
            "year": self.year,
        }
        return own.get(key, self.number_between if key in _RANGES else self.text)(key, value)

    def text(self, key: str, value: object) -> str:
        if isinstance(value, str) and (value.strip() or key == "name"):
            return value.strip()
        raise self.wrong("wrong_text", key=key, value=value)

    def texts(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list | tuple):
            raise self.wrong("wrong_texts", key=key, value=value)
        return tuple(self.text(key, item) for item in value)

    def number_between(self, key: str, value: object) -> float:
        low, high = _RANGES[key]
        if _is_number(value) and low <= value <= high:
            return float(value)
        if key in {"x", "y"}:
            raise self.wrong("wrong_metres", key=key, value=value)
        if key in {"lon", "lat"}:
            raise self.wrong("wrong_degrees", key=key, value=value, limit=f"{high:g}")
        if key == "speed":
            raise self.wrong("wrong_speed", value=value, limit=f"{high:g}")
        raise self.wrong("wrong_number", key=key, value=value)

    def year(self, key: str, value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and 1900 <= value <= 2100:  # noqa: PLR2004
            return value
        raise self.wrong("wrong_year", key=key, value=value)

    def mode(self, key: str, value: object) -> str:
        if isinstance(value, str) and value in _MODES:
            return value
        raise self.wrong("wrong_choice", key=key, value=value, allowed=tuple(_MODES))

    def category(self, _: str, value: object) -> str:
        found = vocabulary.category_of(value) if isinstance(value, str) else None
        if found is None:
            near = vocabulary.near_categories(str(value), 1)
            title = vocabulary.categories()[near[0]].title(texts.language()) if near else "-"
            raise self.wrong("unknown_category", value=value, near=title)
        return found

    def vertices(self, key: str, value: object) -> tuple[tuple[float, float], ...]:
        least = 2 if key == "line" else 3
        if not isinstance(value, list | tuple) or len(value) < least:
            raise self.wrong("wrong_vertices", key=key, least=least)
        for pair in value:
            if not _is_pair(pair):
                raise self.wrong("wrong_pair", key=key, value=pair)
        pairs = tuple((float(x), float(y)) for x, y in value)
        if len({are_degrees(pair) for pair in pairs}) != 1:
            raise self.wrong("mixed_pairs", key=key)
        if len(set(pairs)) < least:
            raise self.wrong("empty_shape", key=key)
        return pairs

    def wrong(self, fault: str, /, **values: object) -> ScenarioError:
        return ScenarioError(f"scenario.{fault}", path=self.source, number=self.number, **values)


def are_degrees(pair: Sequence[float]) -> bool:
    """Tell whether a pair is longitude and latitude: metres of China are far larger numbers.

    Parameters
    ----------
    pair
        Two numbers.
    """
    return abs(pair[0]) <= _LONGITUDE and abs(pair[1]) <= _LATITUDE


_RANGES: Mapping[str, tuple[float, float]] = {
    "lon": (-_LONGITUDE, _LONGITUDE),
    "lat": (-_LATITUDE, _LATITUDE),
    "x": (-math.inf, math.inf),
    "y": (-math.inf, math.inf),
    "speed": (1.0, _FASTEST_KM_H),
    **dict.fromkeys((*AMOUNTS, *PEOPLE), (0.0, math.inf)),
}


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(_is_number, value))  # noqa: PLR2004 - x and y
