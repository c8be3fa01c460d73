"""An indicator's formula in words, and with its values put in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import texts, vocabulary
from coverage.indicators.choose import categories_of, services_of
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.measure import Measure
    from coverage.plans import IndicatorRow

    Parameters = Mapping[str, Any]

_WITH_CATEGORIES = ("categories", "near")
_HALF = 0.5


def number(value: float) -> str:
    """Return a number as people read it: thousands parted, at most two decimals, more if small."""
    if value and abs(value) < 0.01:  # noqa: PLR2004 - else nothing would be left of it
        return f"{value:.3g}"
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def kind_name(kind: str) -> str:
    """Return what people call rows of a kind: communities, facilities, demand points."""
    key = f"explain.kind_{kind}"
    return texts.say(key) if texts.has(key) else texts.say(f"data_report.layer.{kind}")


def categories_in_words(categories: Sequence[str]) -> str:
    """Return the names of facility categories in the language in use."""
    known = vocabulary.categories()
    names = [known[c].title(texts.language()) if c in known else c for c in categories]
    return texts.say("explain.list_mark").join(names)


def parameter_in_words(name: str, value: Any) -> str:  # noqa: ANN401 - whatever a parameter holds
    """Return a parameter's value as people read it."""
    if name in _WITH_CATEGORIES:
        return categories_in_words(value)
    if isinstance(value, (dict, list, bool)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return number(value) if isinstance(value, (int, float)) else str(value)


def formula(row: IndicatorRow, variant: str, inputs: Inputs) -> str:
    """Return what a variant of a row divides by what.

    Parameters
    ----------
    row, variant
        The row and one of its variants.
    inputs
        What it is computed from: the services as they were analysed.
    """
    of = row.parameters
    if row.family == "entered":
        return _say("entered")
    key, values = variant, _common(of, variant, inputs)
    if row.family == "ratio":
        values |= {name: _amount(of[name], inputs) for name in ("numerator", "denominator")}
    elif row.family == "attribute_share":
        own = {"categories": of["categories"]}
        values |= {"units": values["categories"], "scale": "100"}
        values |= {name: _amount(of[name], inputs, own) for name in ("numerator", "denominator")}
    elif row.family in ("presence_rate", "quota") and variant == "units":
        key = "units_tiers" if of.get("tiers") else "units_amount" if of.get("field") else variant
    elif row.family in ("flag_share", "proximity"):
        key = row.family
    elif row.family == "zone_share":
        key = "supply" if of.get("supply") else "zone_share"
    elif row.family == "count":
        key = variant if variant == "total" else f"count_{variant}"
        values["rows"] = _amount(of, inputs)
    return _say(key, **values)


def _common(of: Parameters, variant: str, inputs: Inputs) -> dict[str, object]:
    """Return what the sentences of several families name."""
    units = kind_name(LAYER_LEVELS.get(of.get("units", ""), "community"))
    categories = categories_in_words(categories_of(of, inputs))
    layer = {"facilities": "facility", **LAYER_LEVELS}.get(of.get("of", ""), of.get("of", ""))
    people = of.get("weight") or next(
        (inputs.service(name).weight for name in services_of(of)), "population"
    )
    services = [
        texts.say(
            f"explain.service_{inputs.service(name).mode}",
            title=inputs.service(name).title(texts.language()),
            minutes=number(inputs.service(name).minutes),
        )
        for name in services_of(of)
    ]
    return {
        "variant": variant,
        "units": units,
        "categories": categories or kind_name("facility"),
        "rows": kind_name(layer) if layer else categories or units,
        "people": _people(str(people)),
        "services": texts.say("explain.and_mark").join(services),
        "share": f"{number(of.get('min_unit_share', _HALF) * 100)}%",
        "scale": number(float(of.get("scale", 1))),
        "standard": number(of["standard"]) if "standard" in of else "",
        "metres": number(of.get("metres", 0)),
        "near": categories_in_words(of.get("near", ())),
        "field": _field(str(of.get("field", ""))),
        "supply": _field(str(of.get("supply", ""))),
        "at_least": number(of.get("at_least", 1)),
    }


def _amount(wanted: Any, inputs: Inputs, own: Parameters | None = None) -> str:  # noqa: ANN401
    """Return an amount in words: the first of several that the family may take."""
    first = wanted[0] if isinstance(wanted, list) else wanted
    first = {**(own or {}), **first}
    layer = {"facilities": "facility", **LAYER_LEVELS}.get(first.get("of", "facilities"))
    categories = categories_of(first, inputs)
    rows = categories_in_words(categories) if categories else kind_name(layer or first["of"])
    if first.get("where"):
        rows = texts.say("explain.meeting", rows=rows, conditions=_conditions(first["where"]))
    if not first.get("field"):
        return texts.say("explain.how_many", rows=rows)
    return texts.say("explain.field_of", rows=rows, field=_field(first["field"]))


def _conditions(where: Any) -> str:  # noqa: ANN401 - a set of conditions or a list of sets
    sets = where if isinstance(where, list) else [where]
    told = [
        texts.say("explain.and_mark").join(
            f"{_field(name)} = {parameter_in_words(name, value)}" for name, value in entry.items()
        )
        for entry in sets
    ]
    return texts.say("explain.or_mark").join(told)


def _people(field: str) -> str:
    key = f"explain.people_{field}"
    return texts.say(key) if texts.has(key) else _field(field)


def _field(name: str) -> str:
    known = vocabulary.fields()
    return known[name].title(texts.language()) if name in known else name


def calculation(figures: Mapping[str, Any], measure: Measure) -> str:
    """Return the formula with its values put in, empty where there is no value.

    Parameters
    ----------
    figures
        A row of ``indicators.csv``.
    measure
        What it was summed from.
    """
    value, unit = figures["value"], figures["unit"]
    if pd.isna(value):
        below = figures["denominator"]
        return _calculate("nothing", numerator=number(figures["numerator"])) if below == 0 else ""
    values = {"value": number(value), "unit": unit}
    if measure.median:
        return _calculate("median", **values)
    if measure.parts.denominator is None:
        return _calculate("sum", **values)
    values |= {name: number(figures[name]) for name in ("numerator", "denominator")}
    scale = "" if measure.scale == 1 else f" × {number(measure.scale)}"
    return _calculate("ratio", scale=scale, **values)


def entered_value(figures: Mapping[str, Any]) -> str:
    """Return a figure that was entered by hand, with its unit."""
    return _calculate("entered", value=number(figures["value"]), unit=figures["unit"])


def _say(key: str, **values: object) -> str:
    return texts.say(f"explain.formula_{key}", **values)


def _calculate(key: str, **values: object) -> str:
    return texts.say(f"explain.calculate_{key}", **values)
