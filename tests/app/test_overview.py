"""The first page: headlines, the plan's rows, the worst places."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from pages import open_app, shown
from streamlit.testing.v1 import AppTest

from coverage import texts
from coverage.web import plan_table


def test_the_page_shows_the_results_headlines(tiny: Path) -> None:
    """Of 100 elders d1 (20) and d2 (10, at exactly 15 minutes) reach the station: 30 %."""
    app = open_app(tiny)
    metrics = [(m.label, m.value) for m in app.metric]
    assert metrics[0] == ("可达60岁及以上老人", "30.0 %")
    # the station stands in one of three communities; a social-work station in one of two townships
    assert metrics[1] == ("有设施的社区（村）", "33.3 %")
    assert metrics[4] == ("有设施的镇街", "50.0 %")
    # 90 m² for 250 households; one of three communities has 30 m² per 100 households or more
    assert metrics[2] == ("总体水平", "36.0 ㎡")


def test_the_worst_places_come_first(tiny: Path) -> None:
    """Of 乙二村's 50 elders none, of 乙一社区's 30 ten, of 甲一社区's 20 all reach the station."""
    app = open_app(tiny)
    worst = app.dataframe[0].value
    assert list(worst["name"]) == ["乙二村", "乙一社区"]
    assert list(worst["uncovered"]) == [50, 20]


def test_the_worst_places_follow_the_headline(tiny: Path) -> None:
    app = open_app(tiny)
    app.button_group(key="headline-zh").set_value(2).run()
    assert not app.exception
    assert "社会工作站" in shown(app)
    assert app.dataframe[0].value["people"].sum() > 100


def test_the_page_turns_in_english_too(tiny: Path) -> None:
    app = open_app(tiny, language="en")
    app.button_group(key="headline-en").set_value(2).run()
    assert app.session_state["overview-headline"] == 2
    assert "m² per 100 households" in shown(app)


def test_a_project_without_a_plan_says_where_to_choose_one(tiny: Path) -> None:
    assert texts.say("web.no_plan") in shown(open_app(tiny))


def test_binding_rows_come_first(tiny: Path, edit: object) -> None:
    edit("year = 2023", 'year = 2023\nplan = "fuling"')
    app = open_app(tiny)
    assert not app.exception
    rows = [row.findall("td") for row in _plan_table(app).iter("tr")][1:]
    kinds = [row[0].text for row in rows]
    assert kinds == sorted(kinds, key=["约束性", "预期性", "—"].index)
    # the plan's own table has 19 rows
    assert len(rows) == 19
    assert all(row[4].text[0] in plan_table.SIGNS.values() for row in rows)


def _plan_table(app: AppTest) -> Element:
    [table] = [b.proto.body for b in app.get("html") if b.proto.body.startswith("<table")]
    return ET.fromstring(table)  # noqa: S314 - the page's own
