"""Facilities of the kinds that a row is about and that do not count, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts
from coverage.indicators.choose import categories_of, facilities_of, services_of
from coverage.indicators.conditions import everything
from coverage.indicators.errors import NotComputableError
from coverage.indicators.explanation import ASIDE_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.plans import IndicatorRow

    Flags = NDArray[np.bool_]

_BY_REACH = ("reach", "units_by_reach")
_COUNTED = "counted"


def facilities_aside(
    row: IndicatorRow, variant: str, inputs: Inputs, status: pd.Series
) -> pd.DataFrame:
    """List facilities that a variant of a row is about and does not count.

    Parameters
    ----------
    row, variant
        The row and one of its variants.
    inputs
        What it is computed from.
    status
        Status of every facility in the year, in the order of the layer.

    Returns
    -------
    pandas.DataFrame
        id, name, category, community, township, reason, sentence, row. The reason is the status,
        or ``conditions`` (they are not met), ``unknown`` (too little is known to tell).
    """
    frame = inputs.layers.facilities
    reasons = np.full(len(frame), _COUNTED, dtype=object)
    meant = np.zeros(len(frame), dtype=bool)
    for wanted in _wanted(row, variant):
        among, own = _reasons(wanted, variant, inputs, status)
        # who counts for one of several purposes is not set aside
        reasons = np.where(among & (~meant | (own == _COUNTED)), own, reasons)
        meant |= among
    aside = meant & (reasons != _COUNTED)
    table = pd.DataFrame(frame.loc[aside, ["id", "name", "category", "community", "township"]])
    table["reason"] = reasons[aside]
    table["sentence"] = [texts.say(f"explain.aside_{reason}") for reason in reasons[aside]]
    table["row"] = frame.loc[aside, "source_row"]
    return table[list(ASIDE_COLUMNS)].reset_index(drop=True)


def _wanted(row: IndicatorRow, variant: str) -> list[Mapping[str, Any]]:
    """Return what the row asks of facilities: categories or services, and conditions."""
    of = row.parameters
    if variant in _BY_REACH and row.family != "presence_rate":
        return [{"service": name} for name in services_of(of)]
    if of.get("tiers"):
        return list(of["tiers"])
    if row.family == "ratio":
        amounts = [of["numerator"], of["denominator"]]
        each = [a for amount in amounts for a in (amount if isinstance(amount, list) else [amount])]
        return [amount for amount in each if amount.get("of", "facilities") == "facilities"]
    if row.family in ("flag_share", "count") and of["of"] != "facilities":
        return []
    asks = of.get("categories") or services_of(of) or row.family in ("flag_share", "count")
    return [of] if asks else []


def _reasons(
    wanted: Mapping[str, Any], variant: str, inputs: Inputs, status: pd.Series
) -> tuple[Flags, NDArray[Any]]:
    """Return which facilities are of the kinds wanted, and of each why it does not count."""
    frame, counts = inputs.layers.facilities, inputs.counts
    categories = categories_of(wanted, inputs)
    among = np.ones(len(frame), dtype=bool)
    if categories:
        among = frame["category"].isin(categories).to_numpy()
    reasons = status.to_numpy(dtype=object).copy()
    if variant not in _BY_REACH:
        # who is off the streets or nowhere still belongs to a unit
        reasons[counts] = _COUNTED
    try:
        verdict = facilities_of(wanted, inputs)
    except NotComputableError:
        verdict = everything(int(counts.sum()))
    failed = among[counts] & ~verdict.holds & ~verdict.unknown
    reasons[inputs.whole(failed)] = "conditions"
    reasons[inputs.whole(verdict.unknown)] = "unknown"
    return among, reasons
