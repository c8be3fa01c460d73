"""Find a typeface that has Chinese characters: a map with boxes for words is no map."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

FAMILIES = (
    "Noto Sans CJK SC", "Source Han Sans SC", "Source Han Sans CN", "Noto Sans SC",
    "Microsoft YaHei", "SimHei", "PingFang SC", "WenQuanYi Zen Hei", "WenQuanYi Micro Hei",
)  # fmt: skip
_LATIN = "DejaVu Sans"  # comes with matplotlib; has signs that a Chinese typeface may lack

# settings of matplotlib hold for all threads of a process
_SETTINGS = RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with Chinese typefaces, one drawing of this process at a time.

    Raises
    ------
    OutputError
        If no typeface with Chinese characters is installed.
    """
    found = installed()
    if not found:
        raise OutputError("atlas.no_font", names="、".join(FAMILIES))
    settings: dict[str, Any] = {
        "font.family": [*found, _LATIN],
        "axes.unicode_minus": False,
        # readers of PDF refuse outlines of the PostScript kind under the name of TrueType
        "pdf.fonttype": 3 if _is_postscript(found[0]) else 42,
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
    known = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in FAMILIES if name in known)


def _is_postscript(family: str) -> bool:
    file = Path(font_manager.findfont(family, fallback_to_default=False))
    with TTFont(file, fontNumber=0, lazy=True) as font:
        return "CFF " in font or "CFF2" in font
