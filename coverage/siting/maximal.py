"""Maximal coverage at its plainest: exchanges for a plan, prices for a bound, then the proof."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting import highs
from coverage.siting.exact import Aim, model_of
from coverage.siting.greedy import greedy
from coverage.siting.lagrange import CoverBound
from coverage.siting.prices import choose, settled, without_groups
from coverage.siting.process import minimise
from coverage.siting.reduce import reduced
from coverage.siting.shaking import shake
from coverage.siting.swap import Exchanges, Terms, terms_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_ROUNDS = 30
_STEPS = 60  # of prices, a round
_WORK = 4e8  # array elements that shaking may visit in a round
_CLOSE = 1e-9
_FALL = 2e-5  # of the bound, in a round that is worth another


def maximal(
    covering: Covering, clock: Clock, *, gap: float, seed: int, wanted: float | None = None
) -> tuple[Integers | None, float]:
    """Return the decisions that cover most, and a bound of the weight they cover.

    Parameters
    ----------
    covering
        A plain problem, reduced.
    clock
        How long it may take.
    gap
        Relative gap that is small enough.
    seed
        Of the shaking.
    wanted
        Weight about which it is enough to know whether it can be covered, as far as prices and
        exchanges tell; None for the most, proven.
    """
    if covering.decisions.size == 0 or covering.weights.size == 0:
        chosen = greedy(covering)
        return chosen, 0.0 if chosen is None else float(covering.weights.sum())
    first = greedy(covering)
    if first is None:
        return None, np.nan
    search = _Search(covering, first, seed)
    enough = max(gap, _CLOSE)

    def is_open() -> bool:
        known = wanted is not None and not search.value < wanted <= search.bound
        return search.gap > enough and not known

    while search.rounds < _ROUNDS and clock.left > 0 and is_open():
        if not search.round(clock):
            break
    if wanted is None and is_open():
        search.prove(clock, gap)
    return search.sites, search.bound


class _Search:
    """The best plan of a plain problem, and the lowest bound, so far."""

    def __init__(self, covering: Covering, first: Integers, seed: int) -> None:
        self._covering, self._seed = covering, seed
        self._terms = terms_of(covering)
        self._least = _CLOSE * float(covering.weights.sum())
        start = Exchanges(self._terms, first)
        self._whole = bool((covering.weights == np.rint(covering.weights)).all())
        self._priced = CoverBound(covering, self._terms, start.counts)
        self.sites, self.value = first, start.value()
        self.bound = float(covering.weights.sum())
        self.rounds = 0

    @property
    def gap(self) -> float:
        """Relative gap between bound and plan."""
        return (self.bound - self.value) / self.value if self.value > 0 else np.inf

    def round(self, clock: Clock) -> bool:
        """Lower the bound, shake the plan; return whether a further round may be worth it."""
        before = self.bound, self.value
        met = self._priced.descend(self.value, _STEPS, clock)
        self._lower(self._priced.prices.bound)
        if _keeps(self._terms, met):
            # seldom the best itself, but it lies where prices are
            self._shake(np.flatnonzero(met), 0, clock)
        size = self._terms.item.size + self._terms.cost.size * max(self.sites.size, 1)
        self._shake(self.sites, int(np.clip(_WORK / (4 * size), 5, 200)), clock)
        self.rounds += 1
        falling = before[0] - self.bound > _FALL * self.bound
        return falling or self.value > before[1] + self._least

    def _shake(self, sites: Integers, kicks: int, clock: Clock) -> None:
        best, _ = shake(Exchanges(self._terms, sites), kicks, self._seed + self.rounds, clock)
        covered = float(self._terms.weights[self._covering.counts(best) > 0].sum())
        if covered > self.value + self._least:
            self.sites, self.value = np.flatnonzero(best), covered

    def _lower(self, bound: float) -> None:
        bound = np.floor(bound + _CLOSE * bound + 1e-6) if self._whole else bound
        self.bound = max(min(self.bound, float(bound)), self.value)

    def prove(self, clock: Clock, gap: float) -> None:
        """Settle what prices settle, and leave the rest to the solver."""
        inside, outside = self._settled()
        rest = _rest(self._covering, inside, outside)
        small, kept, _ = reduced(rest, all_rows=False)
        model = model_of(small, Aim(maximise="weight"), np.zeros(1), np.zeros(1))
        open_now = np.zeros(self._covering.decisions.size)
        open_now[self.sites] = 1.0
        start = open_now[np.flatnonzero(~inside & ~outside)[kept]]
        agrees = bool(open_now[inside].all()) and start.sum() + inside.sum() == self.sites.size
        found = minimise(model, clock, gap=gap, start=start if agrees else None)
        sure = float(rest.weights[rest.base > 0].sum())
        if found.values.size:
            more = found.values[: small.decisions.size] > 0.5  # noqa: PLR2004 - 0 or 1
            chosen = np.flatnonzero(~inside & ~outside)[kept[more]]
            chosen = np.union1d(np.flatnonzero(inside), chosen)
            covered = float(self._terms.weights[self._covering.counts(chosen) > 0].sum())
            if covered > self.value + self._least:
                self.sites, self.value = chosen, covered
        # what was settled loses nothing better than the plan known
        self._lower(self.value if found.state == highs.INFEASIBLE else sure - found.bound)

    def _settled(self) -> tuple[Flags, Flags]:
        """Return which candidates every plan better than the best has, and which none has."""
        self._priced.prices.back()
        terms, score = without_groups(self._terms), self._priced.scores()
        bound = self._priced.at(score, choose(terms, score))
        goal = self.value + (1.0 - 1e-6 if self._whole else self._least)
        inside, outside = settled(terms, score, bound, goal)
        for site in np.flatnonzero(inside):
            outside[terms.near[terms.near_start[site] : terms.near_start[site + 1]]] = True
        # two that exclude each other in every better plan: there is none, and either may stay
        return inside & ~outside, outside


def _keeps(terms: Terms, taken: Flags) -> bool:
    """Return whether a choice keeps to budget and distances, which prices leave open."""
    if terms.cost[taken].sum() > terms.budget:
        return False
    return not any(
        taken[terms.near[terms.near_start[site] : terms.near_start[site + 1]]].any()
        for site in np.flatnonzero(taken)
    )


def _rest(covering: Covering, inside: Flags, outside: Flags) -> Covering:
    """Return what is left to decide once some candidates are built and others are not."""
    bounds, decisions = covering.bounds, covering.decisions
    built = np.flatnonzero(inside)
    in_group = np.bincount(bounds.groups[built] + 1, minlength=bounds.floors.size + 1)[1:]
    must = bounds.must.copy()
    must[decisions.place[built]] = False
    spent = float(decisions.cost[built].sum())
    left = replace(
        bounds,
        sites=None if bounds.sites is None else bounds.sites - built.size,
        budget=None if bounds.budget is None else bounds.budget - spent,
        floors=np.maximum(bounds.floors - in_group, 0),
        caps=bounds.caps - in_group,
        must=must,
    )
    rest = replace(covering, base=covering.counts(inside), bounds=left)
    return rest.with_decisions(np.flatnonzero(~inside & ~outside))
