"""People within reach, facilities next to others, zones and catchments, on the small city."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box
from small_city import (
    CRS,
    EAST,
    HEALTH,
    MIDDLES,
    NORTH,
    PLACES,
    TOWNS,
    WALK,
    by_place,
    city,
    communities,
    parts,
    sums,
    townships,
)

from coverage.indicators.errors import NotComputableError

CIRCLE = {"service": "walk", "units": "communities"}
ZONE = {"weight": "population", "zone": {"kind": "火化区"}, "flag": "is_cremation_zone"}


def day(x: float, **fields: Any) -> dict[str, Any]:
    return {"category": "day_care_center", "x": x, **fields}


def clinic(x: float, **fields: Any) -> dict[str, Any]:
    return {"category": "health_facility", "x": x, **fields}


def test_reach_counts_people_and_units_count_units() -> None:
    inputs = city(day(1400))  # 900 m from A1, 100 m from A2, 1100 m from B1
    assert parts(inputs, "network_coverage", "reach", **CIRCLE) == (60, 200, 0)
    assert parts(inputs, "network_coverage", "units", **CIRCLE) == (1, 4, 0)
    assert parts(inputs, "network_coverage", "units_by_reach", **CIRCLE) == (2, 4, 0)
    towns = {**CIRCLE, "units": "townships"}
    assert parts(inputs, "network_coverage", "units_by_reach", **towns) == (1, 3, 0)
    assert by_place(inputs, "network_coverage", "reach", **CIRCLE) == [100, 100, 0, 0]


@pytest.mark.parametrize(("share", "passes"), [(0.666, 1), (0.667, 0)])
def test_how_many_people_make_a_unit(share: float, passes: int) -> None:
    # 40 of A's 60 elders
    of = {**CIRCLE, "units": "townships", "min_unit_share": share}
    assert parts(city(day(500)), "network_coverage", "units_by_reach", **of)[0] == passes


def test_scope_leaves_out_people_of_other_units() -> None:
    inputs = city(day(1400))
    rural = {**CIRCLE, "scope": {"urban": False}}
    assert parts(inputs, "network_coverage", "reach", **rural) == (0, 140, 0)
    towns = {**CIRCLE, "units": "townships", "scope": {"kind": "街道"}}
    assert parts(inputs, "network_coverage", "reach", **towns) == (60, 60, 0)


def test_a_row_may_count_other_people_and_other_facilities_than_its_service() -> None:
    inputs = city(day(500, staff=2.0), day(1400, staff=1.0))
    people = {**CIRCLE, "weight": "population"}
    assert parts(inputs, "network_coverage", "reach", **people) == (400, 900, 0)
    with pytest.raises(NotComputableError, match="lacks"):
        sums(inputs, "network_coverage", "reach", **{**CIRCLE, "weight": "elders80"})
    staffed = {**CIRCLE, "where": {"staff": {"min": 2}}}
    assert parts(inputs, "presence_rate", "reach", **staffed) == (40, 200, 0)
    other = {**CIRCLE, "categories": ["health_facility"]}
    both = city(day(500), clinic(3500), services=(WALK,))
    assert parts(both, "presence_rate", "reach", **other) == (80, 200, 0)


def test_several_services_are_all_within_reach_at_once() -> None:
    inputs = city(day(1400), clinic(2400), services=(WALK, HEALTH))
    # day care reaches A1 and A2, the clinic A2 and B1
    of = {"services": ["walk", "health"], "weight": "population", "units": "communities"}
    assert parts(inputs, "network_coverage", "reach", **of) == (150, 900, 0)
    assert parts(inputs, "network_coverage", "units_by_reach", **of) == (1, 4, 0)
    assert parts(inputs, "network_coverage", "units", **of) == (0, 4, 0)


@pytest.mark.parametrize(("metric", "metres"), [("network", 300), ("straight", 300)])
def test_facilities_next_to_others(metric: str, metres: float) -> None:
    inputs = city(day(500), day(1500), clinic(800), clinic(1801))
    of = {
        "categories": ["day_care_center"],
        "near": ["health_facility"],
        "metres": metres,
        "metric": metric,
    }
    assert parts(inputs, "proximity", "pooled", **of) == (1, 2, 0)
    assert parts(inputs, "proximity", "pooled", **{**of, "metres": 301}) == (2, 2, 0)


def test_what_is_roughly_placed_is_neither_near_nor_far() -> None:
    of = {"categories": ["day_care_center"], "near": ["health_facility"], "metres": 300}
    rough = {"location": "approximate"}
    inputs = city(day(500, **rough), day(500), clinic(500, **rough), clinic(3500))
    assert parts(inputs, "proximity", "pooled", **of) == (0, 1, 1)


def zones(kind: str = "火化区", **of: Any) -> gpd.GeoDataFrame:
    shapes = of.pop("geometry", [None])
    return gpd.GeoDataFrame({"kind": [kind] * len(shapes), **of}, geometry=shapes, crs=CRS)


def test_zones_are_lists_of_units_by_code_or_name() -> None:
    listed = zones(code=[TOWNS["A"], PLACES["C1"]], geometry=[None, None])
    assert parts(city(day(1), zones=listed), "zone_share", "pooled", **ZONE) == (700, 900, 0)
    named = zones(name=["乙镇"])
    assert parts(city(day(1), zones=named), "zone_share", "pooled", **ZONE) == (200, 900, 0)
    county = zones(code=["500902"])
    assert parts(city(day(1), zones=county), "zone_share", "pooled", **ZONE) == (300, 900, 0)
    other = zones("土葬区", code=[TOWNS["A"]])
    assert parts(city(day(1), zones=other), "zone_share", "pooled", **ZONE) == (0, 900, 0)


def test_zones_are_areas() -> None:
    area = zones(geometry=[box(EAST + 1000, NORTH, EAST + 2600, NORTH + 1000)])
    inputs = city(day(1), zones=area)
    assert parts(inputs, "zone_share", "pooled", **ZONE) == (350, 900, 0)
    assert by_place(inputs, "zone_share", "pooled", **ZONE) == [0, 100, 100, 0]


def test_a_flag_of_the_units_goes_before_the_zones() -> None:
    flags = townships(is_cremation_zone=pd.array([False, True, None], dtype="boolean"))
    inputs = city(day(1), townships=flags, zones=zones(code=[TOWNS["A"]]))
    assert parts(inputs, "zone_share", "pooled", **ZONE) == (200, 600, 1)
    with pytest.raises(NotComputableError, match="lacks_layer"):
        sums(city(day(1)), "zone_share", "pooled", **ZONE)


def catchment_by_hand(beds: dict[int, float], limit: float = 900.0) -> float:
    """Return mean beds per elder: each facility's beds over who reaches it, added up by person."""
    elders = dict(zip(MIDDLES.values(), communities()["elders60"], strict=True))
    scores = dict.fromkeys(elders, 0.0)
    for place, count in beds.items():
        near = [middle for middle in elders if abs(middle - place) <= limit]
        people = sum(elders[middle] for middle in near)
        for middle in near:
            scores[middle] += count / people
    return sum(scores[middle] * elders[middle] for middle in elders) / sum(elders.values())


