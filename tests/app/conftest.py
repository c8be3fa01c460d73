"""What all tests of pages start from: the usual address, Chinese; and counties read once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import browsing
import pytest
from streamlit import config
from tiny_county import write_tiny

from coverage import texts


@pytest.fixture(autouse=True)
def _own_address() -> Iterator[None]:
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", "127.0.0.1")
    texts.use("zh")


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the tiny county once for the tests of a module, which the pages then read once."""
    return write_tiny(tmp_path_factory.mktemp("county"))


@pytest.fixture
def kept(county: Path) -> Iterator[Path]:
    """Return the county of the module; what a test saves in it is gone after the test."""
    yield county
    for made in ("scenarios", "results"):
        shutil.rmtree(county / made, ignore_errors=True)


# of a module, not of the session: while a browser is driven, nothing else can wait in this thread
@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Debian's chromium."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=browsing.CHROMIUM, args=browsing.ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], str]]:
    """Return a function that serves a project and gives its address."""
    with ExitStack() as servers:
        yield lambda folder: servers.enter_context(browsing.serving(folder))
