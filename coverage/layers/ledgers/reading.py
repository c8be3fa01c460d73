"""Take a layer as read to rows of data under canonical fields, whatever its table was like."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from coverage import vocabulary
from coverage.layers.ledgers.body import data_rows
from coverage.layers.ledgers.headers import Columns, match_columns
from coverage.layers.ledgers.personal import without_persons
from coverage.layers.ledgers.rooms import unfold
from coverage.layers.model import AsRead

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.layers.files.raw import Raw
    from coverage.layers.issues import IssueLog
    from coverage.layers.model import Source


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Hold a layer's rows of data, what its columns are, and the layer as its file has it."""

    raw: Raw
    columns: Columns
    as_read: AsRead


def read_ledger(
    raw: Raw, source: Source, layer: str, issues: IssueLog, *, basis: str = "registered"
) -> Ledger:
    """Match the columns of a layer, keep persons out, and leave only rows of data.

    Parameters
    ----------
    raw
        The layer as read.
    source
        Where it was read.
    layer
        Its name.
    issues
        Where findings go.
    basis
        ``registered`` or ``resident``: whose column is taken where a file counts both.

    Raises
    ------
    LayerError
        If the source names a header that is not there.
    """
    columns = _in_table_unit(match_columns(raw.headers, layer, source, basis=basis), raw)
    raw, columns = without_persons(raw, columns, layer, issues)
    shown, fields = raw, columns.fields
    if layer == "facilities":
        raw, unfolded = unfold(raw, issues)
        if unfolded:
            columns = match_columns(raw.headers, layer, source, basis=basis)
            fields = unfolded
    _tell_errors(shown, fields, layer, issues)
    kept = data_rows(raw, columns, layer, issues)
    return Ledger(raw=kept, columns=columns, as_read=_as_read(shown, columns, fields))


def _in_table_unit(columns: Columns, raw: Raw) -> Columns:
    """Return columns with the unit that a title states for those that it can be the unit of."""
    unit = vocabulary.unit_of(raw.unit) if raw.unit else None
    if unit is None or unit[1] == 1:
        return columns
    known = vocabulary.fields()
    factors = {
        field: unit[1]
        for field, position in columns.fields.items()
        if field in known
        and known[field].measure == unit[0]
        # a unit of its own in the header goes before that of the title
        and not re.search(r"[(（].+[)）]\s*$", raw.headers[position])
    }
    return replace(columns, factors={**factors, **columns.factors})


def _tell_errors(raw: Raw, fields: Mapping[str, int], layer: str, issues: IssueLog) -> None:
    names = {position: field for field, position in reversed(list(fields.items()))}
    for row, column, sign in raw.errors:
        field = names.get(column, raw.headers[column])
        issues.add("warning", "formula_error", layer=layer, row=row, field=field, value=sign)


def _as_read(raw: Raw, columns: Columns, fields: Mapping[str, int]) -> AsRead:
    personal = set(columns.personal)
    kept = [i for i, header in enumerate(raw.headers) if header not in personal]
    place = {position: i for i, position in enumerate(kept)}
    return AsRead(
        headers=tuple(raw.headers[i] for i in kept),
        cells=raw.cells[kept].set_axis(range(len(kept)), axis=1),
        rows=raw.rows,
        fields={field: place[i] for field, i in fields.items() if i in place},
        sheet=raw.sheet,
    )
