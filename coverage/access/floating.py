"""Floating catchments: supply per person, competition for it and the way to it reckoned in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from coverage.access.trips import above_zero, amounts, checked_limit, trips_of
from coverage.errors import AccessError
from coverage.network.search import TOLERANCE_MINUTES, compiled

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from coverage.access.trips import Floats, Times

    Integers = NDArray[np.int32] | NDArray[np.int64]

Method = Literal["2sfca", "e2sfca", "3sfca"]
Decay = Literal["binary", "gaussian", "exponential", "power", "stepped"]

# decays and the parameters that each may be given
_PARAMETERS = {
    "binary": (),
    "gaussian": ("sigma",),
    "exponential": ("beta",),
    "power": ("alpha",),
    "stepped": ("steps",),
}
# minutes up to which a weight holds, and the weight
_STEPS = ((5.0, 1.0), (10.0, 0.68), (15.0, 0.22))

# weighted people below which a facility counts as reached by nobody: supply per person overflows
_NOBODY = 1e-200


def floating_catchment(
    times: Times,
    supply: ArrayLike,
    population: ArrayLike,
    *,
    method: Method = "2sfca",
    limit: float | None = 15,
    decay: Decay = "binary",
    **parameters: object,
) -> Floats:
    """Score every demand row by the supply per person that it reaches.

    A facility's supply is divided by the people who reach it, each weighted by the decay of their
    minutes; a demand row's score is the sum of these ratios over the facilities it reaches,
    weighted in the same way. Hence Σ population × score is the supply of all facilities that people
    reach, in every method and decay. A facility that nobody reaches has ratio 0, and so does 0/0;
    nothing is scaled.

    Parameters
    ----------
    times
        Demand × facilities, minutes: compressed rows with explicit zeros, or dense with inf or NaN
        where there is no way.
    supply
        What each facility offers, for instance beds or m².
    population
        People of each demand row.
    method
        ``2sfca``; ``e2sfca``, the same with the decay ``stepped`` where no other is named; or
        ``3sfca``, where the weight of each trip is multiplied by its share of the weights of all
        trips from the demand row, since who has a choice does not use every facility in full.
    limit
        Longest trip that counts, minutes, inclusive; None for no limit.
    decay
        Weight of a trip of t minutes within the limit: ``binary`` 1; ``gaussian`` (e^(−½(t/limit)²)
        − e^(−½))/(1 − e^(−½)), or e^(−t²/2σ²) where `sigma` is given; ``exponential`` e^(−beta·t);
        ``power`` max(t, 1)^(−alpha); ``stepped`` the weight of the first of `steps` that is not
        shorter than t, 0 past the last.
    **parameters
        Of the decay: ``sigma``, ``beta`` or ``alpha``, above 0; ``steps``, pairs of minutes and
        weight, minutes ascending, by default ((5, 1), (10, 0.68), (15, 0.22)).

    Returns
    -------
    numpy.ndarray
        Supply per person, one score a demand row, 0 where nothing is reached.

    Raises
    ------
    AccessError
        If the arguments do not fit together, an amount is missing or negative, the method or decay
        is unknown, or a parameter is missing, unusable or belongs to another decay.

    References
    ----------
    2sfca: Luo and Wang (2003), Environment and Planning B 30(6). e2sfca and its steps: Luo and Qi
    (2009), Health & Place 15(4). Gaussian that ends at the limit: Dai (2010), Health & Place 16(5).
    3sfca: Wan, Zou and Sternberg (2012), International Journal of GIS 26(6).

    Examples
    --------
    Two places share a facility of 30 beds; the second also has one of 10 for itself:

    >>> floating_catchment([[5, np.inf], [10, 5]], [30, 10], [100, 200])
    array([0.1 , 0.15])
    """
    trips = trips_of(times)
    people = amounts("population", population, trips.shape[0])
    offered = amounts("supply", supply, trips.shape[1])
    longest = checked_limit(limit)
    chosen = _decay_of(method, decay)
    _check_parameters(chosen, parameters)
    weight = _weights(trips.data, longest, chosen, parameters)
    bound = longest + TOLERANCE_MINUTES
    if method == "3sfca":
        within = trips.data <= bound
        weight = _chosen(trips.indptr, np.where(within, weight if weight.size else 1.0, 0.0))
    row = np.zeros(trips.nnz + 1, np.int32)
    reached, scores = np.zeros(offered.size), np.zeros(people.size)
    _give(trips.indptr, trips.indices, trips.data, weight, bound, row, people, reached)
    ratio = np.divide(offered, reached, out=np.zeros_like(reached), where=reached > _NOBODY)
    _take(trips.indices, trips.data, weight, bound, row, ratio, scores)
    return scores


def _chosen(start: Integers, weight: Floats) -> Floats:
    # the weight of each trip times its share of the weights of all trips from its demand row
    row = np.repeat(np.arange(start.size - 1), np.diff(start))
    choices = np.bincount(row, weights=weight, minlength=start.size - 1)[row]
    return weight * np.divide(weight, choices, out=np.zeros_like(weight), where=choices > 0)


@compiled
def _give(
    start: Integers,
    facility: Integers,
    minutes: Floats,
    weight: Floats,
    bound: float,
    row: Integers,
    people: Floats,
    reached: Floats,
) -> None:
    # add up the people who reach each facility; note the demand row of each trip.
    # most rows may have no trip: of those that start at one trip, the last one has it
    for number in range(people.size):
        row[start[number]] = number
    here = row[0]
    for trip in range(row.size - 1):
        here = max(here, row[trip])
        row[trip] = here
        if minutes[trip] <= bound:
            part = weight[trip] if weight.size else 1.0
            reached[facility[trip]] += part * people[here]


@compiled
def _take(
    facility: Integers,
    minutes: Floats,
    weight: Floats,
    bound: float,
    row: Integers,
    ratio: Floats,
    scores: Floats,
) -> None:
    # add up the supply per person that each demand row reaches
    for trip in range(row.size - 1):
        if minutes[trip] <= bound:
            part = weight[trip] if weight.size else 1.0
            scores[row[trip]] += part * ratio[facility[trip]]


def _decay_of(method: str, decay: str) -> str:
    if method not in get_args(Method):
        raise AccessError(
            "access.unknown", name="method", value=method, known=tuple(get_args(Method))
        )
    if decay not in _PARAMETERS:
        raise AccessError("access.unknown", name="decay", value=decay, known=tuple(_PARAMETERS))
    # binary is what stands there when no decay is named
    return "stepped" if method == "e2sfca" and decay == "binary" else decay


def _check_parameters(decay: str, parameters: dict[str, object]) -> None:
    for name in parameters:
        if name not in _PARAMETERS[decay]:
            known = tuple(_PARAMETERS[decay]) or "–"
            raise AccessError("access.other_parameter", name=name, decay=decay, known=known)


def _weights(minutes: Floats, limit: float, decay: str, parameters: dict[str, object]) -> Floats:
    if decay == "binary":
        return np.empty(0)  # no weights: every trip counts in full
    if decay == "stepped":
        return _stepped(minutes, parameters.get("steps", _STEPS))
    if decay == "exponential":
        return np.exp(-_given("beta", decay, parameters) * minutes)
    if decay == "power":
        return np.maximum(minutes, 1.0) ** -_given("alpha", decay, parameters)
    if "sigma" in parameters:
        return np.exp(-0.5 * (minutes / _given("sigma", decay, parameters)) ** 2)
    if not np.isfinite(limit):
        raise AccessError("access.gaussian_without_limit")
    end = np.exp(-0.5)
    # a trip that exceeds the limit by rounding would weigh less than nothing
    weight: Floats = np.maximum((np.exp(-0.5 * (minutes / limit) ** 2) - end) / (1 - end), 0.0)
    return weight


def _given(name: str, decay: str, parameters: dict[str, object]) -> float:
    if name not in parameters:
        raise AccessError("access.missing_parameter", name=name, decay=decay)
    return above_zero(name, parameters[name])


def _stepped(minutes: Floats, steps: object) -> Floats:
    weight = np.zeros_like(minutes)
    for end, held in reversed(_checked_steps(steps)):
        weight = np.where(minutes <= end + TOLERANCE_MINUTES, held, weight)
    return weight


def _checked_steps(steps: object) -> list[tuple[float, float]]:
    try:
        table = np.asarray(steps, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise AccessError("access.bad_steps", value=steps) from error
    pairs = table.size > 0 and table.shape == (table.size // 2, 2)
    fine = pairs and np.isfinite(table).all() and (table >= 0).all()
    if not (fine and (np.diff(table[:, 0]) > 0).all()):
        raise AccessError("access.bad_steps", value=steps)
    return [(end, weight) for end, weight in table.tolist()]
