"""Who is served by whom, where sites can be full: as much weight as there is room for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from coverage.siting import highs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

_SECONDS = 5.0  # a linear program of a plan's sites takes far less


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
