"""The plan's table, and what its text and boxes ask for: one line a row and reading."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from coverage import texts, vocabulary
from coverage.indicators import figures_of_the_whole
from coverage.outputs.workbook.book import Cell, Column, Row, Sheet

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

    from coverage.plans import IndicatorRow, LeftOut
    from coverage.results import Result

_TABLE = ("table",)
_BESIDE = ("text", "box")
_COLUMNS = (
    ("row", 6), ("name", 28), ("unit", 9), ("attribute", 8), ("baseline", 10), ("target", 10),
    ("value", 11), ("reading", 14), ("numerator", 11), ("denominator", 11), ("gap", 10),
    ("progress", 9), ("status", 13), ("method", 9), ("note", 62),
)  # fmt: skip
ALIGNED: Mapping[str, Literal["center", "right"]] = {
    **dict.fromkeys(("row", "kind", "unit", "attribute", "reading", "status", "method"), "center"),
    **dict.fromkeys(("baseline", "target", "value", "numerator", "denominator"), "right"),
    **dict.fromkeys(("gap", "progress", "wanted", "shortfall", "figure"), "right"),
}


def main_sheet(result: Result, language: str) -> Sheet:
    """Return the plan's indicator table, binding rows first.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    return _sheet(result, language, "main", _TABLE)


def text_sheet(result: Result, language: str) -> Sheet:
    """Return what text and boxes of the plan ask for.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    return _sheet(result, language, "text", _BESIDE)


def missing_or(value: float, word: str) -> float | str:
    """Return a number, or a word where it is missing.

    Parameters
    ----------
    value
        The number.
    word
        What to say in its place.
    """
    return word if math.isnan(value) else float(value)


def _sheet(result: Result, language: str, name: str, kinds: tuple[str, ...]) -> Sheet:
    def say(key: str, **values: object) -> str:
        return texts.say(f"workbook.{key}", language, **values)

    plan = result.plan
    years = {
        "base": next((row.base_year for row in plan.rows if row.base_year), ""),
        "target": next((row.target_year for row in plan.rows if row.target_year), ""),
        "year": result.year,
    }
    columns = [
        Column(title=say(f"column_{key}", **years), width=width, align=ALIGNED.get(key, "left"))
        for key, width in _COLUMNS
    ]
    written = list(_figures(result, kinds, years["target"], language))
    left_out = [row for row in plan.left_out if row.kind in kinds]
    written += [(row.kind, Row(cells=_left_out(row, language))) for row in left_out]
    rows = [row for _, row in written]
    if len(kinds) > 1:
        columns.insert(1, Column(title=say("column_kind"), width=7, align="center"))
        rows = [
            Row(cells=[row.cells[0], say(f"kind_{kind}"), *row.cells[1:]], look=row.look)
            for kind, row in written
        ]
    return Sheet(
        name=say(f"sheet_{name}"),
        title=f"{plan.title(language)} · {say(f'sheet_{name}')}",
        about=say(f"about_{name}", **years),
        columns=columns,
        rows=rows,
        fixed=len(columns) - len(_COLUMNS) + 2,
    )


def _figures(
    result: Result, kinds: tuple[str, ...], target_year: object, language: str
) -> Iterator[tuple[str, Row]]:
    """Give the kind of each row and its line, one a reading; the plan's own reading stands out."""
    rows = {row.row: row for row in result.plan.rows if row.kind in kinds}
    figures = figures_of_the_whole(result.indicators)
    shown = figures[figures["row"].isin(list(rows))]
    parts = shown.duplicated(["row", "variant"], keep=False)
    for figure, is_part in zip(shown.to_dict("records"), parts, strict=True):
        row = rows[int(figure["row"])]
        cells = _line(figure, row, target_year, language)
        if is_part:
            cells[1] = f"{cells[1]} · {figure['unit_name']}"
        own = figure["variant"] == row.variants[0]
        yield row.kind, Row(cells=cells, look="plain" if own else "faint")


def _line(
    figure: Mapping[Hashable, Any], row: IndicatorRow, target_year: object, language: str
) -> list[Cell | float | str]:
    own = figure["variant"] == row.variants[0]
    status = str(figure["status"])
    nothing = texts.say("indicators.status_no_data", language)
    return [
        row.row,
        row.name(language),
        vocabulary.unit_title(str(figure["unit"]), language),
        texts.say(f"workbook.attribute_{row.attribute}", language) if row.attribute else "",
        _planned(figure["baseline"], row.baseline_text if own else ""),
        _planned(figure["target"], row.target_text if own else "", figure["comparator"]),
        missing_or(figure["value"], nothing),
        texts.say(f"indicators.variant_{figure['variant']}", language),
        missing_or(figure["numerator"], "—"),
        missing_or(figure["denominator"], "—"),
        missing_or(figure["gap"], "—"),
        _share(figure["progress"]),
        Cell(value=texts.say(f"indicators.status_{status}", language), status=status),
        texts.say(f"workbook.method_{figure['method']}", language),
        _note(figure, row, target_year, language),
    ]


def _planned(value: float, words: str, sign: str = "") -> Cell | str:
    """Return what the plan writes: its figure, else its words."""
    if math.isnan(value):
        return words or "—"
    return Cell(value=float(value), sign="" if sign == "=" else sign)


def _share(value: float) -> Cell | str:
    return "—" if math.isnan(value) else Cell(value=float(value), share=True)


def _note(
    figure: Mapping[Hashable, Any], row: IndicatorRow, target_year: object, language: str
) -> str:
    """Say what a figure rests on, and where the plan says it."""
    own = figure["variant"] == row.variants[0]
    # what holds for the row is said once, beside its own reading
    said = [str(figure["reason"]), str(figure["note"]).removesuffix("" if own else row.conflict)]
    missing = figure["units_missing"]
    if missing and missing > 0:
        total = figure["units_total"]
        said.insert(0, texts.say("workbook.missing", language, missing=missing, total=total))
    if not own:
        return " ".join(filter(None, map(str.strip, said)))
    for words, value in ((row.baseline_text, row.baseline), (row.target_text, row.target)):
        if words and value is not None:
            said.append(texts.say("workbook.as_written", language, words=words))
    if row.target_year and row.target_year != target_year:
        said.append(texts.say("workbook.due", language, year=row.target_year))
    if row.yearly:
        said.append(texts.say("workbook.yearly", language))
    if row.source:
        said.append(texts.say("workbook.source", language, source=row.source))
    return " ".join(filter(None, said))


def _left_out(row: LeftOut, language: str) -> list[Cell | float | str]:
    reason = row.reason_zh if language == "zh" else row.reason_en
    source = texts.say("workbook.source", language, source=row.source) if row.source else ""
    name = texts.say("workbook.left_out", language)
    return [row.row, name, *[""] * (len(_COLUMNS) - 3), f"{reason} {source}".strip()]
