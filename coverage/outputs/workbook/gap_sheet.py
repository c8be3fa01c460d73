"""Who is below target and what is lacking: square metres, beds, stations, people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage import texts, vocabulary
from coverage.indicators import shortfalls
from coverage.outputs.workbook.book import Cell, Column, Row, Sheet
from coverage.outputs.workbook.plan_sheets import ALIGNED, missing_or
from coverage.plans import BINDING

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    import pandas as pd

    from coverage.plans import IndicatorRow
    from coverage.results import Result

_COLUMNS = (
    ("row", 6), ("name", 42), ("reading", 14), ("level", 12), ("township", 12), ("place", 16),
    ("code", 14), ("value", 11), ("wanted", 11), ("unit", 9), ("numerator", 12),
    ("denominator", 12), ("shortfall", 13), ("counted", 9), ("remark", 17),
)  # fmt: skip


def gap_sheet(result: Result, language: str) -> Sheet:
    """Return what is below target: of each row the whole, the sum of its units, the units.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    plan = result.plan
    found = shortfalls(result.indicators, plan)
    rows: list[Row] = []
    places = _Places(result)
    for row in sorted(plan.rows, key=lambda row: row.attribute != BINDING):
        own = found[found["row"] == row.row]
        for variant, table in own.groupby("variant", sort=False):
            rows += _rows_of(row, str(variant), table, places, language)

    def say(key: str, **values: object) -> str:
        return texts.say(f"workbook.{key}", language, **values)

    return Sheet(
        name=say("sheet_gaps"),
        title=f"{plan.title(language)} · {say('sheet_gaps')}",
        about=say("about_gaps"),
        columns=[
            Column(
                title=say(f"column_{key}", year=result.year),
                width=width,
                align=ALIGNED.get(key, "left"),
            )
            for key, width in _COLUMNS
        ],
        rows=rows,
        fixed=2,
    )


class _Places:
    """Know the highest level of the figures, and which township a unit lies in."""

    def __init__(self, result: Result) -> None:
        levels = set(result.indicators["level"])
        self.top = "city" if "city" in levels else "county"
        names = dict(zip(result.townships["code"], result.townships["name"], strict=True))
        self.township = {code: str(name) for code, name in names.items()}
        communities = result.communities
        for code, township in zip(communities["code"], communities["township"], strict=True):
            self.township[code] = str(names.get(township, ""))


def _rows_of(
    row: IndicatorRow, variant: str, table: pd.DataFrame, places: _Places, language: str
) -> list[Row]:
    units = table[table["level"] != places.top]
    rows = [
        _row(row, variant, record, places, language, strong=True)
        for record in table[table["level"] == places.top].to_dict("records")
    ]
    if len(units) > 1:
        rows.append(_sum(row, variant, units, language))
    rows += [
        _row(row, variant, record, places, language, strong=False)
        for record in units.to_dict("records")
    ]
    return rows


def _row(
    row: IndicatorRow,
    variant: str,
    record: Mapping[Hashable, Any],
    places: _Places,
    language: str,
    *,
    strong: bool,
) -> Row:
    code = str(record["unit_code"])
    unknown = texts.say("workbook.not_countable", language)
    remark = texts.say("workbook.too_much", language) if row.direction == "down" else ""
    return Row(
        cells=[
            row.row,
            row.name(language),
            texts.say(f"indicators.variant_{variant}", language),
            texts.say(f"workbook.level_{record['level']}", language),
            places.township.get(code, ""),
            str(record["unit_name"]),
            code,
            float(record["value"]),
            Cell(value=float(record["target"])),
            vocabulary.unit_title(str(record["unit"]), language),
            missing_or(record["numerator"], "—"),
            missing_or(record["denominator"], "—"),
            missing_or(record["shortfall"], unknown),
            vocabulary.unit_title(str(record["counted"]), language),
            remark,
        ],
        look="strong" if strong else "plain",
    )


def _sum(row: IndicatorRow, variant: str, units: pd.DataFrame, language: str) -> Row:
    """Return the units below target together: their number, and the sum of what each lacks."""
    level = texts.say(f"workbook.level_{units['level'].iloc[0]}", language)
    total = float(units["shortfall"].sum(min_count=1))
    return Row(
        cells=[
            row.row,
            row.name(language),
            texts.say(f"indicators.variant_{variant}", language),
            level,
            "",
            texts.say("workbook.units_below", language, count=len(units)),
            *[""] * 6,
            missing_or(total, texts.say("workbook.not_countable", language)),
            vocabulary.unit_title(str(units["counted"].iloc[0]), language),
            texts.say("workbook.sum_of_units", language),
        ],
        look="strong",
    )
