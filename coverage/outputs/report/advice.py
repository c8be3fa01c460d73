"""Where to build next, and what scenarios change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, people, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    from coverage.outputs.report.blocks import Block
    from coverage.outputs.report.figures import Words
    from coverage.outputs.report.sections import SitingTable
    from coverage.results import Result

_HEADLINE = "elderly_circle"
_PLACES = 10
_SITES = 30


def advice(result: Result, say: Words, sitings: Sequence[SitingTable]) -> Iterator[Block]:
    """Give the chapter on where to build next: sites that were computed, or the largest gaps.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    sitings
        Sitings done for the project.
    """
    yield Heading(say("advice"))
    for siting in sitings:
        yield from _sites(siting, say)
    if sitings:
        return
    yield Paragraph(say("no_siting"))
    service = next((s for s in result.services if s.name == _HEADLINE), None)
    if service is None:
        return
    table = result.communities
    left = (table[f"{_HEADLINE}_people"] - table[f"{_HEADLINE}_covered"]).astype(float)
    worst = left[left > 0].sort_values(ascending=False, kind="stable").head(_PLACES)
    if worst.empty:
        yield Paragraph(say("no_gap", service=service.title(say.language)))
        return
    names = [
        say("place_with", name=table["name"][at], count=people(count))
        for at, count in worst.items()
    ]
    yield Paragraph(
        say("priorities", service=service.title(say.language), names=say.listed(names, _PLACES))
    )


def scenarios(say: Words, comparisons: Mapping[str, pd.DataFrame | None]) -> Iterator[Block]:
    """Give the chapter on scenarios: what differs between each two that were compared.

    Parameters
    ----------
    say
        Sentences.
    comparisons
        By ``A--B``, rows of the compared indicators: name, unit, a, b, difference; None for a
        comparison by another plan.
    """
    yield Heading(say("scenarios"))
    if not comparisons:
        yield Paragraph(say("no_scenarios"))
        return
    for pair, table in comparisons.items():
        first, _, second = pair.partition("--")
        if table is None:
            yield Paragraph(say("other_plan", first=first, second=second))
            continue
        if table.empty:
            yield Paragraph(say("same", first=first, second=second))
            continue
        yield Paragraph(say("differ", first=first, second=second, count=len(table)))
        yield Table(
            caption=say("table_differ", first=first, second=second),
            heads=(say("head_name"), say("head_unit"), first, second, say("head_difference")),
            rows=tuple(
                (
                    str(row["name"]),
                    say.unit(row["unit"]),
                    number(row["a"]),
                    number(row["b"]),
                    number(row["difference"]),
                )
                for row in table.to_dict("records")
            ),
            widths=(6, 2, 3, 3, 3),
            numbers=(2, 3, 4),
        )


def _sites(siting: SitingTable, say: Words) -> Iterator[Block]:
    values = {"service": siting.service, "model": say(f"model_{siting.model}")}
    if siting.sites.empty:
        yield Paragraph(say("no_sites", **values))
        return
    sites = siting.sites
    yield Paragraph(
        say(
            "sites",
            **values,
            count=len(sites),
            gained=people(float(sites["newly_covered"].sum())),
            unit=siting.unit,
            share=percent(float(sites["cumulative_share"].iloc[-1])),
        )
    )
    gap = siting.summary.get("gap")
    if isinstance(gap, int | float):
        yield Paragraph(say("proof_optimal" if gap == 0 else "proof_gap", gap=percent(float(gap))))
    keys = ("rank", "community", "township", "gained", "cumulative")
    yield Table(
        caption=say("table_sites", **values),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(
            (
                str(row["rank"]),
                str(row["community"]),
                str(row["township"]),
                people(row["newly_covered"]),
                percent(row["cumulative_share"]),
            )
            for row in sites.head(_SITES).to_dict("records")
        ),
        widths=(1, 4, 4, 3, 3),
        numbers=(3, 4),
    )
