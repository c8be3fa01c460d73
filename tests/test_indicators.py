"""Values against targets: gap, progress, status."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.indicators.assess import Aim, aim_of, gaps, met, progress, statuses
from coverage.plans import IndicatorRow

AIM = Aim(baseline=55.0, target=100.0, base_year=2020, target_year=2025)


@pytest.mark.parametrize(
    ("value", "year", "expected"),
    [
        (math.nan, 2023, "no_data"),
        (100.0, 2023, "met"),
        (99.9, 2025, "not_met"),
        (82.0, 2023, "on_track"),  # 60 % of the way after 60 % of the time
        (81.9, 2023, "behind"),
    ],
)
def test_status_is_the_first_that_holds(value: float, year: int, expected: str) -> None:
    assert statuses([value], AIM, year) == [expected]


def test_status_without_a_target_or_a_year() -> None:
    assert statuses([10.0, math.nan], Aim(), 2023).tolist() == ["no_target", "no_data"]
    assert statuses([10.0], replace(AIM, target_year=None), 2030) == ["behind"]
    assert statuses([10.0], replace(AIM, target_year=None, yearly=True), 2021) == ["not_met"]


def test_progress() -> None:
    assert progress([77.5, 100.0, 55.0], AIM).tolist() == pytest.approx([0.5, 1, 0])
    assert progress([77.5], replace(AIM, baseline=None)) == pytest.approx([0.775])
    level = replace(AIM, baseline=100.0)
    assert progress([100.0, 99.0, math.nan], level).tolist()[:2] == [1, 0]
    assert np.isnan(progress([1.0, 2.0], Aim())).all()
    assert np.isnan(progress([1.0], Aim(target=0.0))).all()
    falling = Aim(baseline=20.0, target=10.0, comparator="≤")
    assert progress([15.0], falling) == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("value", "comparator", "direction", "short", "is_met"),
    [
        (65, "=", "up", 0, "met"),  # a bare target is met by more where more is better
        (65, "=", "down", 5, "missed"),
        (55, "=", "up", 5, "missed"),
        (55, "≈", "up", 5, "missed"),
        (61, "≈", "up", 0, "met"),
        (60, "≥", "up", 0, "met"),
        (60, ">", "up", 0, "missed"),
        (60.1, ">", "up", 0, "met"),
        (59, ">", "up", 1, "missed"),
        (60, "≤", "up", 0, "met"),
        (60, "<", "up", 0, "missed"),
        (61, "<", "up", 1, "missed"),
        (59, "<", "up", 0, "met"),
    ],
)
def test_what_meets_a_target_of_60(
    value: float, comparator: str, direction: str, short: float, is_met: str
) -> None:
    aim = Aim(target=60.0, comparator=comparator, downward=direction == "down")
    assert gaps(value, aim) == pytest.approx(short)
    assert bool(met(value, aim)) == (is_met == "met")


@given(
    st.floats(0, 200, allow_subnormal=False),
    st.floats(0, 200, allow_subnormal=False),
    st.sampled_from("≥≤=><≈"),
    st.sampled_from(["up", "down"]),
)
def test_the_gap_is_never_negative_and_there_wherever_the_target_is_missed(
    value: float, target: float, comparator: str, direction: str
) -> None:
    aim = Aim(target=target, comparator=comparator, downward=direction == "down")
    short = float(gaps(value, aim))
    assert short >= 0
    if met(value, aim):
        assert short == 0
    elif abs(value - target) > 1e-6:
        assert short == pytest.approx(abs(value - target))


def test_a_target_belongs_to_the_variants_in_its_unit() -> None:
    row = IndicatorRow(
        row=6,
        kind="table",
        indicator="community_service_area_per_100hh",
        name_zh="面积",
        name_en="area",
        family="ratio",
        unit="㎡/百户",
        variants=("pooled", "compliance"),
        target=30.0,
        target_year=2025,
        comparator="≥",
    )
    pooled, compliance = (aim_of(row, variant) for variant in row.variants)
    assert (pooled.target, pooled.target_year) == (30.0, 2025)
    assert (compliance.target, compliance.target_year) == (None, None)
    each = replace(row, family="quota", unit="个/县", variants=("units",), target=2.0)
    assert aim_of(each, "units").target == 100
