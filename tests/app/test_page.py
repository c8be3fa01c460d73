"""The page without a browser, on the tiny county: what it says and what its controls change."""

from __future__ import annotations

import io
import json
import socket
import tomllib
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
import streamlit as st
from streamlit import config
from streamlit.testing.v1 import AppTest

from coverage import open_project, texts
from coverage.analysis import Prepared
from coverage.errors import ProjectError
from coverage.outputs import csv_bytes
from coverage.web import chart, launch, page, session

REPOSITORY = Path(__file__).parents[2]
# streamlit-folium and Streamlit's own component code warn about each other's age
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:streamlit.*")


def _script(project: str) -> None:
    # AppTest runs the source of this function alone
    from pathlib import Path  # noqa: PLC0415

    from coverage.web import page  # noqa: PLC0415

    page.show(Path(project))


@pytest.fixture(autouse=True)
def _own_address() -> None:
    st.cache_resource.clear()
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", "127.0.0.1")
    texts.use("zh")


def _open(project: Path) -> AppTest:
    return AppTest.from_function(_script, args=(str(project),), default_timeout=60).run()


def _metrics(app: AppTest) -> list[tuple[str, str]]:
    return [(m.label, m.value) for m in app.metric]


def test_the_page_shows_the_results_headlines(tiny: Path) -> None:
    """Of 100 elders d1 (20) and d2 (10, at exactly 15 minutes) reach the station: 30 %."""
    app = _open(tiny)
    assert not app.exception
    assert not app.error
    metrics = _metrics(app)
    assert metrics[0] == ("可达60岁及以上老人", "30.0 %")
    # the station stands in one of three communities; a social-work station in one of two townships
    assert metrics[1] == ("有设施的社区（村）", "33.3 %")
    assert metrics[4] == ("有设施的镇街", "50.0 %")
    # 90 m² for 250 households; one of three communities has 30 m² per 100 households or more
    assert metrics[2] == ("总体水平", "36.0 ㎡")


def test_more_minutes_reach_more_people(tiny: Path) -> None:
    """At 16 minutes d3 (901 m away, 20 elders) is covered too: 50 %."""
    app = _open(tiny)
    app.slider[0].set_value(16).run()
    assert _metrics(app)[0][1] == "50.0 %"


def test_a_slower_walk_reaches_fewer_people(tiny: Path) -> None:
    app = _open(tiny)
    app.selectbox(key="speed-zh").set_value(0.65).run()
    assert _metrics(app)[0][1] == "20.0 %"


def test_without_categories_the_page_asks_for_one(tiny: Path) -> None:
    app = _open(tiny)
    app.multiselect[0].set_value([]).run()
    assert app.info[0].value == texts.say("web.no_categories", "zh")
    assert not app.metric


def test_another_category_is_another_analysis(tiny: Path) -> None:
    """From f2 and f3 (1100, 500) d1, d2 and d3 are within 900 m: 50 of 100 elders."""
    app = _open(tiny)
    app.multiselect[0].set_value(["community_service_facility"]).run()
    assert _metrics(app)[0][1] == "50.0 %"


def test_tables_are_sorted_by_people_left_out(tiny: Path) -> None:
    app = _open(tiny)
    # the township with most people left out is shown first: 乙镇, 70 of 80
    assert app.selectbox(key="township").value == "500999101"
    members, townships = (frame.value for frame in app.dataframe)
    assert list(members["name"]) == ["乙二村", "乙一社区"]
    assert list(members["uncovered"]) == [50, 20]
    assert list(townships["name"]) == ["乙镇", "甲街道"]
    app.selectbox(key="township").set_value("500999001").run()
    assert list(app.dataframe[0].value["name"]) == ["甲一社区"]


def test_language_changes_words_and_keeps_choices(tiny: Path) -> None:
    app = _open(tiny)
    app.slider[0].set_value(16).run()
    app.button_group(key="language").set_value("en").run()
    assert not app.exception
    assert app.slider[0].label == "Walk of at most (minutes)"
    assert app.slider[0].value == 16
    assert _metrics(app)[0] == ("people aged 60+ in reach", "50.0 %")


