"""How the plan's indicators stand, and what is behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.indicators import figures_of_the_whole, shortfalls
from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, target
from coverage.plans import BINDING

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    import pandas as pd

    from coverage.outputs.report.blocks import Block
    from coverage.outputs.report.figures import Words
    from coverage.results import Result

STATUSES = ("met", "on_track", "behind", "not_met", "no_target", "no_data")
LATE = ("behind", "not_met")
_WHOLE = ("人", "户")  # in sentences nobody is divided


def own_readings(result: Result) -> pd.DataFrame:
    """Return the figures of the whole in each row's own reading, rows of the table before others.

    Parameters
    ----------
    result
        The result.
    """
    rows = {row.row: row for row in result.plan.rows}
    figures = figures_of_the_whole(result.indicators)
    own = figures["variant"] == figures["row"].map(lambda row: rows[row].variants[0])
    shown = figures[own].copy()
    names = [rows[row].name for row in shown["row"]]
    shown["name"] = [name("zh") for name in names]
    shown["name_en"] = [name("en") for name in names]
    return shown


def progress(result: Result, say: Words) -> Iterator[Block]:
    """Give the chapter on the indicators of the plan.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    yield Heading(say("progress"))
    figures = own_readings(result)
    main = figures[figures["kind"] == "table"]
    shown = main if len(main) else figures
    if shown.empty:
        yield Paragraph(say("no_indicators"))
        return
    yield Paragraph(_counted(shown, result, say))
    for status in STATUSES:
        these = shown[shown["status"] == status]
        if len(these):
            names = say.listed(names_of(these, say), 30)
            yield Paragraph(say(f"are_{status}", count=len(these), names=names))
    binding = shown[shown["attribute"] == BINDING]
    if len(binding):
        met = int((binding["status"] == "met").sum())
        yield Paragraph(say("binding", count=len(binding), met=met))
    yield _table(shown, result, say)


def problems(result: Result, say: Words) -> Iterator[Block]:
    """Give the chapter on what is behind and what is lacking where.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    yield Heading(say("problems"))
    figures = own_readings(result)
    late = figures[figures["status"].isin(LATE)]
    if len(late):
        names = say.listed(names_of(late, say), 30)
        yield Paragraph(say("late", count=len(late), names=names))
    else:
        yield Paragraph(say("none_late"))
    yield from _lacking(result, say)
    unknown = figures[figures["status"] == "no_data"]
    if len(unknown):
        yield Paragraph(say("unknown", count=len(unknown)))


def _lacking(result: Result, say: Words) -> Iterator[Block]:
    """Name by indicator the units that are below target, those with most to make up first."""
    found = shortfalls(result.indicators, result.plan)
    rows = {row.row: row for row in result.plan.rows}
    lines = []
    for _, table in found.groupby(["row", "variant"], sort=False):
        units = table[~table["level"].isin(["county", "city"])]
        if units.empty:
            continue
        counted = str(units["counted"].iloc[0])
        digits = 0 if counted in _WHOLE else 2
        total = number(float(units["shortfall"].sum(min_count=1)), digits)
        lines.append(
            (
                rows[int(table["row"].iloc[0])].name(say.language),
                say.variant(units["variant"].iloc[0]),
                number(len(units)),
                total if total == "—" else f"{total} {say.unit(counted)}",
                say.listed(units["unit_name"].astype(str), 8),
            )
        )
    if not lines:
        yield Paragraph(say("nothing_lacking"))
        return
    yield Paragraph(say("lacking", count=len(lines)))
    yield Table(
        caption=say("table_lacking"),
        heads=tuple(say(f"head_{key}") for key in ("name", "reading", "units", "sum", "places")),
        rows=tuple(lines),
        widths=(5, 3, 2, 3, 9),
        numbers=(2, 3),
    )


def counts_of(figures: pd.DataFrame, say: Words) -> str:
    """Tell how many figures have each status."""
    counts = figures["status"].value_counts()
    return say.listed(
        say("status_count", status=say.status(status), count=int(counts[status]))
        for status in STATUSES
        if status in counts
    )


def _counted(shown: pd.DataFrame, result: Result, say: Words) -> str:
    plan = result.plan.title(say.language)
    parts = counts_of(shown, say)
    return say("counted", plan=plan, count=len(shown), parts=parts, year=result.year)


def names_of(shown: pd.DataFrame, say: Words) -> list[str]:
    """Return the names of figures, each once: the plan's table and its text may name the same."""
    names = shown["name" if say.language == "zh" else "name_en"].astype(str)
    return [
        str(name) if count == 1 else say("name_several", name=name, count=count)
        for name, count in names.value_counts(sort=False).items()
    ]


def _table(shown: pd.DataFrame, result: Result, say: Words) -> Table:
    keys = ("number", "name", "unit", "attribute", "baseline", "target", "value", "status")
    return Table(
        caption=say("table_progress", year=result.year),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(_line(figure, say) for figure in shown.to_dict("records")),
        widths=(5, 14, 7, 8, 7, 7, 7, 10),
        numbers=(4, 5, 6),
    )


def _line(figure: Mapping[Hashable, Any], say: Words) -> tuple[str, ...]:
    return (
        str(figure["row"]),
        str(figure["name"] if say.language == "zh" else figure["name_en"]),
        say.unit(figure["unit"]),
        say(f"attribute_{figure['attribute']}") if figure["attribute"] else "—",
        number(figure["baseline"]),
        target(figure),
        number(figure["value"]),
        say.status(figure["status"]),
    )
