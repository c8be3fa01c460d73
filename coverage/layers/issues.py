"""Findings about rows: what is odd, where it stands, and what to do, while the rest goes on.

An issue carries a code and values, never a sentence. The sentences stand in ``texts/issues.toml``
under the code (what was found) and under the code with ``_action`` (what to do).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import pandas as pd

from coverage import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Severity = Literal["error", "warning", "info"]

COLUMNS = ("severity", "code", "layer", "row", "field", "value", "message", "action")


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
        name = own if own in texts.keys("issues") else name
        row = "" if self.row is None else self.row
        filled = {"layer": self.layer, "row": row, "field": self.field, "value": self.value}
        return texts.say(f"issues.{name}", language, **{**filled, **self.values})


class IssueLog:
    """Collect findings in the order they are made.

    Parameters
    ----------
    issues
        Findings made before; the new log goes on after them and leaves the old one as it is.
    """

    def __init__(self, issues: Iterable[Issue] = ()) -> None:
        self._issues: list[Issue] = list(issues)

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
        self._issues.append(
            Issue(
                severity=severity,
                code=code,
                layer=layer,
                row=None if row is None else int(row),
                field=field,
                value="" if value is None else str(value),
                values=values,
            )
        )

    def __iter__(self) -> Iterator[Issue]:
        return iter(self._issues)

    def __len__(self) -> int:
        return len(self._issues)

    @property
    def errors(self) -> tuple[Issue, ...]:
        """Return the findings that block a run."""
        return tuple(issue for issue in self._issues if issue.severity == "error")

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
            for issue in self._issues
        ]
        kinds = {column: "Int64" if column == "row" else "str" for column in COLUMNS}
        return pd.DataFrame(rows, columns=list(COLUMNS)).astype(kinds)
