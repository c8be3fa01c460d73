"""The p-center: the least of the largest minutes to the nearest site, new or existing.

That minutes is one of those that occur. Whether all can be within some minutes is a covering
problem, and the least is found by halving.

References
----------
Hakimi, S. (1964). Optimum locations of switching centers and the absolute centers and medians of a
graph. Operations Research, 12(3), 450-459. Minieka, E. (1970). The m-center problem. SIAM Review,
12(1), 138-139.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.errors import SitingError
from coverage.siting import highs
from coverage.siting.covering import covering_of
from coverage.siting.exact import Aim, model_of
from coverage.siting.greedy import greedy
from coverage.siting.maximal import maximal
from coverage.siting.median import nearest_existing, no_way
from coverage.siting.process import minimise
from coverage.siting.reduce import reduced
from coverage.siting.solution import Reason, Solution, gap_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


def p_center(problem: SitingProblem, request: Request, clock: Clock) -> Solution:
    """Return the sites of the shortest longest trip.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    clock
        How long it may take.
    """
    weighty = np.flatnonzero(problem.weights > 0)
    existing = nearest_existing(problem)
    free = np.setdiff1d(np.arange(problem.times.shape[1]), request.forbidden)
    times = problem.times[weighty][:, free]
    first = np.full(weighty.size, np.inf)
    row = np.repeat(np.arange(weighty.size), np.diff(times.indptr))
    np.minimum.at(first, row, times.data)
    least = np.minimum(first, existing[weighty])
    if np.isinf(least).any():
        return no_way(weighty[np.isinf(least)], problem.weights, clock)
    # no trip is shorter than the way to the nearest place that may be used
    floor = float(least.max(initial=0.0))
    radii = np.unique(np.concatenate([times.data, existing[weighty], [floor]]))
    radii = radii[np.isfinite(radii) & (radii >= floor)]
    search = _Halving(problem, request, clock, existing)
    return search.solution(radii)


class _Halving:
    """The search for the least radius within which all can be."""

    def __init__(
        self, problem: SitingProblem, request: Request, clock: Clock, existing: Floats
    ) -> None:
        self._problem, self._request, self._clock = problem, request, clock
        self._existing = existing

    def solution(self, radii: Floats) -> Solution:
        """Return the sites of the least radius.

        Parameters
        ----------
        radii
            Those that may be it, ascending.
        """
        low, high = 0, radii.size - 1
        best = self._within(radii[high])
        if best is None:
            raise SitingError("siting.no_plan_in_time", seconds=round(self._clock.seconds))
        if isinstance(best, bool):
            return Solution(
                sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
                status="infeasible", stopped="proof", seconds=self._clock.seconds,
                reason=Reason("contradiction"),
            )  # fmt: skip
        high = int(np.searchsorted(radii, self._largest(best)))
        while low < high:
            middle = (low + high) // 2
            found = self._within(radii[middle])
            if found is None:
                break
            if isinstance(found, bool):
                low = middle + 1
                continue
            best = found
            high = min(int(np.searchsorted(radii, self._largest(best))), middle)
        return self._answer(best, float(radii[low]), proven=low >= high)

    def _answer(self, sites: Integers, bound: float, *, proven: bool) -> Solution:
        objective = self._largest(sites)
        bound = objective if proven else min(bound, objective)
        gap = gap_between(objective, bound)
        asked = gap <= self._request.gap
        return Solution(
            sites=np.sort(sites), objective=objective, bound=bound, gap=gap,
            status="optimal" if gap == 0 else "feasible",
            stopped="proof" if gap == 0 else "gap" if asked else "time",
            seconds=self._clock.seconds,
        )  # fmt: skip

    def _largest(self, sites: Integers) -> float:
        nearest = self._existing.copy()
        times = self._problem.times[:, sites]
        row = np.repeat(np.arange(nearest.size), np.diff(times.indptr))
        np.minimum.at(nearest, row, times.data)
        return float(nearest[self._problem.weights > 0].max(initial=0.0))

    def _within(self, radius: float) -> Integers | bool | None:
        """Return sites that have all within a radius, False if none can, None if time is up."""
        covering = covering_of(self._problem, replace(self._request, limit=radius))
        lost = (covering.weights > 0) & (covering.most() < 1)
        if lost.any():
            return False
        small, kept, _ = reduced(covering, all_rows=True)
        place = covering.decisions.place
        alike = replace(small, weights=np.ones(small.weights.size))
        wanted = float(small.weights.size)
        # prices often prove at once that some row is left out
        quick, bound = greedy(alike, weight=wanted), np.inf
        if quick is None:
            quick, bound = maximal(
                alike, self._clock, gap=0.0, seed=self._request.seed, wanted=wanted
            )
        if quick is not None and (alike.counts(quick) > 0).all():
            return place[kept[quick]]
        if bound < wanted:
            return False
        model = model_of(small, Aim(everything=True), np.zeros(1), np.zeros(1))
        # any plan will do
        model = replace(model, cost=np.zeros(model.cost.size))
        found = minimise(model, self._clock)
        if found.state == highs.INFEASIBLE:
            return False
        if not found.values.size:
            return None
        return place[kept[found.values[: kept.size] > 0.5]]  # noqa: PLR2004 - 0 or 1