def test_a_fault_is_one_sentence(tmp_path: Path) -> None:
    app = _open(tmp_path)
    assert not app.exception
    assert len(app.error) == 1
    assert "project.toml" in app.error[0].value


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "", None])  # noqa: S104
def test_other_addresses_are_refused(tiny: Path, address: str | None) -> None:
    config.set_option("server.address", address)
    app = _open(tiny)
    assert "127.0.0.1" in app.error[0].value
    assert not app.metric


@pytest.mark.parametrize(
    ("address", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.0.1", True),
     ("192.168.1.5", False), ("example.org", False), ("", False), (None, False)],
)  # fmt: skip
def test_only_loopback_is_this_machine(address: str | None, own: bool) -> None:  # noqa: FBT001
    assert session.is_loopback(address) is own


def test_a_click_names_the_township_under_it() -> None:
    """Two squares of a degree side by side; a click outside names none."""
    townships = gpd.GeoDataFrame(
        {"code": ["A", "B"]},
        geometry=[shapely.box(107, 29, 108, 30), shapely.box(108, 29, 109, 30)],
        crs=4326,
    )
    assert chart.township_at(townships, {"lat": 29.5, "lng": 107.2}) == "A"
    assert chart.township_at(townships, {"lat": 29.5, "lng": 108.2}) == "B"
    assert chart.township_at(townships, {"lat": 31.0, "lng": 108.2}) is None
    assert chart.township_at(townships, None) is None


def test_both_ways_to_start_give_the_same_options() -> None:
    written = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text("utf-8"))
    flat = {
        f"{section}.{name}": str(value).lower() if isinstance(value, bool) else value
        for section, entries in written.items()
        for name, value in entries.items()
    }
    assert flat == launch.OPTIONS


def test_arguments_after_the_dashes() -> None:
    assert page.arguments(["a/b", "--lang=en"]) == (Path("a/b"), "en")
    assert page.arguments([]) == (None, "zh")


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((launch.ADDRESS, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProjectError, match=str(port)):
            launch.free_port(port)
    assert launch.free_port(None) >= launch.FIRST_PORT


def test_published_files_are_named_by_content(tiny: Path) -> None:
    _open(tiny)
    names = sorted(f.name for f in session.files_folder().iterdir())
    assert any(n.startswith("shapes-") for n in names)
    values = [n for n in names if n.startswith("values-")]
    assert json.loads((session.files_folder() / values[0]).read_text("utf-8"))["services"]


def test_the_township_table_downloads_as_excel_reads_it(tiny: Path) -> None:
    content = csv_bytes(open_project(tiny).run().townships)
    assert content.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(content), dtype={"code": str})
    assert list(table["elderly_circle_covered"]) == [20, 10]


def test_the_same_settings_are_analysed_once(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    own = Prepared.analyse

    def counted(self: Prepared, **options: object) -> object:
        calls.append(options)
        return own(self, **options)

    monkeypatch.setattr(Prepared, "analyse", counted)
    app = _open(tiny)
    app.selectbox(key="township").set_value("500999001").run()
    assert len(calls) == 1
    app.slider[0].set_value(16).run()
    app.slider[0].set_value(15).run()
    assert len(calls) == 2


def test_what_was_read_ahead_is_not_analysed_again(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.read_ahead(str(tiny), "zh")

    def again(*_: object, **__: object) -> None:
        pytest.fail("the page asks for something else than what was read ahead")

    monkeypatch.setattr(Prepared, "analyse", again)
    monkeypatch.setattr(session.map_layers, "values_json", again)
    monkeypatch.setattr(session.map_layers, "shapes_json", again)
    assert _open(tiny).metric


def test_a_fault_while_reading_ahead_is_left_to_the_page(tmp_path: Path) -> None:
    with socket.socket() as server:
        server.bind((launch.ADDRESS, 0))
        server.listen()
        launch._read_ahead(tmp_path / "nothing", server.getsockname()[1], "zh")
