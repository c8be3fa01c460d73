"""Siting: known optima, what must hold of any answer, bad input, and time limits that hold."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import psutil
import pytest
from scipy import sparse

import coverage
from coverage.errors import SitingError
from coverage.siting import Existing, Rules, SitingProblem, Tier, solve, too_near
from coverage.siting.highs import Model
from coverage.siting.process import Clock, minimise

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture(scope="module")
def san_francisco(real_data: Path) -> tuple[SitingProblem, dict[str, Any]]:
    """Return 205 census tracts and 16 stores, metres instead of minutes, and known optima."""
    folder = real_data / "siting" / "spopt_sf"
    pairs = pd.read_csv(folder / "SF_network_distance_candidateStore_16_censusTract_205_new.csv")
    tracts = pd.read_csv(folder / "SF_demand_205_centroid_uniform_weight.csv").sort_values("NAME")
    metres = pairs.pivot_table(values="distance", index="DestinationName", columns="name")
    people = tracts.set_index("NAME")["POP2000"].reindex(metres.index)
    known = json.loads((folder / "EXPECTED.json").read_text(encoding="utf-8"))
    return SitingProblem(metres.to_numpy(), people.to_numpy()), known


@pytest.mark.real
def test_known_optima(san_francisco: tuple[SitingProblem, dict[str, Any]]) -> None:
    problem, known = san_francisco
    fewest = solve(problem, model="lscp", limit=known["radius_m"])
    assert fewest.objective == known["lscp_facilities"]
    for count, people in known["mclp_people"].items():
        found = solve(problem, sites=int(count), limit=known["radius_m"])
        assert found.objective == pytest.approx(people)
        assert found.status == "optimal"
    for count, total in known["p_median_objective"].items():
        found = solve(problem, model="p_median", sites=int(count))
        assert found.objective == pytest.approx(total)
        assert found.status == "optimal"
    for count, metres in known["p_center_m"].items():
        found = solve(problem, model="p_center", sites=int(count))
        assert found.objective == pytest.approx(metres, abs=0.01)


def town(seed: int, rows: int = 300, places: int = 60) -> SitingProblem:
    """Return a square of 40 minutes: people and candidates anywhere in it."""
    rng = np.random.default_rng(seed)
    people, candidates = rng.uniform(0, 40, (rows, 2)), rng.uniform(0, 40, (places, 2))
    minutes = np.abs(people[:, None] - candidates).sum(axis=2)
    minutes[minutes > 25] = np.inf
    return SitingProblem(minutes, rng.integers(1, 50, rows))


def test_the_house_knows_siting() -> None:
    assert coverage.siting.solve is solve


def test_zeros_are_minutes_and_limits_are_inclusive() -> None:
    times = sparse.csr_array(([0.0, 15.0], ([0, 1], [0, 1])), shape=(3, 2))
    assert solve(SitingProblem(times, [1, 2, 4]), sites=2).objective == 3
    assert solve(SitingProblem(times, [1, 2, 4]), sites=2, limit=14.999).objective == 1


def test_absent_pairs_and_infinite_ones_are_the_same() -> None:
    dense = np.array([[1.0, np.inf], [np.nan, 20.0], [14.0, 3.0]])
    full = ~np.isnan(np.where(np.isinf(dense), np.nan, dense))
    thin = sparse.csr_array((dense[full], np.nonzero(full)), shape=dense.shape)
    for model in ("mclp", "p_center", "p_median"):
        found = [
            solve(SitingProblem(times, [3, 5, 7]), model=model, sites=2) for times in (dense, thin)
        ]
        assert found[0].objective == found[1].objective


@pytest.mark.parametrize("seed", range(3))
def test_more_sites_never_cover_less_and_bounds_hold(seed: int) -> None:
    problem = town(seed)
    objectives = [solve(problem, sites=n, limit=6).objective for n in (1, 3, 6, 12)]
    assert objectives == sorted(objectives)
    shares = [solve(problem, model="lscp", limit=9, target=t).objective for t in (0.3, 0.6, 0.9)]
    assert shares == sorted(shares)
    rushed = solve(problem, sites=6, limit=6, time_limit=1e-9)
    assert rushed.objective <= objectives[2] <= rushed.bound
    assert rushed.stopped in {"time", "proof"}


def test_the_same_seed_gives_the_same_answer() -> None:
    first, second = (solve(town(5), sites=5, limit=6, seed=3) for _ in range(2))
    assert first.sites.tolist() == second.sites.tolist()
    assert first.bound == second.bound


def test_a_gap_that_is_small_enough_ends_the_search() -> None:
    found = solve(town(6), sites=8, limit=5, gap=0.5)
    assert found.stopped in {"gap", "proof"}
    assert found.gap <= 0.5


def test_what_is_left_out_is_said() -> None:
    times = [[1, 1, 99], [1, 1, 99], [99, 1, 1], [99, 99, 99], [1, 2, 3]]
    problem = SitingProblem(times, [1, 2, 3, 4, 5], existing=[99, 99, 99, 99, 2])
    told = solve(problem, sites=1).reductions
    assert (told.covered_rows, told.unreachable_rows, told.merged_rows) == (1, 1, 1)
    assert told.dominated_candidates == 2
    assert solve(problem, sites=1).objective == 11


def test_nothing_to_gain_is_said() -> None:
    found = solve(SitingProblem([[1.0]], [5], existing=[3]), sites=1)
    assert found.sites.size == 0
    assert found.objective == 5
    assert found.reason is not None
    assert "No feasible improvement" in found.reason.text("en")


def test_rows_nobody_covers_are_named_with_the_nearest_miss() -> None:
    found = solve(SitingProblem([[5, 20], [17, 18], [np.inf, np.inf]], [1, 1, 0]), model="lscp")
    assert found.status == "infeasible"
    assert found.uncoverable.tolist() == [1]
    assert found.nearest_miss.tolist() == [17]
    assert "17.0" in str(found.reason)


def test_a_plan_of_the_largest_trip_needs_a_way_for_everybody() -> None:
    found = solve(SitingProblem([[5.0], [np.inf]], [1, 1]), model="p_center", sites=1)
    assert found.status == "infeasible"
    assert found.uncoverable.tolist() == [1]


def test_tiers_share_a_site_and_keep_their_own_minutes() -> None:
    """A large centre reaches 15 minutes for 5, a point 5 minutes for 1; 6 are there."""
    times = [[4, 30, 30], [14, 4, 30], [30, 30, 4]]
    tiers = (Tier(name="centre", minutes=15, cost=5), Tier(name="point", minutes=5, cost=1))
    problem = SitingProblem(times, [10, 20, 5])
    found = solve(problem, sites=3, budget=6, rules=Rules(tiers=tiers))
    assert found.objective == 35
    sites = dict(zip(found.sites.tolist(), found.tiers, strict=True))
    # three points cost 3; a centre would do for two of them
    assert sites in ({0: "point", 1: "point", 2: "point"}, {0: "centre", 2: "point"})
    few = Rules(tiers=(tiers[0], Tier(name="point", minutes=5, cost=1, at_most=1)))
    assert solve(problem, sites=3, budget=4, rules=few).objective == 20


def test_an_existing_facility_closes_where_its_money_does_more() -> None:
    """Facility 0 serves 3 people; a new site at 2 would serve 9."""
    existing = Existing(times=[[2, 30], [30, 2], [30, 30]], closable=[True, False], savings=[4, 0])
    problem = SitingProblem([[30], [30], [3]], [3, 8, 9], existing=existing, costs=[4])
    found = solve(problem, sites=1, budget=0)
    assert found.closed.tolist() == [0]
    assert found.sites.tolist() == [0]
    assert found.objective == 17
    kept = solve(problem, sites=1, budget=4)
    assert kept.objective == 20
    assert kept.closed.size == 0


def test_an_existing_facility_is_upgraded() -> None:
    existing = Existing(
        times=[[10], [12]], capacities=[4], upgrade_costs=[2], upgraded_capacities=[9]
    )
    problem = SitingProblem([[30.0], [30.0]], [5, 5], existing=existing, costs=[1])
    found = solve(problem, sites=1, budget=2)
    assert found.upgraded.tolist() == [0]
    assert found.objective == pytest.approx(9)
    assert solve(problem, sites=1, budget=1).objective == pytest.approx(4)


def test_loads_keep_to_capacities() -> None:
    problem = SitingProblem([[5, 30], [5, 5], [30, 5]], [10, 10, 10], capacities=[12, 9])
    found = solve(problem, sites=2)
    assert found.objective == pytest.approx(21)
    assert found.served is not None
    assert found.served.sum(axis=0) == pytest.approx([12, 9])


def test_sites_too_near_to_each_other() -> None:
    places = [[0, 0], [300, 0], [900, 0]]
    apart = too_near(places, 500)
    assert sorted(zip(*apart.nonzero(), strict=True)) == [(0, 1), (1, 0)]
    assert too_near(places, 300).nnz == 0
    problem = SitingProblem([[1, 30, 30], [30, 1, 30], [30, 30, 1]], [9, 8, 1])
    found = solve(problem, sites=2, rules=Rules(conflicts=apart))
    assert found.sites.tolist() == [0, 2]


BAD_PROBLEMS: list[dict[str, Any]] = [
    {"weights": [1, np.nan]},
    {"weights": [1, -1]},
    {"weights": [1]},
    {"costs": [1, -2]},
    {"costs": [1]},
    {"capacities": [-1, 1]},
    {"existing": [1, -3]},
    {"groups": ["a"]},
    {"areas": ["a", "b", "c"]},
    {"times": [[1, -1], [1, 1]]},
    {"times": [1, 2]},
    {"times": np.empty((2, 0))},
    {"existing": Existing(times=[[1.0]])},
]


@pytest.mark.parametrize("bad", BAD_PROBLEMS, ids=str)
def test_a_problem_that_cannot_be_used(bad: dict[str, Any]) -> None:
    good: dict[str, Any] = {"times": [[1, 2], [3, 4]], "weights": [1, 1]}
    with pytest.raises(SitingError) as caught:
        SitingProblem(**{**good, **bad})
    for language in ("zh", "en"):
        assert caught.value.text(language)


BAD_OPTIONS: list[dict[str, Any]] = [
    {"model": "best"},
    {"sites": -1},
    {"sites": 1.5},
    {"limit": 0},
    {"target": 0},
    {"model": "lscp", "target": 90},
    {"budget": -1},
    {"budget": np.nan},
    {"floors": {"nowhere": 1}},
    {"floors": {"a": -1}},
    {"required": [7]},
    {"required": [0.5]},
    {"required": [0], "forbidden": [0]},
    {"target": 0.5},
    {"model": "p_median", "rules": Rules(cover_by=2)},
    {"model": "p_center", "rules": Rules(caps={"a": 1})},
    {"model": "lscp", "rules": Rules(tiers=(Tier(name="x", minutes=5),))},
    {"rules": Rules(tiers=(Tier(name="x", minutes=0),))},
    {"rules": Rules(tiers=(Tier(name="x", minutes=1), Tier(name="x", minutes=2)))},
    {"rules": Rules(cover_by=0)},
    {"rules": Rules(equity=True)},
    {"rules": Rules(conflicts=np.ones((3, 3)))},
]


@pytest.mark.parametrize("bad", BAD_OPTIONS, ids=str)
def test_options_that_cannot_be_used(bad: dict[str, Any]) -> None:
    problem = SitingProblem([[1, 2], [3, 4]], [1, 1], groups=["a", "b"])
    with pytest.raises(SitingError) as caught:
        solve(problem, **{"sites": 1, **bad})
    for language in ("zh", "en"):
        assert caught.value.text(language)


def test_floors_without_groups() -> None:
    with pytest.raises(SitingError):
        solve(SitingProblem([[1.0]], [1]), sites=1, floors={"a": 1})


NO_PLAN: list[tuple[dict[str, Any], str]] = [
    ({"sites": 4}, "few_candidates"),
    ({"sites": 1, "required": [0, 1]}, "many_required"),
    ({"sites": 2, "floors": {"a": 3}}, "high_floor"),
    ({"sites": 1, "floors": {"a": 1, "b": 1}}, "many_floors"),
    ({"sites": 2, "budget": 1}, "small_budget"),
    ({"sites": 2, "budget": 4, "floors": {"a": 1, "b": 1}}, "floors_too_dear"),
    ({"sites": 2, "floors": {"a": 2}, "rules": Rules(caps={"a": 1})}, "floor_above_cap"),
    ({"sites": 2, "required": [0, 1], "rules": Rules(conflicts=np.ones((3, 3)))},
     "required_too_near"),
    ({"model": "lscp", "limit": 2}, "uncoverable"),
    ({"model": "lscp", "limit": 2, "target": 0.9}, "target_unreachable"),
    ({"model": "lscp", "limit": 5, "budget": 2}, "contradiction"),
]  # fmt: skip


@pytest.mark.parametrize(("options", "code"), NO_PLAN, ids=[code for _, code in NO_PLAN])
def test_why_there_is_no_plan(options: dict[str, Any], code: str) -> None:
    problem = SitingProblem(
        [[1, 9, 9], [9, 1, 9], [9, 9, 5]], [1, 1, 1], costs=[2, 3, 4], groups=["a", "a", "b"]
    )
    found = solve(problem, **options)
    assert found.status == "infeasible"
    assert found.sites.size == 0
    assert np.isnan(found.objective)
    assert found.reason is not None
    assert found.reason.code == code
    for language in ("zh", "en"):
        assert found.reason.text(language)


@pytest.fixture(scope="module")
def endless() -> Model:
    """Return a program far too hard for any time that a test has."""
    rng = np.random.default_rng(1)
    rows, size = 400, 900
    table = sparse.random_array((rows, size), density=0.1, rng=rng, format="csr")
    return Model(
        cost=rng.uniform(1, 2, size), least=np.zeros(size), most=np.ones(size),
        whole=np.ones(size, dtype=bool), start=table.indptr.astype(np.int32),
        item=table.indices.astype(np.int32), value=np.ones(table.nnz),
        lower=np.full(rows, 2.0), upper=np.full(rows, np.inf),
    )  # fmt: skip


def test_a_time_limit_holds_where_the_solver_would_go_on(endless: Model) -> None:
    """What goes to a child is ended with it."""
    begin = time.monotonic()
    found = minimise(endless, Clock(2.0))
    assert time.monotonic() - begin < 7
    # a machine under load may not have come to a plan or a bound by then
    if found.values.size:
        assert found.bound <= endless.cost @ found.values + 1e-6


NO_TIME: list[dict[str, Any]] = [
    {"model": "mclp", "sites": 9},
    {"model": "mclp", "sites": 9, "rules": Rules(equity=True)},
    {"model": "mclp", "sites": 9, "rules": Rules(cover_by=2)},
    {"model": "lscp", "target": 0.9},
    {"model": "lscp", "target": 0.9, "rules": Rules(equity=True)},
    {"model": "p_median", "sites": 9},
    {"model": "p_center", "sites": 9},
]


@pytest.mark.parametrize("options", NO_TIME)
def test_without_any_time_there_is_a_plan_all_the_same(options: dict[str, Any]) -> None:
    problem = replace(town(4), areas=[row % 7 for row in range(300)])
    late = solve(problem, limit=12, time_limit=1e-6, **options)
    assert late.status in {"feasible", "optimal"}
    assert late.sites.size
    if options["model"] == "lscp":
        near = problem.times[:, late.sites]
        near.data = ((near.data > 0) & (near.data <= 12)).astype(float)
        reached = problem.weights * (near.sum(axis=1) > 0)
        areas = problem.areas.astype(int)
        assert (np.bincount(areas, reached) / np.bincount(areas, problem.weights)).min() > 0.8
        assert reached.sum() >= 0.9 * problem.weights.sum()
    if "rules" not in options:
        timely = solve(problem, limit=12, **options)
        bounds = sorted([late.bound, late.objective])
        assert bounds[0] <= timely.objective <= bounds[1]


class EnoughError(Exception):
    """Somebody pressed stop."""


def _stopper(calls: int) -> Callable[[], None]:
    """Return what lets so many calls pass, then ends the work."""
    left = itertools.count(calls, -1)

    def stop() -> None:
        if next(left) <= 0:
            raise EnoughError

    return stop


@pytest.mark.parametrize("rows", [400, 40], ids=["large", "small"])
def test_whoever_waits_can_end_a_solver_at_work(endless: Model, rows: int) -> None:
    """Whether it goes to a child at once or after a moment: nothing is left running."""
    end = int(endless.start[rows])
    model = replace(
        endless, start=endless.start[: rows + 1], item=endless.item[:end],
        value=endless.value[:end], lower=endless.lower[:rows], upper=endless.upper[:rows],
    )  # fmt: skip
    before, begin = psutil.Process().children(), time.monotonic()
    with pytest.raises(EnoughError):
        minimise(model, Clock(60.0, _stopper(3)))
    assert time.monotonic() - begin < 5
    assert psutil.Process().children() == before


@pytest.mark.parametrize("model", ["mclp", "p_median"])
def test_whoever_waits_can_end_a_search(model: str) -> None:
    before, begin = psutil.Process().children(), time.monotonic()
    with pytest.raises(EnoughError):
        solve(town(3, 1500, 900), model=model, sites=25, limit=4, progress=_stopper(1))
    assert time.monotonic() - begin < 10
    assert psutil.Process().children() == before


@pytest.mark.parametrize("model", ["lscp", "mclp", "p_median", "p_center"])
def test_telling_whoever_waits_changes_no_answer(model: str) -> None:
    options: dict[str, Any] = {"model": model, "limit": 20}
    options |= {"target": 0.9} if model == "lscp" else {"sites": 8}
    told: list[float] = []
    alone = solve(town(5), **options)
    watched = solve(town(5), progress=lambda: told.append(time.monotonic()), **options)
    assert watched.sites.tolist() == alone.sites.tolist()
    assert (watched.objective, watched.bound) == (alone.objective, alone.bound)


MODELS = ("lscp", "mclp", "p_median", "p_center")

SHORT_OF_TIME: list[dict[str, Any]] = [
    {"model": "mclp", "sites": 5, "rules": Rules(cover_by=2)},
    {"model": "mclp", "sites": 5, "rules": Rules(tiers=(Tier(name="a", minutes=9, cost=1),))},
    {"model": "lscp", "target": 0.9},
    {"model": "p_median", "sites": 5, "floors": {"north": 2}},
    {"model": "p_center", "sites": 5},
]


@pytest.mark.parametrize("options", SHORT_OF_TIME)
def test_where_all_pairs_would_outlast_the_time_some_candidates_are_left_out(
    options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    groups = ["north", "south"] * 30
    problem = replace(town(7), groups=groups, existing=np.full(300, 60.0))
    options |= {"limit": 9, "required": [3], "forbidden": [4, 5]}
    whole = solve(problem, **options)
    assert whole.untried == 0
    monkeypatch.setattr("coverage.siting.thinning._PAIRS", dict.fromkeys(MODELS, 10.0))
    some = solve(problem, **options)
    assert some.untried > 10
    assert 3 in some.sites
    assert not {4, 5} & set(some.sites.tolist())
    assert some.status == "feasible"
    low, high = sorted([some.objective, some.bound])
    assert low < high
    assert low - 1e-9 <= whole.objective <= high + 1e-9
    if "floors" in options:
        assert sum(groups[site] == "north" for site in some.sites) >= 2
