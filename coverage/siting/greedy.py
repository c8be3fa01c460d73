"""A plan at once: always the decision that brings most, within all bounds.

What is built this way is a plan to start from, never the proof of anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.covering import KEEP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def greedy(covering: Covering, *, weight: float | None = None) -> Integers | None:
    """Return decisions taken one by one, None if they end where bounds are not met.

    Parameters
    ----------
    covering
        The problem.
    weight
        Weight to be covered as cheaply as possible; None to cover as much as bounds allow.
    """
    plan = _Plan(covering)
    if not plan.begin():
        return None
    goal = np.inf if weight is None else weight * (1 - 1e-12)
    by_cost = weight is not None or covering.bounds.budget is not None
    columns = covering.reach.T.tocsr()
    while plan.covered() < goal:
        gain = np.minimum(columns @ plan.wanting(), covering.decisions.capacity)
        gain[~plan.allowed()] = 0.0
        if gain.max(initial=0.0) <= 0:
            break
        if by_cost:
            gain = gain / np.maximum(covering.decisions.cost, 1e-9)
        plan.take(int(np.argmax(gain)))
    fine = plan.complete() and (weight is None or plan.covered() >= goal)
    return np.flatnonzero(plan.chosen) if fine else None


class _Plan:
    """Decisions taken so far, and what they leave of the bounds."""

    def __init__(self, covering: Covering) -> None:
        self._covering, self._bounds = covering, covering.bounds
        self._decisions = covering.decisions
        self.chosen = np.zeros(self._decisions.size, dtype=bool)
        self._counts = covering.base.copy()
        self._filled = np.zeros(self._bounds.must.size, dtype=bool)
        self._columns = covering.reach.tocsc()
        self._served = np.zeros(covering.weights.size)
        self._in_group = np.zeros(self._bounds.floors.size, dtype=np.int64)
        self._spent = 0.0
        self._new = 0

    def begin(self) -> bool:
        """Keep what stands, build what is required and what floors ask for."""
        for decision in np.flatnonzero(self._decisions.tier == KEEP):
            self.take(int(decision))
        must = np.flatnonzero(self._bounds.must)
        for place in must[~self._filled[must]]:
            here = self._decisions.place == place
            if here.any() and not self._take_cheapest(here):
                return False
        for group in range(self._bounds.floors.size):
            while self._in_group[group] < self._bounds.floors[group]:
                if not self._take_cheapest(self._bounds.groups == group):
                    return False
        return True

    def _take_cheapest(self, among: Flags) -> bool:
        able = among & self.allowed()
        if not able.any():
            return False
        cost = np.where(able, self._decisions.cost, np.inf)
        reached = self._covering.reach.T @ self.wanting()
        self.take(int(np.lexsort((-reached, cost))[0]))
        return True

    def allowed(self) -> Flags:
        """Return which decisions no bound forbids by now."""
        bounds, decisions = self._bounds, self._decisions
        able = ~self.chosen & ~self._filled[decisions.place] & decisions.new
        if bounds.sites is not None and self._new >= bounds.sites:
            able[:] = False
        if bounds.budget is not None:
            able &= self._spent + decisions.cost <= bounds.budget * (1 + 1e-12)
        if bounds.floors.size:
            full = np.append(self._in_group >= bounds.caps, False)
            able &= ~full[bounds.groups]
        for tier, most in enumerate(bounds.tier_caps):
            if most is not None and (decisions.tier[self.chosen] == tier).sum() >= most:
                able &= decisions.tier != tier
        if bounds.conflicts is not None:
            built = decisions.place[self.chosen & decisions.new]
            near = np.zeros(bounds.conflicts.shape[0], dtype=bool)
            near[bounds.conflicts[built].indices] = True
            new = decisions.new
            able[new] &= ~near[decisions.place[new]]
        return able

    def take(self, decision: int) -> None:
        """Take a decision."""
        decisions, columns = self._decisions, self._columns
        self.chosen[decision] = True
        self._filled[decisions.place[decision]] = True
        self._spent += decisions.cost[decision]
        self._new += int(decisions.new[decision])
        if self._bounds.groups[decision] >= 0:
            self._in_group[self._bounds.groups[decision]] += 1
        rows = columns.indices[columns.indptr[decision] : columns.indptr[decision + 1]]
        self._counts[rows] += 1
        wanting = self.wanting()[rows]
        total, room = wanting.sum(), decisions.capacity[decision]
        share = 1.0 if total <= room else room / total
        enough = self._counts[rows] >= self._covering.cover_by
        self._served[rows] += np.where(enough, wanting * share, 0.0)

    def wanting(self) -> Floats:
        """Return the weight of each row that is not served."""
        left: Floats = np.maximum(self._covering.weights - self._served, 0.0)
        return left

    def covered(self) -> float:
        """Return the weight covered."""
        return float(self._served.sum())

    def complete(self) -> bool:
        """Return whether floors and required places are met."""
        bounds = self._bounds
        needed = np.intersect1d(np.flatnonzero(bounds.must), self._decisions.place)
        return bool(self._filled[needed].all() and (self._in_group >= bounds.floors).all())
