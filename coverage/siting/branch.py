"""Branch on candidates where prices alone leave a p-median open.

A node has candidates that are built and candidates that are not. Its prices go on from those of the
node above, so that some dozens of steps bound it; what they settle is settled for all below. Nodes
whose bound no better plan can have are left. Where prices leave few candidates this ends long
before a linear relaxation of the program over radii is solved.

References
----------
Beasley, J. (1985). A note on solving large p-median problems. European Journal of Operational
Research, 21(2), 270-273.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.siting.interchange import Pairs
from coverage.siting.rents import TripBound

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from coverage.siting.process import Clock
    from coverage.siting.swap import Terms

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_STEPS = 60  # of prices, a node
_MOST_NODES = 20_000


@dataclass(frozen=True, kw_only=True, eq=False)
class _Node:
    bound: float
    inside: Flags
    outside: Flags
    price: Floats


class Tree:
    """The plans that are left, and the least that one of them can cost.

    Parameters
    ----------
    terms, pairs
        The problem, of the candidates that are left.
    goal
        What a plan must not exceed to be worth finding; may fall on the way.
    offer
        Called with choices that may be plans.
    """

    def __init__(
        self,
        terms: Terms,
        pairs: Pairs,
        *,
        goal: Callable[[], float],
        offer: Callable[[Flags], None],
    ) -> None:
        self._terms, self._pairs = terms, pairs
        self._goal, self._offer = goal, offer

    def search(self, clock: Clock, price: Floats, bound: float) -> float:
        """Return what every plan that is not known costs at least.

        Parameters
        ----------
        clock
            How long it may take.
        price, bound
            Of rows, to begin with, and the bound they give.
        """
        size = self._terms.cost.size
        none = np.zeros(size, dtype=bool)
        waiting = [_Node(bound=bound, inside=self._terms.fixed, outside=none, price=price)]
        for _ in range(_MOST_NODES):
            if not waiting or clock.left <= 0:
                break
            node = waiting.pop()
            if node.bound <= self._goal():
                waiting += self._below(node, clock)
        return min((node.bound for node in waiting), default=np.inf)

    def _below(self, node: _Node, clock: Clock) -> list[_Node]:
        """Return the two halves of a node, the more likely last; none if it is done with."""
        terms = self._terms._replace(fixed=node.inside)
        priced = TripBound(terms, self._pairs, node.price, barred=node.outside, patience=6)
        met, often = priced.descend_to(-self._goal(), _STEPS, clock)
        self._offer(met)
        bound = max(node.bound, -priced.prices.bound)
        goal = self._goal()
        if bound > goal:
            return []
        inside, outside = priced.settled(-goal)
        inside, outside = inside | node.inside, outside | node.outside
        free = ~inside & ~outside
        if inside.sum() >= terms.sites or not free.any():
            # one plan is left
            self._offer(inside)
            return []
        # the candidate that prices are least sure of
        doubt = np.where(free, np.abs(often - 0.5), np.inf)
        candidate = int(np.argmin(doubt))
        there, gone = inside.copy(), outside.copy()
        there[candidate], gone[candidate] = True, True
        price = priced.prices.rows.copy()
        halves = [
            _Node(bound=bound, inside=inside, outside=gone, price=price),
            _Node(bound=bound, inside=there, outside=outside, price=price),
        ]
        return halves if often[candidate] >= 0.5 else halves[::-1]  # noqa: PLR2004 - more often than not


def left_of(terms: Terms, pairs: Pairs, kept: Integers, fixed: Flags) -> tuple[Terms, Pairs]:
    """Return a problem of some of its candidates.

    Parameters
    ----------
    terms, pairs
        The problem.
    kept
        Positions of the candidates, ascending.
    fixed
        By candidate, whether it is built in any case.
    """
    number = np.full(terms.cost.size, -1)
    number[kept] = np.arange(kept.size)
    stays = number[pairs.item] >= 0
    start = np.concatenate([[0], np.cumsum(stays)])[pairs.start]
    columns = np.repeat(np.arange(terms.cost.size), np.diff(pairs.column_start))
    stay = number[columns] >= 0
    some = Pairs(
        start=start,
        item=number[pairs.item[stays]],
        cost=pairs.cost[stays],
        column_start=np.concatenate([[0], np.cumsum(np.diff(pairs.column_start)[kept])]),
        column_item=pairs.column_item[stay],
        column_cost=pairs.column_cost[stay],
        fallback=pairs.fallback,
    )
    nothing = np.empty(0, dtype=np.int64)
    fewer = terms._replace(
        cost=terms.cost[kept], group=terms.group[kept], fixed=fixed[kept],
        start=np.zeros(kept.size + 1, dtype=np.int64), item=nothing,
        near_start=np.zeros(kept.size + 1, dtype=np.int64), near=nothing,
    )  # fmt: skip
    return fewer, some
