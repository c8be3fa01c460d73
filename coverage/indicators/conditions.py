"""Decide conditions over the rows of a table, three ways: they hold, they do not, nobody knows.

An empty cell is not known, save of a list: nothing stands in it, so nothing is in it. What the
words mean stands in `coverage.plans.conditions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.indicators.errors import NotComputableError
from coverage.indicators.tables import is_blank
from coverage.plans import rank
from coverage.vocabulary import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.tables import Table

    Flags = NDArray[np.bool_]

_SEPARATOR = ";"


@dataclass(frozen=True, eq=False)
class Verdict:
    """Which rows meet conditions, and of which it is not known; the two never overlap."""

    holds: Flags
    unknown: Flags

    def __and__(self, other: Verdict) -> Verdict:
        holds = self.holds & other.holds
        possible = (self.holds | self.unknown) & (other.holds | other.unknown)
        return Verdict(holds, possible & ~holds)

    def __or__(self, other: Verdict) -> Verdict:
        holds = self.holds | other.holds
        return Verdict(holds, (self.unknown | other.unknown) & ~holds)


def everything(size: int) -> Verdict:
    """Return the verdict where there are no conditions: all rows meet them."""
    return Verdict(np.ones(size, dtype=bool), np.zeros(size, dtype=bool))


def decide(
    conditions: Any,  # noqa: ANN401 - a set of conditions, or a list of sets
    table: Table,
    *,
    among: Flags | None = None,
    urban_rule: str = "kind",
) -> Verdict:
    """Decide conditions row by row.

    Parameters
    ----------
    conditions
        A set of conditions, a list of sets of which any will do, or nothing.
    table
        The rows.
    among
        Rows that matter: a field that is empty in all of them counts as missing.
    urban_rule
        What makes a community urban.

    Raises
    ------
    NotComputableError
        If a field is not there, or empty throughout.
    """
    if not conditions:
        return everything(len(table))
    chosen = np.ones(len(table), dtype=bool) if among is None else among
    sets = conditions if isinstance(conditions, list) else [conditions]
    verdicts = [
        reduce(
            Verdict.__and__,
            (_decide(name, wanted, table, chosen, urban_rule) for name, wanted in entry.items()),
            everything(len(table)),
        )
        for entry in sets
    ]
    return reduce(Verdict.__or__, verdicts)


def _decide(name: str, wanted: Any, table: Table, among: Flags, urban_rule: str) -> Verdict:  # noqa: ANN401
    column, field = table.column(name, urban_rule=urban_rule)
    spared = isinstance(wanted, dict) and set(wanted) == {"not"}
    # a list names what somebody has: it is missing only where nobody has anything
    is_list = isinstance(wanted, dict) and "all" in wanted
    rows = np.ones(len(table), dtype=bool) if is_list else among
    if column is None or (rows.any() and is_blank(column)[rows].all()):
        if spared:
            return everything(len(table))
        raise NotComputableError("lacks", layer=table.layer, field=field)
    if not isinstance(wanted, dict):
        return _is(wanted, column)
    return reduce(Verdict.__and__, (_WORDS[word](column, value) for word, value in wanted.items()))


def _is(wanted: Any, column: pd.Series) -> Verdict:  # noqa: ANN401
    unknown = is_blank(column).to_numpy(dtype=bool)
    values = wanted if isinstance(wanted, list) else [wanted]
    if pd.api.types.is_bool_dtype(column.dtype) or pd.api.types.is_numeric_dtype(column.dtype):
        found = column.isin(values).fillna(value=False).to_numpy(dtype=bool)
        return Verdict(found & ~unknown, unknown)
    words = {fold(str(value)) for value in values}
    held = {
        text: fold(text) in words or not words.isdisjoint(map(fold, text.split(_SEPARATOR)))
        for text in column.astype(str).unique()
    }
    found = column.astype(str).map(held).to_numpy(dtype=bool)
    return Verdict(found & ~unknown, unknown)


def _is_not(column: pd.Series, value: Any) -> Verdict:  # noqa: ANN401
    return Verdict(~_is(value, column).holds, np.zeros(len(column), dtype=bool))


def _has_all(column: pd.Series, values: list[str]) -> Verdict:
    words = {fold(str(value)) for value in values}
    held = {
        text: words <= set(map(fold, text.split(_SEPARATOR)))
        for text in column.fillna("").astype(str).unique()
    }
    found = column.fillna("").astype(str).map(held).to_numpy(dtype=bool)
    return Verdict(found, np.zeros(len(column), dtype=bool))


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    ranks = {text: rank(text) for text in column.astype(str).unique() if text}
    return column.astype(str).map(ranks).to_numpy(dtype=float)


def _compared(column: pd.Series, value: float, *, at_least: bool) -> Verdict:
    numbers = _numbers(column)
    found = numbers >= value if at_least else numbers <= value
    return Verdict(found, np.isnan(numbers))


def _among_highest(column: pd.Series, share: float) -> Verdict:
    """Keep the highest share of the rows that have a number, and all that tie with the last."""
    numbers = _numbers(column)
    known = ~np.isnan(numbers)
    higher = pd.Series(-numbers).rank(method="min").to_numpy() - 1
    return Verdict(known & (higher < share * known.sum()), ~known)


_WORDS: Mapping[str, Callable[[pd.Series, Any], Verdict]] = {
    "min": lambda column, value: _compared(column, value, at_least=True),
    "max": lambda column, value: _compared(column, value, at_least=False),
    "all": _has_all,
    "not": _is_not,
    "top": _among_highest,
}
