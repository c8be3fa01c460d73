"""Floating catchments against PySAL's access, against sums written out, and their properties.

PySAL's definitions are ours but in three things. Rows and facilities without any trip are left
out of its answer, where ours is 0. A facility that only places without people reach has the
ratio supply/0. In 3sfca it takes the shares over all trips it is given, those past the limit
too, so it is compared here with weights that end at the limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from access import fca, weights
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import sparse

from coverage.access import floating_catchment

# others may share the machine
BUSY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

STEPS = {5: 1.0, 10: 0.68, 15: 0.22}


def gaussian(minutes: float) -> float:
    end = math.exp(-0.5)
    return (math.exp(-0.5 * (minutes / 15) ** 2) - end) / (1 - end) if minutes <= 15 else 0.0


def _random(seed: int) -> tuple[sparse.csr_array, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    rows, places = 400, 40
    minutes = rng.uniform(0, 25, (rows, places)).round(2)
    minutes[rng.random((rows, places)) < 0.7] = np.inf
    minutes[:5] = np.inf
    minutes[:, 7] = np.inf
    within = np.isfinite(minutes)
    times = sparse.csr_array((minutes[within], np.nonzero(within)), shape=minutes.shape)
    return times, rng.uniform(0, 50, places), rng.uniform(1, 300, rows)


def _theirs(
    stages: Callable[..., pd.Series],
    times: sparse.csr_array,
    supply: np.ndarray,
    population: np.ndarray,
    weight: Callable[[float], float] | None,
) -> np.ndarray:
    def frame(name: str, values: np.ndarray) -> pd.DataFrame:
        return pd.DataFrame({name: values}, index=pd.RangeIndex(len(values), name="geoid"))

    trips = times.tocoo()
    cost = pd.DataFrame({"origin": trips.row, "dest": trips.col, "cost": trips.data})
    scores = stages(
        frame("demand", population),
        frame("supply", supply),
        cost,
        max_cost=15,
        demand_index=True,
        weight_fn=weight,
    )
    return scores.reindex(range(len(population))).fillna(0).to_numpy()


@pytest.mark.parametrize(
    ("options", "stages", "weight"),
    [
        ({"method": "2sfca"}, fca.two_stage_fca, None),
        ({"method": "e2sfca"}, fca.two_stage_fca, weights.step_fn(STEPS)),
        ({"method": "2sfca", "decay": "gaussian"}, fca.two_stage_fca, gaussian),
        ({"method": "2sfca", "decay": "gaussian", "sigma": 6.0}, fca.two_stage_fca,
         weights.gaussian(6.0)),
        ({"method": "2sfca", "decay": "power", "alpha": 1.5}, fca.two_stage_fca,
         weights.gravity(scale=1.0, alpha=-1.5, min_dist=1.0)),
        ({"method": "3sfca", "decay": "stepped"}, fca.three_stage_fca, weights.step_fn(STEPS)),
        ({"method": "3sfca", "decay": "gaussian"}, fca.three_stage_fca, gaussian),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of pandas, about the peer's own code
def test_equals_pysal_access(options: Any, stages: Any, weight: Any) -> None:
    times, supply, population = _random(3)
    ours = floating_catchment(times, supply, population, **options)
    theirs = _theirs(stages, times, supply, population, weight)
    assert ours.max() > 0
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


WAYS: dict[str, tuple[dict[str, Any], Callable[[float], float]]] = {
    "binary": ({}, lambda t: float(t <= 15)),
    "gaussian": ({"decay": "gaussian"}, gaussian),
    "sigma": (
        {"decay": "gaussian", "sigma": 4, "limit": 12},
        lambda t: math.exp(-(t**2) / 32) if t <= 12 else 0.0,
    ),
    "exponential": (
        {"decay": "exponential", "beta": 0.3, "limit": None},
        lambda t: math.exp(-0.3 * t),
    ),
    "power": (
        {"decay": "power", "alpha": 2, "limit": 10},
        lambda t: max(t, 1) ** -2.0 if t <= 10 else 0.0,
    ),
    "stepped": (
        {"decay": "stepped"},
        lambda t: next((w for end, w in STEPS.items() if t <= end), 0.0),
    ),
}


def _written_out(
    times: np.ndarray,
    supply: list[float],
    people: list[float],
    weight: Callable[[float], float],
    *,
    shares: bool,
) -> tuple[list[float], float]:
    """Scores, and the supply of all facilities that people reach, one pair after the other."""
    rows, places = times.shape
    held = [[weight(t) if t < math.inf else 0.0 for t in row] for row in times.tolist()]
    if shares:
        held = [[w * w / sum(row) if w else 0.0 for w in row] for row in held]
    ratio = []
    for j in range(places):
        want = sum(people[i] * held[i][j] for i in range(rows))
        ratio.append(supply[j] / want if want else 0.0)
    scores = [sum(held[i][j] * ratio[j] for j in range(places)) for i in range(rows)]
    reached = sum(
        supply[j] for j in range(places) if any(people[i] * held[i][j] > 0 for i in range(rows))
    )
    return scores, reached


MINUTES = st.one_of(st.just(math.inf), st.integers(0, 20).map(float))


@st.composite
def _cases(draw: st.DrawFn) -> tuple[np.ndarray, list[float], list[float]]:
    rows, places = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    times = [[draw(MINUTES) for _ in range(places)] for _ in range(rows)]
    amounts = st.integers(0, 30).map(float)
    supply = [draw(amounts) for _ in range(places)]
    return np.array(times), supply, [draw(amounts) for _ in range(rows)]


@BUSY
@given(_cases(), st.sampled_from(sorted(WAYS)), st.sampled_from(["2sfca", "3sfca"]))
def test_what_people_have_together_is_the_supply_in_reach(
    case: tuple[np.ndarray, list[float], list[float]], way: str, method: Any
) -> None:
    times, supply, people = case
    options, weight = WAYS[way]
    scores = floating_catchment(times, supply, people, method=method, **options)
    expected, reached = _written_out(times, supply, people, weight, shares=method == "3sfca")
    np.testing.assert_allclose(scores, expected, rtol=1e-9, atol=1e-12)
    assert scores @ np.array(people) == pytest.approx(reached, rel=1e-9, abs=1e-9)


@BUSY
@given(_cases(), st.sampled_from(sorted(WAYS)), st.data())
def test_more_supply_never_lowers_a_score_and_doubling_all_of_it_doubles_them(
    case: tuple[np.ndarray, list[float], list[float]], way: str, data: st.DataObject
) -> None:
    times, supply, people = case
    options, _ = WAYS[way]
    before = floating_catchment(times, supply, people, **options)
    double = floating_catchment(times, [2 * s for s in supply], people, **options)
    np.testing.assert_allclose(double, 2 * before, rtol=1e-12)
    lucky = data.draw(st.integers(0, len(supply) - 1))
    more = [s + (j == lucky) for j, s in enumerate(supply)]
    assert (floating_catchment(times, more, people, **options) >= before - 1e-12).all()
