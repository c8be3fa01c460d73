"""Read what a plan workbook says beside its rows: the plan itself, services, indicators."""

from __future__ import annotations

import math
import re
import tomllib
from typing import TYPE_CHECKING, Any

from coverage import texts, toml, vocabulary
from coverage.errors import PlanError
from coverage.plans.conditions import UNITS
from coverage.plans.sheet_words import Table, headers_of, meant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

_LISTS = re.compile(r"[、,，;；\n]+")
_WHOLE = ("base_year", "target_year", "at_least")
_NUMBERS = (*_WHOLE, "minutes", "scale", "standard")
_INDICATOR = ("zh", "family", "unit", "meaning_zh")  # what an indicator says beside its parameters


def is_example(text: object) -> bool:
    """Return whether a cell begins the example row of a fill-in workbook.

    Parameters
    ----------
    text
        What stands in the cell.
    """
    starts = (texts.say("templates.example", lang, value="").strip() for lang in texts.LANGUAGES)
    return str(text).strip().startswith(tuple(starts))


def read_tables(sheets: Mapping[str, Sequence[Sequence[Any]]], path: Path) -> dict[str, Any]:
    """Return what further sheets say, by the keys of a plan file.

    Parameters
    ----------
    sheets
        Cells by the name of the sheet.
    path
        The workbook, for messages.

    Raises
    ------
    PlanError
        If parameters cannot be read.
    """
    content = _head(_sheet(sheets, "plan"))
    services = {}
    for entry in _entries(_sheet(sheets, "services"), "services"):
        services[str(entry.pop("name", ""))] = entry
    indicators = {}
    for entry in _entries(_sheet(sheets, "indicators"), "indicators"):
        name = str(entry.pop("name", ""))
        indicators[name] = _indicator(name, entry, path)
    return content | {"services": services, "indicators": indicators}


def _sheet(sheets: Mapping[str, Sequence[Sequence[Any]]], table: Table) -> Sequence[Sequence[Any]]:
    names = [texts.say(f"plan_sheet.sheet_{table}", language) for language in texts.LANGUAGES]
    return next((sheets[name] for name in names if name in sheets), [])


def _head(cells: Sequence[Sequence[Any]]) -> dict[str, Any]:
    """Read labels in the first column and what stands beside them."""
    keys = headers_of("plan")
    head = {}
    for line in cells:
        key = keys.get(vocabulary.fold(str(line[0]))) if len(line) > 1 else None
        if key and str(line[1]).strip():
            head[key] = _value(key, line[1])
    return head


def _entries(cells: Sequence[Sequence[Any]], table: Table) -> Iterator[dict[str, Any]]:
    """Give the rows of a sheet, by key; examples and empty rows are left out."""
    keys = headers_of(table)
    columns: dict[int, str] = {}
    for line in cells:
        found = {n: keys.get(vocabulary.fold(str(cell)), "") for n, cell in enumerate(line)}
        if not columns:
            columns = found if "name" in found.values() else {}
            continue
        entry = {
            key: _value(key, line[place])
            for place, key in columns.items()
            if key and str(line[place]).strip()
        }
        if entry and not is_example(line[0]):
            yield entry


def _value(key: str, cell: object) -> Any:  # noqa: ANN401 - a number, text or a list of words
    if key in _NUMBERS:
        try:
            number = float(str(cell))
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            return str(cell).strip()
        return int(number) if key in _WHOLE or number.is_integer() else number
    text = str(cell).strip()
    if key == "categories":
        return [meant(key, word.strip()) for word in _LISTS.split(text) if word.strip()]
    return meant(key, text)


def _indicator(name: str, entry: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return an indicator as a plan file writes it: amounts and what is counted as parameters."""
    indicator = {key: entry.pop(key) for key in _INDICATOR if key in entry}
    more = str(entry.pop("more", ""))
    family = indicator.get("family")
    parameters = entry
    if family in ("ratio", "attribute_share"):
        above = {"field": entry["numerator"]} if "numerator" in entry else {}
        if family == "ratio" and "categories" in entry:
            above["categories"] = entry.pop("categories")
        below = {"field": entry["denominator"]} if "denominator" in entry else {}
        if family == "ratio" and entry.get("units") in UNITS:
            below["of"] = entry["units"]
        parameters = {**entry, "numerator": above, "denominator": below}
    try:
        parameters |= toml.parse(more)
    except tomllib.TOMLDecodeError as error:
        raise PlanError("plans.sheet_more", plan=path, indicator=name, detail=error) from error
    return indicator | {"parameters": parameters}
