"""The map in the page: folium through streamlit-folium, every file from this machine."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Any

import folium
import shapely
import streamlit.components.v1 as components
from branca.element import MacroElement
from folium.template import Template
from streamlit_folium import st_folium
from xstatic.pkg import leaflet

from coverage import __version__
from coverage.outputs.offline_map import PlainMap
from coverage.web import session

if TYPE_CHECKING:
    from collections.abc import Callable

    import geopandas as gpd

HEIGHT_PX = 620
KEY = "map"


@dataclass(frozen=True, kw_only=True)
class View:
    """What the map shows.

    Parameters
    ----------
    shapes, values
        Names of the published files.
    service
        Service to colour by.
    township
        Code of the township to outline; may be empty.
    areas
        Whether to show service areas.
    """

    shapes: str
    values: str
    service: str
    township: str
    areas: bool


class _Load(MacroElement):  # type: ignore[misc]  # branca is untyped
    """The call that fetches the published files and draws them."""

    # streamlit-folium holds the map as window.map, under whatever name folium gave it
    _template = Template(
        """
        {% macro script(this, kwargs) %}
            CoverageMap.load(
                window.map,
                {{ this.shapes|tojson }},
                {{ this.values|tojson }},
                {{ this.options|tojson }}
            );
        {% endmacro %}
        """
    )

    def __init__(self, shapes: str, values: str, options: dict[str, Any]) -> None:
        super().__init__()
        self._name = "Load"
        self.shapes = shapes
        self.values = values
        self.options = options


def draw(view: View, on_click: Callable[[], None]) -> None:
    """Draw the map into the page.

    The map itself never changes, so that place and zoom stay; what it shows comes by a layer that
    does.

    Parameters
    ----------
    view
        What to show.
    on_click
        Called before the next run of the page when the map was clicked.
    """
    code, style, files = _addresses()
    base = PlainMap(links=(code, style))
    layer = folium.FeatureGroup(name="coverage")
    selected = {"level": "township", "code": view.township} if view.township else None
    layer.add_child(
        _Load(
            f"{files}/{view.shapes}",
            f"{files}/{view.values}",
            {"service": view.service, "selected": selected, "areas": view.areas},
        )
    )
    st_folium(
        base,
        key=KEY,
        height=HEIGHT_PX,
        use_container_width=True,
        returned_objects=["last_clicked"],
        feature_group_to_add=layer,
        on_change=on_click,
    )


def _addresses() -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Return scripts, style sheets and the folder of published files, as the map's frame sees them.

    Streamlit serves the folder of every component: these three draw nothing, they only serve.
    """
    library = _served("leaflet", str(leaflet.BASE_DIR))
    own = _served("drawing", str(resources.files("coverage.outputs") / "assets"))
    files = _served("files", str(session.files_folder()))
    code = [("leaflet", f"{library}/leaflet.js"), ("map", f"{own}/map.js?v={__version__}")]
    style = [
        ("leaflet_css", f"{library}/leaflet.css"),
        ("map_css", f"{own}/map.css?v={__version__}"),
    ]
    return code, style, files


def _served(name: str, folder: str) -> str:
    return f"../{components.declare_component(name, path=folder).name}"


def township_at(townships: gpd.GeoDataFrame, click: dict[str, float] | None) -> str | None:
    """Return the code of the township at a clicked place, or None outside all of them.

    Parameters
    ----------
    townships
        Townships of a result.
    click
        ``{"lat": ..., "lng": ...}`` in degrees, as streamlit-folium reports it.
    """
    if not click:
        return None
    places = townships.geometry.to_crs(4326)
    hits = places.contains(shapely.Point(click["lng"], click["lat"])).to_numpy()
    return str(townships["code"].to_numpy()[hits][0]) if hits.any() else None
