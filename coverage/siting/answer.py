"""Turn decisions into an answer: sites, what they cover, how good that is proven to be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.assign import served_by
from coverage.siting.covering import KEEP, UPGRADE, covering_of
from coverage.siting.plan import ROUNDING, worst_share
from coverage.siting.solution import Reason, Reductions, Solution, gap_between

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from coverage.siting.covering import Covering
    from coverage.siting.options import Request
    from coverage.siting.plan import Plan
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_AS_FAIR = 1e-6  # between two shares that count as one


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """A problem of coverage whose decisions are known, or known not to exist.

    Parameters
    ----------
    problem, request, clock
        What was asked, and since when.
    whole
        The problem as decisions, every row kept.
    totals, settled
        By area, weight of all rows, and what is covered in any case.
    uncoverable
        Rows of weight that nothing can cover.
    """

    problem: SitingProblem
    request: Request
    clock: Clock
    whole: Covering
    totals: Floats
    settled: Floats
    uncoverable: Integers

    def beyond_reach(self) -> Reason | None:
        """Return why no sites can reach the target of lscp, None where they may."""
        if self.request.target is None:
            if not self.uncoverable.size:
                return None
            miss = self._misses()
            known = miss[np.isfinite(miss)]
            values = {
                "rows": self.uncoverable.size,
                "first": tuple(self.uncoverable[:3].tolist()),
                "weight": float(self.whole.weights[self.uncoverable].sum()),
                "miss": float(known.min()) if known.size else float("nan"),
            }
            return Reason("uncoverable" if known.size else "unreachable", values)
        lost = np.bincount(
            self.whole.areas[self.uncoverable],
            weights=self.whole.weights[self.uncoverable], minlength=self.totals.size,
        )  # fmt: skip
        share = 1 - np.divide(
            lost, self.totals, out=np.zeros(self.totals.size), where=self.totals > 0
        )
        if share.min(initial=1.0) < self.request.target - ROUNDING:
            best = float(share.min())
            values = {"target": self.request.target, "share": best, "rows": self.uncoverable.size}
            return Reason("target_unreachable", values)
        return None

    def solution(self, chosen: Integers, plan: Plan, told: Reductions) -> Solution:
        """Return a plan as an answer.

        Parameters
        ----------
        chosen
            Positions of decisions in the whole problem.
        plan
            What is proven of them.
        told
            What was left out before.
        """
        chosen = self._kept_open(self._pruned(chosen))
        decisions = self.whole.decisions.take(chosen)
        order = np.argsort(decisions.place)
        decisions, chosen = decisions.take(order), chosen[order]
        served = self._served(chosen, plan.shares) if self.whole.limited else None
        objective, bound = self._judged(chosen, plan.bound, served)
        gap = gap_between(objective, bound)
        new, first = decisions.new, self.problem.times.shape[1]
        names = [tier.name for tier in self.request.rules.tiers]
        kept = decisions.place[~new]
        touched = np.unique(self.whole.decisions.place[~self.whole.decisions.new])
        worst = None if plan.worst is None else self._worst(chosen, served)
        worst_bound = None if worst is None else max(worst, plan.worst or 0.0)
        fair = worst is None or worst_bound is None or worst_bound - worst <= _AS_FAIR
        proven = gap <= ROUNDING and fair
        enough = gap <= self.request.gap and fair
        return Solution(
            sites=decisions.place[new],
            objective=objective,
            bound=objective if proven else bound,
            gap=0.0 if proven else gap,
            status="optimal" if proven else "feasible",
            stopped="proof" if proven else "gap" if enough else "time",
            seconds=self.clock.seconds,
            uncoverable=self.uncoverable,
            nearest_miss=self._misses(),
            reason=self._idle(decisions.place[new]),
            tiers=tuple(names[tier] for tier in decisions.tier[new]) if names else (),
            closed=np.setdiff1d(touched, kept) - first,
            upgraded=decisions.place[decisions.tier == UPGRADE] - first,
            served=None if served is None else served[:, new],
            worst=worst,
            worst_bound=worst if fair else worst_bound,
            reductions=told,
        )

    def none(self, reason: Reason, told: Reductions | None = None) -> Solution:
        """Return that there is no plan, and why.

        Parameters
        ----------
        reason
            Why.
        told
            What was left out before.
        """
        return Solution(
            sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
            status="infeasible", stopped="proof", seconds=self.clock.seconds,
            uncoverable=self.uncoverable, nearest_miss=self._misses(), reason=reason,
            reductions=told or Reductions(),
        )  # fmt: skip

    def _misses(self) -> Floats:
        times = self.problem.times
        miss = np.full(self.uncoverable.size, np.inf)
        for position, row in enumerate(self.uncoverable):
            beyond = times.data[times.indptr[row] : times.indptr[row + 1]]
            beyond = beyond[beyond > self.request.limit]
            miss[position] = beyond.min(initial=np.inf)
        return np.where(np.isfinite(miss), miss, np.nan)

    def _judged(
        self, chosen: Integers, bound: float, served: sparse.csr_array | None
    ) -> tuple[float, float]:
        whole = self.whole
        if self.request.model == "lscp":
            costs = whole.decisions.cost[chosen][whole.decisions.new[chosen]]
            even = bool((whole.decisions.cost == np.rint(whole.decisions.cost)).all())
            objective = float(costs.sum())
            return objective, min(
                max(float(np.ceil(bound - 1e-6)), 0.0) if even else bound, objective
            )
        covered = self._covered(chosen, served).sum()
        whole_numbers = bool((whole.weights == np.rint(whole.weights)).all()) and served is None
        objective, bound = float(covered), bound + float(self.settled.sum())
        return objective, max(float(np.floor(bound + 1e-6)) if whole_numbers else bound, objective)

    def _covered(self, chosen: Integers, served: sparse.csr_array | None) -> Floats:
        """Return how much of each row's weight is covered."""
        whole = self.whole
        counted = whole.counts(chosen) >= whole.cover_by
        if served is None:
            return np.where(counted, whole.weights, 0.0)
        by_sites = np.asarray(served.sum(axis=1)).ravel()
        return np.where(counted & (whole.base > 0), whole.weights, by_sites)

    def _worst(self, chosen: Integers, served: sparse.csr_array | None) -> float:
        covered = self._covered(chosen, served)
        by_area = np.bincount(self.whole.areas, weights=covered, minlength=self.totals.size)
        return worst_share(by_area.astype(np.float64), self.totals)

    def _idle(self, sites: Integers) -> Reason | None:
        """Return why nothing is built where a plan of most coverage builds nothing."""
        if self.request.model != "mclp" or sites.size or self.request.sites == 0:
            return None
        return Reason("no_improvement")

    def _pruned(self, chosen: Integers) -> Integers:
        """Return decisions without sites that bring nothing and that no bound asks for."""
        whole = self.whole
        if whole.limited:
            return chosen
        bounds, place = whole.bounds, whole.decisions.place
        kept = list(chosen)
        in_group = np.bincount(bounds.groups[chosen] + 1, minlength=bounds.floors.size + 1)
        columns = whole.reach.tocsc()
        counts = whole.counts(chosen)
        for decision in chosen[::-1]:
            group = bounds.groups[decision]
            floored = group >= 0 and in_group[group + 1] <= bounds.floors[group]
            if bounds.must[place[decision]] or floored or not whole.decisions.new[decision]:
                continue
            rows = columns.indices[columns.indptr[decision] : columns.indptr[decision + 1]]
            if (whole.weights[rows] * (counts[rows] == whole.cover_by)).sum() > 0:
                continue
            kept.remove(decision)
            counts[rows] -= 1
            in_group[group + 1] -= 1
        return np.array(kept, dtype=np.int64)

    def _kept_open(self, chosen: Integers) -> Integers:
        """Return decisions without closures that make no room for anything."""
        bounds, decisions = self.whole.bounds, self.whole.decisions
        keep = np.flatnonzero(decisions.tier == KEEP)
        closed = keep[~np.isin(decisions.place[keep], decisions.place[chosen])]
        if not closed.size:
            return chosen
        room = closed.size
        if bounds.sites is not None:
            room = min(bounds.sites - int(decisions.new[chosen].sum()) + closed.size, room)
        saved = bounds.savings[decisions.place[closed]]
        left = np.inf
        if bounds.budget is not None:
            left = bounds.budget + saved.sum() - decisions.cost[chosen].sum()
        reached = self.whole.reach[:, closed].T @ self.whole.weights
        for position in np.lexsort((-reached, saved))[: max(room, 0)]:
            left -= saved[position]
            if left < 0:
                break
            chosen = np.append(chosen, closed[position])
        return chosen

    def _served(self, chosen: Integers, shares: Floats | None) -> sparse.csr_array:
        """Return who serves whom, the most that the decisions taken can: rows × decisions."""
        whole, least = self.whole, None
        if shares is not None:
            counted = whole.counts(chosen) >= whole.cover_by
            by_others = np.where(counted & (whole.base > 0), whole.weights, 0.0)
            sure = np.bincount(whole.areas, weights=by_others, minlength=self.totals.size)
            least = shares - sure
        return served_by(whole, chosen, least=least)


def answer_of(problem: SitingProblem, request: Request, clock: Clock) -> Answer:
    """Return a problem of coverage whose decisions are still to be made.

    Parameters
    ----------
    problem, request, clock
        What is asked, and since when.
    """
    whole = covering_of(problem, request)
    weights, areas = whole.weights, whole.areas
    totals = np.bincount(areas, weights=weights).astype(np.float64)
    sure = weights * (whole.base >= whole.cover_by)
    return Answer(
        problem=problem,
        request=request,
        clock=clock,
        whole=whole,
        totals=totals,
        settled=np.bincount(areas, weights=sure, minlength=totals.size).astype(np.float64),
        uncoverable=np.flatnonzero((weights > 0) & (whole.most() < whole.cover_by)),
    )
