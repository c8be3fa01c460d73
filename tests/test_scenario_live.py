"""A scenario edited live: after any edits and undoings, every number is that of measuring anew."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tiny_county import EAST, NORTH, write_tiny

import coverage
from coverage.results import demand_table, facility_table, unit_table
from coverage.scenario import (
    Add,
    Barrier,
    Close,
    Edit,
    Housing,
    Link,
    LiveScenario,
    Move,
    Reopen,
    Resize,
    Scenario,
    apply_scenario,
)

if TYPE_CHECKING:
    from coverage.analysis import Prepared

STATION, OFFICE = "community_eldercare_station", "social_work_station"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder: Path = write_tiny(tmp_path_factory.mktemp("live"))
    file = folder / "project.toml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("year = 2023", 'year = 2023\nplan = "fuling"'), encoding="utf-8")
    return coverage.open_project(folder).prepare()


def at(x: float, y: float = 500) -> dict[str, float]:
    return {"x": EAST + x, "y": NORTH + y}


def assert_as_anew(live: LiveScenario, baseline: Prepared) -> None:
    """Hold every table against that of the scenario applied and analysed as a whole."""
    fresh = apply_scenario(baseline, live.scenario).analyse(extras=False)
    layers, access = live.prepared.layers, live.access
    tables = {
        "indicators": live.indicators,
        "demand": demand_table(live.prepared.demand, access),
        "facilities": facility_table(layers.facilities, *live.prepared.facility_status, access),
        "communities": unit_table(layers.communities, "community", access),
        "townships": unit_table(layers.townships, "township", access),
    }
    for name, table in tables.items():
        one, other = (
            pd.DataFrame(t).drop(columns="geometry", errors="ignore")
            for t in (table, getattr(fresh, name))
        )
        pd.testing.assert_frame_equal(one, other, check_exact=True, obj=name)


SPOTS = [at(100), at(500), at(1100), at(1401), at(2000), at(2500, 300), at(2600, 950)]
PLACES = st.sampled_from([*SPOTS, {"community": "乙二村"}])
KINDS = st.sampled_from([STATION, OFFICE, "day_care_center"])
STANDING = st.sampled_from(["f1", "f2", "f3", "f4", "f5", "f6"])
EDITS = st.one_of(
    st.builds(lambda p, c: ("add", c, p), PLACES, KINDS),
    st.builds(lambda i, p: Move(id=i, **p), STANDING, PLACES),
    st.builds(lambda i, n: Resize(id=i, capacity=n, floor_area_m2=n), STANDING, st.integers(0, 90)),
    st.builds(lambda i: Close(id=i), STANDING),
    st.builds(lambda i: Reopen(id=i), STANDING),
    st.just("undo"),
    st.just(Link(line=((EAST + 2500, NORTH + 100), (EAST + 2900, NORTH + 100)))),
    st.just(Barrier(line=((EAST + 1200, NORTH), (EAST + 1200, NORTH + 1000)))),
)  # fmt: skip


@given(st.lists(EDITS, min_size=1, max_size=7))
@settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
def test_any_edits_leave_what_measuring_anew_gives(
    prepared: Prepared, edits: list[Edit | str | tuple[str, str, dict[str, Any]]]
) -> None:
    live = LiveScenario(prepared, Scenario(name="a"))
    for number, edit in enumerate(edits):
        if isinstance(edit, tuple):
            live.edit(Add(id=f"n{number}", category=edit[1], **edit[2]))
        elif not isinstance(edit, str):
            live.edit(edit)
        elif live.scenario.edits:
            live.undo()
    assert_as_anew(live, prepared)


def test_the_effect_of_a_click(prepared: Prepared) -> None:
    """A station at x = 2400 reaches d4: 25 elders of the second township."""
    live = LiveScenario(prepared, Scenario(name="a"))
    effect = live.edit(Add(id="n", category=STATION, **at(2400)))
    row = effect.services.loc["elderly_circle"]
    assert (row["people"], row["covered_before"], row["covered"]) == (100, 30, 55)
    assert (row["gained"], row["lost"]) == (25, 0)
    towns = effect.townships.query("service == 'elderly_circle'")
    assert towns[["code", "covered_before", "covered"]].to_numpy().tolist() == [
        ["500999101", 10, 35]
    ]
    told = effect.indicators.query("variant == 'reach' and level == 'county'")
    assert told["value"].iloc[0] == pytest.approx(55)
    assert told["value_before"].iloc[0] == pytest.approx(30)
    back = live.undo()
    assert back.services.loc["elderly_circle", ["gained", "lost"]].tolist() == [0, 25]
    assert live.scenario.edits == ()


def test_one_added_after_an_undone_one_comes_after_it_in_no_order(prepared: Prepared) -> None:
    """Two equally near stations: the one that was added first serves, whatever was undone."""
    live = LiveScenario(prepared, Scenario(name="a", edits=(Close(id="f1"),)))
    live.edit(Add(id="office", category=OFFICE, **at(700)))
    live.edit(Add(id="late", category=STATION, **at(700)))
    live.undo()
    live.undo()
    live.edit(Add(id="first", category=STATION, **at(700)))
    live.edit(Add(id="second", category=STATION, **at(700)))
    assert_as_anew(live, prepared)
    assert set(live.access[0].demand["facility"]) <= {"first", ""}


def test_edits_that_were_there_at_the_beginning_are_undone_too(prepared: Prepared) -> None:
    home = Housing(id="h", households=4, population=9, elders60=3, **at(500, 510))
    live = LiveScenario(prepared, Scenario(name="a", edits=(Close(id="f1"),)))
    live.edit(home)
    assert_as_anew(live, prepared)
    live.undo()
    live.undo()
    assert_as_anew(live, prepared)


def test_a_faulty_edit_changes_nothing(prepared: Prepared) -> None:
    live = LiveScenario(prepared, Scenario(name="a"))
    before = live.prepared
    with pytest.raises(ValueError, match="f99"):
        live.edit(Close(id="f99"))
    assert live.prepared is before
    assert live.scenario.edits == ()
