"""What was taken from an extract, as numbers, and as the sentences that say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from coverage import texts, vocabulary
from coverage.plans import DEFAULT_PLAN, read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

# the key of a sentence in the room ``osm_project``, and its values
Note: TypeAlias = "tuple[str, Mapping[str, object]]"


@dataclass(frozen=True, kw_only=True)
class Extract:
    """Say what a project took from an OpenStreetMap extract.

    Parameters
    ----------
    folder
        The project's folder.
    name
        The project's name.
    year
        Year that the extract describes.
    townships, communities
        Number of units.
    township_level
        The admin_level that townships were taken from; None for the extent as one, or for the
        areas of a file.
    community_levels
        The levels that communities were taken from; empty where each township is one.
    boundaries
        File whose areas are the townships, None where they are the extract's own.
    facilities
        Number of facilities by canonical category, the most frequent first.
    unserved
        Services that no facility of the extract offers.
    demand
        Number of demand points.
    demand_from
        ``buildings``, or ``streets`` where the file holds no residential building.
    bounds
        West, south, east and north of what the extract covers, in degrees.
    left_out
        Number of elements that were looked at and not taken, by their tag.
    notes
        What else is to be known.
    """

    folder: Path
    name: str
    year: int
    townships: int
    communities: int
    township_level: int | None
    community_levels: tuple[int, ...]
    boundaries: Path | None
    facilities: Mapping[str, int]
    unserved: tuple[str, ...]
    demand: int
    demand_from: str
    bounds: tuple[float, float, float, float]
    left_out: Mapping[str, int]
    notes: tuple[Note, ...]

    def sentences(self, language: str | None = None) -> list[str]:
        """Return what was taken, one sentence each, for people.

        Parameters
        ----------
        language
            ``zh`` or ``en``; by default the one in use.
        """
        language = language or texts.language()
        west, south, east, north = (f"{bound:.4f}" for bound in self.bounds)
        box = {"west": west, "south": south, "east": east, "north": north}
        said: list[Note] = [
            ("written", {"folder": self.folder, "name": self.name, "year": self.year, **box}),
            self._townships(),
            self._communities(language),
            self._facilities(language),
            *self._unserved(language),
            (f"demand_{self.demand_from}", {"count": self.demand}),
            *self.notes,
        ]
        if self.left_out:
            said.append(("left_out", {"tags": _counts(self.left_out, language)}))
        said.append(("not_computable", {}))
        return [texts.say(f"osm_project.{key}", language, **values) for key, values in said]

    def _townships(self) -> Note:
        if self.boundaries is not None:
            return "townships_given", {"count": self.townships, "path": self.boundaries}
        if self.township_level is None:
            return "townships_extent", {}
        return "townships_level", {"count": self.townships, "level": self.township_level}

    def _communities(self, language: str) -> Note:
        if not self.community_levels:
            return "communities_townships", {"count": self.communities}
        levels = texts.listed(self.community_levels, language)
        return "communities_levels", {"count": self.communities, "levels": levels}

    def _facilities(self, language: str) -> Note:
        if not self.facilities:
            return "no_facilities", {}
        known = vocabulary.categories()
        titles = {known[name].title(language): count for name, count in self.facilities.items()}
        kinds = _counts(titles, language)
        return "facilities", {"count": sum(self.facilities.values()), "kinds": kinds}

    def _unserved(self, language: str) -> list[Note]:
        if not self.unserved or not self.facilities:
            return []
        services = read_plan(DEFAULT_PLAN).services
        titles = texts.listed((services[n].title(language) for n in self.unserved), language)
        return [("unserved", {"services": titles})]


def _counts(numbers: Mapping[str, int], language: str) -> str:
    return texts.listed((f"{name} {count}" for name, count in numbers.items()), language)
