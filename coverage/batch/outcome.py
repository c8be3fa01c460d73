"""What became of each county of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a county.

    Parameters
    ----------
    project
        The project file.
    key
        As in its `Job`.
    state
        ``done``, ``unchanged`` since an earlier batch, or ``failed``.
    code, name
        Of the county; the code is empty where it failed before it was known.
    year, population_basis, plan
        What its figures are of.
    people
        People of its communities, missing where the project does not say.
    reason
        Why it failed, in a sentence.
    seconds
        How long it took.
    """

    project: Path
    key: str
    state: str
    code: str = ""
    name: str = ""
    year: int = 0
    population_basis: str = ""
    plan: str = ""
    people: float | None = None
    reason: str = ""
    seconds: float = 0.0
