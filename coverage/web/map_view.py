"""The map in a page: a frame of our own around Leaflet, which keeps its place through every change.

Shapes and figures go to the browser by address, not with the page: a change of a control sends what
changed, and a click comes back with its place and what lies there. The frame tells each click until
it learns that it was heard, so that none is lost to a page at work, and none counts twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import streamlit as st
import streamlit.components.v1 as components
from xstatic.pkg import leaflet

from coverage import __version__, texts
from coverage.web import visitors

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coverage.web.visitors import Sheet

HEIGHT_PX = 600


@dataclass(frozen=True, kw_only=True)
class Marker:
    """A place that a page puts on the map.

    Parameters
    ----------
    lat, lng
        Degrees on WGS 84.
    label
        What stands beside it; in a ``site`` and a ``chosen`` one, a number.
    kind
        How it is drawn: ``new``, ``moved``, ``closed`` or ``picked``; ``site``, or ``chosen``, to
        which the map moves once.
    """

    lat: float
    lng: float
    label: str
    kind: str = "new"


@dataclass(frozen=True, kw_only=True)
class View:
    """What a map shows.

    Parameters
    ----------
    shapes, values
        What it fetches.
    service
        Service to colour by.
    reading
        Reading to colour by at first; the visitor may choose another on the map.
    level, code
        Unit to outline; the code may be empty.
    areas
        Whether to show service areas.
    markers
        Places that the page adds.
    change
        How a scenario differs from the figures, from `coverage.web.changes`; None without one.
    compact
        Whether the page chooses what is read, and the map shows its legend alone.
    height_px
        Height in pixels.
    """

    shapes: Sheet
    values: Sheet
    service: str
    reading: str = "reach"
    level: str = "township"
    code: str = ""
    areas: bool = False
    markers: tuple[Marker, ...] = ()
    change: Mapping[str, Any] | None = None
    compact: bool = False
    height_px: int = HEIGHT_PX


@dataclass(frozen=True, kw_only=True)
class Click:
    """A place that was clicked, and what lies there.

    Parameters
    ----------
    lat, lng
        Degrees on WGS 84.
    level, code
        Unit that was hit; empty outside all of them.
    facility
        Position among the drawn facilities, as the map's figures list them; None beside them.
    marker
        Position among the markers that the page put there; None beside them.
    """

    lat: float
    lng: float
    level: str = ""
    code: str = ""
    facility: int | None = None
    marker: int | None = None


def draw(view: View, key: str, on_click: Callable[[Click], None]) -> None:
    """Draw a map into the page.

    Parameters
    ----------
    view
        What to show.
    key
        Name of the map: under the same name the same map stays.
    on_click
        Told each click, before the page runs again.
    """
    last = f"{key}-heard"

    @texts.spoken
    def clicked() -> None:
        for number, click in clicks_of(st.session_state.get(key)):
            if number > st.session_state.get(last, 0):
                st.session_state[last] = number
                on_click(click)

    visitor = visitors.allow(view.shapes, view.values)
    heard = st.session_state.get(last, 0)
    _component()(**arguments(view, visitor, heard=heard), key=key, on_change=clicked)


def arguments(view: View, visitor: str, *, heard: int = 0) -> dict[str, Any]:
    """Return what the frame is told.

    Parameters
    ----------
    view
        What to show.
    visitor
        The visitor's key.
    heard
        Number of the last click that the page knows of.
    """
    library = _served("leaflet", str(leaflet.BASE_DIR))
    drawing = _served("drawing", str(resources.files("coverage.outputs") / "assets"))
    return {
        "scripts": [f"{library}/leaflet.js", f"{drawing}/map.js?v={__version__}"],
        "styles": [f"{library}/leaflet.css", f"{drawing}/map.css?v={__version__}"],
        # beside the folder of components, whatever path the server stands under
        "base": "../.." + visitors.ADDRESS.partition("{")[0],
        "visitor": visitor,
        "shapes": view.shapes.name,
        "values": view.values.name,
        "language": texts.language(),
        "height": view.height_px,
        "heard": heard,
        "unsaved": visitors.has_unsaved(),
        "options": {
            "service": view.service,
            "reading": view.reading,
            "selected": {"level": view.level, "code": view.code} if view.code else None,
            "areas": view.areas,
            "compact": view.compact,
            "change": view.change,
            "markers": [[m.lat, m.lng, m.label, m.kind] for m in view.markers],
        },
        "words": {"lost": texts.say("web.map_lost"), "label": texts.say("web.map_label")},
    }


def clicks_of(value: object) -> list[tuple[int, Click]]:
    """Return the clicks that a frame reported with their numbers, which grow.

    Parameters
    ----------
    value
        What came from the browser: anything at all.
    """
    told = value.get("clicks") if isinstance(value, dict) else None
    found = []
    for entry in told if isinstance(told, list) else []:
        click = click_of(entry)
        number = entry.get("click") if click is not None else None
        if click is not None and isinstance(number, int):
            found.append((number, click))
    return sorted(found, key=lambda pair: pair[0])


def click_of(value: object) -> Click | None:
    """Return a click as a frame reports it, or None if it is none.

    Parameters
    ----------
    value
        What came from the browser: anything at all.
    """
    if not isinstance(value, dict):
        return None
    lat, lng = value.get("lat"), value.get("lng")
    if not isinstance(lat, int | float) or not isinstance(lng, int | float):
        return None
    return Click(
        lat=float(lat),
        lng=float(lng),
        level=str(value.get("level") or ""),
        code=str(value.get("code") or ""),
        facility=_position(value.get("facility")),
        marker=_position(value.get("marker")),
    )


def _position(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _component() -> Any:  # noqa: ANN401 - Streamlit's own
    # declared at each run: Streamlit knows no component before its server stands
    folder = resources.files("coverage.web") / "assets" / "map"
    return components.declare_component("map", path=str(folder))


def _served(name: str, folder: str) -> str:
    """Let Streamlit serve a folder of scripts, as it serves the folder of every component."""
    return f"../{components.declare_component(name, path=folder).name}"
