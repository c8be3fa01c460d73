"""What the columns of a layer are called, and what the codes in them stand for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import texts, vocabulary
from coverage.access import DEMAND_STATUSES
from coverage.outputs.map_figures import MEASURES
from coverage.outputs.map_layers import STATUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from coverage.service import Service

_POINTS = ("demand", "gaps")
_ADDED = ("reach", "load")  # to facilities, a pair a service


def column_titles(
    columns: Iterable[str], services: Sequence[Service], language: str
) -> dict[str, str]:
    """Return what people call columns of a layer; one that nobody knows has no title.

    Parameters
    ----------
    columns
        Names of the columns.
    services
        Services of the result.
    language
        ``zh`` or ``en``.
    """
    titles = {
        f"{service.name}_{measure}": f"{service.title(language)} · {word}"
        for service in services
        for measure, word in _measures(language).items()
    }
    own = {key.removeprefix("column_") for key in texts.keys("qgis")}
    known = vocabulary.fields()
    for name in columns:
        if name in titles:
            continue
        if name in own:
            titles[name] = texts.say(f"qgis.column_{name}", language)
        elif name in known:
            titles[name] = known[name].title(language)
    return {name: titles[name] for name in columns if name in titles}


def _measures(language: str) -> dict[str, str]:
    return {
        **{name: texts.say(f"map.{name}", language) for name in MEASURES},
        **{name: texts.say(f"qgis.measure_{name}", language) for name in _ADDED},
    }


def code_words(
    layer: str, columns: Iterable[str], services: Sequence[Service], language: str
) -> dict[str, dict[str, str]]:
    """Return, for the columns that hold codes, what each code stands for.

    Parameters
    ----------
    layer
        Name of the layer.
    columns, services, language
        As for `column_titles`.
    """
    words = {
        "service": {s.name: s.title(language) for s in services},
        "category": {n: c.title(language) for n, c in vocabulary.categories().items()},
        "status": _statuses(layer, language),
    }
    return {name: words[name] for name in columns if name in words}


def _statuses(layer: str, language: str) -> dict[str, str]:
    names = DEMAND_STATUSES if layer in _POINTS else STATUSES
    return {name: status_word(layer, name, language) for name in names}


def status_word(layer: str, status: str, language: str) -> str:
    """Return the word for a status of a point with people, or of a facility."""
    if layer not in _POINTS:
        return texts.say(f"map.status_{status}", language)
    return texts.say(f"map.{'beyond' if status == 'beyond_limit' else status}", language)
