"""Rules of a siting in a project: spacing, two in reach, the worst-off township, years."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from idle_buildings import S, chosen, site
from tiny_county import point

import coverage
from coverage.cli.main import main
from coverage.errors import SitingError
from coverage.scenario import Add, Close, Scenario, save_scenario, scenario_path
from coverage.siting import Tier

if TYPE_CHECKING:
    from pathlib import Path

WITHOUT_F1 = Scenario(name="without", edits=(Close(id="f1"),))


def test_sites_stand_apart(sited: Path) -> None:
    assert chosen(site(sited, sites=2)) == ["b", "a"]
    # a and b are 1117 m apart, b and c 456 m, a and c 1557 m
    assert chosen(site(sited, sites=2, spacing=1117)) == ["b", "a"]
    assert chosen(site(sited, sites=2, spacing=1118)) == ["a", "c"]
    near = site(sited, sites=2, spacing=1118, require=("a", "b"))
    assert not near.found
    assert "a 和 b" in near.explanation


def test_with_backup_two_must_be_in_reach(sited: Path) -> None:
    one = site(sited, sites=1, backup=True)
    # d1 has f1 already: with home two; d2 has f1 and then a
    assert chosen(one) == ["home"]
    assert (one.reached.before, one.reached.after) == pytest.approx((0, 20))
    two = site(sited, sites=2, backup=True)
    assert chosen(two) == ["home", "a"]
    assert two.reached.after == pytest.approx(30)
    assert two.reasons["minutes_before"].tolist() == pytest.approx([200 / 60, 15])
    lacking = site(sited, model="lscp", backup=True)
    assert "达不到两处" in lacking.explanation


def test_equity_takes_the_worst_off_township_first(sited: Path) -> None:
    def shares(**options: Any) -> list[float]:
        result = site(sited, scenario=WITHOUT_F1, **options)
        assert result.townships is not None
        return [float(share) for share in result.townships["share_after"]]

    # without f1 nobody is covered: most people are d3, d2 and d4, all in one township
    assert shares(sites=2) == pytest.approx([0, 55 / 80])
    assert shares(sites=2, equity=True) == pytest.approx([1, 30 / 80])
    assert shares(model="lscp", target=30) == pytest.approx([0, 30 / 80])
    assert min(shares(model="lscp", target=30, equity=True)) >= 0.3


def test_years_build_what_their_money_allows(sited: Path) -> None:
    project = coverage.open_project(sited)
    result = project.site(S, phases={2025: 15, 2024: 15}, save="years")
    # 30 buy a (10, for 20 people) and b (20, for 25): the first year can pay a alone
    assert chosen(result) == ["b", "a"]
    assert result.sites["year"].tolist() == [2025, 2024]
    assert result.phases is not None
    assert result.phases[["year", "sites", "candidates"]].values.tolist() == [
        [2024, 1, "a"], [2025, 1, "b"],
    ]  # fmt: skip
    assert result.phases["left"].tolist() == pytest.approx([5, 0])
    assert result.phases["covered"].tolist() == pytest.approx([50, 75])
    assert result.scenario is not None
    years = {edit.id: edit.open_year for edit in result.scenario.edits if isinstance(edit, Add)}
    assert years == {"new-a": 2024, "new-b": 2025}
    save_scenario(result.scenario, scenario_path(sited, "years"))
    for year, covered in ((2023, 30), (2024, 50), (2025, 75)):
        rows = project.run(scenario="years", year=year).demand.query(f"service == '{S}'")
        found = rows.loc[rows["status"] == "covered", "weight"].sum()
        assert found == pytest.approx(covered)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"spacing": 0}, "间距"),
        ({"spacing": 300, "model": "p_median"}, "spacing.*p_median.*mclp"),
        ({"backup": True, "model": "p_center"}, "backup"),
        ({"equity": True, "model": "p_median"}, "equity"),
        ({"phases": {2024: 5}, "model": "lscp"}, "phase"),
        ({"phases": {2024: 5}, "budget": 5}, "--phase"),
        ({"phases": {2024: -5}}, "2024=-5"),
        ({"phases": {24: 5}}, "24=5"),
        ({"model": "lscp", "target": "plan", "equity": True}, "--equity"),
        ({"close": 1, "model": "lscp"}, "close.*lscp.*mclp"),
        ({"close": -1}, "-1"),
        ({"keep": ("f1",)}, "--keep"),
        ({"phases": {2024: 5}, "close": 1}, "--close"),
        ({"tiers": (Tier(name="站", minutes=9),), "model": "p_median"}, "tier"),
    ],
)
def test_rules_that_cannot_be_asked(sited: Path, options: dict[str, Any], words: str) -> None:
    with pytest.raises(SitingError, match=words):
        site(sited, **options)


def test_the_command_takes_the_rules(sited: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["site", str(sited), "--service", S]
    assert main([*given, "--phase", "2024=15", "--phase", "2025=15", "--save", "years"]) == 0
    said = capsys.readouterr().out
    assert "2024 年建 1 处，花 10，年底覆盖 50.00%" in said
    assert "--year 2025" in said
    folder = sited / "results" / "siting" / f"{S}-mclp"
    phases = pd.read_csv(folder / "phases.csv", encoding="utf-8-sig")
    assert phases["year"].tolist() == [2024, 2025]
    apart = ["--spacing", "1118", "--sites", "2", "--backup", "--equity", "--save", "both"]
    assert main([*given, *apart]) == 0
    said = capsys.readouterr().out
    assert "两处设施" in said
    assert "不看两处可达才算的条件，" in said
    asked = json.loads((folder / "siting.json").read_text(encoding="utf-8"))["parameters"]
    assert (asked["spacing"], asked["backup"], asked["equity"]) == (1118, True, True)
    assert (folder / "townships.csv").exists()
    assert main([*given, "--sites", "2", "--close", "1"]) == 0
    assert "一处也不用关" in capsys.readouterr().out
    assert (folder / "closed.csv").exists()
    assert main([*given, "--tier", "养老服务站:15::50", "--budget", "80"]) == 0
    assert " · 养老服务站" in capsys.readouterr().out
    for wrong in ("站:15:3", "站:0:3:1", "站:15:3:", ":15:3:1"):
        assert main([*given, "--tier", wrong]) == 2
        assert "--tier" in capsys.readouterr().err
    for wrong in ("2024", "x=3", "2024=1"):
        assert main([*given, "--phase", "2024=1", "--phase", wrong]) == 2
        assert "--phase" in capsys.readouterr().err


def test_a_facility_closes_where_another_covers_its_people(sited: Path) -> None:
    project = coverage.open_project(sited)
    place = point(500, 500)
    twin = Add(id="twin", category="community_eldercare_station", x=place.x, y=place.y)
    twice = Scenario(name="twice", edits=(twin,))
    options: dict[str, Any] = {"scenario": twice, "sites": 1, "close": 1}
    moved = project.site(S, keep=("twin",), save="moved", **options)
    assert moved.closed is not None
    assert moved.closed[["facility", "people"]].to_numpy().tolist() == [["f1", 30.0]]
    assert chosen(moved) == ["b", "a"]
    assert (moved.reached.before, moved.reached.after) == pytest.approx((30, 75))
    assert moved.record["closed"] == ["f1"]
    assert moved.scenario is not None
    save_scenario(moved.scenario, scenario_path(sited, "moved"))
    rows = project.run(scenario="moved").demand.query(f"service == '{S}'")
    assert rows.loc[rows["status"] == "covered", "weight"].sum() == pytest.approx(75)
    stays = site(sited, keep=("twin", "f1"), **options)
    assert stays.closed is not None
    assert stays.closed.empty
    assert stays.reached.after == pytest.approx(55)
    with pytest.raises(SitingError, match=r"f6.*f1"):
        site(sited, keep=("f6",), **options)


def test_each_site_has_the_size_that_pays(sited: Path) -> None:
    centre = Tier(name="养老服务站", minutes=15, capacity=100, cost=50)
    point = Tier(name="村级互助养老点", minutes=5, capacity=20, cost=10)
    few = site(sited, budget=60, tiers=(centre, point))
    # two points with room for 20 each, of the 20 at a and the 25 at b
    assert dict(zip(few.sites["candidate"], few.sites["tier"], strict=True)) == {
        "a": point.name, "b": point.name,
    }  # fmt: skip
    assert few.sites["cost"].sum() == pytest.approx(50)
    assert few.reached.after == pytest.approx(70)
    more = site(sited, budget=90, tiers=(centre, point))
    assert dict(zip(more.sites["candidate"], more.sites["tier"], strict=True)) == {
        "a": point.name, "b": centre.name,
    }  # fmt: skip
    assert more.reached.after == pytest.approx(75)
    assert more.scenario is not None
    built = {edit.id: (edit.category, edit.capacity) for edit in more.scenario.edits}
    assert built == {
        "new-a": ("village_eldercare_point", 20.0),
        "new-b": ("community_eldercare_station", 100.0),
    }
