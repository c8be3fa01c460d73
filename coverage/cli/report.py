"""``report``: what is handed in at the end of an evaluation."""

from __future__ import annotations

from pathlib import Path

import click

from coverage import texts
from coverage.cli.options import (
    open_project,
    plan_option,
    project_argument,
    scenario_option,
    year_option,
)
from coverage.cli.speech import begin, progress, say

_FOLDER = "report"


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    path = click.Path(path_type=Path)
    return [
        project_argument(),
        year_option(),
        scenario_option(),
        plan_option(),
        click.Option(
            ["--template"], type=path, metavar="FILE.docx", help=texts.say("cli.word_option")
        ),
        click.Option(["--out"], type=path, metavar="DIR", help=texts.say("cli.report_out_option")),
        click.Option(["--bundle"], is_flag=True, help=texts.say("cli.bundle_option")),
    ]


def run(
    project: Path,
    *,
    year: int | None,
    scenario: str,
    plan: str | None,
    template: Path | None,
    out: Path | None,
    bundle: bool,
    quiet: bool,
    **_: object,
) -> None:
    """Write report, workbook, atlas, map and tables into one folder.

    Parameters
    ----------
    project
        The project.
    year
        Year to analyse.
    scenario
        Name of the scenario.
    plan
        Plan to use in place of the project's own.
    template
        A Word file of the user's.
    out
        Where the folder goes.
    bundle
        Whether to write inputs, settings and results as one file, too.
    quiet
        Whether to say nothing.
    """
    opened = open_project(project, plan=plan)
    result = opened.run(year=year, scenario=scenario, progress=progress(quiet=quiet))
    from coverage.outputs.bundle import write_bundle
    from coverage.outputs.report import write_dossier

    begin("saving", quiet=quiet)
    folder = out or opened.results_folder(year, scenario) / _FOLDER
    write_dossier(
        result,
        folder,
        results=opened.results_folder(),
        language=texts.language(),
        template=template,
    )
    say("report_done", quiet=quiet, folder=folder)
    if bundle:
        file = write_bundle(opened.configuration, result, folder, folder.with_suffix(".zip"))
        say("bundle_done", quiet=quiet, path=file)
