"""Evaluate a plan: every row, every variant, every level."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts, vocabulary
from coverage.indicators.assess import Aim, aim_of, gaps, progress, statuses
from coverage.indicators.choose import categories_of
from coverage.indicators.divisions import divided_inputs
from coverage.indicators.entered import Figure, figures_of
from coverage.indicators.errors import NotComputableError
from coverage.indicators.families import FAMILIES
from coverage.indicators.measure import sum_to
from coverage.indicators.units import LEVELS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.measure import Measure, Sums
    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow, Plan

COLUMNS = (
    "plan",
    "row",
    "kind",
    "indicator",
    "variant",
    "level",
    "unit_code",
    "unit_name",
    "year",
    "value",
    "unit",
    "numerator",
    "denominator",
    "units_total",
    "units_missing",
    "baseline",
    "target",
    "target_year",
    "comparator",
    "attribute",
    "gap",
    "progress",
    "status",
    "method",
    "reason",
    "note",
)
_NUMBERS = ("value", "numerator", "denominator", "baseline", "target", "gap", "progress")
_WHOLE = ("row", "year", "units_total", "units_missing", "target_year")
_NAMED = 5  # parts without data that a note names


@dataclass(frozen=True, kw_only=True, eq=False)
class _Block:
    """Rows of the table that belong to one variant and level."""

    level: Level
    cells: Mapping[str, Any]
    is_rate: bool

    def __len__(self) -> int:
        return len(self.cells["value"])


def evaluate(plan: Plan, inputs: Inputs, year: int) -> pd.DataFrame:
    """Compute all rows of a plan.

    Parameters
    ----------
    plan
        The plan.
    inputs
        Units, facilities that count, access by service.
    year
        Year evaluated.

    Returns
    -------
    pandas.DataFrame
        The columns of ``indicators.csv``; one row a plan row, variant, level and unit, city and
        counties first within a variant. ``value``, ``baseline``, ``target`` and ``gap`` are in
        ``unit``; ``progress`` is 0–1.
    """
    blocks = [
        {**_judged(block, row, variant, inputs.units, year), **_head(row, variant)}
        for row in plan.rows
        for variant in row.variants
        for block in _blocks(plan, row, variant, inputs, year)
    ]
    table = {"plan": plan.name, "year": year, **_joined(blocks)}
    frame = pd.DataFrame({name: table[name] for name in COLUMNS})
    return frame.astype({**dict.fromkeys(_NUMBERS, "float64"), **dict.fromkeys(_WHOLE, "Int64")})


def _joined(blocks: list[dict[str, Any]]) -> dict[str, NDArray[Any]]:
    """Join blocks column by column; what is one for a block is repeated."""
    if not blocks:
        return {name: np.empty(0, dtype=object) for name in COLUMNS}
    sizes = [len(block["value"]) for block in blocks]
    columns: dict[str, NDArray[Any]] = {}
    for name in blocks[0]:
        cells = [block[name] for block in blocks]
        if isinstance(cells[0], np.ndarray):
            columns[name] = np.concatenate(cells)
        else:
            each = np.empty(len(cells), dtype=object)
            each[:] = cells
            columns[name] = np.repeat(each, sizes)
    return columns


def _blocks(
    plan: Plan, row: IndicatorRow, variant: str, inputs: Inputs, year: int
) -> Iterable[_Block]:
    if row.family == "entered":
        return _entered(plan, row, inputs, year)
    own, other = divided_inputs(row, inputs, year)
    try:
        found = _summed(row, variant, own)
    except NotComputableError as missing:
        return _instead(plan, row, variant, inputs, year, missing)
    blocks = found[1] if other is None else _beside(found[1], _summed(row, variant, other)[1], year)
    note = _note(row, variant, found[0], own)
    return [
        replace(block, cells={**block.cells, "method": row.method, "note": _added(note, block)})
        for block in blocks
    ]


def measure_of(row: IndicatorRow, variant: str, inputs: Inputs) -> Measure:
    """Return what a variant of a row is summed from, as the table of the same inputs has it.

    Parameters
    ----------
    row, variant
        A row that is not entered, and one of its variants.
    inputs
        What it is computed from.

    Raises
    ------
    NotComputableError
        If a layer or a field is missing.
    """
    return _summed(row, variant, inputs)[0]


def _beside(blocks: list[_Block], others: list[_Block], year: int) -> list[_Block]:
    """Say of counties and the city what another division of townships gives, where it differs."""
    by_level = {block.level: block.cells for block in others}
    return [
        replace(block, cells=_compared(block.cells, by_level[block.level], year))
        if block.level in ("county", "city")
        else block
        for block in blocks
    ]


def _compared(own: Mapping[str, Any], other: Mapping[str, Any], year: int) -> Mapping[str, Any]:
    same = [
        np.isclose(own[name], other[name], rtol=0, equal_nan=True)
        for name in ("numerator", "denominator")
    ]
    said = {
        unit: texts.say(
            "indicators.other_division", year=year,
            value=f"{other['value'][unit]:.4g}",
            part=f"{other['numerator'][unit]:g}", whole=f"{other['denominator'][unit]:g}",
        )
        for unit in np.flatnonzero(~(same[0] & same[1])).tolist()
    }  # fmt: skip
    return {**own, "divided": said}


def _summed(row: IndicatorRow, variant: str, inputs: Inputs) -> tuple[Measure, list[_Block]]:
    """Compute a variant; rows of the same parameters share it."""
    key = (row.family, variant, json.dumps(row.parameters, sort_keys=True, default=str))
    return inputs.once(key, lambda: _compute(row, variant, inputs))


def _compute(row: IndicatorRow, variant: str, inputs: Inputs) -> tuple[Measure, list[_Block]]:
    measure = FAMILIES[row.family](row.parameters, inputs, variant)
    levels = inputs.units.levels_from(measure.level)
    return measure, [_block(measure, inputs.units, level) for level in reversed(levels)]


def _block(measure: Measure, units: Units, level: Level) -> _Block:
    names, sums = units.names(level), sum_to(measure, units, level)
    return _Block(
        level=level,
        is_rate=measure.parts.denominator is not None,
        cells={
            "level": level,
            "unit_code": names.index.to_numpy(dtype=object),
            "unit_name": names.to_numpy(dtype=object),
            "value": sums.value,
            "numerator": sums.numerator,
            "denominator": sums.denominator,
            "units_total": sums.total.astype(object),
            "units_missing": sums.missing.astype(object),
            "reason": _reasons(sums),
            "lacking": _lacking(sums),
        },
    )


def _reasons(sums: Sums) -> NDArray[Any]:
    """Say why a unit has no value: nothing there to count, or nothing known of what is there."""
    reasons = np.full(len(sums.value), "", dtype=object)
    without = np.isnan(sums.value)
    unknown = without & (sums.total > 0) & (sums.missing == sums.total)
    reasons[without] = texts.say("indicators.nothing_to_count")
    reasons[unknown] = texts.say("indicators.nothing_known")
    return reasons


def _lacking(sums: Sums) -> dict[int, str]:
    """Name by unit position the parts that were left out for want of data."""
    return {
        unit: texts.say("indicators.left_out", count=len(names), names=tuple(names[:_NAMED]))
        for unit, names in sums.lacking.items()
    }


def _added(note: str, block: _Block) -> NDArray[Any]:
    notes = np.full(len(block), note, dtype=object)
    for said in (block.cells.get("divided", {}), block.cells["lacking"]):
        for unit, more in said.items():
            notes[unit] = f"{notes[unit]} {more}".strip()
    return notes


def _instead(
    plan: Plan,
    row: IndicatorRow,
    variant: str,
    inputs: Inputs,
    year: int,
    missing: NotComputableError,
) -> Iterable[_Block]:
    """Say what is missing; a figure entered for the plan's own reading takes its place."""
    if variant == row.variants[0] and row.goal(variant).unit == row.unit:
        figures = figures_for(plan, row, inputs, year)
        if figures:
            return [_figure(figure, row, inputs.units) for figure in figures]
    return [_nothing(row, "not_computable", _reason(missing), inputs.units)]


