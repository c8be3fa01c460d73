"""The main story in a real browser: from the places left out to a scenario that is taken along."""

from __future__ import annotations

import io
import shutil
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import browsing
import pandas as pd
import pytest
from browsing import PATIENCE_MS, Wire

import coverage
from coverage import texts
from coverage.analysis import Prepared
from coverage.scenario import apply_scenario, read_scenario

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = browsing.MARKS

SERVICE = "elderly_circle"
SIZES = ((1366, 768), (1920, 1080))
# the goals are 1 s and 1 MB: this machine runs other tests at the same time, and is no measure
SLOW_S = 10
MANY_BYTES = 1_000_000
CHANGED = """before => {
  const figure = document.querySelector('[data-testid=stMetricValue]');
  return figure && figure.innerText !== before;
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(browsing.DEMO, tmp_path_factory.mktemp("story") / "demo"))


@pytest.fixture(scope="module")
def server(serve: Callable[[Path], str], folder: Path) -> str:
    return serve(folder)


@pytest.fixture(scope="module")
def prepared(folder: Path) -> Prepared:
    return coverage.open_project(folder).prepare()


class Story:
    """A planner at work in one language."""

    def __init__(self, page: Any, folder: Path, prepared: Prepared, language: str) -> None:
        self.page, self.folder, self.prepared, self.language = page, folder, prepared, language
        self.wire = Wire(page)

    def say(self, key: str, **values: object) -> str:
        return texts.say(key, self.language, **values)

    def share(self) -> str:
        return str(self.page.get_by_test_id("stMetricValue").first.inner_text())

    def see(self, text: str) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=PATIENCE_MS)

    def worst_places(self) -> list[list[float]]:
        """Choose the worst place on the first page, and return where people are left out.

        The spots of most people in the two worst communities.
        """
        rows = self.page.get_by_test_id("stDataFrame").first
        rows.wait_for(timeout=PATIENCE_MS)
        box = rows.bounding_box()
        # a row of the table is 29 pixels high, its head 35
        self.page.mouse.click(box["x"] + 16, box["y"] + 35 + 14)
        result = self.prepared.analyse(extras=False)
        table = result.communities
        left_out = (table[f"{SERVICE}_people"] - table[f"{SERVICE}_covered"]).nlargest(2)
        browsing.turn_to(self.page, "coverage", self.language)
        self.see(str(table["name"][left_out.index[0]]))
        self.see(f"{left_out.iloc[0]:,.0f}")
        demand = result.demand[result.demand["service"] == SERVICE].to_crs(4326)
        demand = demand[demand["status"] == "beyond_limit"].sort_values("weight")
        spots = [demand[demand["community"] == code] for code in table["code"][left_out.index]]
        return [[s.geometry.iloc[-1].y, s.geometry.iloc[-1].x] for s in spots]

    def build_at(self, spots: list[list[float]]) -> None:
        """Click the map where people are left out: coverage rises at once."""
        browsing.turn_to(self.page, "scenarios", self.language)
        inner = browsing.drawn_map(self.page)
        box = self.page.locator("iframe").bounding_box()
        for spot in spots:
            inner.evaluate("at => { window.map.setView(at, 14); }", spot)
            at = inner.evaluate("at => window.map.latLngToContainerPoint(at)", spot)
            self.page.wait_for_timeout(500)
            before, _ = self.share(), self.wire.take()
            began = time.perf_counter()
            if spot is spots[0]:
                self.page.mouse.click(box["x"] + at["x"], box["y"] + at["y"])
            else:
                # without a mouse
                inner.locator("#map").press("Enter")
            self.page.wait_for_function(CHANGED, arg=before, timeout=PATIENCE_MS, polling="raf")
            seconds = time.perf_counter() - began
            assert _percent(self.share()) > _percent(before)
            self.page.wait_for_timeout(1_500)
            sent = self.wire.take()
            print(f"a click: {seconds:.2f} s, {sent / 1e3:,.0f} kB")  # noqa: T201 - with -s
            assert seconds < SLOW_S
            assert sent < MANY_BYTES
            assert inner.evaluate("() => window.map.getZoom()") == 14

    def save(self, name: str) -> None:
        self.page.get_by_role("button", name=self.say("scenarios_page.save_as")).click()
        field = self.page.get_by_role("textbox", name=self.say("scenarios_page.save_name"))
        field.fill(name)
        field.press("Enter")
        save = self.say("scenarios_page.save")
        button = self.page.get_by_role("button", name=save, exact=True).last
        button.click(timeout=PATIENCE_MS)
        file = self.folder / "scenarios" / f"{name}.toml"
        browsing.wait_until(self.page, file.is_file)
        assert [edit.id for edit in read_scenario(file).edits] == ["N1", "N2"]

    def compare(self, name: str) -> None:
        """Hold the scenario beside the baseline, and take the files of the command along."""
        shown = self.share()
        self.page.get_by_text(self.say("scenarios_page.mode_compare"), exact=True).click()
        other = self.page.get_by_role("combobox", name=self.say("scenarios_page.side_b"))
        other.first.click(timeout=PATIENCE_MS)
        self.page.get_by_role("option", name=name).click()
        packed = self.download(self.say("export_page.file_results"))
        assert packed.suggested_filename == f"baseline--{name}.zip"
        with zipfile.ZipFile(packed.path()) as archive:
            table = pd.read_csv(io.BytesIO(archive.read("townships.csv")))
        scenario = read_scenario(self.folder / "scenarios" / f"{name}.toml")
        built = apply_scenario(self.prepared, scenario).analyse(extras=False).townships
        covered, people = (built[f"{SERVICE}_{m}"].sum() for m in ("covered", "people"))
        assert table[f"{SERVICE}_covered_b"].sum() == pytest.approx(covered)
        assert table[f"{SERVICE}_covered_a"].sum() < covered
        assert shown == f"{covered / people:.2%}"
        offline = self.download(self.say("scenarios_page.file_map"))
        assert offline.suggested_filename == "map.html"

    def export(self) -> None:
        browsing.turn_to(self.page, "export", self.language)
        table = pd.read_csv(self.download("CSV", 2).path())
        before = self.prepared.analyse(extras=False).townships
        for figure in (f"{SERVICE}_people", f"{SERVICE}_covered"):
            assert table[figure].sum() == pytest.approx(before[figure].sum())

    def download(self, name: str, place: int = 0) -> Any:
        with self.page.expect_download(timeout=PATIENCE_MS) as download:
            button = self.page.get_by_role("button", name=name, exact=True).nth(place)
            button.click(timeout=PATIENCE_MS)
        return download.value


def _percent(text: str) -> float:
    return float(text.removesuffix("%"))


@pytest.mark.parametrize(("language", "size"), [("zh", SIZES[0]), ("en", SIZES[1])])
def test_from_the_worst_place_to_a_scenario_that_is_taken_along(
    browser: Any,
    server: str,
    folder: Path,
    prepared: Prepared,
    language: str,
    size: tuple[int, int],
) -> None:
    width, height = size
    address = f"{server}/?lang={language}"
    page, watch = browsing.visit(browser, address, width=width, height=height)
    story = Story(page, folder, prepared, language)
    browsing.drawn_map(page)
    name = f"north-{language}"
    story.build_at(story.worst_places())
    story.save(name)
    story.compare(name)
    story.export()
    # the same on the other screen: nothing is cut off at the right
    for size_of in SIZES:
        page.set_viewport_size(dict(zip(("width", "height"), size_of, strict=True)))
        for turned in ("overview", "scenarios", "coverage"):
            browsing.turn_to(page, turned, language)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    watch.check()
    page.close()
