"""``new``: make a project from an OpenStreetMap extract."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from coverage import texts
from coverage.cli.options import folder_argument
from coverage.cli.speech import begin, say


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    file, level = click.Path(path_type=Path), click.IntRange(1, 12)
    return [
        folder_argument(),
        click.Option(
            ["--osm"], type=file, required=True, metavar="FILE", help=texts.say("cli.osm_option")
        ),
        click.Option(
            ["--township-level"],
            type=level,
            metavar="N",
            help=texts.say("cli.township_level_option"),
        ),
        click.Option(
            ["--community-level"],
            type=level,
            metavar="N",
            help=texts.say("cli.community_level_option"),
        ),
        click.Option(
            ["--boundaries"], type=file, metavar="FILE", help=texts.say("cli.boundaries_option")
        ),
    ]


def run(folder: Path, *, osm: Path, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    """Write the project and say what was taken from the extract.

    Parameters
    ----------
    folder
        Where it goes.
    osm
        The extract.
    quiet
        Whether to say nothing.
    **options
        Administrative levels, and a file of boundaries.
    """
    from coverage.osm_project import create_project

    begin("osm", quiet=quiet)
    extract = create_project(
        folder,
        osm,
        township_level=options["township_level"],
        community_level=options["community_level"],
        boundaries=options["boundaries"],
    )
    if not quiet:
        for sentence in extract.sentences(texts.language()):
            click.echo(sentence)
    say("new_done", quiet=quiet, folder=folder)
