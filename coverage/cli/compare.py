"""``compare``: two scenarios side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.columns import set_columns
from coverage.cli.options import open_project, project_argument, year_option
from coverage.cli.speech import begin, progress, say

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from coverage.scenario import Comparison

_WIDTH = 100  # cells of a line
_ALIKE = 5e-3  # differences that two decimals do not show


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        click.Argument(["a"], metavar="A"),
        click.Argument(["b"], metavar="B"),
        year_option(),
    ]


def run(project: Path, *, a: str, b: str, year: int | None, quiet: bool, **_: object) -> None:
    """Write what differs between two scenarios, and print the headline differences.

    Parameters
    ----------
    project
        The project.
    a, b
        Names of the scenarios.
    year
        Year to analyse.
    quiet
        Whether to say nothing.
    """
    opened = open_project(project)
    comparison = opened.compare(a, b, year=year, progress=progress(quiet=quiet))
    begin("saving", quiet=quiet)
    folder = comparison.save(opened.comparison_folder(a, b, year))
    if not quiet:
        _print(comparison)
    say("compare_done", quiet=quiet, folder=folder)


def _print(comparison: Comparison) -> None:
    result, (one, other) = comparison.b, comparison.titles
    click.echo(texts.say("cli.compare_title", name=result.name, year=result.year, a=one, b=other))
    for service in result.services:
        line = _service(comparison, service.name, service.title(texts.language()))
        if line:
            click.echo(f"  {line}")
    table = _indicators(comparison)
    for line in table:
        click.echo(f"  {line}")
    if not table:
        click.echo("  " + texts.say("cli.compare_no_indicator"))
    for change, count in comparison.facilities["change"].value_counts().items():
        words = [texts.say(f"cli.change_{word}") for word in str(change).split(";")]
        click.echo("  " + texts.say("cli.compare_facilities", change=tuple(words), count=count))


def _service(comparison: Comparison, service: str, title: str) -> str:
    """Say how many people a service covers on both sides."""
    sums = comparison.communities[
        [f"{service}_{name}_{side}" for side in "ab" for name in ("people", "covered")]
    ].sum()
    people_a, covered_a, people_b, covered_b = (float(value) for value in sums)
    if not (people_a > 0 and people_b > 0):
        return ""
    share_a, share_b = covered_a / people_a, covered_b / people_b
    return texts.say(
        "cli.compare_service",
        name=title,
        a=f"{share_a:.2%}",
        b=f"{share_b:.2%}",
        points=_signed(100 * (share_b - share_a)),
        people=_signed(covered_b - covered_a, 0),
    )


def _indicators(comparison: Comparison) -> list[str]:
    """Return the lines of the indicators of the whole that differ."""
    table = comparison.indicators
    top = "city" if (table["level"] == "city").any() else "county"
    differs = (table["difference"].abs() >= _ALIKE) | (table["status_a"] != table["status_b"])
    shown = table[(table["level"] == top) & differs]
    plan = comparison.b.plan
    names = {(row.kind, row.row): row.name(texts.language()) for row in plan.rows}
    heads = [texts.say(f"cli.compare_{key}") for key in ("indicator", "value_a", "value_b")]
    heads += [texts.say("cli.compare_difference"), texts.say("cli.figures_unit")]
    heads += [texts.say("cli.figures_status")]
    lines = [_line(row, names) for _, row in shown.iterrows()]
    return set_columns([heads, *lines], wrap=0, most=_WIDTH - 2, right=(1, 2, 3)) if lines else []


def _line(row: pd.Series[Any], names: Mapping[tuple[str, int], str]) -> list[str]:
    variant = texts.say(f"indicators.variant_{row['variant']}")
    statuses = dict.fromkeys([row["status_a"], row["status_b"]])
    said = " → ".join(texts.say(f"indicators.status_{status}") for status in statuses)
    return [
        texts.say("cli.compare_row", name=names[row["kind"], row["row"]], variant=variant),
        f"{row['value_a']:,.2f}",
        f"{row['value_b']:,.2f}",
        _signed(row["difference"]),
        str(row["unit"]),
        said,
    ]


def _signed(value: float, digits: int = 2) -> str:
    """Return a difference with its sign; one that rounds to nothing is +0."""
    return f"{round(value, digits) + 0.0:+,.{digits}f}".replace("-", "−")
