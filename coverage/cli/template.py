"""``template``: write fill-in workbooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coverage import texts
from coverage.cli.options import folder_argument
from coverage.cli.speech import say

if TYPE_CHECKING:
    from pathlib import Path


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    purpose = click.Option(
        ["--for", "purpose"],
        type=click.Choice(("layers", "plan")),
        default="layers",
        help=texts.say("cli.for_option"),
    )
    return [folder_argument(), purpose]


def run(folder: Path, *, purpose: str, quiet: bool, **_: object) -> None:
    """Write a workbook for every layer, or the workbook of a plan.

    Parameters
    ----------
    folder
        Where they go.
    purpose
        What is to be filled in: ``layers`` or ``plan``.
    quiet
        Whether to say nothing.
    """
    if purpose == "plan":
        from coverage.outputs.plan_template import write_plan_template

        file = write_plan_template(folder, language=texts.language())
        say("template_plan_done", quiet=quiet, file=file)
        return
    from coverage.outputs.templates import write_templates

    files = write_templates(folder, language=texts.language())
    say("template_done", quiet=quiet, folder=folder, count=len(files) - 1)
