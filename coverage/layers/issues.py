"""Findings about rows: what is odd, where it stands, and what to do, while the rest goes on.

An issue carries a code and values, never a sentence. The sentences stand in ``texts/issues.toml``
under the code (what was found) and under the code with ``_action`` (what to do).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, groupby
from string import Formatter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from coverage import texts, vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from numpy.typing import ArrayLike, NDArray

Severity = Literal["error", "warning", "info"]

COLUMNS = ("severity", "code", "layer", "row", "field", "value", "message", "action")

_KINDS = {column: "Int64" if column == "row" else "str" for column in COLUMNS}

# findings that say how something was put right, so that it counts after all
REPAIRS = frozenset(
    {
        "category_by_keyword",
        "control_characters",
        "converted_datum",
        "filled_down",
        "matched_by_name",
        "renamed_unit",
        "repaired_code",
        "repaired_geometry",
        "repaired_number",
        "restored_code",
        "swapped_axes",
        "unfolded",
        "unit_converted",
        "zone_prefix",
    }
)


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One finding.

    Parameters
    ----------
    severity
        ``error`` blocks a run; ``warning`` changes or may change a result; ``info`` is to be known.
    code
        Identifier of the kind of finding: ``duplicate_id``.
    layer
        Layer it was found in, empty where it concerns none.
    row
        Row that a person sees in the source file: the spreadsheet's or CSV file's row number with
        the header in row 1, the feature's number from 1 in a vector layer.
    field
        Canonical field, or the header where there is no canonical one.
    value
        What stands there.
    values
        What else the sentences' placeholders stand for.
    """

    severity: Severity
    code: str
    layer: str
    row: int | None
    field: str
    value: str
    values: Mapping[str, object]

    def message(self, language: str | None = None) -> str:
        """Return the sentence that says what was found."""
        return self._say(self.code, language)

    def action(self, language: str | None = None) -> str:
        """Return the sentence that says what to do."""
        return self._say(f"{self.code}_action", language)

    def _say(self, name: str, language: str | None) -> str:
        # a code may have a sentence of its own for one value: demand_method.buildings
        own = f"{name}.{self.value}"
        name = own if texts.has(f"issues.{own}") else name
        row = "" if self.row is None else self.row
        field = _titled(self.field, language)
        filled = {"layer": self.layer, "row": row, "field": field, "value": self.value}
        return texts.say(f"issues.{name}", language, **{**filled, **self.values})


@dataclass(frozen=True, kw_only=True)
class _Rows:
    """The same finding of many rows, kept as arrays: a ledger may have a million of them."""

    severity: Severity
    code: str
    layer: str
    field: str
    rows: NDArray[np.int64]
    each: Mapping[str, NDArray[Any]]  # value and the sentences' placeholders, one a row

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Issue]:
        for position, row in enumerate(self.rows):
            values = {name: array[position] for name, array in self.each.items()}
            yield Issue(
                severity=self.severity,
                code=self.code,
                layer=self.layer,
                row=int(row),
                field=self.field,
                value=str(values.pop("value")),
                values=values,
            )

    def frame(self, language: str | None) -> pd.DataFrame:
        """Return the findings as the table of `IssueLog.frame`."""
        return pd.DataFrame(
            {
                "severity": self.severity,
                "code": self.code,
                "layer": self.layer,
                "row": self.rows,
                "field": self.field,
                "value": self.each["value"],
                "message": self._sentences(self.code, language),
                "action": self._sentences(f"{self.code}_action", language),
            }
        ).astype(_KINDS)

    def _sentences(self, name: str, language: str | None) -> list[str] | str:
        template = texts.template(f"issues.{name}", language)
        columns = {"row": self.rows.tolist(), **self.each}
        used = [field for _, field, _, _ in Formatter().parse(template) if field in columns]
        whole = {"layer": self.layer, "field": _titled(self.field, language)}
        if not used:
            return template.format(**whole)
        return [
            template.format(**whole, **dict(zip(used, cells, strict=True)))
            for cells in zip(*(columns[name] for name in used), strict=True)
        ]


