"""Write figures as reports do, the same digits everywhere."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from coverage import texts, vocabulary

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping


class Words:
    """Say sentences of the report in one language.

    Parameters
    ----------
    language
        ``zh`` or ``en``.
    """

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence of the report, filled in."""
        return texts.say(f"report.{key}", self.language, **values)

    def listed(self, names: Iterable[str], most: int = 10) -> str:
        """Return names in a row; past the most, how many there are in all.

        Parameters
        ----------
        names
            The names.
        most
            How many to write out.
        """
        every = list(names)
        said = texts.listed(every[:most], self.language)
        return said if len(every) <= most else self("and_more", names=said, count=len(every))

    def field(self, name: str) -> str:
        """Return what people call a field that is counted."""
        known = vocabulary.fields().get(name)
        return name if known is None else known.title(self.language)

    def unit(self, unit: object) -> str:
        """Return how the language writes a unit."""
        return vocabulary.unit_title(str(unit), self.language)

    def status(self, status: object) -> str:
        """Return the word for a status."""
        return texts.say(f"indicators.status_{status}", self.language)

    def variant(self, variant: object) -> str:
        """Return the word for a reading."""
        return texts.say(f"indicators.variant_{variant}", self.language)


def number(value: float, digits: int = 2) -> str:
    """Return a number with thousands set apart and no needless zeros; a dash where it is missing.

    Parameters
    ----------
    value
        The number.
    digits
        Digits behind the point, at most.
    """
    if value is None or math.isnan(value):
        return "—"
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def people(value: float) -> str:
    """Return people as a whole number."""
    return number(value, 0)


def percent(share: float) -> str:
    """Return a share of 0–1 in percent."""
    return "—" if math.isnan(share) else f"{share * 100:.2f}%"


def target(figure: Mapping[Hashable, Any]) -> str:
    """Return a figure's target with its comparator."""
    text = number(figure["target"])
    sign = "" if figure["comparator"] in ("=", "") else str(figure["comparator"])
    return text if text == "—" else f"{sign}{text}"
