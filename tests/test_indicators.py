from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.indicators.assess import progress, shortfall, status
from coverage.plans import IndicatorRow

ROW = IndicatorRow(
    row=18,
    kind="table",
    indicator="eldercare_circle_15min_coverage",
    name_zh="覆盖率",
    name_en="coverage",
    family="network_coverage",
    unit="%",
    variants=("reach",),
    baseline=55.0,
    target=100.0,
    base_year=2020,
    target_year=2025,
)


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
    assert status(value, ROW, year) == expected


def test_status_without_a_target() -> None:
    assert status(10.0, replace(ROW, target=None), 2023) == "no_target"


def test_progress() -> None:
    assert progress(77.5, ROW) == pytest.approx(0.5)
    assert progress(77.5, replace(ROW, baseline=None)) == pytest.approx(0.775)
    assert progress(100.0, replace(ROW, baseline=100.0)) == 1
    assert progress(99.0, replace(ROW, baseline=100.0)) == 0
    assert math.isnan(progress(1.0, replace(ROW, target=None)))


@given(
    st.floats(0, 200, allow_subnormal=False),
    st.floats(0, 200, allow_subnormal=False),
    st.sampled_from("≥≤="),
)
def test_the_gap_is_never_negative_and_zero_only_where_met(
    value: float, target: float, comparator: str
) -> None:
    gap = shortfall(value, target, comparator)
    assert gap >= 0
    met = {"≥": value >= target, "≤": value <= target, "=": value == target}[comparator]
    if met:
        assert gap == 0
    elif abs(value - target) > 1e-6:
        assert gap == pytest.approx(abs(value - target))
