"""``run``: the main job."""

from __future__ import annotations

import math
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.options import open_project, project_argument, year_option
from coverage.cli.speech import begin, progress, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from coverage.results import Result

_HEADLINES = (
    ("eldercare_circle_15min_coverage", ("reach", "units")),
    ("community_service_area_per_100hh", ("pooled", "compliance", "reach")),
    ("social_work_station_coverage", ("units", "reach")),
)


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        year_option(),
        click.Option(["--plan"], metavar="P", help=texts.say("cli.plan_option")),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=texts.say("cli.out_option"),
        ),
        click.Option(
            ["--minutes"],
            multiple=True,
            callback=_minutes,
            metavar="SERVICE=N",
            help=texts.say("cli.minutes_option"),
        ),
        click.Option(
            ["--set"],
            multiple=True,
            callback=_choices,
            metavar="INDICATOR.NAME=VALUE",
            help=texts.say("cli.set_option"),
        ),
        click.Option(["--speed"], type=float, metavar="M/S", help=texts.say("cli.speed_option")),
    ]


def run(project: Path, *, year: int | None, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Write all results and print the headline figures.

    Parameters
    ----------
    project
        The project.
    year
        Year to analyse.
    quiet
        Whether to say nothing.
    **options
        Plan, readings, minutes, speed, and where results go.
    """
    opened = open_project(project, plan=options["plan"], choices=options["set"])
    result = opened.run(
        year=year,
        minutes=options["minutes"],
        speed=options["speed"],
        progress=progress(quiet=quiet),
    )
    begin("saving", quiet=quiet)
    folder = result.save(options["out"] or opened.results_folder(year))
    if not quiet:
        _print_result(result)
    say("run_done", quiet=quiet, folder=folder)


def _minutes(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, float]:
    limits = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            limits[name] = float(value)
        except ValueError:
            message = texts.say("cli.minutes_wrong", value=pair)
            raise click.BadParameter(message, context, parameter) from None
    return limits


def _choices(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, Mapping[str, Any]]:
    choices: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        found = re.fullmatch(r"(\w+)\.(\w+)=(.*)", pair)
        if not found:
            message = texts.say("cli.set_wrong", value=pair)
            raise click.BadParameter(message, context, parameter)
        indicator, name, written = found.groups()
        try:
            value = tomllib.loads(f"value = {written}")["value"]
        except tomllib.TOMLDecodeError:
            value = written  # words need no quotation marks
        choices.setdefault(indicator, {})[name] = value
    return choices


def _print_result(result: Result) -> None:
    basis = texts.say(f"cli.basis_{result.population_basis}")
    click.echo(texts.say("cli.run_title", name=result.name, year=result.year, basis=basis))
    if result.notice:
        click.echo(f"  {result.notice}")
    table = result.indicators
    top = "city" if (table["level"] == "city").any() else "county"
    language = texts.language()
    names = {row.indicator: row.name(language) for row in result.plan.rows}
    for indicator, variants in _HEADLINES:
        rows = table[(table["indicator"] == indicator) & (table["level"] == top)]
        codes = rows["unit_code"].unique()
        for code in codes:
            # a plan may name an indicator more than once; its first row says it
            unit = rows[rows["unit_code"] == code].drop_duplicates("variant").set_index("variant")
            shown = [_figure(unit.loc[v]) for v in variants if v in unit.index]
            if (unit.loc[list(variants), "method"] == "not_computable").all():
                shown = [str(unit["reason"].iloc[0])]
            place = "" if len(codes) == 1 else f"（{unit['unit_name'].iloc[0]}）"
            click.echo(f"  {names.get(indicator, indicator)}{place}：" + "；".join(shown))
    measured = {row.parameters.get("service") for row in result.plan.rows}
    for service in result.services:
        people = result.townships[f"{service.name}_people"].sum()
        if people > 0 and service.name not in measured:
            covered = result.townships[f"{service.name}_covered"].sum()
            values = {"minutes": f"{service.minutes:g}", "share": f"{covered / people:.2%}"}
            click.echo("  " + texts.say("cli.service", name=service.title(language), **values))
    _print_bands(result)
    for severity in ("error", "warning"):
        count = int((result.issues["severity"] == severity).sum())
        if count:
            click.echo("  " + texts.say(f"cli.issues_{severity}", count=count))


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


def _figure(row: pd.Series[Any]) -> str:
    reading = texts.say(f"cli.variant_{row.name}")
    if row["method"] == "not_computable":
        return f"{reading} {row['reason']}"
    if math.isnan(row["value"]):
        return f"{reading} {texts.say('cli.no_data')}"
    note = f" {row['note']}" if row["note"] and not row["numerator"] else ""
    parts = f"（{row['numerator']:,.0f} / {row['denominator']:,.0f}）"
    return f"{reading} {row['value']:.2f} {row['unit']}{parts}{note}"
