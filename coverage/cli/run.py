"""``run``: the main job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coverage import texts
from coverage.cli.figures import print_result
from coverage.cli.options import (
    minutes_option,
    open_project,
    plan_option,
    project_argument,
    scenario_option,
    set_option,
    speed_option,
    workbook_option,
    year_option,
)
from coverage.cli.speech import begin, progress, say


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        year_option(),
        scenario_option(),
        plan_option(),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=texts.say("cli.out_option"),
        ),
        minutes_option(),
        set_option(),
        speed_option(),
        workbook_option("indicators_option"),
    ]


def run(project: Path, *, year: int | None, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Write all results and print the headline figures.

    Parameters
    ----------
    project
        The project.
    year
        Year to analyse.
    quiet
        Whether to say nothing.
    **options
        Scenario, plan, readings, minutes, speed, and where results and a workbook go.
    """
    opened = open_project(project, plan=options["plan"], choices=options["set"])
    result = opened.run(
        year=year,
        minutes=options["minutes"],
        speed=options["speed"],
        scenario=options["scenario"],
        progress=progress(quiet=quiet),
    )
    begin("saving", quiet=quiet)
    folder = result.save(options["out"] or opened.results_folder(year, options["scenario"]))
    if not quiet:
        print_result(result)
    if options["workbook"] is not None:
        file = result.save_workbook(options["workbook"])
        say("indicators_saved", quiet=quiet, path=file)
    say("run_done", quiet=quiet, folder=folder)
