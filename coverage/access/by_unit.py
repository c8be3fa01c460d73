"""Scores and capacity-limited catchments by community or township."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.access.trips import amounts, numbers
from coverage.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import ArrayLike

    from coverage.access.trips import Floats

CAPACITY_PARTS = ("served", "full", "out_of_reach")


def sums_by_unit(
    columns: Mapping[str, Floats], unit: ArrayLike, codes: Iterable[str]
) -> pd.DataFrame:
    """Sum columns of demand rows by unit.

    Parameters
    ----------
    columns
        Numbers, one a demand row; a row counts where all of them are known.
    unit
        Code of the unit each row lies in; rows in no unit of `codes` do not count.
    codes
        Codes of all units, those without demand included.

    Returns
    -------
    pandas.DataFrame
        Index `codes`, one column each, missing in units of which no row counts.

    Raises
    ------
    AccessError
        If the columns do not match the units.
    """
    index = pd.Index(list(codes))
    position = index.get_indexer(pd.Index(np.asarray(unit)))
    for name, values in columns.items():
        if values.shape != position.shape:
            raise AccessError(
                "access.wrong_size", name=name, given=values.shape, expected=position.size
            )
    counted = position >= 0
    for values in columns.values():
        counted &= ~np.isnan(values)
    at = position[counted]
    sums = {
        name: np.bincount(at, weights=values[counted], minlength=len(index))
        for name, values in columns.items()
    }
    table = pd.DataFrame(sums, index=index, dtype=np.float64)
    # without a single row nothing is known of a unit; otherwise nobody is nobody
    table.loc[np.bincount(at, minlength=len(index)) == 0] = np.nan
    return table


def score_by_unit(
    scores: ArrayLike, people: ArrayLike, unit: ArrayLike, codes: Iterable[str]
) -> pd.DataFrame:
    """Return the mean score of each unit's people.

    Parameters
    ----------
    scores
        Supply per person of each demand row, from `floating_catchment`.
    people
        People of each demand row, missing where unknown: they weigh the mean.
    unit, codes
        As in `sums_by_unit`.

    Returns
    -------
    pandas.DataFrame
        Index `codes`; people (denominator), supply (numerator: what falls to the unit's people of
        the facilities they reach, wherever those stand) and score = supply / people, missing where
        there is nobody. The supply of all units sums to the supply of all facilities reached, as
        far as every demand row lies in a unit.
    """
    count = numbers("people", people)
    score = amounts("scores", scores, count.size)
    table = sums_by_unit({"people": count, "supply": score * count}, unit, codes)
    return table.assign(score=table["supply"] / table["people"].where(table["people"] > 0))


def capacity_by_unit(demand: pd.DataFrame, unit: ArrayLike, codes: Iterable[str]) -> pd.DataFrame:
    """Return how many of each unit's people are served where facilities can be full.

    Parameters
    ----------
    demand
        Of a `CapacityCatchment`.
    unit, codes
        As in `sums_by_unit`.

    Returns
    -------
    pandas.DataFrame
        Index `codes`; people and its three parts served, full and out_of_reach; share of people
        served, missing where there is nobody.
    """
    names = ("people", *CAPACITY_PARTS)
    columns = {name: demand[name].to_numpy(dtype=np.float64) for name in names}
    table = sums_by_unit(columns, unit, codes)
    return table.assign(share=table["served"] / table["people"].where(table["people"] > 0))
