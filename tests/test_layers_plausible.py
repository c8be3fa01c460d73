"""Figures that cannot be, though each is a number."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from coverage.layers import IssueLog
from coverage.layers.plausible import check_plausible


def frame(**columns: list[float | None]) -> gpd.GeoDataFrame:
    count = len(next(iter(columns.values())))
    table = pd.DataFrame(columns).assign(source_row=range(2, count + 2))
    return gpd.GeoDataFrame(table, geometry=[Point(0, 0)] * count, crs="EPSG:4545")


NOTHING = frame(name=[1.0])


def found(
    *,
    townships: gpd.GeoDataFrame = NOTHING,
    communities: gpd.GeoDataFrame = NOTHING,
    facilities: gpd.GeoDataFrame = NOTHING,
) -> list[tuple[str, str, int | None, str, str]]:
    issues = IssueLog()
    check_plausible(townships, communities, facilities, issues)
    issues.frame("zh")
    issues.frame("en")
    return [(i.layer, i.code, i.row, i.field, i.value) for i in issues]


@pytest.mark.parametrize(
    ("area", "rows"), [(0.0, [3]), (0.99, [3]), (1.0, []), (200_000.0, []), (2e5 + 1, [3])]
)
def test_floor_areas_out_of_range_are_told(area: float, rows: list[int]) -> None:
    seen = found(facilities=frame(floor_area_m2=[100.0, area, None]))
    told = ("facilities", "implausible_value")
    assert seen == [(*told, row, "floor_area_m2", f"{area:.10g}") for row in rows]


def test_more_nursing_beds_than_beds() -> None:
    facilities = frame(beds_total=[10, 10, 10, None], beds_nursing=[10, 11, None, 5])
    assert found(facilities=facilities) == [
        ("facilities", "more_nursing_than_total", 3, "beds_nursing", "11")
    ]


def test_closed_before_opened() -> None:
    facilities = frame(open_year=[2010, 2010, 2010], close_year=[2010, 2009, None])
    years = facilities.astype({"open_year": "Int64", "close_year": "Int64"})
    assert found(facilities=years) == [
        ("facilities", "closed_before_opened", 3, "open_year", "2010")
    ]


def test_a_part_larger_than_the_whole_in_the_nearest_field_given() -> None:
    """60 of 100 are fine, 101 are not; of 80 and older they are compared with 60 where no 65 is."""
    units = frame(population=[100, 100, None], elders60=[60, 101, 5], elders80=[61, 1, 6])
    codes = [
        ("more_than_whole", 3, "elders60", "101"),
        ("more_than_whole", 2, "elders80", "61"),
        ("more_than_whole", 4, "elders80", "6"),
    ]
    assert found(townships=units) == [("townships", *code) for code in codes]
    assert found(communities=units) == [("communities", *code) for code in codes]


def test_households_of_no_size_a_household_has() -> None:
    """100 people in 8 households are 12.5 each, in 126 they are 0.79; nobody in 5 is nobody."""
    units = frame(population=[100, 100, 100, 0, 100], households=[40, 8, 126, 5, 0])
    assert [(row, value) for _, _, row, _, value in found(communities=units)] == [
        (3, "8"),
        (4, "126"),
        (6, "0"),
    ]
