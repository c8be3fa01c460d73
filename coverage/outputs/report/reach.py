"""Who reaches what: each service in both readings, its best and worst places, who is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage import texts
from coverage.outputs import map_figures
from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, people, percent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from coverage.outputs.map_figures import Headline
    from coverage.outputs.report.blocks import Block, Picture
    from coverage.outputs.report.figures import Words
    from coverage.results import Result
    from coverage.service import Service

_WORST = 10


def reach(result: Result, say: Words, pictures: Mapping[str, Picture]) -> Iterator[Block]:
    """Give the chapter on coverage.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    pictures
        Maps by the name of their service.
    """
    yield Heading(say("reach"))
    yield Paragraph(say("reach_meaning"))
    known = [s for s in result.services if result.townships[f"{s.name}_people"].sum() > 0]
    if not known:
        yield Paragraph(say("nobody_known"))
        return
    yield _overview(result, known, say)
    headlines = map_figures.headlines(result, say.language)
    for service in known:
        yield Heading(service.title(say.language), 2)
        yield from _service(
            result, service, say, [h for h in headlines if h.service == service.name]
        )
        if service.name in pictures:
            yield pictures[service.name]


def _overview(result: Result, services: list[Service], say: Words) -> Table:
    rows = []
    for service in services:
        sums = _sums(result.townships, service)
        rows.append(
            (
                service.title(say.language),
                number(service.minutes),
                people(sums["people"]),
                people(sums["covered"]),
                people(sums["people"] - sums["covered"]),
                percent(sums["covered"] / sums["people"]),
            )
        )
    keys = ("service", "minutes", "people", "covered", "uncovered", "share")
    return Table(
        caption=say("table_services"),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(rows),
        widths=(12, 6, 6, 6, 6, 5),
        numbers=(1, 2, 3, 4, 5),
    )


def _service(
    result: Result, service: Service, say: Words, headlines: Sequence[Headline]
) -> Iterator[Block]:
    sums = _sums(result.townships, service)
    yield Paragraph(
        say(
            "service",
            minutes=number(service.minutes),
            mode=say(f"mode_{service.mode}"),
            weight=map_figures.weight_title(service.weight, say.language),
            unit=map_figures.weight_unit(service.weight, say.language),
            people=people(sums["people"]),
            covered=people(sums["covered"]),
            share=percent(sums["covered"] / sums["people"]),
            beyond=people(sums["beyond"]),
            unreachable=people(sums["unreachable"]),
            off_network=people(sums["off_network"]),
        )
    )
    yield from _by_units(headlines, say)
    yield from _townships(_ranked(result.townships, service), say)
    yield from _left_out(result, service, say)


def _townships(ranked: pd.DataFrame, say: Words) -> Iterator[Block]:
    """Name the best and the worst township, and all in which nobody is covered."""
    none = ranked[ranked["covered"] == 0]["name"].astype(str)
    if len(ranked) > 1:
        best, worst = ranked.iloc[-1], ranked.iloc[0]
        said = {
            "best": best["name"], "best_share": percent(best["share"]),
            "worst": worst["name"], "worst_share": percent(worst["share"]),
        }  # fmt: skip
        if best["share"] == worst["share"]:
            yield Paragraph(say("all_alike", share=percent(best["share"])))
        else:
            # where there are several without anybody, they are all named below
            yield Paragraph(say("best" if len(none) > 1 else "best_and_worst", **said))
    if len(none):
        yield Paragraph(say("townships_without", count=len(none), names=say.listed(none, 30)))


def _by_units(headlines: Sequence[Headline], say: Words) -> Iterator[Block]:
    """Tell the share of units that have a facility, which is what offices report."""
    for headline in headlines:
        for figure in headline.figures:
            if figure.variant == "units" and figure.value is not None:
                _, units, _ = map_figures.HEADLINES[headline.indicator]
                yield Paragraph(
                    say(
                        "by_units",
                        units=texts.say(f"map.{units}", say.language),
                        fraction=figure.fraction(),
                        value=f"{figure.value:.2f}%",
                    )
                )


def _left_out(result: Result, service: Service, say: Words) -> Iterator[Block]:
    table = _ranked(result.communities, service)
    table = table.assign(open=table["people"] - table["covered"])
    worst = table[table["open"] > 0].sort_values("open", ascending=False, kind="stable")
    if worst.empty:
        yield Paragraph(say("everybody"))
        return
    townships = dict(zip(result.townships["code"], result.townships["name"], strict=True))
    rows = [
        (
            str(row["name"]),
            str(townships.get(row["township"], "")),
            people(row["people"]),
            people(row["open"]),
            percent(row["share"]),
        )
        for row in worst.head(_WORST).to_dict("records")
    ]
    keys = ("community", "township", "people", "uncovered", "share")
    yield Table(
        caption=say("table_left_out", service=service.title(say.language), count=len(rows)),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(rows),
        widths=(4, 4, 3, 3, 2),
        numbers=(2, 3, 4),
    )


def _sums(units: pd.DataFrame, service: Service) -> pd.Series[float]:
    parts = ("people", "covered", "beyond", "unreachable", "off_network")
    return pd.Series({part: float(units[f"{service.name}_{part}"].sum()) for part in parts})


def _ranked(units: pd.DataFrame, service: Service) -> pd.DataFrame:
    """Return units with people, the lowest share first."""
    table = pd.DataFrame(
        {
            "name": units["name"],
            "township": units.get("township", ""),
            **{
                part: units[f"{service.name}_{part}"].astype(float)
                for part in ("people", "covered", "share")
            },
        }
    )
    return table[table["people"] > 0].sort_values("share", kind="stable")
