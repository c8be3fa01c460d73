"""``check``: read everything and report what is odd."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from coverage import texts
from coverage.cli.options import open_project, project_argument, workbook_option, year_option
from coverage.cli.speech import progress, say

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.project import CheckReport

_WORST_PROBLEMS = 10


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [project_argument(), year_option(), workbook_option("workbook_option")]


def run(
    project: Path, *, year: int | None, workbook: Path | None, quiet: bool, **_: object
) -> None:
    """Print the data report and write ``issues.csv``; exit 1 where an error blocks a run.

    Parameters
    ----------
    project
        The project.
    year
        Year to read for.
    workbook
        Where the report goes as a workbook, too.
    quiet
        Whether to say nothing.
    """
    opened = open_project(project)
    report = opened.check(year=year, progress=progress(quiet=quiet))
    file = report.save(opened.results_folder(year))
    if not quiet:
        _print_report(report)
    say("check_saved", quiet=quiet, path=file)
    if workbook is not None:
        say("check_workbook_saved", quiet=quiet, path=report.save_workbook(workbook))
    else:
        say("check_workbook_offered", quiet=quiet)
    if report.blocked:
        click.echo(texts.say("cli.check_blocked"), err=True)
        raise click.exceptions.Exit(1)


def _print_report(report: CheckReport) -> None:
    import pandas as pd

    from coverage.outputs.data_report import SEVERITIES, layer_title, problems

    click.echo(report.title)
    for row in report.layers.itertuples():
        values = {"layer": layer_title(str(row.layer)), "path": row.path}
        if row.rows is pd.NA:
            click.echo("  " + texts.say("cli.check_unread", **values))
            continue
        values |= {"rows": row.rows, "used": row.used, "aside": row.set_aside}
        key = "check_stopped" if row.used is pd.NA else "check_layer"
        click.echo("  " + texts.say(f"cli.{key}", **values, repaired=row.repaired))
    if report.issues.empty:
        click.echo(texts.say("cli.check_clean"))
        return
    kinds = problems(report.issues)
    totals = {name: int((report.issues["severity"] == name).sum()) for name in SEVERITIES}
    click.echo(texts.say("data_report.counts", **totals))
    for number, kind in enumerate(kinds.head(_WORST_PROBLEMS).to_dict("records"), start=1):
        severity = texts.say(f"data_report.severity_{kind['severity']}")
        click.echo(f"{number}. [{severity}] {kind['message']}")
        if kind["findings"] > 1:
            same = {
                "count": kind["findings"],
                "rows": kind["rows"] or texts.say("cli.check_no_rows"),
            }
            click.echo("   " + texts.say("cli.check_same", **same))
        click.echo(f"   → {kind['action']}")
    more = len(kinds) - _WORST_PROBLEMS
    if more > 0:
        click.echo(texts.say("cli.check_more", count=more))
