"""Read a plan: its services and its indicator rows, as data.

A plan is a TOML file; those that come with the package stand in this folder. ``default`` is what
a project without a plan is measured by.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

from coverage import vocabulary
from coverage.errors import PlanError
from coverage.service import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

Family = Literal["presence_rate", "ratio", "network_coverage"]
FAMILIES: tuple[Family, ...] = ("presence_rate", "ratio", "network_coverage")
VARIANTS = (
    "reach",
    "units",
    "units_by_reach",
    "pooled",
    "mean",
    "median",
    "compliance",
    "total",
)
COMPARATORS = ("≥", "≤", "=")
LONGEST_MINUTES = 600  # ten hours


@dataclass(frozen=True, kw_only=True)
class IndicatorRow:
    """One row of a plan: an indicator, how it is computed, and what the plan wants of it.

    Parameters
    ----------
    row
        Number in the plan.
    kind
        ``table``, ``text`` or ``box``: where the plan says it.
    indicator
        Identifier of the indicator.
    name_zh, name_en
        Name for people.
    family
        Computation family that serves it.
    unit
        Unit of the first variant; shares of units or people are always in %.
    variants
        Readings to compute, the plan's own first.
    parameters
        What the family needs: categories, fields, thresholds.
    baseline, target
        In `unit`; None where the plan names none.
    target_year, base_year
        Years of target and baseline.
    comparator
        ``≥``, ``≤`` or ``=``.
    attribute
        Either 约束性 or 预期性, or empty.
    level
        Level at which the target applies: ``city`` or ``county``.
    source
        Where the plan says it.
    conflict
        Contradiction within the plan, in own words.
    """

    row: int
    kind: str
    indicator: str
    name_zh: str
    name_en: str
    family: Family
    unit: str
    variants: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    baseline: float | None = None
    target: float | None = None
    target_year: int | None = None
    base_year: int | None = None
    comparator: str = "≥"
    attribute: str = ""
    level: str = "county"
    source: str = ""
    conflict: str = ""

    def name(self, language: str) -> str:
        """Return the indicator's name in a language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan: its services by name and its indicator rows in order."""

    name: str
    title_zh: str
    title_en: str
    services: Mapping[str, Service]
    rows: tuple[IndicatorRow, ...]
    source: Path | None = None

    def title(self, language: str) -> str:
        """Return the plan's title in a language."""
        return self.title_zh if language == "zh" else self.title_en


def built_in_plans() -> tuple[str, ...]:
    """Return the names of the plans that come with the package."""
    folder = resources.files("coverage.plans")
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def read_plan(name: str, root: Path | None = None) -> Plan:
    """Read a built-in plan by name, or a plan file by path.

    Parameters
    ----------
    name
        Name of a built-in plan, or path of a TOML file.
    root
        Folder that a relative path starts from.

    Raises
    ------
    PlanError
        If there is no such plan or its file cannot be used.
    """
    path: Path | None = None
    if name in built_in_plans():
        text = (resources.files("coverage.plans") / f"{name}.toml").read_text(encoding="utf-8")
    else:
        path = (root or Path()) / name
        if not path.is_file():
            raise PlanError("plans.unknown", plan=name, known="、".join(built_in_plans()))
        text = path.read_text(encoding="utf-8")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise PlanError("plans.not_toml", plan=name, detail=error) from error
    return _plan(content, name, path)


def service_from(name: str, entry: Mapping[str, Any], base: Service | None, where: str) -> Service:
    """Make a service from a table of a plan or a project, on top of a service it overrides.

    Parameters
    ----------
    name
        The service's identifier.
    entry
        Its table.
    base
        Service of the same name that the table overrides, if any.
    where
        File that the table stands in, for error messages.

    Raises
    ------
    PlanError
        If a key, a category or a value is not valid, or a needed key is missing.
    """
    known = [f.name for f in fields(Service) if f.name != "name"]
    for key in entry:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise PlanError(
                "plans.service_key", where=where, service=name, key=key, near=(near or known)[0]
            )
    values: dict[str, Any] = {k: getattr(base, k) for k in known} if base else {}
    values |= dict(entry)
    for key in ("categories", "weight"):
        if not values.get(key):
            raise PlanError("plans.service_lacks", where=where, service=name, key=key)
    values["categories"] = tuple(values["categories"])
    _check_service(name, values, where)
    return Service(name=name, **values)


def _check_service(name: str, values: Mapping[str, Any], where: str) -> None:
    for category in values["categories"]:
        if category not in vocabulary.categories():
            near = get_close_matches(category, vocabulary.categories(), n=1)
            raise PlanError(
                "plans.category",
                where=where,
                service=name,
                category=category,
                near=near[0] if near else "—",
            )
    minutes = values.get("minutes", 15)
    if (
        not isinstance(minutes, int | float)
        or isinstance(minutes, bool)
        or not (0 < minutes <= LONGEST_MINUTES)
    ):
        raise PlanError("plans.minutes", where=where, service=name, value=minutes)
    if values.get("mode", "walk") not in ("walk", "drive"):
        raise PlanError("plans.mode", where=where, service=name, value=values["mode"])


def _plan(content: Mapping[str, Any], name: str, path: Path | None) -> Plan:
    services = {
        key: service_from(key, entry, None, name)
        for key, entry in content.get("services", {}).items()
    }
    if name != "default":
        services = {**read_plan("default").services, **services}
    rows = tuple(_row(entry, name, content) for entry in content.get("rows", []))
    for row in rows:
        service = row.parameters.get("service")
        if service is not None and service not in services:
            raise PlanError("plans.row_service", plan=name, row=row.row, service=service)
    return Plan(
        name=content.get("name", path.stem if path else name),
        title_zh=content.get("title_zh", name),
        title_en=content.get("title_en", name),
        services=MappingProxyType(services),
        rows=rows,
        source=path,
    )


def _row(entry: Mapping[str, Any], plan: str, content: Mapping[str, Any]) -> IndicatorRow:
    known = [f.name for f in fields(IndicatorRow)]
    number = entry.get("row", "?")
    for key in entry:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            raise PlanError(
                "plans.row_key", plan=plan, row=number, key=key, near=(near or known)[0]
            )
    for key in ("row", "kind", "indicator", "name_zh", "family", "unit", "variants"):
        if key not in entry:
            raise PlanError("plans.row_lacks", plan=plan, row=number, key=key)
    for key, allowed in (("family", FAMILIES), ("comparator", COMPARATORS)):
        if entry.get(key, allowed[0]) not in allowed:
            raise PlanError(
                "plans.row_value",
                plan=plan,
                row=number,
                key=key,
                value=entry[key],
                allowed="、".join(allowed),
            )
    for variant in entry["variants"]:
        if variant not in VARIANTS:
            raise PlanError(
                "plans.row_value",
                plan=plan,
                row=number,
                key="variants",
                value=variant,
                allowed="、".join(VARIANTS),
            )
    defaults = {
        key: content[key] for key in ("level", "base_year", "target_year") if key in content
    }
    values = {"name_en": entry["name_zh"], **defaults, **entry}
    values["variants"] = tuple(values["variants"])
    return IndicatorRow(**values)
