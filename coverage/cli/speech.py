"""What commands say while they work, and when they are done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from coverage import texts

if TYPE_CHECKING:
    from collections.abc import Callable


def say(key: str, *, quiet: bool = False, **values: object) -> None:
    """Print a sentence of the commands, unless they are to be quiet.

    Parameters
    ----------
    key
        Its key among the texts of the commands.
    quiet
        Whether to say nothing.
    **values
        What its placeholders stand for.
    """
    if not quiet:
        click.echo(texts.say(f"cli.{key}", **values))


def progress(*, quiet: bool) -> Callable[[str], None] | None:
    """Return what names each stage as it begins: on a terminal only.

    Parameters
    ----------
    quiet
        Whether to say nothing.
    """
    if quiet or not sys.stderr.isatty():
        return None
    last = ""

    def tell(stage: str) -> None:
        # long stages are told again and again
        nonlocal last
        if stage != last:
            last = stage
            click.echo(texts.say(f"cli.stage_{stage}"), err=True)

    return tell


def begin(stage: str, *, quiet: bool) -> None:
    """Name a stage that begins.

    Parameters
    ----------
    stage
        Its key.
    quiet
        Whether to say nothing.
    """
    told = progress(quiet=quiet)
    if told is not None:
        told(stage)
