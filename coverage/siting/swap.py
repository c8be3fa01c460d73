"""Exchange sites of a plan as long as that covers more, and shake it to find better ones.

References
----------
Teitz, M., & Bart, P. (1968). Heuristic methods for estimating the generalized vertex median of a
weighted graph. Operations Research, 16(5), 955-961. Lourenço, H., Martin, O., & Stützle, T. (2003).
Iterated local search. In Handbook of metaheuristics, 320-353.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# instead of a site to exchange for a candidate: none need go, or none is worth it
BESIDE, NONE = -1, -2

_LEAST_GAIN = 1e-12  # of all weight: less is rounding


class Terms(NamedTuple):
    """A plain problem of coverage in arrays.

    Parameters
    ----------
    start, item
        Rows that each candidate reaches, in compressed rows.
    weights
        Of each row.
    cost, group, fixed
        By candidate; group -1 where none is bound; fixed ones are required.
    floors, caps
        By group.
    near_start, near
        Candidates that each excludes, in compressed rows.
    sites, budget
        At most.
    """

    start: Integers
    item: Integers
    weights: Floats
    cost: Floats
    group: Integers
    fixed: Flags
    floors: Integers
    caps: Integers
    near_start: Integers
    near: Integers
    sites: int
    budget: float


class Standing(NamedTuple):
    """A plan and what exchanges need to know of it; changed in place.

    Parameters
    ----------
    built
        Whether each candidate is.
    counts, owners
        By row, how many sites have it in reach, and the sum of their positions.
    loss
        By site, the weight that it alone covers.
    in_group
        By group, how many sites.
    totals
        Weight covered, cost, number of sites.
    """

    built: Flags
    counts: Integers
    owners: Integers
    loss: Floats
    in_group: Integers
    totals: Floats


def terms_of(covering: Covering) -> Terms:
    """Return a plain problem of coverage in arrays."""
    bounds, decisions = covering.bounds, covering.decisions
    columns = covering.reach.T.tocsr()
    size = decisions.size
    near_start, near = np.zeros(size + 1, dtype=np.int64), np.empty(0, dtype=np.int64)
    if bounds.conflicts is not None:
        table = bounds.conflicts[decisions.place][:, decisions.place].tocsr()
        near_start, near = table.indptr.astype(np.int64), table.indices.astype(np.int64)
    return Terms(
        start=columns.indptr.astype(np.int64),
        item=columns.indices.astype(np.int64),
        weights=covering.weights.astype(np.float64),
        cost=decisions.cost.astype(np.float64),
        group=bounds.groups.astype(np.int64),
        fixed=bounds.must[decisions.place],
        floors=bounds.floors,
        caps=bounds.caps,
        near_start=near_start,
        near=near,
        sites=size if bounds.sites is None else min(bounds.sites, size),
        budget=np.inf if bounds.budget is None else bounds.budget * (1 + 1e-12),
    )


def standing_of(terms: Terms, chosen: Integers) -> Standing:
    """Return a plan as exchanges need it."""
    rows, size = terms.weights.size, terms.cost.size
    plan = Standing(
        built=np.zeros(size, dtype=np.bool_),
        counts=np.zeros(rows, dtype=np.int64),
        owners=np.zeros(rows, dtype=np.int64),
        loss=np.zeros(size),
        in_group=np.zeros(terms.floors.size, dtype=np.int64),
        totals=np.zeros(3),
    )
    for candidate in chosen.tolist():
        add(terms, plan, candidate)
    return plan


@njit(cache=True)  # type: ignore[untyped-decorator]
def add(terms: Terms, plan: Standing, candidate: int) -> None:
    """Build a candidate."""
    plan.built[candidate] = True
    for entry in range(terms.start[candidate], terms.start[candidate + 1]):
        row = terms.item[entry]
        if plan.counts[row] == 0:
            plan.loss[candidate] += terms.weights[row]
            plan.totals[0] += terms.weights[row]
        elif plan.counts[row] == 1:
            plan.loss[plan.owners[row]] -= terms.weights[row]
        plan.counts[row] += 1
        plan.owners[row] += candidate
    if terms.group[candidate] >= 0:
        plan.in_group[terms.group[candidate]] += 1
    plan.totals[1] += terms.cost[candidate]
    plan.totals[2] += 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def remove(terms: Terms, plan: Standing, site: int) -> None:
    """Take a site out of the plan."""
    plan.built[site] = False
    plan.loss[site] = 0.0
    for entry in range(terms.start[site], terms.start[site + 1]):
        row = terms.item[entry]
        plan.counts[row] -= 1
        plan.owners[row] -= site
        if plan.counts[row] == 0:
            plan.totals[0] -= terms.weights[row]
        elif plan.counts[row] == 1:
            plan.loss[plan.owners[row]] += terms.weights[row]
    if terms.group[site] >= 0:
        plan.in_group[terms.group[site]] -= 1
    plan.totals[1] -= terms.cost[site]
    plan.totals[2] -= 1


@njit(cache=True)  # type: ignore[untyped-decorator]
def fits(terms: Terms, plan: Standing, candidate: int, out: int) -> bool:
    """Return whether a candidate may be built for a site that leaves, -1 for none."""
    spent = plan.totals[1] + terms.cost[candidate]
    count = plan.totals[2] + 1
    group = terms.group[candidate]
    left = -1
    if out >= 0:
        if terms.fixed[out]:
            return False
        spent -= terms.cost[out]
        count -= 1
        left = terms.group[out]
        if left >= 0 and left != group and plan.in_group[left] <= terms.floors[left]:
            return False
    if spent > terms.budget or count > terms.sites:
        return False
    if group >= 0 and left != group and plan.in_group[group] >= terms.caps[group]:
        return False
    for entry in range(terms.near_start[candidate], terms.near_start[candidate + 1]):
        if plan.built[terms.near[entry]] and terms.near[entry] != out:
            return False
    return True


@njit(cache=True)  # type: ignore[untyped-decorator]
def _best_out(
    terms: Terms, plan: Standing, candidate: int, sites: Integers, extra: Floats, least: float
) -> int:
    """Return the site to exchange for a candidate, -1 if it can come beside all, -2 if for none."""
    gain = 0.0
    for entry in range(terms.start[candidate], terms.start[candidate + 1]):
        row = terms.item[entry]
        if plan.counts[row] == 0:
            gain += terms.weights[row]
        elif plan.counts[row] == 1:
            # what the candidate takes over from the row's only site is not lost with that
            extra[plan.owners[row]] += terms.weights[row]
    best, out = least, NONE
    if gain > least and fits(terms, plan, candidate, BESIDE):
        best, out = np.inf, BESIDE
    for site in sites:
        value = gain - plan.loss[site] + extra[site]
        if value > best and fits(terms, plan, candidate, site):
            best, out = value, site
        extra[site] = 0.0
    return out


@njit(cache=True)  # type: ignore[untyped-decorator]
def climb(
    terms: Terms, plan: Standing, order: Integers, sites: Integers, extra: Floats, least: float
) -> None:
    """Exchange sites until no exchange of one covers more.

    Parameters
    ----------
    terms, plan
        The problem, and the plan, changed in place.
    order
        All candidates, in the order in which they are tried.
    sites
        Positions of the sites, then room for as many as may come.
    extra
        Zeros, one a candidate.
    least
        Weight below which a gain is rounding.
    """
    count = np.int64(plan.totals[2])
    since, at = 0, 0
    while since < order.size:
        candidate = order[at]
        at = at + 1 if at + 1 < order.size else 0
        since += 1
        if plan.built[candidate]:
            continue
        out = _best_out(terms, plan, candidate, sites[:count], extra, least)
        if out == NONE:
            continue
        since = 0
        if out == BESIDE:
            sites[count] = candidate
            count += 1
        else:
            remove(terms, plan, out)
            for position in range(count):
                if sites[position] == out:
                    sites[position] = candidate
        add(terms, plan, candidate)


class Exchanges:
    """A plan that can be shaken.

    Parameters
    ----------
    terms
        The problem.
    chosen
        Positions of the sites.
    """

    def __init__(self, terms: Terms, chosen: Integers) -> None:
        self._terms = terms
        self._plan = standing_of(terms, chosen)
        self._least = float(terms.weights.sum()) * _LEAST_GAIN
        self._extra = np.zeros(terms.cost.size)

    @property
    def built(self) -> Flags:
        """Whether each candidate is built."""
        return self._plan.built

    @property
    def counts(self) -> Integers:
        """By row, how many sites have it in reach."""
        return self._plan.counts

    def value(self) -> float:
        """Return the weight covered."""
        return float(self._plan.totals[0])

    def exchange(self, candidate: int, out: int) -> None:
        """Build a candidate for a site, if bounds allow it."""
        if fits(self._terms, self._plan, candidate, out):
            self.remove(out)
            self.add(candidate)

    def add(self, candidate: int) -> None:
        """Build a candidate."""
        add(self._terms, self._plan, candidate)

    def remove(self, site: int) -> None:
        """Take a site out."""
        remove(self._terms, self._plan, site)

    def climb(self, order: Integers) -> None:
        """Exchange sites until no exchange of one covers more."""
        sites = np.full(self._plan.built.size, -1)
        built = np.flatnonzero(self._plan.built)
        sites[: built.size] = built
        climb(self._terms, self._plan, order, sites, self._extra, self._least)
