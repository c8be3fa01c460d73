"""Find townships and communities by what ledgers write: a code, a name, a name cut short."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from coverage.layers.crosswalk import Crosswalk

Way = Literal["code", "short_code", "name", "renamed", "ending", "parents", "stem"]

# endings of names -> the one written for all of them; the longest goes first
_ENDINGS = tuple(
    (re.compile(pattern), kind)
    for pattern, kind in (
        (r"街道(办事处|办)?$", "街道"),
        (r"镇(人民政府|政府)?$", "镇"),
        (r"(?:民族)?乡(人民政府|政府)?$", "乡"),
        (r"(社区居民委员会|社区居委会|居民委员会|居委会|社区)$", "社区"),
        (r"(村民委员会|村委会|村)$", "村"),
    )
)
_CODE_LENGTHS = (6, 9)


# what may stand before the name of a unit: those it lies in
_ABOVE = re.compile(
    r"(?:.{1,10}?(?:省|自治区|市|区|县|旗|自治州))*(?P<township>.{1,10}?(?:街道(?:办事处)?|镇|乡))?"
)


class Units:
    """Find units of one level by what a ledger writes.

    A unit is found by, in this order: its code; its code without the zeros that fill it up; its
    name; an old code or name that the crosswalk has; its name with another form of the same
    ending (街道办事处 for 街道); its name after those of the units it lies in; its name without the
    ending.
    At each step it must be the only unit that fits; a step at which several
    fit ends the search, and nothing is guessed.

    Parameters
    ----------
    codes, names
        Code and name of each unit.
    within
        Code of the unit of the level above that each lies in; empty where there is none.
    parents
        Name of each unit of the level above by its code.
    renamed
        What became of units that bear new codes or names.
    """

    def __init__(
        self,
        codes: Iterable[str],
        names: Iterable[str],
        within: Iterable[str] | None = None,
        *,
        parents: Mapping[str, str] | None = None,
        renamed: Crosswalk | None = None,
    ) -> None:
        codes, names = list(codes), list(names)
        above = [""] * len(codes) if within is None else list(within)
        self._names = dict(zip(codes, names, strict=True))
        self._above = dict(zip(codes, above, strict=True))
        self._parents = parents or {}
        self._renamed = renamed
        self._by_name = dict(zip(reversed(names), reversed(codes), strict=True))
        # only names that share two characters are compared: ledgers hold thousands of strangers
        self._by_gram: dict[str, set[str]] = {}
        for name in self._by_name:
            for gram in _grams(name):
                self._by_gram.setdefault(gram, set()).add(name)
        self._by_ending: dict[str, list[str]] = {}
        for code, name in self._names.items():
            self._by_ending.setdefault(_same_ending(name), []).append(code)
        self._steps: dict[Way, dict[tuple[str, str], str | None]] = {}
        for way, key in _KEYS.items():
            step: dict[tuple[str, str], str | None] = {}
            for code, name, unit in zip(codes, names, above, strict=True):
                written = key(code if way in _BY_CODE else name)
                if not written:
                    continue
                for scope in {"", unit}:
                    known = step.setdefault((scope, written), code)
                    step[scope, written] = code if known == code else None
            self._steps[way] = step

    def match(self, written: pd.Series, within: pd.Series | None = None) -> pd.Series:
        """Return the code of the unit that each cell names, empty where none or several.

        Parameters
        ----------
        written
            What the ledger says.
        within
            Code of the unit of the level above in which to look; empty looks everywhere.
        """
        scope = pd.Series("", index=written.index) if within is None else within
        pairs = pd.MultiIndex.from_arrays([scope.to_numpy(), written.to_numpy()])
        numbers, unique = pairs.factorize()
        found = np.array([self.find(text, unit) for unit, text in unique] or [""], dtype=object)
        return pd.Series(found[numbers], index=written.index, dtype="str")

    def find(self, written: str, within: str = "") -> str:
        """Return the code of the unit that a cell names, empty where none or several."""
        return self.explain(written, within)[0]

    def explain(self, written: str, within: str = "") -> tuple[str, Way | None]:
        """Return the code of the unit that a cell names, and by what it was found."""
        for way, key in _KEYS.items():
            text = key(written)
            if way == "ending" and self._renamed:
                code = self._by_crosswalk(written)
                if code:
                    return code, "renamed"
            if way == "stem":
                code = self._after_parents(written, within)
                if code:
                    return code, "parents"
            step = self._steps[way]
            if not text or (within, text) not in step:
                continue
            code = step[within, text] or ""
            if way == "stem" and ending_kind(written) and ending_kind(self._names.get(code, "")):
                return "", None  # 蔺市镇 is not 蔺市街道: units are renamed, a crosswalk says so
            return code, way if code else None
        return "", None

    def name(self, code: str) -> str:
        """Return the name of a unit."""
        return self._names[code]

    def _by_crosswalk(self, written: str) -> str:
        """Return the one unit that an old code or name became part of."""
        if self._renamed is None:
            return ""
        exact = [self._steps[way] for way in ("code", "name")]
        words = [vocabulary.fold(word) for unit in self._renamed.later(written) for word in unit]
        found = {code for word in words for step in exact if (code := step.get(("", word)))}
        return found.pop() if len(found) == 1 else ""

    def _after_parents(self, written: str, within: str) -> str:
        """Return the one unit whose name stands after those of the units it lies in."""
        text = _same_ending(written)
        for start in range(1, len(text) - 1):
            codes = self._by_ending.get(text[start:], [])
            above = _ABOVE.fullmatch(text[:start]) if codes else None
            if above is None:
                continue
            township = _same_ending(above["township"] or "")
            fitting = [
                code
                for code in codes
                if (not within or self._above[code] == within)
                and (
                    not township
                    or _same_ending(self._parents.get(self._above[code], "")) == township
                )
            ]
            return fitting[0] if len(fitting) == 1 else ""
        return ""

    def near(self, written: str) -> str:
        """Return names and codes of the units that come nearest to what a cell says."""
        grams = {gram for gram in _grams(written) if gram in self._by_gram}
        candidates = sorted({name for gram in grams for name in self._by_gram[gram]})
        found = get_close_matches(written, candidates, n=3, cutoff=0.4)
        return "、".join(f"{name} {self._by_name[name]}" for name in found) or "-"


def _grams(name: str) -> set[str]:
    folded = vocabulary.fold(name)
    return {folded[i : i + 2] for i in range(len(folded) - 1)}


def ending_kind(name: str) -> str:
    """Return 街道, 镇, 乡, 社区 or 村 by how a name ends, empty where it ends otherwise."""
    for pattern, kind in _ENDINGS:
        if pattern.search(name):
            return kind
    return ""


def _exact_code(code: str) -> str:
    return vocabulary.fold(code)


def _short_code(code: str) -> str:
    folded = vocabulary.fold(code)
    if not folded.isdigit():
        return ""
    for length in _CODE_LENGTHS:
        if len(folded) > length and not folded[length:].strip("0"):
            return folded[:length]
    return folded


def _name(name: str) -> str:
    return vocabulary.fold(name)


@lru_cache(maxsize=1 << 16)  # every layer asks about the same names
def _same_ending(name: str) -> str:
    folded = vocabulary.fold(name)
    for pattern, kind in _ENDINGS:
        found = pattern.search(folded)
        if found and len(folded) > len(found[0]):
            return folded[: found.start()] + kind
    return folded


def _stem(name: str) -> str:
    ended = _same_ending(name)
    kind = ending_kind(ended)
    return ended.removesuffix(kind)


_BY_CODE = ("code", "short_code")
_KEYS: dict[Way, Callable[[str], str]] = {
    "code": _exact_code,
    "short_code": _short_code,
    "name": _name,
    "ending": _same_ending,
    "stem": _stem,
}
