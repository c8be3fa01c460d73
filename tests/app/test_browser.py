"""The demo in a real browser: the app and the offline map draw, and ask nothing of the outside."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browsing
import geopandas as gpd
import pytest
from browsing import CLOSE, DEMO, Watch
from idle_buildings import add_idle_buildings
from tiny_county import write_tiny

import coverage
from coverage import texts
from coverage.outputs import map_figures
from coverage.outputs.offline_map import write_map

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = browsing.MARKS


@pytest.fixture(scope="module")
def result() -> Any:
    return coverage.open_project(DEMO).run()


@pytest.fixture(scope="module")
def server(serve: Callable[[Path], str]) -> str:
    return serve(DEMO)


def _look_at_a_station(inner: Any, result: Any) -> None:
    """Move the map to the first facility that counts for the first service."""
    stations = result.facilities[result.facilities["elderly_circle_reach"].notna()]
    at = stations.geometry.iloc[[0]].to_crs(4326).iloc[0]
    inner.evaluate("([y, x, zoom]) => { window.map.setView([y, x], zoom); }", [at.y, at.x, CLOSE])


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_first_page_shows_the_headlines_in_both_languages(
    browser: Any, server: str, result: Any, width: int, height: int
) -> None:
    page, watch = browsing.visit(browser, server, width=width, height=height)
    inner = browsing.drawn_map(page)
    text = browsing.shown(page)
    for headline in map_figures.headlines(result, "zh"):
        for figure in headline.figures:
            assert figure.text("zh") in text
    assert result.notice in text
    # the map has drawn communities of several classes
    assert browsing.classes_drawn(inner) >= 3
    page.get_by_text("English", exact=True).click()
    page.get_by_text(texts.say("web.answers_overview", "en")).wait_for(timeout=browsing.PATIENCE_MS)
    # the choice stands in the address, and outlives a change of page
    assert "lang=en" in page.url
    browsing.turn_to(page, "coverage", "en")
    assert "lang=en" in page.url
    # nothing is cut off at the right
    wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    watch.check()
    page.close()


def test_map_tables_and_controls_belong_together(browser: Any, server: str, result: Any) -> None:
    page, watch = browsing.visit(browser, server)
    browsing.turn_to(page, "coverage")
    inner = browsing.drawn_map(page)
    _look_at_a_station(inner, result)
    # service areas come by themselves, and the map stays where it is
    legend = page.frame_locator("iframe").locator(".cm-legend")
    sync_api.expect(legend).to_contain_text(
        texts.say("map.layer_areas"), timeout=browsing.PATIENCE_MS
    )
    assert inner.evaluate("() => window.map.getZoom()") == CLOSE
    plain = Counter(inner.evaluate(browsing.COLOURS))

    def recoloured() -> int:
        return (plain - Counter(inner.evaluate(browsing.COLOURS))).total()

    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("步行 16 分钟").first.wait_for(timeout=browsing.PATIENCE_MS)
    browsing.wait_until(page, lambda: recoloured() > 1_000)
    assert inner.evaluate("() => window.map.getZoom()") == CLOSE
    _click_a_township(page, inner, result)
    watch.check()
    page.close()


def _click_a_township(page: Any, inner: Any, result: Any) -> None:
    """Click the last township of the table on the map; the page then shows it."""
    townships = result.townships
    name = str(townships["name"].iloc[-1])
    point = townships.geometry.iloc[[-1]].representative_point().to_crs(4326).iloc[0]
    inner.evaluate("([y, x]) => { window.map.setView([y, x], 12); }", [point.y, point.x])
    page.wait_for_timeout(500)
    box = page.locator("iframe").bounding_box()
    at = inner.evaluate("([y, x]) => window.map.latLngToContainerPoint([y, x])", [point.y, point.x])
    chosen = page.get_by_role("combobox", name=texts.say("web.township", "zh"))

    def clicked() -> bool:
        # a click that meets a page that is being drawn anew is lost, as a person would see
        page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
        page.wait_for_timeout(3_000)
        return bool(chosen.input_value() == name)

    browsing.wait_until(page, clicked)


def test_names_from_files_run_nowhere(
    browser: Any, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    """A township and a facility with a script for a name show it as text."""
    folder = tmp_path / "odd"
    shutil.copytree(DEMO, folder)
    bad = "<img src=x onerror=window.top.hit=1>"
    towns = gpd.read_file(folder / "townships.gpkg")
    towns["name"] = bad + towns["name"].astype(str)
    towns.to_file(folder / "townships.gpkg")
    page, watch = browsing.visit(browser, serve(folder))
    browsing.drawn_map(page)
    browsing.turn_to(page, "coverage")
    inner = browsing.drawn_map(page)
    inner.locator(".cm-township").first.wait_for(state="attached", timeout=browsing.PATIENCE_MS)
    assert "<img" in browsing.shown(page)
    assert page.evaluate("() => window.hit") is None
    assert page.locator("img[src=x]").count() == inner.locator("img[src=x]").count() == 0
    watch.check()
    page.close()


def test_the_offline_map_opens_from_disk_without_a_network(
    browser: Any, result: Any, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    write_map(result, path)
    assert path.stat().st_size <= 5_000_000
    context = browser.new_context(viewport={"width": 1600, "height": 900}, offline=True)
    page = context.new_page()
    watch = Watch(page)
    page.goto(path.as_uri())
    page.locator("[data-drawn]").wait_for(timeout=20_000)
    text = browsing.shown(page)
    for headline in map_figures.headlines(result, "zh"):
        for figure in headline.figures:
            assert figure.text("zh") in text
    for words in (result.notice, texts.say("map.approval", "zh"), texts.say("map.sketch", "zh")):
        assert words in text
    assert browsing.classes_drawn(page) >= 3
    for service in result.services:
        page.click(f"[data-service={service.name}]")
        drawn = page.locator(".leaflet-container").get_attribute("data-drawn")
        assert drawn.startswith(service.name)
    watch.check()
    context.close()


def test_a_click_on_the_offline_map_opens_the_units_table(
    browser: Any, result: Any, tmp_path: Path
) -> None:
    path = tmp_path / "map.html"
    write_map(result, path)
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.goto(path.as_uri())
    page.locator("[data-drawn]").wait_for(timeout=20_000)
    page.click("[data-level=township]")
    at = page.locator(".cm-township span").first.bounding_box()
    name = page.locator(".cm-township span").first.inner_text()
    page.mouse.click(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    panel = page.locator(".cm-panel")
    sync_api.expect(panel).to_contain_text(name)
    row = result.townships.set_index("name").loc[name]
    sync_api.expect(panel).to_contain_text(f"{row['elderly_circle_people']:,.0f}")
    page.close()


def test_sites_are_found_looked_at_and_kept(
    browser: Any, serve: Callable[[Path], str], tmp_path: Path
) -> None:
    """Find three sites, choose one in the table and one on the map, keep them; then in English."""
    folder = write_tiny(tmp_path)
    add_idle_buildings(folder)
    page, watch = browsing.visit(browser, serve(folder))
    browsing.turn_to(page, "siting")
    inner = browsing.drawn_map(page)
    page.get_by_label(texts.say("siting_page.sites", "zh"), exact=True).fill("3")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=texts.say("siting_page.find", "zh"), exact=True).click()
    inner.locator(".cm-marker").nth(2).wait_for(timeout=browsing.PATIENCE_MS)
    zoom = inner.evaluate("() => window.map.getZoom()")
    rows = page.get_by_test_id("stDataFrame").first.bounding_box()
    # the header and each row are 35 pixels high
    page.mouse.click(rows["x"] + 16, rows["y"] + 35 * 2 + 17)
    page.get_by_text("2 号").wait_for(timeout=browsing.PATIENCE_MS)
    sync_api.expect(inner.locator(".cm-marker-chosen")).to_have_text(
        "2", timeout=browsing.PATIENCE_MS
    )
    inner.locator(".cm-marker", has_text="3").click()
    page.get_by_text("3 号").wait_for(timeout=browsing.PATIENCE_MS)
    assert inner.evaluate("() => window.map.getZoom()") == zoom
    page.get_by_role("button", name=texts.say("siting_page.save", "zh")).click()
    suggested = texts.say("siting_page.save_suggestion", "zh", count=3)
    page.get_by_text(texts.say("siting_page.saved", "zh", name=suggested)).wait_for(
        timeout=browsing.PATIENCE_MS
    )
    assert (folder / "scenarios" / f"{suggested}.toml").exists()
    page.get_by_text("English", exact=True).click()
    page.get_by_text("coverage rises from 30.00%").wait_for(timeout=browsing.PATIENCE_MS)
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    watch.check()
    page.close()
