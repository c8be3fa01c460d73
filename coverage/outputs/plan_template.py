"""Write the fill-in workbook of a plan: rows, the plan itself, services and indicators of its own.

Headers and words are those that `coverage.plans` reads back; the catalogue stands beside them.
"""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from coverage import texts
from coverage.errors import OutputError
from coverage.outputs.folder import replace_file
from coverage.plans import known_indicators
from coverage.plans.sheet_words import Table, columns_of, words_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

PLAN_TEMPLATE = "plan.xlsx"

_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes every time
_ROWS = 500  # that drop-downs reach
_DARK, _LIGHT, _GREY = "#2F5F8A", "#DDE7F0", "#8C8C8C"
_COMPARATORS = ("≥", "≤", "=", ">", "<", "≈")
_TABLES: tuple[Table, ...] = ("rows", "services", "indicators")
_REQUIRED = {
    "rows": ("name_zh", "target"),
    "services": ("name", "categories", "weight", "minutes"),
    "indicators": ("name", "zh", "family", "unit"),
}
_WIDTHS = {
    "name_zh": 40, "indicator": 40, "zh": 30, "title_zh": 30, "categories": 30, "family": 34,
    "meaning_zh": 44, "source": 28, "conflict": 28, "more": 40, "name": 20,
}  # fmt: skip
_EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "rows": {
        "row": 1, "name_zh": "养老机构护理型床位占比", "unit": "%", "baseline": 30, "target": "≥55",
        "source": "第二章第三节 专栏1 第1行",
    },
    "services": {"name": "library", "title_zh": "社区书屋", "minutes": 15},
    "indicators": {
        "name": "library_coverage", "zh": "社区书屋覆盖率", "unit": "%",
        "meaning_zh": "有书屋的社区（村）÷ 全部社区（村）。", "at_least": 1,
    },
}  # fmt: skip


def write_plan_template(folder: Path, *, language: str = "zh") -> Path:
    """Write the fill-in workbook of a plan, the same bytes every time.

    Parameters
    ----------
    folder
        Made where it does not exist.
    language
        Language of headers and explanations.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If a file of that name holds something else: a workbook filled in is never overwritten.
    """
    file, content = folder / PLAN_TEMPLATE, plan_template(language)
    if file.exists() and file.read_bytes() != content:
        raise OutputError("outputs.template_exists", path=folder, names=PLAN_TEMPLATE)
    replace_file(file, content)
    return file


