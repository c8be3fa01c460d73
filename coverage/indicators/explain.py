"""Explain where an indicator's numbers come from: the very parts that were summed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts
from coverage.indicators.aside import facilities_aside
from coverage.indicators.differences import differing_units
from coverage.indicators.divisions import divided_inputs
from coverage.indicators.errors import NotComputableError
from coverage.indicators.evaluate import aim_at, figures_for, measure_of
from coverage.indicators.explanation import (
    ASIDE_COLUMNS,
    BENEATH_COLUMNS,
    PART_COLUMNS,
    Difference,
    ExplainedRow,
    Explanation,
    Reading,
)
from coverage.indicators.judgement import judgement
from coverage.indicators.lookup import place_of, rows_of_plan
from coverage.indicators.part_tables import beneath_table, part_table
from coverage.indicators.settings import choice_table, parameter_table, service_table
from coverage.indicators.units import LAYER_LEVELS, LEVELS
from coverage.indicators.wording import calculation, entered_value, formula
from coverage.plans import fields_used

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.indicators.entered import Figure
    from coverage.indicators.measure import Measure
    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow
    from coverage.results import Result

    Place = tuple[Level, int]

# pairs of variants whose difference lies in units
_PAIRS = (("reach", "units"), ("units", "units_by_reach"), ("pooled", "compliance"))
_GROUND = ("network", "demand", "buildings", "elevation", "water", "barriers")


def explain(result: Result, indicator: str, unit: str | None = None) -> Explanation:
    """Explain an indicator.

    Parameters
    ----------
    result
        The analysis that its numbers are of.
    indicator
        Identifier, name in Chinese or English, or where the plan has it: ``table:6``.
    unit
        Code or name of a county, township or community; by default the whole project.

    Raises
    ------
    ProjectError
        If the plan has no such indicator or the project no such unit; the sentence names the
        nearest known.
    """
    rows = rows_of_plan(result.plan, indicator)
    place = None if unit is None else place_of(unit, result.inputs.units)
    first, language = rows[0], texts.language()
    catalogue = result.plan.indicators[first.indicator]
    own_name = catalogue.zh if language == "zh" else catalogue.en
    code, name = _unit_label(place, result)
    return Explanation(
        project=result.name,
        notice=result.notice,
        plan=result.plan.name,
        plan_title=result.plan.title(language),
        year=result.year,
        population_basis=result.population_basis,
        indicator=first.indicator,
        name=first.name(language) if len(rows) == 1 else own_name,
        meaning=first.meaning(language),
        unit_code=code,
        unit_name=name,
        rows=tuple(_explained(row, result, place) for row in rows),
        files=_files(rows, result),
    )


def _unit_label(place: Place | None, result: Result) -> tuple[str, str]:
    if place is None:
        return "", result.name
    names = result.inputs.units.names(place[0])
    return str(names.index[place[1]]), str(names.iloc[place[1]])


def _explained(row: IndicatorRow, result: Result, place: Place | None) -> ExplainedRow:
    table = result.indicators
    own = table[table["row"] == row.row]
    return ExplainedRow(
        row=row,
        parameters=parameter_table(result.plan, row),
        choices=choice_table(result.plan, row),
        services=service_table(result.plan, row, result.inputs),
        readings=tuple(
            _reading(row, figures, result)
            for variant in row.variants
            for figures in _shown(own[own["variant"] == variant], place, result.inputs.units)
        ),
        differences=tuple(_differences(row, own, place, result.inputs.units)),
    )


def _shown(table: pd.DataFrame, place: Place | None, units: Units) -> list[dict[str, Any]]:
    """Return the figures of a variant that are asked for: of the unit, else of the widest level.

    Of a unit below the level that the variant is counted at there is no figure; what is not
    computable is so everywhere.
    """
    first = table.iloc[0]
    if place is None or first["method"] == "not_computable":
        return _records(table[table["level"] == first["level"]])
    level, at = place
    names = units.names(level)
    code, name = str(names.index[at]), str(names.iloc[at])
    own = table[(table["level"] == level) & (table["unit_code"] == code)]
    if len(own):
        return _records(own)
    lowest = min(table["level"], key=LEVELS.index)
    key = "no_figure" if first["method"] == "entered" else "no_level"
    blank = _records(table.head(1))[0] | {"level": level, "unit_code": code, "unit_name": name}
    blank |= dict.fromkeys(("value", "numerator", "denominator", "gap", "progress"), np.nan)
    blank |= dict.fromkeys(("units_total", "units_missing"), pd.NA)
    reason = texts.say(f"explain.{key}", level=texts.say(f"explain.kind_{lowest}"))
    return [{**blank, "status": "no_data", "note": "", "reason": reason}]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


def _reading(row: IndicatorRow, figures: dict[str, Any], result: Result) -> Reading:
    inputs, _ = divided_inputs(row, result.inputs, result.year)
    variant = str(figures["variant"])
    words = formula(row, variant, inputs)
    if figures["method"] == "entered" or row.family == "entered":
        return _entered(row, figures, words, result)
    try:
        measure = measure_of(row, variant, inputs)
    except NotComputableError as missing:
        remedy = texts.say(f"explain.remedy_{missing.reason}")
        return _without_parts(figures, words, remedy=remedy)
    is_rate = measure.parts.denominator is not None
    level: Level = figures["level"]
    codes = inputs.units.names(level).index
    place = level, int(codes.get_indexer(pd.Index([figures["unit_code"]]))[0])
    aim = aim_at(row, variant, level, inputs.units, is_rate=is_rate)
    return Reading(
        figures=figures,
        formula=words,
        calculation=calculation(figures, measure),
        scale=measure.scale,
        parts=part_table(measure, place, inputs.units),
        beneath=beneath_table(measure, place, row, inputs),
        set_aside=_inside(
            facilities_aside(row, variant, inputs, result.facilities["status"]), place, inputs.units
        ),
        judgement=judgement(figures, aim, result.year),
        remark=_remark(measure, level),
        remedy=texts.say("explain.remedy_no_data") if pd.isna(figures["value"]) else "",
    )


def _remark(measure: Measure, level: Level) -> str:
    """Say why units stand below without numerators: a township's own number goes before sums."""
    parts = measure.summed(level)
    own = "township" in parts.kinds and parts is not measure.parts
    return texts.say("explain.own_numbers") if own else ""


