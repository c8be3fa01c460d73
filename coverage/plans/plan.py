"""A plan and its rows, as everything after the reader sees them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.plans.catalogue import Indicator
    from coverage.plans.findings import Finding
    from coverage.plans.parameters import Family
    from coverage.service import Service

KINDS = ("table", "text", "box")
BINDING = "约束性"
ATTRIBUTES = (BINDING, "预期性")
LEVELS = ("city", "county", "township", "community")

_SHARES = ("reach", "units", "units_by_reach", "compliance")  # variants, always in %
_SHARE_FAMILIES = (
    "presence_rate", "quota", "network_coverage", "attribute_share", "flag_share", "proximity",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Goal:
    """What a plan wants of one variant of a row, in the variant's unit."""

    unit: str
    baseline: float | None
    target: float | None
    comparator: str


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
        Unit of the plan's figures; shares of units or people are always in %.
    variants
        Readings to compute, the plan's own or the headline first.
    parameters
        What the family needs: categories, fields, conditions, thresholds.
    baseline, target
        In `unit`; None where the plan names none.
    baseline_text, target_text
        What the plan writes where a number does not say it all.
    target_year, base_year
        Years of target and baseline.
    comparator
        ``≥ ≤ = > < ≈``; ``=`` where the plan names a target without a sign.
    attribute
        Either 约束性 or 预期性, or empty.
    level
        Level at which the target applies: ``city`` or ``county``.
    source
        Where the plan says it: chapter, section, box, row.
    conflict
        Contradiction within the plan, in own words.
    method
        ``layers``, ``ledger`` or ``entered``.
    direction
        ``up`` where more is better, ``down`` where less is.
    meaning_zh, meaning_en
        The definition in words, numerator over denominator.
    choices
        Name of the reading taken, by ambiguity of the catalogue.
    repeats
        Row of the plan that this one repeats.
    statement
        Whether the plan only says where things stood.
    yearly
        Whether the target holds for each year.
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
    baseline_text: str = ""
    target_text: str = ""
    target_year: int | None = None
    base_year: int | None = None
    comparator: str = "≥"
    attribute: str = ""
    level: str = "county"
    source: str = ""
    conflict: str = ""
    method: str = "layers"
    direction: str = "up"
    meaning_zh: str = ""
    meaning_en: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    repeats: int | None = None
    statement: bool = False
    yearly: bool = False

    def name(self, language: str) -> str:
        """Return the indicator's name in a language."""
        return self.name_zh if language == "zh" else self.name_en

    def meaning(self, language: str) -> str:
        """Return the definition in words in a language."""
        return self.meaning_zh if language == "zh" else self.meaning_en

    def goal(self, variant: str) -> Goal:
        """Return baseline and target of a variant, in its unit.

        The plan's figures belong to the variants in the plan's unit. Where the plan asks for a
        number in each unit (``个/县``) or a size of each estate, all must pass: 100 % of the
        variants that say how many do.
        """
        unit = "%" if variant in _SHARES or self.family in _SHARE_FAMILIES else self.unit
        if unit == self.unit:
            return Goal(
                unit=unit, baseline=self.baseline, target=self.target, comparator=self.comparator
            )
        each = self.family in ("quota", "flag_share") and self.target is not None
        return Goal(unit=unit, baseline=None, target=100.0 if each else None, comparator="≥")


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A row of the plan that asks for nothing a figure could be held against, and why."""

    row: int
    kind: str
    indicator: str
    reason_zh: str
    reason_en: str
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A plan: its services by name and its indicator rows in order.

    Parameters
    ----------
    name
        Identifier.
    title_zh, title_en
        What people call it.
    services
        Services by name: those every plan has, those its rows need, and its own.
    rows
        Rows that can be used.
    source
        File of a user's plan, None for those that come with the package.
    level
        ``city`` or ``county``: whose plan it is.
    document
        Number and date of the official document.
    population_basis
        Population that the plan's own figures rest on, ``registered`` or ``resident``; empty where
        it cannot be told.
    left_out
        Rows of the plan that are no requirement.
    findings
        What is odd: rows set aside, and warnings about the others.
    indicators
        Definitions of all indicators it may use: the catalogue's and its own.
    content
        What the file says, from which the plan is made anew when a reading is chosen.
    chosen
        By indicator, readings and parameters chosen outside the plan, and by whom: ``project`` or
        ``caller``, a command or whoever opened the project.
    """

    name: str
    title_zh: str
    title_en: str
    services: Mapping[str, Service]
    rows: tuple[IndicatorRow, ...]
    source: Path | None = None
    level: str = "county"
    document: str = ""
    population_basis: str = ""
    left_out: tuple[LeftOut, ...] = ()
    findings: tuple[Finding, ...] = ()
    indicators: Mapping[str, Indicator] = field(default_factory=dict, repr=False)
    content: Mapping[str, Any] = field(default_factory=dict, repr=False)
    chosen: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def title(self, language: str) -> str:
        """Return the plan's title in a language."""
        return self.title_zh if language == "zh" else self.title_en
