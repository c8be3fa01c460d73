"""The page of scenarios: what clicks and controls change, and that nothing saved is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import streamlit as st
from pages import open_app, shown, turn_to
from streamlit.testing.v1 import AppTest
from tiny_county import point

import coverage
from coverage import texts
from coverage.outputs import csv_bytes
from coverage.scenario import Add, Close, LiveScenario, Move, Scenario, read_scenario, save_scenario
from coverage.web import changes, map_view, visitors
from coverage.web.workbench import Workbench

STATION = "community_eldercare_station"
Click = Callable[[AppTest, float, float], None]


@pytest.fixture
def tiny(kept: Path) -> Path:
    return kept


@pytest.fixture
def told() -> dict[str, Any]:
    """Hold what the page tells its map, and what the map tells the page."""
    return {}


@pytest.fixture
def click(told: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Click:
    """Return a function that clicks the page's map at metres of the tiny county.

    A button stands for the map: pressed, it tells what the map's frame would tell.
    """

    def component() -> Callable[..., None]:
        def draw(*, key: str, on_change: Callable[[], None], **arguments: Any) -> None:
            told["arguments"] = arguments

            def pressed() -> None:
                st.session_state[key] = told["value"]
                on_change()

            st.button("map", key=f"{key}-press", on_click=pressed)

        return draw

    monkeypatch.setattr(map_view, "_component", component)
    numbers = iter(range(1, 1000))

    def clicked(app: AppTest, x: float, y: float = 500, **hit: object) -> None:
        at = gpd.GeoSeries([point(x, y)], crs="EPSG:4545").to_crs(4326).iloc[0]
        one = {"lat": at.y, "lng": at.x, "click": next(numbers), **hit}
        # told twice, as a frame does that was not heard: it counts once
        told["value"] = {"clicks": [one, one], "sent": one["click"]}
        app.button(key="scenario-map-press").click().run()
        assert not app.exception

    return clicked


def share(app: AppTest) -> list[str]:
    """Return the share, people gained and people lost."""
    return [metric.value for metric in app.metric]


def warned(app: AppTest) -> str:
    return "\n".join(warning.value for warning in app.warning)


def action(app: AppTest, name: str) -> None:
    app.segmented_control(key="edit-action-zh").set_value(name).run()


def save_as(app: AppTest, name: str) -> None:
    app.text_input(key="scenario-save-name").set_value(name).run()
    app.button(key="scenario-save-as").click().run()


def test_a_click_builds_a_station_and_the_figures_answer(tiny: Path, click: Click) -> None:
    """A station at x = 2400 reaches d4: 25 elders of 100 more; undo and redo take back and make."""
    app = open_app(tiny, "scenarios")
    assert share(app) == ["30.00%", "+0", "−0"]
    click(app, 2400)
    assert share(app) == ["55.00%", "+25", "−0"]
    assert "新建" in shown(app)
    # the township that changed, and people more
    towns = next(f.value for f in app.dataframe if "more" in f.value)
    assert towns[["name", "more"]].to_numpy().tolist() == [["乙镇", 25]]
    app.button(key="scenario-undo").click().run()
    assert share(app) == ["30.00%", "+0", "−0"]
    app.button(key="scenario-redo").click().run()
    assert share(app) == ["55.00%", "+25", "−0"]


def test_what_is_built_has_what_was_given(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    app.selectbox(key="add-category-elderly_circle-zh").set_value(
        "community_service_facility"
    ).run()
    app.text_input(key="add-name-zh").set_value("东站").run()
    app.number_input(key="add-floor_area_m2-zh").set_value(120.0).run()
    app.number_input(key="add-open_year-zh").set_value(2030).run()
    click(app, 2400)
    (edit,) = app.session_state["benches"][str(tiny), ""].scenario.edits
    assert isinstance(edit, Add)
    given = (edit.category, edit.name, edit.floor_area_m2, edit.open_year)
    assert given == ("community_service_facility", "东站", 120.0, 2030)
    # it opens after the year that is analysed
    assert share(app) == ["30.00%", "+0", "−0"]


def test_a_facility_is_picked_and_moved_by_clicks(tiny: Path, click: Click) -> None:
    """The station f1 at x = 1400 serves d2 and d3, 30 elders, and d1's 20 no longer."""
    app = open_app(tiny, "scenarios")
    action(app, "move")
    click(app, 500, facility=0)
    assert texts.say("scenarios_page.hint_move_to") in shown(app)
    click(app, 1400)
    assert share(app) == ["30.00%", "+20", "−20"]
    assert app.session_state["picked-facility"] is None
    # beside all facilities there is nothing to pick
    click(app, 2400)
    assert warned(app) == texts.say("scenarios_page.no_facility_here")
    # a marker is picked like a dot: first where it stood, then where it stands
    click(app, 1400, marker=1)
    assert app.session_state["picked-facility"] == "f1"


