"""Ratios, shares and counts, by hand on the small city, and what must hold of any city."""

from __future__ import annotations

import math
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, box
from small_city import (
    CRS,
    EAST,
    NORTH,
    PLACES,
    TOWNS,
    by_place,
    city,
    communities,
    parts,
    sums,
    townships,
)

from coverage.indicators.errors import NotComputableError

ROOMS = {"of": "facilities", "field": "floor_area_m2", "categories": ["day_care_center"]}
AREA = {
    "units": "communities",
    "numerator": ROOMS,
    "denominator": {"of": "communities", "field": "households"},
    "scale": 100,
    "standard": 30,
}
INSTITUTIONS = {"categories": ["eldercare_institution"]}


def rooms(x: float, area: float | None, **fields: Any) -> dict[str, Any]:
    return {"category": "day_care_center", "x": x, "floor_area_m2": area, **fields}


def home(x: float = 500, **fields: Any) -> dict[str, Any]:
    return {"category": "eldercare_institution", "x": x, **fields}


def test_pooled_beside_compliance_mean_and_median() -> None:
    # per 100 households: A1 60, A2 20, B1 0, C1 25
    inputs = city(rooms(500, 60), rooms(1500, 10), rooms(3500, 30))
    assert by_place(inputs, "ratio", "pooled", **AREA) == pytest.approx([60, 20, 0, 25])
    assert sums(inputs, "ratio", "pooled", **AREA).value[0] == pytest.approx(100 / 350 * 100)
    assert parts(inputs, "ratio", "compliance", **AREA) == (1, 4, 0)
    assert sums(inputs, "ratio", "mean", **AREA).value[0] == pytest.approx(105 / 4)
    median = sums(inputs, "ratio", "median", **AREA)
    assert median.value[0] == pytest.approx(22.5)
    assert math.isnan(median.numerator[0])


def test_an_amount_that_is_not_known_leaves_its_unit_out() -> None:
    inputs = city(rooms(500, 60), rooms(1500, None))
    found = sums(inputs, "ratio", "pooled", **AREA)
    assert (found.numerator[0], found.denominator[0]) == (60, 300)
    assert (found.total[0], found.missing[0], found.lacking) == (4, 1, {0: ("A2",)})
    with pytest.raises(NotComputableError) as missing:
        sums(city(rooms(500, None)), "ratio", "pooled", **AREA)
    assert missing.value.values["field"] == "floor_area_m2"


def test_townships_own_number_takes_the_place_of_their_communities() -> None:
    inputs = city(rooms(500, 60), townships=townships(households=[200.0, np.nan, 120.0]))
    own = sums(inputs, "ratio", "pooled", "township", **AREA)
    assert list(own.denominator) == [200, 80, 120]
    assert parts(inputs, "ratio", "pooled", **AREA) == (60, 400, 0)
    # not where only some of the people in it are meant
    urban = {**AREA, "scope": {"urban": True}}
    assert parts(inputs, "ratio", "pooled", **urban) == (60, 150, 0)


@pytest.mark.parametrize(
    ("way", "expected"),
    [("households", [60, 60, 0, 0]), ("equally", [45, 90, 0, 0]), ("primary", [90, 0, 0, 0])],
)
def test_an_amount_counts_once_however_it_is_split(way: str, expected: list[float]) -> None:
    inputs = city(rooms(500, 90, serves=(PLACES["A1"], PLACES["A2"])))
    of = {**AREA, "split": way}
    assert by_place(inputs, "ratio", "pooled", **of) == pytest.approx(expected)
    assert parts(inputs, "ratio", "pooled", **of) == (90, 350, 0)


def test_households_not_known_are_estimated_or_left_out() -> None:
    people = communities(
        households=[100.0, np.nan, 80.0, np.nan], population=[250, 150, 200, np.nan]
    )
    inputs = city(rooms(500, 60), communities=people)
    assert parts(inputs, "ratio", "pooled", **AREA) == (60, 180, 2)
    estimated = {**AREA, "people_per_household": 2.5}
    assert parts(inputs, "ratio", "pooled", **estimated) == (60, 240, 1)


def test_households_missing_in_a_tenth_of_communities_are_named() -> None:
    inputs = city(rooms(500, 60), communities=communities(households=[100.0, np.nan, 80.0, 120.0]))
    found = sums(inputs, "ratio", "compliance", "county", **AREA)
    assert list(found.missing) == [1, 0]
    assert found.lacking == {0: ("A2",)}


