"""Understand figures as plans write them: ``≥60``, ``100%``, ``3.57万``, ``1—2``, ``全覆盖``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

COMPARATORS = ("≥", "≤", "=", ">", "<", "≈")

_NOTHING = ("", "—", "——", "-", "–", "/", "无", "无数值")
_ALL = ("全覆盖", "全部", "全面覆盖")
_SIGNS = {
    "≥": ("≥", ">=", "≧", "不低于", "不少于", "不小于", "至少", "达到", "达"),
    "≤": ("≤", "<=", "≦", "不高于", "不超过", "不多于", "至多"),
    ">": (">", "超过", "高于", "大于", "突破"),
    "<": ("<", "低于", "小于"),
    "≈": ("≈", "约", "大约"),
    "=": ("=",),
}
_ENDINGS = {"以上": "≥", "以下": "≤", "左右": "≈"}
_POWERS = {"": 1.0, "千": 1e3, "万": 1e4, "亿": 1e8}
_SIGN_OF = {word: sign for sign, words in _SIGNS.items() for word in words}
_NUMBER = r"-?\d+(?:,\d{3})*(?:\.\d+)?"
_FIGURE = re.compile(
    rf"^(?P<sign>{'|'.join(sorted(map(re.escape, _SIGN_OF), key=len, reverse=True))})?"
    rf"(?P<low>{_NUMBER})%?(?:(?:[—–~-]+|至|到)(?P<high>{_NUMBER}))?(?P<power>[千万亿]?)"
    rf"(?P<unit>%|m2|m²|[一-鿿/]*?)(?P<ending>{'|'.join(_ENDINGS)})?$"
)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a cell of a plan says.

    Parameters
    ----------
    number
        The figure, in the row's unit; None where there is none.
    comparator
        One of ``≥ ≤ = > < ≈``; empty where the cell names none.
    text
        The cell as written where the number does not say it all: a range, a sign, words.
    understood
        False for words that are neither a figure nor a sign for none, such as ``*``.
    """

    number: float | None = None
    comparator: str = ""
    text: str = ""
    understood: bool = True


def read_figure(cell: object, unit: str = "") -> Figure:
    """Read a baseline or a target.

    万 and 亿 multiply, unless the unit says 万 itself. Of a range the low end is taken, to be
    reached at least. 全覆盖 is 100. What is not understood stays as text.

    Parameters
    ----------
    cell
        A number or text.
    unit
        Unit of the row.
    """
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Figure(number=float(cell))
    written = "" if cell is None else str(cell).strip()
    folded = "".join(unicodedata.normalize("NFKC", written).split())
    if folded in _NOTHING:
        return Figure()
    if folded in _ALL:
        return Figure(number=100.0, text=written)
    found = _FIGURE.match(folded)
    if found is None:
        return Figure(text=written, understood=False)
    number = float(found["low"].replace(",", ""))
    if not unit.startswith(found["power"] or " "):
        number *= _POWERS[found["power"]]
    sign = _SIGN_OF.get(found["sign"] or "", "") or _ENDINGS.get(found["ending"] or "", "")
    if found["high"]:
        return Figure(number=number, comparator=sign or "≥", text=written)
    return Figure(number=number, comparator=sign)


def split_change(cell: object) -> tuple[object, object]:
    """Split a cell that holds baseline and target, ``0.5→0.8`` or ``/≥60``.

    Returns
    -------
    tuple
        Baseline and target; the first is None where the cell holds one figure only.
    """
    if not isinstance(cell, str):
        return None, cell
    if "→" in cell:
        before, after = cell.split("→", 1)
        return before.strip(), after.strip()
    stripped = cell.strip()
    if len(stripped) > 1 and stripped[0] in "/—":
        return None, stripped[1:].strip()
    return None, cell


def rank(text: str) -> float | None:
    """Return the number that a grade holds: 3 of ``三星级``, 4 of ``4A`` and of ``AAAA``.

    Conditions ``min`` and ``max`` on a field of text compare by it.
    """
    folded = unicodedata.normalize("NFKC", text).upper()
    found = re.search(r"\d+(?:\.\d+)?", folded)
    if found:
        return float(found[0])
    for number, numeral in enumerate("一二三四五六七八九十", start=1):
        if numeral in folded:
            return float(number)
    return float(folded.count("A")) or None
