"""``app``: open the web app."""

from __future__ import annotations

from pathlib import Path

import click

from coverage import texts
from coverage.cli.options import open_project, project_argument
from coverage.cli.speech import say


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    port = click.Option(
        ["--port"],
        type=click.IntRange(1, 65535),
        metavar="N",
        help=texts.say("cli.port_option"),
    )
    address = click.Option(
        ["--address"], metavar="A", default="127.0.0.1", help=texts.say("cli.address_option")
    )
    users = click.Option(
        ["--users"],
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=texts.say("cli.users_option"),
    )
    return [project_argument(required=False), port, address, users]


def run(
    project: Path | None,
    *,
    port: int | None,
    address: str,
    users: Path | None,
    quiet: bool,
    lang: str | None,
    **_: object,
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    project
        The project; by default the demo.
    port
        Port to listen on.
    address
        Address to listen on.
    users
        File of those who may sign in.
    quiet
        Whether to say nothing.
    lang
        Language of the pages.
    """
    from coverage.web.launch import launch

    if project is not None:
        # a project that cannot be opened is said here, not in the browser
        open_project(project)
    launch(project, port=port, address=address, users=users, language=lang or texts.language())
    say("app_done", quiet=quiet)
