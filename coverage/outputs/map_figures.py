"""The numbers that maps and pages show: headline figures, themes, tables of units.

Everything is read from a result; nothing is analysed. A figure without data stays None and is shown
as no data, never as 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from coverage import texts

if TYPE_CHECKING:
    import pandas as pd

    from coverage.results import Result
    from coverage.service import Service

# indicator -> service whose map it belongs to, its units, the pair of readings in its headline
HEADLINES = {
    "eldercare_circle_15min_coverage": ("elderly_circle", "community", ("reach", "units")),
    "community_service_area_per_100hh": (
        "community_service",
        "community",
        ("pooled", "compliance"),
    ),
    "social_work_station_coverage": ("social_work", "township", ("units", "reach")),
}
READINGS = ("reach", "units", "units_by_reach", "pooled", "compliance")
LEVELS = ("community", "township")
MEASURES = ("people", "covered", "beyond", "unreachable", "off_network", "share", "minutes")

_SOURCES = ("townships", "communities", "facilities", "demand", "network")
_KNOWN_WEIGHTS = ("elders60", "elders65", "elders80", "population", "households", "buildings")
_KIND_ORDER = {"table": 0, "box": 1, "text": 2}
_READ = ["kind", "level", "unit_code", "value", "numerator", "denominator"]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One reading of a headline: a value with what it was divided from.

    Parameters
    ----------
    variant
        Reading of the indicator: ``reach``, ``units``, ``pooled``, ``compliance``.
    label
        What the reading is called.
    value
        Value in `unit`; None where there is no data.
    unit
        Unit of the value, ``%`` for a rate.
    numerator, denominator
        What the value was divided from; None where there is no data.
    """

    variant: str
    label: str
    value: float | None
    unit: str
    numerator: float | None
    denominator: float | None

    def text(self, language: str) -> str:
        """Return the value with its unit, to one decimal, or the words for no data."""
        if self.value is None:
            return texts.say("map.nothing", language)
        return f"{self.value:,.1f} {self.unit}"

    def fraction(self) -> str:
        """Return numerator and denominator as ``a / b``, or nothing without them."""
        if self.numerator is None or self.denominator is None:
            return ""
        return f"{self.numerator:,.0f} / {self.denominator:,.0f}"


@dataclass(frozen=True, kw_only=True)
class Headline:
    """An indicator with the two readings that are shown beside each other.

    Parameters
    ----------
    indicator
        Identifier of the indicator.
    service
        Service whose map belongs to it.
    title
        What the headline is called.
    figures
        The two readings.
    """

    indicator: str
    service: str
    title: str
    figures: tuple[Figure, ...]


def headlines(result: Result, language: str) -> tuple[Headline, ...]:
    """Return the three headline figures of a result, each as its pair of readings.

    Parameters
    ----------
    result
        Result of a run.
    language
        ``zh`` or ``en``.

    Returns
    -------
    tuple of Headline
        One an indicator, in a fixed order; figures without data hold None.
    """
    return tuple(
        Headline(
            indicator=indicator,
            service=service,
            title=texts.say(f"map.headline_{indicator}", language),
            figures=tuple(_figure(result, indicator, v, language) for v in variants),
        )
        for indicator, (service, _, variants) in HEADLINES.items()
    )


def main_service(result: Result) -> Service | None:
    """Return the service of the first headline that the project has, else its first service."""
    by_name = {s.name: s for s in result.services}
    for service, _, _ in HEADLINES.values():
        if service in by_name:
            return by_name[service]
    return result.services[0] if result.services else None


def _figure(result: Result, indicator: str, variant: str, language: str) -> Figure:
    service, units, _ = HEADLINES[indicator]
    label = texts.say(
        f"map.figure_{variant}",
        language,
        weight=weight_title(_weight(result, service), language),
        units=texts.say(f"map.{units}", language),
    )
    row = _whole(result.indicators, indicator, variant)
    unit = texts.say("map.unit_area" if variant == "pooled" else "map.unit_percent", language)
    if row is None:
        return Figure(
            variant=variant, label=label, value=None, unit=unit, numerator=None, denominator=None
        )
    return Figure(
        variant=variant,
        label=label,
        value=number(row["value"]),
        unit=unit,
        numerator=number(row["numerator"]),
        denominator=number(row["denominator"]),
    )


def _weight(result: Result, service: str) -> str:
    return next((s.weight for s in result.services if s.name == service), "population")


def _whole(indicators: pd.DataFrame, indicator: str, variant: str) -> pd.Series[Any] | None:
    """Return the row of the whole area, or None where no single row stands for it."""
    rows = _rows(indicators, indicator, variant)
    for level in ("city", "county"):
        of_level = rows[rows["level"] == level]
        if len(set(of_level["unit_code"])) == 1:
            return of_level.iloc[0]
    return None


