"""What all tests of pages start from: nothing kept, the usual address, Chinese."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit import config

from coverage import texts
from coverage.web import session


@pytest.fixture(autouse=True)
def _own_address() -> Iterator[None]:
    session.reload()
    config.set_option("server.address", "127.0.0.1")
    yield
    config.set_option("server.address", "127.0.0.1")
    texts.use("zh")