def test_closing_and_reopening_by_the_list(tiny: Path) -> None:
    app = open_app(tiny, "scenarios")
    action(app, "close")
    app.selectbox(key="facility-close-zh").set_value("f1").run()
    app.button[_labelled(app, "do_close")].click().run()
    assert share(app) == ["0.00%", "+0", "−30"]
    action(app, "reopen")
    app.selectbox(key="facility-reopen-zh").set_value("f1").run()
    app.button[_labelled(app, "do_reopen")].click().run()
    assert share(app) == ["30.00%", "+0", "−0"]


def _labelled(app: AppTest, key: str) -> int:
    labels = [button.label for button in app.button]
    return labels.index(texts.say(f"scenarios_page.{key}"))


def test_another_size_and_new_housing(tiny: Path, click: Click) -> None:
    """40 more elders within reach of f1: 70 of 140."""
    app = open_app(tiny, "scenarios")
    action(app, "resize")
    click(app, 500, facility=0)
    app.number_input(key="resize-f1-floor_area_m2-zh").set_value(900.0).run()
    app.button[_labelled(app, "do_resize")].click().run()
    action(app, "housing")
    app.number_input(key="housing-population-zh").set_value(100.0).run()
    app.number_input(key="housing-elders60-zh").set_value(40.0).run()
    click(app, 600)
    resize, housing = app.session_state["benches"][str(tiny), ""].scenario.edits
    assert (resize.floor_area_m2, housing.elders60) == (900, 40)
    assert share(app)[0] == "50.00%"


