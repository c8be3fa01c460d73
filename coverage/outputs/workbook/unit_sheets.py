"""Townships and communities, their readings side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage import texts, vocabulary
from coverage.indicators import figures_of_the_whole
from coverage.outputs.workbook.book import Cell, Column, Row, Sheet
from coverage.outputs.workbook.plan_sheets import missing_or

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from coverage.plans import IndicatorRow
    from coverage.results import Result

_INPUTS = ("households", "population", "elders60")
# the reading that stands beside the plan's own
_BESIDE: Mapping[str, str] = {"reach": "units", "units": "reach", "pooled": "compliance"}
_BELOW = ("behind", "not_met")
_INPUT_WIDTH, _READING_WIDTH = 10, 11

Reading = tuple[int, str]


def township_sheet(result: Result, language: str) -> Sheet:
    """Return the townships, the whole first.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    return _sheet(result, "township", result.townships, language)


def community_sheet(result: Result, language: str) -> Sheet:
    """Return the communities with the townships they lie in, the whole first.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    return _sheet(result, "community", result.communities, language)


def headline_readings(rows: list[IndicatorRow]) -> list[Reading]:
    """Return row and variant of what stands side by side: a plan's own reading and its counterpart.

    Parameters
    ----------
    rows
        Rows of the plan.
    """
    readings = []
    for row in rows:
        own = row.variants[0]
        beside = _BESIDE.get(own)
        readings += [(row.row, v) for v in (own, beside) if v in row.variants]
    return readings


def _sheet(result: Result, level: str, units: gpd.GeoDataFrame, language: str) -> Sheet:
    def say(key: str, **values: object) -> str:
        return texts.say(f"workbook.{key}", language, **values)

    table = [row for row in result.plan.rows if row.kind == "table"] or list(result.plan.rows)
    figures = result.indicators[result.indicators["level"] == level]
    known = set(zip(figures["row"], figures["variant"], strict=True))
    readings = [reading for reading in headline_readings(table) if reading in known]
    inputs = [name for name in _INPUTS if name in units]
    own = [Column(title=say("column_code"), width=14 if level == "community" else 11)]
    if level == "community":
        own.append(Column(title=say("column_township"), width=13))
    own += [
        Column(title=say(f"column_{level}"), width=14),
        Column(title=say("column_type"), width=7, align="center"),
    ]
    named = {row.row: row for row in table}
    heads = [_input_title(name, language) for name in inputs]
    columns = [
        *own,
        *[Column(title=head, width=_INPUT_WIDTH, align="right") for head in heads],
        *[
            Column(title=_title(named[row], variant, language), width=_READING_WIDTH, align="right")
            for row, variant in readings
        ],
    ]
    rows = [_whole(result, len(own), inputs, readings, language)]
    rows += _unit_rows(result, units, level, inputs, _by_unit(figures, readings), language)
    return Sheet(
        name=say(f"sheet_{level}"),
        title=f"{result.plan.title(language)} · {say(f'sheet_{level}')}",
        about=say("about_units"),
        columns=columns,
        rows=rows,
        fixed=len(own) - 1,
    )


def _input_title(name: str, language: str) -> str:
    field = vocabulary.fields()[name]
    unit = field.unit
    return f"{field.title(language)}\n（{unit}）" if unit and language == "zh" else name


def _title(row: IndicatorRow, variant: str, language: str) -> str:
    reading = texts.say(f"indicators.variant_{variant}", language)
    unit = vocabulary.unit_title(row.goal(variant).unit, language)
    return f"{row.row} {row.name(language)}\n{reading}（{unit}）"


def _by_unit(
    figures: pd.DataFrame, readings: list[Reading]
) -> list[Mapping[str, tuple[float, str]]]:
    """Return value and status by unit code, one mapping a reading."""
    groups = dict(iter(figures.groupby(["row", "variant"], sort=False)))
    return [
        {
            code: (value, status)
            for code, value, status in zip(
                groups[reading]["unit_code"],
                groups[reading]["value"],
                groups[reading]["status"],
                strict=True,
            )
        }
        for reading in readings
    ]


def _whole(
    result: Result, names: int, inputs: list[str], readings: list[Reading], language: str
) -> Row:
    top = figures_of_the_whole(result.indicators).set_index(["row", "variant"])
    nothing = texts.say("indicators.status_no_data", language)
    cells: list[Cell | float | str] = [""] * names
    cells[names - 2] = texts.say("workbook.whole", language)
    for name in inputs:
        units = result.townships if name in result.townships else result.communities
        cells.append(missing_or(float(units[name].sum(min_count=1)), nothing))
    values = top["value"]
    cells += [missing_or(float(values.loc[[reading]].iloc[0]), nothing) for reading in readings]
    return Row(cells=cells, look="strong")


def _unit_rows(
    result: Result,
    units: gpd.GeoDataFrame,
    level: str,
    inputs: list[str],
    readings: list[Mapping[str, tuple[float, str]]],
    language: str,
) -> list[Row]:
    nothing = texts.say("indicators.status_no_data", language)
    townships = dict(zip(result.townships["code"], result.townships["name"], strict=True))
    rows = []
    for unit in pd.DataFrame(units.drop(columns="geometry")).to_dict("records"):
        cells: list[Cell | float | str] = [str(unit["code"])]
        if level == "community":
            cells.append(str(townships.get(unit["township"], "")))
        cells += [str(unit["name"]), str(unit["kind"])]
        cells += [missing_or(float(unit[name]), nothing) for name in inputs]
        for reading in readings:
            value, status = reading.get(unit["code"], (float("nan"), ""))
            shown = missing_or(value, nothing)
            cells.append(Cell(value=shown, status=status) if status in _BELOW else shown)
        rows.append(Row(cells=cells))
    return rows
