"""The problem of siting: who lives how far from where something could be built."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.access.trips import amounts, numbers, trips_of
from coverage.errors import AccessError, SitingError
from coverage.siting.options import Existing

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Sequence
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray
    from scipy import sparse

    Floats: TypeAlias = NDArray[np.float64]
    Times: TypeAlias = sparse.sparray | sparse.spmatrix | ArrayLike


@dataclass(frozen=True, eq=False)
class SitingProblem:
    """Demand, candidates, and what stands already.

    Parameters
    ----------
    times
        Demand × candidates, minutes: compressed rows with explicit zeros, absent where there is no
        way; or dense with inf or NaN there.
    weights
        Of each demand row, for instance people; at least 0.
    existing
        Minutes of each demand row to its nearest existing facility, inf or NaN where there is none;
        or `Existing`, facility by facility. None: nothing stands.
    costs
        Of each candidate; None where only their number counts.
    capacities
        Weight that each candidate can serve, infinite where nothing limits it; None for no limits.
    groups
        A label a candidate, for instance its township, for floors and caps.
    areas
        A label a demand row, for instance its township, for equity.

    Raises
    ------
    SitingError
        If the arrays do not fit together, or a value is missing or negative.

    Examples
    --------
    >>> problem = SitingProblem([[5, 20], [30, 10], [np.inf, 15]], [100, 50, 70])
    >>> solve(problem, model="mclp", sites=1).objective
    120.0
    """

    times: Any
    weights: Any
    existing: Any = field(default=None, kw_only=True)
    costs: Any = field(default=None, kw_only=True)
    capacities: Any = field(default=None, kw_only=True)
    groups: Any = field(default=None, kw_only=True)
    areas: Any = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        with siting_errors():
            times = _times(self.times)
            rows, candidates = times.shape
            _put(self, "times", times)
            _put(self, "weights", amounts("weights", self.weights, rows))
            _put(self, "existing", _existing(self.existing, rows))
            if self.costs is not None:
                _put(self, "costs", amounts("costs", self.costs, candidates))
            if self.capacities is not None:
                room = amounts("capacities", self.capacities, candidates, endless=True)
                _put(self, "capacities", room)
        for name, size in (("groups", candidates), ("areas", rows)):
            labels = getattr(self, name)
            if labels is not None:
                _put(self, name, _labels(name, labels, size))


@contextmanager
def siting_errors() -> Iterator[None]:
    """Raise what cannot be used for accessibility as what cannot be used for siting."""
    try:
        yield
    except AccessError as error:
        raise SitingError(error.key, **error.values) from error


def _put(problem: object, name: str, value: object) -> None:
    # a frozen dataclass is completed once, here
    object.__setattr__(problem, name, value)


def _times(times: Times) -> sparse.csr_array:
    trips = trips_of(times)
    if trips.shape[1] == 0 or trips.shape[0] == 0:
        raise SitingError("siting.empty", rows=trips.shape[0], candidates=trips.shape[1])
    if not trips.has_canonical_format:
        trips = trips.copy()  # copy: callers keep their order
        if not trips.has_sorted_indices:
            trips.sort_indices()
        if (np.diff(trips.indices)[_within_rows(trips)] == 0).any():
            raise SitingError("siting.twice")
    return trips


def _within_rows(trips: sparse.csr_array) -> NDArray[np.bool_]:
    inner = np.ones(max(trips.nnz - 1, 0), dtype=bool)
    ends = trips.indptr[1:-1] - 1
    inner[ends[(ends >= 0) & (ends < inner.size)]] = False
    return inner


def _existing(existing: object, rows: int) -> Floats | Existing | None:
    if existing is None:
        return None
    if isinstance(existing, Existing):
        return _facilities(existing, rows)
    minutes = numbers("existing", existing)
    # not reached, or no facility at all
    minutes = np.where(np.isnan(minutes), np.inf, minutes)
    return amounts("existing", minutes, rows, endless=True)


def _facilities(existing: Existing, rows: int) -> Existing:
    times = trips_of(existing.times)
    if times.shape[0] != rows:
        raise SitingError("access.wrong_size", name="existing", given=times.shape, expected=rows)
    count = times.shape[1]

    def filled(
        name: str, values: ArrayLike | None, default: float, *, gaps: bool = False
    ) -> Floats:
        if values is None:
            return np.full(count, default)
        given = numbers(name, values)
        known = np.where(np.isnan(given), np.inf, given) if gaps else given
        return amounts(name, known, count, endless=gaps or default == np.inf)

    room = filled("capacities", existing.capacities, np.inf)
    closable = filled("closable", existing.closable, 0.0) > 0
    larger = existing.upgraded_capacities
    return Existing(
        times=times,
        capacities=room,
        closable=closable,
        savings=filled("savings", existing.savings, 0.0),
        # infinite: it cannot be upgraded
        upgrade_costs=filled("upgrade_costs", existing.upgrade_costs, np.inf, gaps=True),
        upgraded_minutes=existing.upgraded_minutes,
        most_closed=existing.most_closed,
        upgraded_capacities=room
        if larger is None
        else filled("upgraded_capacities", larger, np.inf),
    )


def _labels(name: str, labels: Sequence[Hashable] | NDArray[Any], size: int) -> NDArray[Any]:
    given = np.empty(len(labels), dtype=object)
    given[:] = labels if isinstance(labels, list) else list(labels)
    if given.size != size:
        raise SitingError("access.wrong_size", name=name, given=given.shape, expected=size)
    return given
