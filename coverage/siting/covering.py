"""A coverage problem as decisions: what can be done where, whom it reaches, what binds it.

A decision is to build a candidate in one tier, to keep a facility, or to upgrade one. Decisions
about the same place exclude each other. All the models of coverage choose decisions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from coverage.network.search import TOLERANCE_MINUTES
from coverage.siting.options import Existing, Tier

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.options import Request
    from coverage.siting.problem import SitingProblem

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

KEEP, UPGRADE = -1, -2  # instead of a tier


@dataclass(frozen=True, kw_only=True, eq=False)
class Decisions:
    """What can be decided, one entry each.

    Parameters
    ----------
    place
        Position of the candidate; of facilities, their position past the last candidate.
    tier
        Position of the tier, `KEEP` or `UPGRADE`.
    cost, capacity
        What it takes from the budget, and the weight it can serve.
    """

    place: Integers
    tier: Integers
    cost: Floats
    capacity: Floats

    @property
    def new(self) -> Flags:
        """Which decisions build something."""
        flags: Flags = self.tier >= 0
        return flags

    @property
    def size(self) -> int:
        """How many there are."""
        return self.place.size

    def take(self, which: NDArray[np.generic]) -> Decisions:
        """Return some of them."""
        return Decisions(
            place=self.place[which],
            tier=self.tier[which],
            cost=self.cost[which],
            capacity=self.capacity[which],
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Bounds:
    """What binds a set of decisions.

    Parameters
    ----------
    sites
        New sites less closed facilities at most; None for any number.
    budget
        What decisions may cost less what closing saves; None for any cost.
    groups, floors, caps
        By decision, position of its group (-1: none that is bound); by group, least and most new
        sites.
    must
        By place, whether something must be decided there.
    savings
        By place, what deciding nothing adds to the budget.
    closable
        How many places are facilities that may close, and are counted by `sites` when they do.
    most_closed
        How many of these may close at most; None for all.
    conflicts
        Candidates × candidates, pairs that exclude each other; None for none.
    tier_caps
        By tier, how many sites; None for any number.
    """

    sites: int | None
    budget: float | None
    groups: Integers
    floors: Integers
    caps: Integers
    must: Flags
    savings: Floats
    closable: int = 0
    most_closed: int | None = None
    conflicts: sparse.csr_array | None = None
    tier_caps: tuple[int | None, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Covering:
    """Demand rows that count, the decisions that reach them, and what binds those.

    Parameters
    ----------
    reach
        Rows × decisions, an entry where a decision has the row within its limit.
    weights
        Of each row.
    base
        How many facilities that stand for good have the row in reach.
    areas
        Position of each row's area.
    decisions, bounds
        What can be decided, and what binds it.
    cover_by
        How many must have a row in reach for it to count.
    """

    reach: sparse.csr_array
    weights: Floats
    base: Integers
    areas: Integers
    decisions: Decisions
    bounds: Bounds
    cover_by: int

    @property
    def limited(self) -> bool:
        """Whether some decision's capacity is finite."""
        return bool(np.isfinite(self.decisions.capacity).any())

    @property
    def alike(self) -> bool:
        """Whether a candidate is built in one way only, and one in reach is enough."""
        places = self.decisions.place[self.decisions.new]
        capped = any(most is not None for most in self.bounds.tier_caps)
        one_way = not capped and np.unique(places).size == places.size
        return one_way and not self.limited and self.cover_by == 1

    @property
    def plain(self) -> bool:
        """Whether candidates are alike, and there is nothing else to decide."""
        return self.alike and bool(self.decisions.new.all())

    def most(self) -> Integers:
        """Return how many places can have each row in reach at most."""
        if np.unique(self.decisions.place).size == self.decisions.size:
            alone: Integers = self.base + np.diff(self.reach.indptr)
            return alone
        places = self.bounds.must.size
        entries = (np.ones(self.decisions.size), self.decisions.place)
        start = np.arange(self.decisions.size + 1)
        of_place = sparse.csr_array((*entries, start), shape=(self.decisions.size, places))
        found = (self.reach @ of_place).tocsr()
        together: Integers = self.base + np.diff(found.indptr)
        return together

    def counts(self, chosen: NDArray[np.generic]) -> Integers:
        """Return how many have each row in reach once some decisions are taken."""
        taken = np.zeros(self.decisions.size)
        taken[chosen] = 1
        found: Integers = self.base + np.rint(self.reach @ taken).astype(np.int64)
        return found

    def with_rows(self, which: NDArray[np.generic]) -> Covering:
        """Return the problem of some rows."""
        return replace(
            self, reach=self.reach[which], weights=self.weights[which],
            base=self.base[which], areas=self.areas[which],
        )  # fmt: skip

    def with_decisions(self, which: NDArray[np.generic]) -> Covering:
        """Return the problem of some decisions."""
        reach = self.reach[:, which]
        reach.sort_indices()
        return replace(
            self,
            reach=reach,
            decisions=self.decisions.take(which),
            bounds=replace(self.bounds, groups=self.bounds.groups[which]),
        )


