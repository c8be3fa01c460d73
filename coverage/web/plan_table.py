"""The plan on one screen: each row with its value, target and status, binding ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import texts, vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.plans import IndicatorRow
    from coverage.results import Result

STATUSES = ("met", "on_track", "behind", "not_met", "no_data", "no_target")
# shapes as well as words: they hold in grey and for those who see no red or no green
SIGNS = dict(zip(STATUSES, ("●", "▲", "▼", "✕", "–", "·"), strict=True))
BINDING = "约束性"
_URGENCY = ("not_met", "behind", "on_track", "met", "no_target", "no_data")
KEY = ("row", "kind", "indicator")
_WHOLE = ("city", "county")
_Key = tuple[int, str, str]


def plan_table(result: Result) -> pd.DataFrame:
    """Return the plan's rows with the figure of the whole area: binding, then urgent ones first.

    Parameters
    ----------
    result
        Result of a run.

    Returns
    -------
    pandas.DataFrame
        kind, row, indicator, variant, name, attribute, baseline, value, target, unit, status and
        readings, the other variants in words; one row a plan row that asks for something, in the
        plan's first variant.
    """
    language = texts.language()
    table = _of_the_whole(result)
    rows = []
    for row in result.plan.rows:
        readings = table.get(_key(row), {})
        found = readings.get(row.variants[0])
        if found is None or row.statement or row.repeats is not None:
            continue
        rows.append(
            {
                "kind": row.kind,
                "row": row.row,
                "indicator": row.indicator,
                "variant": found["variant"],
                "name": row.name(language),
                "attribute": row.attribute,
                "baseline": found["baseline"],
                "value": found["value"],
                "target": found["target"],
                "comparator": found["comparator"],
                "unit": found["unit"],
                "progress": found["progress"],
                "status": found["status"],
                "readings": _further(row, readings),
            }
        )
    columns = [
        "kind", "row", "indicator", "variant", "name", "attribute", "baseline", "value", "target",
        "comparator", "unit", "progress", "status", "readings",
    ]  # fmt: skip
    plan = pd.DataFrame(rows, columns=columns)
    order = pd.DataFrame(
        {
            "other": plan["attribute"] != BINDING,
            "urgency": plan["status"].map(_URGENCY.index),
        }
    ).sort_values(["other", "urgency"], kind="stable")
    return plan.loc[order.index].reset_index(drop=True)


def headline_rows(plan: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the plan's own table of indicators; all of them where it has none.

    Parameters
    ----------
    plan
        From `plan_table`.
    """
    table = plan[plan["kind"] == "table"]
    return (table if len(table) else plan).reset_index(drop=True)


def _of_the_whole(result: Result) -> dict[_Key, dict[str, dict[str, Any]]]:
    """Return the figures of the whole area by plan row and variant, the city's first."""
    table = result.indicators
    table = table[table["level"].isin(_WHOLE)].sort_values("level", kind="stable")
    found: dict[_Key, dict[str, dict[str, Any]]] = {}
    for record in table.to_dict("records"):
        figures = {str(name): value for name, value in record.items()}
        key = (figures["row"], figures["kind"], figures["indicator"])
        found.setdefault(key, {}).setdefault(figures["variant"], figures)
    return found


def _further(row: IndicatorRow, readings: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the figures of a row's further variants in words."""
    there = [v for v in row.variants[1:] if v in readings and pd.notna(readings[v]["value"])]
    said = [
        f"{texts.say(f'web.variant_{v}')} {amount(readings[v]['value'], readings[v]['unit'])}"
        for v in there
    ]
    return " · ".join(said)


def values_of(result: Result) -> dict[_Key, float]:
    """Return the figures of the whole area by `KEY`, in each row's first variant.

    Parameters
    ----------
    result
        Result of a run.
    """
    table = _of_the_whole(result)
    firsts = {_key(row): row.variants[0] for row in result.plan.rows}
    return {
        key: readings[firsts[key]]["value"]
        for key, readings in table.items()
        if firsts.get(key) in readings
    }


def attribute(name: str) -> str:
    """Return the key of the words for a row's attribute."""
    return {BINDING: "binding", "预期性": "expected"}.get(name, "no_attribute")


def _key(row: IndicatorRow) -> _Key:
    return row.row, row.kind, row.indicator


def status_words(status: str) -> str:
    """Return a status with its sign, in words."""
    return f"{SIGNS[status]} {texts.say(f'web.status_{status}')}"


def amount(value: object, unit: str) -> str:
    """Return a figure with its unit, or the words for no data.

    Parameters
    ----------
    value
        The figure.
    unit
        Its unit.
    """
    if value is None or pd.isna(value):  # type: ignore[call-overload]
        return texts.say("map.nothing")
    number = f"{float(value):,.2f}".rstrip("0").rstrip(".")  # type: ignore[arg-type]
    return f"{number} {vocabulary.unit_title(unit, texts.language())}".rstrip()
