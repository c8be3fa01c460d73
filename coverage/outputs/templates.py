"""Write fill-in workbooks: one a layer, with explanations, drop-downs and an example row.

Fields, kinds, headers and categories are those of the vocabulary; what else the workbooks show
stands in ``templates.toml`` beside this file.
"""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from coverage import texts, vocabulary
from coverage.errors import OutputError
from coverage.outputs.folder import replace_file
from coverage.plans import built_in_plans, read_plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

_CREATED = datetime(2024, 1, 1, tzinfo=UTC).replace(tzinfo=None)  # the same bytes every time
_ROWS = 10_000  # that drop-downs and number formats reach
_YEARS = (1900, 2100)
_SHAPES = ("buildings", "elevation", "water", "barriers", "exclusions", "network")
_SIGNED = ("lon", "lat", "value")
_DARK, _LIGHT, _GREY = "#2F5F8A", "#DDE7F0", "#8C8C8C"
_README = "README.txt"


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column to be filled in.

    Parameters
    ----------
    field
        Canonical field, with its kind.
    header
        What stands in the first row; it reads back as the field.
    required
        Whether the layer is of no use without it.
    unit
        What the number counts, empty where it is none.
    choices
        Words to choose from, empty where anything may stand.
    example
        What stands in the example row, None where nothing does.
    """

    field: vocabulary.Field
    header: str
    required: bool
    unit: str
    choices: tuple[str, ...]
    example: str | float | None


def template_layers() -> tuple[str, ...]:
    """Return the layers that have a fill-in workbook."""
    return tuple(_data()["layers"])


def write_templates(folder: Path, *, language: str = "zh") -> list[Path]:
    """Write a fill-in workbook a layer, the same bytes every time, and a note on the other layers.

    Parameters
    ----------
    folder
        Made where it does not exist.
    language
        Language of headers and explanations.

    Returns
    -------
    list
        The files.

    Raises
    ------
    OutputError
        If a file of that name holds something else: a workbook filled in is never overwritten.
    """
    contents = {f"{layer}.xlsx": template(layer, language) for layer in template_layers()}
    notes = [texts.say("templates.readme", language)]
    notes += [f"- {texts.say(f'templates.shape.{name}', language)}" for name in _SHAPES]
    contents[_README] = ("\r\n".join(notes) + "\r\n").encode("utf-8-sig")
    taken = [
        name
        for name, content in contents.items()
        if (folder / name).exists() and (folder / name).read_bytes() != content
    ]
    if taken:
        raise OutputError("outputs.template_exists", path=folder, names=tuple(taken))
    for name, content in contents.items():
        replace_file(folder / name, content)
    return [folder / name for name in contents]


def template(layer: str, language: str) -> bytes:
    """Return the fill-in workbook of a layer.

    Parameters
    ----------
    layer
        One of `template_layers`.
    language
        ``zh`` or ``en``.
    """
    import xlsxwriter  # noqa: PLC0415 - start-up stays light

    columns = tuple(_columns(layer, language))
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": f"{layer}.xlsx", "created": _CREATED})
    # all sheets first: the drop-downs of the first refer to the last
    data, explained, chosen = (
        book.add_worksheet(texts.say(f"templates.sheet_{name}", language))
        for name in ("data", "help", "choices")
    )
    ranges = _write_choices(book, chosen, columns)
    _write_data(book, data, columns, layer, ranges, language)
    _write_help(book, explained, columns, layer, language)
    book.close()
    return buffer.getvalue()


@cache
def _data() -> dict[str, Any]:
    source = resources.files("coverage.outputs") / "templates.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def _columns(layer: str, language: str) -> Iterator[Column]:
    entry = _data()["layers"][layer]
    known = vocabulary.fields()
    meanings = vocabulary.headers(layer)
    # a header that means another field in this layer cannot be asked for
    rest = [
        name
        for name, field in known.items()
        if meanings.get(vocabulary.fold(field.title(language)), ("",))[0] == name
    ]
    for name in dict.fromkeys([*entry["first"], *rest]):
        unit = known[name].unit
        header = known[name].title(language)
        yield Column(
            field=known[name],
            header=f"{header}（{unit}）" if unit and language == "zh" else header,
            required=name in entry["required"],
            unit=unit,
            choices=_choices(known[name], layer, language),
            example=entry["example"].get(name),
        )


def _choices(field: vocabulary.Field, layer: str, language: str) -> tuple[str, ...]:
    if field.name == "category":
        return tuple(category.title(language) for category in vocabulary.categories().values())
    if field.kind == "flag":
        return ("是", "否") if language == "zh" else ("yes", "no")
    listed = _data()["choices"]
    words = listed.get(f"{layer}.{field.name}") or listed.get(field.name) or ()
    if field.name == "status" and language != "zh":
        return tuple(vocabulary.status_of(word) or word for word in words)
    return tuple(words)


def _write_choices(book: Workbook, sheet: Worksheet, columns: Sequence[Column]) -> dict[str, str]:
    """Write each list of words into a column and return where it stands, by header."""
    bold = book.add_format({"bold": True, "bg_color": _LIGHT})
    ranges = {}
    for number, column in enumerate(column for column in columns if column.choices):
        sheet.write_string(0, number, column.header, bold)
        sheet.write_column(1, number, column.choices)
        sheet.set_column(number, number, 24)
        letter = _letter(number)
        last = len(column.choices) + 1
        ranges[column.header] = f"='{sheet.get_name()}'!${letter}$2:${letter}${last}"
    return ranges


def _letter(number: int) -> str:
    from xlsxwriter.utility import xl_col_to_name  # noqa: PLC0415 - start-up stays light

    return str(xl_col_to_name(number))


def _write_data(
    book: Workbook,
    sheet: Worksheet,
    columns: Sequence[Column],
    layer: str,
    ranges: dict[str, str],
    language: str,
) -> None:
    head = {"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}
    must = book.add_format({**head, "bg_color": _DARK, "font_color": "#FFFFFF"})
    may = book.add_format({**head, "bg_color": _LIGHT})
    as_text = book.add_format({"num_format": "@"})
    grey = book.add_format({"font_color": _GREY, "italic": True})
    for number, column in enumerate(columns):
        textual = column.field.kind in ("code", "text", "set")
        sheet.set_column(number, number, 14 if number else 26, as_text if textual else None)
        sheet.write_string(0, number, column.header, must if column.required else may)
        note = f"{_meaning(column, layer, language)}\n[{column.field.name}]"
        sheet.write_comment(0, number, note, {"author": "", "x_scale": 2})
        if column.example is not None:
            value = column.example
            marked = value if number else texts.say("templates.example", language, value=value)
            sheet.write(1, number, marked, grey)
        rule = _rule(column, ranges, language)
        if rule:
            sheet.data_validation(1, number, _ROWS, number, rule)
    sheet.set_row(0, 34)
    sheet.freeze_panes(1, 1)


def _rule(column: Column, ranges: dict[str, str], language: str) -> dict[str, Any] | None:
    """Return what may stand in a column, as the spreadsheet checks it."""
    if column.header in ranges:
        # a word of one's own is allowed: ledgers know more than lists
        title = texts.say("templates.choose_title", language)
        return {
            "validate": "list",
            "source": ranges[column.header],
            "error_type": "warning",
            "error_title": title,
        }
    if column.field.kind == "year":
        return {
            "validate": "integer",
            "criteria": "between",
            "minimum": _YEARS[0],
            "maximum": _YEARS[1],
            "error_title": texts.say("templates.year_title", language),
            "error_message": texts.say("templates.year_error", language),
        }
    if column.field.kind != "number":
        return None
    least = -180 if column.field.name in _SIGNED[:2] else 0
    if column.field.name == "value":
        least = -(10**12)
    return {
        "validate": "decimal",
        "criteria": ">=",
        "value": least,
        "error_title": texts.say("templates.number_title", language),
        "error_message": texts.say("templates.number_error", language, least=least),
    }


def _write_help(
    book: Workbook, sheet: Worksheet, columns: Sequence[Column], layer: str, language: str
) -> None:
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    bold = book.add_format({"bold": True, "bg_color": _LIGHT, "border": 1, "valign": "top"})
    title = book.add_format({"bold": True, "font_size": 14})
    file = f"{layer}.xlsx"
    about = texts.say(f"templates.layer.{layer}", language)
    sheet.write_string(0, 0, texts.say("templates.title", language, layer=layer, file=file), title)
    lines = (
        about,
        texts.say("templates.rules", language),
        texts.say("templates.use", language, layer=layer, file=file),
    )
    for number, line in enumerate(lines, start=1):
        sheet.merge_range(number, 0, number, 7, line, wrap)
        sheet.set_row(number, 48)
    names = (
        "header",
        "field",
        "required",
        "meaning",
        "unit",
        "choices",
        "sample",
        "indicators",
    )
    top = len(lines) + 2
    for number, (name, width) in enumerate(
        zip(names, (22, 20, 10, 52, 10, 30, 24, 44), strict=True)
    ):
        sheet.set_column(number, number, width)
        sheet.write_string(top, number, texts.say(f"templates.{name}", language), bold)
    used = _used_by(language)
    for row, column in enumerate(columns, start=top + 1):
        cells = (
            column.header,
            column.field.name,
            texts.say(f"templates.is_{'required' if column.required else 'optional'}", language),
            _meaning(column, layer, language),
            column.unit,
            _shortened(column.choices),
            "" if column.example is None else str(column.example),
            "；".join(used.get(column.field.name, ())),
        )
        for number, cell in enumerate(cells):
            sheet.write_string(row, number, cell, wrap)
    sheet.freeze_panes(top + 1, 1)


def _shortened(choices: tuple[str, ...]) -> str:
    return "、".join(choices[:6]) + ("…" if len(choices) > 6 else "")  # noqa: PLR2004 - a line's worth


def _meaning(column: Column, layer: str, language: str) -> str:
    own = f"{layer}.{column.field.name}"
    key = own if own in texts.keys("templates") else f"field.{column.field.name}"
    return texts.say(f"templates.{key}", language)


def _used_by(language: str) -> dict[str, list[str]]:
    """Return the names of the indicators of all built-in plans that read a field, by field."""
    used: dict[str, list[str]] = {}
    for plan in map(read_plan, built_in_plans()):
        for row in plan.rows:
            service = plan.services.get(str(row.parameters.get("service")))
            named = {str(value) for value in row.parameters.values()}
            named |= {service.weight, "category"} if service else set()
            for field in sorted(named & set(vocabulary.fields())):
                names = used.setdefault(field, [])
                if row.name(language) not in names:
                    names.append(row.name(language))
    return used
