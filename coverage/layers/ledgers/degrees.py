"""Read longitudes and latitudes written in degrees, minutes and seconds."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

# width and look-alikes are folded before: 107°23'15.5", E107度23分15秒, 29°42.5'N
_WRITTEN = (
    r"^(?P<before>[东西南北ewsn]?)[经纬]?"
    r"(?P<degrees>\d{1,3}(?:\.\d+)?)[°度d]"
    r"(?:(?P<minutes>\d{1,2}(?:\.\d+)?)['分m])?"
    r"(?:(?P<seconds>\d{1,2}(?:\.\d+)?)(?:\"|''|秒|s)?)?"
    r"(?P<after>[东西南北ewsn]?)$"
)
_FOLDED = str.maketrans("′’‘″”“º˚", "'''\"\"\"°°")
_NEGATIVE = ("西", "南", "w", "s")
_SIXTY = 60


def degrees(column: pd.Series) -> NDArray[np.float64]:
    """Return what cells like ``107°23′15″`` say in decimal degrees, NaN where they say nothing.

    Parameters
    ----------
    column
        Text; Chinese words (度分秒, 东经) and letters (E, N) are understood, west and south are
        negative, minutes and seconds are less than 60.
    """
    folded = column.map(_fold).astype("str")
    found = folded.str.extract(_WRITTEN)
    parts = found[["degrees", "minutes", "seconds"]].astype("float64")
    parts = parts.fillna({"minutes": 0.0, "seconds": 0.0})
    whole, minutes, seconds = parts.to_numpy(dtype="float64").T
    value = whole + minutes / _SIXTY + seconds / _SIXTY**2
    side = found["before"].fillna("") + found["after"].fillna("")
    signed = np.where(side.isin(_NEGATIVE), -value, value)
    return np.where((minutes < _SIXTY) & (seconds < _SIXTY), signed, np.nan)


def _fold(written: str) -> str:
    # the compatibility form splits the double prime into two single ones: look-alikes go first
    plain = unicodedata.normalize("NFKC", str(written).translate(_FOLDED))
    return "".join(plain.split()).lower()
