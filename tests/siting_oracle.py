"""Every plan of a small siting problem, tried one by one: what the models are checked against."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from scipy.optimize import linprog

from coverage.siting import Existing, Rules, SitingProblem

EDGE = 1e-9


def random_problem(seed: int, *, whole: bool = True, sparse: bool = True) -> SitingProblem:
    """Return a problem of up to 12 rows and 7 candidates, with costs, groups and areas."""
    rng = np.random.default_rng(seed)
    rows, places = int(rng.integers(3, 12)), int(rng.integers(3, 8))
    times = rng.integers(0, 30, (rows, places)).astype(float)
    if sparse:
        times[rng.random(times.shape) < 0.25] = np.inf
    weights = rng.integers(0, 9, rows).astype(float) if whole else rng.uniform(0, 9, rows)
    existing = rng.integers(5, 60, rows).astype(float) if seed % 3 == 0 else None
    return SitingProblem(
        times, weights, existing=existing,
        costs=rng.integers(1, 6, places).astype(float) if seed % 2 else None,
        groups=[f"g{n}" for n in rng.integers(0, 3, places)],
        areas=[f"a{n}" for n in rng.integers(0, 3, rows)],
    )  # fmt: skip


def table(problem: SitingProblem) -> np.ndarray:
    minutes = np.full(problem.times.shape, np.inf)
    pairs = problem.times.tocoo()
    minutes[pairs.row, pairs.col] = pairs.data
    return minutes


def standing(problem: SitingProblem) -> np.ndarray:
    if problem.existing is None:
        return np.full(problem.weights.size, np.inf)
    assert not isinstance(problem.existing, Existing)
    return problem.existing


def allowed(
    problem: SitingProblem,
    *,
    sites: int | None,
    budget: float | None = None,
    floors: dict[str, int] | None = None,
    required: tuple[int, ...] = (),
    forbidden: tuple[int, ...] = (),
    rules: Rules | None = None,
) -> Iterator[tuple[int, ...]]:
    """Yield all sets of sites that keep to the rules.

    None where more sites are asked for than there are, or the budget buys none.
    """
    rules = rules or Rules()
    count = problem.times.shape[1]
    costs = np.ones(count) if problem.costs is None else problem.costs
    apart = None if rules.conflicts is None else np.asarray(rules.conflicts)
    free = np.setdiff1d(np.arange(count), forbidden)
    if sites is not None and (
        sites > free.size if budget is None else costs[free].min(initial=np.inf) > budget
    ):
        return
    for chosen in itertools.chain.from_iterable(
        itertools.combinations(range(count), n) for n in range(count + 1)
    ):
        taken = list(chosen)
        labels = [problem.groups[j] for j in taken]
        if (
            (sites is not None and len(taken) > sites)
            or (budget is not None and costs[taken].sum() > budget + EDGE)
            or not set(required) <= set(taken)
            or set(forbidden) & set(taken)
            or any(labels.count(g) < n for g, n in (floors or {}).items())
            or any(labels.count(g) > n for g, n in (rules.caps or {}).items())
            or (apart is not None and apart[np.ix_(taken, taken)].any())
        ):
            continue
        yield chosen


def covered(
    problem: SitingProblem, chosen: tuple[int, ...], limit: float, cover_by: int = 1
) -> np.ndarray:
    within = (table(problem)[:, list(chosen)] <= limit + EDGE).sum(axis=1)
    return within + (standing(problem) <= limit + EDGE) >= cover_by


def served(
    problem: SitingProblem, chosen: tuple[int, ...], limit: float, cover_by: int = 1
) -> float:
    """Return the weight served where sites can be full, by a linear program of its own."""
    counted = covered(problem, chosen, limit, cover_by)
    free = standing(problem) <= limit + EDGE
    base = problem.weights[counted & free].sum()
    rows = np.flatnonzero(counted & ~free)
    pairs = [
        (i, s) for i in range(rows.size) for s, j in enumerate(chosen)
        if table(problem)[rows[i], j] <= limit + EDGE
    ]  # fmt: skip
    if not pairs:
        return float(base)
    matrix = np.zeros((rows.size + len(chosen), len(pairs)))
    for n, (i, s) in enumerate(pairs):
        matrix[i, n] = matrix[rows.size + s, n] = 1
    room = [problem.capacities[j] for j in chosen]
    most = np.concatenate([problem.weights[rows], np.minimum(room, 1e6)])
    return float(base - linprog(-np.ones(len(pairs)), A_ub=matrix, b_ub=most).fun)


def trips(problem: SitingProblem, chosen: tuple[int, ...]) -> np.ndarray:
    """Return minutes of rows of positive weight to the nearest site or facility."""
    nearest = np.minimum(
        table(problem)[:, list(chosen)].min(axis=1, initial=np.inf), standing(problem)
    )
    return nearest[problem.weights > 0]
