"""Read a plan: a TOML file with services, indicators of its own, and rows, or a workbook.

Plans that come with the package stand in this folder. ``default`` is what a project without a plan
is measured by, and its services are those that every plan has.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from coverage import toml
from coverage.errors import PlanError
from coverage.plans.catalogue import (
    Indicator,
    check_indicator,
    indicator_from,
    known_indicators,
    reading,
    service_entries,
)
from coverage.plans.findings import Finding, Findings, nearest
from coverage.plans.parameters import TAKES
from coverage.plans.plan import LEVELS, IndicatorRow, LeftOut, Plan
from coverage.plans.rows import YEARS, Head, make_row
from coverage.plans.services import service_from
from coverage.plans.sheet import read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.service import Service

_NO_PLANS = ("catalogue",)
_HEAD_WORDS: Mapping[str, tuple[str, ...]] = {
    "level": LEVELS,
    "population_basis": ("registered", "resident", ""),
}
DEFAULT_PLAN = "default"  # what a project without a plan is measured by
_HEAD = (
    "name", "title_zh", "title_en", "level", "base_year", "target_year", "population_basis",
    "document", "services", "indicators", "rows", "left_out",
)  # fmt: skip


def built_in_plans() -> tuple[str, ...]:
    """Return the names of the plans that come with the package."""
    folder = resources.files("coverage.plans")
    names = (f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml"))
    return tuple(sorted(name for name in names if name not in _NO_PLANS))


def read_plan(name: str, root: Path | None = None) -> Plan:
    """Read a built-in plan by name, or a plan file by path.

    A row that cannot be used is set aside and told among the plan's findings.

    Parameters
    ----------
    name
        Name of a built-in plan, or path of a TOML file or of a workbook.
    root
        Folder that a relative path starts from.

    Raises
    ------
    PlanError
        If there is no such plan, its file cannot be used, or none of its rows can.
    """
    path: Path | None = None
    if name in built_in_plans():
        text = (resources.files("coverage.plans") / f"{name}.toml").read_text(encoding="utf-8")
    else:
        path = (root or Path()) / name
        if not path.is_file():
            raise PlanError("plans.unknown", plan=name, known=tuple(built_in_plans()))
        if path.suffix.lower() in (".xlsx", ".xls"):
            return _make(read_sheet(path), name, path, {})
        text = _text(path)
    try:
        content = toml.parse(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError("plans.not_toml", plan=name, detail=error) from error
    return _make(content, name, path, {})


def with_choices(plan: Plan, choices: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Return a plan with other readings or parameters of its indicators.

    Parameters
    ----------
    plan
        The plan.
    choices
        By indicator, readings of the catalogue's ambiguities or parameters of the family by name:
        ``{"minor_protection_station_coverage": {"accept_specialist": True, "at_least": 2}}``.

    Raises
    ------
    PlanError
        If an indicator, an ambiguity or a parameter is unknown, or a value cannot be used.
    """
    for indicator, changes in choices.items():
        if indicator not in plan.indicators:
            near = nearest(indicator, plan.indicators)
            raise PlanError("plans.choice_indicator", indicator=indicator, near=near)
        _check_changes(plan.indicators[indicator], changes)
    name = str(plan.source) if plan.source else plan.name
    made = _make(plan.content, name, plan.source, choices)
    before = {finding.row for finding in plan.findings if finding.severity == "error"}
    for finding in made.findings:
        if finding.severity == "error" and finding.row not in before:
            raise PlanError("plans.choice_fault", detail=finding.message())
    return replace(made, name=plan.name)


def _check_changes(indicator: Indicator, changes: Mapping[str, Any]) -> None:
    families = {indicator.family}
    for choice in indicator.choices.values():
        families |= {v["family"] for v in choice.values.values() if "family" in v}
    known = [*indicator.choices, *sorted({p for family in families for p in TAKES[family]})]
    for name, value in changes.items():
        if name not in known:
            near = nearest(name, known) if known else "—"
            raise PlanError("plans.choice_name", indicator=indicator.name, name=name, near=near)
        allowed = indicator.choices[name].values if name in indicator.choices else None
        if allowed is not None and reading(value) not in allowed:
            raise PlanError(
                "plans.choice_value",
                indicator=indicator.name,
                name=name,
                value=reading(value),
                allowed=tuple(allowed),
            )


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PlanError("plans.not_utf8", plan=path) from error


