"""Open a page of the app without a browser."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash


def _script(project: str, language: str) -> None:
    # AppTest runs the source of this function alone
    from pathlib import Path  # noqa: PLC0415

    from coverage.web import frame, server  # noqa: PLC0415

    frame.show(server.Served(project=Path(project), language=language))


def open_app(project: Path, page: str = "", language: str = "zh") -> AppTest:
    """Open a page, the first one by default, on a project."""
    app = AppTest.from_function(_script, args=(str(project), language), default_timeout=60)
    return turn_to(app, page)


def turn_to(app: AppTest, page: str) -> AppTest:
    """Turn to another page: Streamlit knows pages that are functions by their address alone."""
    app._page_hash = calc_hash(page)
    return app.run()


def shown(app: AppTest) -> str:
    """Return all the text that a page shows as HTML or Markdown."""
    parts = [*app.markdown, *app.caption, *app.info, *app.error]
    html = [str(block.proto.body) for block in app.get("html")]
    return "\n".join([*(str(part.value) for part in parts), *html])
