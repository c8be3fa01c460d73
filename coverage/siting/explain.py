"""Why this site: what each site of a plan brings, what goes without it, what would come instead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.assign import assigned
from coverage.siting.covering import KEEP, UPGRADE, covering_of
from coverage.siting.options import Existing, Request, Rules
from coverage.siting.process import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coverage.siting.problem import SitingProblem
    from coverage.siting.solution import Solution

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteReason:
    """What one site brings.

    Parameters
    ----------
    rank
        From 1, in the order of contribution: each brings most once those before it stand.
    site, tier
        Position of the candidate, and the name of its tier, empty where there are none.
    newly_covered
        Weight covered with it and the sites before it, and not with those alone.
    cumulative_share
        Of all weight, covered by existing facilities and the sites up to this one.
    rows
        Demand rows newly covered.
    minutes_before, minutes_after
        Of these rows, to the nearest facility or site without it and with it; inf where there is no
        way.
    load, capacity
        Weight it serves in the whole plan, each row going to the nearest within reach or, where
        sites can be full, so that most are served; and the weight it can serve.
    lost
        Weight no longer covered if it alone is not built and everybody goes elsewhere.
    runner_up
        Position of the candidate that would cover most in its place, -1 if there is no other.
    runner_up_short
        Weight that the plan covers less with the runner-up; below 0 where rules keep that one out.
    """

    rank: int
    site: int
    tier: str
    newly_covered: float
    cumulative_share: float
    rows: Integers
    minutes_before: Floats
    minutes_after: Floats
    load: float
    capacity: float
    lost: float
    runner_up: int
    runner_up_short: float


def explain_sites(
    problem: SitingProblem,
    solution: Solution,
    *,
    limit: float | None = 15,
    rules: Rules | None = None,
    progress: Callable[[], object] | None = None,
) -> tuple[SiteReason, ...]:
    """Return what each site of a plan brings, most first.

    Coverage is what is counted, whatever model the plan comes from.

    Parameters
    ----------
    problem, solution
        What was solved, and the answer.
    limit, rules
        As they were given to `solve`.
    progress
        As in `solve`.

    Examples
    --------
    >>> problem = SitingProblem([[5, 20], [30, 10], [99, 15]], [100, 50, 70])
    >>> [reason.site for reason in explain_sites(problem, solve(problem, sites=2))]
    [1, 0]
    """
    clock = Clock(np.inf, progress)
    return _Explanation(problem, solution, limit, rules or Rules(), clock).reasons()


class _Explanation:
    def __init__(
        self,
        problem: SitingProblem,
        solution: Solution,
        limit: float | None,
        rules: Rules,
        clock: Clock,
    ) -> None:
        nothing = np.empty(0, dtype=np.int64)
        request = Request(
            model="mclp", sites=None, limit=np.inf if limit is None else limit, target=None,
            budget=None, floors={}, required=nothing, forbidden=nothing, rules=rules,
        )  # fmt: skip
        self._problem, self._solution, self._tiers = problem, solution, rules.tiers
        self._clock = clock
        self._covering = covering_of(problem, request)
        self._existing, self._standing = self._stays()
        self._sites = self._decisions_of_sites()

    def _decisions_of_sites(self) -> Integers:
        """Return the decision behind each site, in the order of the solution's sites."""
        names = [tier.name for tier in self._tiers]
        tiers = [names.index(name) for name in self._solution.tiers] or [0] * len(
            self._solution.sites
        )
        decisions = self._covering.decisions
        known = {
            (int(place), int(tier)): position
            for position, (place, tier) in enumerate(
                zip(decisions.place, decisions.tier, strict=True)
            )
        }
        pairs = zip(self._solution.sites.tolist(), tiers, strict=True)
        return np.array([known[pair] for pair in pairs], dtype=np.int64)

    def _stays(self) -> tuple[Floats, Integers]:
        """Return minutes to the nearest facility that stays, and the decisions of those."""
        existing, solution = self._problem.existing, self._solution
        rows = self._problem.weights.size
        if existing is None:
            return np.full(rows, np.inf), np.empty(0, dtype=np.int64)
        if not isinstance(existing, Existing):
            return existing, np.empty(0, dtype=np.int64)
        pairs = existing.times.tocoo()
        stays = ~np.isin(pairs.col, solution.closed)
        nearest = np.full(rows, np.inf)
        np.minimum.at(nearest, pairs.row[stays], pairs.data[stays])
        decisions = self._covering.decisions
        facility = decisions.place - self._problem.times.shape[1]
        upgraded = np.isin(facility, solution.upgraded)
        kept = (decisions.tier == KEEP) & ~upgraded & ~np.isin(facility, solution.closed)
        return nearest, np.flatnonzero(kept | ((decisions.tier == UPGRADE) & upgraded))

    def _covered(self, sites: Integers) -> Floats:
        """Return the weight of each row that is covered with some sites and what stays."""
        self._clock.tick()
        covering = self._covering
        chosen = np.concatenate([self._standing, sites])
        enough = covering.counts(chosen) >= covering.cover_by
        if not covering.limited:
            return np.where(enough, covering.weights, 0.0)
        by_others = np.where(enough & (covering.base > 0), covering.weights, 0.0)
        covered: Floats = self._served(chosen, enough).sum(axis=1) + by_others
        return covered

    def _served(self, chosen: Integers, enough: Flags) -> Floats:
        covering = self._covering
        rows = np.flatnonzero(enough & (covering.base == 0))
        served = np.zeros((covering.weights.size, chosen.size))
        served[rows] = assigned(
            covering.reach[rows][:, chosen], covering.weights[rows],
            covering.decisions.capacity[chosen],
        ).toarray()  # fmt: skip
        return served

    def reasons(self) -> tuple[SiteReason, ...]:
        """Return what each site brings, in the order of contribution."""
        order = self._order()
        loads = self._loads()
        total = float(self._problem.weights.sum())
        built = np.empty(0, dtype=np.int64)
        before, nearest = self._covered(built), self._existing.copy()
        whole = float(self._covered(self._sites).sum())
        found = []
        for rank, decision in enumerate(order, start=1):
            built = np.append(built, decision)
            after, nearer = self._covered(built), self._with(nearest, decision)
            rows = np.flatnonzero(after > before)
            others = self._sites[self._sites != decision]
            runner_up, reaches = self._runner_up(decision, others)
            tier = self._covering.decisions.tier[decision]
            found.append(
                SiteReason(
                    rank=rank,
                    site=int(self._covering.decisions.place[decision]),
                    tier=self._tiers[tier].name if self._tiers else "",
                    newly_covered=float(after.sum() - before.sum()),
                    cumulative_share=float(after.sum()) / total if total else 1.0,
                    rows=rows,
                    minutes_before=nearest[rows],
                    minutes_after=nearer[rows],
                    load=loads[int(decision)],
                    capacity=float(self._covering.decisions.capacity[decision]),
                    lost=whole - float(self._covered(others).sum()),
                    runner_up=runner_up,
                    runner_up_short=whole - reaches,
                )
            )
            before, nearest = after, nearer
        return tuple(found)

    def _order(self) -> list[int]:
        """Return sites so that each brings most once those before it stand."""
        left, order = self._sites.tolist(), list[int]()
        while left:
            gains = self._gains(np.array(order, dtype=np.int64))
            # of equals, the candidate that comes first
            best = max(left, key=lambda site: (gains[site], -site))
            order.append(best)
            left.remove(best)
        return order

    def _gains(self, sites: Integers) -> Floats:
        """Return the weight that each decision would add to some sites, room permitting."""
        self._clock.tick()
        covering = self._covering
        chosen = np.concatenate([self._standing, sites])
        missing = covering.counts(chosen) == covering.cover_by - 1
        if covering.limited:
            wanting = covering.weights - self._covered(sites)
            wanting[covering.counts(chosen) < covering.cover_by - 1] = 0.0
        else:
            wanting = np.where(missing, covering.weights, 0.0)
        gains: Floats = np.minimum(covering.reach.T @ wanting, covering.decisions.capacity)
        return gains

    def _runner_up(self, decision: int, others: Integers) -> tuple[int, float]:
        """Return the candidate that covers most in a site's place, and all that is covered then."""
        decisions = self._covering.decisions
        gains = self._gains(others)
        taken = np.isin(decisions.place, decisions.place[self._sites]) | ~decisions.new
        # a centre is followed by a centre, a village point by a village point
        gains[taken | (decisions.tier != decisions.tier[decision])] = -1.0
        best = int(np.argmax(gains))
        if gains[best] < 0:
            return -1, float(self._covered(others).sum())
        return int(decisions.place[best]), float(self._covered(np.append(others, best)).sum())

    def _with(self, nearest: Floats, decision: int) -> Floats:
        """Return minutes to the nearest once a site stands as well."""
        times = self._problem.times[:, [self._covering.decisions.place[decision]]].tocoo()
        nearer = nearest.copy()
        np.minimum.at(nearer, times.row, times.data)
        return nearer

    def _loads(self) -> dict[int, float]:
        covering, sites = self._covering, self._sites
        if covering.limited:
            chosen = np.concatenate([self._standing, sites])
            served = self._served(chosen, covering.counts(chosen) >= covering.cover_by)
            totals = served.sum(axis=0)[self._standing.size :]
            return dict(zip(sites.tolist(), totals.tolist(), strict=True))
        nearest, load = self._existing.copy(), dict.fromkeys(sites.tolist(), 0.0)
        goes = np.full(nearest.size, -1)
        for site in sites.tolist():
            column = covering.reach[:, [site]].tocoo()
            minutes = np.full(nearest.size, np.inf)
            times = self._problem.times[:, [covering.decisions.place[site]]].tocoo()
            minutes[times.row] = times.data
            # of two that are as near, the first
            better = column.row[minutes[column.row] < nearest[column.row]]
            nearest[better], goes[better] = minutes[better], site
        for site in load:
            load[site] = float(covering.weights[goes == site].sum())
        return load
