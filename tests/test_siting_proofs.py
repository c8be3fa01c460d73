"""Each way to a proof on its own: prices, branching, the program over radii, what is settled."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from coverage.siting import SitingProblem, solve
from coverage.siting.checks import checked
from coverage.siting.covering import covering_of
from coverage.siting.greedy import greedy
from coverage.siting.maximal import _Search as CoverSearch
from coverage.siting.median import _Search as TripSearch
from coverage.siting.median import nearest_existing
from coverage.siting.options import Request
from coverage.siting.process import Clock

SITES = 3


def _case(seed: int) -> tuple[SitingProblem, Request]:
    rng = np.random.default_rng(seed)
    people, places = rng.uniform(0, 30, (40, 2)), rng.uniform(0, 30, (14, 2))
    minutes = np.abs(people[:, None] - places).sum(axis=2).round(0 if seed % 2 else 2)
    weights = np.ones(40) if seed % 2 else rng.uniform(1, 9, 40)
    problem = SitingProblem(minutes, weights)
    options = {
        "model": "mclp", "sites": SITES, "limit": 9, "target": None, "budget": None,
        "floors": None, "required": (), "forbidden": (), "seed": 0, "gap": 0, "rules": None,
    }  # fmt: skip
    return problem, checked(problem, options)


def _least_trips(problem: SitingProblem) -> float:
    minutes = problem.times.toarray()
    plans = itertools.combinations(range(minutes.shape[1]), SITES)
    return min(float(problem.weights @ minutes[:, plan].min(axis=1)) for plan in plans)


def _trip_search(seed: int) -> tuple[SitingProblem, TripSearch]:
    problem, request = _case(seed)
    everywhere = covering_of(problem, replace(request, limit=np.inf))
    return problem, TripSearch(problem, everywhere, nearest_existing(problem), request)


@pytest.mark.parametrize("seed", range(6))
def test_branching_alone_proves_a_median(seed: int) -> None:
    problem, search = _trip_search(seed)
    search.branch(Clock(60))
    assert search.value == pytest.approx(_least_trips(problem))
    assert search.bound == pytest.approx(search.value)


@pytest.mark.parametrize("seed", range(6))
def test_radii_alone_prove_a_median(seed: int) -> None:
    problem, search = _trip_search(seed)
    assert search.prove(Clock(60), gap=0.0)
    assert search.value == pytest.approx(_least_trips(problem))
    assert search.bound == pytest.approx(search.value)


@pytest.mark.parametrize("seed", range(6))
def test_prices_bound_every_median_and_settle_no_optimum_away(seed: int) -> None:
    problem, search = _trip_search(seed)
    for _ in range(3):
        search.round(Clock(60))
        assert search.bound <= _least_trips(problem) + 1e-6
    assert search.prove(Clock(60), gap=0.0)
    assert search.value == pytest.approx(_least_trips(problem))


@pytest.mark.parametrize("rounds", [0, 1, 3])
@pytest.mark.parametrize("seed", range(4))
def test_maximal_coverage_is_proven_from_any_prices(seed: int, rounds: int) -> None:
    problem, request = _case(seed)
    covering = covering_of(problem, request)
    first = greedy(covering)
    assert first is not None
    search = CoverSearch(covering, first, 0)
    within = problem.times.toarray() <= 9
    best = max(
        float(problem.weights[within[:, plan].any(axis=1)].sum())
        for plan in itertools.combinations(range(14), SITES)
    )
    for _ in range(rounds):
        search.round(Clock(60))
        assert search.bound >= best - 1e-6
    search.prove(Clock(60), 0.0)
    assert search.value == pytest.approx(best)
    assert search.bound == pytest.approx(best)


@pytest.mark.parametrize("seed", range(2))
def test_a_median_of_a_hundred_nodes_against_another_program(seed: int) -> None:
    """The classic assignment model, solved by scipy's own HiGHS."""
    from scipy.optimize import Bounds, LinearConstraint, milp  # noqa: PLC0415
    from scipy.sparse import eye_array, hstack, kron  # noqa: PLC0415

    rng = np.random.default_rng(seed)
    places = rng.uniform(0, 100, (70, 2))
    minutes = np.hypot(*(places[:, None] - places).T).T.round(1)
    weights = rng.integers(1, 20, 70)
    size = 70
    cost = np.concatenate([np.zeros(size), (weights[:, None] * minutes).ravel()])
    ones = np.ones((1, size))
    assigned = hstack([np.zeros((size, size)), kron(eye_array(size), ones)])
    linked = hstack([kron(-np.ones((size, 1)), eye_array(size)), eye_array(size * size)])
    number = np.concatenate([np.ones(size), np.zeros(size * size)])[None]
    known = milp(
        cost, bounds=Bounds(0, 1), integrality=(np.arange(cost.size) < size).astype(int),
        constraints=[
            LinearConstraint(assigned.tocsr(), 1, 1), LinearConstraint(linked.tocsr(), -np.inf, 0),
            LinearConstraint(number, 0, 6),
        ],
    )  # fmt: skip
    found = solve(SitingProblem(minutes, weights), model="p_median", sites=6)
    assert found.status == "optimal"
    assert found.objective == pytest.approx(known.fun)
