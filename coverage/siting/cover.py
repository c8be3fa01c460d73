"""Solve the models of coverage: reduce, find a plan, bound it, prove it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from coverage.errors import SitingError
from coverage.siting import highs
from coverage.siting.assign import assigned
from coverage.siting.covering import KEEP, UPGRADE, covering_of
from coverage.siting.exact import Aim, model_of
from coverage.siting.greedy import greedy
from coverage.siting.maximal import maximal
from coverage.siting.process import minimise
from coverage.siting.reduce import reduced
from coverage.siting.solution import Reason, Reductions, Solution, gap_between

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# a bound of fairness need not be the best
_SECONDS_TO_BOUND, _CLOSE_ENOUGH = 2.0, 1e-3

# share of all weight by which a sum of weights may miss a target through rounding
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """Decisions found, and a bound of their objective.

    Parameters
    ----------
    chosen
        Positions of decisions; None if none were found.
    bound
        Of the weight covered, settled rows left out, or of the cost.
    shares
        By area, weight that a plan covers at least; None for any.
    infeasible
        Whether there is proof that no plan exists.
    fairest
        Whether no plan has a larger worst share, as far as that is asked for.
    """

    chosen: Integers | None
    bound: float
    shares: Floats | None = None
    infeasible: bool = False
    fairest: bool = True


class Cover:
    """A problem of coverage on its way to a solution.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    clock
        How long it may take.
    """

    def __init__(self, problem: SitingProblem, request: Request, clock: Clock) -> None:
        self.problem, self.request, self.clock = problem, request, clock
        self.whole = covering_of(problem, request)
        weights, areas = self.whole.weights, self.whole.areas
        settled = self.whole.base >= self.whole.cover_by
        self.totals: Floats = np.bincount(areas, weights=weights).astype(np.float64)
        self.settled: Floats = np.bincount(
            areas, weights=weights * settled, minlength=self.totals.size
        ).astype(np.float64)
        self.uncoverable = np.flatnonzero((weights > 0) & (self.whole.most() < self.whole.cover_by))

    def solve(self) -> Solution:
        """Return the best plan that is found in time, or why there is none."""
        if self.request.model == "lscp" and (reason := self._beyond_reach()):
            return self.none(reason)
        least = self.request.model == "lscp"
        everything = least and self.request.target is None
        small, kept, told = reduced(self.whole, all_rows=everything)
        plan = self._cheapest(small) if least else self._most(small)
        if plan.infeasible:
            return self.none(Reason("contradiction"), told)
        if plan.chosen is None:
            raise SitingError("siting.no_plan_in_time", seconds=round(self.clock.seconds))
        return self._solution(kept[plan.chosen], plan, told)

    def _beyond_reach(self) -> Reason | None:
        if self.request.target is None:
            if not self.uncoverable.size:
                return None
            miss = self._misses()
            known = miss[np.isfinite(miss)]
            values = {
                "rows": self.uncoverable.size,
                "first": ", ".join(map(str, self.uncoverable[:3])),
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
        if share.min(initial=1.0) < self.request.target - _ROUNDING:
            best = float(share.min())
            values = {"target": self.request.target, "share": best, "rows": self.uncoverable.size}
            return Reason("target_unreachable", values)
        return None

    def _misses(self) -> Floats:
        times = self.problem.times
        miss = np.full(self.uncoverable.size, np.inf)
        for position, row in enumerate(self.uncoverable):
            beyond = times.data[times.indptr[row] : times.indptr[row + 1]]
            beyond = beyond[beyond > self.request.limit]
            miss[position] = beyond.min(initial=np.inf)
        return np.where(np.isfinite(miss), miss, np.nan)

    def _cheapest(self, small: Covering) -> Plan:
        target = self.request.target
        if target is None:
            wanted = float(small.weights.sum())
            aim = Aim(everything=True)
        else:
            allowed = target - _ROUNDING
            wanted = allowed * self.totals.sum() - self.settled.sum()
            shares = allowed * self.totals if self.request.rules.equity else None
            aim = Aim(weight=wanted, shares=shares)
        start = greedy(small, weight=wanted)
        least = 0.0
        if start is not None and self._by_number(small, aim):
            start, needed = self._fewest(small, wanted, start)
            least = needed * float(small.decisions.cost[0])
            if needed == start.size:
                return Plan(chosen=start, bound=least)
        if aim.shares is not None and (start is None or not self._reaches(small, start, aim)):
            start = self._area_by_area(small, aim.shares)
        plan = self._exactly(small, aim, start)
        return replace(plan, bound=max(plan.bound, least))

    def _by_number(self, small: Covering, aim: Aim) -> bool:
        """Return whether the fewest sites are told by what so many can cover at most."""
        alike = np.unique(small.decisions.cost).size == 1
        return small.plain and alike and aim.weight is not None and aim.shares is None

    def _fewest(self, small: Covering, wanted: float, start: Integers) -> tuple[Integers, int]:
        """Return a plan of few sites and a number that any needs, by halving, twice."""

        def with_so_many(number: int) -> tuple[Integers | None, bool]:
            fewer = replace(small, bounds=replace(small.bounds, sites=number))
            found, bound = maximal(
                fewer, self.clock, gap=0.0, seed=self.request.seed, wanted=wanted
            )
            fine = found is not None and _weight(small, found) >= wanted
            return (found if fine else None), found is not None and bound < wanted

        low, high = 0, start.size
        while low < high and self.clock.left > 0:
            number = (low + high) // 2
            low, high = (number + 1, high) if with_so_many(number)[1] else (low, number)
        needed, high, best = low, start.size, start
        while low < high and self.clock.left > 0:
            number = (low + high) // 2
            found = with_so_many(number)[0]
            if found is None:
                low = number + 1
            else:
                best, high = found, min(number, found.size)
        return best, needed

    def _by_area(self, small: Covering, chosen: Integers) -> Floats:
        covered = small.weights * (small.counts(chosen) >= small.cover_by)
        found = np.bincount(small.areas, weights=covered, minlength=self.totals.size)
        by_area: Floats = self.settled + found
        return by_area

    def _reaches(self, small: Covering, chosen: Integers, aim: Aim) -> bool:
        if aim.shares is None or small.limited:
            return False
        return bool((self._by_area(small, chosen) >= aim.shares).all())

    def _area_by_area(self, small: Covering, shares: Floats) -> Integers | None:
        """Return a plan that reaches a share in every area, where nothing but cost binds it."""
        bounds = small.bounds
        if not small.plain or bounds.budget is not None or bounds.conflicts is not None:
            return None
        if bounds.floors.size or bounds.must.any():
            return None
        chosen = np.empty(0, dtype=np.int64)
        while (lacking := self._by_area(small, chosen) < shares).any():
            wanting = small.weights * lacking[small.areas] * (small.counts(chosen) == 0)
            gain = small.reach.T @ wanting
            if gain.max(initial=0.0) <= 0:
                return None
            best = np.argmax(gain / np.maximum(small.decisions.cost, 1e-9))
            chosen = np.append(chosen, best)
        return chosen

    def _most(self, small: Covering) -> Plan:
        if self.request.rules.equity:
            return self._fairest(small)
        if small.plain:
            chosen, bound = maximal(
                small, self.clock, gap=self._gap_of(small), seed=self.request.seed
            )
            if chosen is not None:
                return Plan(chosen=chosen, bound=bound)
        plan = self._exactly(small, Aim(maximise="weight"), greedy(small))
        return Plan(chosen=plan.chosen, bound=-plan.bound, infeasible=plan.infeasible)

    def _gap_of(self, small: Covering) -> float:
        # the gap asked for counts settled rows too
        rest = small.weights.sum()
        return self.request.gap * (1 + self.settled.sum() / rest) if rest > 0 else 0.0

    def _fairest(self, small: Covering) -> Plan:
        model = model_of(small, Aim(maximise="worst"), self.totals, self.settled)
        # half of the time for the worst-off area, the rest for the weight
        half = self.clock.part(1 / 2)
        first = greedy(small)
        found = minimise(model, half, start=_taken(small, first))
        if found.state == highs.INFEASIBLE:
            return Plan(chosen=None, bound=np.nan, infeasible=True)
        if not found.values.size:
            return Plan(chosen=first, bound=float(small.weights.sum()), fairest=False)
        worst = found.values[-1] - _ROUNDING
        aim = Aim(maximise="weight", shares=worst * self.totals)
        start = np.flatnonzero(found.values[: small.decisions.size] > 0.5)  # noqa: PLR2004 - 0 or 1
        bound = float(small.weights.sum())
        if small.plain and found.state != highs.PROVEN:
            # what is covered without regard to areas is no less
            quick = self.clock.part(1 / 2, most=_SECONDS_TO_BOUND)
            regardless = replace(small, areas=np.zeros_like(small.areas))
            bound = min(bound, maximal(regardless, quick, gap=_CLOSE_ENOUGH, seed=0)[1])
        plan = self._exactly(small, aim, start)
        # the weight is proven for a worst share that is the best, and for no other
        fairest = found.state == highs.PROVEN
        bound = -plan.bound if fairest else bound
        return Plan(chosen=plan.chosen, bound=bound, shares=aim.shares, fairest=fairest)

    def _exactly(self, small: Covering, aim: Aim, start: Integers | None) -> Plan:
        model = model_of(small, aim, self.totals, self.settled)
        begin = _taken(small, start)
        found = minimise(model, self.clock, gap=self.request.gap, start=begin)
        if found.state == highs.INFEASIBLE:
            return Plan(chosen=None, bound=np.nan, infeasible=True)
        chosen = start
        if found.values.size:
            chosen = np.flatnonzero(found.values[: small.decisions.size] > 0.5)  # noqa: PLR2004
        # without a word from the solver, a plan covers no more than all, and costs at least nothing
        known = max(found.bound, -float(small.weights.sum()) if aim.maximise else 0.0)
        return Plan(chosen=chosen, bound=known, shares=aim.shares)

    def _solution(self, chosen: Integers, plan: Plan, told: Reductions) -> Solution:
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
        proven = gap <= _ROUNDING and plan.fairest
        enough = gap <= self.request.gap and plan.fairest
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
            reductions=told,
        )

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
        covered = whole.weights[whole.counts(chosen) >= whole.cover_by].sum()
        if served is not None:
            free = (whole.base > 0) & (whole.counts(chosen) >= whole.cover_by)
            covered = whole.weights[free].sum() + served.sum()
        whole_numbers = bool((whole.weights == np.rint(whole.weights)).all()) and served is None
        objective, bound = float(covered), bound + float(self.settled.sum())
        return objective, max(float(np.floor(bound + 1e-6)) if whole_numbers else bound, objective)

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
        whole = self.whole
        counted = whole.counts(chosen) >= whole.cover_by
        by_site = np.flatnonzero(counted & (whole.weights > 0) & (whole.base == 0))
        reach = whole.reach[by_site][:, chosen]
        least = None
        if shares is not None:
            by_others = np.where(counted & (whole.base > 0), whole.weights, 0.0)
            sure = np.bincount(whole.areas, weights=by_others, minlength=self.totals.size)
            least = shares - sure
        served = assigned(
            reach, whole.weights[by_site], whole.decisions.capacity[chosen],
            areas=whole.areas[by_site], least=least,
        ).tocoo()  # fmt: skip
        shape = (whole.weights.size, chosen.size)
        return sparse.csr_array((served.data, (by_site[served.row], served.col)), shape=shape)

    def none(self, reason: Reason, told: Reductions | None = None) -> Solution:
        """Return that there is no plan, and why."""
        return Solution(
            sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
            status="infeasible", stopped="proof", seconds=self.clock.seconds,
            uncoverable=self.uncoverable, nearest_miss=self._misses(), reason=reason,
            reductions=told or Reductions(),
        )  # fmt: skip


def _weight(covering: Covering, chosen: Integers) -> float:
    return float(covering.weights[covering.counts(chosen) >= covering.cover_by].sum())


def _taken(covering: Covering, chosen: Integers | None) -> Floats | None:
    """Return 1 for each decision taken, 0 for the others."""
    if chosen is None:
        return None
    taken = np.zeros(covering.decisions.size)
    taken[chosen] = 1.0
    return taken
