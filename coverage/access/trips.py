"""Travel times and amounts as the measures of accessibility take them: checked, in compressed rows.

`times` are demand × facilities, in minutes: compressed rows whose entries are the pairs that are
reached, zeros among them, or a dense table with inf or NaN where there is no way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from coverage.errors import AccessError

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Times: TypeAlias = sparse.sparray | sparse.spmatrix | ArrayLike


def trips_of(times: Times) -> sparse.csr_array:
    """Return travel times in compressed rows, a trip an entry, zeros kept.

    Parameters
    ----------
    times
        Demand × facilities, minutes: sparse with an entry a reached pair, or dense with inf or NaN
        where there is no way.

    Raises
    ------
    AccessError
        If there are not two dimensions, or a value is no number or below 0.
    """
    trips = _of_sparse(times) if sparse.issparse(times) else _of_table(times)
    least = trips.data.min(initial=0.0)
    if least < 0:
        raise AccessError("access.negative_minutes", value=float(least))
    return trips


def _of_sparse(times: Any) -> sparse.csr_array:  # noqa: ANN401 - sparse matrix
    # the caller's arrays are shared, never written to; making rows of rows costs as much as scoring
    ready = (
        isinstance(times, sparse.csr_array)
        and times.dtype == np.float64
        and times.data.size == times.indices.size == times.nnz
    )
    trips: sparse.csr_array = times if ready else sparse.csr_array(times, dtype=np.float64)
    _check_table(trips.ndim)
    if trips.data.max(initial=0.0) < np.inf:  # neither inf nor NaN, which max passes on
        return trips
    reached = _reached(trips.data)
    pairs = trips.tocoo()
    entries = (pairs.data[reached], (pairs.row[reached], pairs.col[reached]))
    return sparse.csr_array(entries, shape=trips.shape)


def _of_table(times: object) -> sparse.csr_array:
    table = numbers("times", times)
    _check_table(table.ndim)
    reached = _reached(table)
    start = np.concatenate([[0], np.cumsum(reached.sum(axis=1))])
    facility = np.nonzero(reached)[1]
    return sparse.csr_array((table[reached], facility, start), shape=table.shape)


def _reached(minutes: Floats) -> NDArray[np.bool_]:
    return ~(np.isnan(minutes) | np.isposinf(minutes))


def _check_table(dimensions: int) -> None:
    if dimensions != 2:  # noqa: PLR2004 - a table
        raise AccessError("access.no_table", dimensions=dimensions)


def amounts(name: str, values: ArrayLike, size: int, *, endless: bool = False) -> Floats:
    """Return amounts as numbers, one a row or a column of the travel times.

    Parameters
    ----------
    name
        What the caller calls them.
    values
        At least 0 and known, every one.
    size
        How many there must be.
    endless
        Whether infinity is an amount.

    Raises
    ------
    AccessError
        If there are more or fewer, or one is missing, negative or not finite.
    """
    given = numbers(name, values)
    if given.shape != (size,):
        raise AccessError("access.wrong_size", name=name, given=given.shape, expected=size)
    # neither end is a number where one value is none
    if given.min(initial=0.0) >= 0 and (endless or given.max(initial=0.0) < np.inf):
        return given
    bad = ~(given >= 0) if endless else ~((given >= 0) & np.isfinite(given))
    if bad.any():
        first = int(np.argmax(bad))
        raise AccessError(
            "access.bad_amounts",
            name=name,
            count=int(bad.sum()),
            position=first,
            value=float(given[first]),
        )
    return given


def checked_limit(limit: float | None) -> float:
    """Return the longest trip that counts in minutes, infinite for None.

    Raises
    ------
    AccessError
        If it is not above 0.
    """
    return np.inf if limit is None else above_zero("limit", limit)


def above_zero(name: str, value: object) -> float:
    """Return a number above 0, perhaps infinite.

    Raises
    ------
    AccessError
        If it is none.
    """
    if not isinstance(value, (int, float, np.number)) or not value > 0:
        raise AccessError("access.bad_parameter", name=name, value=value)
    return float(value)


def numbers(name: str, values: object) -> Floats:
    """Return values as floating-point numbers, missing ones as NaN.

    Raises
    ------
    AccessError
        If they are no numbers.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise AccessError("access.no_numbers", name=name) from error
