"""Exchange sites of a p-median plan as long as all trips together get shorter.

Every row knows its nearest and second nearest site. What a candidate would save is counted over its
own pairs; what the departure of a site costs, over the rows it is nearest to, less what the
candidate takes over.

References
----------
Whitaker, R. (1983). A fast algorithm for the greedy interchange for large-scale clustering and
median location problems. INFOR, 21(2), 95-108. Resende, M., & Werneck, R. (2007). A fast swap-based
local search procedure for location problems. Annals of Operations Research, 150, 205-230.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from coverage.siting.swap import BESIDE, NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Pairs(NamedTuple):
    """What each trip costs, by row, nearest first, and by candidate.

    Parameters
    ----------
    start, item, cost
        By row: candidates, ascending by cost, and weight × minutes.
    column_start, column_item, column_cost
        By candidate: rows, and the same cost.
    fallback
        By row, what its trip costs if no site is nearer: to an existing facility, or a price that
        no plan pays willingly.
    """

    start: Integers
    item: Integers
    cost: Floats
    column_start: Integers
    column_item: Integers
    column_cost: Floats
    fallback: Floats


class Nearest(NamedTuple):
    """A plan, and each row's two nearest sites; changed in place.

    Parameters
    ----------
    built
        Whether each candidate is.
    site, first, second
        By row, its nearest site (-1: the fallback), and what the trips to the nearest and second
        nearest cost.
    loss
        By site, what it costs if it alone goes.
    in_group
        By group, how many sites.
    totals
        What sites cost, and how many they are.
    """

    built: Flags
    site: Integers
    first: Floats
    second: Floats
    loss: Floats
    in_group: Integers
    totals: Floats


@njit(cache=True)  # type: ignore[untyped-decorator]
def _look(pairs: Pairs, plan: Nearest, row: int) -> None:
    if plan.site[row] >= 0:
        plan.loss[plan.site[row]] -= plan.second[row] - plan.first[row]
    site, first, second = -1, pairs.fallback[row], pairs.fallback[row]
    for entry in range(pairs.start[row], pairs.start[row + 1]):
        if not plan.built[pairs.item[entry]]:
            continue
        if site < 0:
            site, first = pairs.item[entry], pairs.cost[entry]
        else:
            second = pairs.cost[entry]
            break
    plan.site[row], plan.first[row], plan.second[row] = site, first, second
    if site >= 0:
        plan.loss[site] += second - first


@njit(cache=True)  # type: ignore[untyped-decorator]
def change(terms: Terms, pairs: Pairs, plan: Nearest, candidate: int, sign: int) -> None:
    """Build a candidate, sign 1, or take it out, sign -1."""
    plan.built[candidate] = sign > 0
    if terms.group[candidate] >= 0:
        plan.in_group[terms.group[candidate]] += sign
    plan.totals[0] += sign * terms.cost[candidate]
    plan.totals[1] += sign
    # the rows it reaches look for their two nearest again
    for entry in range(pairs.column_start[candidate], pairs.column_start[candidate + 1]):
        _look(pairs, plan, pairs.column_item[entry])
    if sign < 0:
        plan.loss[candidate] = 0.0


@njit(cache=True)  # type: ignore[untyped-decorator]
def fits(terms: Terms, plan: Nearest, candidate: int, out: int) -> bool:
    """Return whether a candidate may be built for a site that leaves, -1 for none."""
    spent = plan.totals[0] + terms.cost[candidate]
    count = plan.totals[1] + 1
    if out >= 0:
        left = terms.group[out]
        if terms.fixed[out]:
            return False
        other = left >= 0 and left != terms.group[candidate]
        if other and plan.in_group[left] <= terms.floors[left]:
            return False
        spent -= terms.cost[out]
        count -= 1
    return bool(spent <= terms.budget and count <= terms.sites)


@njit(cache=True)  # type: ignore[untyped-decorator]
def _best_out(
    terms: Terms,
    pairs: Pairs,
    plan: Nearest,
    candidate: int,
    sites: Integers,
    taken: Floats,
    least: float,
) -> int:
    """Return the site to exchange for a candidate, -1 if it can come beside all, -2 if for none."""
    gain = 0.0
    for entry in range(pairs.column_start[candidate], pairs.column_start[candidate + 1]):
        row, cost = pairs.column_item[entry], pairs.column_cost[entry]
        if cost < plan.first[row]:
            gain += plan.first[row] - cost
            if plan.site[row] >= 0:
                taken[plan.site[row]] += plan.second[row] - plan.first[row]
        elif cost < plan.second[row] and plan.site[row] >= 0:
            taken[plan.site[row]] += plan.second[row] - cost
    best, out = least, NONE
    if gain > least and fits(terms, plan, candidate, BESIDE):
        best, out = np.inf, BESIDE
    for site in sites:
        value = gain - plan.loss[site] + taken[site]
        if value > best and fits(terms, plan, candidate, site):
            best, out = value, site
        taken[site] = 0.0
    return out


@njit(cache=True)  # type: ignore[untyped-decorator]
def climb(
    terms: Terms,
    pairs: Pairs,
    plan: Nearest,
    order: Integers,
    sites: Integers,
    taken: Floats,
    least: float,
) -> None:
    """Exchange sites until no exchange of one shortens trips; see `swap.climb`."""
    count = np.int64(plan.totals[1])
    since, at = 0, 0
    while since < order.size:
        candidate = order[at]
        at = at + 1 if at + 1 < order.size else 0
        since += 1
        if plan.built[candidate]:
            continue
        out = _best_out(terms, pairs, plan, candidate, sites[:count], taken, least)
        if out == NONE:
            continue
        since = 0
        if out == BESIDE:
            sites[count] = candidate
            count += 1
        else:
            change(terms, pairs, plan, out, -1)
            for position in range(count):
                if sites[position] == out:
                    sites[position] = candidate
        change(terms, pairs, plan, candidate, 1)


class Interchange:
    """A p-median plan that can be shaken.

    Parameters
    ----------
    terms, pairs
        The problem.
    chosen
        Positions of the sites.
    """

    def __init__(self, terms: Terms, pairs: Pairs, chosen: Integers) -> None:
        self._terms, self._pairs = terms, pairs
        rows, size = pairs.fallback.size, terms.cost.size
        self._plan = Nearest(
            built=np.zeros(size, dtype=np.bool_),
            site=np.full(rows, -1),
            first=pairs.fallback.copy(),
            second=pairs.fallback.copy(),
            loss=np.zeros(size),
            in_group=np.zeros(terms.floors.size, dtype=np.int64),
            totals=np.zeros(2),
        )
        for candidate in chosen.tolist():
            self.add(candidate)
        self._least = 1e-12 * max(float(self._plan.first.sum()), 1e-300)
        self._taken = np.zeros(size)

    @property
    def built(self) -> Flags:
        """Whether each candidate is built."""
        return self._plan.built

    @property
    def plan(self) -> Nearest:
        """The two nearest sites of each row."""
        return self._plan

    def value(self) -> float:
        """Return what trips cost, negative: less is better."""
        return -float(self._plan.first.sum())

    def exchange(self, candidate: int, out: int) -> None:
        """Build a candidate for a site, if bounds allow it."""
        if fits(self._terms, self._plan, candidate, out):
            self.remove(out)
            self.add(candidate)

    def add(self, candidate: int) -> None:
        """Build a candidate."""
        change(self._terms, self._pairs, self._plan, candidate, 1)

    def remove(self, site: int) -> None:
        """Take a site out."""
        change(self._terms, self._pairs, self._plan, site, -1)

    def climb(self, order: Integers) -> None:
        """Exchange sites until no exchange of one shortens trips."""
        sites = np.full(self._plan.built.size, -1)
        built = np.flatnonzero(self._plan.built)
        sites[: built.size] = built
        climb(self._terms, self._pairs, self._plan, order, sites, self._taken, self._least)
