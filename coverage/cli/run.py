"""``run``: the main job."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.figures import print_result
from coverage.cli.options import open_project, project_argument, workbook_option, year_option
from coverage.cli.speech import begin, progress, say

if TYPE_CHECKING:
    from collections.abc import Mapping


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        year_option(),
        click.Option(
            ["--scenario"],
            metavar="NAME",
            default="baseline",
            help=texts.say("cli.scenario_option"),
        ),
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
        workbook_option("indicators_option"),
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
        Scenario, plan, readings, minutes, speed, and where results and a workbook go.
    """
    opened = open_project(project, plan=options["plan"], choices=options["set"])
    result = opened.run(
        year=year,
        minutes=options["minutes"],
        speed=options["speed"],
        scenario=options["scenario"],
        progress=progress(quiet=quiet),
    )
    begin("saving", quiet=quiet)
    folder = result.save(options["out"] or opened.results_folder(year, options["scenario"]))
    if not quiet:
        print_result(result)
    if options["workbook"] is not None:
        file = result.save_workbook(options["workbook"])
        say("indicators_saved", quiet=quiet, path=file)
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