def _entered(plan: Plan, row: IndicatorRow, inputs: Inputs, year: int) -> Iterable[_Block]:
    if "entered" not in inputs.layers.others:
        reason = texts.say("indicators.lacks_layer", layer="entered")
        return [_nothing(row, "not_computable", reason, inputs.units)]
    figures = figures_for(plan, row, inputs, year)
    if not figures:
        reason = texts.say("indicators.not_entered", year=year)
        return [_nothing(row, "entered", reason, inputs.units)]
    return [_figure(figure, row, inputs.units) for figure in figures]


def figures_for(plan: Plan, row: IndicatorRow, inputs: Inputs, year: int) -> list[Figure]:
    """Return the figures entered for a row of a plan that stand in a year, one a unit."""
    layer = inputs.layers.others.get("entered")
    if layer is None:
        return []
    figures = figures_of(row, plan, layer, inputs.units, year)
    return sorted(figures, key=lambda f: (-LEVELS.index(f.level), f.unit))


def _figure(figure: Figure, row: IndicatorRow, units: Units) -> _Block:
    names = units.names(figure.level)
    said = texts.say("indicators.entered", date=figure.date or "—", source=figure.source or "—")
    aim = aim_of(row, row.variants[0])
    return _Block(
        level=figure.level,
        is_rate=row.unit == "%",
        cells={
            "level": figure.level,
            "unit_code": names.index.to_numpy(dtype=object)[[figure.unit]],
            "unit_name": names.to_numpy(dtype=object)[[figure.unit]],
            "value": np.array([figure.value]),
            "numerator": np.array([np.nan]),
            "denominator": np.array([np.nan]),
            "units_total": np.array([pd.NA], dtype=object),
            "units_missing": np.array([pd.NA], dtype=object),
            "reason": np.array([""], dtype=object),
            "method": "entered",
            "note": np.array([" ".join([said, *_remarks(row, aim)])], dtype=object),
        },
    )


