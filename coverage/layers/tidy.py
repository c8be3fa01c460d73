"""Give the columns of a layer their canonical names and types, and say what could not be kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.layers import values

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.layers.headers import Columns
    from coverage.layers.issues import IssueLog, Severity
    from coverage.layers.raw import Raw

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

_SIGNED = ("lon", "lat", "value")  # the other canonical numbers are amounts
_SCIENTIFIC = r"\d(\.\d+)?[eE]\+?\d+"


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
        typed[field] = _typed(column, kind, _Cell(layer, field, raw.rows, issues))
        if field in columns.factors and kind == "number":
            typed[field] = typed[field] * columns.factors[field]
            header = raw.headers[position]
            factor = f"{columns.factors[field]:g}"
            issues.add(
                "info", "unit_converted", layer=layer, field=field, value=header, factor=factor
            )
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
        for position in np.flatnonzero(mask):
            self.issues.add(
                severity,
                code,
                layer=self.layer,
                row=self.rows[position],
                field=self.field,
                value=column.iloc[position],
            )


def _typed(column: pd.Series, kind: vocabulary.FieldKind, cell: _Cell) -> pd.Series:
    if kind == "text":
        return values.text(column)
    if kind == "set":
        return values.items(column)
    if kind == "code":
        codes = values.code(column)
        damaged = codes.str.fullmatch(_SCIENTIFIC).to_numpy(dtype=bool)
        cell.report("warning", "damaged_code", damaged, codes)
        return codes
    if kind == "flag":
        flags, bad = values.flag(column)
        cell.report("warning", "not_a_flag", bad, column)
        return flags
    if kind == "year":
        years, bad = values.year(column)
        cell.report("warning", "not_a_year", bad, column)
        return years
    numbers, bad = values.number(column)
    cell.report("warning", "not_a_number", bad, column)
    return numbers if cell.field in _SIGNED else _amount(numbers, column, cell)


def _amount(numbers: pd.Series, column: pd.Series, cell: _Cell) -> pd.Series:
    negative = (numbers < 0).to_numpy()
    cell.report("warning", "negative_number", negative, column)
    return numbers.mask(negative)


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
        issues.add("info", "unknown_columns", layer=layer, value="、".join(unknown))
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
