"""Draw the demo's maps and take the app's pictures that the README shows: ``python maps/draw.py``.

Runs the demo project, draws pages of its atlas, and takes pictures of its map file and of the app's
pages in a browser (Debian's chromium, with Playwright from the test packages).
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING

from PIL import Image
from playwright.sync_api import sync_playwright

import coverage
from coverage.outputs.atlas import draw_map
from coverage.web import launch

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from coverage.results import Result

HERE = Path(__file__).parent
DEMO = HERE.parent / "data" / "demo"
MAP = {"width": 1440, "height": 900}
WINDOW = {"width": 1366, "height": 768}
DPI = 100  # a page is 1170 pixels wide
COLOURS = 128  # of a picture
PATIENCE_S = 120
REST_MS = 4000
PLAN = '[project]\nplan = "fuling"'
# file -> what the atlas draws
ATLAS = {
    "atlas-overview": "overview",
    "atlas-social-work": "social_work_station_coverage",
    "atlas-township": "500199003",
}
# file -> address of the page, and whether it has a map, which is drawn last
PAGES = {
    "app-overview": ("", True),
    "app-coverage": ("coverage", True),
    "app-indicators": ("indicators", False),
}


def main() -> None:
    """Write all pictures into this folder."""
    project = coverage.open_project(DEMO)
    result = project.run()
    for name, subject in ATLAS.items():
        (HERE / f"{name}.png").write_bytes(draw_map(result, subject, "zh", dpi=DPI))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        take_map(browser.new_page(viewport=MAP), result)
        take_app(browser.new_page(viewport=WINDOW))
        browser.close()


def take_map(page: Page, result: Result) -> None:
    """Write ``demo-YEAR.png``, the offline map."""
    with tempfile.TemporaryDirectory() as folder:
        file = result.save(Path(folder) / "results") / "map.html"
        page.goto(file.as_uri())
        page.wait_for_selector("[data-drawn]")
        page.wait_for_timeout(1000)
        save(page, f"demo-{result.year}")


def take_app(page: Page) -> None:
    """Write a picture of each of the app's pages, for the demo measured by a plan."""
    port = launch.free_port(None)
    address = f"http://{launch.ADDRESS}:{port}"
    with tempfile.TemporaryDirectory() as folder:
        project = Path(shutil.copytree(DEMO, Path(folder) / "demo"))
        settings = project / "project.toml"
        text = settings.read_text(encoding="utf-8").replace("[project]", PLAN, 1)
        settings.write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "coverage", "app", str(project), "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            wait_for(f"{address}/_stcore/health")
            for name, (path, has_map) in PAGES.items():
                page.goto(f"{address}/{path}")
                where = page.frame_locator("iframe") if has_map else page
                sign = "[data-drawn]" if has_map else "[data-testid=stDataFrame]"
                where.locator(sign).first.wait_for(timeout=PATIENCE_S * 1000)
                # the page is at rest once nothing runs and nothing is still to be drawn
                page.wait_for_selector("[data-testid=stStatusWidget]", state="detached")
                page.wait_for_timeout(REST_MS)
                save(page, name)
        finally:
            server.terminate()
            server.wait(timeout=PATIENCE_S)


def wait_for(address: str) -> None:
    """Wait until the server answers."""
    end = monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            if monotonic() > end:
                raise
            sleep(0.2)


def save(page: Page, name: str) -> None:
    """Write what the window shows, in few colours."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
