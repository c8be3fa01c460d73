"""Print what a run found: the plan's table, the headline figures, how far they hang on speed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.columns import set_columns
from coverage.texts.width import cells_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    import pandas as pd

    from coverage.plans import IndicatorRow
    from coverage.results import Result

_HEADLINES = (
    ("eldercare_circle_15min_coverage", ("reach", "units")),
    ("community_service_area_per_100hh", ("pooled", "compliance", "reach")),
    ("social_work_station_coverage", ("units", "reach")),
)
_WIDTH = 100  # cells of a line
_LONGEST_TARGET = 16  # cells; plans write whole sentences
_COLUMNS = ("row", "name", "value", "target", "unit", "status")
_STATUSES = ("met", "on_track", "behind", "not_met", "no_target", "no_data")


def print_result(result: Result) -> None:
    """Print the figures of a result.

    Parameters
    ----------
    result
        The result.
    """
    basis = texts.say(f"cli.basis_{result.population_basis}")
    click.echo(texts.say("cli.run_title", name=result.name, year=result.year, basis=basis))
    if result.notice:
        click.echo(f"  {result.notice}")
    for line in plan_table(result):
        click.echo(f"  {line}")
    _print_headlines(result)
    _print_services(result)
    _print_bands(result)
    for severity in ("error", "warning"):
        count = int((result.issues["severity"] == severity).sum())
        if count:
            click.echo("  " + texts.say(f"cli.issues_{severity}", count=count))


def plan_table(result: Result) -> list[str]:
    """Return the lines of the plan's table: binding rows first, each in the plan's own reading.

    Parameters
    ----------
    result
        The result; a plan without a table, or without any figure in it, has no lines.
    """
    from coverage.indicators import figures_of_the_whole

    plan = result.plan
    rows = {row.row: row for row in plan.rows if row.kind == "table"}
    if all(row.target is None and not row.target_text for row in rows.values()):
        return []
    first = {row.row: row.variants[0] for row in rows.values()}
    top = figures_of_the_whole(result.indicators)
    shown = top[top["variant"] == top["row"].map(first)]
    heads = tuple(texts.say(f"cli.figures_{key}") for key in _COLUMNS)
    several = shown["row"].duplicated(keep=False)
    lines = [
        _line(figure, rows[figure["row"]], one_of_many=one_of_many)
        for figure, one_of_many in zip(shown.to_dict("records"), several, strict=True)
    ]
    table = set_columns([heads, *lines], wrap=1, most=_WIDTH - 2, right=(0, 2, 3))
    return [plan.title(texts.language()), *table, _counts(shown["status"])]


def _line(figure: Mapping[Hashable, Any], row: IndicatorRow, *, one_of_many: bool) -> list[str]:
    from coverage.plans import BINDING

    name = row.name(texts.language())
    if row.attribute == BINDING:
        name += texts.say("cli.figures_binding")
    if one_of_many:
        name += f" · {figure['unit_name']}"
    return [
        str(row.row),
        name,
        _number(figure["value"]) or "—",
        _target(figure, row.target_text),
        str(figure["unit"]),
        texts.say(f"indicators.status_{figure['status']}"),
    ]


def _counts(status: pd.Series) -> str:
    """Say how many rows of the table have each status."""
    counts = status.value_counts()
    said = [
        texts.say(
            "cli.figures_count", status=texts.say(f"indicators.status_{s}"), count=int(counts[s])
        )
        for s in _STATUSES
        if s in counts
    ]
    return texts.say("cli.figures_counts", rows=len(status), counts=tuple(said))


def _number(value: float) -> str:
    """Return a number as people write it, without needless zeros; nothing where it is missing."""
    if math.isnan(value):
        return ""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _target(figure: Mapping[Hashable, Any], words: str) -> str:
    number = _number(figure["target"])
    if not number:
        return words if 0 < cells_of(words) <= _LONGEST_TARGET else "—"
    sign = "" if figure["comparator"] == "=" else figure["comparator"]
    return f"{sign}{number}"


def _print_headlines(result: Result) -> None:
    table = result.indicators
    top = "city" if (table["level"] == "city").any() else "county"
    names: dict[str, str] = {}
    for row in result.plan.rows:
        names.setdefault(row.indicator, row.name(texts.language()))
    for indicator, variants in _HEADLINES:
        rows = table[(table["indicator"] == indicator) & (table["level"] == top)]
        codes = rows["unit_code"].unique()
        for code in codes:
            # a plan may name an indicator more than once; its first row says it
            unit = rows[rows["unit_code"] == code].drop_duplicates("variant").set_index("variant")
            place = "" if len(codes) == 1 else f"（{unit['unit_name'].iloc[0]}）"
            said = _readings(unit, [v for v in variants if v in unit.index])
            if said:
                click.echo(f"  {names.get(indicator, indicator)}{place}：{said}")


def _readings(unit: pd.DataFrame, variants: Sequence[str]) -> str:
    shown = unit.reindex(list(variants))
    if (shown["method"] == "not_computable").all():
        return str(unit["reason"].iloc[0])
    return "；".join(_figure(variant, row) for variant, row in shown.iterrows())


def _figure(variant: Hashable, row: pd.Series[Any]) -> str:
    reading = texts.say(f"indicators.variant_{variant}")
    if row["method"] == "not_computable":
        return f"{reading} {row['reason']}"
    if math.isnan(row["value"]):
        return f"{reading} {texts.say('indicators.status_no_data')}"
    note = f" {row['note']}" if row["note"] and not row["numerator"] else ""
    parts = f"（{row['numerator']:,.0f} / {row['denominator']:,.0f}）"
    return f"{reading} {row['value']:.2f} {row['unit']}{parts}{note}"


def _print_services(result: Result) -> None:
    """Say who is within reach of the services that no row of the plan is about."""
    measured = {row.parameters.get("service") for row in result.plan.rows}
    for service in result.services:
        people = result.townships[f"{service.name}_people"].sum()
        if people > 0 and service.name not in measured:
            covered = result.townships[f"{service.name}_covered"].sum()
            values = {"minutes": f"{service.minutes:g}", "share": f"{covered / people:.2%}"}
            name = service.title(texts.language())
            click.echo("  " + texts.say("cli.service", name=name, **values))


def _print_bands(result: Result) -> None:
    """Say for each service on foot how far its coverage hangs on speed and minutes."""
    for service in result.services:
        table = result.sensitivity[result.sensitivity["service"] == service.name]
        if service.mode != "walk" or not (table["people"] > 0).any():
            continue
        by_speed = table[table["minutes"] == service.minutes]
        own = table[table["speed"] == result.parameters["speed_m_s"]]
        by_minutes = own[own["minutes"].between(service.minutes - 5, service.minutes + 5)]
        values = {
            "name": service.title(texts.language()),
            "speeds": _range(by_speed["speed"], "g"),
            "by_speed": _range(by_speed["share"], ".1%"),
            "limits": _range(by_minutes["minutes"], "g"),
            "by_minutes": _range(by_minutes["share"], ".1%"),
        }
        click.echo("  " + texts.say("cli.band", **values))


def _range(numbers: pd.Series[float], pattern: str) -> str:
    return f"{numbers.min():{pattern}}–{numbers.max():{pattern}}"