def test_an_edit_is_taken_out_of_the_middle(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    click(app, 2400)
    click(app, 1500)
    bench = app.session_state["benches"][str(tiny), ""]
    app.button(key=f"remove-{bench.version}-1").click().run()
    assert [edit.id for edit in bench.scenario.edits] == ["N2"]
    # without the first, only d3 is gained
    assert share(app) == ["50.00%", "+20", "−0"]


def test_an_edit_that_others_need_stays(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    click(app, 2400)
    bench = app.session_state["benches"][str(tiny), ""]
    bench.edit(Close(id="N1"))
    app.run()
    app.button(key=f"remove-{bench.version}-1").click().run()
    assert "N1" in warned(app)
    assert len(bench.scenario.edits) == 2


def test_a_click_outside_builds_nothing(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    click(app, 9000)
    assert "不在任何乡镇范围内" in warned(app)
    assert share(app) == ["30.00%", "+0", "−0"]
    # the word is said once
    app.run()
    assert not app.warning


def test_a_scenario_is_saved_and_saved_again(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    click(app, 2400)
    for wrong in ("../up", "planned", "坏/名"):
        save_as(app, wrong)
        assert warned(app)
        assert list(tiny.glob("**/*.toml")) == [tiny / "project.toml"]
    save_as(app, "城北补点")
    file = tiny / "scenarios" / "城北补点.toml"
    assert [edit.id for edit in read_scenario(file).edits] == ["N1"]
    assert app.query_params["scenario"] == "城北补点"
    assert not app.session_state["unsaved-edits"]
    click(app, 1500)
    assert app.session_state["unsaved-edits"]
    app.button(key="scenario-save").click().run()
    assert [edit.id for edit in read_scenario(file).edits] == ["N1", "N2"]
    # the command line computes what the page shows
    result = coverage.open_project(tiny).run(scenario="城北补点")
    covered = result.townships["elderly_circle_covered"].sum()
    assert share(app)[0] == f"{covered / 100:.2%}"
    # a page opened by this address shows it
    again = AppTest.from_function(_page, args=(str(tiny),), default_timeout=60)
    again.query_params["scenario"] = "城北补点"
    turn_to(again, "scenarios")
    assert share(again) == share(app)


def _page(project: str) -> None:
    from pathlib import Path  # noqa: PLC0415 - AppTest runs the source of this function alone

    from coverage.web import frame, server  # noqa: PLC0415

    frame.show(server.Served(project=Path(project), language="zh"))


def test_what_is_not_saved_nobody_else_sees(tiny: Path, click: Click) -> None:
    one, other = (open_app(tiny, "scenarios") for _ in range(2))
    before = share(other)
    click(one, 2400)
    assert share(one) != before
    other.run()
    assert share(other) == before
    assert not any(bench.scenario.edits for bench in other.session_state["benches"].values())


def test_of_two_tabs_the_second_is_refused_and_loses_nothing(tiny: Path, click: Click) -> None:
    path = tiny / "scenarios" / "both.toml"
    save_scenario(Scenario(name="both", edits=(Close(id="f2"),)), path)
    one, other = (open_app(tiny, "scenarios") for _ in range(2))
    for app in (one, other):
        app.selectbox(key="scenario-zh").set_value("both").run()
    click(one, 2400)
    one.button(key="scenario-save").click().run()
    click(other, 1500)
    other.button(key="scenario-save").click().run()
    assert "+2 add N1" in warned(other)
    assert len(other.session_state["benches"][str(tiny), "both"].scenario.edits) == 2
    held = path.read_bytes()
    save_as(other, "mine")
    assert path.read_bytes() == held
    mine, theirs = (read_scenario(tiny / "scenarios" / f"{n}.toml") for n in ("mine", "both"))
    assert mine.edits != theirs.edits


def test_what_the_other_saved_can_be_loaded(tiny: Path, click: Click) -> None:
    path = tiny / "scenarios" / "both.toml"
    saved = save_scenario(
        Scenario(
            name="both",
        ),
        path,
    )
    app = open_app(tiny, "scenarios")
    app.selectbox(key="scenario-zh").set_value("both").run()
    click(app, 1500)
    save_scenario(saved.with_edit(Close(id="f1")), path)
    app.button(key="scenario-save").click().run()
    app.button(key="scenario-load-again").click().run()
    assert share(app) == ["0.00%", "+0", "−30"]
    assert not app.warning


def test_a_damaged_file_is_a_sentence_and_the_others_open(tiny: Path) -> None:
    folder = tiny / "scenarios"
    save_scenario(Scenario(name="good", edits=(Close(id="f1"),)), folder / "good.toml")
    (folder / "bad.toml").write_text("[[edits]\n", encoding="utf-8")
    gone = Scenario(name="gone", edits=(Close(id="nobody"),))
    save_scenario(gone, folder / "gone.toml")
    app = open_app(tiny, "scenarios")
    app.selectbox(key="scenario-zh").set_value("bad").run()
    assert "bad.toml" in app.error[0].value
    # an edit that cannot be applied is named, and can be taken out
    app.selectbox(key="scenario-zh").set_value("gone").run()
    assert "nobody" in app.error[0].value
    bench = app.session_state["benches"][str(tiny), "gone"]
    app.button(key=f"remove-{bench.version}-1").click().run()
    assert share(app) == ["30.00%", "+0", "−0"]
    app.selectbox(key="scenario-zh").set_value("good").run()
    assert share(app) == ["0.00%", "+0", "−30"]
    (folder / "good.toml").unlink()
    app.selectbox(key="scenario-zh").set_value("").run()
    assert not app.error


def test_unsaved_edits_wait(tiny: Path, click: Click, told: dict[str, Any]) -> None:
    """They outlive another page, another scenario, another language, and data read anew."""
    app = open_app(tiny, "scenarios")
    click(app, 2400)
    # with the very drawing that shows the edit, the browser learns to ask before it leaves
    assert told["arguments"]["unsaved"]
    turn_to(app, "overview")
    assert app.session_state["unsaved-edits"]
    turn_to(app, "scenarios")
    assert share(app) == ["55.00%", "+25", "−0"]
    app.selectbox(key="scenario-zh").set_value("planned").run()
    assert texts.say("scenarios_page.planned_fixed") in shown(app)
    click(app, 1500)
    app.selectbox(key="scenario-zh").set_value("").run()
    assert share(app) == ["55.00%", "+25", "−0"]
    app.session_state["lang"] = "en"
    app.run()
    assert share(app) == ["55.00%", "+25", "−0"]
    # another visitor has none of it
    assert share(open_app(tiny, "scenarios")) == ["30.00%", "+0", "−0"]


def test_two_scenarios_side_by_side_as_the_command_writes_them(tiny: Path, click: Click) -> None:
    save_scenario(Scenario(name="shut", edits=(Close(id="f1"),)), tiny / "scenarios" / "shut.toml")
    app = open_app(tiny, "scenarios")
    click(app, 2400)
    app.segmented_control(key="scenario-mode-zh").set_value("compare").run()
    # the baseline against what is being edited
    services = next(f.value for f in app.dataframe if "gained" in f.value)
    assert services[["a", "b", "gained", "lost"]].iloc[0].tolist() == pytest.approx([30, 55, 25, 0])
    app.selectbox(key="compare-b-zh").set_value("shut").run()
    services = next(f.value for f in app.dataframe if "gained" in f.value)
    assert services[["a", "b", "gained", "lost"]].iloc[0].tolist() == pytest.approx([30, 0, 0, 30])
    labels = {button.proto.label for button in app.get("download_button")}
    assert texts.say("export_page.table_indicators") in labels
    app.selectbox(key="compare-a-zh").set_value("shut").run()
    assert app.info[0].value == texts.say("scenarios_page.same_sides")


def test_compared_tables_download_byte_for_byte(tiny: Path, tmp_path: Path) -> None:
    project = coverage.open_project(tiny)
    shut = Scenario(name="shut", edits=(Close(id="f1"),))
    comparison = project.compare("baseline", shut)
    folder = comparison.save(tmp_path / "out")
    for name in ("indicators", "townships", "communities", "facilities"):
        assert csv_bytes(getattr(comparison, name)) == (folder / f"{name}.csv").read_bytes()


def test_what_changes_live_is_what_a_comparison_finds(tiny: Path) -> None:
    """Two ways to the same colours, figures and units."""
    project = coverage.open_project(tiny)
    prepared = project.prepare()
    base = prepared.analyse(extras=False)
    at = gpd.GeoSeries([point(2400, 500)], crs="EPSG:4545").to_crs(4326).iloc[0]
    edits = (Add(id="n", category=STATION, lon=at.x, lat=at.y), Close(id="f1"))
    scenario = Scenario(name="a", edits=edits)
    live = LiveScenario(prepared, scenario)
    comparison = project.compare("baseline", scenario)
    for service in ("elderly_circle", "social_work"):
        one = changes.of_live(base, live, service)
        other = changes.of_comparison(comparison, service)
        assert one.figures == other.figures
        assert one.drawn == other.drawn
        for level in changes.LEVELS:
            pd.testing.assert_frame_equal(one.units[level], other.units[level], check_names=False)
    drawn = changes.of_live(base, live, "elderly_circle").drawn
    # d1 (20) and d2 (10) are lost; of the uncovered d3, d4, d5, d6 by weight, d4 is gained
    assert sorted(drawn["lost"]["weight"]) == [10, 20]
    assert len(drawn["gained"]) == 1
    assert drawn["township"]["500999001"] == [100.0, 0.0, 20.0, 0.0]


def test_markers_say_what_stands_otherwise(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    at = gpd.GeoSeries([point(2400, 500)], crs="EPSG:4545").to_crs(4326).iloc[0]
    place = {"lon": at.x, "lat": at.y}
    edits = (Add(id="n", category=STATION, **place), Move(id="f1", **place), Close(id="f2"))
    live = LiveScenario(prepared, Scenario(name="a", edits=edits))
    found, ids = changes.markers(prepared, live.prepared)
    kinds = sorted(zip(ids, (marker.kind for marker in found), strict=True))
    assert kinds == [("f1", "closed"), ("f1", "moved"), ("f2", "closed"), ("n", "new")]


def test_names_from_files_are_text(tiny: Path, click: Click) -> None:
    app = open_app(tiny, "scenarios")
    app.text_input(key="add-name-zh").set_value("<img src=x> **b**").run()
    click(app, 2400)
    assert "\\<img src=x\\> \\*\\*b" in shown(app)


def test_each_click_counts_once_and_in_order() -> None:
    one, two = ({"lat": 29.0, "lng": 107.0, "click": n} for n in (1, 2))
    told = map_view.clicks_of({"clicks": [two, one, {"lat": "x"}, 3]})
    assert [number for number, _ in told] == [1, 2]
    for value in (None, 3, {}, {"clicks": 3}, {"clicks": [{"lat": 1, "lng": 2}]}):
        assert map_view.clicks_of(value) == []


def test_a_bench_that_rests_keeps_its_edits(tiny: Path) -> None:
    prepared = coverage.open_project(tiny).prepare()
    bench = Workbench(Scenario(name="a"))
    bench.settle(prepared)
    bench.edit(Close(id="f1"))
    bench.rest()
    assert bench.unsaved
    assert not bench.fits(prepared)
    bench.settle(prepared)
    assert bench.live is not None
    assert bench.live.scenario.edits == (Close(id="f1"),)


def test_the_browser_is_told_of_unsaved_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors.st, "session_state", {})
    assert not visitors.has_unsaved()
    visitors.note_unsaved(unsaved=True)
    assert visitors.has_unsaved()
