"""What is odd in a plan: told with the plan and the row, while the rest of the plan goes on."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from coverage import texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Severity = Literal["error", "warning"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One finding.

    Parameters
    ----------
    severity
        ``error``: the row is set aside; ``warning``: it is used as it stands.
    code
        Key of the sentence in ``texts/plans.toml``.
    plan
        Name of the plan or of its file.
    row
        The row's number in the plan, or its place in the file where it has none; empty where the
        finding concerns the whole plan.
    field
        Key that it is about.
    value
        What stands there.
    values
        What else the sentence's placeholders stand for.
    """

    severity: Severity
    code: str
    plan: str
    row: str
    field: str
    value: str
    values: Mapping[str, object]

    def message(self, language: str | None = None) -> str:
        """Return the sentence that says what was found and what to do."""
        head = texts.say(
            "plans.in_row" if self.row else "plans.in_plan", language, plan=self.plan, row=self.row
        )
        known = {"field": self.field, "value": self.value, **self.values}
        return head + texts.say(f"plans.{self.code}", language, **known)


class Findings:
    """Collect the findings of one row, or of the plan as a whole."""

    def __init__(self, plan: str, row: str = "") -> None:
        self.plan = plan
        self.row = row
        self.all: list[Finding] = []

    def error(self, code: str, field: str = "", value: object = "", **values: object) -> None:
        """Add a finding that sets the row aside."""
        self._add("error", code, field, value, values)

    def warn(self, code: str, field: str = "", value: object = "", **values: object) -> None:
        """Add a finding that leaves the row in use."""
        self._add("warning", code, field, value, values)

    def unknown(self, code: str, field: str, value: object, known: Iterable[str]) -> None:
        """Add an error that names the known word nearest to an unknown one."""
        self.error(code, field, value, near=nearest(str(value), known))

    @property
    def failed(self) -> bool:
        """Return whether any finding is an error."""
        return any(finding.severity == "error" for finding in self.all)

    def _add(
        self, severity: Severity, code: str, key: str, value: object, values: Mapping[str, object]
    ) -> None:
        self.all.append(
            Finding(
                severity=severity,
                code=code,
                plan=self.plan,
                row=self.row,
                field=key,
                value=str(value),
                values=values,
            )
        )


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word nearest to a given one."""
    return get_close_matches(word, list(known), n=1, cutoff=0.0)[0]
