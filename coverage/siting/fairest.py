"""The plan whose worst-off area is best off and, of such plans, the one that covers most.

The best share that all areas can have is found by halving. How few sites, or how little money, a
share needs is far easier to prove than the largest share itself: sites are whole, and bounds of
their number round up. Where capacities share out weight, one program finds it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting import highs
from coverage.siting.exact import Aim, model_of
from coverage.siting.greedy import greedy
from coverage.siting.plan import ROUNDING, Plan, decided, taken
from coverage.siting.process import minimise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Bounds, Covering
    from coverage.siting.plan import Work
    from coverage.siting.process import Clock

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_NEAR = 1e-3  # between two shares: nearer ones are tried one by one
_STEP = 1e-7  # a share that is no better than another by so much is as good


@dataclass(frozen=True, kw_only=True, eq=False)
class _Worst:
    """The best worst share found, its plan, and what no plan's can exceed."""

    chosen: Integers | None
    share: float
    bound: float
    infeasible: bool = False


def fairest(work: Work) -> Plan:
    """Return the plan that covers most of those with the best worst share.

    The bound of its weight holds for every plan that is as fair or fairer.

    Parameters
    ----------
    work
        What is asked, and the problem.
    """
    # half of the time for the worst-off area, the rest for the weight
    half = work.clock.part(1 / 2)
    best = _by_program(work, half) if work.small.limited else _by_halving(work, half)
    if best.infeasible:
        return Plan(chosen=None, bound=np.nan, infeasible=True)
    shares = None if best.chosen is None else (best.share - ROUNDING) * work.totals
    plan = work.exactly(Aim(maximise="weight", shares=shares), best.chosen)
    return Plan(
        chosen=plan.chosen,
        bound=-plan.bound,
        shares=shares,
        infeasible=plan.infeasible,
        worst=best.bound,
    )


def _by_program(work: Work, clock: Clock) -> _Worst:
    small, first = work.small, greedy(work.small)
    model = model_of(small, Aim(maximise="worst"), work.totals, work.settled)
    found = minimise(model, clock, start=taken(small, first))
    if found.state == highs.INFEASIBLE:
        return _Worst(chosen=None, share=np.nan, bound=np.nan, infeasible=True)
    if not found.values.size:
        return _Worst(chosen=first, share=0.0, bound=1.0)
    share = float(found.values[-1])
    bound = share if found.state == highs.PROVEN else min(-found.bound, 1.0)
    return _Worst(chosen=decided(small, found.values), share=share, bound=bound)


def _by_halving(work: Work, clock: Clock) -> _Worst:
    chosen = greedy(work.small)
    low = work.worst(work.settled) if chosen is None else work.worst(work.by_area(chosen))
    everything = np.arange(work.small.decisions.size)
    high = max(work.worst(work.by_area(everything)), low)
    while clock.left > 0 and (chosen is None or high > low):
        near = chosen is not None and high - low <= _NEAR
        share = low if chosen is None else low + _STEP if near else (low + high) / 2
        able, found = _with_share(work, min(share, high), clock)
        if able is None:
            break
        if found is not None:
            chosen, low = found, max(work.worst(work.by_area(found)), min(share, high))
        elif chosen is None:
            return _Worst(chosen=None, share=np.nan, bound=np.nan, infeasible=True)
        else:
            high = low if near else share
    return _Worst(chosen=chosen, share=low, bound=high)


def _with_share(work: Work, share: float, clock: Clock) -> tuple[bool | None, Integers | None]:
    """Return whether all areas can have a share, None where that stays open, and a plan."""
    need, most, freed = _needs(work.small)
    small = replace(work.small, bounds=freed)
    model = model_of(small, Aim(shares=share * work.totals), work.totals, work.settled)
    cost = np.zeros(model.cost.size)
    cost[: need.size] = need
    found = minimise(replace(model, cost=cost), clock)
    if found.state == highs.INFEASIBLE or found.bound > most + 1e-6:
        return False, None
    if found.values.size and cost @ found.values <= most + 1e-6:
        return True, decided(small, found.values)
    return (False if found.state == highs.PROVEN else None), None


def _needs(small: Covering) -> tuple[Floats, float, Bounds]:
    """Return what each decision takes of the number of sites or the budget, and how much there is.

    The bounds that come with it leave that one open.
    """
    bounds, decisions = small.bounds, small.decisions
    if bounds.sites is not None:
        may_close = ~decisions.new & ~bounds.must[decisions.place]
        need = (decisions.new | may_close).astype(np.float64)
        return need, float(bounds.sites + bounds.closable), replace(bounds, sites=None)
    if bounds.budget is not None:
        need = decisions.cost + bounds.savings[decisions.place]
        most = bounds.budget + float(bounds.savings.sum())
        return need, most * (1 + 1e-12), replace(bounds, budget=None)
    return np.zeros(decisions.size), 0.0, bounds
