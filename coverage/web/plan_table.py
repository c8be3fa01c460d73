"""The plan on one screen: each row with its value, target and status, binding ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage import texts

if TYPE_CHECKING:
    from coverage.plans import IndicatorRow
    from coverage.results import Result

STATUSES = ("met", "on_track", "behind", "not_met", "no_data", "no_target")
# shapes as well as words: they hold in grey and for those who see no red or no green
SIGNS = dict(zip(STATUSES, ("●", "▲", "▼", "✕", "–", "·"), strict=True))
BINDING = "约束性"
_WHOLE = ("city", "county")


def plan_table(result: Result) -> pd.DataFrame:
    """Return the plan's rows with the figure of the whole area, binding ones first.

    Parameters
    ----------
    result
        Result of a run.

    Returns
    -------
    pandas.DataFrame
        kind, row, indicator, variant, name, attribute, baseline, value, target, unit, status; one
        row a plan row that asks for something, in the plan's first variant.
    """
    language = texts.language()
    table = _of_the_whole(result)
    rows = []
    for row in result.plan.rows:
        found = table.get((row.row, row.kind, row.indicator))
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
            }
        )
    columns = [
        "kind", "row", "indicator", "variant", "name", "attribute", "baseline", "value", "target",
        "comparator", "unit", "progress", "status",
    ]  # fmt: skip
    plan = pd.DataFrame(rows, columns=columns)
    binding_last = plan["attribute"] != BINDING
    return plan.iloc[binding_last.argsort(kind="stable")].reset_index(drop=True)


def headline_rows(plan: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the plan's own table of indicators; all of them where it has none.

    Parameters
    ----------
    plan
        From `plan_table`.
    """
    table = plan[plan["kind"] == "table"]
    return (table if len(table) else plan).reset_index(drop=True)


def _of_the_whole(result: Result) -> dict[tuple[int, str, str], dict[str, object]]:
    """Return the figure of the whole area by plan row: of the first variant, the city's first."""
    table = result.indicators
    table = table[table["level"].isin(_WHOLE)]
    firsts = {_key(row): row.variants[0] for row in result.plan.rows}
    found: dict[tuple[int, str, str], dict[str, object]] = {}
    for record in table.sort_values("level", kind="stable").to_dict("records"):
        key = (record["row"], record["kind"], record["indicator"])
        if firsts.get(key) == record["variant"]:
            found.setdefault(key, {str(name): value for name, value in record.items()})
    return found


def _key(row: IndicatorRow) -> tuple[int, str, str]:
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
    return f"{number} {unit}".rstrip()
