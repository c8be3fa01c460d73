"""In which order to build a plan's sites, year by year, with the money of each year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.errors import SitingError
from coverage.siting.options import Rules
from coverage.siting.process import Clock
from coverage.siting.solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coverage.siting.problem import SitingProblem
    from coverage.siting.solution import Solution

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Phase:
    """A year of building.

    Parameters
    ----------
    year
        From `first_year` on.
    sites
        Positions of the candidates built in it.
    cost
        What they cost.
    left
        Money that the next year starts with.
    covered
        Weight covered at its end, by existing facilities and all sites built so far.
    """

    year: int
    sites: Integers
    cost: float
    left: float
    covered: float


def phases(
    problem: SitingProblem,
    solution: Solution,
    *,
    budgets: Sequence[float],
    first_year: int = 1,
    limit: float | None = 15,
    time_limit: float = 60,
    rules: Rules | None = None,
    progress: Callable[[], object] | None = None,
) -> tuple[Phase, ...]:
    """Return what to build in which year so that most is covered at the end of each.

    Every year the sites are chosen, of those of the plan, that cover most with the money at hand;
    what a year leaves is the next one's. Sites that cover nobody else come last, once there is
    money for all of them. A site that no year can pay is in none.

    Parameters
    ----------
    problem, solution
        What was solved, and the plan.
    budgets
        Money of each year; without costs, how many sites.
    first_year
        The year of the first budget.
    limit
        As it was given to `solve`.
    time_limit
        Seconds for all years together.
    rules
        As they were given to `solve`; of them only how many must be in reach is of use, since the
        plan keeps to the others.
    progress
        As in `solve`.

    Raises
    ------
    SitingError
        If a plan has tiers, closes or upgrades facilities, or a budget cannot be used.
    """
    if solution.tiers or solution.closed.size or solution.upgraded.size:
        raise SitingError("siting.phases_of_new_sites")
    money = np.asarray(budgets, dtype=np.float64)
    if money.ndim != 1 or not (np.isfinite(money) & (money >= 0)).all():
        raise SitingError("siting.bad_amount", name="budgets", value=budgets)
    count = problem.times.shape[1]
    rules = Rules(cover_by=rules.cover_by) if rules is not None else None
    costs = np.ones(count) if problem.costs is None else problem.costs
    others = np.setdiff1d(np.arange(count), solution.sites)
    clock, built, years = Clock(time_limit), np.empty(0, dtype=np.int64), list[Phase]()
    for position, total in enumerate(np.cumsum(money).tolist()):
        share = clock.left / (money.size - position)
        before, covered = built, np.nan
        if (costs[solution.sites] <= total).any():
            found = solve(
                problem, model="mclp", sites=solution.sites.size, limit=limit, budget=total,
                required=before.tolist(), forbidden=others.tolist(), time_limit=share,
                rules=rules, progress=progress,
            )  # fmt: skip
            built, covered = found.sites, found.objective
        built = _filled(built, solution.sites, costs, total)
        if np.isnan(covered):
            covered = _covered_now(problem, limit, rules)
        new = np.setdiff1d(built, before)
        years.append(
            Phase(
                year=first_year + position, sites=new, cost=float(costs[new].sum()),
                left=float(total - costs[built].sum()), covered=float(covered),
            )
        )  # fmt: skip
    return tuple(years)


def _covered_now(problem: SitingProblem, limit: float | None, rules: Rules | None) -> float:
    return solve(problem, model="mclp", sites=0, limit=limit, rules=rules).objective


def _filled(built: Integers, sites: Integers, costs: Floats, total: float) -> Integers:
    """Return what is built once the rest of the plan, which covers nobody else, uses what is left.

    Only when the money does for the whole rest: until then it is saved for what covers more.
    """
    rest = np.setdiff1d(sites, built)
    if rest.size and costs[built].sum() + costs[rest].sum() <= total:
        return np.union1d(built, rest)
    return built
