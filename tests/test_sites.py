"""Siting in a project: candidates, the plan's target, files, a scenario that keeps the promise."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from idle_buildings import CRS, PLACES, S, chosen, site, write_candidates
from shapely import Point
from tiny_county import REPOSITORY, point

import coverage
from coverage.cli.main import main
from coverage.errors import ScenarioError, SitingError
from coverage.scenario import apply_scenario, save_scenario, scenario_path
from coverage.sites import SiteQuestion, find_sites, told
from coverage.sites.model import Model
from coverage.siting import Rules, SitingProblem
from coverage.texts.width import cells_of


def test_the_sites_that_cover_most_best_first(sited: Path) -> None:
    result = site(sited, sites=2)
    assert chosen(result) == ["b", "a"]
    assert result.sites["newly_covered"].tolist() == pytest.approx([25, 20])
    assert result.sites["cumulative_share"].tolist() == pytest.approx([0.55, 0.75])
    assert result.sites["community"].tolist() == ["500999101201", "500999101001"]
    assert result.sites["township"].tolist() == ["500999101"] * 2
    assert (result.reached.before, result.reached.after) == pytest.approx((30, 75))
    reasons = result.reasons.set_index("candidate")
    assert reasons.loc["b", "communities"] == "乙二村 25"
    assert reasons.loc["a", "minutes_before"] == pytest.approx(901 / 60)
    assert reasons.loc["a", "minutes_after"] == pytest.approx(0, abs=1e-6)
    assert reasons.loc["a", "lost"] == pytest.approx(20)
    assert (reasons.loc["a", "runner_up"], reasons.loc["a", "runner_up_short"]) == ("c", 5)


def test_candidates_that_cannot_be_used_are_listed(sited: Path) -> None:
    status = site(sited).candidates.set_index("candidate")["status"].to_dict()
    assert status == {
        "a": "usable", "b": "usable", "c": "usable", "home": "usable",
        "off": "off_network", "park": "excluded", "far": "outside",
    }  # fmt: skip


@pytest.mark.parametrize("best", [0, 1, 2])
def test_of_equals_the_more_suitable_one_is_taken(sited: Path, best: int) -> None:
    suitability = [0.2, 0.2, 0.2, 0.0]
    suitability[best] = 0.9
    frame = pd.DataFrame({"id": ["p", "q", "r", "s"], "suitability": suitability})
    places = [point(2500, 300)] * 4
    gpd.GeoDataFrame(frame, geometry=places, crs=CRS).to_file(sited / "candidates.gpkg")
    result = site(sited, sites=1)
    assert chosen(result) == ["pqr"[best]]
    assert result.candidates.set_index("candidate").loc["s", "status"] == "unsuitable"


def test_buildings_may_be_areas_and_a_place_may_be_missing(sited: Path) -> None:
    areas = [point(x, y).buffer(5) for x, y, *_ in PLACES.values()]
    areas[2] = None
    frame = pd.DataFrame({"id": list(PLACES), "name": ""})
    gpd.GeoDataFrame(frame, geometry=areas, crs=CRS).to_file(sited / "candidates.gpkg")
    result = site(sited, sites=2)
    status = result.candidates.set_index("candidate")["status"]
    assert (status["b"], status["c"]) == ("usable", "no_location")
    assert chosen(result) == ["b", "a"]


def test_a_saved_scenario_keeps_the_promise(sited: Path) -> None:
    project = coverage.open_project(sited)
    result = project.site(S, sites=3, save="three")
    assert result.scenario is not None
    save_scenario(result.scenario, scenario_path(sited, "three"))
    rows = project.run(scenario="three").demand.query(f"service == '{S}'")
    covered = rows.loc[rows["status"] == "covered", "weight"].sum()
    assert covered == pytest.approx(result.reached.after, abs=1e-9) == pytest.approx(90)
    with pytest.raises(ScenarioError, match="three"):
        project.site(S, sites=1, save="three")


def test_a_scenario_on_top_of_another_keeps_both(sited: Path) -> None:
    project = coverage.open_project(sited)
    one = project.site(S, sites=1, save="one").scenario
    assert one is not None
    save_scenario(one, scenario_path(sited, "one"))
    both = project.site(S, sites=1, scenario="one", save="two").scenario
    assert both is not None
    assert [edit.id for edit in both.edits if hasattr(edit, "id")] == ["new-b", "new-a"]
    with pytest.raises(SitingError, match="planned"):
        project.site(S, sites=1, scenario="planned", save="x")


def test_budget_target_rules_and_capacity(sited: Path) -> None:
    assert chosen(site(sited, budget=30)) == ["b", "a"]
    assert chosen(site(sited, budget=15)) == ["a"]
    assert len(site(sited, model="lscp", target=70).sites) == 2
    assert chosen(site(sited, model="lscp", target=55)) == ["b"]
    assert chosen(site(sited, sites=1, forbid=("b",))) == ["a"]
    assert chosen(site(sited, sites=1, require=("home",))) == ["home"]
    assert set(chosen(site(sited, sites=2, floors={"township": 1}))) == {"home", "b"}
    # of the 20 at d3 only 5 find room
    full = site(sited, sites=2, capacity="capacity")
    assert chosen(full) == ["b", "c"]
    assert full.reached.after == pytest.approx(70)


def test_models_of_minutes_say_whom_they_leave_out(sited: Path) -> None:
    result = site(sited, model="p_median", sites=1, forbid=("c",))
    assert result.left_out == pytest.approx(25)  # the island without c, and d6
    assert chosen(result) == ["b"]
    # s takes d1 200 m, d2 900 m, d3 901 m; b stands where d4 is
    assert result.solution.objective == pytest.approx((20 * 200 + 10 * 900 + 20 * 901) / 60)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"sites": 9}, "9"),
        ({"budget": 4}, "预算"),
        ({"model": "lscp"}, "d5|d6|居民点"),
        ({"model": "lscp", "target": 99}, "99.0%.*90.0%"),
        ({"sites": 3, "floors": {"community": 2}}, "甲一社区 500999001001.*1 处"),
        ({"sites": 1, "forbid": ("a", "b", "c")}, "没有可改进"),
        ({"model": "p_median", "sites": 1, "forbid": ("a", "b", "c", "home")}, "1 处"),
    ],
)
def test_without_a_plan_the_reason_stands_in_words(
    sited: Path, options: dict[str, Any], words: str
) -> None:
    result = site(sited, **options)
    assert not result.found
    assert pd.Series([result.explanation]).str.contains(words).item(), result.explanation


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"require": ("aa",)}, "aa.*最接近的是 a"),
        ({"require": ("park",)}, "禁建"),
        ({"candidates": "facilities:nothing"}, "类别"),
        ({"candidates": f"facilities:{'community_eldercare_station'}"}, "本来就提供"),
        ({"candidates": "grid:0"}, "网格"),
        ({"candidates": "node"}, "nodes"),
        ({"model": "mclp", "target": 90}, "target"),
        ({"model": "lscp", "target": 120}, "120"),
        ({"model": "lscp", "target": "plan"}, "没有目标值"),
        ({"model": "lscp", "sites": 3}, "sites"),
        ({"sites": 0}, "不小于 1"),
        ({"floors": {"county": 1}}, "township"),
        ({"capacity": "beds"}, "beds"),
    ],
)
def test_what_cannot_be_asked(sited: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SitingError, match=words):
        site(sited, **options)


def test_a_negative_cost_is_told_and_counts_as_unknown(sited: Path) -> None:
    write_candidates(sited, cost=[10, -1, 1, 1, 1, 1, 1])
    result = site(sited, budget=30)
    assert result.candidates.set_index("candidate").loc["b", "status"] == "no_cost"
    assert ["-1" in note for note in result.notes] == [True]
    assert chosen(result) == ["a", "c"]
    assert told.pricing(result) == ""
    write_candidates(sited, cost=-1)
    assert "按每处 1 计" in told.pricing(site(sited, budget=2))


def test_nodes_grids_and_facilities_are_candidates(sited: Path) -> None:
    nodes = site(sited, candidates="nodes", sites=1)
    assert len(nodes.candidates) == 7  # the vertices of the three streets
    grid = site(sited, candidates="grid:200", sites=1)
    cells = gpd.GeoSeries(grid.candidates.geometry)
    assert ((cells.x % 200 == 100) & (cells.y % 200 == 100)).all()
    assert cells.distance(point(2500, 300)).min() <= 200
    services = site(sited, candidates="facilities:community_service_facility", sites=1)
    assert chosen(services) == ["f3"]


def test_the_plan_of_units_takes_one_site_a_unit(sited: Path) -> None:
    """One of two townships has a station; of the plan's 100 % one is missing."""
    project = coverage.open_project(sited, plan="weinan")
    result = project.site("social_work", model="lscp", target="plan")
    assert result.sites["township"].tolist() == ["500999101"]
    assert result.indicator is not None
    assert result.indicator.table["value"].tolist() == [50, 100]
    assert result.indicator.met
    assert (result.solution.objective, result.solution.gap) == (1, 0)