def test_the_first_amount_with_data_is_taken_and_the_level_follows() -> None:
    workers = {
        "units": "communities",
        "numerator": [
            {"of": "communities", "field": "community_workers"},
            {"of": "townships", "field": "community_workers"},
        ],
        "denominator": [
            {"of": "counties", "field": "pop_urban_resident"},
            {"of": "communities", "field": "population", "where": {"urban": True}},
        ],
        "scale": 100,
    }
    inputs = city(rooms(500, 1), communities=communities(community_workers=[4.0, 2.0, 1.0, 1.0]))
    assert parts(inputs, "ratio", "pooled", **workers) == (8, 400, 0)
    staff = townships(community_workers=[6.0, 1.0, 3.0])
    inputs = city(rooms(500, 1), townships=staff)
    assert list(sums(inputs, "ratio", "pooled", "township", **workers).numerator) == [6, 1, 3]
    counties = pd.DataFrame(
        {"code": ["500901", "500902"], "name": ["甲县", "丙县"], "pop_urban_resident": [500.0, 0]}
    )
    inputs = city(rooms(500, 1), townships=staff, counties=counties)
    found = sums(inputs, "ratio", "pooled", "county", **workers)
    assert (list(found.numerator), list(found.denominator)) == ([7, 3], [500, 0])
    assert math.isnan(found.value[1])


def test_one_field_over_another_leaves_out_who_lacks_either() -> None:
    beds = {
        **INSTITUTIONS,
        "numerator": {"field": "beds_nursing"},
        "denominator": [{"field": "beds_full"}, {"field": "beds_total"}],
    }
    rows = [
        home(500, beds_nursing=30.0, beds_total=50.0),
        home(1500, beds_nursing=10.0, beds_total=50.0),
        home(3500, beds_nursing=None, beds_total=200.0),
    ]
    assert parts(city(*rows), "attribute_share", "pooled", **beds) == (40, 100, 1)
    mean = sums(city(*rows), "attribute_share", "mean", **beds)
    assert mean.value[0] == pytest.approx(40)
    rows[0]["beds_full"] = 40.0
    assert parts(city(*rows), "attribute_share", "pooled", **beds) == (30, 40, 2)


def test_a_flag_that_is_not_filled_in_is_no_no() -> None:
    of = {"of": "facilities", **INSTITUTIONS, "passes": {"gb_ok": True}}
    rows = [home(gb_ok=True), home(1500, gb_ok=False), home(3500, gb_ok=None)]
    assert parts(city(*rows), "flag_share", "pooled", **of) == (1, 2, 1)
    empty = sums(city(*rows), "flag_share", "pooled", "community", **of)
    assert (empty.numerator[2], empty.denominator[2]) == (0, 0)
    assert np.isnan(empty.value).tolist() == [False, False, True, True]
    with pytest.raises(NotComputableError):
        sums(city(home()), "flag_share", "pooled", **of)


@pytest.mark.parametrize(
    ("passes", "expected"),
    [
        ({"star": {"min": 3, "max": 3}}, 1),
        ({"star": {"min": 3}}, 2),
        ({"medical_mode": ["内设", "签约"]}, 2),
        ({"medical_mode": "签约"}, 1),
        ({"medical_mode": {"not": ["签约"]}}, 3),
        ({"functions": {"all": ["全托", "日托"]}}, 1),
        ([{"medical_mode": "签约"}, {"functions": {"all": ["全托"]}}], 3),
        ({"beds_total": {"max": 80}}, 2),
        ({"open_year": {"min": 2021}}, 1),
    ],
)
def test_what_conditions_say(passes: Any, expected: int) -> None:
    rows = [
        home(
            star="三星级", medical_mode="内设", functions="全托;日托", beds_total=50, open_year=2021
        ),
        home(star="4A", medical_mode="签约", functions="日托", beds_total=80, open_year=2020),
        home(star="二级", medical_mode="", functions="全托", beds_total=100, open_year=2019),
        home(star="", medical_mode="邻近", functions="", beds_total=None, open_year=pd.NA),
    ]
    of = {"of": "facilities", **INSTITUTIONS, "passes": passes}
    assert parts(city(*rows), "flag_share", "pooled", **of)[0] == expected


def test_the_highest_quarter_holds_all_that_tie() -> None:
    of = {
        "of": "communities",
        "where": {"poor_count": {"top": 0.25}},
        "passes": {"assist_worker": True},
    }
    workers = pd.array([True, False, True, True], dtype="boolean")
    one = communities(poor_count=[9, 8, 7, 6], assist_worker=workers)
    assert parts(city(home(), communities=one), "flag_share", "units", **of) == (1, 1, 0)
    tied = communities(poor_count=[9, 9, 7, 6], assist_worker=workers)
    assert parts(city(home(), communities=tied), "flag_share", "units", **of) == (1, 2, 0)


