"""``demo``: write the demo project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coverage import texts
from coverage.cli.options import folder_argument
from coverage.cli.speech import begin, say

if TYPE_CHECKING:
    from pathlib import Path


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    dirty = click.Option(["--dirty"], is_flag=True, help=texts.say("cli.dirty_option"))
    return [folder_argument(), dirty]


def run(folder: Path, *, dirty: bool, quiet: bool, **_: object) -> None:
    """Write the demo, clean or with faults seeded.

    Parameters
    ----------
    folder
        Where it goes.
    dirty
        Whether to soil it.
    quiet
        Whether to say nothing.
    """
    from coverage.demo import write_demo, write_dirty_demo

    begin("demo", quiet=quiet)
    if dirty:
        write_dirty_demo(folder)
        say("demo_dirty_done", quiet=quiet, folder=folder)
        return
    write_demo(folder)
    say("demo_done", quiet=quiet, folder=folder)
