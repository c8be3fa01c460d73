"""Leave candidates out where setting all of them up would outlast the time that is given.

What is left is a sample that reaches every demand row which all candidates reach, so that there is
a plan in time; the bound is one that holds for all candidates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from coverage.network.search import TOLERANCE_MINUTES
from coverage.siting.median import nearest_existing
from coverage.siting.solution import gap_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock
    from coverage.siting.solution import Solution

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Positions = NDArray[np.int32]

# pairs that are set up in a second, measured on one slow core, and seconds that are always taken
_PAIRS = {"lscp": 5e6, "mclp": 5e6, "p_median": 2e6, "p_center": 2e6}
_ALWAYS = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Thinned:
    """A problem of some of its candidates.

    Parameters
    ----------
    problem, request
        Of these candidates.
    kept
        Their positions among all, ascending.
    """

    problem: SitingProblem
    request: Request
    kept: Integers

    def of_all(self, solution: Solution, whole: SitingProblem) -> Solution:
        """Return a solution as one of the whole problem, with a bound that holds there.

        Parameters
        ----------
        solution
            Of the thinned problem.
        whole
            The problem.
        """
        bound = _bound(whole, self.request, solution.objective)
        gap = gap_between(solution.objective, bound)
        return replace(
            solution, sites=self.kept[solution.sites], bound=bound, gap=gap,
            status="optimal" if gap == 0 else "feasible",
            stopped="proof" if gap == 0 else "gap" if gap <= self.request.gap else "time",
            worst_bound=None if solution.worst is None else 1.0,
            untried=whole.times.shape[1] - self.kept.size,
        )  # fmt: skip


def thinned(problem: SitingProblem, request: Request, clock: Clock) -> Thinned | None:
    """Return the problem of as many candidates as there is time for, None where that is all.

    Required candidates stay, those that floors need, and the nearest of every row that the sample
    reaches too seldom.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    clock
        How long it may take.
    """
    count = problem.times.shape[1]
    pairs = problem.times.nnz * max(len(request.rules.tiers), 1)
    share = _PAIRS[request.model] * (clock.left + _ALWAYS) / max(pairs, 1)
    if share >= 1:
        return None
    kept = np.flatnonzero(_sample(problem, request, share))
    if kept.size == count:
        return None
    place = np.full(count, -1)
    place[kept] = np.arange(kept.size)
    conflicts = request.rules.conflicts
    rules = request.rules
    if conflicts is not None:
        rules = replace(rules, conflicts=conflicts[kept][:, kept])
    return Thinned(
        problem=replace(
            problem,
            times=problem.times[:, kept],
            **{
                name: values[kept]
                for name in ("costs", "capacities", "groups")
                if (values := getattr(problem, name)) is not None
            },
        ),
        request=replace(
            request, rules=rules, required=place[request.required],
            forbidden=np.empty(0, dtype=np.int64),
        ),
        kept=kept,
    )  # fmt: skip


def _sample(problem: SitingProblem, request: Request, share: float) -> Flags:
    count = problem.times.shape[1]
    free = np.ones(count, dtype=bool)
    free[request.forbidden] = False
    order = np.random.default_rng(request.seed).permutation(np.flatnonzero(free))
    # as many again as are to be built, so that there is a choice
    least = 2 * (request.sites or 0)
    taken = np.zeros(count, dtype=bool)
    taken[order[: max(int(share * order.size), least)]] = True
    taken[request.required] = True
    for group, floor in request.floors.items():
        taken[order[problem.groups[order] == group][:floor]] = True
    limit = request.limit + TOLERANCE_MINUTES
    if request.model in {"p_median", "p_center"}:
        limit = np.inf
    times = problem.times
    _add_nearest(
        times.indptr, times.indices, times.data, free, taken, limit, request.rules.cover_by
    )
    return taken


@njit(cache=True)  # type: ignore[untyped-decorator]
def _add_nearest(
    start: Positions,
    item: Positions,
    minutes: Floats,
    free: Flags,
    taken: Flags,
    limit: float,
    wanted: int,
) -> None:
    """Take the nearest free candidates of each row that too few of the taken reach."""
    for row in range(start.size - 1):
        within = 0
        for entry in range(start[row], start[row + 1]):
            within += taken[item[entry]] and minutes[entry] <= limit
        for _ in range(wanted - within):
            nearest, least = -1, np.inf
            for entry in range(start[row], start[row + 1]):
                candidate = item[entry]
                if free[candidate] and not taken[candidate] and minutes[entry] < least:
                    nearest, least = candidate, minutes[entry]
            if nearest < 0:
                break
            taken[nearest] = True


def _bound(problem: SitingProblem, request: Request, objective: float) -> float:
    """Return what no plan of any candidates can better, as far as rows tell one by one."""
    weights = problem.weights
    if request.model == "mclp":
        return max(float(weights.sum()), objective)
    if request.model == "lscp":
        return 0.0
    nearest = nearest_existing(problem).copy()  # copy: it is the caller's
    row = np.repeat(np.arange(nearest.size), np.diff(problem.times.indptr))
    np.minimum.at(nearest, row, problem.times.data)
    nearest = np.where(weights > 0, nearest, 0.0)
    bound = float(weights @ nearest if request.model == "p_median" else nearest.max())
    return min(bound, objective)
