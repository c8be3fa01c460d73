"""Turn the cells of a column into text, codes, numbers, years, flags or lists.

Each function takes a column as read and returns one of the same index; those that can fail also
return which cells did. Empty cells never fail.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

_MISSING = ("", "-", "--", "—", "——", "/", "\\", "无", "nan", "null", "none", "<null>", "#n/a")
_YES = ("1", "是", "有", "√", "✓", "y", "yes", "t", "true", "已", "对", "1.0")
_NO = ("0", "否", "无", "×", "✗", "n", "no", "f", "false", "未", "没有", "0.0")
_SEPARATORS = re.compile(r"[;,、|/\s]+")
_YEARS = (1900, 2100)
# days of 1980 and of 2049 in a spreadsheet; numbers below them look like mistyped years
_SERIALS = (29221, 54788)
_DAY_0 = date(1899, 12, 30)  # day 0 of a spreadsheet
_WRITTEN = re.compile(
    r"(?P<about>约|大约|近|≈|~|共计?|合计)?\s*"
    r"(?P<number>[+-]?(?:\d{1,3}(?:[,'\s]\d{3})+|\d+)(?:\.\d+)?)\s*"
    r"(?P<unit>[^\d\s.,+*/~-][^\d\s]{0,5}?|㎡|m2)?(?:左右|整)?"
)


def text(column: pd.Series) -> pd.Series:
    """Return a column as text, space around it removed, empty where nothing stands.

    Whole numbers lose their ``.0``; dates become ISO dates.
    """
    dtype = column.dtype
    if pd.api.types.is_bool_dtype(dtype) or pd.api.types.is_integer_dtype(dtype):
        return column.astype("str").where(column.notna(), "")
    if pd.api.types.is_float_dtype(dtype):
        return _float_text(column)
    if pd.api.types.is_datetime64_any_dtype(dtype):
        dates: pd.Series = column.dt.strftime("%Y-%m-%d")
        return dates.astype("str").fillna("")
    return column.astype("str").where(column.notna(), "").str.strip()


def code(column: pd.Series) -> pd.Series:
    """Return a column of codes as text: no ``.0``, space or leading apostrophe, zeros kept."""
    codes = text(column)
    odd = ~codes.str.fullmatch(r"[0-9A-Za-z_-]*").to_numpy(dtype=bool)
    if odd.any():
        codes = codes.copy()
        codes[odd] = codes[odd].str.normalize("NFKC").str.replace(r"^'|\s+|\.0+$", "", regex=True)
    return codes


def number(column: pd.Series) -> tuple[pd.Series, Mask]:
    """Return a column as numbers, NaN where empty or no number, and which cells are no number.

    Full-width digits, thousands separators and space are understood.
    """
    numbers, bad, _ = measured(column)
    return numbers, bad


def measured(
    column: pd.Series, measure: str | None = None, factor: float = 1.0
) -> tuple[pd.Series, Mask, Mask]:
    """Return a column as numbers, which cells are no number, and which had to be read into one.

    Read into numbers are full-width digits, thousands separators and, where a measure is given,
    what stands before and after a number without changing it: 约120, 350㎡, 1.2万人. A range, a
    sum, a bound and a unit of something else are no number.

    Parameters
    ----------
    column
        The column as read.
    measure
        What the numbers measure, by `vocabulary.Field.measure`; None reads no words.
    factor
        How many of the field's unit one of the column's is; a unit in a cell goes before it.
    """
    kept = np.zeros(len(column), dtype=bool)
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        numbers = column.astype("float64")
        endless: Mask = np.isinf(numbers.to_numpy())
        return numbers.mask(endless), endless, kept
    column = column if isinstance(column.dtype, pd.StringDtype) else text(column)
    if _plain(column):
        numbers = column.astype("float64")
    else:
        numbers = pd.to_numeric(column, errors="coerce").astype("float64")
    numbers = numbers.mask(np.isinf(numbers.to_numpy()))
    odd = numbers.isna().to_numpy() & column.fillna("").ne("").to_numpy(dtype=bool)
    if odd.any():
        words = column[odd]
        read = {word: _read_number(word, measure, factor) for word in words.unique()}
        numbers[odd] = words.map(read).astype("float64")
        kept = odd & numbers.notna().to_numpy()
    return numbers, _failed(numbers, column), kept


def _plain(column: pd.Series) -> bool:
    """Return whether every cell is digits with a point at most: such columns convert fast."""
    return bool(column.str.fullmatch("-?[0-9]+([.][0-9]+)?").fillna(value=False).all())


def _read_number(word: str, measure: str | None, factor: float) -> float:
    written = unicodedata.normalize("NFKC", word).strip()
    found = _WRITTEN.fullmatch(written)
    if not found:
        return np.nan
    value = float(re.sub(r"[,'\s]", "", found["number"]))
    if not found["unit"] and not found["about"]:
        return value
    if measure is None:
        return np.nan
    if not found["unit"]:
        return value
    unit = vocabulary.unit_of(found["unit"])
    if unit is None:
        return np.nan
    of, size = unit
    counts = of == "count" and measure not in ("area", "money")
    fits = of in (measure, "any") or (size == 1 and (not measure or counts))
    return value * size / factor if fits else np.nan


def year(column: pd.Series) -> tuple[pd.Series, Mask]:
    """Return the years of a column of years or dates (Int64), and which cells hold none.

    A date counts by its year: ``2015-06-01``, ``2015年6月``, ``2015.6``, ``20150601``.
    """
    years, bad, _ = dated(column)
    return years, bad


def dated(column: pd.Series) -> tuple[pd.Series, Mask, Mask]:
    """Return the years of a column, which cells hold none, and which had to be read into one.

    Read into years are a spreadsheet's serial numbers of days, and text that names one year
    somewhere: 约2018年建成.
    """
    dates = _folded(text(column))
    found = dates.str.extract(r"^(\d{4})(?:$|\D|(?=\d{4}$)|(?=\d{2}$))", expand=False)
    years = pd.to_numeric(found, errors="coerce").astype("Int64")
    years = years.mask(~years.between(*_YEARS).fillna(value=False))
    odd = _failed(years, column)
    if not odd.any():
        return years, odd, odd
    words = dates[odd]
    read = {word: _read_year(word) for word in words.unique()}
    years[odd] = words.map(read).astype("Int64")
    return years, _failed(years, column), odd & years.notna().to_numpy()


def _read_year(word: str) -> int | None:
    serial = re.fullmatch(r"(\d{5})(?:\.\d+)?", word)
    if serial and _SERIALS[0] <= int(serial[1]) <= _SERIALS[1]:
        return (_DAY_0 + timedelta(days=int(serial[1]))).year
    named = set(re.findall(r"(?<!\d)(?:19|20)\d{2}(?!\d)", word))
    return int(named.pop()) if len(named) == 1 else None


def flag(column: pd.Series) -> tuple[pd.Series, Mask]:
    """Return a column of yes and no (boolean, missing where empty), and which cells are neither.

    A count is a yes where it is more than 0.
    """
    words = _folded(text(column))
    numbers = pd.to_numeric(words, errors="coerce")
    yes = words.isin(_YES).to_numpy() | (numbers > 0).to_numpy()
    no = words.isin(_NO).to_numpy() | (numbers == 0).to_numpy()
    flags = pd.Series(pd.NA, index=column.index, dtype="boolean")
    flags[yes] = True
    flags[no] = False
    return flags, _failed(flags, column)


def items(column: pd.Series) -> pd.Series:
    """Return a column of lists as text, items in their order once each, joined by ``;``."""
    lists = text(column)
    joined = {written: ";".join(split(written)) for written in lists.unique()}
    return lists.map(joined).astype("str")


def split(written: str) -> tuple[str, ...]:
    """Return the items of a list that a cell holds, in their order, once each."""
    folded = written.replace("；", ";").replace("，", ",")
    return tuple(dict.fromkeys(item for item in _SEPARATORS.split(folded) if item))


def _float_text(column: pd.Series) -> pd.Series:
    numbers = column.to_numpy(dtype="float64", na_value=np.nan)
    known = np.isfinite(numbers)
    whole = known & (np.where(known, numbers, 0) % 1 == 0)
    written = np.full(len(numbers), "", dtype=object)
    written[whole] = numbers[whole].astype("int64").astype(str)
    written[known & ~whole] = [repr(float(value)) for value in numbers[known & ~whole]]
    return pd.Series(written, index=column.index, dtype="str")


def _folded(column: pd.Series) -> pd.Series:
    return column.str.normalize("NFKC").str.strip().str.lower()


def _failed(values: pd.Series, column: pd.Series) -> Mask:
    """Return which cells hold something, though no value was found in them."""
    empty: Mask = values.isna().to_numpy(dtype=bool)
    failed = np.zeros(len(empty), dtype=bool)
    if empty.any():
        written = column[empty]
        failed[empty] = written.notna() & ~_folded(text(written)).isin(_MISSING)
    return failed
