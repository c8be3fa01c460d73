"""The p-median as a program over radii.

For each row the distinct costs of its pairs ascend, D_1 < D_2 < …; z_k is 1 if no site is within
D_k. A row's trip costs D_1 + Σ_k (D_{k+1} − D_k)·z_k, and

    z_k + Σ_{j at D_k} x_j ≥ z_{k−1},   z_0 = 1

It is as tight as the program that assigns pairs, and far smaller where costs repeat.

References
----------
Elloumi, S. (2010). A tighter formulation of the p-median problem. Journal of Combinatorial
Optimization, 19(1), 69-83. García, S., Labbé, M., & Marín, A. (2011). Solving large p-median
problems with a radius formulation. INFORMS Journal on Computing, 23(4), 546-556.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from coverage.siting.exact import Program, add_bounds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Bounds, Decisions
    from coverage.siting.highs import Model
    from coverage.siting.interchange import Pairs

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]


def radius_model(
    pairs: Pairs,
    decisions: Decisions,
    bounds: Bounds,
    inside: Flags,
    outside: Flags,
    reached: Flags,
) -> tuple[Model, float]:
    """Return the program, whose first variables are the decisions, and what it leaves out.

    Parameters
    ----------
    pairs
        What trips cost.
    decisions, bounds
        What can be decided, and what binds it.
    inside, outside
        Candidates that are built in any case, or never.
    reached
        By row, whether its fallback is a facility.
    """
    row, candidate, cost = _useful(pairs, inside, outside)
    rows = pairs.fallback.size
    # a level is a distinct cost of a row
    fresh = np.ones(row.size, dtype=bool)
    fresh[1:] = (row[1:] != row[:-1]) | (cost[1:] > cost[:-1])
    level = np.cumsum(fresh) - 1
    level_row, level_cost = row[fresh], cost[fresh]
    first = np.ones(level_row.size, dtype=bool)
    first[1:] = level_row[1:] != level_row[:-1]
    last = np.append(first[1:], True) if level_row.size else first
    beyond = np.where(reached, pairs.fallback, np.inf)[level_row]
    step = np.where(last, beyond, np.append(level_cost[1:], np.inf)) - level_cost
    none = np.isinf(step)  # nothing lies beyond the last level: somebody within it must be built
    levels = level_row.size
    program = Program({"x": decisions.size, "z": levels})
    add_bounds(program, decisions, bounds)
    at = sparse.csr_array((np.ones(row.size), (level, candidate)), shape=(levels, decisions.size))
    inner = np.flatnonzero(~first)
    before = sparse.csr_array((np.ones(inner.size), (inner, inner - 1)), shape=(levels, levels))
    program.add({"x": at, "z": sparse.eye_array(levels) - before}, first.astype(float), np.inf)
    most = np.where(none, 0.0, 1.0)
    built = inside | bounds.must[decisions.place]
    model = program.model(
        {"z": np.where(none, 0.0, step)},
        {"x": (built.astype(float), (~outside).astype(float)), "z": (np.zeros(levels), most)},
        ("x",),
    )
    served = np.zeros(rows, dtype=bool)
    served[level_row] = True
    fixed = level_cost[first].sum() + pairs.fallback[~served].sum()
    return model, float(fixed)


def _useful(pairs: Pairs, inside: Flags, outside: Flags) -> tuple[Integers, Integers, Floats]:
    """Return the pairs that a row may use: none beyond its nearest site that is built anyway."""
    row = np.repeat(np.arange(pairs.fallback.size), np.diff(pairs.start))
    candidate, cost = pairs.item.astype(np.int64), pairs.cost
    certain = np.full(pairs.fallback.size, np.inf)
    sure = inside[candidate]
    np.minimum.at(certain, row[sure], cost[sure])
    useful = ~outside[candidate] & (cost <= certain[row])
    return row[useful], candidate[useful], cost[useful]
