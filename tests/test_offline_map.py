"""The offline map, on a hand-made result of two townships and four communities."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pypdf
import pytest
import shapely

from coverage import vocabulary
from coverage.errors import OutputError
from coverage.outputs import map_figures, map_layers
from coverage.outputs.offline_map import map_page, write_map
from coverage.plans import Plan, read_plan
from coverage.service import Service

CRS = "EPSG:4545"
X, Y = 500_000.0, 3_290_000.0
# a name that would end a script element, and be an element, were it not made safe
WICKED = "</script><b>桥头村</b>"

SERVICES = (
    Service(
        name="elderly_circle",
        categories=("day_care_center",),
        weight="elders60",
        title_zh="养老圈",
        title_en="Elderly circle",
    ),
    Service(
        name="institutions",
        categories=("eldercare_institution",),
        weight="elders60",
        mode="drive",
        minutes=30,
    ),
    Service(name="social_work", categories=("social_work_station",), weight="population"),
)


@dataclass(frozen=True, kw_only=True)
class HandMade:
    """The fields of a result that maps read."""

    name: str
    year: int
    population_basis: str
    notice: str
    marking: str
    plan: Plan
    record: dict[str, Any]
    services: tuple[Service, ...]
    crs: Any
    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    indicators: pd.DataFrame
    service_areas: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    context: dict[str, gpd.GeoDataFrame]


def _frame(rows: dict[str, Any], shapes: list[Any]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def _measured(frame: gpd.GeoDataFrame, people: list[float], covered: list[float]) -> None:
    for service in SERVICES:
        p, c = np.array(people), np.array(covered)
        with np.errstate(invalid="ignore"):
            columns = {
                "people": p, "covered": c, "beyond": p - c, "unreachable": 0 * p,
                "off_network": 0 * p, "share": c / p, "minutes": 7 + 0 * p,
            }  # fmt: skip
        for name, values in columns.items():
            frame[f"{service.name}_{name}"] = values


def hand_made() -> HandMade:
    """Four square communities of 2 km in a row; the last has no people data, the fifth no shape.

    ::

        township  A: c1  c2 | B: c3  c4      c5 belongs to B, a name only
        people      100 200      400  no data
        covered     100  50        0  no data
    """
    squares = [shapely.box(X + 2000 * i, Y, X + 2000 * (i + 1), Y + 2000) for i in range(4)]
    communities = _frame(
        {
            "code": ["c1", "c2", "c3", "c4", "c5"],
            "name": ["河东社区", "河西社区", WICKED, "山上村", "无界村"],
            "kind": ["社区", "社区", "村", "村", "村"],
            "township": ["A", "A", "B", "B", "B"],
        },
        [*squares, None],
    )
    nan = float("nan")
    _measured(communities, [100, 200, 400, nan, nan], [100, 50, 0, nan, nan])
    townships = _frame(
        {"code": ["A", "B"], "name": ["甲街道", "乙镇"], "kind": ["街道", "镇"]},
        [shapely.union_all(squares[:2]), shapely.union_all(squares[2:])],
    )
    _measured(townships, [300, 400], [150, 0])
    facilities = _frame(
        {
            "id": ["f1", "f2", "f3"],
            "name": ["日照中心", "敬老院", "无处"],
            "category": ["day_care_center", "eldercare_institution", "social_work_station"],
            "community": ["c1", "c3", None],
            "location": ["geometry", "approximate", None],
            "status": ["counted", "not_in_service", "no_location"],
            "elderly_circle_reach": [150.0, nan, nan],
        },
        [shapely.Point(X + 500, Y + 500), shapely.Point(X + 5000, Y + 500), None],
    )
    gaps = _frame(
        {
            "community": ["c3", "c2", "c3"],
            "service": ["elderly_circle", "elderly_circle", "social_work"],
            "weight": [400.0, 150.0, 400.0],
        },
        [shapely.Point(X + 5000, Y + 900), shapely.Point(X + 3000, Y), shapely.Point(X + 5000, Y)],
    )
    areas = _frame(
        {"service": ["elderly_circle"] * 2, "facility": ["", "f1"]},
        [shapely.Point(X + 500, Y + 500).buffer(800)] * 2,
    )
    streets = _frame(
        {"highway": ["primary", "residential"]},
        [
            shapely.LineString([(X, Y + 500), (X + 8000, Y + 500)]),
            shapely.LineString([(X + 500, Y), (X + 500, Y + 2000)]),
        ],
    )
    river = _frame({"name": ["河"]}, [shapely.box(X + 3900, Y, X + 4100, Y + 2000)])
    return HandMade(
        name="示范区",
        year=2023,
        population_basis="registered",
        notice="演示数据（虚构）",
        marking="",
        plan=read_plan("fuling"),
        record={"inputs": {"townships": {"path": "somewhere/townships.gpkg"}}},
        services=SERVICES,
        crs=communities.crs,
        townships=townships,
        communities=communities,
        facilities=facilities,
        indicators=_indicators(),
        service_areas=areas,
        gaps=gaps,
        context={"water": river, "streets": streets},
    )


def _indicators() -> pd.DataFrame:
    nan = float("nan")
    circle, area = "eldercare_circle_15min_coverage", "community_service_area_per_100hh"
    rows = [
        ("text", circle, "reach", "county", "X", 99.0, 99.0, 100.0),
        ("table", circle, "reach", "county", "X", 21.4286, 150.0, 700.0),
        ("table", circle, "units", "county", "X", 20.0, 1.0, 5.0),
        ("table", circle, "units", "community", "c1", 100.0, 1.0, 1.0),
        ("table", circle, "units", "community", "c2", 0.0, 0.0, 1.0),
        ("table", circle, "units", "community", "c4", nan, nan, nan),
        ("table", area, "pooled", "county", "X", 28.25, 2825.0, 10000.0),
    ]
    names = ["kind", "indicator", "variant", "level", "unit_code", "value", "numerator"]
    return pd.DataFrame(rows, columns=[*names, "denominator"])


@pytest.fixture(scope="module")
def page() -> str:
    return map_page(hand_made())


def _embedded(page: str, name: str) -> Any:
    match = re.search(rf'<script type="application/json" id="coverage-{name}">(.*?)</script>', page)
    assert match is not None
    return json.loads(match[1])


def test_nothing_in_the_page_is_fetched(page: str) -> None:
    assert not re.search(
        r"<link\b|<script[^>]*\bsrc=|<img\b|<iframe\b|@import|\bfetch\(\"http", page
    )
    assert not re.search(r"url\((?!data:|#)", page)
    addresses = set(re.findall(r"https?://([\w.-]+)", page))
    # Leaflet names its licence and its home; the w3.org addresses are XML name spaces
    assert addresses <= {"www.w3.org", "leafletjs.com"}


def test_the_same_result_gives_the_same_bytes(tmp_path: Path) -> None:
    write_map(hand_made(), tmp_path / "a.html")
    write_map(hand_made(), tmp_path / "b.html")
    content = (tmp_path / "a.html").read_bytes()
    assert content == (tmp_path / "b.html").read_bytes()
    assert len(content) < 500_000


def test_headlines_are_the_results_own_figures(page: str) -> None:
    circle, area, social = _embedded(page, "values")["headlines"]
    # 150 of 700; the plan's table goes before its text, which says 99
    reach, units = circle["figures"]
    assert (reach["value"], reach["text"], reach["fraction"]) == (21.4286, "21.4 %", "150 / 700")
    assert (units["value"], units["text"]) == (20.0, "20.0 %")
    assert area["figures"][0]["text"] == "28.2 ㎡"  # halves go to the even digit
    # no row: no data, never 0
    assert area["figures"][1]["value"] is None
    assert {f["text"] for f in social["figures"]} == {"无数据"}


def test_every_service_has_its_figures_for_every_unit(page: str) -> None:
    values = _embedded(page, "values")
    assert [s["name"] for s in values["services"]] == [s.name for s in SERVICES]
    for service in SERVICES:
        communities = values["units"]["community"][service.name]
        assert communities["c1"] == [100, 100, 0, 0, 0, 1, 7]
        assert communities["c2"] == [200, 50, 150, 0, 0, 0.25, 7]
        assert communities["c4"][0] is None
        assert values["units"]["township"][service.name]["A"][:2] == [300, 150]
        shares = values["themes"][service.name]["reach"]
        assert shares["community"] == {"c1": 100, "c2": 25, "c3": 0, "c4": None, "c5": None}
        assert shares["township"] == {"A": 50, "B": 0}


def test_a_reading_is_offered_at_the_levels_that_have_rows(page: str) -> None:
    themes = _embedded(page, "values")["themes"]
    assert themes["elderly_circle"]["units"] == {"community": {"c1": 100, "c2": 0, "c4": None}}
    assert set(themes["social_work"]) == {"reach"}


def test_units_without_a_shape_are_not_drawn_and_the_rest_share_borders(page: str) -> None:
    shapes = _embedded(page, "shapes")
    drawn = {f["properties"]["code"]: f for f in shapes["community"]["features"]}
    assert set(drawn) == {"c1", "c2", "c3", "c4"}
    first, second = (shapely.from_geojson(json.dumps(drawn[c]["geometry"])) for c in ("c1", "c2"))
    assert first.intersection(second).geom_type in ("LineString", "MultiLineString")
    assert first.area == pytest.approx(second.area, rel=1e-2)
    assert [f["properties"]["name"] for f in shapes["township"]["features"]] == ["甲街道", "乙镇"]
    assert shapes["streets"]["main"] is not None
    assert shapes["streets"]["minor"] is not None


def test_places_are_kept_to_a_metre(page: str) -> None:
    values = _embedded(page, "values")
    rows = values["facilities"]
    assert [row[2] for row in rows] == ["日照中心", "敬老院"]  # the third has no place
    assert [row[4] for row in rows] == [0, 2]  # counted, not in service
    assert [row[5] for row in rows] == [0, 1]  # the second stands at its community
    assert [values["codes"][row[6]] for row in rows] == ["c1", "c3"]
    assert rows[0][7:] == [150.0, None, None]
    point = gpd.GeoSeries([shapely.Point(rows[0][0] / 1e5, rows[0][1] / 1e5)], crs=4326)
    assert point.to_crs(CRS).iloc[0].distance(shapely.Point(X + 500, Y + 500)) < 1
    gaps = values["gaps"]["elderly_circle"]
    assert gaps["weight"] == [150, 400]  # most people last: drawn on top
    assert [values["codes"][i] for i in gaps["community"]] == ["c2", "c3"]
    assert values["gaps"]["institutions"]["weight"] == []


def test_service_areas_are_drawn_where_there_are_any(page: str) -> None:
    areas = _embedded(page, "values")["areas"]
    assert areas["elderly_circle"]["type"] == "Polygon"
    assert areas["institutions"] is None


def test_notice_sketch_and_approval_number_stand_on_the_map(page: str) -> None:
    values = _embedded(page, "values")
    assert values["notice"] == "演示数据（虚构）"
    assert values["approval"].startswith("审图号")
    assert values["words"]["sketch"] == "示意图"
    assert values["subtitle"] == "2023 年 · 按户籍人口计"


def test_a_map_that_is_not_public_has_its_marking_in_place_of_a_number() -> None:
    marked = HandMade(**{**hand_made().__dict__, "marking": "内部资料 注意保管"})
    text = map_page(marked)
    assert _embedded(text, "values")["approval"] == "内部资料 注意保管"
    assert "审图号：＿" not in json.dumps(_embedded(text, "values")["approval"])


def test_names_cannot_become_markup(page: str) -> None:
    assert WICKED not in page
    names = {f["properties"]["name"] for f in _embedded(page, "shapes")["community"]["features"]}
    assert WICKED in names


def test_the_map_speaks_english_too() -> None:
    values = json.loads(map_layers.values_json(hand_made(), "en"))
    assert values["approval"].startswith("Map approval")
    assert values["services"][0]["title"] == "Elderly circle"
    assert values["subtitle"] == "2023 · registered population"


def test_a_large_service_area_is_made_light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten bars of 50 m, each with a vertex every 10 m: five vertices each are enough."""
    bars = [shapely.box(X + 100 * i, Y, X + 100 * i + 50, Y + 1000 + i) for i in range(10)]
    whole = np.array([shapely.union_all(bars).segmentize(10)])
    assert shapely.get_num_coordinates(whole[0]) > 2000
    light = map_layers._light(whole)
    assert shapely.get_num_coordinates(light) == 50
    # with room for two bars, the two longest stay
    monkeypatch.setattr(map_layers, "AREA_VERTICES", 12)
    least = map_layers._light(whole)
    assert shapely.get_num_coordinates(least) == 10
    assert least.bounds == (X + 800, Y, X + 950, Y + 1009)


