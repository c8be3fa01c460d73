"""Scenarios applied: equal to a project whose files were edited by hand, the baseline untouched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point
from tiny_county import EAST, NORTH, point

import coverage
from coverage.cli.main import main
from coverage.errors import ScenarioError
from coverage.scenario import (
    Add,
    Barrier,
    Close,
    Edit,
    Housing,
    Link,
    Move,
    Reopen,
    Resize,
    Scenario,
    apply_scenario,
    save_scenario,
)

if TYPE_CHECKING:
    from coverage.results import Result

STATION = "community_eldercare_station"
FIGURES = ("indicators", "communities", "townships", "facilities")


def at(x: float, y: float) -> dict[str, float]:
    return {"x": EAST + x, "y": NORTH + y}


def line(*corners: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    return tuple((EAST + x, NORTH + y) for x, y in corners)


def edited(tiny: Path, *edits: Edit, year: int | None = None) -> Result:
    prepared = coverage.open_project(tiny).prepare(year=year)
    return apply_scenario(prepared, Scenario(name="a", edits=edits)).analyse(extras=False)


def by_hand(
    tiny: Path, layer: str, change: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> Result:
    """Run a copy of the project in which a file was changed."""
    copy = tiny.with_name("by_hand")
    if not copy.exists():
        shutil.copytree(tiny, copy)
    file = copy / f"{layer}.gpkg"
    change(gpd.read_file(file)).to_file(file)
    return coverage.open_project(copy).prepare().analyse(extras=False)


def assert_same(one: Result, other: Result, *, but: tuple[str, ...] = ()) -> None:
    for name in FIGURES:
        left, right = (
            pd.DataFrame(getattr(r, name)).drop(columns=["geometry", *but], errors="ignore")
            for r in (one, other)
        )
        pd.testing.assert_frame_equal(left, right, obj=name)
    left, right = (
        pd.DataFrame(r.demand.drop(columns="geometry")).sort_values(
            ["service", "id"], ignore_index=True
        )
        for r in (one, other)
    )
    pd.testing.assert_frame_equal(left, right)


def test_a_facility_added(tiny: Path) -> None:
    def add(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = {"id": "n1", "name": "新站", "category": STATION, "floor_area_m2": 200.0,
               "status": "operating", "open_year": 2020.0}  # fmt: skip
        row = gpd.GeoDataFrame([new], geometry=[point(1401, 500)], crs=table.crs)
        return pd.concat([table, row], ignore_index=True)

    new = Add(
        id="n1", name="新站", category=STATION, floor_area_m2=200, open_year=2020, **at(1401, 500)
    )
    found = edited(tiny, new)
    assert_same(found, by_hand(tiny, "facilities", add), but=("source_status",))
    assert found.facilities.iloc[-1][["id", "status", "community"]].tolist() == [
        "n1", "counted", "500999101001",
    ]  # fmt: skip
    # d2 and d3 lie within 15 minutes of the old and the new station, d4 (1,299 m) of neither
    covered = found.communities.set_index("code")["elderly_circle_covered"]
    assert covered.to_dict() == {"500999001001": 20, "500999101001": 30, "500999101201": 0}


def test_a_new_facility_counts_from_its_opening_year_on(tiny: Path) -> None:
    new = Add(id="n1", category=STATION, open_year=2025, **at(1401, 500))
    before, after = (edited(tiny, new, year=year) for year in (2024, 2025))
    assert before.facilities.iloc[-1]["status"] == "not_in_year"
    assert after.facilities.iloc[-1]["status"] == "counted"
    people = [r.townships["elderly_circle_covered"].sum() for r in (before, after)]
    assert people == [30, 50]


def test_a_facility_moved_resized_closed(tiny: Path) -> None:
    def change(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        table.loc[0, "geometry"] = point(2400, 500)
        table.loc[2, "floor_area_m2"] = 45.0
        table.loc[3, "status"] = "closed"
        return table

    edits = (
        Move(id="f1", **at(2400, 500)),
        Resize(id="f3", floor_area_m2=45),
        Close(id="f4"),
    )
    found = edited(tiny, *edits)
    assert_same(found, by_hand(tiny, "facilities", change), but=("source_status",))
    row = found.facilities.set_index("id").loc["f4"]
    assert (row["status"], row["source_status"]) == ("not_in_service", "operating")
    assert found.facilities["community"].iloc[0] == "500999101201"


def test_a_planned_facility_opened_early(tiny: Path) -> None:
    found = edited(tiny, Reopen(id="f5")).facilities.set_index("id").loc["f5"]
    assert (found["status"], found["source_status"]) == ("counted", "planned")


def test_closing_and_reopening_is_the_baseline(tiny: Path) -> None:
    baseline = coverage.open_project(tiny).prepare().analyse(extras=False)
    assert_same(edited(tiny, Close(id="f1"), Reopen(id="f1")), baseline)


def test_a_facility_in_a_community_stands_at_a_point_of_it(tiny: Path) -> None:
    new = Add(id="n1", category=STATION, community="乙二村", serves=("乙一社区",))
    row = edited(tiny, new).facilities.iloc[-1]
    assert row[["community", "location"]].tolist() == ["500999101201", "approximate"]


def test_housing_adds_people_and_totals(tiny: Path) -> None:
    """The same people as rows of the files: a demand point, and so many more in every total."""
    home = Housing(id="h", households=40, population=100, elders60=30, elders65=20, **at(1400, 500))

    def add(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        new = {"id": "h", "community": "500999101001", "population": 100.0, "elders60": 30.0}
        row = gpd.GeoDataFrame([new], geometry=[point(1400, 500)], crs=table.crs)
        return pd.concat([table, row], ignore_index=True)

    def grow(units: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        row = units["name"].isin(["乙一社区", "乙镇"])
        for name, more in (("population", 100), ("households", 40), ("elders60", 30)):
            if name in units:
                units.loc[row, name] += more
        return units

    # households are spread like people: those of the layer have another ratio, so compare people
    found = edited(tiny, home)
    by_hand(tiny, "demand", add)
    by_hand(tiny, "communities", grow)
    other = by_hand(tiny, "townships", grow)
    for name in ("communities", "townships"):
        columns = [c for c in getattr(found, name) if not c.startswith("community_service")]
        one, two = (pd.DataFrame(getattr(r, name)[columns]) for r in (found, other))
        pd.testing.assert_frame_equal(one.drop(columns="geometry"), two.drop(columns="geometry"))
    table = found.communities.set_index("code").loc["500999101001"]
    assert table[["population", "households", "elders60"]].tolist() == [190, 90, 60]
    assert table["community_service_people"] == pytest.approx(90)
    # 90 m² in 290 households
    area = found.indicators.query("variant == 'pooled' and level == 'county'")["value"].iloc[0]
    assert area == pytest.approx(90 / 290 * 100)


def test_housing_over_a_polygon_is_shared_by_the_communities_in_it(tiny: Path) -> None:
    """A square of 400 m, half of it in each of two communities."""
    square = line((800, 300), (1200, 300), (1200, 700), (800, 700))
    found = edited(
        tiny, Housing(id="h", households=40, population=100, elders60=30, polygon=square)
    )
    assert found.communities["population"].tolist() == pytest.approx([150, 140, 200])
    assert found.townships["population"].tolist() == pytest.approx([150, 340])
    people = found.communities["elderly_circle_people"]
    assert people.tolist() == pytest.approx(found.communities["elders60"].tolist(), abs=1e-6)


def test_a_link_is_as_a_street_of_the_file(tiny: Path) -> None:
    corners = line((2500, 100), (2900, 100))

    def add(table: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        row = gpd.GeoDataFrame(geometry=[LineString(corners)], crs=table.crs)
        return pd.concat([table, row], ignore_index=True)

    found = edited(
        tiny, Link(line=corners, mode="walk"), Add(id="n", category=STATION, **at(2500, 500))
    )
    other = by_hand(tiny, "streets", add)
    minutes = {
        name: r.demand.query("service == 'social_work' and id == 'd5'")["minutes"].iloc[0]
        for name, r in {"scenario": found, "file": other}.items()
    }
    # w at 100: 2400 m along the street, 400 m down, 400 m over the bridge, 20 m up
    assert minutes["scenario"] == pytest.approx(minutes["file"]) == pytest.approx(3220 / 60)
    drive = found.demand.query("service == 'institutions' and id == 'd5'")["status"].iloc[0]
    assert drive == "unreachable"


def test_a_barrier_cuts_streets_and_legs(tiny: Path) -> None:
    """A wall at x = 1000 across the only street: everyone east of it is cut off."""
    wall = Barrier(line=line((1000, -10), (1000, 1010)))
    table = edited(tiny, wall).demand.query("service == 'elderly_circle'").set_index("id")
    assert table["status"].to_dict() == {
        "d1": "covered", "d2": "unreachable", "d3": "unreachable", "d4": "unreachable",
        "d5": "unreachable", "d6": "off_network",
    }  # fmt: skip
    closed = Barrier(polygon=line((1300, 400), (1402, 400), (1402, 600), (1300, 600)))
    shut = edited(tiny, closed).demand.query("service == 'elderly_circle'").set_index("id")
    assert shut.loc["d2", "status"] != "covered"


def test_a_capacity_leaves_some_without_room(tiny: Path) -> None:
    """Of 30 elders within 15 minutes the station has room for 10."""
    edits = (Resize(id="f1", capacity=10),)
    result = coverage.open_project(tiny).run(scenario=Scenario(name="a", edits=edits))
    table = result.accessibility.query("service == 'elderly_circle' and level == 'county'")
    row = table.iloc[0]
    assert (row["served"], row["full"], row["out_of_reach"]) == (10, 20, 70)


def test_edits_hold_from_their_year_on(tiny: Path) -> None:
    found = edited(tiny, Close(id="f1", year=2024))
    assert found.townships["elderly_circle_covered"].sum() == 30
    assert "edit_not_yet" in set(found.issues["code"])
    later = edited(tiny, Close(id="f1", year=2024), year=2024)
    assert later.townships["elderly_circle_covered"].sum() == 0


def test_the_planned_scenario_lets_projects_count_from_their_year_on(tiny: Path) -> None:
    project = coverage.open_project(tiny)
    status = {
        (name, year): project.run(scenario=name, year=year).facilities.set_index("id")["status"][
            "f5"
        ]
        for name in ("baseline", "planned")
        for year in (2029, 2030)
    }
    assert status == {
        ("baseline", 2029): "not_in_service", ("baseline", 2030): "not_in_service",
        ("planned", 2029): "not_in_year", ("planned", 2030): "counted",
    }  # fmt: skip


def test_the_planned_scenario_builds_the_projects_of_the_list(tiny: Path) -> None:
    gpd.GeoDataFrame(
        {
            "id": ["p1", "p2"], "name": ["甲新站", "社工站"],
            "category": ["社区养老服务站", "社工站"], "period": ["2023-2024", "2025"],
            "facility": ["", "f5"],
        },
        geometry=[Point(EAST + 1500, NORTH + 500), None], crs="EPSG:4545",
    ).to_file(tiny / "projects.gpkg")  # fmt: skip
    text = (tiny / "project.toml").read_text(encoding="utf-8")
    layer = '[layers.projects]\npath = "projects.gpkg"\n\n[network]'
    (tiny / "project.toml").write_text(text.replace("[network]", layer), encoding="utf-8")
    project = coverage.open_project(tiny)
    found = {}
    for year in (2023, 2024, 2025):
        result = project.run(scenario="planned", year=year)
        status = result.facilities.set_index("id")["status"]
        covered = result.townships["elderly_circle_covered"].sum()
        found[year] = (status["p1"], status["f5"], covered)
        assert project.run(year=year).townships["elderly_circle_covered"].sum() == 30
    # d1 and d2 are within 15 minutes of f1, d2 and d3 of p1
    assert found == {
        2023: ("not_in_year", "not_in_year", 30),
        2024: ("counted", "not_in_year", 50),
        2025: ("counted", "counted", 50),
    }


def test_what_was_read_is_never_changed(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    before = prepared.analyse(extras=False)
    edits = (
        Move(id="f1", **at(2400, 500)), Close(id="f2"), Resize(id="f3", capacity=3),
        Housing(id="h", households=4, population=9, **at(100, 100)),
        Barrier(line=line((1000, 0), (1000, 1000))), Link(line=line((0, 500), (200, 490))),
    )  # fmt: skip
    apply_scenario(prepared, Scenario(name="a", edits=edits)).analyse(extras=False)
    assert_same(prepared.analyse(extras=False), before)


WRONG: dict[str, Edit] = {
    "no_facility": Close(id="f99"),
    "facility_there": Add(id="f1", category=STATION, **at(0, 0)),
    "outside": Add(id="n", category=STATION, **at(5000, 0)),
    "unknown_unit": Move(id="f1", community="丙社区"),
    "demand_there": Housing(id="d1", households=1, population=1, **at(100, 100)),
    "streets": Link(line=line((1500, 5000), (1600, 5000))),
}


@pytest.mark.parametrize("key", WRONG)
def test_an_edit_that_cannot_be_applied_is_told_and_nothing_is_overwritten(
    tiny: Path, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    scenario = Scenario(name="试", edits=(Close(id="f2"), WRONG[key]))
    save_scenario(scenario, tiny / "scenarios" / "试.toml")
    earlier = tiny / "results" / "scenarios" / "试" / "indicators.csv"
    earlier.parent.mkdir(parents=True)
    earlier.write_text("earlier", encoding="utf-8")
    files = {p: p.read_bytes() for p in tiny.rglob("*") if p.is_file()}
    assert main(["run", str(tiny), "--scenario", "试"]) == 1
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "scenarios/试.toml" in said
    assert "第 2 条" in said
    assert files == {p: p.read_bytes() for p in tiny.rglob("*") if p.is_file()}
    with pytest.raises(ScenarioError) as raised:
        coverage.open_project(tiny).run(scenario="试")
    assert raised.value.key == f"scenario.{key}"


def test_the_command_writes_into_the_scenario_s_folder(tiny: Path) -> None:
    edits = (Close(id="f1"),)
    path = tiny / "scenarios" / "试.toml"
    saved = save_scenario(Scenario(name="试", title="试一试", edits=edits), path)
    assert main(["run", str(tiny), "--scenario", "试", "--quiet"]) == 0
    assert main(["run", str(tiny), "--scenario", "试", "--year", "2025", "--quiet"]) == 0
    folder = tiny / "results" / "scenarios" / "试"
    record: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["scenario"] == {
        "name": "试", "title": "试一试", "sha256": saved.digest,
        "edits": [{"action": "close", "id": "f1"}],
    }  # fmt: skip
    assert (folder / "2025" / "run.json").is_file()
    assert "方案：试一试" in (folder / "map.html").read_text(encoding="utf-8")


def test_a_scenario_that_is_not_there_names_the_nearest(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny), "--scenario", "plannd"]) == 1
    assert "planned" in capsys.readouterr().err


def test_a_moved_facility_moves_back(tiny: Path) -> None:
    baseline = coverage.open_project(tiny).prepare().analyse(extras=False)
    twice = (Move(id="f1", **at(2400, 500)), Move(id="f1", **at(500, 500)))
    assert_same(edited(tiny, *twice), baseline)