def _without_parts(
    figures: dict[str, Any],
    words: str,
    *,
    remedy: str,
    told: tuple[str, ...] = (),
    parts: pd.DataFrame | None = None,
    entered: Figure | None = None,
) -> Reading:
    """Return a reading that nothing of the layers was summed for."""
    return Reading(
        figures=figures,
        formula=words,
        calculation=entered_value(figures) if entered else "",
        scale=1.0,
        parts=_empty(PART_COLUMNS).astype({"counted": bool}) if parts is None else parts,
        beneath=_empty(BENEATH_COLUMNS),
        set_aside=_empty(ASIDE_COLUMNS),
        judgement=told,
        remedy=remedy,
        entered=entered,
    )


def _entered(row: IndicatorRow, figures: dict[str, Any], words: str, result: Result) -> Reading:
    """Explain a figure entered by hand: the row of the table that it stands in."""
    units = result.inputs.units
    found = [
        figure
        for figure in figures_for(result.plan, row, result.inputs, result.year)
        if figure.level == figures["level"]
        and units.names(figure.level).index[figure.unit] == figures["unit_code"]
    ]
    if not found or pd.isna(figures["value"]):
        lacks = "lacks_layer" if figures["method"] == "not_computable" else "not_entered"
        return _without_parts(figures, words, remedy=texts.say(f"explain.remedy_{lacks}"))
    figure = found[0]
    cells = ("entered", str(figure.source_row), figure.source, "", "", figure.value)
    part = pd.DataFrame([(*cells, np.nan, figure.value, True)], columns=list(PART_COLUMNS))
    is_rate = row.unit == "%"
    aim = aim_at(row, str(figures["variant"]), figures["level"], units, is_rate=is_rate)
    told = judgement(figures, aim, result.year)
    return _without_parts(figures, words, remedy="", told=told, parts=part, entered=figure)


