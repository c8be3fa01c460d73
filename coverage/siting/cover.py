"""Solve the models of coverage: reduce, find a plan, bound it, prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.errors import SitingError
from coverage.siting.answer import answer_of
from coverage.siting.assign import most_served, served_by
from coverage.siting.exact import Aim
from coverage.siting.fairest import fairest
from coverage.siting.fewest import fewest
from coverage.siting.greedy import greedy
from coverage.siting.maximal import maximal
from coverage.siting.plan import ROUNDING, Plan, Work
from coverage.siting.reduce import reduced
from coverage.siting.solution import Reason

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock
    from coverage.siting.solution import Solution

    Integers = NDArray[np.int64]


def cover(problem: SitingProblem, request: Request, clock: Clock) -> Solution:
    """Return the best plan of lscp or mclp that is found in time, or why there is none.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    clock
        How long it may take.

    Raises
    ------
    SitingError
        If neither a plan is found in time nor proof that there is none.
    """
    answer = answer_of(problem, request, clock)
    least = request.model == "lscp"
    if least and (reason := answer.beyond_reach()):
        return answer.none(reason)
    everything = least and request.target is None
    small, kept, told = reduced(answer.whole, all_rows=everything)
    work = Work(
        request=request, clock=clock, small=small, totals=answer.totals, settled=answer.settled
    )
    plan = fewest(work) if least else _most(work)
    if plan.infeasible:
        return answer.none(Reason("contradiction"), told)
    if plan.chosen is None:
        raise SitingError("siting.no_plan_in_time", seconds=round(clock.seconds))
    return answer.solution(kept[plan.chosen], plan, told)


def _most(work: Work) -> Plan:
    small, request = work.small, work.request
    if request.rules.equity:
        return fairest(work)
    if small.plain:
        chosen, bound = maximal(small, work.clock, gap=_gap_of(work), seed=request.seed)
        if chosen is not None:
            return Plan(chosen=chosen, bound=bound)
    first, most = greedy(small), float(small.weights.sum())
    if small.limited:
        most = most_served(small)
        if first is not None and _served(small, first) >= most * (1 - ROUNDING):
            return Plan(chosen=first, bound=most)
    plan = work.exactly(Aim(maximise="weight"), first)
    bound = min(-plan.bound, most)
    return Plan(chosen=plan.chosen, bound=bound, infeasible=plan.infeasible)


def _served(small: Covering, chosen: Integers) -> float:
    counted = (small.counts(chosen) >= small.cover_by) & (small.base > 0)
    return float(small.weights[counted].sum() + served_by(small, chosen).sum())


def _gap_of(work: Work) -> float:
    # the gap asked for counts settled rows too
    rest = work.small.weights.sum()
    return work.request.gap * (1 + work.settled.sum() / rest) if rest > 0 else 0.0
