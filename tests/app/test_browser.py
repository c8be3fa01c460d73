"""The demo in a real browser: the app and the offline map draw, and ask nothing of the outside."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import geopandas as gpd
import pytest
from idle_buildings import add_idle_buildings
from tiny_county import write_tiny

import coverage
from coverage import texts
from coverage.outputs import map_figures
from coverage.outputs.offline_map import write_map
from coverage.web import launch

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
DEMO = Path(__file__).parents[2] / "data" / "demo"
HOME = ("127.0.0.1", "localhost")
PATIENCE_MS = 150_000  # a machine that also runs other tests may be many times slower

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium is not installed"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield started
        started.close()


@pytest.fixture(scope="module")
def result() -> Any:
    return coverage.open_project(DEMO).run()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], str]]:
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(_serving(folder))


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    port = launch.free_port(None)
    command = [sys.executable, "-m", "coverage", "app", str(folder), "--port", str(port)]
    environment = {**os.environ, "STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(command, env=environment) as process:
        address = f"http://{launch.ADDRESS}:{port}"
        _wait_for(f"{address}/_stcore/health", process)
        yield address
        process.terminate()
        process.wait(timeout=20)
    # whoever stops the command stops the server
    assert launch.free_port(port) == port


@pytest.fixture(scope="module")
def server(serve: Callable[[Path], str]) -> str:
    return serve(DEMO)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("the server did not answer within 30 s")


class Watch:
    """Note what a page asks of other hosts, and what goes wrong in it."""

    def __init__(self, page: Any) -> None:
        self.outside: list[str] = []
        self.faults: list[str] = []
        page.route("**/*", self._stop)
        page.on("request", self._request)
        page.on("websocket", lambda socket: self._note(socket.url))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._console)
        page.on("response", self._response)

    def _note(self, address: str) -> bool:
        parts = urlsplit(address)
        own = parts.scheme in ("data", "blob", "file", "about") or parts.hostname in HOME
        if not own:
            self.outside.append(address)
        return own

    def _stop(self, route: Any) -> None:
        if self._note(route.request.url):
            route.continue_()
        else:
            route.abort()

    def _request(self, request: Any) -> None:
        self._note(request.url)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(message.text)

    def _response(self, response: Any) -> None:
        if response.status >= 400:
            self.faults.append(f"{response.status} {response.url}")

    def check(self) -> None:
        assert self.outside == []
        assert self.faults == []


# colours of the canvas, rounded so that the smoothing of edges does not count as new ones
COLOURS = """() => {
  const found = {};
  for (const canvas of document.querySelectorAll("canvas.leaflet-zoom-animated")) {
    const data = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    for (let i = 0; i < data.length; i += 4) {
      if (data[i + 3] < 250) continue;
      const key = data[i] + "," + data[i + 1] + "," + data[i + 2];
      found[key] = (found[key] || 0) + 1;
    }
  }
  return found;
}"""
CLOSE = 14  # zoom at which a walk of 15 minutes fills much of the map
RAMP = ("243,233,210", "207,220,195", "147,194,177", "81,156,153", "29,106,112")


def _classes_drawn(place: Any) -> int:
    """Return how many classes of the legend cover at least a hundred pixels."""
    colours = place.evaluate(COLOURS)
    return sum(colours.get(colour, 0) >= 100 for colour in RAMP)


def _shown(page: Any) -> str:
    return str(page.locator("body").inner_text())


def _open(browser: Any, address: str, *, width: int = 1366, height: int = 768) -> tuple[Any, Watch]:
    page = browser.new_page(viewport={"width": width, "height": height})
    watch = Watch(page)
    page.goto(address)
    return page, watch


def _map(page: Any) -> Any:
    """Wait for the map of a page, and return its frame."""
    page.frame_locator("iframe").locator("[data-drawn]").wait_for(timeout=PATIENCE_MS)
    return next(f for f in page.frames if "/component/" in f.url)


def _turn_to(page: Any, name: str, language: str = "zh") -> None:
    page.get_by_role("link", name=texts.say(f"web.page_{name}", language), exact=True).click()
    page.get_by_text(texts.say(f"web.answers_{name}", language)).wait_for(timeout=PATIENCE_MS)


def _look_at_a_station(inner: Any, result: Any) -> None:
    """Move the map to the first facility that counts for the first service."""
    stations = result.facilities[result.facilities["elderly_circle_reach"].notna()]
    at = stations.geometry.iloc[[0]].to_crs(4326).iloc[0]
    inner.evaluate("([y, x, zoom]) => { window.map.setView([y, x], zoom); }", [at.y, at.x, CLOSE])


def _wait_until(page: Any, holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_MS // 250):
        if holds():
            return
        page.wait_for_timeout(250)
    pytest.fail("the page did not change")


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
def test_the_first_page_shows_the_headlines_in_both_languages(
    browser: Any, server: str, result: Any, width: int, height: int
) -> None:
    page, watch = _open(browser, server, width=width, height=height)
    inner = _map(page)
    text = _shown(page)
    for headline in map_figures.headlines(result, "zh"):
        for figure in headline.figures:
            assert figure.text("zh") in text
    assert result.notice in text
    # the map has drawn communities of several classes
    assert _classes_drawn(inner) >= 3
    page.get_by_text("English", exact=True).click()
    page.get_by_text(texts.say("web.answers_overview", "en")).wait_for(timeout=PATIENCE_MS)
    # the choice stands in the address, and outlives a change of page
    assert "lang=en" in page.url
    _turn_to(page, "coverage", "en")
    assert "lang=en" in page.url
    # nothing is cut off at the right
    wide = page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    watch.check()
    page.close()


def test_map_tables_and_controls_belong_together(browser: Any, server: str, result: Any) -> None:
    page, watch = _open(browser, server)
    _turn_to(page, "coverage")
    inner = _map(page)
    _look_at_a_station(inner, result)
    # service areas come by themselves, and the map stays where it is
    legend = page.frame_locator("iframe").locator(".cm-legend")
    sync_api.expect(legend).to_contain_text(texts.say("map.layer_areas"), timeout=PATIENCE_MS)
    assert inner.evaluate("() => window.map.getZoom()") == CLOSE
    plain = Counter(inner.evaluate(COLOURS))

    def recoloured() -> int:
        return (plain - Counter(inner.evaluate(COLOURS))).total()

    page.get_by_role("slider").first.press("ArrowRight")
    page.get_by_text("步行 16 分钟").first.wait_for(timeout=PATIENCE_MS)
    _wait_until(page, lambda: recoloured() > 1_000)
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

    _wait_until(page, clicked)


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
    page, watch = _open(browser, serve(folder))
    _map(page)
    _turn_to(page, "coverage")
    inner = _map(page)
    inner.locator(".cm-township").first.wait_for(state="attached", timeout=PATIENCE_MS)
    assert "<img" in _shown(page)
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
    text = _shown(page)
    for headline in map_figures.headlines(result, "zh"):
        for figure in headline.figures:
            assert figure.text("zh") in text
    for words in (result.notice, texts.say("map.approval", "zh"), texts.say("map.sketch", "zh")):
        assert words in text
    assert _classes_drawn(page) >= 3
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
    page, watch = _open(browser, serve(folder))
    _turn_to(page, "siting")
    inner = _map(page)
    page.get_by_label(texts.say("siting_page.sites", "zh"), exact=True).fill("3")
    page.keyboard.press("Enter")
    page.get_by_role("button", name=texts.say("siting_page.find", "zh"), exact=True).click()
    inner.locator(".cm-marker").nth(2).wait_for(timeout=PATIENCE_MS)
    zoom = inner.evaluate("() => window.map.getZoom()")
    rows = page.get_by_test_id("stDataFrame").first.bounding_box()
    # the header and each row are 35 pixels high
    page.mouse.click(rows["x"] + 16, rows["y"] + 35 * 2 + 17)
    page.get_by_text("2 号").wait_for(timeout=PATIENCE_MS)
    sync_api.expect(inner.locator(".cm-marker-chosen")).to_have_text("2", timeout=PATIENCE_MS)
    inner.locator(".cm-marker", has_text="3").click()
    page.get_by_text("3 号").wait_for(timeout=PATIENCE_MS)
    assert inner.evaluate("() => window.map.getZoom()") == zoom
    page.get_by_role("button", name=texts.say("siting_page.save", "zh")).click()
    suggested = texts.say("siting_page.save_suggestion", "zh", count=3)
    page.get_by_text(texts.say("siting_page.saved", "zh", name=suggested)).wait_for(
        timeout=PATIENCE_MS
    )
    assert (folder / "scenarios" / f"{suggested}.toml").exists()
    page.get_by_text("English", exact=True).click()
    page.get_by_text("coverage rises from 30.00%").wait_for(timeout=PATIENCE_MS)
    assert page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth") <= 0
    watch.check()
    page.close()
