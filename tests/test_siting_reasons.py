"""Why a site, what each further one is worth, and in which year to build it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from coverage.errors import SitingError
from coverage.siting import (
    Existing,
    Rules,
    SitingProblem,
    Tier,
    explain_sites,
    phases,
    solve,
    trade_off,
)


@pytest.fixture
def street() -> SitingProblem:
    """Return five houses along a street, ten minutes apart, and a candidate at each of four.

    ::

        weight    10    20    30    40    50
        house      0     1     2     3     4
        candidate  0     1     2     3
    """
    minutes = 10.0 * np.abs(np.arange(5)[:, None] - np.arange(4))
    existing = [np.inf, np.inf, np.inf, 40, 12]
    return SitingProblem(minutes, [10, 20, 30, 40, 50], existing=existing, costs=[4, 3, 2, 1])


def test_why_each_site(street: SitingProblem) -> None:
    """House 4 is covered; candidate 2 brings houses 1-3, then 0 brings house 0."""
    solution = solve(street, sites=2, limit=12)
    reasons = explain_sites(street, solution, limit=12)
    first, second = reasons
    assert [first.rank, second.rank] == [1, 2]
    assert first.site == 2
    assert first.newly_covered == 90
    assert first.cumulative_share == pytest.approx(140 / 150)
    assert first.rows.tolist() == [1, 2, 3]
    assert first.minutes_before.tolist() == [np.inf, np.inf, 40]
    assert first.minutes_after.tolist() == [10, 0, 10]
    assert second.newly_covered == 10
    assert second.rows.tolist() == [0]
    # the second site is at house 0 or 1, either covers house 0
    assert second.site in {0, 1}
    assert second.lost == 10
    assert second.runner_up in {0, 1} - {second.site}
    assert second.runner_up_short == 0
    # without candidate 2, houses 2 and 3 lose theirs, and house 2 keeps it if 1 is built
    assert first.lost == (40 if second.site == 1 else 90)
    assert first.load + second.load == 100
    assert sum(r.newly_covered for r in reasons) + 50 == solution.objective


@pytest.mark.parametrize("seed", range(4))
def test_reasons_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    times = rng.uniform(0, 40, (40, 12))
    room = rng.uniform(20, 60, 12) if seed % 2 else None
    problem = SitingProblem(
        times, rng.integers(1, 9, 40), existing=rng.uniform(5, 60, 40), capacities=room
    )
    rules = Rules(cover_by=2) if seed == 2 else Rules()
    solution = solve(problem, sites=4, limit=10, rules=rules)
    reasons = explain_sites(problem, solution, limit=10, rules=rules)
    assert {reason.site for reason in reasons} == set(solution.sites.tolist())
    assert reasons[-1].cumulative_share * problem.weights.sum() == pytest.approx(solution.objective)
    base = solve(problem, sites=0, limit=10, rules=rules).objective
    assert sum(r.newly_covered for r in reasons) + base == pytest.approx(solution.objective)
    for reason in reasons:
        without = [site for site in solution.sites.tolist() if site != reason.site]
        outside = [j for j in range(12) if j not in without]
        rest = solve(
            problem, sites=3, limit=10, rules=rules, required=without, forbidden=outside
        ).objective
        assert reason.lost == pytest.approx(solution.objective - rest)
        # an optimal plan is no worse than with any runner-up
        assert reason.runner_up_short >= -1e-6
        assert (reason.minutes_after <= reason.minutes_before).all()
        assert reason.load <= reason.capacity + 1e-6


def test_reasons_of_tiers_and_of_facilities_that_close() -> None:
    existing = Existing(times=[[2, 30], [30, 2], [30, 30]], closable=[True, False], savings=[4, 0])
    problem = SitingProblem([[30], [30], [8]], [3, 8, 9], existing=existing)
    rules = Rules(tiers=(Tier(name="centre", minutes=10, cost=4), Tier(name="point", minutes=5)))
    solution = solve(problem, sites=1, budget=0, rules=rules)
    (reason,) = explain_sites(problem, solution, rules=rules)
    assert solution.closed.tolist() == [0]
    assert (reason.tier, reason.newly_covered, reason.runner_up) == ("centre", 9, -1)
    assert reason.cumulative_share == pytest.approx(17 / 20)


def test_the_trade_off_is_that_of_every_plan(street: SitingProblem) -> None:
    curve = trade_off(street, sites=[0, 1, 2, 3, 4], limit=12)
    within = np.asarray(street.times.toarray() <= 12)
    best = [
        max(
            street.weights[within[:, list(plan)].any(axis=1) | (street.existing <= 12)].sum()
            for plan in itertools.combinations(range(4), count)
        )
        for count in range(5)
    ]
    assert curve.covered.tolist() == best
    assert curve.bounds.tolist() == best
    assert np.isnan(curve.marginal[0])
    assert curve.marginal[1:].tolist() == np.diff(best).tolist()
    assert curve.shares[-1] == 1
    assert curve.knee == 1


def test_the_trade_off_over_money(street: SitingProblem) -> None:
    curve = trade_off(street, budgets=[1, 2, 6], limit=12)
    assert curve.covered.tolist() == [50 + 70, 50 + 90, 150]
    assert curve.marginal[1:].tolist() == [20, 2.5]
    with pytest.raises(SitingError):
        trade_off(street, limit=12)
    with pytest.raises(SitingError):
        trade_off(street, sites=[1], budgets=[1], limit=12)


def test_phases_spend_what_each_year_has(street: SitingProblem) -> None:
    plan = solve(street, sites=2, limit=12, required=[1, 2])
    years = phases(street, plan, budgets=[1, 1, 3], first_year=2026, limit=12)
    assert [year.year for year in years] == [2026, 2027, 2028]
    assert [year.sites.tolist() for year in years] == [[], [2], [1]]
    assert [year.cost for year in years] == [0, 2, 3]
    assert [year.left for year in years] == [1, 0, 0]
    assert [year.covered for year in years] == [50, 140, 150]
    poor = phases(street, plan, budgets=[2, 0], limit=12)
    assert [year.sites.tolist() for year in poor] == [[2], []]
    with pytest.raises(SitingError):
        phases(street, plan, budgets=[-1], limit=12)
