"""What the plan sets out to do beside its table: quantified tasks, and the projects it lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, target
from coverage.outputs.report.progress import LATE, STATUSES, counts_of, names_of, own_readings

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from typing import Any

    import geopandas as gpd
    import pandas as pd

    from coverage.outputs.report.blocks import Block
    from coverage.outputs.report.figures import Words
    from coverage.results import Result

_STATES = ("operating", "building", "planned", "idle", "closed")
_MOST = 60  # projects written out
_PER_WAN = 10_000.0  # yuan


def tasks(result: Result, say: Words) -> Iterator[Block]:
    """Give the plan's quantified tasks, those of its text and boxes, and its projects.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    told = _told(result)
    if len(told):
        yield Heading(say("tasks"), 2)
        yield Paragraph(say("tasks_counted", count=len(told), parts=counts_of(told, say)))
        late = told[told["status"].isin(LATE)]
        if len(late):
            names = say.listed(names_of(late, say), 30)
            yield Paragraph(say("tasks_late", count=len(late), names=names))
    projects = result.context.get("projects")
    if projects is None:
        return
    kept = projects[~projects["set_aside"]]
    yield Heading(say("projects"), 2)
    if kept.empty:
        yield Paragraph(say("projects_empty"))
        return
    yield from _projects(kept, result, say)


def _told(result: Result) -> pd.DataFrame:
    """Return figures of text and boxes; of a plan without a table they are its main indicators."""
    figures = own_readings(result)
    told = figures[figures["kind"] != "table"]
    return told if len(told) < len(figures) else told.head(0)


def task_table(result: Result, say: Words) -> Iterator[Block]:
    """Give every quantified task with its figures, those that are met first.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    told = _told(result)
    if told.empty:
        return
    rows = {row.row: row for row in result.plan.rows}
    ordered = told.sort_values(
        "status", key=lambda status: status.map(STATUSES.index), kind="stable"
    )
    keys = ("name", "source", "target", "value", "status")
    yield Table(
        caption=say("table_tasks", year=result.year),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(
            _task(figure, rows[int(figure["row"])].source, say)
            for figure in ordered.to_dict("records")
        ),
        widths=(14, 9, 6, 6, 7),
        numbers=(2, 3),
    )


def _task(figure: Mapping[Hashable, Any], source: str, say: Words) -> tuple[str, ...]:
    unit = say.unit(figure["unit"])
    value = number(figure["value"])
    return (
        str(figure["name"] if say.language == "zh" else figure["name_en"]),
        source,
        target(figure),
        value if value == "—" else f"{value} {unit}",
        say.status(figure["status"]),
    )


def _projects(projects: gpd.GeoDataFrame, result: Result, say: Words) -> Iterator[Block]:
    states = projects["status"].value_counts()
    parts = [
        say("project_count", status=say(f"project_{state}"), count=int(states[state]))
        for state in _STATES
        if state in states
    ]
    yield Paragraph(
        say(
            "projects_counted",
            count=len(projects),
            parts=say.listed(parts),
            amounts=_amounts(projects, say),
        )
    )
    late = projects[(projects["open_year"] <= result.year) & (projects["status"] != "operating")]
    if len(late):
        names = say.listed(late["name"].astype(str), 20)
        yield Paragraph(say("projects_late", year=result.year, count=len(late), names=names))
    yield _project_table(projects, result, say)
    if len(projects) > _MOST:
        yield Paragraph(say("projects_more", shown=_MOST, count=len(projects)))


def _amounts(projects: pd.DataFrame, say: Words) -> str:
    """Tell money and beds of all projects, where the list has any."""
    sums = {
        name: float(projects[name].sum()) for name in ("cost", "beds_total") if name in projects
    }
    parts = []
    if sums.get("cost", 0) > 0:
        parts.append(say("projects_cost", amount=number(sums["cost"] / _PER_WAN, 0)))
    if sums.get("beds_total", 0) > 0:
        parts.append(say("projects_beds", count=number(sums["beds_total"], 0)))
    return "".join(parts)


def _project_table(projects: pd.DataFrame, result: Result, say: Words) -> Table:
    townships = dict(zip(result.townships["code"], result.townships["name"], strict=True))
    keys = ("project", "township", "period", "beds", "cost", "state")
    rows = [
        (
            str(row["name"]),
            str(townships.get(row["township"], "")) or "—",
            str(row["period"]) or "—",
            number(row.get("beds_total", float("nan")), 0),
            number(row.get("cost", float("nan")) / _PER_WAN, 0),
            say(f"project_{row['status']}") if row["status"] in _STATES else "—",
        )
        for row in projects.head(_MOST).to_dict("records")
    ]
    return Table(
        caption=say("table_projects"),
        heads=tuple(say(f"head_{key}") for key in keys),
        rows=tuple(rows),
        widths=(7, 3, 3, 2, 3, 2),
        numbers=(3, 4),
    )
