"""The coverage page: what its controls change, and what a click tells."""

from __future__ import annotations

import io
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from pages import open_app, shown

from coverage import open_project, texts
from coverage.analysis import Prepared
from coverage.outputs import csv_bytes, map_layers
from coverage.web import map_view, stories
from coverage.web.map_view import Click


def _share(app: object) -> str:
    return app.metric[0].value  # type: ignore[attr-defined]


def test_more_minutes_reach_more_people(tiny: Path) -> None:
    """At 16 minutes d3 (901 m away, 20 elders) is covered too: 50 %."""
    app = open_app(tiny, "coverage")
    assert _share(app) == "30.0%"
    app.slider[0].set_value(16).run()
    assert _share(app) == "50.0%"


def test_a_slower_walk_reaches_fewer_people(tiny: Path) -> None:
    app = open_app(tiny, "coverage")
    app.selectbox(key="speed-zh").set_value(0.65).run()
    assert _share(app) == "20.0%"


def test_another_group_is_counted(tiny: Path) -> None:
    """d1 (100 people) and d2 (45) of 390."""
    app = open_app(tiny, "coverage")
    app.selectbox(key="weight-elderly_circle-zh").set_value("population").run()
    assert _share(app) == f"{145 / 390:.1%}"


def test_urban_and_rural_are_summed_apart(tiny: Path) -> None:
    """Of 50 elders in 社区 d1 and d2, 30, are covered; of 50 in 村 none."""
    app = open_app(tiny, "coverage")
    assert [m.value for m in app.metric] == ["30.0%", "60.0%", "0.0%"]


def test_without_categories_the_page_asks_for_one(tiny: Path) -> None:
    app = open_app(tiny, "coverage")
    app.multiselect[0].set_value([]).run()
    assert app.info[0].value == texts.say("web.no_categories", "zh")
    assert not app.metric


def test_another_category_is_another_analysis(tiny: Path) -> None:
    """From f2 and f3 (1100, 500) d1, d2 and d3 are within 900 m: 50 of 100 elders."""
    app = open_app(tiny, "coverage")
    app.multiselect[0].set_value(["community_service_facility"]).run()
    assert _share(app) == "50.0%"


def test_tables_are_sorted_by_people_left_out(tiny: Path) -> None:
    app = open_app(tiny, "coverage")
    # the township with most people left out is shown first: 乙镇, 70 of 80
    assert app.selectbox(key="township").value == "500999101"
    members, townships = (frame.value for frame in app.dataframe[:2])
    assert list(members["name"]) == ["乙二村", "乙一社区"]
    assert list(members["uncovered"]) == [50, 20]
    assert list(townships["name"]) == ["乙镇", "甲街道"]
    app.selectbox(key="township").set_value("500999001").run()
    assert list(app.dataframe[0].value["name"]) == ["甲一社区"]


def test_the_same_choice_is_analysed_once(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    own = Prepared.analyse

    def counted(self: Prepared, **options: object) -> object:
        calls.append((options.get("extras"), options["services"][0].minutes))
        return own(self, **options)

    monkeypatch.setattr(Prepared, "analyse", counted)
    app = open_app(tiny, "coverage")
    app.selectbox(key="township").set_value("500999001").run()
    app.slider[0].set_value(16).run()
    app.slider[0].set_value(15).run()
    assert sorted(c for c in calls if c[0] is False) == [(False, 15.0), (False, 16.0)]


def test_the_answer_is_that_of_the_whole_run(tiny: Path) -> None:
    """One service alone gives the very figures of all together."""
    project = open_project(tiny)
    whole = project.run()
    prepared = project.prepare()
    for service in whole.services:
        alone = prepared.analyse(services=[service], extras=False)
        assert [s.name for s in alone.services] == [service.name]
        column = f"{service.name}_covered"
        assert list(alone.communities[column]) == list(whole.communities[column])
        assert _values(alone).items() <= _values(whole).items()
    assert len(_values(alone))


def _values(result: object) -> dict[object, str]:
    table = result.indicators
    keys = zip(
        table["indicator"], table["variant"], table["level"], table["unit_code"], strict=True
    )
    return dict(zip(keys, table["value"].map(repr), strict=True))


def test_on_the_flat_hills_do_not_count(tiny: Path) -> None:
    prepared = open_project(tiny).prepare()
    flat = prepared.on_the_flat().analyse(extras=False)
    hilly = prepared.analyse(extras=False)
    pd.testing.assert_series_equal(flat.demand["minutes"], hilly.demand["minutes"])


@pytest.fixture
def result(tiny: Path) -> object:
    prepared = open_project(tiny).prepare()
    return prepared.analyse(extras=False)


def test_a_click_chooses_what_lies_there(result: object) -> None:
    at = {"lat": 29.0, "lng": 107.0}
    town = stories.chosen_by(Click(**at, level="township", code="500999101"), result)
    assert town == {"community": None, "township": "500999101", "facility": None}
    village = stories.chosen_by(Click(**at, level="community", code="500999101201"), result)
    assert village == {"community": "500999101201", "township": "500999101", "facility": None}
    # facilities are told by their place in the map's list
    station = Click(**at, level="community", code="500999001001", facility=0)
    assert stories.chosen_by(station, result)["facility"] == "f1"
    assert stories.chosen_by(Click(**at), result) is None
    assert stories.chosen_by(Click(**at, level="township", code="nowhere"), result) is None


def test_what_a_browser_sends_is_not_trusted() -> None:
    for value in (None, 3, [], {}, {"lat": "x", "lng": 1}, {"lat": 1}):
        assert map_view.click_of(value) is None
    odd = map_view.click_of({"lat": 1, "lng": 2, "facility": "0; drop"})
    assert odd == Click(lat=1.0, lng=2.0)


def test_stories_say_whom_a_place_reaches(result: object) -> None:
    """The station f1 is within reach of 30 elders, and nearest for them."""
    service = result.services[0]
    station = stories.tell(result, service, {"facility": "f1"})
    assert "30 人" in station[1]
    village = stories.tell(result, service, {"community": "500999101001"})
    assert "10 / 30" in village[0]
    assert "设施f1（30）" in village[1]
    assert "30 / 100" not in village[0]


def test_drawn_facilities_are_those_of_the_map(result: object) -> None:
    drawn = map_layers.drawn_facilities(result)
    assert isinstance(drawn, gpd.GeoDataFrame)
    assert len(map_layers._facilities(result)) == len(drawn)


def test_the_township_table_downloads_as_excel_reads_it(tiny: Path) -> None:
    content = csv_bytes(open_project(tiny).run().townships)
    assert content.startswith(b"\xef\xbb\xbf")
    table = pd.read_csv(io.BytesIO(content), dtype={"code": str})
    assert list(table["elderly_circle_covered"]) == [20, 10]


def test_names_from_files_are_text(tiny: Path) -> None:
    path = tiny / "townships.gpkg"
    towns = gpd.read_file(path)
    towns.loc[towns["code"] == "500999101", "name"] = "<img src=x onerror=alert(1)>镇"
    towns.to_file(path)
    app = open_app(tiny, "coverage")
    assert not app.exception
    assert "<img" not in shown(app)
    assert "&lt;img" in shown(app)