def test_an_area_of_several_counties_without_a_whole_has_no_headline() -> None:
    made = hand_made()
    twice = pd.concat([made.indicators, made.indicators.assign(unit_code="Y")])
    assert map_figures._whole(twice, "eldercare_circle_15min_coverage", "reach") is None


def test_a_folder_that_is_missing_is_said_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"map\.html"):
        write_map(hand_made(), tmp_path / "missing" / "map.html")


def test_result_without_streets_or_water_is_drawn() -> None:
    made = hand_made()
    bare = HandMade(**{**made.__dict__, "context": {}, "notice": ""})
    shapes = json.loads(map_layers.shapes_json(bare))
    assert shapes["water"] is None
    assert shapes["streets"] == {"main": None, "minor": None}


CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
in_browser = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium is not installed")


@pytest.fixture(scope="module")
def tab(page: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Open the map in a browser, and see that no script fails."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    file = tmp_path_factory.mktemp("map") / "map.html"
    file.write_text(page, encoding="utf-8")
    with sync_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = browser.new_page(viewport={"width": 1200, "height": 800})
        failures: list[str] = []
        opened.on("pageerror", lambda error: failures.append(str(error)))
        opened.goto(file.as_uri())
        opened.wait_for_selector("[data-drawn]")
        yield opened
        browser.close()
    assert failures == []


@pytest.mark.browser
@in_browser
def test_a_name_is_found_by_keyboard(tab: Any) -> None:
    tab.keyboard.press("/")
    tab.keyboard.type("河")
    options = tab.locator("#cm-found [role=option]")
    assert options.locator("span").all_inner_texts() == ["河东社区", "河西社区"]
    tab.keyboard.press("ArrowDown")
    assert options.nth(1).get_attribute("aria-selected") == "true"
    tab.keyboard.press("Enter")
    assert tab.locator(".cm-panel h2").inner_text() == "河西社区"
    assert not tab.locator("#cm-found").is_visible()


@pytest.mark.browser
@in_browser
@pytest.mark.parametrize(
    ("typed", "first"),
    [("乙", "乙镇"), ("ｃ4", "山上村"), ("敬老", "敬老院"), ("桥头 村", WICKED)],
)
def test_townships_codes_facilities_and_odd_names_are_found(
    tab: Any, typed: str, first: str
) -> None:
    tab.fill(".cm-find input", typed)
    assert tab.locator("#cm-found [role=option] span").first.inner_text() == first
    tab.keyboard.press("Enter")
    tab.wait_for_timeout(400)  # until the last popup has faded
    shown = tab.locator(".cm-popup b, .cm-panel:not([hidden]) h2").all_inner_texts()
    assert shown == [first]
    # a name stays text
    assert tab.locator("#cm-found b").count() == 0


@pytest.mark.browser
@in_browser
def test_what_is_not_there_is_said_and_escape_clears(tab: Any) -> None:
    tab.fill(".cm-find input", "没有这个地方")
    assert tab.locator("#cm-found").inner_text() == "没有找到"
    tab.keyboard.press("Enter")
    tab.keyboard.press("Escape")
    assert tab.locator(".cm-find input").input_value() == ""


@pytest.mark.browser
@in_browser
def test_a_layer_leaves_map_and_legend(tab: Any) -> None:
    legend = tab.locator(".cm-legend")
    assert "未覆盖的住处" in legend.inner_text()
    tab.locator(".cm-box summary").click()
    tab.uncheck("[data-layer=gaps]")
    tab.check("[data-layer=areas]")
    assert "服务范围" in legend.inner_text()
    tab.check("[data-layer=gaps]")


@pytest.mark.browser
@in_browser
def test_the_printed_sheet_says_what_a_map_must_say(tab: Any) -> None:
    def places() -> list[Any]:
        script = "nodes => nodes.map((n) => [n.textContent, n.getBoundingClientRect().toJSON()])"
        found: list[Any] = tab.eval_on_selector_all(".cm-label", script)
        return found

    before = places()
    reader = pypdf.PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True)))
    (sheet,) = reader.pages
    assert sheet.mediabox.width > sheet.mediabox.height
    # the typeface's own forms of a few characters come back as radicals
    text = vocabulary.fold(sheet.extract_text())
    for words in (
        "政设施服务覆盖图", "2023年·按", "演示数据（虚构）", "审图号",
        "townships.gpkg", "评估依据", "北", "km", "养老圈", "≥80%", "21.4%",
    ):  # fmt: skip
        assert vocabulary.fold(words) in text
    for control in ("图层", "打印", "专题", "看法"):
        assert control not in text
    # the screen is as it was
    tab.wait_for_function("!document.documentElement.classList.contains('cm-print')")
    assert places() == before