def _nothing(row: IndicatorRow, method: str, reason: str, units: Units) -> _Block:
    top: Level = "city" if units.city else "county"
    names = units.names(top)
    size = len(names)
    return _Block(
        level=top,
        is_rate=True,
        cells={
            "level": top,
            "unit_code": names.index.to_numpy(dtype=object),
            "unit_name": names.to_numpy(dtype=object),
            **{name: np.full(size, np.nan) for name in ("value", "numerator", "denominator")},
            **{
                name: np.full(size, pd.NA, dtype=object)
                for name in ("units_total", "units_missing")
            },
            "reason": np.full(size, reason, dtype=object),
            "method": method,
            "note": np.full(size, row.conflict, dtype=object),
        },
    )


def _reason(missing: NotComputableError) -> str:
    values = dict(missing.values)
    if "categories" in values:
        known = vocabulary.categories()
        names = [known[name].title(texts.language()) for name in values["categories"]]  # type: ignore[attr-defined]
        values["categories"] = "、".join(names)
    return texts.say(f"indicators.{missing.reason}", **values)


def _head(row: IndicatorRow, variant: str) -> dict[str, Any]:
    return {
        "row": row.row,
        "kind": row.kind,
        "indicator": row.indicator,
        "variant": variant,
        "unit": row.goal(variant).unit,
        "attribute": row.attribute,
    }


def _judged(
    block: _Block, row: IndicatorRow, variant: str, units: Units, year: int
) -> dict[str, Any]:
    """Add baseline, target and what follows."""
    aim = aim_at(row, variant, block.level, units, is_rate=block.is_rate)
    value = block.cells["value"]
    cells = {name: cell for name, cell in block.cells.items() if name not in ("lacking", "divided")}
    return {
        **cells,
        "baseline": np.nan if aim.baseline is None else aim.baseline,
        "target": np.nan if aim.target is None else aim.target,
        "target_year": pd.NA if aim.target_year is None else aim.target_year,
        "comparator": aim.comparator if aim.target is not None else "",
        "gap": gaps(value, aim),
        "progress": progress(value, aim),
        "status": statuses(value, aim, year),
    }


def aim_at(row: IndicatorRow, variant: str, level: Level, units: Units, *, is_rate: bool) -> Aim:
    """Return what values of a level are held against; a count at the plan's own level only.

    Where the project has no such level the whole of it stands for what the plan is about.

    Parameters
    ----------
    row, variant
        The row and one of its variants.
    level
        Level of the values.
    units
        The units.
    is_rate
        Whether the values have a denominator.
    """
    levels = units.levels_from("community")
    own = row.level if row.level in levels else levels[-1]
    return aim_of(row, variant) if is_rate or level == own else Aim()


def _note(row: IndicatorRow, variant: str, measure: Measure, inputs: Inputs) -> str:
    notes = []
    categories = categories_of(row.parameters, inputs)
    counted = inputs.table("facilities").frame["category"]
    if categories and not counted.isin(categories).any():
        notes.append(texts.say("indicators.no_facility"))
    share = inputs.approximate.get(row.parameters.get("service", ""), 0.0)
    if share > 0:
        notes.append(texts.say("indicators.approximate", share=f"{share:.1%}"))
    notes += [texts.say(f"indicators.{note.key}", **note.values) for note in measure.notes]
    return " ".join([*notes, *_remarks(row, aim_of(row, variant))])


def _remarks(row: IndicatorRow, aim: Aim) -> list[str]:
    remarks = []
    if aim.target is not None and aim.baseline is None:
        remarks.append(texts.say("indicators.no_baseline"))
    return [*remarks, row.conflict] if row.conflict else remarks
