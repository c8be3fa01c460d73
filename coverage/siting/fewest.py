"""The fewest sites, or the least cost, that cover all weight or a share of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.exact import Aim
from coverage.siting.greedy import greedy
from coverage.siting.maximal import maximal
from coverage.siting.plan import ROUNDING, Plan

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.plan import Work

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def fewest(work: Work) -> Plan:
    """Return the cheapest plan that reaches the target.

    Parameters
    ----------
    work
        What is asked, and the problem.
    """
    small, target = work.small, work.request.target
    if target is None:
        wanted = float(small.weights.sum())
        aim = Aim(everything=True)
    else:
        allowed = target - ROUNDING
        wanted = allowed * work.totals.sum() - work.settled.sum()
        shares = allowed * work.totals if work.request.rules.equity else None
        aim = Aim(weight=wanted, shares=shares)
    start = greedy(small, weight=wanted)
    least = 0.0
    if start is not None and _by_number(small, aim):
        start, needed = _by_halving(work, wanted, start)
        least = needed * float(small.decisions.cost[0])
        if needed == start.size:
            return Plan(chosen=start, bound=least)
    if aim.shares is not None and (start is None or not _reaches(work, start, aim.shares)):
        start = _area_by_area(work, aim.shares)
    plan = work.exactly(aim, start)
    return replace(plan, bound=max(plan.bound, least))


def _by_number(small: Covering, aim: Aim) -> bool:
    """Return whether the fewest sites are told by what so many can cover at most."""
    alike = np.unique(small.decisions.cost).size == 1
    return small.plain and alike and aim.weight is not None and aim.shares is None


def _by_halving(work: Work, wanted: float, start: Integers) -> tuple[Integers, int]:
    """Return a plan of few sites and a number that any needs, by halving, twice."""
    small, clock = work.small, work.clock

    def with_so_many(number: int) -> tuple[Integers | None, bool]:
        fewer = replace(small, bounds=replace(small.bounds, sites=number))
        found, bound = maximal(fewer, clock, gap=0.0, seed=work.request.seed, wanted=wanted)
        fine = found is not None and _weight(small, found) >= wanted
        return (found if fine else None), found is not None and bound < wanted

    low, high = 0, start.size
    while low < high and clock.left > 0:
        number = (low + high) // 2
        low, high = (number + 1, high) if with_so_many(number)[1] else (low, number)
    needed, high, best = low, start.size, start
    while low < high and clock.left > 0:
        number = (low + high) // 2
        found = with_so_many(number)[0]
        if found is None:
            low = number + 1
        else:
            best, high = found, min(number, found.size)
    return best, needed


def _weight(covering: Covering, chosen: Integers) -> float:
    return float(covering.weights[covering.counts(chosen) >= covering.cover_by].sum())


def _reaches(work: Work, chosen: Integers, shares: Floats) -> bool:
    return not work.small.limited and bool((work.by_area(chosen) >= shares).all())


def _area_by_area(work: Work, shares: Floats) -> Integers | None:
    """Return a plan that reaches a share in every area, where nothing but cost binds it."""
    small, bounds = work.small, work.small.bounds
    if not small.plain or bounds.budget is not None or bounds.conflicts is not None:
        return None
    if bounds.floors.size or bounds.must.any():
        return None
    chosen = np.empty(0, dtype=np.int64)
    while (lacking := work.by_area(chosen) < shares).any():
        wanting = small.weights * lacking[small.areas] * (small.counts(chosen) == 0)
        gain = small.reach.T @ wanting
        if gain.max(initial=0.0) <= 0:
            return None
        best = np.argmax(gain / np.maximum(small.decisions.cost, 1e-9))
        chosen = np.append(chosen, best)
    return chosen
