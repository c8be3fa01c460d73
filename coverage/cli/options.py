"""Arguments and options that several commands share."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts, toml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.project import Project


def common_options() -> list[click.Parameter]:
    """Return what every command takes."""
    # --lang and --debug are looked for before the commands are built; here they are only allowed
    return [
        click.Option(
            ["--lang"], type=click.Choice(texts.LANGUAGES), help=texts.say("cli.lang_option")
        ),
        click.Option(["--quiet"], is_flag=True, help=texts.say("cli.quiet_option")),
        click.Option(["--debug"], is_flag=True, help=texts.say("cli.debug_option")),
    ]


def folder_argument() -> click.Parameter:
    """Return the folder that a command writes."""
    return click.Argument(["folder"], metavar="DIR", type=click.Path(path_type=Path))


def project_argument(*, required: bool = True) -> click.Parameter:
    """Return the project that a command works on.

    Parameters
    ----------
    required
        Whether it must be given.
    """
    return click.Argument(
        ["project"], metavar="PROJECT", type=click.Path(path_type=Path), required=required
    )


def year_option() -> click.Parameter:
    """Return the year to analyse."""
    return click.Option(["--year"], type=int, metavar="Y", help=texts.say("cli.year_option"))


def workbook_option(purpose: str) -> click.Parameter:
    """Return where a workbook goes, if one is asked for.

    Parameters
    ----------
    purpose
        Key of the sentence that says what the workbook holds.
    """

    def named(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:
        if file is not None and file.suffix.lower() != ".xlsx":
            message = texts.say("cli.workbook_wrong", path=file)
            raise click.BadParameter(message, context, parameter)
        return file

    return click.Option(
        ["--workbook"],
        type=click.Path(path_type=Path, dir_okay=False),
        callback=named,
        metavar="FILE.xlsx",
        help=texts.say(f"cli.{purpose}"),
    )


def scenario_option() -> click.Parameter:
    """Return the scenario to analyse in place of the baseline."""
    return click.Option(
        ["--scenario"], metavar="NAME", default="baseline", help=texts.say("cli.scenario_option")
    )


def plan_option() -> click.Parameter:
    """Return the plan to use in place of the project's own."""
    return click.Option(["--plan"], metavar="P", help=texts.say("cli.plan_option"))


def minutes_option() -> click.Parameter:
    """Return limits by service, in place of the services' own."""
    return click.Option(
        ["--minutes"],
        multiple=True,
        callback=_minutes,
        metavar="SERVICE=N",
        help=texts.say("cli.minutes_option"),
    )


def set_option() -> click.Parameter:
    """Return readings and parameters by indicator, in place of the plan's and the project's."""
    return click.Option(
        ["--set"],
        multiple=True,
        callback=_choices,
        metavar="INDICATOR.NAME=VALUE",
        help=texts.say("cli.set_option"),
    )


def speed_option() -> click.Parameter:
    """Return the walking speed, in place of the project's."""
    return click.Option(["--speed"], type=float, metavar="M/S", help=texts.say("cli.speed_option"))


def open_project(
    path: Path,
    plan: str | None = None,
    choices: Mapping[str, Mapping[str, Any]] | None = None,
) -> Project:
    """Open a project; the libraries that it needs are loaded only now.

    Parameters
    ----------
    path
        Its folder, or its ``project.toml``.
    plan
        Plan to use in place of the project's own.
    choices
        Readings by indicator, in place of the project's own.
    """
    from coverage import project

    if plan and Path(plan).suffix and Path(plan).is_file():
        # whoever names a file means it from where they stand; a project's own is found beside it
        plan = str(Path(plan).resolve())
    return project.open_project(path, plan=plan, choices=choices)


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
            value = toml.parse(f"value = {written}")["value"]
        except tomllib.TOMLDecodeError:
            value = written  # words need no quotation marks
        choices.setdefault(indicator, {})[name] = value
    return choices
