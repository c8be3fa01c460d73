"""The plan's rows in several years, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.indicators.whole import figures_of_the_whole

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY = ("plan", "row", "kind", "indicator", "variant", "level", "unit_code", "unit_name", "unit")
_AIM = ("baseline", "target", "target_year", "comparator", "attribute")
_OF_YEAR = ("value", "numerator", "denominator", "status", "method", "note")


def side_by_side(tables: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return one row a plan row and reading, with the figures of each year beside each other.

    Parameters
    ----------
    tables
        By year, results as `evaluate` returns them, all of one plan.

    Returns
    -------
    pandas.DataFrame
        Of the highest level that has figures: plan, row, kind, indicator, variant, level,
        unit_code, unit_name, unit, baseline, target, target_year, comparator, attribute, then
        value, numerator, denominator, status, method and note of each year, as ``value_2020``. A
        note names the other denominator where units were divided anew since.
    """
    whole = {year: figures_of_the_whole(table) for year, table in sorted(tables.items())}
    every = pd.concat(whole.values())
    found = every.drop_duplicates(list(KEY))[[*KEY, *_AIM]].reset_index(drop=True)
    for year, table in whole.items():
        own = table[[*KEY, *_OF_YEAR]].rename(columns={name: f"{name}_{year}" for name in _OF_YEAR})
        found = found.merge(own, how="left", on=list(KEY), validate="one_to_one")
    return found
