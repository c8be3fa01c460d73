"""A plan of coverage on its way to an answer, and what all ways to one have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting import highs
from coverage.siting.exact import model_of
from coverage.siting.process import minimise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering
    from coverage.siting.exact import Aim
    from coverage.siting.options import Request
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

# share of all weight by which a sum of weights may miss a target through rounding
ROUNDING = 1e-9


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
    worst
        What the least share of any area is at most in any plan; None where that is no concern.
    """

    chosen: Integers | None
    bound: float
    shares: Floats | None = None
    infeasible: bool = False
    worst: float | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Work:
    """What is asked of a reduced problem, and how long it may take.

    Parameters
    ----------
    request, clock
        The options, and the time.
    small
        The problem, reduced.
    totals, settled
        By area, weight of all rows, and what is covered in any case.
    """

    request: Request
    clock: Clock
    small: Covering
    totals: Floats
    settled: Floats

    def exactly(self, aim: Aim, start: Integers | None) -> Plan:
        """Return the best plan that the solver finds in time.

        Parameters
        ----------
        aim
            What is wanted.
        start
            A plan to start from; None for none.
        """
        small = self.small
        model = model_of(small, aim, self.totals, self.settled)
        begin = taken(small, start)
        found = minimise(model, self.clock, gap=self.request.gap, start=begin)
        if found.state == highs.INFEASIBLE:
            return Plan(chosen=None, bound=np.nan, infeasible=True)
        chosen = start if not found.values.size else decided(small, found.values)
        # without a word from the solver, a plan covers no more than all, and costs at least nothing
        known = max(found.bound, -float(small.weights.sum()) if aim.maximise else 0.0)
        return Plan(chosen=chosen, bound=known, shares=aim.shares)

    def by_area(self, chosen: Integers) -> Floats:
        """Return the weight that a plan without capacities covers, by area."""
        small = self.small
        covered = small.weights * (small.counts(chosen) >= small.cover_by)
        found = np.bincount(small.areas, weights=covered, minlength=self.totals.size)
        by_area: Floats = self.settled + found
        return by_area

    def worst(self, by_area: Floats) -> float:
        """Return the least share covered of any area.

        Parameters
        ----------
        by_area
            Weight covered.
        """
        return worst_share(by_area, self.totals)


def worst_share(by_area: Floats, totals: Floats) -> float:
    """Return the least share covered of any area that has weight."""
    there = totals > 0
    return float((by_area[there] / totals[there]).min(initial=1.0))


def taken(covering: Covering, chosen: Integers | None) -> Floats | None:
    """Return 1 for each decision taken, 0 for the others; None without a plan."""
    if chosen is None:
        return None
    flags = np.zeros(covering.decisions.size)
    flags[chosen] = 1.0
    return flags


def decided(covering: Covering, values: Floats) -> Integers:
    """Return the decisions that a program's variables take."""
    return np.flatnonzero(values[: covering.decisions.size] > 0.5)  # noqa: PLR2004 - 0 or 1
