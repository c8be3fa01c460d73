"""Solve a siting problem: check, dispatch, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.errors import SitingError
from coverage.siting.center import p_center
from coverage.siting.checks import checked, obstacle
from coverage.siting.cover import cover
from coverage.siting.median import p_median
from coverage.siting.process import Clock
from coverage.siting.solution import Solution
from coverage.siting.thinning import thinned

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence

    from coverage.siting.options import ModelName, Request, Rules
    from coverage.siting.problem import SitingProblem


def solve(  # noqa: PLR0913 - what a siting run is usually asked
    problem: SitingProblem,
    *,
    model: ModelName = "mclp",
    sites: int | None = 10,
    limit: float | None = 15,
    target: float | None = None,
    budget: float | None = None,
    floors: Mapping[Hashable, int] | None = None,
    required: Sequence[int] = (),
    forbidden: Sequence[int] = (),
    time_limit: float = 60,
    seed: int = 0,
    gap: float = 0.0,
    rules: Rules | None = None,
    progress: Callable[[], object] | None = None,
) -> Solution:
    """Return where to build, and how good that is proven to be.

    ``lscp`` covers all weight, or `target` of it, with the fewest sites or, where candidates have
    costs, at the least cost. ``mclp`` covers the most weight. ``p_median`` has the least Σ weight ×
    minutes to the nearest site, ``p_center`` the least of the largest minutes; both need a way from
    every demand row of positive weight to a candidate or an existing facility, and no limit.

    A site that brings nothing is not built unless it is required or a floor asks for it, so that
    there may be fewer than `sites`.

    Parameters
    ----------
    problem
        Demand, candidates, what stands already.
    model
        ``lscp``, ``mclp``, ``p_median`` or ``p_center``.
    sites
        How many new sites at most, not in lscp; None for as many as the budget allows.
    limit
        Of lscp and mclp: longest trip that counts as covered, minutes, inclusive; None for no
        limit.
    target
        Of lscp: share of all weight to cover; None for all.
    budget
        What new sites may cost together at most; without costs each costs 1.
    floors
        By group of candidates, how many new sites at least.
    required, forbidden
        Positions of candidates that are built in any case, or never.
    time_limit
        Seconds; what is found by then is returned, with its bound. Where setting up all pairs would
        take longer, some candidates are not looked at, and `Solution.untried` says how many.
    seed
        Of the search for plans. What ends by proof or gap ends the same for the same seed.
    gap
        Relative gap between plan and bound that is small enough.
    rules
        Further rules of lscp and mclp.
    progress
        Called a few times a second as long as it takes; what it raises ends the work.

    Raises
    ------
    SitingError
        If an option cannot be used, or not with the others, or no plan is found in time.

    References
    ----------
    See `coverage.siting.exact`, `coverage.siting.median` and `coverage.siting.center`.
    """
    clock = Clock(time_limit, progress)
    request = checked(
        problem,
        {
            "model": model, "sites": sites, "limit": limit, "target": target, "budget": budget,
            "floors": floors, "required": required, "forbidden": forbidden, "seed": seed,
            "gap": gap, "rules": rules,
        },
    )  # fmt: skip
    reason = obstacle(problem, request)
    if reason is not None:
        return Solution(
            sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
            status="infeasible", stopped="proof", seconds=clock.seconds, reason=reason,
        )  # fmt: skip
    some = thinned(problem, request, clock)
    if some is None:
        return _solved(problem, request, clock)
    found = _solved(some.problem, some.request, clock)
    if found.status != "infeasible":
        return some.of_all(found, problem)
    if found.reason is not None and found.reason.code == "contradiction":
        # among all candidates there may be a plan
        raise SitingError("siting.no_plan_in_time", seconds=round(clock.seconds))
    # rows that these candidates do not reach no other does
    return found


def _solved(problem: SitingProblem, request: Request, clock: Clock) -> Solution:
    if request.model == "p_median":
        return p_median(problem, request, clock)
    if request.model == "p_center":
        return p_center(problem, request, clock)
    return cover(problem, request, clock)
