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

    return project.open_project(path, plan=plan, choices=choices)
