"""Every model and rule against every plan tried one by one."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from siting_oracle import allowed, covered, random_problem, served, trips

from coverage.siting import Existing, Rules, SitingProblem, Solution, solve

SEEDS = range(16)
LIMIT = 12


def _options(seed: int, problem: SitingProblem) -> dict[str, Any]:
    """Return options that differ with the seed, some of which no plan can keep."""
    rng = np.random.default_rng(1000 + seed)
    count = problem.times.shape[1]
    order = rng.permutation(count)
    options: dict[str, Any] = {"sites": int(rng.integers(1, count + 1))}
    if seed % 4 == 1:
        options["budget"] = float(rng.integers(3, 14))
    if seed % 5 in {2, 3}:
        options["floors"] = {problem.groups[0]: 1}
    if seed % 7 in {3, 4}:
        options["required"] = (int(order[0]),)
    if seed % 6 == 5:
        options["forbidden"] = (int(order[1]),)
    return options


def _check(solution: Solution, best: float | None, *, approx: float = 1e-6) -> None:
    if best is None:
        assert solution.status == "infeasible", solution
        assert np.isnan(solution.objective)
        assert solution.sites.size == 0
        assert solution.reason is not None
        assert str(solution.reason)
        return
    assert solution.status == "optimal", solution
    assert solution.stopped == "proof"
    assert solution.objective == pytest.approx(best, abs=approx)
    assert solution.gap == pytest.approx(0.0)
    assert solution.bound == pytest.approx(solution.objective)


@pytest.mark.parametrize("seed", SEEDS)
def test_mclp_covers_as_much_as_any_plan(seed: int) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0)
    options = _options(seed, problem)
    solution = solve(problem, model="mclp", limit=LIMIT, **options)
    plans = list(allowed(problem, **options))
    values = [float(problem.weights[covered(problem, p, LIMIT)].sum()) for p in plans]
    _check(solution, max(values, default=None))
    if plans:
        assert tuple(solution.sites) in plans
        assert covered(problem, tuple(solution.sites), LIMIT) @ problem.weights == pytest.approx(
            solution.objective
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_lscp_is_as_cheap_as_any_plan(seed: int) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0)
    options = _options(seed, problem)
    options.pop("sites")
    target = (None, 0.5, 0.8, 1.0)[seed % 4]
    solution = solve(problem, model="lscp", limit=LIMIT + 8, target=target, **options)
    costs = np.ones(problem.times.shape[1]) if problem.costs is None else problem.costs
    wanted = (target or 1.0) * problem.weights.sum() - 1e-9
    plans = {
        plan: float(costs[list(plan)].sum())
        for plan in allowed(problem, sites=None, **options)
        if covered(problem, plan, LIMIT + 8) @ problem.weights >= wanted
    }
    _check(solution, min(plans.values(), default=None))
    if plans:
        assert tuple(solution.sites) in plans


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("model", ["p_median", "p_center"])
def test_shortest_trips(model: Any, seed: int) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0, sparse=seed % 4 == 0)
    options = _options(seed, problem)
    solution = solve(problem, model=model, **options)
    weights = problem.weights[problem.weights > 0]
    values = {}
    for plan in allowed(problem, **options):
        minutes = trips(problem, plan)
        value = weights @ minutes if model == "p_median" else minutes.max(initial=0.0)
        if np.isfinite(minutes).all():
            values[plan] = float(value)
    _check(solution, min(values.values(), default=None))
    if values:
        assert tuple(solution.sites) in values
        assert values[tuple(solution.sites)] == pytest.approx(solution.objective)


def _rules(seed: int, problem: SitingProblem) -> Rules:
    rng = np.random.default_rng(2000 + seed)
    count = problem.times.shape[1]
    apart = np.triu(rng.random((count, count)) < 0.2, k=1)
    return Rules(
        caps={problem.groups[0]: 1} if seed % 3 == 0 else None,
        conflicts=apart if seed % 2 else None,
        cover_by=2 if seed % 4 in {0, 3} else 1,
    )


def _with_room(problem: SitingProblem, seed: int) -> SitingProblem:
    rng = np.random.default_rng(3000 + seed)
    room = rng.integers(3, 15, problem.times.shape[1]).astype(float)
    room[0] = np.inf
    return SitingProblem(
        problem.times, problem.weights, existing=problem.existing, costs=problem.costs,
        capacities=room, groups=problem.groups, areas=problem.areas,
    )  # fmt: skip


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_mclp_with_all_rules_together(seed: int, *, full: bool) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0)
    options, rules = _options(seed, problem), _rules(seed, problem)
    options["rules"] = rules
    if full:
        problem = _with_room(problem, seed)
    solution = solve(problem, model="mclp", limit=LIMIT, **options)

    def value(plan: tuple[int, ...]) -> float:
        if full:
            return served(problem, plan, LIMIT, rules.cover_by)
        return float(problem.weights[covered(problem, plan, LIMIT, rules.cover_by)].sum())

    plans = {plan: value(plan) for plan in allowed(problem, **options)}
    _check(solution, max(plans.values(), default=None), approx=1e-5)
    if plans:
        assert plans[tuple(solution.sites)] == pytest.approx(solution.objective, abs=1e-5)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("seed", SEEDS)
def test_lscp_with_all_rules_together(seed: int, *, full: bool) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0)
    options, rules = _options(seed, problem), _rules(seed, problem)
    options["rules"] = rules
    options.pop("sites")
    if full:
        problem = _with_room(problem, seed)
    limit, target = LIMIT + 8, (None, 0.5, 0.3)[seed % 3]
    solution = solve(problem, model="lscp", limit=limit, target=target, **options)
    costs = np.ones(problem.times.shape[1]) if problem.costs is None else problem.costs
    wanted = (target or 1.0) * problem.weights.sum() - 1e-6

    def value(plan: tuple[int, ...]) -> float:
        if full:
            return served(problem, plan, limit, rules.cover_by)
        return float(problem.weights[covered(problem, plan, limit, rules.cover_by)].sum())

    plans = {
        plan: float(costs[list(plan)].sum())
        for plan in allowed(problem, sites=None, **options)
        if value(plan) >= wanted
    }
    _check(solution, min(plans.values(), default=None))
    if plans:
        assert tuple(solution.sites) in plans


@pytest.mark.parametrize("seed", SEEDS)
def test_equity_serves_the_worst_off_area_first(seed: int) -> None:
    problem = random_problem(seed, whole=seed % 2 == 0)
    options = _options(seed, problem)
    solution = solve(problem, model="mclp", limit=LIMIT, rules=Rules(equity=True), **options)

    def value(plan: tuple[int, ...]) -> tuple[float, float]:
        met = problem.weights * covered(problem, plan, LIMIT)
        shares = []
        for area in set(problem.areas):
            here = problem.areas == area
            if problem.weights[here].sum() > 0:
                shares.append(met[here].sum() / problem.weights[here].sum())
        return round(min(shares, default=0.0), 9), float(met.sum())

    best = max((value(plan) for plan in allowed(problem, **options)), default=None)
    _check(solution, None if best is None else best[1])
    if best is not None:
        assert value(tuple(solution.sites)) == pytest.approx(best)
        assert (solution.worst, solution.worst_bound) == pytest.approx((best[0], best[0]))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("most", [0, 1, 2])
def test_no_more_close_than_may_and_none_for_nothing(seed: int, most: int) -> None:
    """All plans of sites and closures counted: each closed one makes room for one more site."""
    rng = np.random.default_rng(seed)
    new, old = rng.uniform(0, 30, (20, 5)), rng.uniform(0, 30, (20, 4))
    weights = rng.integers(1, 9, 20)

    def covered(built: tuple[int, ...], gone: tuple[int, ...]) -> float:
        stays = [site for site in range(4) if site not in gone]
        near = (new[:, list(built)] <= 8).any(axis=1) | (old[:, stays] <= 8).any(axis=1)
        return float(weights @ near)

    best = max(
        covered(built, gone)
        for closing in range(most + 1)
        for gone in itertools.combinations(range(4), closing)
        for built in itertools.combinations(range(5), 1 + closing)
    )
    existing = Existing(times=old, closable=np.ones(4), most_closed=most)
    found = solve(SitingProblem(new, weights, existing=existing), sites=1, limit=8)
    assert found.objective == best == covered(tuple(found.sites), tuple(found.closed))
    assert len(found.closed) <= most
    # a facility closes only where its room is used
    assert not len(found.closed) or len(found.sites) == 1 + len(found.closed)
