"""``user``: let somebody sign in to the web app."""

from __future__ import annotations

from pathlib import Path

import click

from coverage import texts
from coverage.cli.speech import say


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    file = click.Argument(["file"], metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
    return [file, click.Argument(["name"], metavar="NAME")]


def run(file: Path, name: str, *, quiet: bool, **_: object) -> None:
    """Add somebody to a file of users, or change the password.

    Parameters
    ----------
    file
        The file.
    name
        Name to sign in with.
    quiet
        Whether to say nothing.
    """
    from coverage.web.users import add_user

    # typed twice where somebody types; a script may send it as one line
    password = click.prompt(
        texts.say("cli.password"),
        hide_input=True,
        confirmation_prompt=texts.say("cli.password_again"),
        err=True,
    )
    add_user(file, name, password)
    say("user_done", quiet=quiet, name=name, file=file)
