"""Shares of units that have enough facilities, counted by hand on the small city."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pytest
from shapely import Point
from small_city import CRS, PLACES, TOWNS, by_place, city, communities, parts, sums, townships

from coverage.indicators.errors import NotComputableError

DAY = {"categories": ["day_care_center"]}
PLACE = {**DAY, "units": "communities"}
TOWN = {**DAY, "units": "townships"}
COUNTY = {**DAY, "units": "counties"}


def day(x: float = 500, **fields: Any) -> dict[str, Any]:
    return {"category": "day_care_center", "x": x, **fields}


def test_a_unit_has_what_lies_in_it_or_serves_it() -> None:
    inputs = city(day(500), day(2500, serves=(PLACES["C1"],)))
    assert by_place(inputs, "presence_rate", "units", **PLACE) == [100, 0, 100, 100]
    within = {**PLACE, "assignment": "within"}
    assert by_place(inputs, "presence_rate", "units", **within) == [100, 0, 100, 0]
    serves = {**PLACE, "assignment": "serves"}
    assert by_place(inputs, "presence_rate", "units", **serves) == [0, 0, 0, 100]
    assert parts(inputs, "presence_rate", "units", **PLACE) == (3, 4, 0)


def test_who_serves_a_township_serves_its_communities_and_its_county() -> None:
    inputs = city(day(3500, serves=(TOWNS["A"],)))
    assert by_place(inputs, "presence_rate", "units", **PLACE) == [100, 100, 0, 100]
    assert list(sums(inputs, "presence_rate", "units", "township", **TOWN).value) == [100, 0, 100]
    assert list(sums(inputs, "presence_rate", "units", "county", **COUNTY).value) == [100, 100]


def test_a_facility_within_and_serving_is_one_facility() -> None:
    inputs = city(day(500, serves=(PLACES["A1"],)))
    two = {**PLACE, "at_least": 2}
    assert by_place(inputs, "presence_rate", "units", **two) == [0, 0, 0, 0]
    both = city(day(500), day(600))
    assert by_place(both, "presence_rate", "units", **two) == [100, 0, 0, 0]


def test_units_near_a_facility_and_units_whose_people_reach_it() -> None:
    # 900 m from the middle of A1; A2 begins 400 m further on and its middle is 100 m away
    inputs = city(day(1400))
    near = {**PLACE, "assignment": "nearest", "metres": 399}
    assert by_place(inputs, "presence_rate", "units", **near) == [0, 100, 0, 0]
    near["metres"] = 400
    assert by_place(inputs, "presence_rate", "units", **near) == [100, 100, 0, 0]
    of = {"assignment": "nearest", "metres": 600}
    assert list(sums(inputs, "presence_rate", "units", "township", **TOWN, **of).value) == [
        100,
        100,
        0,
    ]
    assert list(sums(inputs, "presence_rate", "units", "county", **COUNTY, **of).value) == [100, 0]
    reach = {**PLACE, "assignment": "reach", "service": "walk"}
    assert by_place(inputs, "presence_rate", "units", **reach) == [100, 100, 0, 0]
    assert by_place(city(day(1401)), "presence_rate", "units", **reach) == [0, 100, 0, 0]
    with pytest.raises(NotComputableError, match="lacks_parameter"):
        sums(inputs, "presence_rate", "units", **{**near, "metres": None, "assignment": "reach"})


@pytest.mark.parametrize(
    ("rule", "urban"),
    [("kind", ["A1", "A2"]), ("township_kind", ["A1", "A2"]), ("urban_code", ["A1", "B1"])],
)
def test_scope_and_what_is_urban(rule: str, urban: list[str]) -> None:
    inputs = city(day(500), communities=communities(urban_code=["111", "220", "121", "220"]))
    of = {**PLACE, "urban_rule": rule}
    assert parts(inputs, "presence_rate", "units", **of, scope={"urban": True}) == (1, 2, 0)
    rural = sums(inputs, "presence_rate", "units", "community", **of, scope={"urban": False})
    names = dict(zip(PLACES, rural.total, strict=True))
    assert [name for name, count in names.items() if count] == [
        name for name in PLACES if name not in urban
    ]


def test_a_unit_of_unknown_kind_is_left_out_and_named() -> None:
    inputs = city(day(500), communities=communities(kind=["社区", "", "村", "村"]))
    found = sums(inputs, "presence_rate", "units", **PLACE, scope={"urban": True})
    assert (found.numerator[0], found.denominator[0]) == (1, 1)
    assert (found.total[0], found.missing[0]) == (2, 1)
    assert found.lacking == {0: ("A2",)}


def test_whether_a_facility_passes_may_not_be_known() -> None:
    staff = {"where": {"staff": {"min": 2}}}
    inputs = city(day(500, staff=2.0), day(1500, staff=1.0), day(2500, staff=None))
    assert parts(inputs, "presence_rate", "units", **PLACE, **staff) == (1, 3, 1)
    # one that is sure is enough
    inputs = city(day(500, staff=2.0), day(500, staff=None))
    assert parts(inputs, "presence_rate", "units", **PLACE, **staff) == (1, 4, 0)
    with pytest.raises(NotComputableError) as missing:
        sums(city(day(500)), "presence_rate", "units", **PLACE, **staff)
    assert missing.value.values == {"layer": "facilities", "field": "staff"}


def test_no_facility_of_a_kind_is_no_data_but_none_open_is_zero() -> None:
    with pytest.raises(NotComputableError, match="lacks_category"):
        sums(city({"category": "canteen"}), "presence_rate", "units", **PLACE)
    inputs = city(day(500))
    inputs.counts[:] = False
    assert parts(inputs, "presence_rate", "units", **PLACE) == (0, 4, 0)


def test_units_may_count_without_a_facility() -> None:
    counts = {"unit_counts_where": {"minor_specialist": True}}
    flags = townships(minor_specialist=[False, True, None])
    inputs = city(day(500), townships=flags.astype({"minor_specialist": "boolean"}))
    assert parts(inputs, "presence_rate", "units", **TOWN, **counts) == (2, 3, 0)
    assert parts(city(day(500)), "presence_rate", "units", **TOWN, **counts) == (1, 3, 0)


def test_the_city_may_be_one_more_unit() -> None:
    of = {**COUNTY, "and_city": True, "where": {"level": {"not": ["市级"]}}}
    inputs = city(day(500, level="县级"))
    assert parts(inputs, "presence_rate", "units", **of) == (1, 3, 0)
    inputs = city(day(500, level="市级"))
    assert parts(inputs, "presence_rate", "units", **of) == (1, 3, 0)
    assert list(sums(inputs, "presence_rate", "units", "county", **of).value) == [0, 0]


def test_only_units_of_counties_that_pass() -> None:
    inputs = city(day(500))
    of = {**TOWN, "only_within": "counties"}
    assert parts(inputs, "presence_rate", "units", **of) == (1, 2, 0)


def test_tiers_are_pooled() -> None:
    inputs = city(day(500), {"category": "tekun_facility", "x": 3500})
    tiers = [
        {"units": "counties", "categories": ["tekun_facility"]},
        {"units": "townships", **DAY},
        {"units": "communities", "scope": {"kind": "村"}, **DAY},
    ]
    # 1 of 2 counties, 1 of 3 townships, 0 of 2 villages
    assert parts(inputs, "presence_rate", "units", units="communities", tiers=tiers) == (2, 7, 0)


def test_a_quota_of_a_number_or_of_a_sum() -> None:
    rows = [day(500, floor_area_m2=200.0), day(600, floor_area_m2=100.0), day(1500)]
    assert parts(city(*rows), "quota", "units", **PLACE, at_least=2) == (1, 4, 0)
    area = {**PLACE, "field": "floor_area_m2", "at_least": 300}
    # the area in A2 is not known
    assert parts(city(*rows), "quota", "units", **area) == (1, 3, 1)
    # 300 m2 for A1 and A2, who have 100 and 50 households
    shared = day(500, floor_area_m2=300.0, serves=(PLACES["A1"], PLACES["A2"]))
    area["at_least"] = 200
    assert by_place(city(shared), "quota", "units", **area) == [100, 0, 0, 0]
    area["assignment"] = "within"
    area["at_least"] = 300
    assert by_place(city(shared), "quota", "units", **area) == [100, 0, 0, 0]


def test_counties_are_in_the_cremation_zone_as_zones_say() -> None:
    zones = gpd.GeoDataFrame(
        {"code": [TOWNS["C"]], "kind": ["火化区"]}, geometry=[Point()], crs=CRS
    )
    inputs = city(day(3500), zones=zones)
    of = {**COUNTY, "scope": {"is_cremation_zone": True}}
    assert parts(inputs, "presence_rate", "units", **of) == (1, 1, 0)
    with pytest.raises(NotComputableError, match="lacks"):
        sums(city(day(3500)), "presence_rate", "units", **of)


def test_numbers_of_counties_are_summed_where_no_layer_gives_them() -> None:
    of = {**COUNTY, "scope": {"population": {"min": 600}}}
    assert parts(city(day(500)), "quota", "units", **of) == (1, 1, 0)
