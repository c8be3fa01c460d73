"""What the figures rest on: what was entered by hand, what was found odd in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import texts, vocabulary
from coverage.outputs.data_report import SEVERITIES, layer_title, problems
from coverage.outputs.workbook.book import Cell, Column, Row, Sheet
from coverage.outputs.workbook.plan_sheets import ALIGNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.plans import IndicatorRow
    from coverage.results import Result

_ENTERED = (
    ("row", 6), ("kind", 8), ("name", 40), ("level", 12), ("place", 18), ("code", 14),
    ("figure", 13), ("unit", 10), ("date", 14), ("origin", 34), ("used", 22),
)  # fmt: skip
_QUALITY = (
    ("severity", 9), ("layer", 24), ("field", 18), ("count", 8), ("rows", 32), ("message", 64),
    ("action", 48), ("issue", 24),
)  # fmt: skip


def entered_sheet(result: Result, language: str) -> Sheet:
    """Return the figures entered by hand, and the rows of the plan that still wait for one.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    figures = result.indicators
    own = figures[(figures["method"] == "entered") & figures["value"].notna()]
    used = set(zip(own["row"], own["unit_code"], strict=True))
    names = dict(zip(figures["unit_code"], figures["unit_name"], strict=True))
    rows = {row.row: row for row in result.plan.rows}
    written = []
    for given in result.entered.to_dict("records"):
        row, code = rows[int(given["row"])], str(given["unit_code"])
        state = "used" if (row.row, code) in used else "not_used"
        cells: list[Cell | float | str] = [
            *_names(row, str(given["level"]), language),
            str(names.get(code, "")),
            code,
            float(given["value"]),
            vocabulary.unit_title(row.unit, language),
            str(given["date"]),
            str(given["source"]),
            texts.say(f"workbook.entered_{state}", language),
        ]
        written.append(Row(cells=cells))
    wait = Cell(value=texts.say("workbook.entered_wanted", language), status="no_data")
    known = {number for number, _ in used}
    written += [
        Row(
            cells=[
                *_names(row, row.level, language),
                "",
                "",
                "",
                vocabulary.unit_title(row.unit, language),
                "",
                "",
                wait,
            ]
        )
        for row in result.plan.rows
        if row.family == "entered" and row.row not in known
    ]
    return _sheet(result, language, "entered", _ENTERED, written)


def _names(row: IndicatorRow, level: str, language: str) -> list[Cell | float | str]:
    kind = texts.say(f"workbook.kind_{row.kind}", language)
    return [row.row, kind, row.name(language), texts.say(f"workbook.level_{level}", language)]


def quality_sheet(result: Result, language: str) -> Sheet:
    """Return what was odd in the data, by kind, the worst first.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    written = []
    for kind in problems(result.issues).to_dict("records"):
        severity = str(kind["severity"])
        word = texts.say(f"data_report.severity_{severity}", language)
        written.append(
            Row(
                cells=[
                    Cell(value=word, status=severity),
                    layer_title(str(kind["layer"])),
                    str(kind["field"]),
                    int(kind["findings"]),
                    str(kind["rows"]),
                    str(kind["message"]),
                    str(kind["action"]),
                    str(kind["code"]),
                ]
            )
        )
    counts = {name: int((result.issues["severity"] == name).sum()) for name in SEVERITIES}
    about = texts.say("data_report.counts", language, **counts)
    sheet = _sheet(result, language, "quality", _QUALITY, written)
    return Sheet(
        name=sheet.name,
        title=sheet.title,
        about=f"{about}。{sheet.about}" if language == "zh" else f"{about}. {sheet.about}",
        columns=sheet.columns,
        rows=sheet.rows,
    )


def _sheet(
    result: Result,
    language: str,
    name: str,
    columns: Sequence[tuple[str, float]],
    rows: Sequence[Row],
) -> Sheet:
    title = texts.say(f"workbook.sheet_{name}", language)
    return Sheet(
        name=title,
        title=f"{result.name} · {title}",
        about=texts.say(f"workbook.about_{name}", language),
        columns=[
            Column(
                title=texts.say(f"workbook.column_{key}", language),
                width=width,
                align=ALIGNED.get(key, "left"),
            )
            for key, width in columns
        ],
        rows=rows,
    )
