"""Parameters and definitions: whoever doubts a figure finds here what it was told to count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage import texts, vocabulary
from coverage.outputs.data_report import layer_title
from coverage.outputs.workbook.book import Column, Row, Sheet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from coverage.plans import IndicatorRow, Plan
    from coverage.results import Result
    from coverage.service import Service

_COLUMNS = (("topic", 14), ("item", 42), ("setting", 74), ("detail", 74))
_PLAIN = (
    "speed_m_s", "direction", "steps", "crossing_delay_s", "elevation", "snap_limit_m",
    "min_island_m", "node_crossings", "buffer_m", "crs",
)  # fmt: skip

_Line = tuple[str, str, str, str]  # topic, item, setting, detail


def parameter_sheet(result: Result, language: str) -> Sheet:
    """Return what the analysis was told, what every row counts, and which files were read.

    Parameters
    ----------
    result
        The result.
    language
        Language of the words.
    """
    lines = [
        *_project(result, language),
        *_services(result, language),
        *_definitions(result.plan, language),
        *_files(result, language),
    ]

    def say(key: str) -> str:
        return texts.say(f"workbook.{key}", language)

    return Sheet(
        name=say("sheet_parameters"),
        title=f"{result.name} · {say('sheet_parameters')}",
        about=say("about_parameters"),
        columns=[Column(title=say(f"column_{key}"), width=width) for key, width in _COLUMNS],
        rows=[Row(cells=[say(f"topic_{line[0]}"), *line[1:]]) for line in lines],
    )


def _project(result: Result, language: str) -> Iterator[_Line]:
    def say(key: str) -> str:
        return texts.say(f"workbook.{key}", language)

    plan = result.plan
    yield "project", say("item_project"), result.name, result.notice
    yield "project", say("item_plan"), plan.title(language), plan.document
    yield "project", say("item_year"), str(result.year), ""
    basis = say(f"basis_{result.population_basis}")
    same = plan.population_basis in ("", result.population_basis)
    yield "project", say("item_basis"), basis, "" if same else say("other_basis")
    for name in _PLAIN:
        value = result.parameters[name]
        yield "analysis", say(f"item_{name}"), _plain(value, language), name


def _plain(value: object, language: str) -> str:
    """Return a parameter as people write it: yes and no in words."""
    if isinstance(value, bool):
        return texts.say(f"workbook.{'yes' if value else 'no'}", language)
    if isinstance(value, int | float):
        return f"{value:g}"
    known = f"workbook.word_{value}"
    return texts.say(known, language) if texts.has(known) else str(value)


def _services(result: Result, language: str) -> Iterator[_Line]:
    for service in result.services:
        yield "service", f"{service.title(language)} {service.name}", *_service(service, language)


def _service(service: Service, language: str) -> tuple[str, str]:
    known = vocabulary.categories()
    fields = vocabulary.fields()
    weight = fields[service.weight].title(language) if service.weight in fields else service.weight
    said = texts.say(
        f"workbook.service_{service.mode}", language, minutes=f"{service.minutes:g}", weight=weight
    )
    titles = (known[name].title(language) for name in service.categories)
    return said, texts.listed(titles, language)


def _definitions(plan: Plan, language: str) -> Iterator[_Line]:
    for row in plan.rows:
        yield (
            "definition",
            f"{row.row} {row.name(language)}\n{row.indicator}",
            row.meaning(language) or "—",
            "\n".join(_settings(row, plan, language)),
        )


def _settings(row: IndicatorRow, plan: Plan, language: str) -> Iterator[str]:
    """Give the family of a row, the readings taken, and every parameter."""
    yield texts.say(f"indicators.family_{row.family}", language)
    choices = plan.indicators[row.indicator].choices
    for name, taken in row.choices.items():
        choice = choices[name]
        key = "reading" if taken == choice.default else "reading_chosen"
        what = choice.zh if language == "zh" else choice.en
        yield texts.say(f"workbook.{key}", language, what=what, name=name, taken=taken)
    for name, value in row.parameters.items():
        yield f"{name} = {_written(value, language)}"


def _written(value: Any, language: str) -> str:  # noqa: ANN401 - whatever a plan holds
    """Write a parameter in a line; categories by the names people know."""
    if isinstance(value, dict):
        parts = ", ".join(f"{k} = {_written(v, language)}" for k, v in value.items())
        return f"{{ {parts} }}"
    if isinstance(value, list | tuple):
        return texts.listed((_written(entry, language) for entry in value), language)
    if isinstance(value, bool):
        return str(value).lower()
    known = vocabulary.categories()
    return known[value].title(language) if value in known else str(value)


def _files(result: Result, language: str) -> Iterator[_Line]:
    record = result.record
    vintages: Mapping[str, int] = record["stands_for_year"]
    for name, source in record["inputs"].items():
        title = layer_title(name, language)
        year = vintages.get(name)
        said = texts.say("workbook.vintage", language, year=year) if year else ""
        yield "file", title, f"{source['path']} {said}".strip(), f"SHA-256 {source['sha256']}"
    for name, count in record["counts"].items():
        if isinstance(count, int):
            yield "count", texts.say(f"workbook.item_{name}", language), f"{count:,}", ""
    for service, share in record["approximate_share"].items():
        if share > 0:
            said = texts.say("workbook.approximate", language, share=f"{share:.1%}")
            yield "count", service, said, ""
    for name, version in record["versions"].items():
        yield "version", name, str(version), ""
