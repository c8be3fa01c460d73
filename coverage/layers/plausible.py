"""Say which figures cannot be, though each is a number: parts larger than the whole, no area."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from coverage import texts, vocabulary

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from coverage.layers.issues import IssueLog

# what a facility has, lowest and highest; beyond it somebody mistook the unit or the column
RANGES = {
    "floor_area_m2": (1.0, 200_000.0),  # m2; the largest institutions have some 100,000
    "beds_total": (0.0, 5_000.0),
    "beds_nursing": (0.0, 5_000.0),
    "staff": (0.0, 5_000.0),
}
HOUSEHOLD_SIZE = (0.8, 12.0)  # people a household; counties average 2 to 5

_NESTED = ("population", "elders60", "elders65", "elders80", "elders90")  # each part of the former


def check_plausible(
    townships: gpd.GeoDataFrame,
    communities: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    issues: IssueLog,
) -> None:
    """Report figures that cannot be; none is changed.

    Facilities: floor area, beds and staff out of `RANGES`, more nursing beds than beds, closed
    before opened. Townships and communities: more older people than people, more of 80 than of 65,
    and so on; people a household out of `HOUSEHOLD_SIZE`.

    Parameters
    ----------
    townships, communities
        Layers as `coverage.layers.units` makes them.
    facilities
        Layer as `coverage.layers.facilities` makes it.
    issues
        Where findings go.
    """
    _check_ranges(facilities, issues)
    _compare(
        facilities, "facilities", "more_nursing_than_total", "beds_nursing", "beds_total", issues
    )
    _compare(facilities, "facilities", "closed_before_opened", "open_year", "close_year", issues)
    for layer, units in (("townships", townships), ("communities", communities)):
        given = [field for field in _NESTED if field in units]
        for whole, part in pairwise(given):
            _compare(units, layer, "more_than_whole", part, whole, issues)
        _check_households(units, layer, issues)


def _check_ranges(facilities: gpd.GeoDataFrame, issues: IssueLog) -> None:
    for field, (least, most) in RANGES.items():
        if field not in facilities:
            continue
        outside = (facilities[field] < least) | (facilities[field] > most)
        odd = facilities[outside]
        issues.add_rows(
            "warning",
            "implausible_value",
            layer="facilities",
            rows=odd["source_row"].to_numpy(dtype="int64"),
            field=field,
            value=_written(odd[field]),
            least=f"{least:g}",
            most=f"{most:g}",
        )


def _compare(
    frame: gpd.GeoDataFrame, layer: str, code: str, part: str, whole: str, issues: IssueLog
) -> None:
    if part not in frame or whole not in frame:
        return
    odd = frame[(frame[part] > frame[whole]).fillna(value=False).to_numpy(dtype=bool)]
    issues.add_rows(
        "warning",
        code,
        layer=layer,
        rows=odd["source_row"].to_numpy(dtype="int64"),
        field=part,
        value=_written(odd[part]),
        whole=vocabulary.fields()[whole].title(texts.language()),
        most=_written(odd[whole]),
    )


def _check_households(units: gpd.GeoDataFrame, layer: str, issues: IssueLog) -> None:
    if not {"population", "households"} <= set(units.columns):
        return
    people = units["population"].to_numpy(dtype="float64")
    households = units["households"].to_numpy(dtype="float64")
    with np.errstate(divide="ignore", invalid="ignore"):
        size = people / households
    least, most = HOUSEHOLD_SIZE
    outside = (people > 0) & ((size < least) | (size > most))
    issues.add_rows(
        "warning",
        "implausible_households",
        layer=layer,
        rows=units["source_row"].to_numpy(dtype="int64")[outside],
        field="households",
        value=_written(units["households"][outside]),
        people=_written(units["population"][outside]),
    )


def _written(numbers: pd.Series) -> list[str]:
    return [f"{number:.10g}" for number in numbers]