def _rows(indicators: pd.DataFrame, indicator: str, variant: str) -> pd.DataFrame:
    chosen = (indicators["indicator"] == indicator) & (indicators["variant"] == variant)
    # the plan's own table goes before mentions of the indicator in its text
    return indicators.loc[chosen, _READ].sort_values(
        "kind", key=lambda kind: kind.map(_KIND_ORDER).fillna(len(_KIND_ORDER)), kind="stable"
    )


def number(value: object) -> float | None:
    """Return a finite number, or None for anything else."""
    try:
        converted = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return converted if math.isfinite(converted) else None


def weight_title(weight: str, language: str) -> str:
    """Return what people call the field that a service counts."""
    if weight in _KNOWN_WEIGHTS:
        return texts.say(f"map.weight_{weight}", language)
    return texts.say("map.weight_other", language, weight=weight)


def weight_unit(weight: str, language: str) -> str:
    """Return the unit of the field that a service counts: people, households, buildings."""
    key = weight if weight in ("households", "buildings") else "people"
    return texts.say(f"map.unit_{key}", language)


def source_files(result: Result) -> tuple[str, ...]:
    """Return the names of the files that a map rests on, each once."""
    inputs = result.record.get("inputs", {})
    files = [PurePath(inputs[name]["path"]).name for name in _SOURCES if name in inputs]
    return tuple(dict.fromkeys(files))


def approval(marking: str, language: str) -> str:
    """Return the slot for a map's number of approval, or the marking of one that is not public."""
    return marking or texts.say("map.approval", language)


def basis_title(basis: str, language: str) -> str:
    """Return what people call the population basis of a result."""
    key = basis if basis in ("registered", "resident") else "other"
    return texts.say(f"map.basis_{key}", language, basis=basis)


def themes(result: Result) -> dict[str, dict[str, dict[str, dict[str, float | None]]]]:
    """Return what a map can be coloured by: service, reading, level, then code to value.

    Shares within reach are in percent. A reading of which no unit of a level has a row is absent.

    Parameters
    ----------
    result
        Result of a run.

    Returns
    -------
    dict
        ``[service][reading][level][code]``; None where a unit has no data.
    """
    found = {s.name: {"reach": reach_of(result, s)} for s in result.services}
    for indicator, (service, _, _) in HEADLINES.items():
        if service not in found:
            continue
        for reading in READINGS[1:]:
            levels = reading_of(result, indicator, reading)
            if levels:
                found[service][reading] = levels
    return found


def reach_of(result: Result, service: Service) -> dict[str, dict[str, float | None]]:
    """Return the share of people within reach of a service in percent, by level and unit.

    Parameters
    ----------
    result, service
        The result, and one of its services.
    """
    tables = {"community": result.communities, "township": result.townships}
    column = f"{service.name}_share"
    return {
        level: {
            str(code): None if value is None else round(value * 100, 3)
            for code, value in zip(table["code"], map(number, table[column]), strict=True)
        }
        for level, table in tables.items()
        if column in table.columns
    }


def reading_of(result: Result, indicator: str, variant: str) -> dict[str, dict[str, float | None]]:
    """Return a reading of an indicator by level and unit; levels without any value are absent.

    Parameters
    ----------
    result, indicator, variant
        The result, and which indicator in which reading.
    """
    rows = _rows(result.indicators, indicator, variant).drop_duplicates(["level", "unit_code"])
    levels = {}
    for level in LEVELS:
        of_level = rows[rows["level"] == level]
        values = [number(v) for v in of_level["value"]]
        if any(v is not None for v in values):
            rounded = [None if v is None else round(v, 3) for v in values]
            levels[level] = dict(zip(map(str, of_level["unit_code"]), rounded, strict=True))
    return levels


def measures(table: pd.DataFrame, service: Service) -> dict[str, list[float | None]]:
    """Return the seven measures of a service for each unit of a table.

    Parameters
    ----------
    table
        Townships or communities of a result.
    service
        Service to read.

    Returns
    -------
    dict
        Code to people, covered, beyond, unreachable, off network, share (0–1), minutes; None
        without data.
    """
    names = [f"{service.name}_{measure}" for measure in MEASURES]
    if any(name not in table.columns for name in names):
        return {}
    columns = [[number(v) for v in table[name]] for name in names]
    return {
        str(code): [None if v is None else round(v, 4) for v in row]
        for code, row in zip(table["code"], zip(*columns, strict=True), strict=True)
    }
