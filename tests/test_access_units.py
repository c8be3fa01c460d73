"""Scores by unit, and streets against straight lines."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from networks import EAST, NORTH, points, two_banks

from coverage.access import DETOUR_COLUMNS, detour_by_unit, floating_catchment, score_by_unit
from coverage.errors import AccessError

# others may share the machine
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_score_of_a_unit_is_the_mean_of_its_people() -> None:
    table = score_by_unit([0.1, 0.4, 0.9], [30, 10, 5], ["a", "a", "b"], ["b", "a", "empty"])
    assert table.index.tolist() == ["b", "a", "empty"]
    assert table.loc["a"].tolist() == pytest.approx([40, 7, 7 / 40])
    assert table.loc["b"].tolist() == pytest.approx([5, 4.5, 0.9])
    assert table.loc["empty"].isna().all()


def test_rows_of_no_unit_and_of_unknown_people_do_not_count() -> None:
    table = score_by_unit([1, 2, 3, 4], [1, np.nan, 5, np.nan], ["a", "a", "?", "b"], ["a", "b"])
    assert table.loc["a"].tolist() == [1, 1, 1]
    assert table.loc["b"].isna().all()


def test_a_unit_without_people_has_no_score() -> None:
    table = score_by_unit([1.0], [0], ["a"], ["a"])
    assert table.loc["a", ["people", "supply"]].tolist() == [0, 0]
    assert math.isnan(table.loc["a", "score"])


def test_supplies_of_all_units_sum_to_the_supply_in_reach() -> None:
    times = [[5, math.inf], [10, 5], [math.inf, 9]]
    people = [100, 200, 50]
    scores = floating_catchment(times, [30, 10], people)
    table = score_by_unit(scores, people, ["a", "a", "b"], ["a", "b"])
    assert table["supply"].sum() == pytest.approx(40)
    whole = score_by_unit(scores, people, ["w"] * 3, ["w"])
    assert whole.loc["w", "supply"] == pytest.approx(table["supply"].sum())


@pytest.mark.parametrize("wrong", ["scores", "people"])
def test_rows_must_match(wrong: str) -> None:
    given_rows: dict[str, Any] = {"scores": [1.0, 2.0], "people": [1.0, 2.0]}
    given_rows[wrong] = [1.0, 2.0, 3.0]
    with pytest.raises(AccessError) as caught:
        score_by_unit(**given_rows, unit=["a", "b"], codes=["a", "b"])
    assert caught.value.key == "access.wrong_size"


def _demand(**columns: Any) -> pd.DataFrame:
    rows = len(columns["x"])
    usual = {"y": [0.0] * rows, "unit": ["a"] * rows, "people": [1.0] * rows}
    return pd.DataFrame(usual | columns)


def test_detour_is_a_ratio_of_sums() -> None:
    """Two homes and a facility F; the first is across the road.

    ::

        5 m away, 100 m on foot: F . . . . . . . . . 995 m away, 1,100 m on foot
    """
    demand = _demand(
        x=[5, 995], walked_m=[100, 1100], facility=[0, 0], covered=[True, False], people=[1, 1]
    )
    row = detour_by_unit(demand, [(0, 0)], ["a"], radius_m=1000).loc["a"]
    assert row["detour"] == pytest.approx(1.2)
    assert row.to_dict() == pytest.approx(
        {"people": 2, "covered": 1, "circle_covered": 2, "overclaimed": 1, "walked_m": 1200,
         "straight_m": 1000, "detour": 1.2}
    )  # fmt: skip
    assert tuple(row.index) == DETOUR_COLUMNS


def test_people_weigh_and_units_stay_apart() -> None:
    demand = _demand(
        x=[100, 100, 100], unit=["a", "a", "b"], people=[3, 1, 2], walked_m=[100, 300, 170],
        facility=[0, 0, 0], covered=[True, True, True],
    )  # fmt: skip
    table = detour_by_unit(demand, [(0, 0)], ["b", "a", "empty"], radius_m=90)
    assert table.index.name == "unit"
    assert table["detour"].tolist()[:2] == pytest.approx([1.7, 1.5])
    assert table.loc["empty"].isna().all()
    assert table["circle_covered"].tolist()[:2] == [0, 0]


def test_the_circle_is_of_any_facility_the_detour_of_the_nearest_on_foot() -> None:
    # 10 m from the second facility, but there is no way but to the first
    demand = _demand(x=[100], walked_m=[150], facility=[0], covered=[False])
    row = detour_by_unit(demand, [(0, 0), (110, 0)], ["a"], radius_m=10).loc["a"]
    assert row["overclaimed"] == 1
    assert row["detour"] == pytest.approx(1.5)


def test_who_has_no_way_counts_in_circles_only() -> None:
    demand = _demand(
        x=[50, 50], walked_m=[np.nan, 60], facility=[-1, 0], covered=[False, True], people=[9, 1]
    )
    row = detour_by_unit(demand, [(0, 0)], ["a"], radius_m=50).loc["a"]
    assert row[["people", "covered", "circle_covered", "overclaimed"]].tolist() == [10, 1, 10, 9]
    assert row["detour"] == pytest.approx(1.2)


def test_without_facilities_or_at_their_door_there_is_no_detour() -> None:
    nobody = _demand(x=[50], walked_m=[np.nan], facility=[-1], covered=[False])
    row = detour_by_unit(nobody, np.empty((0, 2)), ["a"], radius_m=50).loc["a"]
    assert row[["people", "covered", "circle_covered", "overclaimed"]].tolist() == [1, 0, 0, 0]
    assert math.isnan(row["detour"])
    door = _demand(x=[0], walked_m=[0.0], facility=[0], covered=[True])
    assert math.isnan(detour_by_unit(door, [(0, 0)], ["a"], radius_m=50).loc["a", "detour"])


def test_a_river_makes_circles_overclaim() -> None:
    """No bridge: the north bank is in the circle, and beyond any walk."""
    homes = [(100, 0), (100, 100)]
    for bridge in (False, True):
        network = two_banks(bridge=bridge)
        found = network.nearest(points(*homes), points((0, 0)), speed=1.0)
        minutes = found["minutes"].to_numpy()
        demand = pd.DataFrame(
            {"x": [EAST + x for x, _ in homes], "y": [NORTH + y for _, y in homes],
             "unit": ["south", "north"], "people": [20.0, 30.0], "walked_m": minutes * 60,
             "facility": np.where(np.isnan(minutes), -1, 0), "covered": minutes <= 5}
        )  # fmt: skip
        table = detour_by_unit(demand, [(EAST, NORTH)], ["south", "north"], radius_m=300)
        assert table["overclaimed"].tolist() == [0, 30]
        assert table.loc["south", "detour"] == pytest.approx(1)
        detour = table.loc["north", "detour"]
        # across the bridge at x = 1000: 1,000 east, 100 up and 900 back, 141 m as the crow flies
        assert (
            detour == pytest.approx(2000 / math.hypot(100, 100)) if bridge else math.isnan(detour)
        )


@pytest.mark.parametrize(
    ("key", "change", "facilities"),
    [
        ("no_place", {"x": [np.nan]}, [(0, 0)]),
        ("no_place", {}, [(0, math.inf)]),
        ("no_facility", {"facility": [1]}, [(0, 0)]),
        ("bad_amounts", {"walked_m": [-3.0]}, [(0, 0)]),
        ("no_numbers", {"people": ["many"]}, [(0, 0)]),
    ],
)
def test_what_cannot_be_used_is_named(key: str, change: Any, facilities: Any) -> None:
    usual: dict[str, Any] = {"x": [1.0], "walked_m": [3.0], "facility": [0], "covered": [True]}
    with pytest.raises(AccessError) as caught:
        detour_by_unit(_demand(**(usual | change)), facilities, ["a"], radius_m=50)
    assert caught.value.key == f"access.{key}"


@pytest.mark.parametrize("radius", [0, -1, math.nan])
def test_a_circle_has_a_radius(radius: float) -> None:
    demand = _demand(x=[1.0], walked_m=[3.0], facility=[0], covered=[True])
    with pytest.raises(AccessError, match=r"radius_m"):
        detour_by_unit(demand, [(0, 0)], ["a"], radius_m=radius)


PLACES = st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=1, max_size=6)


@BUSY
@given(PLACES, PLACES)
def test_a_circle_never_claims_less_than_streets(homes: Any, places: Any) -> None:
    # a grid of streets: along both axes, never shorter than the crow flies
    legs = [[abs(x - a) + abs(y - b) for a, b in places] for x, y in homes]
    walked = np.array(legs, dtype=float)
    nearest = walked.argmin(axis=1)
    shortest = walked.min(axis=1)
    demand = _demand(
        x=[x for x, _ in homes], y=[y for _, y in homes], walked_m=shortest, facility=nearest,
        covered=shortest <= 300,
    )  # fmt: skip
    row = detour_by_unit(demand, places, ["a"], radius_m=300).loc["a"]
    assert row["circle_covered"] - row["covered"] == row["overclaimed"]
    assert row["overclaimed"] >= 0
    assert math.isnan(row["detour"]) or 1 - 1e-12 <= row["detour"] <= math.sqrt(2) + 1e-12