def test_units_are_filled_even_where_nobody_is_gained() -> None:
    """All people are covered already: in y the candidate that reaches more of them is taken."""
    times = [[5.0, 20.0, 4.0, 9.0], [30.0, 10.0, 3.0, 9.0]]
    problem = SitingProblem(times, [10, 20], existing=[1, 1], groups=["x", "y", "y", "z"])
    question = SiteQuestion(service=S, model="lscp", target="plan")
    rules = Rules(caps={"x": 1, "y": 1, "z": 1})
    model = Model(problem=problem, question=question, limit=15, forbidden=(3,), rules=rules, fill=2)
    solution = model.solve()
    assert solution.sites.tolist() == [0, 2]
    assert (solution.objective, solution.status) == (2, "optimal")


def test_units_without_a_usable_candidate_are_named(sited: Path) -> None:
    project = coverage.open_project(sited, plan="weinan")
    options: dict[str, Any] = {"model": "lscp", "target": "plan"}
    result = project.site("social_work", forbid=("a", "b", "c"), **options)
    assert not result.found
    assert "乙镇 500999101" in result.explanation
    with pytest.raises(SitingError, match="home"):
        project.site("social_work", require=("home",), **options)


def test_the_plan_of_people_is_a_share_to_reach(sited: Path) -> None:
    """The plan wants everybody, but d6 lives off the streets."""
    result = coverage.open_project(sited, plan="fuling").site(S, model="lscp", target="plan")
    assert not result.found
    assert "100.0%" in result.explanation