def test_supply_within_reach() -> None:
    inputs = city(day(1400, beds_total=30.0), day(2400, beds_total=12.0), day(2500))
    of = {"service": "walk", "supply": "beds_total", "decay": "binary", "scale": 1000}
    expected = 1000 * catchment_by_hand({1400: 30, 2400: 12})
    found = sums(inputs, "zone_share", "mean", **of)
    assert found.value[0] == pytest.approx(expected)
    # whom a facility reaches shares all of its beds
    assert found.numerator[0] == pytest.approx(42)
    for decay in ("gaussian", "exponential", "power", "stepped"):
        spread = sums(inputs, "zone_share", "mean", **{**of, "decay": decay})
        assert spread.numerator[0] == pytest.approx(42)
    with pytest.raises(NotComputableError, match="lacks"):
        sums(city(day(1)), "zone_share", "mean", **of)


def test_people_without_a_place_are_not_asked_for_by_reach() -> None:
    inputs = city(day(1400))
    missing = inputs.demand.assign(elders60=[np.nan, 20.0, 60.0, 80.0])
    object.__setattr__(inputs, "demand", missing)
    found = sums(inputs, "network_coverage", "reach", **CIRCLE)
    assert (found.numerator[0], found.denominator[0], found.missing[0]) == (20, 160, 1)
    assert found.lacking == {0: ("A1",)}
