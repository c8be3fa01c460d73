"""Arguments and options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts

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