def test_the_fewest_sites_that_meet_the_plan_of_people(sited: Path) -> None:
    """Of 100 elders 30 are covered; b brings 25 and a 20: both are needed for 70 %."""
    prepared = coverage.open_project(sited, plan="fuling").prepare()
    plan = prepared.configuration.plan
    rows = tuple(replace(row, target=70.0) if row.row == 18 else row for row in plan.rows)
    configuration = replace(prepared.configuration, plan=replace(plan, rows=rows))
    question = SiteQuestion(service=S, model="lscp", target="plan")
    result = find_sites(replace(prepared, configuration=configuration), question)
    assert chosen(result) == ["b", "a"]
    assert result.indicator is not None
    assert result.indicator.table["value"].tolist() == pytest.approx([30, 75])
    assert result.indicator.table["numerator"].iloc[1] == pytest.approx(result.reached.after)


def test_the_command_writes_and_tells(sited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["site", str(sited), "--service", S, "--sites", "2", "--pareto", "--save", "two"]
    assert main(given) == 0
    folder = sited / "results" / "siting" / f"{S}-mclp"
    table = pd.read_csv(folder / "sites.csv", encoding="utf-8-sig", dtype={"community": str})
    first = "rank,candidate,lon,lat,community,township,newly_covered,cumulative_share,cost"
    assert ",".join(table.columns[:9]) == first
    record = json.loads((folder / "siting.json").read_text(encoding="utf-8"))
    head = ["model", "status", "stopped", "objective", "bound", "gap", "seconds"]
    assert list(record)[:7] == head
    assert record["covered_after"] == pytest.approx(75)
    pareto = pd.read_csv(folder / "pareto.csv", encoding="utf-8-sig")
    assert pareto["covered"].tolist() == pytest.approx([55, 75])
    assert pareto["marginal"].tolist() == pytest.approx([25, 20])
    assert (sited / "scenarios" / "two.toml").exists()
    said = capsys.readouterr().out
    assert "已证明" in said
    assert "75.00%" in said
    assert max(cells_of(line) for line in said.splitlines() if "闲置" in line) <= 100
    before = (folder / "siting.json").read_bytes()
    assert main([*given[:5], "9"]) == 3
    assert "9 处" in capsys.readouterr().err
    assert (folder / "siting.json").read_bytes() == before
    assert main(["site", str(sited), "--service", "elderly"]) == 1


def test_whoever_waits_is_told_that_the_search_goes_on(
    sited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coverage.siting.process._BETWEEN", 0.0)
    told: list[str] = []
    site(sited, sites=2, pareto=True, progress=told.append)
    for stage in ("siting", "reasons", "pareto"):
        assert told.count(stage) > 1

    def stop(stage: str) -> None:
        if told.append(stage) or told.count("siting") > 1:
            raise InterruptedError

    told.clear()
    with pytest.raises(InterruptedError):
        site(sited, sites=2, progress=stop)


def test_a_project_without_candidates_says_what_else_there_is(tiny: Path) -> None:
    with pytest.raises(SitingError, match="nodes"):
        site(tiny)


def test_the_demo_keeps_its_promise_from_all_street_nodes() -> None:
    prepared = coverage.open_project(REPOSITORY / "data" / "demo").prepare()
    question = SiteQuestion(service=S, sites=10, candidates="nodes", save="ten")
    result = find_sites(prepared, question)
    assert result.solution.stopped in {"proof", "gap"}
    assert len(result.sites) == 10
    assert result.scenario is not None
    after = apply_scenario(prepared, result.scenario).service_access(S).demand
    covered = after.loc[after["status"] == "covered", "weight"].sum()
    assert covered == pytest.approx(result.reached.after, abs=1e-6)
    # a site's units are those it lies in
    towns = prepared.layers.townships.set_index("code").geometry
    for _, row in result.sites.iterrows():
        assert towns[row["township"]].intersects(Point(row.geometry))


BAD_INPUT: dict[str, tuple[dict[str, Any], tuple[str, ...], int, str]] = {
    "more sites than candidates": ({}, ("--sites", "9"), 3, "9 处.*4 处"),
    "a budget below the cheapest site": ({}, ("--budget", "4"), 3, "预算 4 .*5"),
    "floors that cannot be met": (
        {}, ("--sites", "3", "--floor", "community=2"), 3, "至少要 2 处.*只有 1 处",
    ),
    "nobody left to cover": (
        {}, ("--sites", "1", "--forbid", "a", "--forbid", "b", "--forbid", "c"), 3, "没有可改进",
    ),
    "all candidates off the network": ({"at": "off"}, ("--sites", "1"), 1, "7 处.*没有道路"),
    "a facility that is gone": ({}, ("--scenario", "gone"), 1, "gone.toml.*f99"),
    "a damaged scenario": ({}, ("--scenario", "torn"), 1, "torn.toml.*损坏"),
    "a scenario that is there": ({}, ("--sites", "1", "--save", "torn"), 1, "torn.toml.*没有覆盖"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_told_in_a_sentence_and_nothing_is_overwritten(
    sited: Path, case: str, capsys: pytest.CaptureFixture[str]
) -> None:
    changes, options, code, words = BAD_INPUT[case]
    write_candidates(sited, **changes)
    earlier = {
        "scenarios/gone.toml": '[[edits]]\naction = "close"\nid = "f99"\n',
        "scenarios/torn.toml": '[[edits]\naction = "close"',
        f"results/siting/{S}-mclp/siting.json": "{}",
    }
    for name, text in earlier.items():
        (sited / name).parent.mkdir(parents=True, exist_ok=True)
        (sited / name).write_text(text, encoding="utf-8")
    assert main(["site", str(sited), "--service", S, *options]) == code
    said = capsys.readouterr().err.strip()
    assert len(said.splitlines()) == 1
    assert pd.Series([said]).str.contains(words).item(), said
    files = {str(p.relative_to(sited)) for p in sited.glob("[rs]*/**/*") if p.is_file()}
    assert files == set(earlier)
    assert all((sited / name).read_text(encoding="utf-8") == earlier[name] for name in earlier)