def _titled(field: str, language: str | None) -> str:
    """Return a field as people call it, with its name in the project file."""
    known = vocabulary.fields().get(field)
    title = known.title(language or texts.language()) if known else field
    return field if title == field else f"{title}（{field}）"


class IssueLog:
    """Collect findings in the order they are made.

    Parameters
    ----------
    issues
        Findings made before; the new log goes on after them and leaves the old one as it is.
    """

    def __init__(self, issues: Iterable[Issue] = ()) -> None:
        self._entries: list[_Rows | tuple[Issue, ...]] = (
            # another log's rows stay arrays
            list(issues._entries) if isinstance(issues, IssueLog) else [tuple(issues)]  # noqa: SLF001
        )

    def add(
        self,
        severity: Severity,
        code: str,
        *,
        layer: str = "",
        row: int | None = None,
        field: str = "",
        value: object = "",
        **values: object,
    ) -> None:
        """Add a finding.

        Parameters
        ----------
        severity
            ``error``, ``warning`` or ``info``.
        code
            Key of its sentences in ``texts/issues.toml``.
        layer
            Layer it was found in.
        row
            Row that a person sees in the source file.
        field
            Field it was found in.
        value
            What stands there.
        **values
            What else the sentences' placeholders stand for.
        """
        issue = Issue(
            severity=severity,
            code=code,
            layer=layer,
            row=None if row is None else int(row),
            field=field,
            value="" if value is None else str(value),
            values=values,
        )
        self._entries.append((issue,))

    def add_rows(
        self,
        severity: Severity,
        code: str,
        *,
        layer: str,
        rows: NDArray[np.int64],
        field: str = "",
        value: ArrayLike = "",
        **values: ArrayLike,
    ) -> None:
        """Add the same finding for many rows; nothing is added for none.

        Parameters
        ----------
        severity
            ``error``, ``warning`` or ``info``.
        code
            Key of its sentences in ``texts/issues.toml``.
        layer
            Layer it was found in.
        rows
            Rows that a person sees in the source file.
        field
            Field it was found in.
        value
            What stands there: one a row, or one for all.
        **values
            What else the sentences' placeholders stand for, likewise.
        """
        count = len(rows)
        if not count:
            return
        each = {
            name: np.broadcast_to(np.asarray(given, dtype=object), count)
            for name, given in {"value": value, **values}.items()
        }
        self._entries.append(
            _Rows(
                severity=severity, code=code, layer=layer, field=field, rows=rows.copy(), each=each
            )
        )

    def __iter__(self) -> Iterator[Issue]:
        return chain.from_iterable(self._entries)

    def __len__(self) -> int:
        return sum(len(entry) for entry in self._entries)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Return the findings that block a run."""
        return tuple(issue for issue in self if issue.severity == "error")

    def frame(self, language: str | None = None) -> pd.DataFrame:
        """Return all findings as a table, sentences filled.

        Parameters
        ----------
        language
            ``zh`` or ``en``; by default the one in use.

        Returns
        -------
        pandas.DataFrame
            Columns severity, code, layer, row (Int64), field, value, message, action, in the order
            the findings were made.
        """
        tables = [
            entry.frame(language) if isinstance(entry, _Rows) else _frame(entry, language)
            for entry in _joined(self._entries)
        ]
        return pd.concat([_frame((), language), *tables], ignore_index=True)


def _joined(entries: Iterable[_Rows | tuple[Issue, ...]]) -> Iterator[_Rows | tuple[Issue, ...]]:
    """Join single findings that follow each other."""
    for kind, group in groupby(entries, type):
        if kind is tuple:
            yield tuple(chain.from_iterable(group))
        else:
            yield from group


def _frame(issues: Iterable[Issue], language: str | None) -> pd.DataFrame:
    rows = [
        (
            issue.severity,
            issue.code,
            issue.layer,
            issue.row,
            issue.field,
            issue.value,
            issue.message(language),
            issue.action(language),
        )
        for issue in issues
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(_KINDS)
