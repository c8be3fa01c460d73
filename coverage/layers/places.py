"""Find townships and communities by what ledgers write: a code, a name, a name cut short."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# endings of names -> the one written for all of them; the longest goes first
_ENDINGS = (
    (r"街道(办事处|办)?", "街道"),
    (r"镇(人民政府|政府)?", "镇"),
    (r"(?:民族)?乡(人民政府|政府)?", "乡"),
    (r"(社区居民委员会|社区居委会|居民委员会|居委会|社区)", "社区"),
    (r"(村民委员会|村委会|村)", "村"),
)
_CODE_LENGTHS = (6, 9)


class Units:
    """Find units of one level by what a ledger writes.

    A unit is found by, in this order: its code; its code without the zeros that fill it up; its
    name; its name with another form of the same ending (街道办事处 for 街道); its name without the
    ending. At each step it must be the only unit that fits; a step at which several
    fit ends the search, and nothing is guessed.

    Parameters
    ----------
    codes, names
        Code and name of each unit.
    within
        Code of the unit of the level above that each lies in; empty where there is none.
    """

    def __init__(
        self, codes: Iterable[str], names: Iterable[str], within: Iterable[str] | None = None
    ) -> None:
        codes, names = list(codes), list(names)
        above = [""] * len(codes) if within is None else list(within)
        self._names = dict(zip(codes, names, strict=True))
        self._by_name = dict(zip(reversed(names), reversed(codes), strict=True))
        # only names that share two characters are compared: ledgers hold thousands of strangers
        self._by_gram: dict[str, set[str]] = {}
        for name in self._by_name:
            for gram in _grams(name):
                self._by_gram.setdefault(gram, set()).add(name)
        self._steps: list[dict[tuple[str, str], str | None]] = []
        for key in _KEYS:
            step: dict[tuple[str, str], str | None] = {}
            for code, name, unit in zip(codes, names, above, strict=True):
                written = key(code if key in _CODE_KEYS else name)
                if not written:
                    continue
                for scope in {"", unit}:
                    known = step.setdefault((scope, written), code)
                    step[scope, written] = code if known == code else None
            self._steps.append(step)

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
        for key, step in zip(_KEYS, self._steps, strict=True):
            text = key(written)
            if not text or (within, text) not in step:
                continue
            code = step[within, text] or ""
            if key is _stem and ending_kind(written) and ending_kind(self._names.get(code, "")):
                return ""  # 蔺市镇 is not 蔺市街道: units are renamed, and a crosswalk says so
            return code
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
        if re.search(rf"{pattern}$", name):
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


def _same_ending(name: str) -> str:
    folded = vocabulary.fold(name)
    for pattern, kind in _ENDINGS:
        found = re.search(rf"{pattern}$", folded)
        if found and len(folded) > len(found[0]):
            return folded[: found.start()] + kind
    return folded


def _stem(name: str) -> str:
    ended = _same_ending(name)
    kind = ending_kind(ended)
    return ended.removesuffix(kind)


_CODE_KEYS: tuple[Callable[[str], str], ...] = (_exact_code, _short_code)
_KEYS: tuple[Callable[[str], str], ...] = (*_CODE_KEYS, _name, _same_ending, _stem)
