"""A bound of what any plan can cover, by prices on the rows.

Each row has a price λ_i between 0 and its weight, which whoever builds is paid for having it in
reach, and the budget a price μ. No plan covers more than

    Σ_i (w_i − λ_i) + μ·budget + max_x Σ_j (Σ_{i in reach of j} λ_i − μ·cost_j)·x_j

where the maximum, over x that keep numbers, floors and caps, is found by sorting. Prices move
against what is covered too often or not at all, and the bound falls to that of the linear
relaxation.

References
----------
Galvão, R., & ReVelle, C. (1996). A Lagrangean heuristic for the maximal covering location problem.
European Journal of Operational Research, 88(1), 114-123.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.prices import Prices, choose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.process import Clock
    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class CoverBound:
    """A bound of the weight covered, and the prices behind it.

    Parameters
    ----------
    covering, terms
        The problem.
    counts
        Of a plan to begin with: what it covers is worth the less the more often it does.
    """

    def __init__(self, covering: Covering, terms: Terms, counts: Integers) -> None:
        self._terms = terms
        self._columns = covering.reach.T.tocsr()
        price = terms.weights / np.maximum(counts, 1)
        self.prices = Prices(price, terms.weights, terms.budget)

    def scores(self) -> Floats:
        """Return what each candidate is paid, less what it costs."""
        paid: Floats = self._columns @ self.prices.rows - self.prices.budget * self._terms.cost
        return paid

    def at(self, score: Floats, taken: Flags) -> float:
        """Return the bound at the prices in use.

        Parameters
        ----------
        score, taken
            Of candidates, at these prices.
        """
        terms, prices = self._terms, self.prices
        bound = float((terms.weights - prices.rows).sum() + score[taken].sum())
        return bound + (prices.budget * terms.budget if prices.budget else 0.0)

    def descend(self, known: float, steps: int, clock: Clock) -> Flags:
        """Lower the bound by some steps; return the choice that covers most of those met.

        Parameters
        ----------
        known
            What a known plan covers.
        steps
            How many.
        clock
            Is told of each.
        """
        terms, prices = self._terms, self.prices
        best, most = np.zeros(terms.cost.size, dtype=bool), -1.0
        for _ in range(steps):
            clock.tick()
            score = self.scores()
            taken = choose(terms, score)
            counts = self._counts(taken)
            covered = float(terms.weights[counts > 0].sum())
            if covered > most:
                best, most = taken, covered
            slope = counts.astype(np.float64) - 1.0
            # a price at its end that would go further stays
            slope[(slope > 0) & (prices.rows <= 0)] = 0.0
            slope[(slope < 0) & (prices.rows >= terms.weights)] = 0.0
            left = terms.budget - float(terms.cost[taken].sum())
            prices.move(self.at(score, taken), slope, left, known)
            if clock.left <= 0:
                break
        return best

    def _counts(self, taken: Flags) -> Integers:
        start, item = self._columns.indptr, self._columns.indices
        parts = [item[start[site] : start[site + 1]] for site in np.flatnonzero(taken)]
        rows = np.concatenate([np.empty(0, dtype=np.int32), *parts])
        return np.bincount(rows, minlength=self._terms.weights.size)
