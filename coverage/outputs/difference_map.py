"""One self-contained map of what differs between two scenarios, by service and unit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage import texts, vocabulary
from coverage.outputs import map_figures, map_layers
from coverage.outputs.offline_map import page_with

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.scenario.compare import Comparison

_PERCENT = 100.0
_CHANGES = ("added", "removed", "moved", "counts", "no_longer_counts", "resized")


def difference_page(comparison: Comparison, language: str) -> str:
    """Return the map of a comparison as the text of an HTML page that needs no network.

    Parameters
    ----------
    comparison
        The comparison.
    language
        ``zh`` or ``en``: language of the map's words.
    """
    result = comparison.b
    one, other = comparison.titles
    title = texts.say("difference.title", language, a=one, b=other)
    return page_with(
        "CoverageDifference",
        shapes=map_layers.shapes_json(result),
        values=_values(comparison, title, language),
        title=f"{title} · {result.name} {result.year}",
        scripts=("difference.js",),
        language=language,
    )


def _values(comparison: Comparison, title: str, language: str) -> str:
    result = comparison.b
    basis = texts.say(f"map.basis_{result.population_basis}", language)
    values = {
        "language": language,
        "title": title,
        "subtitle": f"{result.name} · "
        + texts.say("map.subtitle", language, year=result.year, basis=basis),
        "notice": comparison.notice,
        "approval": map_figures.approval(comparison.marking, language),
        "names": list(comparison.titles),
        "words": _words(language),
        "services": [
            {
                "name": service.name,
                "title": service.title(language),
                "minutes": service.minutes,
                "unit": map_figures.weight_unit(service.weight, language),
                "total": _total(comparison, service.name),
            }
            for service in result.services
        ],
        "units": {
            level: {s.name: _rows(table, s.name) for s in result.services}
            for level, table in (
                ("community", comparison.communities),
                ("township", comparison.townships),
            )
        },
        "facilities": _facilities(comparison.facilities, language),
    }
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _words(language: str) -> dict[str, str]:
    own = {
        key: texts.template(f"difference.{key}", language)
        for key in texts.keys("difference")
        if key != "title"
    }
    shared = ("nothing", "level", "sketch", "credit")
    return own | {key: texts.say(f"map.{key}", language) for key in shared}


def _total(comparison: Comparison, service: str) -> list[float | None]:
    """Return people and covered people of the whole, on both sides."""
    table = comparison.communities
    columns = [f"{service}_{measure}_{side}" for side in "ab" for measure in ("people", "covered")]
    return [_number(table[column].sum(min_count=1)) for column in columns]


def _rows(table: gpd.GeoDataFrame, service: str) -> dict[str, list[float | None]]:
    """Return by code the share of both sides in percent, covered people, minutes."""
    columns = [f"{service}_{m}_{side}" for m in ("share", "covered", "minutes") for side in "ab"]
    cells = table[columns].to_numpy(dtype=float) * [_PERCENT, _PERCENT, 1, 1, 1, 1]
    return {
        str(code): [_number(value) for value in row]
        for code, row in zip(table["code"], cells, strict=True)
    }


def _facilities(table: gpd.GeoDataFrame, language: str) -> list[list[Any]]:
    """Return one row a facility that differs: lon, lat, name, category, what changed."""
    drawn = table[~(table.geometry.isna() | table.geometry.is_empty)]
    at = np.round(shapely.get_coordinates(drawn.geometry.to_crs(4326).to_numpy()), 5)
    known = vocabulary.categories()
    return [
        [
            float(x),
            float(y),
            str(name),
            known[category].title(language) if category in known else str(category),
            [_CHANGES.index(word) for word in change.split(";")],
        ]
        for (x, y), name, category, change in zip(
            at, drawn["name"], drawn["category"], drawn["change"], strict=True
        )
    ]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else round(float(value), 4)
