"""What a siting run answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from coverage import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from scipy import sparse

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

Status = Literal["optimal", "feasible", "infeasible"]
Stopped = Literal["proof", "gap", "time"]


@dataclass(frozen=True)
class Reason:
    """Why there is no plan, or none that gains anything.

    Parameters
    ----------
    code
        Of the sentence, without its room: ``uncoverable``, ``few_candidates``, ``small_budget`` …
    values
        What the sentence's placeholders stand for.
    """

    code: str
    values: Mapping[str, object] = field(default_factory=dict)

    def text(self, language: str | None = None) -> str:
        """Return the sentence in a language, by default the one in use."""
        return texts.say(f"siting.{self.code}", language, **self.values)

    def __str__(self) -> str:
        return self.text()


@dataclass(frozen=True, kw_only=True)
class Reductions:
    """What was left out before solving because it cannot change the optimum.

    Parameters
    ----------
    covered_rows
        Demand rows that existing facilities cover, or without weight.
    unreachable_rows
        Demand rows that nothing can cover.
    merged_rows
        Demand rows united with another that the same candidates reach.
    implied_rows
        Demand rows covered whenever another is.
    dominated_candidates
        Candidates beside which another covers as much or more for as little or less.
    """

    covered_rows: int = 0
    unreachable_rows: int = 0
    merged_rows: int = 0
    implied_rows: int = 0
    dominated_candidates: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """A plan and its proof.

    Parameters
    ----------
    sites
        Positions of the candidates to build, ascending; new ones only.
    objective
        Of lscp, number or, with costs, cost of new sites; of mclp, weight covered by existing and
        new sites together; of p_median, Σ weight × minutes to the nearest; of p_center, the largest
        minutes. NaN when infeasible.
    bound
        No plan has an objective better than this.
    gap
        |objective − bound| / |objective|, 0 where both are 0.
    status
        ``optimal``, ``feasible`` or ``infeasible``.
    stopped
        ``proof``; ``gap``, small enough for the caller; ``time``, and another run may end
        elsewhere.
    seconds
        How long it took.
    uncoverable
        Demand rows of positive weight that nothing can cover or, of p_median and p_center, reach.
    nearest_miss
        Their minutes to the nearest candidate beyond the limit, NaN where there is no way.
    reason
        Why it is infeasible, or why nothing is to be gained.
    tiers
        With tiers, the name of each site's, in the order of `sites`.
    closed, upgraded
        Positions of existing facilities.
    served
        With capacities: demand × sites, the weight of each row that each site serves.
    worst, worst_bound
        With equity in mclp, the least share covered of any area, and what no plan's exceeds; the
        bound of the objective then holds for plans that are as fair or fairer.
    reductions
        What was left out without loss before solving.
    untried
        Candidates that there was no time to look at.
    """

    sites: Integers
    objective: float
    bound: float
    gap: float
    status: Status
    stopped: Stopped
    seconds: float
    uncoverable: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    nearest_miss: Floats = field(default_factory=lambda: np.empty(0))
    reason: Reason | None = None
    tiers: tuple[str, ...] = ()
    closed: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    upgraded: Integers = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    served: sparse.csr_array | None = None
    worst: float | None = None
    worst_bound: float | None = None
    reductions: Reductions = field(default_factory=Reductions)
    untried: int = 0


def gap_between(objective: float, bound: float) -> float:
    """Return |objective − bound| / |objective|, 0 where both are 0."""
    if objective == bound:
        return 0.0
    return abs(objective - bound) / abs(objective) if objective else np.inf
