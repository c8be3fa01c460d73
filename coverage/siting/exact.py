"""Coverage as a mixed-integer program.

Variables: x, one a decision, 0 or 1; y, how much of each row is covered; with capacities z, how
much of each row each decision in reach serves; with equity t, the least share covered of any area.

    y_i ≤ base_i + Σ_{j reaches i} x_j          one in reach is enough
    k·y_i ≤ base_i + Σ_{j reaches i} x_j        k must be, y_i 0 or 1
    Σ_j z_ij ≤ y_i, z_ij ≤ x_j, Σ_i w_i·z_ij ≤ capacity_j·x_j

References
----------
Toregas, C., Swain, R., ReVelle, C., & Bergman, L. (1971). The location of emergency service
facilities. Operations Research, 19(6), 1363-1373. Church, R., & ReVelle, C. (1974). The maximal
covering location problem. Papers of the Regional Science Association, 32(1), 101-118. Hogan, K., &
ReVelle, C. (1986). Concepts and applications of backup coverage. Management Science, 32(11).
Current, J., & Storbeck, J. (1988). Capacitated covering models. Environment and Planning B, 15(2).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from coverage.siting.highs import Model

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coverage.siting.covering import Bounds, Covering, Decisions

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass
class Program:
    """A program under construction: variables by kind, and rows over them.

    Parameters
    ----------
    sizes
        How many variables of each kind, in order.
    """

    sizes: dict[str, int]
    _blocks: list[sparse.csr_array] = field(default_factory=list)
    _lower: list[Floats] = field(default_factory=list)
    _upper: list[Floats] = field(default_factory=list)

    def add(self, parts: dict[str, Any], lower: ArrayLike, upper: ArrayLike) -> None:
        """Add rows: lower ≤ Σ part × variables ≤ upper.

        Parameters
        ----------
        parts
            By kind of variables, a sparse matrix with the rows' coefficients, or one row of them.
        lower, upper
            Bounds, one or a row each.
        """
        tables = {kind: sparse.csr_array(np.atleast_2d(p) if isinstance(p, np.ndarray) else p)
                  for kind, p in parts.items()}  # fmt: skip
        rows = next(iter(tables.values())).shape[0]
        line = [tables.get(kind, sparse.csr_array((rows, n))) for kind, n in self.sizes.items()]
        self._blocks.append(sparse.csr_array(sparse.hstack(line)))
        self._lower.append(np.broadcast_to(np.asarray(lower, dtype=float), (rows,)))
        self._upper.append(np.broadcast_to(np.asarray(upper, dtype=float), (rows,)))

    def model(self, cost: dict[str, Floats], bounds: dict[str, tuple[Floats, Floats]],
              whole: tuple[str, ...]) -> Model:  # fmt: skip
        """Return the program.

        Parameters
        ----------
        cost
            By kind, what each variable costs; nothing if left out.
        bounds
            By kind, least and most of each variable; 0 and 1 if left out.
        whole
            Kinds of variables that are whole numbers.
        """
        width = sum(self.sizes.values())
        empty = sparse.csr_array((0, width))
        table = sparse.csr_array(sparse.vstack([empty, *self._blocks]))
        zeros = {kind: np.zeros(n) for kind, n in self.sizes.items()}
        limits = {k: bounds.get(k, (z, z + 1)) for k, z in zeros.items()}
        return Model(
            cost=np.concatenate([cost.get(kind, zero) for kind, zero in zeros.items()]),
            least=np.concatenate([limits[kind][0] for kind in zeros]),
            most=np.concatenate([limits[kind][1] for kind in zeros]),
            whole=np.concatenate([np.full(n, k in whole) for k, n in self.sizes.items()]),
            start=table.indptr.astype(np.int32),
            item=table.indices.astype(np.int32),
            value=table.data.astype(np.float64),
            lower=np.concatenate([np.empty(0), *self._lower]),
            upper=np.concatenate([np.empty(0), *self._upper]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Aim:
    """What a program of coverage is to achieve.

    Parameters
    ----------
    maximise
        ``weight``, ``worst`` (the least share of any area) or None, for the least cost.
    weight
        Weight to be covered at least, of the rows of the program; None for none.
    shares
        By area, weight to be covered at least; None for none.
    everything
        Whether all rows must be covered.
    """

    maximise: str | None = None
    weight: float | None = None
    shares: Floats | None = None
    everything: bool = False


def model_of(covering: Covering, aim: Aim, totals: Floats, settled: Floats) -> Model:
    """Return a problem of coverage as a program; its first variables are the decisions.

    Parameters
    ----------
    covering
        The problem, reduced.
    aim
        What is wanted.
    totals, settled
        By area, weight of all rows, and what is covered in any case.
    """
    decisions = covering.decisions
    rows = covering.weights.size
    pairs = covering.reach.tocoo()
    sizes = {"x": decisions.size, "y": rows}
    if covering.limited:
        sizes["z"] = pairs.nnz
    if aim.maximise == "worst":
        sizes["t"] = 1
    program = Program(sizes)
    add_bounds(program, decisions, covering.bounds)
    served = _add_cover(program, covering, pairs)
    in_area = sparse.csr_array(
        (np.ones(rows), (covering.areas, np.arange(rows))), shape=(totals.size, rows)
    )
    by_area = {kind: in_area @ part for kind, part in served.items()}
    if aim.weight is not None:
        everything = {kind: part.sum(axis=0) for kind, part in served.items()}
        program.add(everything, aim.weight, np.inf)
    if aim.shares is not None:
        program.add(by_area, aim.shares - settled, np.inf)
    if aim.maximise == "worst":
        program.add({**by_area, "t": -totals[:, None]}, -settled, np.inf)
    cost = _cost(covering, aim, served)
    must = covering.bounds.must[decisions.place]
    lone = np.bincount(decisions.place, minlength=covering.bounds.must.size) == 1
    least = (must & lone[decisions.place]).astype(float)
    whole = ("x",) if covering.cover_by == 1 else ("x", "y")
    limits = {"x": (least, np.ones(decisions.size))}
    if aim.everything:
        limits["y"] = (np.ones(rows), np.ones(rows))
        if covering.limited:
            program.add({"z": _serves(pairs, rows)}, (covering.base == 0).astype(float), np.inf)
    return program.model(cost, limits, whole)


def _cost(covering: Covering, aim: Aim, served: dict[str, Any]) -> dict[str, Floats]:
    if aim.maximise == "weight":
        return {kind: -np.asarray(part.sum(axis=0)).ravel() for kind, part in served.items()}
    if aim.maximise == "worst":
        return {"t": np.array([-1.0])}
    return {"x": covering.decisions.cost}


def _add_cover(program: Program, covering: Covering, pairs: sparse.coo_array) -> dict[str, Any]:
    """Add what covers rows; return, by kind of variables, weight covered: rows × variables."""
    rows, needed = covering.weights.size, covering.cover_by
    covered = sparse.diags_array(np.full(rows, float(needed)))
    program.add({"y": covered, "x": -covering.reach}, -np.inf, covering.base)
    whole = sparse.diags_array(covering.weights)
    if not covering.limited:
        return {"y": whole}
    serves = _serves(pairs, rows)
    program.add({"z": serves, "y": -sparse.eye_array(rows)}, -np.inf, 0.0)
    of_decision = sparse.csr_array(
        (np.ones(pairs.nnz), (np.arange(pairs.nnz), pairs.col)),
        shape=(pairs.nnz, covering.decisions.size),
    )
    program.add({"z": sparse.eye_array(pairs.nnz), "x": -of_decision}, -np.inf, 0.0)
    weight = covering.weights[pairs.row]
    bound = np.flatnonzero(np.isfinite(covering.decisions.capacity))
    load = (of_decision.T @ sparse.diags_array(weight)).tocsr()[bound]
    room = sparse.csr_array(
        (covering.decisions.capacity[bound], (np.arange(bound.size), bound)),
        shape=(bound.size, covering.decisions.size),
    )
    program.add({"z": load, "x": -room}, -np.inf, 0.0)
    # what facilities without a capacity reach needs nobody to serve it
    free = covering.base > 0
    by_others = serves @ sparse.diags_array(np.where(free[pairs.row], 0.0, weight))
    return {"y": sparse.diags_array(np.where(free, covering.weights, 0.0)), "z": by_others}


def _serves(pairs: sparse.coo_array, rows: int) -> sparse.csr_array:
    entries = (np.ones(pairs.nnz), (pairs.row, np.arange(pairs.nnz)))
    return sparse.csr_array(entries, shape=(rows, pairs.nnz))


def add_bounds(program: Program, decisions: Decisions, bounds: Bounds) -> None:
    """Add what binds decisions: numbers, budget, groups, places and pairs.

    Parameters
    ----------
    program
        With variables x, one a decision.
    decisions, bounds
        What can be decided, and what binds it.
    """
    new = decisions.new
    may_close = ~new & ~bounds.must[decisions.place]
    if bounds.sites is not None:
        program.add({"x": (new | may_close).astype(float)}, -np.inf, bounds.sites + bounds.closable)
    if bounds.most_closed is not None and bounds.closable:
        least = bounds.closable - min(bounds.most_closed, bounds.closable)
        program.add({"x": may_close.astype(float)}, least, np.inf)
    if bounds.budget is not None:
        spent = decisions.cost + bounds.savings[decisions.place]
        program.add({"x": spent}, -np.inf, bounds.budget + bounds.savings.sum())
    _add_places(program, decisions, bounds)
    for group in range(bounds.floors.size):
        members = (decisions.new & (bounds.groups == group)).astype(float)
        program.add({"x": members}, bounds.floors[group], bounds.caps[group])
    for tier, most in enumerate(bounds.tier_caps):
        if most is not None:
            program.add({"x": (decisions.tier == tier).astype(float)}, -np.inf, most)
    if bounds.conflicts is not None:
        _add_conflicts(program, decisions, bounds.conflicts)


def _add_places(program: Program, decisions: Decisions, bounds: Bounds) -> None:
    several = np.bincount(decisions.place, minlength=bounds.must.size) > 1
    inner = several[decisions.place]
    places, row = np.unique(decisions.place[inner], return_inverse=True)
    if places.size == 0:
        return
    which = np.flatnonzero(inner)
    table = sparse.csr_array(
        (np.ones(which.size), (row, which)), shape=(places.size, decisions.size)
    )
    program.add({"x": table}, bounds.must[places].astype(float), 1.0)


def _add_conflicts(program: Program, decisions: Decisions, conflicts: sparse.csr_array) -> None:
    pairs = sparse.triu(conflicts, k=1).tocoo()
    new = np.flatnonzero(decisions.new)
    of_place = sparse.csr_array(
        (np.ones(new.size), (decisions.place[new], new)),
        shape=(conflicts.shape[0], decisions.size),
    )
    both = of_place[pairs.row] + of_place[pairs.col]
    program.add({"x": both}, -np.inf, 1.0)
