"""One self-contained ``map.html``: opens from disk with the network off.

folium builds the page and the map; Leaflet comes from the installed package ``XStatic-Leaflet`` and
is written into the file with everything else, so that the file links to nothing.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import Element, Figure, MacroElement
from folium.template import Template
from xstatic.pkg import leaflet

from coverage.outputs import map_layers
from coverage.outputs.folder import written

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.results import Result

MAX_ZOOM = 18
_START_ZOOM = 9  # the script fits the map to the data at once


class PlainMap(folium.Map):  # type: ignore[misc]  # folium is untyped
    """A folium map that links to no script and no style sheet.

    Parameters
    ----------
    links
        Scripts and style sheets to load instead of folium's own, as ``(scripts, styles)``, each a
        list of ``(name, address)``; none by default.
    """

    def __init__(
        self, *, links: tuple[list[tuple[str, str]], list[tuple[str, str]]] | None = None
    ) -> None:
        super().__init__(
            location=(0, 0),
            zoom_start=_START_ZOOM,
            tiles=None,
            prefer_canvas=True,
            zoom_control="topleft",
            zoom_snap=0.25,
            zoom_delta=0.5,
            wheel_px_per_zoom_level=120,
        )
        # without tiles nothing else limits the zoom, and some plug-ins need a limit
        self.options["maxZoom"] = MAX_ZOOM
        self.default_js, self.default_css = links or ([], [])


class _Raw(Element):  # type: ignore[misc]  # branca is untyped
    """Text that is written as it stands: scripts hold what a template would take for its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def render(self, **_: object) -> str:
        return self.text


class _Drawing(MacroElement):  # type: ignore[misc]  # branca is untyped
    """The call that draws the embedded data once the map stands."""

    _template = Template(
        """
        {% macro script(this, kwargs) %}
            {{ this.drawing }}.draw(
                {{ this._parent.get_name() }},
                JSON.parse(document.getElementById("coverage-shapes").textContent),
                JSON.parse(document.getElementById("coverage-values").textContent),
                {frame: document.getElementById("coverage-frame")}
            );
        {% endmacro %}
        """
    )

    def __init__(self, drawing: str) -> None:
        super().__init__()
        self._name = "Drawing"
        self.drawing = drawing


def write_map(result: Result, path: str | Path, language: str = "zh") -> None:
    """Write a result as one interactive map file that needs no network.

    The map colours communities and townships by service and reading, shows facilities, uncovered
    places and service areas, and opens a table for each unit. Coverage is read from the result.
    The same result gives the same bytes.

    Parameters
    ----------
    result
        Result of a run.
    path
        File to write, ``map.html``.
    language
        ``zh`` or ``en``: language of the map's words.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    page = map_page(result, language)
    with written(Path(path)):
        Path(path).write_text(page, encoding="utf-8", newline="\n")


def map_page(result: Result, language: str = "zh") -> str:
    """Return the offline map of a result as the text of an HTML page.

    Parameters
    ----------
    result
        Result of a run.
    language
        ``zh`` or ``en``: language of the map's words.

    Returns
    -------
    str
        The whole page.
    """
    return page_with(
        "CoverageMap",
        shapes=map_layers.shapes_json(result),
        values=map_layers.values_json(result, language),
        title=f"{result.name} {result.year}",
        scripts=("find.js", "print.js", "map.js"),
        styles=("map.css", "sheet.css"),
        language=language,
    )


def page_with(
    drawing: str,
    *,
    shapes: str,
    values: str,
    title: str,
    scripts: Sequence[str],
    styles: Sequence[str] = ("map.css",),
    language: str,
) -> str:
    """Return a page in which one of the map's own scripts draws data that stands in the page.

    Parameters
    ----------
    drawing
        What the script draws with: an object with a method ``draw``.
    shapes, values
        The data as JSON.
    title
        Title of the page.
    scripts
        Names of the scripts; the last one draws.
    styles
        Names of the style sheets.
    language
        Language of the page.
    """
    drawn = PlainMap()
    drawn.add_child(_Drawing(drawing))
    figure = drawn.get_root()
    for name, text in (
        ("title", f"<title>{escape(title)}</title>"),
        ("leaflet_css", f"<style>{_leaflet_css()}</style>"),
        ("leaflet_js", f"<script>{_leaflet('leaflet.js')}</script>"),
        *((style, f"<style>{asset(style)}</style>") for style in styles),
        *((script, f"<script>{asset(script)}</script>") for script in scripts),
    ):
        figure.header.add_child(_Raw(text), name=name)
    for name, text in (
        ("frame", '<aside id="coverage-frame" class="cm-frame"></aside>'),
        ("shapes", _embedded("coverage-shapes", shapes)),
        ("values", _embedded("coverage-values", values)),
    ):
        figure.html.add_child(_Raw(text), name=name)
    _number(figure)
    page = str(figure.render())
    return page.replace("<html>", f'<html lang="{"zh-CN" if language == "zh" else "en"}">', 1)


def _embedded(name: str, text: str) -> str:
    # a name in the data must not end the script element
    safe = text.replace("<", "\\u003c")
    return f'<script type="application/json" id="{name}">{safe}</script>'


def _number(figure: Figure) -> None:
    """Give every element a number for an id: folium's are random, and files must be repeatable."""
    pending: list[Any] = [figure, figure.header, figure.html, figure.script]
    for position, element in enumerate(pending):
        element._id = str(position)  # noqa: SLF001 - folium offers no other way
        pending.extend(element._children.values())  # noqa: SLF001


@cache
def asset(name: str) -> str:
    """Return one of the map's own files, ``map.js``, ``map.css`` and so on."""
    return (resources.files("coverage.outputs") / "assets" / name).read_text(encoding="utf-8")


@cache
def _leaflet(name: str) -> str:
    text = (Path(leaflet.BASE_DIR) / name).read_text(encoding="utf-8")
    # the map to the sources lies beside the original only
    return re.sub(r"//# sourceMappingURL=\S+", "", text)


@cache
def _leaflet_css() -> str:
    """Return Leaflet's style sheet with its images inside."""

    def inlined(match: re.Match[str]) -> str:
        image = Path(leaflet.BASE_DIR) / match[1]
        if not image.is_file():
            return match[0]
        kind = mimetypes.guess_type(image.name)[0]
        return f"url(data:{kind};base64,{base64.b64encode(image.read_bytes()).decode()})"

    plain = re.sub(r"/\*.*?\*/", "", _leaflet("leaflet.css"), flags=re.DOTALL)
    return re.sub(r"url\(([^)#]+)\)", inlined, plain)
