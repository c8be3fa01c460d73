"""How much each further site, or each further sum of money, is worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.errors import SitingError
from coverage.siting.process import Clock
from coverage.siting.solve import solve

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from coverage.siting.options import Rules
    from coverage.siting.problem import SitingProblem
    from coverage.siting.solution import Solution

    Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class TradeOff:
    """The most that can be covered with ever more.

    Parameters
    ----------
    amounts
        Numbers of new sites, or budgets, ascending.
    solutions
        The plan of each.
    covered, bounds
        Weight each covers, and no plan could cover more.
    shares
        Of all weight.
    marginal
        Weight gained for each further site, or unit of money, since the last amount; NaN first.
    knee
        Position of the amount past which more brings least: the point farthest above the line from
        the first to the last.
    """

    amounts: Floats
    solutions: tuple[Solution, ...]
    covered: Floats
    bounds: Floats
    shares: Floats
    marginal: Floats
    knee: int


def trade_off(
    problem: SitingProblem,
    *,
    sites: Sequence[int] | None = None,
    budgets: Sequence[float] | None = None,
    limit: float | None = 15,
    time_limit: float = 60,
    seed: int = 0,
    rules: Rules | None = None,
    progress: Callable[[], object] | None = None,
    **options: Any,  # noqa: ANN401 - each has its own type
) -> TradeOff:
    """Return the most that can be covered with ever more sites, or an ever larger budget.

    A larger amount never covers less: where time ends the search for its plan, the plan of the
    amount before stands in.

    Parameters
    ----------
    problem
        What is to be solved.
    sites, budgets
        Amounts, one of the two.
    limit
        As in `solve`.
    time_limit
        Seconds for all amounts together, an equal part of what is left for each.
    seed, rules, progress
        As in `solve`.
    **options
        Further options of `solve`: floors, required, forbidden, gap; sites where budgets vary.

    Raises
    ------
    SitingError
        If not one of the two is given, or `solve` cannot use the rest.

    References
    ----------
    The knee: Satopää, V., Albrecht, J., Irwin, D., & Raghavan, B. (2011). Finding a "kneedle" in a
    haystack. ICDCS Workshops, 166-171.
    """
    if (sites is None) == (budgets is None):
        raise SitingError("siting.one_amount")
    amounts = np.unique(np.asarray(budgets if sites is None else sites, dtype=np.float64))
    if amounts.size == 0:
        raise SitingError("siting.one_amount")
    # where budgets vary, nothing else limits numbers unless that is said
    options = {"sites": None, **options} if sites is None else options
    clock = Clock(time_limit)
    solutions: list[Solution] = []
    for position, amount in enumerate(amounts.tolist()):
        asked = {"budget": amount} if sites is None else {"sites": int(amount)}
        found = solve(
            problem, model="mclp", limit=limit, seed=seed, rules=rules,
            time_limit=clock.left / (amounts.size - position), progress=progress,
            **{**options, **asked},
        )  # fmt: skip
        if solutions and not found.objective >= solutions[-1].objective:
            found = solutions[-1] if solutions[-1].status != "infeasible" else found
        solutions.append(found)
    return _curve(problem, amounts, solutions)


def _curve(problem: SitingProblem, amounts: Floats, solutions: list[Solution]) -> TradeOff:
    covered = np.array([found.objective for found in solutions])
    steps = np.diff(covered) / np.diff(amounts)
    total = float(problem.weights.sum())
    return TradeOff(
        amounts=amounts,
        solutions=tuple(solutions),
        covered=covered,
        bounds=np.array([found.bound for found in solutions]),
        shares=covered / total if total else np.ones(covered.size),
        marginal=np.concatenate([[np.nan], steps]),
        knee=_knee(amounts, covered),
    )


def _knee(amounts: Floats, covered: Floats) -> int:
    known = np.flatnonzero(np.isfinite(covered))
    if known.size == 0:
        return 0
    x, y = amounts[known], covered[known]
    if x[-1] == x[0] or y[-1] == y[0]:
        return int(known[0])
    above = (y - y[0]) / (y[-1] - y[0]) - (x - x[0]) / (x[-1] - x[0])
    return int(known[np.argmax(above)])