def covering_of(problem: SitingProblem, request: Request) -> Covering:
    """Return a problem of coverage as decisions, every row kept.

    Parameters
    ----------
    problem, request
        What is to be solved, and how.
    """
    rules = request.rules
    tiers = rules.tiers or (Tier(name="", minutes=request.limit),)
    free = np.setdiff1d(np.arange(problem.times.shape[1]), request.forbidden)
    parts = [_built(problem, tier, position, free) for position, tier in enumerate(tiers)]
    base, facilities = _standing(problem, request)
    reach, decisions = zip(*parts, *facilities, strict=True)
    every = Decisions(
        place=np.concatenate([d.place for d in decisions]),
        tier=np.concatenate([d.tier for d in decisions]),
        cost=np.concatenate([d.cost for d in decisions]),
        capacity=np.concatenate([d.capacity for d in decisions]),
    )
    areas = np.zeros(problem.weights.size, dtype=np.int64)
    if rules.equity:
        areas = _positions_of(problem.areas)
    joined = reach[0]
    if len(reach) > 1:
        joined = sparse.csr_array(sparse.hstack(reach))
        joined.sort_indices()
    return Covering(
        reach=joined,
        weights=problem.weights,
        base=base,
        areas=areas,
        decisions=every,
        bounds=_bounds(problem, request, every),
        cover_by=rules.cover_by,
    )


def within(times: sparse.csr_array, limit: float) -> sparse.csr_array:
    """Return ones where minutes are within a limit, inclusive."""
    if limit == np.inf:
        return sparse.csr_array((np.ones(times.nnz), times.indices, times.indptr), times.shape)
    near = times.data <= limit + TOLERANCE_MINUTES
    ends = np.concatenate([[0], np.cumsum(near)])[times.indptr]
    return sparse.csr_array((np.ones(int(near.sum())), times.indices[near], ends), times.shape)


def _built(
    problem: SitingProblem, tier: Tier, position: int, free: Integers
) -> tuple[sparse.csr_array, Decisions]:
    count = problem.times.shape[1]
    if problem.costs is None:
        # without costs each site counts one
        cost = np.full(count, tier.cost if tier.name else 1.0)
    else:
        cost = problem.costs + tier.cost
    room = np.full(count, tier.capacity)
    if problem.capacities is not None:
        room = np.minimum(room, problem.capacities)
    reach = within(problem.times, tier.minutes)
    if free.size < count:
        reach = reach[:, free]
    decisions = Decisions(
        place=free, tier=np.full(free.size, position), cost=cost[free], capacity=room[free]
    )
    return reach, decisions


def _standing(
    problem: SitingProblem, request: Request
) -> tuple[Integers, list[tuple[sparse.csr_array, Decisions]]]:
    existing = problem.existing
    if existing is None:
        return np.zeros(problem.weights.size, dtype=np.int64), []
    if not isinstance(existing, Existing):
        near = existing <= request.limit + TOLERANCE_MINUTES
        return near.astype(np.int64), []
    reach = within(existing.times, request.limit)
    changes = existing.closable | np.isfinite(existing.upgrade_costs)
    changes |= np.isfinite(existing.capacities)
    base = np.rint(reach @ (~changes).astype(float)).astype(np.int64)
    which = np.flatnonzero(changes)
    better = np.flatnonzero(np.isfinite(existing.upgrade_costs))
    minutes = existing.upgraded_minutes
    wider = reach if minutes is None else within(existing.times, minutes)
    first = problem.times.shape[1]
    kept = Decisions(
        place=first + which, tier=np.full(which.size, KEEP), cost=np.zeros(which.size),
        capacity=existing.capacities[which],
    )  # fmt: skip
    upgraded = Decisions(
        place=first + better, tier=np.full(better.size, UPGRADE),
        cost=existing.upgrade_costs[better], capacity=existing.upgraded_capacities[better],
    )  # fmt: skip
    return base, [(reach[:, which], kept), (wider[:, better], upgraded)]


def _bounds(problem: SitingProblem, request: Request, decisions: Decisions) -> Bounds:
    rules, existing = request.rules, problem.existing
    candidates = problem.times.shape[1]
    must = np.zeros(candidates, dtype=bool)
    must[request.required] = True
    savings = np.zeros(candidates)
    closable = 0
    if isinstance(existing, Existing):
        must = np.concatenate([must, ~existing.closable])
        savings = np.concatenate([savings, np.where(existing.closable, existing.savings, 0.0)])
        closable = int(existing.closable.sum())
    groups, floors, caps = _group_bounds(problem, request, decisions)
    return Bounds(
        sites=None if request.model == "lscp" else request.sites,
        budget=request.budget,
        groups=groups, floors=floors, caps=caps,
        must=must, savings=savings, closable=closable,
        most_closed=existing.most_closed if isinstance(existing, Existing) else None,
        conflicts=rules.conflicts,
        tier_caps=tuple(tier.at_most for tier in rules.tiers),
    )  # fmt: skip


def _group_bounds(
    problem: SitingProblem, request: Request, decisions: Decisions
) -> tuple[Integers, Integers, Integers]:
    caps = request.rules.caps or {}
    bound = list({**request.floors, **caps})
    groups = np.full(decisions.size, -1)
    new = np.flatnonzero(decisions.new)
    for position, group in enumerate(bound):
        groups[new[problem.groups[decisions.place[new]] == group]] = position
    floors = np.array([request.floors.get(group, 0) for group in bound], dtype=np.int64)
    # more than there are candidates is no cap
    most = problem.times.shape[1]
    tops = np.array([min(caps.get(group, most), most) for group in bound], dtype=np.int64)
    return groups, floors, tops


def _positions_of(labels: NDArray[np.object_]) -> Integers:
    known: dict[object, int] = {}
    return np.array([known.setdefault(label, len(known)) for label in labels], dtype=np.int64)
