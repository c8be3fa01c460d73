"""Headers and words of the plan workbook, as it is written and as it is read back."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Literal

from coverage import texts, vocabulary
from coverage.plans.parameters import FAMILIES

if TYPE_CHECKING:
    from collections.abc import Mapping

Table = Literal["rows", "plan", "services", "indicators"]

_PEOPLE = ("population", "elders60", "elders65", "elders80", "households")
_AMOUNTS = (
    "floor_area_m2", "beds_total", "beds_nursing", "beds_full", "beds_day", "beds_dementia",
    "capacity", "staff", "caregivers", "site_area_m2", "residents",
)  # fmt: skip


def columns_of(table: Table) -> tuple[str, ...]:
    """Return the keys that a sheet asks for, in order.

    Parameters
    ----------
    table
        The sheet.
    """
    start = f"{table}."
    keys = [key for key in texts.keys("plan_sheet") if key.startswith(start)]
    return tuple(key.removeprefix(start) for key in keys)


@cache
def headers_of(table: Table) -> Mapping[str, str]:
    """Return the key by each folded header, in both languages.

    Parameters
    ----------
    table
        The sheet.
    """
    return {
        vocabulary.fold(texts.say(f"plan_sheet.{table}.{key}", language)): key
        for language in texts.LANGUAGES
        for key in columns_of(table)
    }


def words_of(kind: str, language: str) -> tuple[str, ...]:
    """Return the words that a cell may be chosen from, none where anything may stand.

    Parameters
    ----------
    kind
        Key of the column.
    language
        ``zh`` or ``en``.
    """
    return tuple(_words(kind, language))


def meant(kind: str, text: str) -> str:
    """Return what a word of a list stands for, the word itself where it is none.

    Parameters
    ----------
    kind
        Key of the column.
    text
        What stands in the cell.
    """
    folded = vocabulary.fold(text)
    for language in texts.LANGUAGES:
        for word, name in _words(kind, language).items():
            if vocabulary.fold(word) == folded:
                return name
    if kind == "categories":
        return vocabulary.category_of(text) or text
    return text


@cache
def _words(kind: str, language: str) -> Mapping[str, str]:
    fields = vocabulary.fields()
    if kind == "family":
        return {texts.say(f"indicators.family_{name}", language): name for name in FAMILIES}
    if kind == "categories":
        return {each.title(language): each.name for each in vocabulary.categories().values()}
    if kind in ("weight", "numerator", "denominator"):
        names = {"weight": _PEOPLE, "numerator": _AMOUNTS}.get(kind, (*_PEOPLE, *_AMOUNTS))
        return {fields[name].title(language): name for name in names}
    start = f"word.{kind}."
    return {
        texts.say(f"plan_sheet.{key}", language): key.removeprefix(start)
        for key in texts.keys("plan_sheet")
        if key.startswith(start)
    }
