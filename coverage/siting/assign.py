"""Who is served by whom, where sites can be full: as much weight as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from coverage.siting import highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.siting.covering import Covering

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_SECONDS = 5.0  # a linear program of a plan's sites takes far less


def served_by(
    covering: Covering, chosen: Integers, *, least: Floats | None = None
) -> sparse.csr_array:
    """Return the weight of each row that each decision taken serves, the most in all.

    Rows that facilities without a capacity reach need nobody to serve them.

    Parameters
    ----------
    covering, chosen
        The problem, and positions of the decisions taken.
    least
        By area, weight that must be served; None for none.
    """
    counted = covering.counts(chosen) >= covering.cover_by
    rows = np.flatnonzero(counted & (covering.weights > 0) & (covering.base == 0))
    served = assigned(
        covering.reach[rows][:, chosen], covering.weights[rows],
        covering.decisions.capacity[chosen], areas=covering.areas[rows], least=least,
    ).tocoo()  # fmt: skip
    shape = (covering.weights.size, chosen.size)
    return sparse.csr_array((served.data, (rows[served.row], served.col)), shape=shape)


def most_served(covering: Covering) -> float:
    """Return what no plan can serve more than: capacities, of as many sites as bounds allow.

    Facilities that stand are counted in full, and new sites as if no two reached the same people.
    Where capacities are small beside the people around, that is nearly the best plan itself, which
    a linear relaxation of who is served by whom takes long to show.

    Parameters
    ----------
    covering
        The problem.
    """
    bounds, decisions = covering.bounds, covering.decisions
    free = covering.base > 0
    reached = covering.reach.T @ np.where(free, 0.0, covering.weights)
    worth = np.minimum(decisions.capacity, reached)
    new = decisions.new
    standing = np.zeros(bounds.must.size)
    np.maximum.at(standing, decisions.place[~new], worth[~new])
    fresh, cost = worth[new], decisions.cost[new]
    order = np.argsort(-fresh)
    built = float(fresh.sum())
    if bounds.sites is not None:
        closed = bounds.closable if bounds.most_closed is None else bounds.most_closed
        built = float(fresh[order[: bounds.sites + min(closed, bounds.closable)]].sum())
    if bounds.budget is not None:
        money = bounds.budget + float(bounds.savings.sum())
        built = min(built, _worth_of(money, fresh, cost))
    most = float(covering.weights[free].sum() + standing.sum()) + built
    return min(most, float(covering.weights.sum()))


def _worth_of(money: float, worth: Floats, cost: Floats) -> float:
    """Return the most that money buys where things can be bought in part."""
    order = np.argsort(-worth / np.maximum(cost, 1e-12), kind="stable")
    before = np.concatenate([[0.0], np.cumsum(cost[order])[:-1]])
    share = np.clip((money - before) / np.maximum(cost[order], 1e-12), 0.0, 1.0)
    return float((worth[order] * share).sum())


def assigned(
    reach: sparse.csr_array,
    weights: Floats,
    capacities: Floats,
    *,
    areas: Integers | None = None,
    least: Floats | None = None,
) -> sparse.csr_array:
    """Return the weight of each demand row that each site serves, the most in all.

    Parameters
    ----------
    reach
        Rows × sites, an entry where a site may serve a row.
    weights, capacities
        Of rows, and of sites, which may be infinite.
    areas, least
        Position of each row's area, and the weight that must be served of each; None for none.
    """
    pairs = reach.tocoo()
    count = pairs.nnz
    if count == 0:
        return sparse.csr_array(reach.shape)
    entries = np.arange(count)

    def sums(group: Integers, size: int) -> sparse.csr_array:
        return sparse.csr_array((np.ones(count), (group, entries)), shape=(size, count))

    blocks = [sums(pairs.row, reach.shape[0]), sums(pairs.col, reach.shape[1])]
    lower = [np.full(sum(reach.shape), -np.inf)]
    upper = [weights, capacities]
    if areas is not None and least is not None:
        blocks.append(sums(areas[pairs.row], least.size))
        lower.append(least)
        upper.append(np.full(least.size, np.inf))
    table = sparse.csr_array(sparse.vstack(blocks))
    model = highs.Model(
        cost=np.full(count, -1.0),
        least=np.zeros(count),
        most=weights[pairs.row],
        whole=np.zeros(count, dtype=bool),
        start=table.indptr.astype(np.int32),
        item=table.indices.astype(np.int32),
        value=table.data.astype(np.float64),
        lower=np.concatenate(lower),
        upper=np.concatenate(upper),
    )
    served = highs.run(model, seconds=_SECONDS, gap=0.0, start=None).values
    # no less than nothing: solvers keep bounds up to a tolerance
    served = np.maximum(served, 0.0) if served.size else np.zeros(count)
    some = served > 0
    return sparse.csr_array((served[some], (pairs.row[some], pairs.col[some])), shape=reach.shape)
