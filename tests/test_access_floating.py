"""Floating catchments, reckoned by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from coverage import texts
from coverage.access import floating_catchment
from coverage.errors import AccessError

NEVER = math.inf


def test_two_catchments_that_overlap_in_one_place() -> None:
    """One doctor each at a and b; people go to either, one of them to both.

    ::

        seven people --- a --- one person --- b --- three people
    """
    times = [[10, NEVER], [10, 10], [NEVER, 10]]
    scores = floating_catchment(times, [1, 1], [7, 1, 3])
    # a serves 8, b serves 4; the one between adds both
    assert scores.tolist() == pytest.approx([1 / 8, 3 / 8, 1 / 4])


@pytest.mark.parametrize(("minutes", "score"), [(15.0, 0.5), (15 + 5e-10, 0.5), (15.001, 0.0)])
def test_the_limit_is_inclusive(minutes: float, score: float) -> None:
    assert floating_catchment([[minutes]], [1], [2]).tolist() == [score]


def test_without_limit_far_trips_count() -> None:
    assert floating_catchment([[500.0], [NEVER]], [4], [2, 2], limit=None).tolist() == [2.0, 0.0]


def test_explicit_zeros_are_trips_and_gaps_are_not() -> None:
    times = sparse.csr_array((np.array([0.0, 3.0]), np.array([0, 1]), np.array([0, 1, 2])))
    assert floating_catchment(times, [10, 20], [5, 4]).tolist() == [2.0, 5.0]


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "matrix", "nan", "inf", "stored", "frame"])
def test_times_in_any_form(kind: str) -> None:
    row, col, minutes = np.array([0, 1, 1]), np.array([0, 0, 1]), np.array([0.0, 7.0, 12.0])
    pairs = sparse.coo_array((minutes, (row, col)), shape=(3, 2))
    gap = np.nan if kind == "nan" else np.inf
    dense = np.full((3, 2), gap)
    dense[row, col] = minutes
    filled = sparse.csr_array(np.full((3, 2), 1.0))
    filled.data = dense.ravel()
    forms: dict[str, Any] = {
        "csr": pairs.tocsr(), "csc": pairs.tocsc(), "coo": pairs,
        "matrix": sparse.csr_matrix(pairs), "nan": dense, "inf": dense.tolist(), "stored": filled,
        "frame": pd.DataFrame(dense),
    }  # fmt: skip
    scores = floating_catchment(forms[kind], pd.Series([30, 10]), [10, 20, 5])
    assert scores.tolist() == [1.0, 1.5, 0.0]


def test_arguments_stay_as_they_are() -> None:
    minutes = np.array([0.0, 20.0, np.inf])
    times = sparse.csr_array((minutes.copy(), np.array([0, 1, 0]), np.array([0, 2, 3])))
    floating_catchment(times, [1, 1], [1, 1], method="3sfca", decay="exponential", beta=0.2)
    assert times.data.tolist() == minutes.tolist()
    assert times.nnz == 3


@pytest.mark.parametrize(
    ("decay", "parameters", "minutes", "weight"),
    [
        ("binary", {}, 15, 1),
        ("gaussian", {}, 0, 1),
        ("gaussian", {}, 7.5, (math.exp(-1 / 8) - math.exp(-1 / 2)) / (1 - math.exp(-1 / 2))),
        ("gaussian", {}, 15, 0),
        ("gaussian", {}, 15 + 5e-10, 0),
        ("gaussian", {"sigma": 5}, 10, math.exp(-2)),
        ("gaussian", {"sigma": 5}, 16, 0),
        ("exponential", {"beta": 0.1}, 5, math.exp(-0.5)),
        ("power", {"alpha": 2}, 4, 1 / 16),
        ("power", {"alpha": 2}, 0.25, 1),
        ("stepped", {}, 5, 1),
        ("stepped", {}, 5.1, 0.68),
        ("stepped", {}, 10, 0.68),
        ("stepped", {}, 15, 0.22),
        ("stepped", {}, 15.1, 0),
        ("stepped", {"steps": [(3, 0.5), (6, 0.25)]}, 3, 0.5),
        ("stepped", {"steps": [(3, 0.5), (6, 0.25)]}, 7, 0),
    ],
)
def test_each_decay(decay: Any, parameters: Any, minutes: float, weight: float) -> None:
    # 1,000 people at the door, where a trip weighs most, and nobody at these minutes
    scores = floating_catchment([[0.0], [minutes]], [1000], [1000, 0], decay=decay, **parameters)
    at_the_door = 0.5 if "steps" in parameters else 1
    assert scores.tolist() == pytest.approx([1, weight / at_the_door], abs=1e-12)


def test_steps_go_past_the_limit_only_where_the_limit_does() -> None:
    steps = ((10, 1), (30, 0.5))
    times = [[5.0], [20.0]]
    assert floating_catchment(times, [1], [1, 0], decay="stepped", steps=steps).tolist() == [1, 0]
    far = floating_catchment(times, [1], [1, 0], decay="stepped", steps=steps, limit=30)
    assert far.tolist() == [1.0, 0.5]


def test_e2sfca_is_2sfca_with_steps() -> None:
    """A clinic of 10 at 5, 10 and 15 minutes from three villages of 100."""
    scores = floating_catchment([[5], [10], [15]], [10], [100, 100, 100], method="e2sfca")
    ratio = 10 / (100 + 68 + 22)
    assert scores.tolist() == pytest.approx([ratio, 0.68 * ratio, 0.22 * ratio])
    steps = ((10, 1), (15, 0.5))
    scores = floating_catchment(
        [[5], [10], [15]], [10], [100, 100, 100], method="e2sfca", decay="stepped", steps=steps
    )
    assert scores.tolist() == pytest.approx([10 / 250, 10 / 250, 5 / 250])


def test_3sfca_lets_those_with_a_choice_want_less() -> None:
    """Both villages reach a; only the second reaches b, too.

    ::

        100 people --- a --- 100 people --- b
    """
    times = [[5, NEVER], [5, 5]]
    # the second sends a half to each: a is wanted by 150, b by 50
    scores = floating_catchment(times, [30, 10], [100, 100], method="3sfca")
    assert scores.tolist() == pytest.approx([30 / 150, 0.5 * 30 / 150 + 0.5 * 10 / 50])


def test_3sfca_multiplies_the_share_with_the_decay() -> None:
    # weights 1 and 0.22: shares 1/1.22 and 0.22/1.22, each once more times its weight
    scores = floating_catchment([[5, 15]], [12, 7], [10], method="3sfca", decay="stepped")
    assert scores.tolist() == pytest.approx([1.9])
    first, second = 1 / 1.22, 0.22**2 / 1.22
    scores = floating_catchment(
        [[5, 15], [5, NEVER]], [12, 7], [10, 10], method="3sfca", decay="stepped"
    )
    ratio = 12 / (10 * first + 10)
    assert scores.tolist() == pytest.approx([first * ratio + second * 7 / (10 * second), ratio])


def test_nobody_and_nothing_score_nothing() -> None:
    # the first facility is out of everyone's reach, the second in reach of a place without people
    times = [[NEVER, 3, NEVER], [NEVER, NEVER, 3], [NEVER, NEVER, NEVER]]
    scores = floating_catchment(times, [5, 5, 0], [0, 10, 10])
    assert scores.tolist() == [0.0, 0.0, 0.0]


def test_a_trip_that_weighs_nothing_reaches_nobody() -> None:
    # at the very end of the gaussian: 0 people want 5 beds
    for method in ("2sfca", "3sfca"):
        scores = floating_catchment([[15.0]], [5], [10], method=method, decay="gaussian")
        assert scores.tolist() == [0.0]
    # so far out that weights have all but vanished
    far = floating_catchment([[700.0]], [5], [10], decay="exponential", beta=1, limit=None)
    assert far.tolist() == [0.0]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_empty_tables(shape: tuple[int, int]) -> None:
    for times in (np.empty(shape), sparse.csr_array(shape)):
        for method in ("2sfca", "e2sfca", "3sfca"):
            scores = floating_catchment(times, np.ones(shape[1]), np.ones(shape[0]), method=method)
            assert scores.tolist() == [0.0] * shape[0]


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("negative_minutes", {"times": [[-1.0, 2]]}),
    ("negative_minutes", {"times": sparse.csr_array(np.array([[-1.0, np.inf]]))}),
    ("no_table", {"times": [1.0, 2.0]}),
    ("no_table", {"times": sparse.coo_array(np.array([1.0, 2.0]))}),
    ("no_numbers", {"times": [["near", "far"]]}),
    ("no_numbers", {"times": [[1.0], [1.0, 2.0]]}),
    ("wrong_size", {"supply": [1]}),
    ("wrong_size", {"population": [1, 2]}),
    ("wrong_size", {"population": 7}),
    ("bad_amounts", {"supply": [1, -1]}),
    ("bad_amounts", {"supply": [np.nan, 1]}),
    ("bad_amounts", {"population": [np.inf]}),
    ("unknown", {"method": "4sfca"}),
    ("unknown", {"decay": "linear"}),
    ("bad_parameter", {"limit": 0}),
    ("bad_parameter", {"limit": -5}),
    ("bad_parameter", {"limit": np.nan}),
    ("bad_parameter", {"limit": "15"}),
    ("missing_parameter", {"decay": "exponential"}),
    ("missing_parameter", {"decay": "power"}),
    ("bad_parameter", {"decay": "exponential", "beta": 0}),
    ("bad_parameter", {"decay": "power", "alpha": np.nan}),
    ("bad_parameter", {"decay": "gaussian", "sigma": "wide"}),
    ("gaussian_without_limit", {"decay": "gaussian", "limit": None}),
    ("other_parameter", {"beta": 0.1}),
    ("other_parameter", {"decay": "exponential", "beta": 0.1, "alpha": 2}),
    ("other_parameter", {"decay": "gaussian", "steps": ((5, 1),)}),
    ("bad_steps", {"decay": "stepped", "steps": ()}),
    ("bad_steps", {"decay": "stepped", "steps": ((10, 1), (5, 0.5))}),
    ("bad_steps", {"decay": "stepped", "steps": ((5, -1),)}),
    ("bad_steps", {"decay": "stepped", "steps": (5, 1)}),
    ("bad_steps", {"decay": "stepped", "steps": "near"}),
]


@pytest.mark.parametrize(("key", "change"), WRONG)
def test_what_cannot_be_used_is_named(key: str, change: dict[str, Any]) -> None:
    fine: dict[str, Any] = {"times": [[1.0, 2.0]], "supply": [1, 1], "population": [1]}
    with pytest.raises(AccessError) as caught:
        floating_catchment(**(fine | change))
    assert caught.value.key == f"access.{key}"
    for language in texts.LANGUAGES:
        assert caught.value.text(language)


def test_room_to_spare_behind_the_last_trip_is_no_trip() -> None:
    trips = sparse.csr_array(np.array([[5.0, 6.0], [7.0, 8.0]]))
    roomy = trips.copy()
    roomy.data, roomy.indices = np.append(trips.data, 1.0), np.append(trips.indices, 0)
    scores = [floating_catchment(times, [2, 1], [5, 7]).tolist() for times in (trips, roomy)]
    assert scores[0] == scores[1]


def test_rows_without_trips_score_nothing_in_any_place() -> None:
    """Before the first trip, between trips, behind the last one; and where there is none at all."""
    times = np.full((7, 2), np.inf)
    times[2], times[4, 1] = [1.0, 2.0], 3.0
    scores = floating_catchment(times, [30.0, 40.0], np.full(7, 10.0))
    assert scores.tolist() == [0, 0, 5, 0, 2, 0, 0]
    assert floating_catchment(np.full((3, 2), np.inf), [1, 1], [1, 1, 1]).tolist() == [0, 0, 0]
    assert floating_catchment(np.empty((0, 2)), [1, 1], []).tolist() == []