def _inside(facilities: pd.DataFrame, place: Place, units: Units) -> pd.DataFrame:
    """Keep the facilities that lie in a unit, of the whole all; name the units they lie in."""
    level, at = place
    if level in ("community", "township"):
        inside = facilities[level] == units.names(level).index[at]
    elif len(units.names(level)) > 1:
        within = units.positions("township", level) == at
        inside = facilities["township"].isin(units.names("township").index[within])
    else:
        inside = pd.Series(data=True, index=facilities.index)
    named = {
        lower: facilities[lower].map(units.names(lower)).fillna("")
        for lower in ("community", "township")
    }
    told: pd.DataFrame = facilities.assign(**named)[inside]
    return told


def _differences(
    row: IndicatorRow, own: pd.DataFrame, place: Place | None, units: Units
) -> Iterable[Difference]:
    for first, second in _PAIRS:
        both = own[own["variant"].isin((first, second))]
        if not {first, second} <= set(row.variants) or (both["method"] == "not_computable").any():
            continue
        if (both["method"] == "entered").any():
            continue
        found = _differing_inside(differing_units(own, row, first, second), place, units)
        counts = {
            "first": texts.say(f"explain.variant_{first}"),
            "second": texts.say(f"explain.variant_{second}"),
            "only_first": int((found["counted"] == first).sum()),
            "only_second": int((found["counted"] == second).sum()),
        }
        sentence = texts.say(f"explain.differ_{first}_{second}", **counts)
        yield Difference(first=first, second=second, sentence=sentence, units=found)


def _differing_inside(found: pd.DataFrame, place: Place | None, units: Units) -> pd.DataFrame:
    """Keep the units that lie in the one asked for."""
    if place is None or found.empty:
        return found
    lies = [_lies_in(units.find(str(code)), place, units) for code in found.index]
    return found[lies]


def _lies_in(lower: Place | None, upper: Place, units: Units) -> bool:
    if lower is None or LEVELS.index(lower[0]) > LEVELS.index(upper[0]):
        return False
    return bool(units.positions(lower[0], upper[0])[lower[1]] == upper[1])


def _files(rows: Iterable[IndicatorRow], result: Result) -> pd.DataFrame:
    """List what was read for rows: file, hash, and the year that a layer describes."""
    read: Mapping[str, Any] = result.record["inputs"]
    years: Mapping[str, int] = result.record["stands_for_year"]
    wanted = {"project", "entered"}
    for row in rows:
        wanted |= _layers_of(row)
    table = pd.DataFrame(
        [
            (layer, entry["path"], entry["sha256"], years.get(layer))
            for layer, entry in read.items()
            if layer in wanted
        ],
        columns=["layer", "path", "sha256", "stands_for"],
    )
    return table.astype({"stands_for": "Int64"})


def _layers_of(row: IndicatorRow) -> set[str]:
    """Return the layers that a row's numbers rest on."""
    if row.family == "entered":
        return {"entered"}
    of = row.parameters
    layers = {*LAYER_LEVELS, "crosswalk", *(layer for layer, _ in fields_used(of))}
    layers |= {str(of["of"])} if "of" in of else {"facilities"}
    if of.get("zone") or of.get("flag"):
        layers.add("zones")
    by_street = row.family == "proximity" or {"reach", "units_by_reach"} & set(row.variants)
    if by_street or row.family == "zone_share" or of.get("assignment") == "reach":
        layers.update(_GROUND)
    return layers


def _empty(columns: tuple[str, ...]) -> pd.DataFrame:
    return pd.DataFrame(columns=list(columns))
