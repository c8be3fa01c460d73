"""Leave out what cannot change the optimum: rows and candidates that others stand for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from coverage.siting.solution import Reductions

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy import sparse

    from coverage.siting.covering import Covering

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Positions = NDArray[np.int32]


def reduced(covering: Covering, *, all_rows: bool) -> tuple[Covering, Integers, Reductions]:
    """Return a smaller problem with the same optimum, and the decisions it keeps.

    Rows without weight, covered in any case or by nothing are left out; rows that the same
    decisions reach become one. Where nothing but numbers, costs and budget binds, so are candidates
    beside which another covers the same rows and more for no more cost and, where all rows must be
    covered, rows that are covered whenever another is.

    Parameters
    ----------
    covering
        The problem.
    all_rows
        Whether all rows that can be covered must be.
    """
    settled = (covering.weights <= 0) | (covering.base >= covering.cover_by)
    beyond = ~settled & (covering.most() < covering.cover_by)
    left = covering.with_rows(~settled & ~beyond)
    merged = _merged(left)
    kept = np.arange(covering.decisions.size)
    implied = 0
    if covering.plain and all_rows:
        needed = ~_implied(merged.reach)
        implied = int((~needed).sum())
        merged = merged.with_rows(needed)
    if covering.alike:
        kept = _undominated(merged)
        merged = merged.with_decisions(kept)
    told = Reductions(
        covered_rows=int(settled.sum()),
        unreachable_rows=int(beyond.sum()),
        merged_rows=left.weights.size - merged.weights.size - implied,
        implied_rows=implied,
        dominated_candidates=covering.decisions.size - kept.size,
    )
    return merged, kept, told


def _merged(covering: Covering) -> Covering:
    if covering.weights.size == 0:
        return covering
    rng = np.random.default_rng(0)
    marks = rng.integers(0, 2**63, (covering.decisions.size, 2), dtype=np.uint64)
    # rows reached by the same decisions have the same sum; others do once in 2^126 pairs
    sums = _row_sums(covering.reach.indptr, covering.reach.indices, marks)
    keys = np.column_stack(
        [sums, covering.base.astype(np.uint64), covering.areas.astype(np.uint64)]
    )
    _, first, group = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    weights = np.bincount(group.ravel(), weights=covering.weights)
    order = np.argsort(first)
    return replace(covering.with_rows(first[order]), weights=weights[order].astype(np.float64))


@njit(cache=True)  # type: ignore[untyped-decorator]
def _row_sums(start: Positions, item: Positions, marks: NDArray[np.uint64]) -> NDArray[np.uint64]:
    sums = np.zeros((start.size - 1, 2), dtype=np.uint64)
    for row in range(start.size - 1):
        for entry in range(start[row], start[row + 1]):
            sums[row, 0] += marks[item[entry], 0]
            sums[row, 1] += marks[item[entry], 1]
    return sums


def _undominated(covering: Covering) -> Integers:
    bounds, decisions = covering.bounds, covering.decisions
    if bounds.conflicts is not None or bounds.floors.size:
        # which of two it is may matter to others
        return np.arange(decisions.size)
    # of facilities that stand each is decided by itself
    new = np.flatnonzero(decisions.new)
    rows = covering.reach[:, new]
    rows.sort_indices()
    columns = rows.T.tocsr()
    must = bounds.must[decisions.place[new]]
    lesser = _nested(
        columns.indptr, columns.indices, rows.indptr, rows.indices,
        decisions.cost[new], must, larger=False,
    )  # fmt: skip
    # who reaches nobody is beside no other
    lesser |= (np.diff(columns.indptr) == 0) & ~must
    return np.setdiff1d(np.arange(decisions.size), new[lesser])


def _implied(reach: sparse.csr_array) -> Flags:
    """Return which rows are covered whenever another is: those reached by all that reach it."""
    columns, rows = reach.T.tocsr(), reach.shape[0]
    implied: Flags = _nested(
        reach.indptr, reach.indices, columns.indptr, columns.indices,
        np.zeros(rows), np.zeros(rows, dtype=bool), larger=True,
    )  # fmt: skip
    return implied


@njit(cache=True)  # type: ignore[untyped-decorator]
def _nested(
    start: Positions,
    item: Positions,
    across_start: Positions,
    across_item: Positions,
    cost: Floats,
    fixed: Flags,
    larger: bool,  # noqa: FBT001 - compiled functions have no keyword-only arguments
) -> Flags:
    """Return which sets lie in another that is as cheap, or which contain another; one of equals.

    start, item: the members of each set; across_start, across_item: the sets of each member.
    """
    sets = start.size - 1
    dropped = np.zeros(sets, dtype=np.bool_)
    for here in range(sets):
        size = start[here + 1] - start[here]
        if size == 0 or (dropped[here] if larger else fixed[here]):
            continue
        # a set that contains this one has its rarest member
        rarest = item[start[here]]
        for entry in range(start[here], start[here + 1]):
            member = item[entry]
            if (
                across_start[member + 1] - across_start[member]
                < across_start[rarest + 1] - across_start[rarest]
            ):
                rarest = member
        for entry in range(across_start[rarest], across_start[rarest + 1]):
            other = across_item[entry]
            others = start[other + 1] - start[other]
            if other == here or dropped[other] or others < size or cost[other] > cost[here]:
                continue
            same = others == size and cost[other] == cost[here] and not fixed[other]
            # of equals the first stays
            if same and (other < here if larger else other > here):
                continue
            if _contains(
                item[start[other] : start[other + 1]], item[start[here] : start[here + 1]]
            ):
                dropped[other if larger else here] = True
                if not larger:
                    break
    return dropped


@njit(cache=True)  # type: ignore[untyped-decorator]
def _contains(larger: Positions, smaller: Positions) -> bool:
    # both ascend
    at = 0
    for wanted in smaller:
        while at < larger.size and larger[at] < wanted:
            at += 1
        if at == larger.size or larger[at] != wanted:
            return False
        at += 1
    return True
