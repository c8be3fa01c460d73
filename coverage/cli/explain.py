"""``explain``: where a number comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.options import (
    minutes_option,
    open_project,
    plan_option,
    project_argument,
    scenario_option,
    set_option,
    speed_option,
    year_option,
)
from coverage.cli.speech import progress, say

if TYPE_CHECKING:
    from coverage.indicators import Explanation


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        click.Argument(["indicator"], metavar="INDICATOR"),
        click.Option(["--unit"], metavar="CODE", help=texts.say("cli.unit_option")),
        click.Option(["--variant"], metavar="V", help=texts.say("cli.only_variant_option")),
        click.Option(
            ["--csv"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help=texts.say("cli.explain_csv_option"),
        ),
        year_option(),
        scenario_option(),
        plan_option(),
        set_option(),
        minutes_option(),
        speed_option(),
    ]


def run(project: Path, indicator: str, *, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Print where an indicator's numbers come from, and write all its rows where asked.

    Parameters
    ----------
    project
        The project.
    indicator
        Identifier, name, or where the plan has it.
    quiet
        Whether to print no explanation; a file is written all the same.
    **options
        Unit, variant, file, year, scenario, plan, readings, minutes, speed.
    """
    opened = open_project(project, plan=options["plan"], choices=options["set"])
    explanation = opened.explain(
        indicator,
        options["unit"],
        year=options["year"],
        minutes=options["minutes"],
        speed=options["speed"],
        scenario=options["scenario"],
        progress=progress(quiet=quiet),
    )
    variant = options["variant"]
    _check_variant(explanation, variant)
    if not quiet:
        from coverage.cli.explained import lines_of

        click.echo("\n".join(lines_of(explanation, variant)))
    if options["csv"]:
        _write(explanation, variant, options["csv"])
        say("explain_saved", quiet=quiet, path=options["csv"])


def _check_variant(explanation: Explanation, variant: str | None) -> None:
    known = dict.fromkeys(v for row in explanation.rows for v in row.row.variants)
    if variant is not None and variant not in known:
        message = texts.say("cli.variant_wrong", value=variant, known=tuple(known))
        raise click.BadParameter(message, param_hint="--variant")


def _write(explanation: Explanation, variant: str | None, file: Path) -> None:
    from coverage.outputs import csv_bytes, replace_file

    table = explanation.table()
    replace_file(file, csv_bytes(table if variant is None else table[table["variant"] == variant]))