def test_estates_lie_where_they_stand_or_say() -> None:
    estates = gpd.GeoDataFrame(
        {
            "name": ["园一", "园二", "园三"],
            "community": ["", "B1", ""],
            "year": pd.array([2021, 2022, 2020], dtype="Int64"),
            "households": [200.0, 100.0, 100.0],
            "area_community": [60.0, 29.0, 90.0],
        },
        geometry=[box(EAST + 100, NORTH, EAST + 200, NORTH + 100), None, Point(EAST, NORTH)],
        crs=CRS,
    )
    of = {
        "of": "estates",
        "where": {"year": {"min": 2021}},
        "passes": {"community_area_per_100hh": {"min": 30}},
    }
    inputs = city(home(), estates=estates)
    assert parts(inputs, "flag_share", "pooled", **of) == (1, 2, 0)
    found = sums(inputs, "flag_share", "pooled", "community", **of)
    assert list(found.denominator) == [1, 0, 1, 0]
    with pytest.raises(NotComputableError, match="lacks_layer"):
        sums(city(home()), "flag_share", "pooled", **of)


def test_counts_have_no_denominator() -> None:
    rows = [home(500, beds_total=50.0), home(600, beds_total=None), home(3500, beds_total=8.0)]
    of = {"of": "facilities", **INSTITUTIONS}
    found = sums(city(*rows), "count", "total", "community", **of)
    assert list(found.value) == list(found.numerator) == [2, 0, 0, 1]
    assert np.isnan(found.denominator).all()
    beds = {**of, "field": "beds_total"}
    found = sums(city(*rows), "count", "total", **beds)
    assert (found.value[0], found.total[0], found.missing[0]) == (58, 3, 1)
    assert sums(city(*rows), "count", "mean", **beds).value[0] == 29
    assert sums(city(*rows), "count", "median", **beds).value[0] == 29
    titled = communities(honours=["示范;友好", "", "示范", ""])
    model = {"of": "communities", "where": {"honours": {"all": ["示范"]}}}
    assert sums(city(*rows, communities=titled), "count", "total", **model).value[0] == 2


def test_a_facility_known_by_its_township_alone_counts_above() -> None:
    lost = {"community": "", "township": TOWNS["A"], "location": "approximate"}
    inputs = city(rooms(500, 40, **lost), rooms(1500, 20))
    assert by_place(inputs, "ratio", "pooled", **AREA) == pytest.approx([0, 40, 0, 0])
    assert parts(inputs, "ratio", "pooled", **AREA) == (60, 350, 0)
    nowhere = {"community": "", "township": "", "location": "none"}
    of = {"of": "facilities", "categories": ["day_care_center"]}
    named = city(rooms(500, 1, **nowhere, county="500902"), rooms(500, 1, **nowhere, county=""))
    assert list(sums(named, "count", "total", "county", **of).value) == [0, 1]
    assert sums(named, "count", "total", **of).value[0] == 2


places = st.lists(
    st.tuples(st.integers(0, 3999), st.integers(0, 500), st.sampled_from(["", *PLACES])),
    min_size=1,
    max_size=6,
)


@settings(max_examples=15, deadline=None)
@given(places, st.integers(0, 3999))
def test_parts_sum_to_the_whole_and_one_more_never_lowers(
    rows: list[tuple[int, int, str]], more: int
) -> None:
    made = [rooms(x, area, serves=(PLACES[to],) if to else ()) for x, area, to in rows]
    inputs = city(*made)
    of = {"units": "communities", "categories": ["day_care_center"], "service": "walk"}
    for family, variant, asked in (
        ("presence_rate", "units", of),
        ("presence_rate", "reach", of),
        ("presence_rate", "units_by_reach", of),
        ("ratio", "pooled", AREA),
        ("ratio", "compliance", AREA),
    ):
        levels = [
            sums(inputs, family, variant, level, **asked)
            for level in ("community", "township", "county", "city")
        ]
        for level in levels:
            assert level.numerator.sum() == pytest.approx(levels[-1].numerator[0])
            assert level.denominator.sum() == pytest.approx(levels[-1].denominator[0])
        larger = sums(city(*made, rooms(more, 5)), family, variant, **asked)
        assert larger.value[0] >= levels[-1].value[0] - 1e-9
