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

from coverage.siting.prices import Prices, choose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.interchange import Nearest, Pairs
    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]


class TripBound:
    """A bound of what trips cost, negative, so that it falls, and the prices behind it.

    Parameters
    ----------
    terms, pairs
        The problem.
    plan
        To begin with: each row offers half of the way from its nearest to its second nearest site.
    """

    def __init__(self, terms: Terms, pairs: Pairs, plan: Nearest) -> None:
        self._terms, self._pairs = terms, pairs
        price = (plan.first + np.minimum(plan.second, 2 * plan.first + 1)) / 2
        self.prices = Prices(price, pairs.fallback, terms.budget)
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

    def descend(self, known: float, steps: int) -> Flags:
        """Lower the bound by some steps; return the choice of the shortest trips of those met.

        Parameters
        ----------
        known
            What trips of a known plan cost, negative.
        steps
            How many.
        """
        terms, prices = self._terms, self.prices
        best, least = np.zeros(terms.cost.size, dtype=bool), np.inf
        for _ in range(steps):
            score = self.scores()
            taken = choose(terms, score)
            trips = _slopes(self._pairs, prices.rows, taken, self._slope)
            if trips < least:
                best, least = taken, trips
            left = terms.budget - float(terms.cost[taken].sum())
            prices.move(self.at(score, taken), self._slope, left, known)
        return best


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
