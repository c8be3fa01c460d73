"""Catchments of facilities that can be full: nearest first, the rest moves on.

All trips within the limit are taken in ascending minutes, those of equal minutes by position of the
facility. Whoever is not yet served and finds room is served there; where a facility has less room
than people arrive at the same minute, all of them get the same share of it. Thus nobody is served
twice, no facility takes more than it can, and nobody is turned away by a facility that serves
someone who lives farther from it. Neither the order of demand rows nor splitting one in two
matters.

It is what happens when everyone goes to the nearest place with room, not the best allocation: who
has only one facility may find it full of people who have another, farther one. More room, a further
facility or a longer limit never takes service from any demand row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numba import njit
from scipy import sparse

from coverage.access.trips import amounts, checked_limit, trips_of
from coverage.network.search import TOLERANCE_MINUTES

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    from coverage.access.trips import Floats, Times

    Integers: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class CapacityCatchment:
    """Who is served, by demand row and by facility.

    Parameters
    ----------
    demand
        One row a demand row: people and its three parts, served, full (a facility is within the
        limit, but all of them are full) and out_of_reach.
    facilities
        One row a facility: capacity and load, the people served.
    served
        Demand × facilities: people of each demand row whom each facility serves.
    """

    demand: pd.DataFrame
    facilities: pd.DataFrame
    served: sparse.csr_array


def capacity_catchment(
    times: Times, people: ArrayLike, capacities: ArrayLike, *, limit: float | None
) -> CapacityCatchment:
    """Send people to the nearest facility within the limit that has room.

    Parameters
    ----------
    times
        Demand × facilities, minutes: compressed rows with explicit zeros, or dense with inf or NaN
        where there is no way.
    people
        People of each demand row, a real number; a row may be served by several facilities.
    capacities
        People each facility can serve, infinite where nothing limits it.
    limit
        Longest trip that counts, minutes, inclusive; None for no limit.

    Raises
    ------
    AccessError
        If the arguments do not fit together, or an amount is missing or negative.

    Examples
    --------
    Three people live next to a facility for two; one of them walks on to the other:

    >>> catchment = capacity_catchment([[1.0, 9.0], [20.0, 5.0]], [3, 4], [2, 10], limit=15)
    >>> catchment.facilities["load"].tolist()
    [2.0, 5.0]
    """
    trips = trips_of(times)
    rows, places = trips.shape
    demand = amounts("people", people, rows)
    room = amounts("capacities", capacities, places, endless=True)
    longest = checked_limit(limit) + TOLERANCE_MINUTES
    minutes, row, place = _nearest_first(trips, longest)
    waiting, load, taken = demand.copy(), np.zeros(places), np.zeros(minutes.size)
    _serve(minutes, row, place, room, waiting, load, taken)
    in_reach = np.zeros(rows, dtype=bool)
    in_reach[row] = True
    parts = {
        "people": demand,
        "served": demand - waiting,
        "full": np.where(in_reach, waiting, 0.0),
        "out_of_reach": np.where(in_reach, 0.0, waiting),
    }
    some = taken > 0
    return CapacityCatchment(
        demand=pd.DataFrame(parts),
        facilities=pd.DataFrame({"capacity": room, "load": load}),
        served=sparse.csr_array((taken[some], (row[some], place[some])), shape=trips.shape),
    )


def _nearest_first(trips: sparse.csr_array, longest: float) -> tuple[Floats, Integers, Integers]:
    # by facility, then by demand row; a stable sort keeps that order among equal minutes
    pairs = trips.tocsc().tocoo()
    within = np.flatnonzero(pairs.data <= longest)
    order = within[np.argsort(pairs.data[within], kind="stable")]
    return (
        pairs.data[order],
        pairs.row[order].astype(np.int64),
        pairs.col[order].astype(np.int64),
    )


@njit(cache=True)  # type: ignore[untyped-decorator]
def _serve(
    minutes: Floats,
    row: Integers,
    place: Integers,
    room: Floats,
    waiting: Floats,
    load: Floats,
    taken: Floats,
) -> None:
    # trips ascend by minutes and facility; waiting, load and taken are changed in place
    first = 0
    while first < minutes.size:
        here = place[first]
        stop = first
        arriving = 0.0
        while stop < minutes.size and minutes[stop] == minutes[first] and place[stop] == here:
            arriving += waiting[row[stop]]
            stop += 1
        left = room[here] - load[here]
        if arriving <= left:
            for trip in range(first, stop):
                taken[trip] = waiting[row[trip]]
                waiting[row[trip]] = 0.0
            load[here] += arriving
        elif left > 0:
            for trip in range(first, stop):
                taken[trip] = waiting[row[trip]] * (left / arriving)
                waiting[row[trip]] -= taken[trip]
            load[here] = room[here]
        first = stop
