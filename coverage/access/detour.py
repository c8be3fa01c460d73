"""Streets against straight lines: how far people walk, and whom a circle would have claimed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.access.by_unit import sums_by_unit
from coverage.access.trips import above_zero, amounts, numbers
from coverage.errors import AccessError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from coverage.access.trips import Floats

DETOUR_COLUMNS = (
    "people",
    "covered",
    "circle_covered",
    "overclaimed",
    "walked_m",
    "straight_m",
    "detour",
)

# metres by which the radius may be exceeded through rounding: more than the limit's tolerance is
# worth on foot, so that the circle never claims less than streets do
_TOLERANCE_M = 1e-6


def detour_by_unit(
    demand: pd.DataFrame, facilities: ArrayLike, codes: Iterable[str], *, radius_m: float
) -> pd.DataFrame:
    """Compare the way along streets with the straight line, and coverage with that of circles.

    Parameters
    ----------
    demand
        One row a demand point: ``x``, ``y`` in the metres of the network's coordinate system;
        ``unit``, the code of the unit it lies in; ``people``, missing where unknown; ``covered``,
        true where its minutes are within the limit; ``facility``, position of the nearest facility
        by minutes, −1 for none; ``walked_m``, metres of the trip to it, both legs included, missing
        where there is none. With slopes, minutes × speed is not that length.
    facilities
        Places of the facilities that count: x and y, a row each.
    codes
        Codes of all units, those without demand included.
    radius_m
        Radius of the circles: flat speed × minutes.

    Returns
    -------
    pandas.DataFrame
        Index unit. ``people``; ``covered``, those whom streets lead to a facility within the limit;
        ``circle_covered``, those with any facility within `radius_m` as the crow flies;
        ``overclaimed``, those in a circle but not covered. ``walked_m`` and ``straight_m``: metres
        to the nearest facility by minutes, along streets and straight, summed over the people who
        have a way; ``detour``, the first over the second, missing where the second is 0.

    Raises
    ------
    AccessError
        If a place is no place, or a number cannot be used.

    Notes
    -----
    Detour is a ratio of sums. In a mean of ratios one who lives across the road from a facility,
    5 m away and 100 m on foot, would weigh 20 where a kilometre weighs little more than 1.
    """
    places = _places("facilities", facilities)
    homes = _places("demand", demand[["x", "y"]])
    people = numbers("people", demand["people"])
    covered = demand["covered"].to_numpy(dtype=bool)
    circled = _in_circles(homes, places, above_zero("radius_m", radius_m))
    walked, straight = _ways(demand, homes, places)
    table = sums_by_unit(
        {
            "people": people,
            "covered": people * covered,
            "circle_covered": people * circled,
            "overclaimed": people * (circled & ~covered),
            "walked_m": people * walked,
            "straight_m": people * straight,
        },
        demand["unit"],
        codes,
    ).rename_axis("unit")
    detour = table["walked_m"] / table["straight_m"].where(table["straight_m"] > 0)
    return table.assign(detour=detour)


def _places(name: str, values: ArrayLike) -> Floats:
    places = numbers(name, values).reshape(-1, 2)
    bad = ~np.isfinite(places).all(axis=1)
    if bad.any():
        raise AccessError(
            "access.no_place", name=name, count=int(bad.sum()), position=int(np.argmax(bad))
        )
    return places


def _in_circles(homes: Floats, places: Floats, radius_m: float) -> NDArray[np.bool_]:
    if not (len(homes) and len(places)):
        return np.zeros(len(homes), dtype=bool)
    from scipy.spatial import cKDTree  # noqa: PLC0415 - a third of a second, seldom needed

    distance = np.asarray(cKDTree(places).query(homes)[0])
    return distance <= radius_m + _TOLERANCE_M


def _ways(demand: pd.DataFrame, homes: Floats, places: Floats) -> tuple[Floats, Floats]:
    # metres along streets and straight to the same facility, 0 both where there is no way
    walked = numbers("walked_m", demand["walked_m"])
    facility = demand["facility"].to_numpy(dtype=np.int64)
    found = (facility >= 0) & ~np.isnan(walked)
    beyond = found & (facility >= len(places))
    if beyond.any():
        raise AccessError(
            "access.no_facility", position=int(facility[beyond][0]), count=len(places)
        )
    straight = np.zeros(len(homes))
    straight[found] = np.linalg.norm(homes[found] - places[facility[found]], axis=1)
    amounts("walked_m", walked[found], int(found.sum()))
    return np.where(found, walked, 0.0), straight
