"""Figures entered by hand: which one stands for a row, a unit and a year."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.plans import nearest

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from coverage.indicators.units import Level, Units
    from coverage.layers import IssueLog
    from coverage.plans import IndicatorRow, Plan

_LAYER = "entered"
_DATE = re.compile(r"(\d{4})\D*(\d{1,2})?\D*(\d{1,2})?")
_LAST_DAY = (12, 31)

# headers beside the canonical fields: a day, and the plan and row that a figure is about
_HEADERS = {
    "date": ("日期", "统计日期", "截止日期", "数据日期"),
    "plan": ("规划", "所属规划"),
    "row": ("行号", "规划行号"),
}

Date = tuple[int, int, int]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A figure for a unit: value, date as written, source, and its row in the file."""

    level: Level
    unit: int
    value: float
    date: str
    source: str
    source_row: int


def figures_of(
    row: IndicatorRow, plan: Plan, entered: pd.DataFrame, units: Units, year: int
) -> list[Figure]:
    """Return the figures that stand for a row in a year, one a unit.

    Of several the one of the latest date not after the end of the year is taken, of that date the
    last of the table. A figure without a date stands for every year, after those that have one.

    Parameters
    ----------
    row, plan
        The row and its plan.
    entered
        The layer.
    units
        The units.
    year
        Year evaluated.
    """
    table = _canonical(entered)
    chosen = table[_names_row(table, row, plan) & table["value"].notna()]
    best: dict[tuple[Level, int], tuple[Date, Figure]] = {}
    for record in chosen.to_dict("records"):
        date = _date(record)
        place = _place(record, row, units)
        if date > (year, *_LAST_DAY) or place is None:
            continue
        figure = Figure(
            level=place[0],
            unit=place[1],
            value=float(record["value"]),
            date=_written(record),
            source=_text(record, "source"),
            source_row=int(record["source_row"]),
        )
        if place not in best or date >= best[place][0]:
            best[place] = date, figure
    return [figure for _, figure in best.values()]


def entered_figures(
    plan: Plan, entered: pd.DataFrame | None, units: Units, year: int
) -> pd.DataFrame:
    """List the figures entered by hand that stand for rows of a plan in a year.

    Parameters
    ----------
    plan
        The plan.
    entered
        The layer, None where there is none.
    units
        The units.
    year
        Year evaluated.

    Returns
    -------
    pandas.DataFrame
        row, level, unit_code, value, date as written, source; rows in the plan's order. Whether a
        figure is used is another matter: what layers give goes first.
    """
    rows = [
        (row.row, figure.level, code, figure.value, figure.date, figure.source)
        for row in plan.rows
        for figure in ([] if entered is None else figures_of(row, plan, entered, units, year))
        for code in [units.names(figure.level).index[figure.unit]]
    ]
    return pd.DataFrame(rows, columns=["row", "level", "unit_code", "value", "date", "source"])


def check_entered(
    plan: Plan, entered: pd.DataFrame, units: Units, latest: int, issues: IssueLog
) -> None:
    """Say which figures cannot be used: no such indicator or unit, no value, a date to come.

    Parameters
    ----------
    plan
        The plan.
    entered
        The layer.
    units
        The units.
    latest
        Last year that the project describes.
    issues
        Where findings go.
    """
    names = {word for row in plan.rows for word in (row.indicator, row.name_zh, row.name_en)}
    known = names | plan.indicators.keys()
    known |= {each.zh for each in plan.indicators.values()}
    for record in _canonical(entered).to_dict("records"):
        indicator, at = _text(record, "indicator"), {"layer": _LAYER, "row": record["source_row"]}
        if indicator not in known and not _has(record, "row"):
            near = nearest(indicator, sorted(known))
            issues.add(
                "warning", "entered_unknown", field="indicator", value=indicator, near=near, **at
            )
        if pd.isna(record.get("value")):
            issues.add("warning", "entered_without_value", field="value", value=indicator, **at)
        elif _date(record) > (latest, *_LAST_DAY):
            written = _written(record)
            issues.add("warning", "entered_future", field="year", value=written, year=latest, **at)
        elif not _written(record):
            issues.add("info", "entered_undated", field="year", value=indicator, **at)
        code = _text(record, "unit_code")
        if code and units.find(code) is None:
            issues.add("warning", "entered_unit", field="unit_code", value=code, **at)


def _canonical(entered: pd.DataFrame) -> pd.DataFrame:
    """Return the layer with the columns that figures are found by."""
    frame = pd.DataFrame(entered.drop(columns="geometry", errors="ignore"))
    for name, headers in _HEADERS.items():
        given = next((header for header in headers if header in frame), None)
        if given and name not in frame:
            frame = frame.rename(columns={given: name})
    if "value" not in frame:
        frame = frame.assign(value=np.nan)
    return frame


def _names_row(entered: pd.DataFrame, row: IndicatorRow, plan: Plan) -> pd.Series:
    """Return which figures are about a row: by its number, its name, or its indicator.

    Where rows of one indicator differ in unit, the indicator alone names those in its own unit.
    """
    words = entered.get("indicator", pd.Series("", index=entered.index)).astype(str)
    units = {other.unit for other in plan.rows if other.indicator == row.indicator}
    catalogue = plan.indicators[row.indicator]
    names = {row.name_zh, row.name_en}
    if len(units) == 1 or row.unit == catalogue.unit:
        names |= {row.indicator, catalogue.zh, catalogue.en}
    by_name = words.isin(names)
    if "row" in entered:
        numbers = entered["row"]
        by_name = by_name.where(numbers.isna(), numbers == row.row)
    if "plan" in entered:
        titles = ("", plan.name, plan.title_zh, plan.title_en)
        by_name &= entered["plan"].astype(str).isin(titles)
    return by_name


def _place(
    record: Mapping[Hashable, Any], row: IndicatorRow, units: Units
) -> tuple[Level, int] | None:
    """Return the unit a figure is of: by code, by name, else the whole the row is about."""
    code = _text(record, "unit_code")
    if code:
        return units.find(code)
    levels = units.levels_from("county")
    for word in (_text(record, "name"), _text(record, "county")):
        for level in levels:
            at = np.flatnonzero((units.names(level) == word).to_numpy())
            if word and len(at):
                return level, int(at[0])
    whole = row.level if row.level in levels and len(units.names(row.level)) == 1 else levels[-1]
    return whole, 0


def _date(record: Mapping[Hashable, Any]) -> Date:
    """Return year, month, day; a year or a month is its last day, no date the first of all."""
    found = _DATE.search(_written(record))
    if not found:
        return (0, 0, 0)
    year, month, day = (int(part) if part else None for part in found.groups())
    return year or 0, month or _LAST_DAY[0], day or _LAST_DAY[1]


def _written(record: Mapping[Hashable, Any]) -> str:
    return _text(record, "date") or _text(record, "year")


def _text(record: Mapping[Hashable, Any], key: str) -> str:
    value = record.get(key)
    return "" if value is None or pd.isna(value) else str(value).strip()


def _has(record: Mapping[Hashable, Any], key: str) -> bool:
    return bool(pd.notna(record.get(key)))
