"""The p-median: the least Σ weight × minutes to the nearest site, new or existing.

Exchanges find a plan and prices a bound; candidates that no better plan has, or that all have, are
settled by their prices; the rest is a program over radii.

References
----------
Hakimi, S. (1964). Optimum locations of switching centers and the absolute centers and medians of a
graph. Operations Research, 12(3), 450-459. ReVelle, C., & Swain, R. (1970). Central facilities
location. Geographical Analysis, 2(1), 30-42.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from scipy import sparse

from coverage.errors import SitingError
from coverage.siting import highs
from coverage.siting.branch import Tree, left_of
from coverage.siting.covering import covering_of
from coverage.siting.greedy import greedy
from coverage.siting.interchange import Interchange, Pairs
from coverage.siting.options import Existing
from coverage.siting.process import minimise
from coverage.siting.radius import radius_model
from coverage.siting.rents import TripBound, first_prices
from coverage.siting.shaking import shake
from coverage.siting.solution import Reason, Reductions, Solution, gap_between
from coverage.siting.swap import terms_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_ROUNDS = 60
_STEPS = 100  # of prices, a round
_WORK = 5e7  # pairs that shaking may visit in a round
_FALL = 1e-5  # of the bound, in a round that is worth another
_CLOSE = 1e-9
# pairs left beyond which no solver ends in any time that people wait
_MOST_PAIRS = 2_000_000


def p_median(problem: SitingProblem, request: Request, clock: Clock) -> Solution:
    """Return the sites of the shortest trips.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    clock
        How long it may take.
    """
    everywhere = covering_of(problem, replace(request, limit=np.inf))
    existing = nearest_existing(problem)
    alone = (everywhere.weights > 0) & (np.diff(everywhere.reach.indptr) == 0) & np.isinf(existing)
    if alone.any():
        return no_way(np.flatnonzero(alone), everywhere.weights, clock)
    search = _Search(problem, everywhere, existing, request)
    enough = max(request.gap, _CLOSE)
    while search.rounds < _ROUNDS and clock.left > 0 and search.gap > enough:
        if not search.round(clock):
            break
    if search.gap > enough and clock.left > 0:
        search.branch(clock)
    if search.gap > enough and clock.left > 0 and not search.prove(clock, request.gap):
        return _none(Reason("contradiction"), clock)
    if not np.isfinite(search.value):
        raise SitingError("siting.no_plan_in_time", seconds=round(clock.seconds))
    return search.solution(clock, request.gap)


def nearest_existing(problem: SitingProblem) -> Floats:
    """Return minutes of each row to its nearest existing facility, inf where there is none."""
    existing = problem.existing
    if existing is None:
        return np.full(problem.weights.size, np.inf)
    if not isinstance(existing, Existing):
        minutes: Floats = existing
        return minutes
    nearest = np.full(problem.weights.size, np.inf)
    row = np.repeat(np.arange(nearest.size), np.diff(existing.times.indptr))
    np.minimum.at(nearest, row, existing.times.data)
    return nearest


def no_way(rows: Integers, weights: Floats, clock: Clock) -> Solution:
    """Return that rows of some weight have no way to anywhere."""
    first = tuple(rows[:3].tolist())
    values = {"rows": rows.size, "first": first, "weight": float(weights[rows].sum())}
    found = _none(Reason("unreachable", values), clock)
    return replace(found, uncoverable=rows, nearest_miss=np.full(rows.size, np.nan))


def _none(reason: Reason, clock: Clock) -> Solution:
    return Solution(
        sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
        status="infeasible", stopped="proof", seconds=clock.seconds, reason=reason,
    )  # fmt: skip


class _Search:
    """The best plan so far, and the highest bound."""

    def __init__(
        self, problem: SitingProblem, covering: Covering, existing: Floats, request: Request
    ) -> None:
        weighty = covering.weights > 0
        # trips are in the pairs: of the covering, decisions and bounds alone are of use
        self._covering = covering.with_rows(np.zeros(0, dtype=np.int64))
        self._terms = terms_of(self._covering)
        self._seed = request.seed
        self._reached = np.isfinite(existing[weighty])
        times = _some(problem.times, weighty, covering.decisions.place)
        self._pairs = _pairs_of(times, covering.weights[weighty], existing[weighty])
        costs = [self._pairs.cost, self._pairs.fallback[self._reached]]
        self._whole = all(bool((c == np.rint(c)).all()) for c in costs)
        self._dropped = int((~weighty).sum())
        self.sites, self.value, self.bound = np.empty(0, dtype=np.int64), np.inf, 0.0
        self.rounds, self._settled_count = 0, 0
        # required sites and floors; exchanges fill up the rest
        self._met = greedy(self._covering)
        self._priced: TripBound | None = None
        if self._met is not None:
            first = Interchange(self._terms, self._pairs, self._met)
            first.climb(np.arange(self._terms.cost.size))
            self._priced = TripBound(self._terms, self._pairs, first_prices(first.plan))
            self._keep(first)

    @property
    def gap(self) -> float:
        """Relative gap between bound and plan."""
        return gap_between(self.value, self.bound) if np.isfinite(self.value) else np.inf

    def _keep(self, plan: Interchange) -> None:
        served = self._reached | (plan.plan.site >= 0)
        if served.all() and -plan.value() < self.value:
            self.sites, self.value = np.flatnonzero(plan.built), -plan.value()

    def _raise(self, bound: float) -> None:
        if self._whole and np.isfinite(bound):
            bound = float(np.ceil(bound - _CLOSE * abs(bound) - 1e-6))
        self.bound = min(max(self.bound, bound), self.value)

    def round(self, clock: Clock) -> bool:
        """Raise the bound, shake the plan; return whether a further round may be worth it."""
        if self._priced is None or self._met is None:
            return False
        before = self.bound, self.value
        self._shake(self._met, 0, clock)
        size = self._pairs.item.size + self._terms.cost.size * max(self.sites.size, 1)
        if self.sites.size:
            self._shake(self.sites, int(np.clip(_WORK / (3 * size), 3, 100)), clock)
        known = self.value if np.isfinite(self.value) else float(self._pairs.fallback.sum())
        met = self._priced.descend(-known, _STEPS, clock)
        self._raise(-self._priced.prices.bound)
        if self._terms.cost[met].sum() <= self._terms.budget:
            self._met = np.flatnonzero(met)
        self.rounds += 1
        rising = self.bound - before[0] > _FALL * abs(self.bound)
        return rising or self.value < before[1]

    def _shake(self, sites: Integers, kicks: int, clock: Clock) -> None:
        plan = Interchange(self._terms, self._pairs, sites)
        best, _ = shake(plan, kicks, self._seed + self.rounds, clock)
        self._keep(Interchange(self._terms, self._pairs, np.flatnonzero(best)))

    def prove(self, clock: Clock, gap: float) -> bool:
        """Settle what prices settle, leave the rest to the solver; return whether a plan can be."""
        inside, outside = self._settled()
        self._settled_count = int(inside.sum() + outside.sum())
        if np.isfinite(self.value) and (~outside)[self._pairs.item].sum() > _MOST_PAIRS:
            return True
        model, fixed = radius_model(
            self._pairs, self._covering.decisions, self._covering.bounds,
            inside=inside, outside=outside, reached=self._reached,
        )  # fmt: skip
        start = np.zeros(self._terms.cost.size)
        start[self.sites] = 1.0
        agrees = self.sites.size and start[inside].all() and not start[outside].any()
        found = minimise(model, clock, gap=gap, start=start if agrees else None)
        if found.state == highs.INFEASIBLE:
            self._raise(self.value)
            return bool(np.isfinite(self.value))
        if found.values.size:
            chosen = np.flatnonzero(found.values[: self._terms.cost.size] > 0.5)  # noqa: PLR2004
            self._keep(Interchange(self._terms, self._pairs, chosen))
        self._raise(found.bound + fixed)
        return True

    def _settled(self) -> tuple[Flags, Flags]:
        """Return which candidates every plan better than the best has, and which none has."""
        size = self._terms.cost.size
        if self._priced is None or not np.isfinite(self.value):
            return np.zeros(size, dtype=bool), np.zeros(size, dtype=bool)
        return self._priced.settled(-self._goal())

    def _goal(self) -> float:
        """Return what trips of a better plan cost at most."""
        return self.value - (1.0 - 1e-6 if self._whole else _CLOSE * abs(self.value))

    def branch(self, clock: Clock) -> None:
        """Search among the plans that prices leave, as far as there is time."""
        if self._priced is None or not np.isfinite(self.value):
            return
        inside, outside = self._settled()
        kept = np.flatnonzero(~outside)
        terms, pairs = left_of(self._terms, self._pairs, kept, inside)

        def offer(choice: Flags) -> None:
            sites = kept[choice]
            fits = self._terms.cost[sites].sum() <= self._terms.budget
            if fits and sites.size <= self._terms.sites:
                self._keep(Interchange(self._terms, self._pairs, sites))

        tree = Tree(terms, pairs, goal=self._goal, offer=offer)
        self._raise(tree.search(clock, self._priced.prices.rows.copy(), self.bound))

    def solution(self, clock: Clock, gap: float) -> Solution:
        """Return the best plan as an answer."""
        bound = min(self.bound, self.value)
        between = gap_between(self.value, bound)
        proven = between <= _CLOSE
        return Solution(
            sites=self._covering.decisions.place[self.sites],
            objective=self.value,
            bound=self.value if proven else bound,
            gap=0.0 if proven else between,
            status="optimal" if proven else "feasible",
            stopped="proof" if proven else "gap" if between <= gap else "time",
            seconds=clock.seconds,
            reductions=Reductions(
                covered_rows=self._dropped, dominated_candidates=self._settled_count
            ),
        )


def _some(times: sparse.csr_array, rows: Flags, columns: Integers) -> sparse.csr_array:
    """Return some rows and columns; copies of large arrays only where some are left out."""
    some = times if rows.all() else times[rows]
    if columns.size == times.shape[1]:
        return some
    some = some[:, columns]
    some.sort_indices()
    return some


def _pairs_of(times: sparse.csr_array, weights: Floats, existing: Floats) -> Pairs:
    row = np.repeat(np.arange(weights.size), np.diff(times.indptr))
    useful = times.data < existing[row]
    row, candidate = row[useful], times.indices[useful]
    cost = times.data[useful] * weights[row]
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=weights.size))])
    table = sparse.csr_array((cost, candidate, start), shape=times.shape)
    columns = table.tocsc()
    # dearer than any plan that serves all, so that none is left out for less
    most = np.zeros(weights.size)
    np.maximum.at(most, row, cost)
    dear = 10.0 * most.sum() + 1.0
    item, cost = candidate.astype(np.int64), cost.copy()
    _nearest_first(start, item, cost)
    return Pairs(
        start=start.astype(np.int64),
        item=item,
        cost=cost,
        column_start=columns.indptr.astype(np.int64),
        column_item=columns.indices.astype(np.int64),
        column_cost=columns.data,
        fallback=np.where(np.isfinite(existing), existing * weights, dear),
    )


@njit(cache=True)  # type: ignore[untyped-decorator]
def _nearest_first(start: Integers, item: Integers, cost: Floats) -> None:
    """Order the pairs of each row by cost; of equals, the first candidate."""
    for row in range(start.size - 1):
        here = slice(start[row], start[row + 1])
        order = np.argsort(cost[here], kind="mergesort")
        item[here], cost[here] = item[here][order], cost[here][order]
