"""What a row was computed with, and who said so: parameters, readings, services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import texts
from coverage.indicators.choose import services_of
from coverage.indicators.wording import categories_in_words, parameter_in_words
from coverage.plans import reading

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.indicators.inputs import Inputs
    from coverage.plans import IndicatorRow, Plan

_PARAMETERS = ("parameter", "value", "text", "default", "origin")
_CHOICES = ("choice", "question", "value", "default", "allowed", "origin")
_SERVICES = (
    "service", "title", "mode", "minutes", "plan_minutes", "speed", "categories", "weight",
)  # fmt: skip


def parameter_table(plan: Plan, row: IndicatorRow) -> pd.DataFrame:
    """List a row's parameters with the catalogue's values and who set them otherwise.

    Parameters
    ----------
    plan
        The plan.
    row
        One of its rows.

    Returns
    -------
    pandas.DataFrame
        parameter, value, text, default, origin.
    """
    catalogue = plan.indicators[row.indicator]
    entry, chosen = _entry(plan, row), plan.chosen.get(row.indicator, {})
    choices = choice_table(plan, row).set_index("choice")["origin"]
    changes = {choice: catalogue.choices[choice].values for choice in row.choices}  # noqa: PD011
    by_choice = {
        name: choices[choice]
        for choice, value in row.choices.items()
        for name in changes[choice].get(value, {})
    }
    sources: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("plan", entry.get("parameters", {})),
        ("catalogue", catalogue.parameters),
    )

    def origin(name: str) -> str:
        if name in chosen:
            return chosen[name]
        if name in by_choice:
            return str(by_choice[name])
        return next((who for who, said in sources if name in said), "target")

    rows = [
        (name, value, parameter_in_words(name, value), catalogue.parameters.get(name), origin(name))
        for name, value in row.parameters.items()
    ]
    return pd.DataFrame(rows, columns=list(_PARAMETERS))


def choice_table(plan: Plan, row: IndicatorRow) -> pd.DataFrame:
    """List how a row reads each ambiguity of its indicator, and who chose so.

    Parameters
    ----------
    plan
        The plan.
    row
        One of its rows.

    Returns
    -------
    pandas.DataFrame
        choice, question, value, default, allowed, origin.
    """
    known = plan.indicators[row.indicator].choices
    asked, chosen = _entry(plan, row).get("choices", {}), plan.chosen.get(row.indicator, {})
    rows = []
    for name, value in row.choices.items():
        choice = known[name]
        origin = chosen.get(name) or ("plan" if name in asked else "catalogue")
        question = choice.zh if texts.language() == "zh" else choice.en
        rows.append((name, question, value, reading(choice.default), tuple(choice.values), origin))
    return pd.DataFrame(rows, columns=list(_CHOICES))


def service_table(plan: Plan, row: IndicatorRow, inputs: Inputs) -> pd.DataFrame:
    """List the services that a row uses, as they were analysed.

    Parameters
    ----------
    plan
        The plan.
    row
        One of its rows.
    inputs
        Services as analysed.

    Returns
    -------
    pandas.DataFrame
        service, title, mode, minutes, plan_minutes, speed, categories, weight.
    """
    rows = []
    for name in services_of(row.parameters):
        service = inputs.service(name)
        before = plan.services.get(name, service)
        speed = inputs.ways.speed if service.mode == "walk" else None
        categories = categories_in_words(service.categories)
        rows.append(
            (name, service.title(texts.language()), service.mode, service.minutes, before.minutes,
             speed, categories, service.weight)
        )  # fmt: skip
    return pd.DataFrame(rows, columns=list(_SERVICES))


def _entry(plan: Plan, row: IndicatorRow) -> Mapping[str, Any]:
    """Return what the plan's file says of a row."""
    entries = (entry for entry in plan.content.get("rows", ()) if entry.get("row") == row.row)
    return next(entries, {})
