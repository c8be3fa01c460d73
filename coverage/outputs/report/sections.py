"""The chapters of the report in their usual order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coverage.outputs.report.advice import advice, scenarios
from coverage.outputs.report.basis import annexes, basis
from coverage.outputs.report.figures import Words
from coverage.outputs.report.progress import problems, progress
from coverage.outputs.report.reach import reach
from coverage.outputs.report.situation import situation
from coverage.outputs.report.tasks import tasks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coverage.outputs.report.blocks import Block, Picture
    from coverage.results import Result


@dataclass(frozen=True, kw_only=True)
class SitingTable:
    """A siting whose sites the report proposes.

    Parameters
    ----------
    service, unit, model
        Names of the service, of what it counts and of the model.
    sites
        The table ``sites.csv``.
    summary
        What ``siting.json`` says.
    """

    service: str
    unit: str
    model: str
    sites: pd.DataFrame
    summary: Mapping[str, object] = field(default_factory=dict)


def report_blocks(
    result: Result,
    language: str,
    *,
    pictures: Mapping[str, Picture] | None = None,
    sitings: Sequence[SitingTable] = (),
    comparisons: Mapping[str, pd.DataFrame | None] | None = None,
) -> list[Block]:
    """Build the report of a result.

    Parameters
    ----------
    result
        The result.
    language
        ``zh`` or ``en``.
    pictures
        Maps by what they show: names of services, ``overview``.
    sitings
        Sitings done for the project.
    comparisons
        By names of two scenarios, ``A--B``, the table of indicators that differ.

    Returns
    -------
    list
        Headings, paragraphs, tables and pictures, in order.
    """
    say = Words(language)
    drawn = pictures or {}
    return [
        *situation(result, say, drawn),
        *progress(result, say),
        *tasks(result, say),
        *reach(result, say, drawn),
        *problems(result, say),
        *advice(result, say, sitings),
        *scenarios(say, comparisons or {}),
        *annexes(result, say),
        *basis(result, say),
    ]
