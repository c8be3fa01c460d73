"""A bound of what trips must cost together, by prices on the rows.

Each row offers a price λ_i for its trip; a candidate earns what its pairs are cheaper than that. No
plan's trips cost less than

    Σ_i min(λ_i, fallback_i) − μ·budget − max_x Σ_j (Σ_i max(0, λ_i − c_ij) − μ·cost_j)·x_j

which prices raise to the bound of the linear relaxation.

References
----------
Cornuéjols, G., Fisher, M., & Nemhauser, G. (1977). Location of bank accounts to optimize float.
Management Science, 23(8), 789-810. Beasley, J. (1993). Lagrangean heuristics for location problems.
European Journal of Operational Research, 65(3), 383-399.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from coverage.siting.prices import Prices, choose, settled, without_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.interchange import Nearest, Pairs
    from coverage.siting.process import Clock
    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


def first_prices(plan: Nearest) -> Floats:
    """Return prices to begin with: half of the way from the nearest to the second nearest site."""
    prices: Floats = (plan.first + np.minimum(plan.second, 2 * plan.first + 1)) / 2
    return prices


class TripBound:
    """A bound of what trips cost, negative, so that it falls, and the prices behind it.

    Parameters
    ----------
    terms, pairs
        The problem.
    price
        What each row offers to begin with.
    barred
        Candidates that may not be chosen; None for none.
    patience
        Steps without a better bound before steps get shorter.
    """

    def __init__(
        self,
        terms: Terms,
        pairs: Pairs,
        price: Floats,
        *,
        barred: Flags | None = None,
        patience: int = 20,
    ) -> None:
        self._terms, self._pairs, self._barred = terms, pairs, barred
        self.prices = Prices(price, pairs.fallback, terms.budget, patience=patience)
        self._slope = np.empty(price.size)

    def scores(self) -> Floats:
        """Return what each candidate earns, less what it costs."""
        earned = -self.prices.budget * self._terms.cost
        _earn(self._pairs, self.prices.rows, earned)
        return earned

    def at(self, score: Floats, taken: Flags) -> float:
        """Return the bound at the prices in use.

        Parameters
        ----------
        score, taken
            Of candidates, at these prices.
        """
        prices = self.prices
        bound = float(score[taken].sum() - prices.rows.sum())
        return bound + (prices.budget * self._terms.budget if prices.budget else 0.0)

    def descend(self, known: float, steps: int, clock: Clock) -> Flags:
        """Lower the bound by some steps; return the choice of the shortest trips of those met.

        Parameters
        ----------
        known
            What trips of a known plan cost, negative.
        steps
            How many.
        clock
            Is told of each.
        """
        return self._descend(known, steps, -np.inf, clock)[0]

    def descend_to(self, goal: float, steps: int, clock: Clock) -> tuple[Flags, Floats]:
        """Do the same until the bound is below a goal; return how often each was chosen as well.

        Parameters
        ----------
        goal
            What trips of a plan may cost, negative.
        steps
            How many at most.
        clock
            Is told of each.
        """
        return self._descend(goal, steps, goal, clock)

    def _descend(self, known: float, steps: int, goal: float, clock: Clock) -> tuple[Flags, Floats]:
        terms, prices = self._terms, self.prices
        best, least = np.zeros(terms.cost.size, dtype=bool), np.inf
        often = np.zeros(terms.cost.size)
        for step in range(steps):
            clock.tick()
            score = self.scores()
            taken = choose(terms, score, self._barred)
            trips = _slopes(self._pairs, prices.rows, taken, self._slope)
            if trips < least:
                best, least = taken, trips
            # late choices say more
            often += (taken - often) / min(step + 1, 10)
            left = terms.budget - float(terms.cost[taken].sum())
            prices.move(self.at(score, taken), self._slope, left, known)
            if prices.bound < goal or clock.left <= 0:
                break
        return best, often

    def settled(self, goal: float) -> tuple[Flags, Flags]:
        """Return which candidates every plan of some value has, and which none has.

        Parameters
        ----------
        goal
            What trips of the plan cost, negative.
        """
        self.prices.back()
        terms, score = without_groups(self._terms), self.scores()
        bound = self.at(score, choose(terms, score, self._barred))
        return settled(terms, score, bound, goal, self._barred)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _earn(pairs: Pairs, price: Floats, earned: Floats) -> None:
    # rows list their candidates nearest first: what is dearer than the price is never looked at
    for row in range(price.size):
        for entry in range(pairs.start[row], pairs.start[row + 1]):
            left = price[row] - pairs.cost[entry]
            if left <= 0:
                break
            earned[pairs.item[entry]] += left


@njit(cache=True)  # type: ignore[untyped-decorator]
def _slopes(pairs: Pairs, price: Floats, taken: Flags, slope: Floats) -> float:
    """Write how the bound grows with each price; return what trips to the taken cost."""
    trips = 0.0
    for row in range(price.size):
        served, nearest = 0, pairs.fallback[row]
        for entry in range(pairs.start[row], pairs.start[row + 1]):
            cost = pairs.cost[entry]
            if served > 0 and cost >= price[row]:
                break
            if taken[pairs.item[entry]]:
                nearest = min(nearest, cost)
                if cost >= price[row]:
                    break
                served += 1
        slope[row] = served - 1.0
        # a price at its end that would go further stays
        if served == 0 and price[row] >= pairs.fallback[row]:
            slope[row] = 0.0
        trips += nearest
    return trips
