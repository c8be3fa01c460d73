"""Shake a plan again and again: out of where exchanges end, to where they end better.

References
----------
Lourenço, H., Martin, O., & Stützle, T. (2003). Iterated local search. In Handbook of
metaheuristics, 320-353.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.process import Clock

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_MOST_AT_ONCE = 4  # sites exchanged for others at random


class Shakable(Protocol):
    """A plan whose sites can be exchanged; more of its value is better."""

    @property
    def built(self) -> Flags:
        """Whether each candidate is built."""

    def value(self) -> float:
        """Return how good it is."""

    def add(self, candidate: int) -> None:
        """Build a candidate."""

    def remove(self, site: int) -> None:
        """Take a site out."""

    def exchange(self, candidate: int, out: int) -> None:
        """Build a candidate for a site, if bounds allow it."""

    def climb(self, order: Integers) -> None:
        """Exchange sites until no exchange of one is better."""


def shake(plan: Shakable, kicks: int, seed: int, clock: Clock) -> tuple[Flags, float]:
    """Return the best sites met, and their value.

    Parameters
    ----------
    plan
        Where to start; changed in place.
    kicks
        How often it is shaken.
    seed
        Of what is random.
    clock
        Is told of each shake; none begins once it has run out.
    """
    rng = np.random.default_rng(seed)
    size = plan.built.size
    plan.climb(rng.permutation(size))
    best, value = plan.built.copy(), plan.value()
    for _ in range(kicks):
        clock.tick()
        sites = np.flatnonzero(best)
        if clock.left <= 0 or sites.size in {0, size}:
            break
        some = 1 + int(rng.integers(max(1, min(_MOST_AT_ONCE, sites.size // 2))))
        leaving = rng.choice(sites, min(some, sites.size), replace=False)
        for out, candidate in zip(leaving.tolist(), rng.integers(size, size=some), strict=True):
            if not plan.built[candidate]:
                plan.exchange(int(candidate), out)
        plan.climb(rng.permutation(size))
        if plan.value() >= value:
            best, value = plan.built.copy(), plan.value()
            continue
        for site in np.flatnonzero(plan.built & ~best).tolist():
            plan.remove(site)
        for site in np.flatnonzero(best & ~plan.built).tolist():
            plan.add(site)
    return best, value
