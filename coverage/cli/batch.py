"""``batch``: analyse many counties."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coverage import texts
from coverage.cli.speech import say

if TYPE_CHECKING:
    from coverage.batch import BatchReport, Outcome

_FOLDER = Path("batch")


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    folder = click.Path(path_type=Path)
    return [
        click.Argument(["projects"], metavar="PROJECT…", type=folder, nargs=-1, required=True),
        click.Option(["--scheduler"], metavar="ADDRESS", help=texts.say("cli.scheduler_option")),
        click.Option(
            ["--workers"],
            type=click.IntRange(1, 1024),
            metavar="N",
            help=texts.say("cli.workers_option"),
        ),
        click.Option(
            ["--out"],
            type=folder,
            metavar="DIR",
            default=_FOLDER,
            help=texts.say("cli.batch_out_option"),
        ),
    ]


def run(
    projects: tuple[Path, ...],
    *,
    scheduler: str | None,
    workers: int | None,
    out: Path,
    quiet: bool,
    **_: object,
) -> None:
    """Analyse the counties, name those that failed, and exit 1 if there are any.

    Parameters
    ----------
    projects
        Project folders.
    scheduler
        Address of a Dask scheduler.
    workers
        Processes to start here.
    out
        Where the dataset goes.
    quiet
        Whether to say nothing.
    """
    from coverage.batch import run_batch

    watched = not quiet and sys.stderr.isatty()
    report = run_batch(
        projects,
        out,
        scheduler=scheduler,
        workers=workers,
        told=_told if watched else None,
        told_cut=_told_cut if watched else None,
    )
    if not quiet:
        _print_report(report)
    for outcome in report.failed:
        values = {"name": outcome.name or outcome.project, "reason": outcome.reason}
        click.echo(texts.say("cli.batch_failed", **values), err=True)
    if report.failed:
        raise click.exceptions.Exit(1)


def _told(outcome: Outcome, done: int, count: int) -> None:
    state = texts.say(f"cli.batch_state_{outcome.state}")
    name = outcome.name or outcome.project.name
    click.echo(f"[{done}/{count}] {name} {state} {outcome.seconds:.1f} s", err=True)


def _told_cut(extract: Path, counties: int) -> None:
    click.echo(texts.say("cli.batch_cut", name=extract.name, counties=counties), err=True)


def _print_report(report: BatchReport) -> None:
    states = [outcome.state for outcome in report.outcomes]
    say(
        "batch_counts",
        done=states.count("done"),
        unchanged=states.count("unchanged"),
        failed=states.count("failed"),
        seconds=f"{report.seconds:.1f}",
    )
    if len({outcome.population_basis for outcome in report.outcomes if outcome.code}) > 1:
        say("batch_bases")
    top = report.coverage["level"].iloc[0] if len(report.coverage) else ""
    for row in report.coverage[report.coverage["level"] == top].to_dict("records"):
        if row["people"] > 0:
            values = {
                "name": row["name"],
                "service": row["service"],
                "share": f"{row['share']:.2%}",
            }
            say(
                "batch_share",
                **values,
                covered=f"{row['covered']:,.0f}",
                people=f"{row['people']:,.0f}",
            )
    say("batch_done", folder=report.folder)
