"""``projects``: which targets are met, and when, if the listed projects open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.columns import set_columns
from coverage.cli.options import open_project, project_argument
from coverage.cli.speech import progress, say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd

_WIDTH = 100  # cells of a line


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        click.Option(
            ["--year"],
            type=int,
            multiple=True,
            metavar="Y",
            help=texts.say("cli.projects_year_option"),
        ),
        click.Option(["--plan"], metavar="P", help=texts.say("cli.plan_option")),
    ]


def run(
    project: Path, *, year: tuple[int, ...], plan: str | None, quiet: bool, **_: object
) -> None:
    """Write ``projects/targets.csv`` and print the rows of the plan's table.

    Parameters
    ----------
    project
        The project.
    year
        Years to look at; none: from the project's to the last target's.
    plan
        Plan in place of the project's.
    quiet
        Whether to say nothing.
    """
    from coverage.outlook import outlook
    from coverage.outputs import csv_bytes, replace_file

    opened = open_project(project, plan=plan)
    table = outlook(opened, sorted(set(year)) or None, progress=progress(quiet=quiet))
    file = opened.results_folder() / "projects" / "targets.csv"
    replace_file(file, csv_bytes(table))
    if not quiet:
        names = {row.row: row.name(texts.language()) for row in opened.configuration.plan.rows}
        for line in outlook_lines(table[table["kind"] == "table"], names):
            click.echo(line)
    say("projects_done", quiet=quiet, path=file)


def outlook_lines(table: pd.DataFrame, names: Mapping[int, str]) -> list[str]:
    """Return the lines of a table, one a reading and case, its years beside each other.

    Parameters
    ----------
    table
        As `coverage.outlook.outlook` returns it.
    names
        What the plan's rows are called.
    """
    if table.empty:
        return [texts.say("cli.projects_none")]
    years = sorted(table["year"].unique())
    heads = [texts.say(f"cli.projects_{key}") for key in ("row", "name", "target", "case")]
    head = [*heads, *(str(year) for year in years), texts.say("cli.projects_first")]
    rows = [head, *_rows(table, names)]
    right = (0, *range(4, 4 + len(years)))
    return set_columns(rows, wrap=1, most=_WIDTH, right=right)


def _rows(table: pd.DataFrame, names: Mapping[int, str]) -> Iterator[list[str]]:
    key = ["row", "variant", "unit_code"]
    for _, reading in table.groupby(key, sort=False):
        for number, (case, figures) in enumerate(reading.groupby("case", sort=False)):
            first: Any = figures.iloc[0]
            digits = 0 if (reading["value"] % 1 == 0).all() else 1
            said = [""] * 3
            if not number:
                variant = texts.say(f"indicators.variant_{first['variant']}")
                target = f"{first['comparator']}{first['target']:,.6g} {first['unit']}"
                said = [str(first["row"]), f"{names[first['row']]} · {variant}", target]
            met = figures["first_met"].dropna()
            yield [
                *said,
                texts.say(f"cli.projects_case_{case}"),
                *(f"{value:,.{digits}f}" for value in figures["value"]),
                texts.say("cli.projects_never") if met.empty else str(met.iloc[0]),
            ]
