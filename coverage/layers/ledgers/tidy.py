"""Give the columns of a layer their canonical names and types, and say what could not be kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.layers.ledgers import values
from coverage.layers.ledgers.codes import is_damaged, is_spoiled, repaired_codes
from coverage.layers.ledgers.degrees import degrees
from coverage.layers.ledgers.headers import NAMED_TWICE, listed

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.layers.files.raw import Raw
    from coverage.layers.issues import IssueLog, Severity
    from coverage.layers.ledgers.headers import Columns

# layers in which any further number can be a weight, a cost or a figure that a plan asks for
_KEEP_NUMBERS = (
    "demand",
    "buildings",
    "entered",
    "candidates",
    "projects",
    "estates",
    "counties",
    "zones",
)
# layers that are tables of the user's own making
_KEEP_TEXT = ("entered", "crosswalk")

_PLACES = ("lon", "lat")
_SIGNED = (*_PLACES, "value")  # the other canonical numbers are amounts
_MOST_OFFERED = 20  # unknown columns that candidates are named for


@dataclass(frozen=True, kw_only=True)
class Table:
    """Hold a layer with canonical, typed columns.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Columns by field; a RangeIndex; every row of the file.
    rows
        Row that a person sees, one a row of `frame`.
    geometry
        Shapes, one a row, in the project's coordinate system once they are placed.
    weights
        Fields of numbers that are not canonical.
    """

    layer: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    geometry: gpd.GeoSeries | None
    weights: tuple[str, ...] = ()


def tidy(raw: Raw, columns: Columns, layer: str, issues: IssueLog, *, basis: str) -> Table:
    """Type the columns of a layer.

    Cells that are not what their field holds become missing, each with an issue. Columns of no
    known field are left out with one issue, save numbers in layers whose numbers are weights.

    Parameters
    ----------
    raw
        The layer as read.
    columns
        What its columns are.
    layer
        Its name.
    issues
        Where findings go.
    basis
        Population basis of the project.
    """
    typed: dict[str, pd.Series] = {}
    own: list[str] = []
    personal = list(columns.personal)
    for field, position in columns.fields.items():
        column = raw.cells[position]
        kind = vocabulary.fields()[field].kind if field in vocabulary.fields() else None
        if kind is None and vocabulary.is_personal(raw.headers[position]):
            personal.append(raw.headers[position])
            continue
        if kind is None:
            own.append(field)
            kind = "number" if _all_numbers(column) else "text"
        if kind == "number" and _is_blank(column):
            continue  # as if the column were not there: nobody filled it in
        factor = columns.factors.get(field, 1.0)
        typed[field] = _typed(column, kind, _Cell(layer, field, raw.rows, issues), factor)
        if factor != 1 and kind == "number":
            header = raw.headers[position]
            issues.add(
                "info", "unit_converted", layer=layer, field=field, value=header,
                factor=f"{factor:g}",
            )  # fmt: skip
    _by_second_column(typed, raw, columns, layer, issues)
    _ticked(typed, raw, columns, layer, issues)
    kept = _kept(raw, columns, layer)
    typed.update(kept)
    _tell(replace(columns, personal=tuple(personal)), kept, own, layer, issues)
    _tell_basis(raw, columns, layer, basis, issues)
    numeric = [field for field in own if pd.api.types.is_float_dtype(typed[field].dtype)]
    numeric += [field for field in kept if pd.api.types.is_float_dtype(kept[field].dtype)]
    return Table(
        layer=layer,
        frame=pd.DataFrame(typed, index=pd.RangeIndex(len(raw.rows))),
        rows=raw.rows,
        geometry=raw.geometry,
        weights=tuple(numeric),
    )


@dataclass(frozen=True)
class _Cell:
    """Where the cells of a column stand, for findings about them."""

    layer: str
    field: str
    rows: NDArray[np.int64]
    issues: IssueLog

    def report(
        self, severity: Severity, code: str, mask: NDArray[np.bool_], column: pd.Series
    ) -> None:
        self.issues.add_rows(
            severity,
            code,
            layer=self.layer,
            rows=self.rows[mask],
            field=self.field,
            value=column[mask].to_numpy(dtype=object),
        )

    def report_repaired(self, mask: NDArray[np.bool_], column: pd.Series, read: pd.Series) -> None:
        if not mask.any():
            return
        self.issues.add_rows(
            "info",
            "repaired_number",
            layer=self.layer,
            rows=self.rows[mask],
            field=self.field,
            value=column[mask].to_numpy(dtype=object),
            read=[f"{number:.10g}" for number in read[mask]],
        )


def _typed(column: pd.Series, kind: vocabulary.FieldKind, cell: _Cell, factor: float) -> pd.Series:
    if kind == "text":
        return values.text(column)
    if kind == "set":
        return values.items(column)
    if kind == "code":
        return repaired_codes(column, cell.rows, cell.layer, cell.field, cell.issues)
    if kind == "flag":
        flags, bad = values.flag(column)
        cell.report("warning", "not_a_flag", bad, column)
        return flags
    if kind == "year":
        years, bad, repaired = values.dated(column)
        cell.report("warning", "not_a_year", bad, column)
        cell.report_repaired(repaired, column, years)
        return years
    known = vocabulary.fields().get(cell.field)
    measure = known.measure if known and cell.field not in _PLACES else None
    numbers, bad, repaired = values.measured(column, measure, factor)
    if cell.field in _PLACES and bad.any():
        read = degrees(column[bad])
        numbers[bad] = read
        repaired[bad] = ~np.isnan(read)
        bad &= ~repaired
    cell.report("warning", "not_a_number", bad, column)
    numbers = numbers * factor if factor != 1 else numbers
    cell.report_repaired(repaired, column, numbers)
    return numbers if cell.field in _SIGNED else _amount(numbers, column, cell)


def _amount(numbers: pd.Series, column: pd.Series, cell: _Cell) -> pd.Series:
    negative = (numbers < 0).to_numpy()
    cell.report("warning", "negative_number", negative, column)
    return numbers.mask(negative)


def _by_second_column(
    typed: dict[str, pd.Series], raw: Raw, columns: Columns, layer: str, issues: IssueLog
) -> None:
    """Name the unit that a row belongs to by either of two columns, never by a lost code."""
    for field in sorted(set(NAMED_TWICE) & set(columns.fields)):
        first = typed[field]
        spoiled = is_spoiled(first) & ~is_damaged(first)
        if spoiled.any():
            first = first.copy()
            first[spoiled] = repaired_codes(first[spoiled], raw.rows[spoiled], layer, field, issues)
        second = pd.Series("", index=first.index, dtype="str")
        if field in columns.second:
            second = values.text(raw.cells[columns.second[field]])
        lost_first, lost_second = is_damaged(first), is_damaged(second)
        named = first.mask(lost_first, "")
        other = second.mask(lost_second, "")
        typed[field] = named.where(named != "", other).astype("str")
        damaged = first.where(lost_first, second)
        lost = lost_first | lost_second
        without = lost & (typed[field] == "").to_numpy(dtype=bool)
        cell = _Cell(layer, field, raw.rows, issues)
        cell.report("warning", "damaged_code", without, damaged)
        restored = lost & ~without
        issues.add_rows(
            "warning", "restored_code", layer=layer, rows=raw.rows[restored], field=field,
            value=damaged[restored].to_numpy(dtype=object),
            name=typed[field][restored].to_numpy(dtype=object),
        )  # fmt: skip


def _ticked(
    typed: dict[str, pd.Series], raw: Raw, columns: Columns, layer: str, issues: IssueLog
) -> None:
    """Add to the functions of a facility those whose columns are ticked."""
    if not columns.ticks:
        return
    empty = pd.Series("", index=raw.cells.index, dtype="str")
    functions = typed.get("functions", empty)
    for name, position in columns.ticks.items():
        ticked, bad = values.flag(raw.cells[position])
        _Cell(layer, raw.headers[position], raw.rows, issues).report(
            "warning", "not_a_flag", bad, raw.cells[position]
        )
        functions = functions + np.where(ticked.fillna(value=False), f";{name}", "")
    typed["functions"] = values.items(functions)


def _is_blank(column: pd.Series) -> bool:
    if isinstance(column.dtype, pd.StringDtype):
        return bool((column.str.strip() == "").all())
    return bool(column.isna().all())


def _all_numbers(column: pd.Series) -> bool:
    numbers, bad = values.number(column)
    return bool(numbers.notna().any() and not bad.any())


def _kept(raw: Raw, columns: Columns, layer: str) -> dict[str, pd.Series]:
    kept = {}
    for header, position in columns.unknown.items():
        column = raw.cells[position]
        if header in columns.fields:
            continue
        if layer in _KEEP_NUMBERS and _all_numbers(column):
            kept[header] = values.number(column)[0]
        elif layer in _KEEP_TEXT:
            kept[header] = values.text(column)
    return kept


def _tell(
    columns: Columns, kept: Mapping[str, object], own: list[str], layer: str, issues: IssueLog
) -> None:
    unknown = [header for header in columns.unknown if header not in kept]
    if unknown:
        near = [
            f"{header} → {columns.near[header]}" for header in unknown if columns.near.get(header)
        ]
        issues.add(
            "info", "unknown_columns", layer=layer, value=listed(unknown),
            near="；".join(near[:_MOST_OFFERED]) or "-",
        )  # fmt: skip
    if columns.personal:
        issues.add("info", "personal_columns", layer=layer, value="、".join(columns.personal))
    if own:
        issues.add("info", "own_columns", layer=layer, value="、".join(own))
    for field, taken, left in columns.twice:
        issues.add("info", "column_twice", layer=layer, field=field, value=left, taken=taken)


def _tell_basis(raw: Raw, columns: Columns, layer: str, basis: str, issues: IssueLog) -> None:
    for field in ("population", "households"):
        if field not in columns.fields:
            continue
        header = raw.headers[columns.fields[field]]
        counted = vocabulary.basis_of(vocabulary.header_key(header)[0])
        if counted not in (None, basis):
            issues.add("warning", "other_basis", layer=layer, field=field, value=header)
