"""Siting: maximal coverage against spopt with CBC and against its linear relaxation, p-medians."""

from __future__ import annotations

import resource
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog
from scipy.sparse.csgraph import floyd_warshall
from scipy.spatial import cKDTree

from benchmarks.measure import Line
from coverage.siting import SitingProblem, Solution, solve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_LIMIT = 15.0  # minutes
_SECONDS = 60.0
_BUSY = 4  # times the seconds by the clock that a busy machine may take for them

# points, all of them candidates; sites; what 15 minutes are of the side; whether people crowd
_OWN = (
    (2_700, 40, 0.05, True), (2_700, 20, 0.08, False), (5_000, 80, 0.03, True),
    (7_730, 100, 0.03, False), (7_730, 50, 0.05, False), (7_730, 150, 0.02, True),
)  # fmt: skip

# nodes, edges and sites of OR-Library's 40 p-median graphs
_GRAPHS = (
    (100, 200, 5), (100, 200, 10), (100, 200, 10), (100, 200, 20), (100, 200, 33),
    (200, 800, 5), (200, 800, 10), (200, 800, 20), (200, 800, 40), (200, 800, 67),
    (300, 1800, 5), (300, 1800, 10), (300, 1800, 30), (300, 1800, 60), (300, 1800, 100),
    (400, 3200, 5), (400, 3200, 10), (400, 3200, 40), (400, 3200, 80), (400, 3200, 133),
    (500, 5000, 5), (500, 5000, 10), (500, 5000, 50), (500, 5000, 100), (500, 5000, 167),
    (600, 7200, 5), (600, 7200, 10), (600, 7200, 60), (600, 7200, 120), (600, 7200, 200),
    (700, 9800, 5), (700, 9800, 10), (700, 9800, 70), (700, 9800, 140),
    (800, 12800, 5), (800, 12800, 10), (800, 12800, 80),
    (900, 16200, 5), (900, 16200, 10), (900, 16200, 90),
)  # fmt: skip


def mclp(*, quick: bool) -> Iterator[Line]:
    """Compare maximal coverage at equal, proven optimum."""
    rows, places, sites = (2_000, 300, 15) if quick else (10_000, 1_000, 50)
    problem = town(rows, places, reach=0.04)
    solve(problem, sites=1)  # compiled before it is timed
    ours, found = _timed(lambda: solve(problem, sites=sites, limit=_LIMIT))
    theirs, value = _timed(lambda: _spopt(problem, sites))
    assert found.status == "optimal"
    assert abs(value - found.objective) <= 1e-6 * value
    yield Line(
        job="maximal coverage", data=f"{rows:,} × {places:,}", peer="spopt + CBC",
        ours=ours, theirs=theirs, goal=12.0,
    )  # fmt: skip


def mclp_large(*, quick: bool) -> Iterator[Line]:
    """Time maximal coverage where spopt cannot build its model, and where all points are sites."""
    cases = ((7_730, 7_730, 100, 0.03), (50_000, 5_000, 100, 0.02), (50_000, 5_000, 50, 0.05))
    for rows, places, sites, reach in cases[:1] if quick else cases:
        problem = town(rows, places, reach=reach, own=rows == places)
        ours, found = _timed(
            lambda: solve(problem, sites=sites, limit=_LIMIT, time_limit=_SECONDS)  # noqa: B023 - at once
        )
        assert found.gap <= 0.01, found.gap
        _assert_covers(problem, found)
        data = f"{rows:,} × {places:,}, {sites} sites, gap {found.gap:.2%}"
        yield Line(job="maximal coverage", data=data, ours=ours, most=_SECONDS)


def mclp_bound(*, quick: bool) -> Iterator[Line]:
    """Hold bounds against those of the linear relaxation, where all points are candidates."""
    for rows, sites, reach, crowded in _OWN[:2] if quick else _OWN:
        problem = town(rows, rows, reach=reach, own=True, crowded=crowded)
        ours, found = _timed(lambda: solve(problem, sites=sites, limit=_LIMIT, time_limit=_SECONDS))  # noqa: B023
        relaxed = _relaxed(problem, sites)
        _assert_covers(problem, found)
        # what lies below the relaxation's bound is nearer to the truth
        assert found.objective <= found.bound <= relaxed * 1.001, (found.bound, relaxed)
        assert found.gap <= max(0.005, relaxed / found.objective - 1), found.gap
        data = (
            f"{rows:,} × {rows:,}, {sites} sites: gap {found.gap:.2%}, bound "
            f"{found.bound / relaxed - 1:+.3%} of the relaxation's"
        )
        yield Line(job="maximal coverage, bound", data=data, ours=ours, most=_SECONDS)


