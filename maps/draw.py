"""Draw the demo's maps that the README shows: ``python maps/draw.py``.

Runs the demo project and takes a picture of its map file in a browser (Debian's chromium, with
Playwright from the test packages).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

import coverage

HERE = Path(__file__).parent
DEMO = HERE.parent / "data" / "demo"
VIEW = {"width": 1440, "height": 900}


def main() -> None:
    """Write ``demo-YEAR.png`` for the demo's own year."""
    project = coverage.open_project(DEMO)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        page_file = project.run().save(Path(folder) / "results") / "map.html"
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        page = browser.new_page(viewport=VIEW)
        page.goto(page_file.as_uri())
        page.wait_for_timeout(3000)
        page.screenshot(path=HERE / f"demo-{project.year}.png")
        browser.close()


if __name__ == "__main__":
    main()
