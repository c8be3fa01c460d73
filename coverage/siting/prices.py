"""Prices that move against what they bound, by small steps that get smaller.

References
----------
Held, M., Wolfe, P., & Crowder, H. (1974). Validation of subgradient optimization. Mathematical
Programming, 6, 62-88.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_SMOOTH = 0.7  # of each direction that is the last one's
_PATIENCE = 20  # steps without a better bound before steps get shorter
_SHORTER = 0.7
_WORTH = 1e-7  # of the bound: what counts as better


class Prices:
    """Prices of rows and of the budget, and those of the least bound so far.

    Parameters
    ----------
    price, most
        Of each row to begin with, and what it may be at most; at least it is 0.
    budget
        Infinite where none binds.
    patience
        Steps without a better bound before steps get shorter.
    """

    def __init__(
        self, price: Floats, most: Floats, budget: float, *, patience: int = _PATIENCE
    ) -> None:
        self._most, self._patience = most, patience
        # the budget's price stands behind the rows', in its own unit
        self._unit = 1.0 / max(budget, 1e-9) if np.isfinite(budget) else 0.0
        self._now = np.append(np.minimum(price, most), 0.0)
        self._best = self._now.copy()
        self._direction = np.zeros(self._now.size)
        self._step, self._idle = 1.0, 0
        self.bound = np.inf

    @property
    def rows(self) -> Floats:
        """What each row is worth, in use."""
        return self._now[:-1]

    @property
    def budget(self) -> float:
        """Price of a unit of the budget, in use."""
        return float(self._now[-1]) * self._unit

    def back(self) -> None:
        """Use the prices of the least bound."""
        self._now = self._best.copy()

    def move(self, bound: float, slope: Floats, left: float, known: float) -> None:
        """Take note of the bound at the prices in use, and move them.

        Parameters
        ----------
        bound
            At the prices in use.
        slope
            By row, how the bound grows with its price.
        left
            What is left of the budget: how the bound grows with its price.
        known
            What the bound cannot fall below.
        """
        self._idle += 1
        if bound < self.bound - _WORTH * abs(self.bound) or np.isinf(self.bound):
            self._idle = 0
        if bound < self.bound:
            self.bound, self._best = bound, self._now.copy()
        if self._idle >= self._patience:
            self._idle, self._step = 0, self._step * _SHORTER
            self._direction[:] = 0.0
            self.back()
            return
        self._direction *= _SMOOTH
        self._direction[:-1] += (1 - _SMOOTH) * slope
        if self._unit:
            self._direction[-1] += (1 - _SMOOTH) * left * self._unit
        length = float(self._direction @ self._direction)
        if length <= 0:
            return
        self._now -= self._step * max(bound - known, 0.0) / length * self._direction
        np.maximum(self._now, 0.0, out=self._now)
        np.minimum(self._now[:-1], self._most, out=self._now[:-1])


def choose(terms: Terms, score: Floats, barred: Flags | None = None) -> Flags:
    """Return the candidates of the highest scores that keep numbers, floors and caps.

    Parameters
    ----------
    terms
        What binds candidates.
    score
        Of each; only floors make one of no score be chosen.
    barred
        Candidates that may not be; None for none.
    """
    taken = terms.fixed.copy()
    # of equal scores, the first
    order = np.argsort(-score, kind="stable")
    if barred is not None:
        order = order[~barred[order]]
    over = np.zeros(score.size, dtype=bool)
    for group in range(terms.floors.size):
        members = order[terms.group[order] == group]
        free = members[~taken[members]]
        held = members.size - free.size
        taken[free[: max(terms.floors[group] - held, 0)]] = True
        over[free[max(terms.caps[group] - held, 0) :]] = True
    rest = order[(score[order] > 0) & ~taken[order] & ~over[order]]
    taken[rest[: max(terms.sites - int(taken.sum()), 0)]] = True
    return taken


def settled(
    terms: Terms, score: Floats, bound: float, goal: float, barred: Flags | None = None
) -> tuple[Flags, Flags]:
    """Return which candidates every plan of some value has, and which none has.

    A plan with a candidate that prices leave out is worth no more than the bound less the worst
    that they choose, which must give way; and one without a candidate that they choose no more than
    the bound with the next one instead.

    Parameters
    ----------
    terms
        What binds candidates; groups are left out.
    score
        Of each, at some prices.
    bound
        At these prices, of `choose` without groups.
    goal
        The value.
    barred
        Candidates that no plan has; None for none.
    """
    taken = choose(terms, score, barred)
    full = int(taken.sum()) >= terms.sites
    free = taken & ~terms.fixed
    others = ~taken if barred is None else ~taken & ~barred
    worst = max(score[free].min(initial=np.inf), 0.0) if full and free.any() else 0.0
    next_one = max(score[others].max(initial=0.0), 0.0) if full else 0.0
    outside = ~taken & (bound - worst + score < goal)
    inside = taken & ((bound - score + next_one < goal) | terms.fixed)
    return inside, outside


def without_groups(terms: Terms) -> Terms:
    """Return what binds candidates beside floors and caps."""
    none = np.empty(0, dtype=np.int64)
    return terms._replace(floors=none, caps=none, group=np.full(terms.cost.size, -1))