def plan_template(language: str) -> bytes:
    """Return the fill-in workbook of a plan.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"title": PLAN_TEMPLATE, "created": _CREATED})
    names = ("rows", "plan", "services", "indicators", "catalogue", "help", "choices")
    # all sheets first: the drop-downs of the first refer to the last
    sheets = {
        name: book.add_worksheet(texts.say(f"plan_sheet.sheet_{name}", language)) for name in names
    }
    ranges = _write_choices(book, sheets["choices"], language)
    for table in _TABLES:
        _write_table(book, sheets[table], table, ranges, language)
    _write_head(book, sheets["plan"], ranges, language)
    _write_catalogue(book, sheets["catalogue"], language)
    _write_help(book, sheets["help"], language)
    book.close()
    return buffer.getvalue()


def _choices(language: str) -> dict[str, Sequence[str]]:
    """Return the words to choose from, by the key of the column."""
    kinds = ("kind", "attribute", "level", "population_basis", "mode", "weight", "family", "units",
             "categories", "numerator", "denominator")  # fmt: skip
    catalogue = known_indicators().values()
    return {
        **{kind: words_of(kind, language) for kind in kinds},
        "comparator": _COMPARATORS,
        "unit": tuple(dict.fromkeys(each.unit for each in catalogue)),
        "indicator": [each.zh if language == "zh" else each.en for each in catalogue],
    }


def _write_choices(book: Workbook, sheet: Worksheet, language: str) -> dict[str, str]:
    """Write each list of words into a column and return where it stands, by key."""
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415 - start-up stays light

    bold = book.add_format({"bold": True, "bg_color": _LIGHT})
    ranges = {}
    for number, (key, words) in enumerate(_choices(language).items()):
        sheet.write_string(0, number, key, bold)
        sheet.write_column(1, number, words)
        sheet.set_column(number, number, 24)
        letter = xl_col_to_name(number)
        ranges[key] = f"='{sheet.get_name()}'!${letter}$2:${letter}${len(words) + 1}"
    return ranges


def _write_table(
    book: Workbook, sheet: Worksheet, table: Table, ranges: Mapping[str, str], language: str
) -> None:
    """Write headers with their explanations, an example row and drop-downs."""
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    must = book.add_format({**head, "bg_color": _DARK, "font_color": "#FFFFFF"})
    may = book.add_format({**head, "bg_color": _LIGHT})
    grey = book.add_format({"font_color": _GREY, "italic": True})
    example = _example(table, language)
    for number, key in enumerate(columns_of(table)):
        sheet.set_column(number, number, _WIDTHS.get(key, 13))
        title = texts.say(f"plan_sheet.{table}.{key}", language)
        sheet.write_string(0, number, title, must if key in _REQUIRED[table] else may)
        note = texts.say(f"plan_sheet.help.{table}.{key}", language)
        sheet.write_comment(0, number, note, {"author": "", "x_scale": 2})
        if key in example:
            sheet.write(1, number, example[key], grey)
        if key in ranges:
            sheet.data_validation(1, number, _ROWS, number, _rule(ranges[key], language))
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 0)


def _rule(source: str, language: str) -> dict[str, Any]:
    # a word of one's own is allowed: units and several categories are written by hand
    title = texts.say("templates.choose_title", language)
    return {"validate": "list", "source": source, "error_type": "warning", "error_title": title}


def _example(table: Table, language: str) -> dict[str, Any]:
    """Return the example row; the cell that is read first says that it is one."""
    chosen: dict[str, Any] = dict(_EXAMPLES[table])
    listed = {"rows": ("attribute",), "services": ("categories", "weight", "mode")}.get(
        table, ("family", "units", "categories")
    )
    chosen |= {key: words_of(key, language)[0] for key in listed}
    first = "name_zh" if table == "rows" else "name"
    chosen[first] = texts.say("templates.example", language, value=chosen[first])
    return chosen


def _write_head(book: Workbook, sheet: Worksheet, ranges: Mapping[str, str], language: str) -> None:
    bold = book.add_format({"bold": True, "bg_color": _LIGHT, "border": 1})
    box = book.add_format({"border": 1, "align": "left"})
    wrap = book.add_format({"text_wrap": True, "font_color": _GREY})
    for number, (width, key) in enumerate(((18, "fact"), (46, "value"), (60, "meaning"))):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, texts.say(f"plan_sheet.{key}", language), bold)
    for row, key in enumerate(columns_of("plan"), start=1):
        sheet.write_string(row, 0, texts.say(f"plan_sheet.plan.{key}", language), bold)
        sheet.write_blank(row, 1, None, box)
        sheet.write_string(row, 2, texts.say(f"plan_sheet.help.plan.{key}", language), wrap)
        if key in ranges:
            sheet.data_validation(row, 1, row, 1, _rule(ranges[key], language))


def _write_catalogue(book: Workbook, sheet: Worksheet, language: str) -> None:
    """List what can be computed without a definition of one's own."""
    bold = book.add_format({"bold": True, "bg_color": _LIGHT, "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    heads = (
        ("name_column", 40),
        ("id_column", 40),
        ("rows.unit", 12),
        ("of_family", 36),
        ("meaning", 90),
    )
    for number, (key, width) in enumerate(heads):
        sheet.set_column(number, number, width)
        sheet.write_string(0, number, texts.say(f"plan_sheet.{key}", language), bold)
    known = known_indicators().values()
    for row, each in enumerate(known, start=1):
        name, meaning = (
            (each.zh, each.meaning_zh) if language == "zh" else (each.en, each.meaning_en)
        )
        family = texts.say(f"indicators.family_{each.family}", language)
        for number, cell in enumerate((name, each.name, each.unit, family, meaning)):
            sheet.write_string(row, number, cell, wrap)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(known), len(heads) - 1)


def _write_help(book: Workbook, sheet: Worksheet, language: str) -> None:
    title = book.add_format({"bold": True, "font_size": 14})
    bold = book.add_format({"bold": True, "bg_color": _LIGHT, "border": 1})
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, texts.say("plan_sheet.title", language), title)
    for row in range(1, 5):
        rule = texts.say(f"plan_sheet.rule_{row}", language)
        sheet.merge_range(row, 0, row, 2, rule, wrap)
        sheet.set_row(row, 48)
    for number, (key, width) in enumerate((("sheet", 16), ("header", 18), ("meaning", 96))):
        sheet.set_column(number, number, width)
        sheet.write_string(6, number, texts.say(f"plan_sheet.{key}", language), bold)
    row = 7
    for table in ("rows", "plan", "services", "indicators"):
        for key in columns_of(table):
            cells = (f"sheet_{table}", f"{table}.{key}", f"help.{table}.{key}")
            for number, cell in enumerate(cells):
                sheet.write_string(row, number, texts.say(f"plan_sheet.{cell}", language), wrap)
            row += 1
