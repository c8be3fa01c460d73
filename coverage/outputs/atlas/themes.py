"""What a map of the atlas is about: units, their values, classes, and the figures beside them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from coverage import texts
from coverage.outputs import map_figures
from coverage.outputs.atlas.classes import Classes, classes_of, yes_no
from coverage.outputs.map_figures import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.outputs.map_figures import Figure, Headline
    from coverage.results import Result
    from coverage.service import Service

_YES_NO = ("units", "units_by_reach", "compliance")


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colour the units of a level by a reading.

    Parameters
    ----------
    title
        What is shown.
    note
        How the value is counted.
    service
        Service whose facilities and uncovered places belong to it; None where the project has none.
    level
        ``community`` or ``township``.
    values
        Value by code of the unit; None without data.
    classes
        Classes of the values.
    figures
        Lines that stand beside the map.
    """

    title: str
    note: str
    service: Service | None
    level: str
    values: Mapping[str, float | None]
    classes: Classes
    figures: tuple[str, ...]


def service_theme(result: Result, service: Service, language: str) -> Theme:
    """Return the share of people within reach of a service, by community."""
    level = "community" if len(result.communities) else "township"
    values = map_figures.reach_of(result, service).get(level, {})
    return Theme(
        title=service.title(language),
        note=_note("reach", service, language),
        service=service,
        level=level,
        values=values,
        classes=classes_of([*values.values()], "%", language, _target(result, service.name)),
        figures=tuple(
            line
            for headline in map_figures.headlines(result, language)
            if headline.service == service.name
            for line in _lines(headline, language)
        ),
    )


def headline_theme(result: Result, indicator: str, language: str) -> Theme:
    """Return a headline indicator by the units and in the first reading of its headline."""
    name, level, (reading, _) = HEADLINES[indicator]
    service = next((s for s in result.services if s.name == name), None)
    values = _values(result, indicator, service, reading).get(level, {})
    headline = next(h for h in map_figures.headlines(result, language) if h.indicator == indicator)
    unit = headline.figures[0].unit
    if reading in _YES_NO:
        no, yes = (texts.say(f"map.{word}_{reading}", language) for word in ("no", "yes"))
        classes = yes_no(no, yes)
    else:
        threshold = _threshold(result, indicator, reading)
        classes = classes_of([*values.values()], unit, language, threshold)
    lines = _lines(headline, language)
    if not values:
        lines.append(texts.say("map.not_computed", language))
    return Theme(
        title=headline.title,
        note=_note(reading, service, language) if service else "",
        service=service,
        level=level,
        values=values,
        classes=classes,
        figures=tuple(lines),
    )


def _values(
    result: Result, indicator: str, service: Service | None, reading: str
) -> Mapping[str, Mapping[str, float | None]]:
    if service is None:
        return {}
    if reading == "reach":
        return map_figures.reach_of(result, service)
    return map_figures.reading_of(result, indicator, reading)


def _lines(headline: Headline, language: str) -> list[str]:
    """Return the readings of a headline, each with what it was divided from on its own line."""
    return [
        line
        for figure in headline.figures
        for line in (f"{figure.label}　{figure.text(language)}", _divided(figure))
        if line
    ]


def _divided(figure: Figure) -> str:
    fraction = figure.fraction()
    return f"　= {fraction}" if fraction else ""


def _note(reading: str, service: Service, language: str) -> str:
    return texts.say(
        f"map.note_{reading}",
        language,
        minutes=f"{service.minutes:g}",
        mode=texts.say(f"map.mode_{service.mode}", language),
        weight=map_figures.weight_title(service.weight, language),
    )


def _target(result: Result, service: str) -> float | None:
    """Return the target of the headline whose first reading is people within a service's reach."""
    for indicator, (name, _, (reading, _)) in HEADLINES.items():
        if (name, reading) == (service, "reach"):
            return _threshold(result, indicator, reading)
    return None


def _threshold(result: Result, indicator: str, reading: str) -> float | None:
    """Return the plan's target for a reading, else the standard its units are judged by."""
    table = result.indicators
    rows = table[(table["indicator"] == indicator) & (table["variant"] == reading)]
    targets = rows["target"].dropna()
    if len(targets):
        return float(targets.iloc[0])
    for entry in result.parameters.get("indicators", ()):
        if entry["indicator"] == indicator:
            return map_figures.number(entry["parameters"].get("standard"))
    return None
