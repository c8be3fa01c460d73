"""Inequality of access, against closed forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage.access import (
    gini,
    inequality,
    lorenz_curve,
    palma_ratio,
    urban_rural,
    worst_tenth,
)
from coverage.errors import AccessError

# others may share the machine
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def test_where_all_have_the_same_nothing_is_unequal() -> None:
    for value in (7.0, 0.0):
        values, people = [value] * 3, [1, 20, 300.5]
        assert gini(values, people) == pytest.approx(0, abs=1e-12)
        assert palma_ratio(values, people) == pytest.approx(0.25)
        for reading in ("benefit", "cost"):
            assert worst_tenth(values, people, reading=reading) == pytest.approx(value)


@pytest.mark.parametrize("without", [0.1, 0.5, 0.75])
def test_where_some_have_nothing_gini_is_their_share(without: float) -> None:
    assert gini([0, 3], [without, 1 - without]) == pytest.approx(without)


def test_two_groups() -> None:
    # a quarter have 3, the others 1: half of all; Gini = 1/2 − 1/4
    values, people = [1, 3], [75, 25]
    assert gini(values, people) == pytest.approx(0.25)
    # 10 people with 3 against 40 with 1
    assert palma_ratio(values, people) == pytest.approx(30 / 40)
    assert worst_tenth(values, people, reading="benefit") == pytest.approx(1)
    assert worst_tenth(values, people, reading="cost") == pytest.approx(3)


@pytest.mark.parametrize("count", [2, 5, 100])
def test_one_to_n(count: int) -> None:
    # the Gini coefficient of 1, 2, ..., n is (n − 1)/3n
    values = np.arange(1, count + 1)[::-1]
    assert gini(values, np.ones(count)) == pytest.approx((count - 1) / (3 * count))


def test_a_linear_and_a_pareto_distribution() -> None:
    middle = (np.arange(20_000) + 0.5) / 20_000
    assert gini(middle, np.ones(20_000)) == pytest.approx(1 / 3, abs=1e-6)
    # Lorenz curve p²: the top tenth has 1 − 0.81, the lowest 40 % have 0.16
    assert palma_ratio(middle, np.ones(20_000)) == pytest.approx(0.19 / 0.16, abs=1e-6)
    pareto = (1 - middle) ** (-1 / 5)
    assert gini(pareto, np.ones(20_000)) == pytest.approx(1 / 9, abs=1e-3)


def test_rows_across_a_tenth_are_split() -> None:
    # of 20 people the worst two are the one with 1 and one of the nine with 2
    values, people = [4, 2, 1], [10, 9, 1]
    assert worst_tenth(values, people, reading="benefit") == pytest.approx(1.5)
    # the best two have 4 each, the lowest eight 1 and seven times 2
    assert palma_ratio(values, people) == pytest.approx(8 / 15)


def test_nothing_for_the_lowest_makes_palma_infinite() -> None:
    assert palma_ratio([0, 5], [50, 50]) == math.inf


def test_lorenz_points() -> None:
    curve = lorenz_curve([3, 1, np.nan, 9], [25, 75, 10, 0])
    assert curve["people_share"].tolist() == [0, 0.75, 1]
    assert curve["value_share"].tolist() == [0, 0.5, 1]


def test_all_at_once_with_people_without_a_value() -> None:
    found = inequality([10, 30, np.nan], [75, 25, 40], reading="cost")
    assert found.to_dict() == pytest.approx(
        {"people": 100, "without_value": 40, "mean": 15, "gini": 0.25, "palma": 0.75,
         "worst_tenth": 30}
    )  # fmt: skip


@pytest.mark.parametrize(("values", "people"), [([], []), ([5.0], [0]), ([np.nan], [3])])
def test_without_people_nothing_is_known(values: list[float], people: list[float]) -> None:
    assert math.isnan(gini(values, people))
    assert math.isnan(palma_ratio(values, people))
    found = inequality(values, people, reading="benefit")
    assert found["people"] == 0
    assert found.drop(["people", "without_value"]).isna().all()
    assert lorenz_curve(values, people).to_numpy().tolist() == [[0, 0]]


def test_urban_and_rural() -> None:
    urban = [True, True, False, False, None]
    found = urban_rural([8, 4, 3, np.nan, 99], [10, 30, 20, 5, 7], urban)
    assert found.to_dict() == pytest.approx(
        {"urban_people": 40, "urban_mean": 5, "rural_people": 20, "rural_mean": 3,
         "ratio": 5 / 3, "difference": 2}
    )  # fmt: skip
    # minutes: below 1 the town is better off
    assert urban_rural([6, 12], [1, 1], [1, 0])["ratio"] == pytest.approx(0.5)


def test_a_group_without_people_has_no_mean() -> None:
    found = urban_rural([8, 4], [10, 0], [True, False])
    assert found["urban_mean"] == 8
    assert found[["rural_mean", "ratio", "difference"]].isna().all()
    assert math.isnan(urban_rural([8, 0], [10, 1], [True, False])["ratio"])


@pytest.mark.parametrize(
    ("key", "measure"),
    [
        ("bad_amounts", lambda: gini([-1.0], [1])),
        ("bad_amounts", lambda: gini([math.inf], [1])),
        ("bad_amounts", lambda: palma_ratio([1], [-1])),
        ("bad_amounts", lambda: lorenz_curve([1], [np.nan])),
        ("wrong_size", lambda: gini([1, 2], [1])),
        ("wrong_size", lambda: urban_rural([1, 2], [1, 2], [True])),
        ("no_numbers", lambda: gini(["much"], [1])),
        ("unknown", lambda: worst_tenth([1], [1], reading="good")),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_used_is_named(key: str, measure: Any) -> None:
    with pytest.raises(AccessError) as caught:
        measure()
    assert caught.value.key == f"access.{key}"


ROWS = st.lists(
    st.tuples(st.integers(0, 50).map(float), st.integers(0, 9).map(float)), min_size=1, max_size=8
).filter(lambda rows: sum(people for _, people in rows) > 0)


def _one_by_one(rows: list[tuple[float, float]]) -> list[float]:
    return sorted(value for value, people in rows for _ in range(int(people)))


@BUSY
@given(ROWS)
def test_equals_what_single_people_make_of_it(rows: list[tuple[float, float]]) -> None:
    values, people = zip(*rows, strict=True)
    each = _one_by_one(rows)
    total, count = sum(each), len(each)
    pairs = sum(abs(a - b) for a in each for b in each)
    expected = pairs / (2 * count * total) if total else 0.0
    assert gini(values, people) == pytest.approx(expected, abs=1e-9)
    # ten of each: tenths are whole people
    tenfold = [value for value in each for _ in range(10)]
    top, low = sum(tenfold[-count:]), sum(tenfold[: 4 * count])
    if low:
        assert palma_ratio(values, people) == pytest.approx(top / low)
    worst = worst_tenth(values, people, reading="benefit")
    assert worst == pytest.approx(sum(tenfold[:count]) / count, abs=1e-9)
    worst = worst_tenth(values, people, reading="cost")
    assert worst == pytest.approx(top / count, abs=1e-9)


@BUSY
@given(ROWS, st.data())
def test_splitting_a_row_or_changing_units_changes_nothing(
    rows: list[tuple[float, float]], data: st.DataObject
) -> None:
    values, people = (np.array(column) for column in zip(*rows, strict=True))
    row = data.draw(st.integers(0, len(rows) - 1))
    split = np.append(people, people[row] / 2)
    split[row] /= 2
    doubled = np.append(values, values[row])
    for measure in (gini, palma_ratio):
        expected = pytest.approx(measure(values, people), abs=1e-9)
        assert measure(doubled, split) == expected
        assert measure(1000 * values, people / 7) == expected
