"""Where an indicator's numbers come from, as data: whoever shows them only lays them out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.indicators.entered import Figure
    from coverage.plans import IndicatorRow

PART_COLUMNS = (
    "kind", "code", "name", "community", "township", "numerator", "denominator", "value", "counted",
)  # fmt: skip
BENEATH_COLUMNS = (
    "kind", "code", "name", "category", "part_code", "part_name", "numerator", "denominator",
    "minutes", "facility",
)  # fmt: skip
ASIDE_COLUMNS = ("id", "name", "category", "community", "township", "reason", "sentence", "row")
_HEAD = ("variant", "level", "unit_code")
_ROLE_COLUMNS = (
    "kind", "code", "name", "category", "community", "township", "part_code", "part_name",
    "numerator", "denominator", "value", "minutes", "facility", "reason", "sentence", "source_row",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """One variant of a plan's row for one unit: the number and all that makes it.

    Parameters
    ----------
    figures
        The row of ``indicators.csv``.
    formula
        Numerator over denominator in words.
    calculation
        The same with the values put in; empty where there is no value.
    scale
        What numerator over denominator is multiplied by.
    parts
        What is added up: kind (``community``, ``township``, ``county``, ``facility``, ``entered``
        or a layer), code, name, community and township it lies in, numerator, denominator (missing
        for counts), value, and counted: False where too little is known of it, so that it counts
        in neither. The counted numerators over the counted denominators, times `scale`, are the
        value; of a median, the middle of the numerators.
    beneath
        The rows that the parts rest on, where these are units: facilities that a unit has, each
        with its amount or 1, demand points with people covered, minutes and nearest facility.
    set_aside
        Facilities of the kinds asked for that do not count: id, name, category, community,
        township, reason, sentence, row of the file.
    judgement
        How gap, progress and status follow, a sentence each.
    remark
        What has to be known to read `parts`; usually empty.
    remedy
        What to do where there is no value; empty where there is one.
    entered
        The figure entered by hand that stands here, if one does.
    """

    figures: Mapping[str, Any]
    formula: str
    calculation: str
    scale: float
    parts: pd.DataFrame = field(repr=False)
    beneath: pd.DataFrame = field(repr=False)
    set_aside: pd.DataFrame = field(repr=False)
    judgement: tuple[str, ...]
    remark: str = ""
    remedy: str = ""
    entered: Figure | None = None

    @property
    def variant(self) -> str:
        """Return the variant."""
        return str(self.figures["variant"])

    @property
    def value(self) -> float:
        """Return the value, NaN where there is none."""
        return float(self.figures["value"])

    @property
    def missing(self) -> pd.DataFrame:
        """Return the parts of which too little is known to count them."""
        return self.parts[~self.parts["counted"]]

    def by_role(self) -> tuple[pd.DataFrame, ...]:
        """Return parts, what lies beneath them and what is set aside, each with its role."""
        counted = self.parts["counted"].map({True: "counted", False: "missing"})
        aside = self.set_aside.rename(columns={"id": "code", "row": "source_row"})
        return (
            self.parts.assign(role=counted),
            self.beneath.assign(role="beneath"),
            aside.assign(role="set_aside"),
        )

    @property
    def lacking(self) -> pd.DataFrame:
        """Return the parts that count below and add nothing above: who is not there yet.

        Units that only bring a denominator of their own are none of them.
        """
        counts = self.parts["counted"] & (self.parts["denominator"] > 0)
        nothing = self.parts["numerator"] == 0
        return self.parts[counts & nothing] if not self.remark else self.parts[:0]


@dataclass(frozen=True, kw_only=True, eq=False)
class Difference:
    """Why two variants of a row differ.

    Parameters
    ----------
    first, second
        The variants.
    sentence
        What makes the difference, with how many units each counts alone.
    units
        Units that one counts and the other does not: index unit_code; unit_name, the value of
        either variant under its name, and counted, the variant that counts the unit.
    """

    first: str
    second: str
    sentence: str
    units: pd.DataFrame = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class ExplainedRow:
    """One row of a plan that has the indicator.

    Parameters
    ----------
    row
        The row: baseline, target, source, conflict and the rest.
    parameters
        Columns parameter, value, text (the value in words), default (of the catalogue), origin:
        ``catalogue``, ``plan``, ``target`` (the row's own target), ``project`` or ``caller``.
    choices
        Columns choice, question, value, default, allowed, origin: how each ambiguity is read.
    services
        Columns service, title, mode, minutes, plan_minutes, speed (m/s, of walking), categories,
        weight: those that the row uses, with the plan's own minutes beside those that were used.
    readings
        One a variant and unit.
    differences
        Why variants differ.
    """

    row: IndicatorRow
    parameters: pd.DataFrame = field(repr=False)
    choices: pd.DataFrame = field(repr=False)
    services: pd.DataFrame = field(repr=False)
    readings: tuple[Reading, ...]
    differences: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """Where an indicator's numbers come from.

    Sentences are in the language that was in use when it was made.

    Parameters
    ----------
    project
        Name of the project.
    notice
        What every page must show; may be empty.
    plan, plan_title
        The plan.
    year
        Year analysed.
    population_basis
        ``registered`` or ``resident``.
    indicator, name, meaning
        Identifier, name and definition in words.
    unit_code, unit_name
        Unit asked for, the whole project's where none was.
    rows
        Rows of the plan that have the indicator, in its order.
    files
        What was read for it: layer, path, sha256, stands_for (the year that the layer describes,
        missing where the project has no others).
    """

    project: str
    notice: str
    plan: str
    plan_title: str
    year: int
    population_basis: str
    indicator: str
    name: str
    meaning: str
    unit_code: str
    unit_name: str
    rows: tuple[ExplainedRow, ...]
    files: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """Return all rows of all readings in one table.

        Returns
        -------
        pandas.DataFrame
            plan, row, variant, level, unit_code, then role: ``counted`` or ``missing`` for the
            parts, ``beneath`` for what they rest on, ``set_aside`` for facilities that do not
            count; then the columns of these tables.
        """
        tables = [
            table.assign(
                plan=self.plan,
                row=explained.row.row,
                **{key: reading.figures[key] for key in _HEAD},
            )
            for explained in self.rows
            for reading in explained.readings
            for table in reading.by_role()
        ]
        columns = ["plan", "row", *_HEAD, "role", *_ROLE_COLUMNS]
        filled = [table.reindex(columns=columns) for table in tables if len(table)]
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
