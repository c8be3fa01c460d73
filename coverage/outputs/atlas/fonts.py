"""Find typefaces that have the characters of a map: one with boxes for words is no map.

A character that the preferred typefaces lack comes from any other that is installed. One that none
has is written as 〓, the printers' mark for a missing type, and the page says which it is.
"""

from __future__ import annotations

import unicodedata
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "Microsoft YaHei", "SimHei", "PingFang SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
)  # fmt: skip
_LATIN = "DejaVu Sans"  # comes with matplotlib; has signs that a Chinese typeface may lack

_BOXES = "Last Resort High-Efficiency"  # comes with matplotlib, too: a box for every character
_MISSING = "〓"
_PRIVATE = "Co"
_SILENT = ("Cc", "Cf", "Mn")  # categories that have no shape of their own

# settings of matplotlib hold for all threads of a process
_SETTINGS = RLock()


@contextmanager
def drawing(words: Iterable[str] = ()) -> Iterator[None]:
    """Draw with Chinese typefaces, one drawing of this process at a time.

    Parameters
    ----------
    words
        What is to be written: for characters that the preferred typefaces lack, others are taken.

    Raises
    ------
    OutputError
        If no typeface with Chinese characters is installed.
    """
    found = installed()
    if not found:
        raise OutputError("atlas.no_font", names=tuple(FAMILIES))
    families = _with(words, (*found, _LATIN))
    settings: dict[str, Any] = {
        "font.family": list(families),
        "axes.unicode_minus": False,
        # readers of PDF refuse outlines of the PostScript kind under the name of TrueType
        "pdf.fonttype": 3 if any(map(_is_postscript, families)) else 42,
        "hatch.linewidth": 0.5,
        # a name may hold a dollar sign
        "text.parse_math": False,
    }
    with _SETTINGS, mpl.rc_context(settings):
        yield


def can_draw() -> bool:
    """Return whether a typeface with Chinese characters is installed."""
    return bool(installed())


def installed() -> tuple[str, ...]:
    """Return the families with Chinese characters that are installed, the preferred one first."""
    known = _families()
    return tuple(name for name in FAMILIES if name in known)


def _families() -> set[str]:
    return {entry.name for entry in font_manager.fontManager.ttflist}


def drawable(text: str) -> tuple[str, frozenset[str]]:
    """Return a text as the typefaces in use can write it, and the characters that they lack."""
    known = _characters(tuple(mpl.rcParams["font.family"]))
    lacking = frozenset(c for c in text if ord(c) not in known and not c.isspace())
    shown = frozenset(c for c in lacking if unicodedata.category(c) not in _SILENT)
    swap = {ord(c): _MISSING if c in shown else None for c in lacking}
    return text.translate(swap), shown


def _with(words: Iterable[str], families: tuple[str, ...]) -> tuple[str, ...]:
    """Return families and those others that have a character of some words that these lack."""
    # a place for private use is a sign of its own in every typeface
    needed = {
        ord(c) for text in words for c in text
        if not c.isspace() and unicodedata.category(c) not in (_PRIVATE, *_SILENT)
    }  # fmt: skip
    lacking = needed - _characters(families)
    if not lacking:
        return families
    others = []
    for family in sorted(_families() - {_BOXES}):
        found = lacking & _characters((family,))
        if found:
            others.append(family)
            lacking -= found
    return (*families, *others)


@cache
def _characters(families: tuple[str, ...]) -> frozenset[int]:
    wanted = (font_manager.FontProperties(family=[name]) for name in families)
    files = (font_manager.findfont(one, fallback_to_default=False) for one in wanted)
    return frozenset().union(*(font_manager.get_font(file).get_charmap() for file in files))


def _is_postscript(family: str) -> bool:
    wanted = font_manager.FontProperties(family=[family])
    file = Path(font_manager.findfont(wanted, fallback_to_default=False))
    with TTFont(file, fontNumber=0, lazy=True) as font:
        return "CFF " in font or "CFF2" in font