def _make(
    content: Mapping[str, Any],
    name: str,
    path: Path | None,
    choices: Mapping[str, Mapping[str, Any]],
) -> Plan:
    whole = Findings(name)
    _check_head(content, whole)
    indicators = {**known_indicators(), **_own_indicators(content, whole)}
    services = _services(content, name)
    head = Head(
        level=content.get("level", "county"),
        base_year=content.get("base_year"),
        target_year=content.get("target_year"),
        services=services,
        indicators=indicators,
    )
    entries = content.get("rows", [])
    rows, told = _rows(entries, head, choices, name)
    if entries and not rows:
        raise PlanError("plans.no_row", plan=name, detail=told[0].message())
    unused = service_entries().keys() - content.get("services", {}).keys() - _named(rows)
    return Plan(
        name=content.get("name", path.stem if path else name),
        title_zh=content.get("title_zh", name),
        title_en=content.get("title_en", content.get("title_zh", name)),
        services=MappingProxyType({k: s for k, s in services.items() if k not in unused}),
        rows=rows,
        source=path,
        level=head.level,
        document=content.get("document", ""),
        population_basis=content.get("population_basis", ""),
        left_out=_left_out(content.get("left_out", []), whole),
        findings=(*whole.all, *told),
        indicators=MappingProxyType(indicators),
        content=content,
    )


def _check_head(content: Mapping[str, Any], whole: Findings) -> None:
    for key, value in content.items():
        if key not in _HEAD:
            whole.warn("head_key", key, key, near=nearest(key, _HEAD))
        elif key in ("rows", "left_out"):
            if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
                raise PlanError("plans.shape", plan=whole.plan, key=f"[[{key}]]")
        elif key in ("services", "indicators"):
            if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
                raise PlanError("plans.shape", plan=whole.plan, key=f"[{key}.…]")
        elif key in ("base_year", "target_year"):
            if value not in YEARS:
                raise PlanError("plans.head_value", plan=whole.plan, key=key, value=value)
        elif not isinstance(value, str) or value not in _HEAD_WORDS.get(key, (value,)):
            raise PlanError("plans.head_value", plan=whole.plan, key=key, value=value)


def _left_out(entries: Iterable[Mapping[str, Any]], whole: Findings) -> tuple[LeftOut, ...]:
    rows = []
    for entry in entries:
        missing = [key for key in ("row", "reason_zh") if key not in entry]
        if missing:
            whole.error("lacks", f"left_out: {missing[0]}")
            continue
        rows.append(
            LeftOut(
                row=entry["row"],
                kind=entry.get("kind", "text"),
                indicator=entry.get("indicator", ""),
                reason_zh=entry["reason_zh"],
                reason_en=entry.get("reason_en", entry["reason_zh"]),
                source=entry.get("source", ""),
            )
        )
    return tuple(rows)


def _own_indicators(content: Mapping[str, Any], whole: Findings) -> dict[str, Indicator]:
    own = {}
    for name, entry in content.get("indicators", {}).items():
        found = Findings(whole.plan)
        check_indicator(name, entry, found)
        whole.all += found.all
        if not found.failed:
            own[name] = indicator_from(name, entry)
    return own


def _named(rows: Iterable[IndicatorRow]) -> set[str]:
    """Return the services that rows name."""
    named: set[str] = set()
    for row in rows:
        named.update(row.parameters.get("services", []))
        named.add(row.parameters.get("service", ""))
    return named


def _services(content: Mapping[str, Any], where: str) -> dict[str, Service]:
    """Return the services that every plan has, those of the catalogue, and the plan's own."""
    services: dict[str, Service] = {}
    if where != DEFAULT_PLAN:
        services |= read_plan(DEFAULT_PLAN).services
    for table in (service_entries(), content.get("services", {})):
        for name, entry in table.items():
            services[name] = service_from(name, entry, services.get(name), where)
    return services


def _rows(
    entries: Iterable[Mapping[str, Any]],
    head: Head,
    choices: Mapping[str, Mapping[str, Any]],
    plan: str,
) -> tuple[tuple[IndicatorRow, ...], list[Finding]]:
    rows: dict[int, IndicatorRow] = {}
    seen: dict[str, int] = {}
    told: list[Finding] = []
    for place, entry in enumerate(entries, start=1):
        found = Findings(plan, str(entry.get("row", f"#{place}")))
        row = make_row(entry, head, choices.get(str(entry.get("indicator")), {}), found)
        if row and row.row in rows:
            found.error("duplicate_row", "row", row.row)
        elif row:
            _compare(row, seen, found)
            rows[row.row] = row
        told += found.all
    for row in rows.values():
        if row.repeats is not None and row.repeats not in rows:
            found = Findings(plan, str(row.row))
            found.warn("repeats", "repeats", row.repeats)
            told += found.all
    return tuple(rows.values()), told


def _compare(row: IndicatorRow, seen: dict[str, int], found: Findings) -> None:
    """Warn of a row that says the same as an earlier one without naming it."""
    if row.repeats is not None or row.statement:
        return
    told = [row.indicator, row.kind, row.name_zh, row.unit, row.level, row.target, row.parameters]
    key = json.dumps(told, ensure_ascii=False, sort_keys=True, default=str)
    if key in seen:
        found.warn("same_row", "row", row.row, other=seen[key])
    seen.setdefault(key, row.row)
