"""How unequally access is spread over people.

Every measure takes values, one a demand row or unit, and the people who have them; everyone of a
row has the row's value, so splitting a row in two changes nothing. A value is read in one of two
ways: a *benefit*, such as a catchment score, is better the higher it is; a *cost*, such as minutes
to the nearest facility, the lower. Gini and Palma rise with inequality in both, but say different
things: of a benefit, Palma tells how much more the tenth with the best access has than the four
tenths with the worst; of a cost, how much more the tenth with the longest way bears than the four
tenths with the shortest.

Rows without people do not count. Rows without a value are left out, and their people are named
(`inequality`): people whom no way leads to a facility have no minutes, so a spread of minutes over
the others alone flatters. Where nobody has anything, all have the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from coverage.access.trips import amounts, numbers
from coverage.errors import AccessError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from coverage.access.trips import Floats

Reading = Literal["benefit", "cost"]

INEQUALITY_COLUMNS = ("people", "without_value", "mean", "gini", "palma", "worst_tenth")


def lorenz_curve(values: ArrayLike, people: ArrayLike) -> pd.DataFrame:
    """Return the points of the Lorenz curve.

    Parameters
    ----------
    values
        At least 0; missing ones are left out.
    people
        People who have each value.

    Returns
    -------
    pandas.DataFrame
        people_share and value_share, both ascending from 0 to 1: what share of all value the people
        with the lowest values have together. Only the first point where there are no people.

    Raises
    ------
    AccessError
        If a value is negative or infinite, people are missing or negative, or they do not match.

    References
    ----------
    Lorenz (1905), Publications of the American Statistical Association 9(70).
    """
    value, count = _known(values, people)
    order = np.argsort(value, kind="stable")
    held = (value * count)[order]
    people_share = _shares(count[order])
    value_share = _shares(held) if held.any() else people_share
    return pd.DataFrame({"people_share": people_share, "value_share": value_share})


def gini(values: ArrayLike, people: ArrayLike) -> float:
    """Return the Gini coefficient: 0 where all have the same, towards 1 where one has everything.

    It is twice the area between the Lorenz curve and the diagonal, that is the mean difference
    between two people over twice the mean. Arguments as in `lorenz_curve`; NaN without people.

    References
    ----------
    Gini (1914), Atti del Reale Istituto Veneto 73.
    """
    curve = lorenz_curve(values, people)
    if len(curve) == 1:
        return np.nan
    x, y = curve["people_share"].to_numpy(), curve["value_share"].to_numpy()
    # rounding must not make equality negative
    return max(0.0, 1.0 - float(np.sum(np.diff(x) * (y[1:] + y[:-1]))))


def palma_ratio(values: ArrayLike, people: ArrayLike) -> float:
    """Return what the tenth of people with the highest values has over what the lowest 40 % have.

    A row across either border is split. 0.25 where all have the same, infinite where the lowest 40
    % have nothing. Arguments as in `lorenz_curve`; NaN without people.

    References
    ----------
    Palma (2011), Development and Change 42(1); Cobham and Sumner (2013).
    """
    curve = lorenz_curve(values, people)
    if len(curve) == 1:
        return np.nan
    low, high = _held_by_lowest(curve, 0.4), 1.0 - _held_by_lowest(curve, 0.9)
    return high / low if low > 0 else np.inf


def worst_tenth(values: ArrayLike, people: ArrayLike, *, reading: Reading) -> float:
    """Return the mean value of the tenth of people with the worst access.

    A row across the border is split; NaN without people.

    Parameters
    ----------
    values, people
        As in `lorenz_curve`.
    reading
        ``benefit``: the lowest values are the worst; ``cost``: the highest.

    Raises
    ------
    AccessError
        Also if the reading is neither.
    """
    if reading not in {"benefit", "cost"}:
        raise AccessError("access.unknown", name="reading", value=reading, known="benefit, cost")
    curve = lorenz_curve(values, people)
    if len(curve) == 1:
        return np.nan
    held = _held_by_lowest(curve, 0.1)
    if reading == "cost":
        held = 1.0 - _held_by_lowest(curve, 0.9)
    return held / 0.1 * _mean(*_known(values, people))


def inequality(values: ArrayLike, people: ArrayLike, *, reading: Reading) -> pd.Series:
    """Return all measures of one spread.

    Parameters
    ----------
    values, people
        As in `lorenz_curve`.
    reading
        ``benefit`` or ``cost``, as in `worst_tenth`.

    Returns
    -------
    pandas.Series
        people (with a value), without_value (people without), mean, gini, palma, worst_tenth.
    """
    value, count = _known(values, people)
    with_value = count.sum()
    entries = (
        with_value,
        np.sum(people) - with_value,
        _mean(value, count),
        gini(value, count),
        palma_ratio(value, count),
        worst_tenth(value, count, reading=reading),
    )
    return pd.Series(entries, index=list(INEQUALITY_COLUMNS))


def urban_rural(values: ArrayLike, people: ArrayLike, urban: ArrayLike) -> pd.Series:
    """Compare the means of urban and rural people.

    Parameters
    ----------
    values, people
        As in `lorenz_curve`.
    urban
        1 or true for urban rows, 0 or false for rural ones, missing for neither.

    Returns
    -------
    pandas.Series
        urban_people, urban_mean, rural_people, rural_mean (people with a value, mean weighted by
        them), ratio (urban over rural) and difference (urban less rural). Means are missing where a
        group has nobody; the ratio is missing, too, where the rural mean is 0.

    Raises
    ------
    AccessError
        If the arguments cannot be used or do not match.
    """
    group = numbers("urban", urban)
    value = numbers("values", values)
    count = amounts("people", people, value.size)
    if group.shape != value.shape:
        raise AccessError("access.wrong_size", name="urban", given=group.shape, expected=value.size)
    town, country = (_known(value[group == side], count[group == side]) for side in (1, 0))
    urban_mean, rural_mean = _mean(*town), _mean(*country)
    return pd.Series(
        {
            "urban_people": town[1].sum(),
            "urban_mean": urban_mean,
            "rural_people": country[1].sum(),
            "rural_mean": rural_mean,
            "ratio": urban_mean / rural_mean if rural_mean > 0 else np.nan,
            "difference": urban_mean - rural_mean,
        }
    )


def _known(values: ArrayLike, people: ArrayLike) -> tuple[Floats, Floats]:
    value = numbers("values", values)
    count = amounts("people", people, value.size)
    known = ~np.isnan(value) & (count > 0)
    return amounts("values", value[known], int(known.sum())), count[known]


def _shares(parts: Floats) -> Floats:
    sums = np.concatenate([[0.0], np.cumsum(parts)])
    return sums / sums[-1] if len(sums) > 1 else sums


def _held_by_lowest(curve: pd.DataFrame, share: float) -> float:
    return float(np.interp(share, curve["people_share"], curve["value_share"]))


def _mean(values: Floats, people: Floats) -> float:
    return float(values @ people / people.sum()) if people.size else np.nan
