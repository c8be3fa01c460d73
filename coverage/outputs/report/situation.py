"""General situation: who lives here, what stands here, which data the report rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from coverage import vocabulary
from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, people, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from coverage.outputs.report.blocks import Block, Picture
    from coverage.outputs.report.figures import Words
    from coverage.results import Result

_FIELDS = ("population", "elders60", "elders80", "households")


def situation(result: Result, say: Words, pictures: Mapping[str, Picture]) -> Iterator[Block]:
    """Give the first chapter.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    pictures
        Maps, of which ``overview`` belongs here.
    """
    yield Heading(say("situation"))
    yield Paragraph(
        say(
            "units",
            name=result.name,
            year=result.year,
            townships=len(result.townships),
            kinds=_kinds(result.townships, say),
            communities=len(result.communities),
            parts=_kinds(result.communities, say),
        )
    )
    yield Paragraph(_population(result.communities, result.population_basis, say))
    counted = result.facilities[result.facilities["status"] == "counted"]
    yield Paragraph(
        say(
            "facilities",
            all=number(len(result.facilities)),
            counted=number(len(counted)),
            others=number(len(result.facilities) - len(counted)),
            year=result.year,
        )
    )
    yield _facility_table(result.facilities, say)
    if "overview" in pictures:
        yield pictures["overview"]


def _kinds(units: pd.DataFrame, say: Words) -> str:
    if "kind" not in units:
        return ""
    counts = units["kind"].replace("", np.nan).dropna().value_counts()
    parts = [say("kind_count", kind=say.unit(kind), count=count) for kind, count in counts.items()]
    return say("in_brackets", text=say.listed(parts)) if parts else ""


def _population(communities: pd.DataFrame, basis: str, say: Words) -> str:
    sums = {name: float(communities[name].sum()) for name in _FIELDS if name in communities}
    parts = [say(f"has_{name}", count=people(value)) for name, value in sums.items() if value > 0]
    if not parts:
        return say("no_people")
    text = say("people", basis=say(f"basis_{basis}"), parts=say.listed(parts))
    if sums.get("population", 0) > 0 and sums.get("elders60", 0) > 0:
        text += say("elder_share", share=percent(sums["elders60"] / sums["population"]))
    return text


def _facility_table(facilities: pd.DataFrame, say: Words) -> Table:
    known = vocabulary.categories()
    every = facilities["category"].value_counts()
    counted = facilities.loc[facilities["status"] == "counted", "category"].value_counts()
    rows = [
        (
            known[name].title(say.language),
            number(int(every[name])),
            number(int(counted.get(name, 0))),
        )
        for name in known
        if name in every.index
    ]
    return Table(
        caption=say("table_facilities"),
        heads=(say("head_category"), say("head_all"), say("head_counted")),
        rows=tuple(rows),
        widths=(6, 2, 2),
        numbers=(1, 2),
    )
