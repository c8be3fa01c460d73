"""Read a plan from a workbook: the indicator table as an office keeps it, one row an indicator.

The first row with a name and a target column is the header; a title may stand above it. Years are
taken from headers such as ``2020年基期值``. Further sheets of the fill-in workbook hold the plan's
head, services and indicators of its own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from coverage import vocabulary
from coverage.errors import PlanError
from coverage.plans.catalogue import known_indicators
from coverage.plans.sheet_tables import is_example, read_tables
from coverage.plans.sheet_words import meant
from coverage.workbooks import WorkbookError, read_apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

# what headers contain, the first that fits
_HEADERS = (
    ("target_year", ("目标年份", "完成年份", "target_year")),
    ("level", ("目标级别", "level")),
    ("kind", ("所在部分", "kind")),
    ("comparator", ("比较符号", "comparator")),
    ("baseline", ("基期", "2020年指标值", "现状值", "baseline")),
    ("target", ("目标", "target")),
    ("attribute", ("属性", "attribute")),
    ("row", ("序号", "行号", "row")),
    ("indicator", ("指标编号", "指标代码", "对应指标", "indicator")),
    ("unit", ("单位", "unit")),
    ("source", ("出处", "source")),
    ("conflict", ("矛盾", "conflict")),
    ("name_zh", ("指标名称", "二级指标", "指标", "name")),
)
_YEAR = re.compile(r"(20\d\d)年")
_UNIT = re.compile(r"^(?P<name>.+?)[（(](?P<unit>[^（）()]{1,8})[）)][；;]?$")
_WHOLE = re.compile(r"(\d{1,9})(?:\.0)?")
_DEEPEST_HEADER = 20


def read_sheet(path: Path) -> dict[str, Any]:
    """Return what a workbook says by the keys of a plan file.

    Parameters
    ----------
    path
        The workbook; its first sheet holds the rows.

    Raises
    ------
    PlanError
        If it is no workbook, or its first sheet has no header or no row.
    """
    sheets = _sheets(path)
    cells = next(iter(sheets.values()), [])
    number, columns = _header(cells, path)
    title = next((str(cell) for row in cells[:number] for cell in row if str(cell).strip()), "")
    content: dict[str, Any] = {"name": path.stem, "title_zh": title or path.stem}
    for column, key in columns.items():
        year = _YEAR.search(str(cells[number][column]))
        if year and key in ("baseline", "target"):
            content["base_year" if key == "baseline" else "target_year"] = int(year[1])
    content |= read_tables(sheets, path)
    own = {entry.get("zh", ""): name for name, entry in content["indicators"].items()}
    rows: list[dict[str, Any]] = []
    for line in cells[number + 1 :]:
        entry = {key: line[column] for column, key in columns.items() if line[column] != ""}
        named = entry.get("name_zh") or entry.get("indicator")
        if named and not is_example(named) and _columns(line) != columns:
            rows.append(_row(entry, len(rows) + 1, own))
    if not rows:
        raise PlanError("plans.empty_sheet", plan=path)
    content["rows"] = rows
    return content


def _sheets(path: Path) -> dict[str, list[list[Any]]]:
    try:
        return {page.name: page.rows for page in read_apart(path)}
    except WorkbookError as error:
        raise PlanError("plans.not_a_workbook", plan=path, detail=error) from error


def _header(cells: Sequence[Sequence[object]], path: Path) -> tuple[int, dict[int, str]]:
    for number, line in enumerate(cells[:_DEEPEST_HEADER]):
        columns = _columns(line)
        if {"name_zh", "target"} <= set(columns.values()):
            return number, columns
    raise PlanError("plans.no_header", plan=path)


def _columns(line: Sequence[object]) -> dict[int, str]:
    """Return the key that each column of a header holds, a key once."""
    found: dict[int, str] = {}
    for column, cell in enumerate(line):
        header = vocabulary.fold(str(cell))
        if _YEAR.fullmatch(header):
            found[column] = "target" if "baseline" in found.values() else "baseline"
            continue
        for key, words in _HEADERS:
            if any(word in header for word in words) and key not in found.values():
                found[column] = key
                break
    return found


def _row(entry: dict[str, Any], place: int, own: Mapping[str, str]) -> dict[str, Any]:
    """Return a row by the keys of a plan file.

    Parameters
    ----------
    entry
        Cells by key.
    place
        Number of the row where it has none.
    own
        Indicators of the plan's own by their name for people.
    """
    row = {key: value.strip() if isinstance(value, str) else value for key, value in entry.items()}
    row |= {key: meant(key, str(row[key])) for key in ("kind", "level", "attribute") if key in row}
    named = _UNIT.match(str(row.get("name_zh", "")))
    if named:
        row["name_zh"] = named["name"]
        row.setdefault("unit", named["unit"])
    for key in ("row", "target_year"):
        whole = _WHOLE.fullmatch(str(row.get(key, "")))
        if whole:
            row[key] = int(whole[1])
    row.setdefault("row", place)
    row["indicator"] = _indicator(str(row.get("indicator") or row["name_zh"]), own)
    return row


def _indicator(name: str, own: Mapping[str, str]) -> str:
    """Return the indicator that bears a name, or the name itself."""
    if name in own:
        return own[name]
    folded = vocabulary.fold(name)
    for indicator in known_indicators().values():
        if folded in (vocabulary.fold(indicator.zh), vocabulary.fold(indicator.en)):
            return indicator.name
    return name
