"""Annexed tables, and what every figure rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.outputs.data_report import layer_title, problems
from coverage.outputs.report.blocks import Heading, Paragraph, Table
from coverage.outputs.report.figures import number, people, percent
from coverage.outputs.report.tasks import task_table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.outputs.report.blocks import Block
    from coverage.outputs.report.figures import Words
    from coverage.results import Result
    from coverage.service import Service

_COLUMNS = 5  # services side by side on a page
_KINDS = 15


def annexes(result: Result, say: Words) -> Iterator[Block]:
    """Give the annexed tables: the plan's tasks, coverage of every township by every service.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    yield Heading(say("annexes"))
    yield from task_table(result, say)
    yield Paragraph(say("maps"))
    known = [s for s in result.services if result.townships[f"{s.name}_people"].sum() > 0]
    if not known:
        yield Paragraph(say("nobody_known"))
        return
    for services in _side_by_side(known):
        rows = [
            (
                str(township["name"]),
                *(percent(float(township[f"{service.name}_share"])) for service in services),
            )
            for township in result.townships.to_dict("records")
        ]
        yield Table(
            caption=say("table_townships"),
            heads=(say("head_township"), *(s.title(say.language) for s in services)),
            rows=tuple(rows),
            widths=(3, *(3 for _ in services)),
            numbers=tuple(range(1, len(services) + 1)),
        )


def _side_by_side(services: list[Service]) -> Iterator[list[Service]]:
    """Give services a table each, as few tables as there is room for, about equally wide."""
    tables = -(-len(services) // _COLUMNS)
    for table in range(tables):
        start, end = (len(services) * at // tables for at in (table, table + 1))
        yield services[start:end]


def basis(result: Result, say: Words) -> Iterator[Block]:
    """Give the chapter on definitions, data and their quality.

    Parameters
    ----------
    result
        The result.
    say
        Sentences.
    """
    yield Heading(say("basis"))
    parameters = result.parameters
    yield Paragraph(
        say(
            "definitions",
            basis=say(f"basis_{result.population_basis}"),
            speed=number(parameters["speed_m_s"]),
            snap=number(parameters["snap_limit_m"]),
            crs=parameters["crs"],
        )
    )
    yield Paragraph(say("elevation" if parameters["elevation"] else "flat"))
    shares = [v for v in result.record["approximate_share"].values() if v > 0]
    if shares:
        yield Paragraph(say("approximate", share=percent(max(shares))))
    yield from _quality(result, say)
    rows = tuple(
        (layer_title(name, say.language), entry["path"], entry["sha256"])
        for name, entry in result.record["inputs"].items()
    )
    yield Table(
        caption=say("table_inputs"),
        heads=(say("head_layer"), say("head_file"), "SHA-256"),
        rows=rows,
        widths=(3, 4, 9),
    )
    versions = result.record["versions"]
    yield Paragraph(
        say(
            "made_by",
            version=versions["service-coverage-planner"],
            method=versions["method"],
        )
    )


def _quality(result: Result, say: Words) -> Iterator[Block]:
    issues = result.issues
    counts = {
        name: int((issues["severity"] == name).sum()) for name in ("error", "warning", "info")
    }
    if not sum(counts.values()):
        yield Paragraph(say("no_issues"))
        return
    yield Paragraph(say("issues", **{name: people(count) for name, count in counts.items()}))
    kinds = problems(issues).head(_KINDS)
    yield Table(
        caption=say("table_issues"),
        heads=tuple(say(f"head_{key}") for key in ("message", "findings", "action")),
        rows=tuple(
            (str(kind["message"]), number(kind["findings"]), str(kind["action"]))
            for kind in kinds.to_dict("records")
        ),
        widths=(8, 2, 6),
        numbers=(1,),
    )
