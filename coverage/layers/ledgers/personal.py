"""Keep persons out: columns about them are not read, their numbers in other columns are masked.

Found are identity numbers (18 characters, the last a check digit by ISO 7064 MOD 11-2, GB 11643)
and mobile numbers. What is masked appears nowhere, in no finding either.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.layers.files.raw import Raw
    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.headers import Columns

MASK = "***"

_DIGIT = "[0-9０-９]"
# what may hold a number of a person; looked at closely afterwards
_SUSPECT = rf"{_DIGIT}{{17}}|[1１]{_DIGIT}{{2}}[- ]?{_DIGIT}{{4}}[- ]?{_DIGIT}{{4}}"
_IDENTITY = re.compile(
    r"(?<![\d.])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)"
)
_MOBILE = re.compile(r"(?<![\d.])1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)")
_MOBILES = (13_000_000_000, 20_000_000_000)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_MOSTLY = 0.5  # of a column's cells: then it is a column about persons
_PLACES = ("lon", "lat")


def without_persons(
    raw: Raw, columns: Columns, layer: str, issues: IssueLog
) -> tuple[Raw, Columns]:
    """Return a layer with numbers of persons masked, and its columns without those about persons.

    In a column of codes the whole cell is emptied; mobile numbers are not looked for there, as
    codes of eleven digits look like them. A column of no canonical field most of whose cells are
    such numbers is one about persons.

    Parameters
    ----------
    raw
        The layer as read.
    columns
        What its columns are.
    layer
        Its name.
    issues
        Where it is said which rows were masked.
    """
    known = vocabulary.fields()
    field_of = {position: field for field, position in columns.fields.items()}
    gone = {i for i, header in enumerate(raw.headers) if header in columns.personal}
    masked, about = {}, []
    for position, header in enumerate(raw.headers):
        field = field_of.get(position, "")
        kind = known[field].kind if field in known else ""
        if position in gone or field in _PLACES:
            continue
        column = raw.cells[position]
        found = _found(column, identity_only=kind == "code")
        if not found.any():
            continue
        if not kind and _bare(column[found]).sum() > _MOSTLY * _count(column):
            about.append(header)
            continue
        if pd.api.types.is_numeric_dtype(column.dtype):
            continue
        masked[position] = _masked(column, found, kind)
        issues.add_rows(
            "warning", "personal_values", layer=layer, rows=raw.rows[found], field=field or header
        )
    cells = raw.cells.copy(deep=False)
    for position, column in masked.items():
        cells[position] = column
    return replace(raw, cells=cells), _left(columns, raw, about)


def _found(column: pd.Series, *, identity_only: bool) -> NDArray[np.bool_]:
    """Return which cells hold a number of a person."""
    found = np.zeros(len(column), dtype=bool)
    if pd.api.types.is_numeric_dtype(column.dtype):
        if not identity_only and not pd.api.types.is_bool_dtype(column.dtype):
            numbers = column.to_numpy(dtype="float64", na_value=np.nan)
            found = (numbers >= _MOBILES[0]) & (numbers < _MOBILES[1])
            found &= np.floor(numbers) == numbers
        return found
    if not isinstance(column.dtype, (pd.StringDtype, np.dtypes.ObjectDType)):
        return found
    # codes of units come again and again
    of_cell, different = pd.factorize(column.where(column.notna(), "").astype("str"))
    text = pd.Series(different)
    found = text.str.contains(_SUSPECT, regex=True).to_numpy(dtype=bool, copy=True)
    for position in np.flatnonzero(found):
        written = unicodedata.normalize("NFKC", text.iloc[position])
        found[position] = _identities(written) or (
            not identity_only and _MOBILE.search(written) is not None
        )
    return np.asarray(found[of_cell])


def _identities(written: str) -> list[str]:
    return [number for number in _IDENTITY.findall(written) if _checks(number)]


def _checks(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    return number[-1].upper() == _CHECKS[total % 11]


def mask(written: str) -> str:
    """Return a text with identity and mobile numbers masked."""
    text = unicodedata.normalize("NFKC", written)
    if not _identities(text) and not _MOBILE.search(text):
        return written
    hidden = _IDENTITY.sub(lambda found: MASK if _checks(found[0]) else found[0], text)
    return _MOBILE.sub(MASK, hidden)


def _masked(column: pd.Series, found: NDArray[np.bool_], kind: str) -> pd.Series:
    result = column.astype("str").copy()
    result = result.mask(found, "" if kind == "code" else result[found].map(mask))
    return result.where(column.notna(), "") if column.isna().any() else result


def _bare(column: pd.Series) -> NDArray[np.bool_]:
    """Return which cells hold nothing but such a number."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return np.ones(len(column), dtype=bool)
    return np.array([mask(written).strip() == MASK for written in column], dtype=bool)


def _count(column: pd.Series) -> int:
    filled = column.notna()
    return int((filled & (column.astype("str") != "")).sum())


def _left(columns: Columns, raw: Raw, about: list[str]) -> Columns:
    if not about:
        return columns
    positions = {i for i, header in enumerate(raw.headers) if header in about}
    return replace(
        columns,
        fields={f: i for f, i in columns.fields.items() if i not in positions},
        unknown={h: i for h, i in columns.unknown.items() if h not in about},
        personal=(*columns.personal, *about),
    )
