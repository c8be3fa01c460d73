"""Mend codes that a spreadsheet spoiled, where what it left still says all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.layers.ledgers import values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog

_SCIENTIFIC = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_WHOLE = 12  # digits of a community's code; five more say how urban it is
# patterns for whole columns say [0-9] for \d, which pandas would look for cell by cell
_DIGIT = "[0-9０-９]"  # of either width
_SPOILED = re.compile(
    rf"'?{_DIGIT}[0-9０-９ \t\xa0\u3000]{{5,}}(\.0+)?"
    rf"|{_DIGIT}\.{_DIGIT}+[eE]\+?{_DIGIT}{{1,2}}"
)
_URBAN = rf"[0-9]{{{_WHOLE + 2}}}(111|112|121|122|123|210|220)"
_DIGITS = {"county": 6, "township": 9}


def repaired_codes(
    column: pd.Series, rows: NDArray[np.int64], layer: str, field: str, issues: IssueLog
) -> pd.Series:
    """Return codes as text, each repair and each code that is lost with an issue.

    Repaired are full-width digits, spaces, apostrophes, ``.0``; numbers in scientific notation that
    have all their digits; zeros lost at the front where the other codes of the column have them and
    are all of one length; codes of 17 digits, of which the last five are the class of the place.
    A code in scientific notation of fewer digits is lost and becomes empty.

    Parameters
    ----------
    column
        The column as read.
    rows
        Row that a person sees, one a cell.
    layer, field
        Where it stands.
    issues
        Where findings go.
    """
    written = values.text(column)
    codes = values.code(column)
    lost = np.zeros(len(codes), dtype=bool)
    odd = _looks_scientific(codes)
    if odd.any():
        whole = codes[odd].map(_from_scientific).astype("str")
        lost[odd] = (whole == "").to_numpy(dtype=bool)
        codes = codes.copy()
        codes[odd] = whole
    issues.add_rows(
        "warning", "damaged_code", layer=layer, rows=rows[lost], field=field,
        value=written[lost].to_numpy(dtype=object),
    )  # fmt: skip
    long = codes.str.fullmatch(_URBAN).to_numpy(dtype=bool)
    codes = codes.mask(long, codes.str[:_WHOLE])
    codes = _padded(codes)
    # a whole number that the file itself holds as one was not spoiled
    plain = pd.api.types.is_numeric_dtype(column.dtype)
    changed = (codes != written).to_numpy(dtype=bool) & ~lost & (not plain)
    issues.add_rows(
        "info", "repaired_code", layer=layer, rows=rows[changed], field=field,
        value=written[changed].to_numpy(dtype=object), read=codes[changed].to_numpy(dtype=object),
    )  # fmt: skip
    return codes.astype("str")


def is_damaged(written: pd.Series) -> NDArray[np.bool_]:
    """Return which cells are codes in scientific notation that lost digits."""
    damaged = _looks_scientific(written).copy()
    for position in np.flatnonzero(damaged):
        damaged[position] = not _from_scientific(written.iloc[position])
    return damaged


def is_spoiled(written: pd.Series) -> NDArray[np.bool_]:
    """Return which cells of a column of names or codes are codes, but not plain digits."""
    odd = ~written.str.fullmatch(r"[0-9]*").to_numpy(dtype=bool)
    # such a column says few different things over and over
    number, said = pd.factorize(written[odd])
    odd[odd] = np.array([bool(_SPOILED.fullmatch(text)) for text in said], dtype=bool)[number]
    return odd


def check_prefix(
    codes: pd.Series,
    parents: pd.Series,
    rows: NDArray[np.int64],
    layer: str,
    issues: IssueLog,
    *,
    parent: str,
) -> None:
    """Report units whose code does not begin with that of the unit they belong to.

    Parameters
    ----------
    codes
        Code of each unit; only codes longer than their parent's count.
    parents
        Code of the unit that each belongs to; only whole codes of its level count.
    rows
        Row that a person sees, one a unit.
    layer
        Layer of the units.
    issues
        Where findings go.
    parent
        ``county`` or ``township``.
    """
    digits = _DIGITS[parent]
    whole = codes.str.fullmatch(rf"[0-9]{{{digits + 1},}}") & parents.str.fullmatch(
        rf"[0-9]{{{digits}}}"
    )
    differs = (whole & (codes.str[:digits] != parents)).to_numpy(dtype=bool)
    issues.add_rows(
        "warning", "code_prefix", layer=layer, rows=rows[differs], field="code",
        value=codes[differs].to_numpy(dtype=object), parent=parents[differs].to_numpy(dtype=object),
    )  # fmt: skip


def _looks_scientific(codes: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(codes.str.fullmatch(r"[0-9](\.[0-9]+)?[eE]\+?[0-9]{1,2}"), dtype=bool)


def _from_scientific(written: str) -> str:
    """Return the whole number of a code, empty where digits of it are lost."""
    found = _SCIENTIFIC.fullmatch(written)
    if not found:
        return ""
    first, rest, exponent = found[1], found[2] or "", int(found[3])
    return first + rest if len(rest) == exponent else ""


def _padded(codes: pd.Series) -> pd.Series:
    """Return codes with the zeros at the front that a spreadsheet took from some of them."""
    digits = codes.str.fullmatch(r"[0-9]+").to_numpy(dtype=bool)
    zeros = digits & codes.str.startswith("0").to_numpy(dtype=bool)
    widths = codes[zeros].str.len().unique()
    if len(widths) != 1:
        return codes
    width = int(widths[0])
    lengths = codes.str.len().to_numpy(dtype=np.int64)
    short = digits & ~zeros & (lengths < width)
    if not short.any() or (digits & (lengths > width)).any():
        return codes
    padded = codes.mask(short, codes.str.zfill(width))
    # a code that another row has already was no other's shortened
    return codes if padded[short].isin(codes[~short]).any() else padded
