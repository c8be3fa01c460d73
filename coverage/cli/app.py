"""``app``: open the web app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coverage import texts
from coverage.cli.options import open_project, project_argument
from coverage.cli.speech import say

if TYPE_CHECKING:
    from pathlib import Path


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    port = click.Option(
        ["--port"],
        type=click.IntRange(1, 65535),
        metavar="N",
        help=texts.say("cli.port_option"),
    )
    return [project_argument(required=False), port]


def run(
    project: Path | None, *, port: int | None, quiet: bool, lang: str | None, **_: object
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    project
        The project; by default the demo.
    port
        Port to listen on.
    quiet
        Whether to say nothing.
    lang
        Language of the pages.
    """
    from coverage.web.launch import launch

    if project is not None:
        # a project that cannot be opened is said here, not in the browser
        open_project(project)
    code = launch(project, port=port, language=lang or texts.language())
    if code:
        raise click.exceptions.Exit(code)
    say("app_done", quiet=quiet)
