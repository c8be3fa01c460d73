"""Tell what an OpenStreetMap element is taken for, by its tags and its name.

The rules stand in ``tags.toml`` beside this file, each with its reason.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Literal

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

Home = Literal["tagged", "numbered", "plain"]

# without any of these an element is no facility, and costs no more time
_FACILITY_KEYS = frozenset(
    {"amenity", "government", "healthcare", "landuse", "name", "office", "shop", "social_facility"}
)
_AUDIENCES = ("social_facility:for", "community_centre:for")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_SHORTEST_WORD = 3  # characters; shorter words stand in too many names
_NUMBER = re.compile(r"\d+")


def facility_category(tags: Mapping[str, str]) -> str | None:
    """Return the canonical category of the facility that an element is, or None.

    Parameters
    ----------
    tags
        Tags of a node or of an area.
    """
    if not _FACILITY_KEYS & tags.keys():
        return None
    name = tags.get("name", "")
    if any(word in name for word in rules("names")["not_ours"]):
        return None
    return _category_by_name(tags, name) or _category_by_tags(tags)


def left_out(tags: Mapping[str, str]) -> str | None:
    """Return the tag for which an element that is no facility of ours is counted, or None.

    Parameters
    ----------
    tags
        Tags of a node or of an area.
    """
    if "social_facility" in tags:
        return f"social_facility={tags['social_facility']}"
    if not _FACILITY_KEYS & tags.keys():
        return None
    counted = rules("left_out")["tags"]
    return next((tag for tag in counted if _has(tags, tag)), None)


def beds_and_capacity(tags: Mapping[str, str], category: str) -> tuple[float | None, float | None]:
    """Return the beds and the capacity in people that an element's tags give.

    Parameters
    ----------
    tags
        Tags of a facility.
    category
        Its canonical category: the capacity of a place where people live is its beds.
    """
    beds = next(
        (b for tag in rules("beds")["tags"] if (b := _number(tags.get(tag))) is not None), None
    )
    capacity = _number(tags.get("capacity"))
    if beds is None and category in rules("beds")["categories"]:
        return capacity, None
    return beds, capacity


def home(tags: Mapping[str, str]) -> Home | None:
    """Return what makes a building a home, or None where it is none.

    Parameters
    ----------
    tags
        Tags with the key ``building``.

    Returns
    -------
    str or None
        ``tagged`` as residential; ``numbered``: just a building, with a house number; ``plain``:
        just a building, of which size and surroundings have to tell.
    """
    if any(tags.get(key, "no") != "no" for key in rules("homes")["empty"]):
        return None
    if tags["building"] in rules("homes")["buildings"]:
        return "tagged"
    if tags["building"] != "yes" or any(key in tags for key in rules("homes")["other_use"]):
        return None
    return "numbered" if "addr:housenumber" in tags else "plain"


def is_water(tags: Mapping[str, str]) -> bool:
    """Return whether an area is a river, a lake or a reservoir.

    Parameters
    ----------
    tags
        Tags of an area.
    """
    if not any(_has(tags, tag) for tag in rules("water")["any"]):
        return False
    return tags.get("water", "") in rules("water")["kinds"]


@cache
def rules(section: str) -> Any:  # noqa: ANN401 - tables of a data file
    """Return a section of ``tags.toml``.

    Parameters
    ----------
    section
        Name of a table.
    """
    source = resources.files(__package__) / "tags.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))[section]


def _has(tags: Mapping[str, str], tag: str) -> bool:
    key, value = tag.split("=", 1)
    return tags.get(key) == value


def _number(text: str | None) -> float | None:
    found = _NUMBER.search(text or "")
    return float(found.group()) if found else None


@cache
def _words() -> tuple[tuple[str, str], ...]:
    """Return the vocabulary's Chinese words with their categories, the longest first."""
    words = {
        word: category.name
        for category in vocabulary.categories().values()
        for word in (category.zh, *category.aliases)
        if len(word) >= _SHORTEST_WORD and _CHINESE.match(word)
    }
    return tuple(sorted(words.items(), key=lambda item: (-len(item[0]), item[0])))


def _category_by_name(tags: Mapping[str, str], name: str) -> str | None:
    if not _CHINESE.search(name):
        return None
    names = rules("names")
    if any(key in tags for key in names["never"]):
        return None
    if tags.get("amenity", names["amenities"][0]) not in names["amenities"]:
        return None
    if tags.get("shop", names["shops"][0]) not in names["shops"]:
        return None
    return next((category for word, category in _words() if word in name), None)


@cache
def _rules_by_tag() -> dict[tuple[str, str], tuple[tuple[int, str, frozenset[str]], ...]]:
    """Return by tag the rules that name it: order, category, whom it has to be for."""
    by_tag: dict[tuple[str, str], list[tuple[int, str, frozenset[str]]]] = {}
    for order, rule in enumerate(rules("facility")):
        for tag in rule["any"]:
            key, value = tag.split("=", 1)
            entry = (order, rule["category"], frozenset(rule.get("for", ())))
            by_tag.setdefault((key, value), []).append(entry)
    return {tag: tuple(entries) for tag, entries in by_tag.items()}


def _category_by_tags(tags: Mapping[str, str]) -> str | None:
    by_tag = _rules_by_tag()
    found = [entry for tag in tags.items() for entry in by_tag.get(tag, ())]
    if not found:
        return None
    said = ";".join(tags[key] for key in _AUDIENCES if key in tags)
    audience = {part.strip() for part in said.split(";")}
    fitting = [(order, category) for order, category, whom in found if not whom or whom & audience]
    return min(fitting)[1] if fitting else None
