"""What the tests in a real browser share: a watch over a page, and ways around in it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from os import environ
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from coverage import texts
from coverage.web import launch

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DEMO = Path(__file__).parents[2] / "data" / "demo"
HOME = ("127.0.0.1", "localhost")
PATIENCE_MS = 150_000  # a machine that also runs other tests may be many times slower

MARKS = [
    pytest.mark.browser,
    pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="chromium is not installed"),
]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a project by the command, and give its address."""
    port = launch.free_port(0)
    command = [sys.executable, "-m", "coverage", "app", str(folder), "--port", str(port)]
    environment = {**environ, "STREAMLIT_SERVER_HEADLESS": "true"}
    with subprocess.Popen(command, env=environment) as process:
        address = f"http://{launch.ADDRESS}:{port}"
        _wait_for(f"{address}/_stcore/health", process)
        yield address
        process.terminate()
        process.wait(timeout=20)
    # whoever stops the command stops the server
    assert launch.free_port(port) == port


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


def classes_drawn(place: Any) -> int:
    """Return how many classes of the legend cover at least a hundred pixels."""
    colours = place.evaluate(COLOURS)
    return sum(colours.get(colour, 0) >= 100 for colour in RAMP)


def shown(page: Any) -> str:
    return str(page.locator("body").inner_text())


def visit(browser: Any, address: str, *, width: int = 1366, height: int = 768) -> tuple[Any, Watch]:
    page = browser.new_page(viewport={"width": width, "height": height})
    watch = Watch(page)
    page.goto(address)
    return page, watch


def drawn_map(page: Any) -> Any:
    """Wait for the map of a page, and return its frame."""
    page.frame_locator("iframe").locator("[data-drawn]").wait_for(timeout=PATIENCE_MS)
    return next(f for f in page.frames if "/component/" in f.url)


def turn_to(page: Any, name: str, language: str = "zh") -> None:
    page.get_by_role("link", name=texts.say(f"web.page_{name}", language), exact=True).click()
    page.get_by_text(texts.say(f"web.answers_{name}", language)).wait_for(timeout=PATIENCE_MS)


def wait_until(page: Any, holds: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_MS // 250):
        if holds():
            return
        page.wait_for_timeout(250)
    pytest.fail("the page did not change")


class Wire:
    """Count the bytes that a page is sent: files as they travel, messages unpacked."""

    def __init__(self, page: Any) -> None:
        self._bytes = 0
        talk = page.context.new_cdp_session(page)
        talk.send("Network.enable")
        talk.on("Network.loadingFinished", self._file)
        talk.on("Network.webSocketFrameReceived", self._message)

    def _file(self, event: dict[str, Any]) -> None:
        self._bytes += int(event["encodedDataLength"])

    def _message(self, event: dict[str, Any]) -> None:
        # what is not text comes as base64
        frame = event["response"]
        length = len(frame["payloadData"])
        self._bytes += length if frame["opcode"] == 1 else length * 3 // 4

    def take(self) -> int:
        """Return the bytes since the last time."""
        taken, self._bytes = self._bytes, 0
        return taken
