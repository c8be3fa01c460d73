"""Catchments of facilities that can be full."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from coverage.access import capacity_by_unit, capacity_catchment
from coverage.errors import AccessError

# others may share the machine
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

NEVER = math.inf


def test_who_lives_near_comes_first_and_the_rest_moves_on() -> None:
    """Two villages between two stations for 60 people each.

    ::

        A --5-- 70 people --9-- B --2-- 50 people        12 people, no station within 15
                (A 5, B 9)              (B 2, A 16)      (A 40)
    """
    times = [[5, 9], [16, 2], [40, NEVER]]
    found = capacity_catchment(times, [70, 50, 12], [60, 60], limit=15)
    # 50 fill B but for 10; A takes 60 of the 70 and the other 10 go on to B
    assert found.demand["served"].tolist() == [70, 50, 0]
    assert found.demand["full"].tolist() == [0, 0, 0]
    assert found.demand["out_of_reach"].tolist() == [0, 0, 12]
    assert found.facilities["load"].tolist() == [60, 60]
    assert found.served.toarray().tolist() == [[60, 10], [0, 50], [0, 0]]


def test_in_reach_but_full() -> None:
    found = capacity_catchment([[5, 9], [16, 2]], [90, 50], [60, 60], limit=15)
    assert found.demand["served"].tolist() == [70, 50]
    assert found.demand["full"].tolist() == [20, 0]


def test_it_is_nearest_first_and_not_the_best_allocation() -> None:
    # the first row could go to B and leave A to the second, which has nothing else
    found = capacity_catchment([[1, 2], [3, NEVER]], [10, 10], [10, 10], limit=15)
    assert found.demand["served"].tolist() == [10, 0]
    assert found.demand["full"].tolist() == [0, 10]


def test_those_who_come_at_the_same_minute_share_what_is_left() -> None:
    found = capacity_catchment([[4], [4], [9]], [30, 10, 5], [20], limit=15)
    assert found.demand["served"].tolist() == [15, 5, 0]
    assert found.facilities["load"].tolist() == [20]


def test_of_two_facilities_at_the_same_minute_the_first_is_tried_first() -> None:
    found = capacity_catchment([[4, 4]], [30], [20, 20], limit=15)
    assert found.facilities["load"].tolist() == [20, 10]


def test_the_limit_is_inclusive_and_may_be_none() -> None:
    times = [[15 + 5e-10], [15.01], [900.0]]
    limited = capacity_catchment(times, [1, 1, 1], [9], limit=15)
    assert limited.demand["served"].tolist() == [1, 0, 0]
    assert limited.demand["out_of_reach"].tolist() == [0, 1, 1]
    endless = capacity_catchment(times, [1, 1, 1], [9], limit=None)
    assert endless.demand["served"].tolist() == [1, 1, 1]


def test_a_closed_facility_is_in_reach_but_full() -> None:
    found = capacity_catchment([[3.0]], [4], [0], limit=15)
    assert found.demand.loc[0, ["served", "full", "out_of_reach"]].tolist() == [0, 4, 0]


def test_explicit_zeros_are_trips() -> None:
    times = sparse.csr_array((np.array([0.0]), (np.array([0]), np.array([1]))), shape=(2, 2))
    found = capacity_catchment(times, [3, 3], [9, 9], limit=15)
    assert found.demand["served"].tolist() == [3, 0]
    assert found.facilities["load"].tolist() == [0, 3]


@pytest.mark.parametrize("shape", [(0, 2), (2, 0)])
def test_empty_tables(shape: tuple[int, int]) -> None:
    found = capacity_catchment(np.empty(shape), np.ones(shape[0]), np.ones(shape[1]), limit=15)
    assert found.demand["out_of_reach"].tolist() == [1.0] * shape[0]
    assert found.facilities["load"].tolist() == [0.0] * shape[1]


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("bad_amounts", {"people": [-1.0]}),
        ("bad_amounts", {"people": [np.inf]}),
        ("bad_amounts", {"capacities": [np.nan]}),
        ("bad_amounts", {"capacities": [-2]}),
        ("wrong_size", {"capacities": [1, 2]}),
        ("bad_parameter", {"limit": 0}),
    ],
)
def test_what_cannot_be_used_is_named(key: str, change: dict[str, Any]) -> None:
    fine: dict[str, Any] = {"times": [[1.0]], "people": [1], "capacities": [np.inf], "limit": 15}
    with pytest.raises(AccessError) as caught:
        capacity_catchment(**(fine | change))
    assert caught.value.key == f"access.{key}"


def test_by_unit() -> None:
    found = capacity_catchment([[5, 9], [16, 2], [40, NEVER]], [90, 50, 12], [60, 60], limit=15)
    table = capacity_by_unit(found.demand, ["a", "b", "a"], ["a", "b", "empty"])
    assert table.loc["a"].tolist() == pytest.approx([102, 70, 20, 12, 70 / 102])
    assert table.loc["b"].tolist() == pytest.approx([50, 50, 0, 0, 1])
    assert table.loc["empty"].isna().all()


Case = tuple[list[list[float]], list[int], list[int]]


@st.composite
def _cases(draw: st.DrawFn, *, distinct: bool = False) -> Case:
    rows, places = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    if distinct:
        order = draw(st.permutations(range(1, rows * places + 1)))
        times = [[0.3 * order[i * places + j] for j in range(places)] for i in range(rows)]
    else:
        minutes = st.one_of(st.just(math.inf), st.integers(0, 6).map(float))
        times = [[draw(minutes) for _ in range(places)] for _ in range(rows)]
    amounts = st.integers(0, 20)
    people = [draw(amounts) for _ in range(rows)]
    return times, people, [draw(amounts) for _ in range(places)]


LIMIT = 4.0


def _one_after_the_other(times: list[list[float]], people: list[int], room: list[int]) -> list[Any]:
    """Serve pair by pair in exact fractions; return what each row has left."""
    waiting, left = [Fraction(p) for p in people], [Fraction(c) for c in room]
    for minutes in sorted({t for row in times for t in row if t <= LIMIT}):
        for place in range(len(room)):
            coming = [i for i, row in enumerate(times) if row[place] == minutes]
            total = sum(waiting[i] for i in coming)
            part = min(Fraction(1), left[place] / total) if total else Fraction(0)
            left[place] -= part * total
            for i in coming:
                waiting[i] -= part * waiting[i]
    return waiting


@BUSY
@given(_cases())
def test_equals_serving_pair_by_pair(case: Case) -> None:
    times, people, room = case
    found = capacity_catchment(times, people, room, limit=LIMIT)
    left = [float(w) for w in _one_after_the_other(*case)]
    unserved = found.demand["full"] + found.demand["out_of_reach"]
    np.testing.assert_allclose(unserved, left, atol=1e-9)


@BUSY
@given(_cases())
def test_nobody_is_served_twice_and_nothing_overflows(case: Case) -> None:
    times, people, room = case
    found = capacity_catchment(times, people, room, limit=LIMIT)
    rows, facilities = found.demand, found.facilities
    parts = rows["served"] + rows["full"] + rows["out_of_reach"]
    np.testing.assert_allclose(parts, people, atol=1e-12)
    assert (rows.to_numpy() >= 0).all()
    assert (facilities["load"] <= np.array(room)).all()
    np.testing.assert_allclose(found.served.sum(axis=1), rows["served"], atol=1e-9)
    np.testing.assert_allclose(found.served.sum(axis=0), facilities["load"], atol=1e-9)
    near = (np.array(times) <= LIMIT).any(axis=1)
    assert (rows["out_of_reach"].to_numpy()[near] == 0).all()
    assert (rows["full"].to_numpy()[~near] == 0).all()


def _deferred_acceptance(case: Case) -> np.ndarray:
    """People ask from facility to facility; each keeps the nearest of all who asked so far."""
    times, people, room = case
    kept = np.zeros((len(people), len(room)), dtype=int)
    refused = np.zeros_like(kept, dtype=bool)
    while True:
        asked = False
        for i, row in enumerate(times):
            free = people[i] - kept[i].sum()
            wishes = [j for j in range(len(room)) if row[j] <= LIMIT and not refused[i, j]]
            if not free or not wishes:
                continue
            asked = True
            place = min(wishes, key=row.__getitem__)
            kept[i, place] += free
            # the farthest are sent away, and need not ask again
            for other in sorted(range(len(people)), key=lambda k: -times[k][place]):
                extra = kept[:, place].sum() - room[place]
                if extra <= 0:
                    break
                gone = min(extra, kept[other, place])
                kept[other, place] -= gone
                refused[other, place] = refused[other, place] or gone > 0
        if not asked:
            return kept


@BUSY
@given(_cases(distinct=True))
def test_is_what_deferred_acceptance_ends_in(case: Case) -> None:
    times, people, room = case
    found = capacity_catchment(times, people, room, limit=LIMIT)
    assert found.served.toarray().tolist() == _deferred_acceptance(case).tolist()


@BUSY
@given(_cases(), st.data())
def test_more_room_a_longer_limit_or_a_split_row_takes_service_from_nobody(
    case: Case, data: st.DataObject
) -> None:
    times, people, room = case
    before = capacity_catchment(times, people, room, limit=LIMIT).demand["served"]
    larger = [c + data.draw(st.integers(0, 5)) for c in room]
    more = capacity_catchment(times, people, larger, limit=LIMIT).demand["served"]
    assert (more >= before - 1e-9).all()
    longer = capacity_catchment(times, people, room, limit=LIMIT + 1).demand["served"]
    assert (longer >= before - 1e-9).all()
    halves = [p / 2 for p in people]
    split = capacity_catchment(times + times, halves + halves, room, limit=LIMIT).demand["served"]
    together = split.to_numpy().reshape(2, -1).sum(axis=0)
    np.testing.assert_allclose(together, before, atol=1e-9)


@BUSY
@given(_cases())
def test_without_capacities_it_is_plain_coverage(case: Case) -> None:
    times, people, room = case
    found = capacity_catchment(times, people, [math.inf] * len(room), limit=LIMIT)
    least = np.array(times).min(axis=1)
    assert found.demand["served"].tolist() == np.where(least <= LIMIT, people, 0).tolist()
    nearest = np.array(times).argmin(axis=1)
    loads = np.bincount(nearest, weights=found.demand["served"], minlength=len(room))
    assert found.facilities["load"].tolist() == loads.tolist()