def p_median(*, quick: bool) -> Iterator[Line]:
    """Time p-medians of graphs made by Beasley's recipe: 36 of 40 proven, the others within 1 %."""
    graphs = _GRAPHS[:10] if quick else _GRAPHS
    proven, total, worst = 0, 0.0, 0.0
    for seed, (nodes, edges, sites) in enumerate(graphs):
        minutes = graph(nodes, edges, seed)
        problem = SitingProblem(minutes, np.ones(nodes))
        seconds, found = _timed(
            lambda: solve(problem, model="p_median", sites=sites, time_limit=_BUSY * _SECONDS)  # noqa: B023
        )
        assert found.gap <= 0.01, found.gap
        assert abs(minutes[:, found.sites].min(axis=1).sum() - found.objective) < 1e-6
        proven += found.status == "optimal" and seconds <= _SECONDS
        total, worst = total + seconds, max(worst, seconds)
    assert proven >= 0.9 * len(graphs), proven
    data = f"{len(graphs)} graphs, 100–900 nodes: {proven} proven, longest {worst:.0f} s"
    yield Line(job="p-median, together", data=data, ours=total)


def town(
    rows: int, places: int, *, reach: float, own: bool = False, crowded: bool = False
) -> SitingProblem:
    """Return people and candidates anywhere in a square, as far as some way reaches.

    Parameters
    ----------
    rows, places
        How many; `own` if the first people's places are the candidates.
    reach
        What 15 minutes are of the side of the square.
    own
        Whether candidates are where people are.
    crowded
        Whether people live in villages of 60.
    """
    rng = np.random.default_rng(1)
    people = rng.uniform(0, 1, (rows, 2))
    if crowded:
        villages = people[: rows // 60]
        people = villages[np.arange(rows) % len(villages)] + rng.normal(0, 0.025, (rows, 2))
    candidates = people[:places] if own else rng.uniform(0, 1, (places, 2))
    tree = cKDTree(people)
    pairs = tree.sparse_distance_matrix(cKDTree(candidates), reach, output_type="coo_matrix")
    minutes = np.asarray(pairs.data) * (_LIMIT / reach)
    times = sparse.csr_array((minutes, (pairs.row, pairs.col)), shape=(rows, places))
    return SitingProblem(times, rng.integers(1, 101, rows))


def graph(nodes: int, edges: int, seed: int) -> Floats:
    """Return the shortest ways between all nodes of a random graph, edges 1 to 100 long."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(nodes)
    # a way through all nodes keeps it in one piece
    known = {tuple(sorted(pair)) for pair in pairwise(order)}
    while len(known) < edges:
        one, other = rng.integers(nodes, size=2)
        if one != other:
            known.add((min(one, other), max(one, other)))
    ends = np.array(sorted(known))
    length = np.full((nodes, nodes), np.inf)
    length[ends[:, 0], ends[:, 1]] = rng.integers(1, 101, len(ends))
    ways: Floats = floyd_warshall(np.minimum(length, length.T), directed=False)
    return ways


def _timed(job: Callable[[], Any]) -> tuple[float, Any]:
    """Return processor seconds of a job, those of solvers in processes of their own counted."""
    before = _processor()
    answer = job()
    return _processor() - before, answer


def _processor() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(u.ru_utime + u.ru_stime for u in usage)


def _spopt(problem: SitingProblem, sites: int) -> float:
    import pulp
    from spopt.locate import MCLP

    minutes = np.full(problem.times.shape, 1e6)
    pairs = problem.times.tocoo()
    minutes[pairs.row, pairs.col] = pairs.data
    model = MCLP.from_cost_matrix(minutes, problem.weights, _LIMIT + 1e-9, sites)
    model.solve(pulp.PULP_CBC_CMD(msg=False))
    return float(model.problem.objective.value())


def _relaxed(problem: SitingProblem, sites: int) -> float:
    """Return what no plan can exceed, by the linear relaxation that any solver is given."""
    times = problem.times
    rows, places = times.shape
    within = sparse.csr_array((-np.ones(times.nnz), times.indices, times.indptr), times.shape)
    number = sparse.csr_array(np.repeat([1.0, 0.0], [places, rows])[None])
    table = sparse.vstack([sparse.hstack([within, sparse.eye_array(rows)]), number])
    found = linprog(
        np.append(np.zeros(places), -problem.weights), bounds=(0, 1), method="highs-ipm",
        A_ub=table.tocsr(), b_ub=np.append(np.zeros(rows), sites),
    )  # fmt: skip
    assert found.success, found.message
    return -float(found.fun)


def _assert_covers(problem: SitingProblem, found: Solution) -> None:
    near = problem.times[:, found.sites].tocoo()
    covered = np.unique(near.row[near.data <= _LIMIT + 1e-9])
    assert abs(problem.weights[covered].sum() - found.objective) < 1e-6
