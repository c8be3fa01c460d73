"""The ladder of units: communities, townships, counties, and the city where there are several."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Level = Literal["community", "township", "county", "city"]
LEVELS: tuple[Level, ...] = ("community", "township", "county", "city")
# level of the units that a layer lists
LAYER_LEVELS: Mapping[str, Level] = {
    "communities": "community",
    "townships": "township",
    "counties": "county",
}


@dataclass(frozen=True, kw_only=True)
class Units:
    """All units of a project and which lies in which.

    Parameters
    ----------
    communities
        Index code; columns name, township, place, and the numbers of the layer.
    townships
        Index code; columns name, county, kind, and the numbers of the layer.
    counties
        Index code; columns name, and the numbers of the layer where there is one.
    city
        Code and name of the whole where there are several counties, else None.
    """

    communities: pd.DataFrame
    townships: pd.DataFrame
    counties: pd.DataFrame
    city: tuple[str, str] | None

    def levels_from(self, level: Level) -> tuple[Level, ...]:
        """Return a level and those above it that this project has."""
        above = LEVELS[LEVELS.index(level) :]
        return above if self.city else above[: above.index("county") + 1]

    def names(self, level: Level) -> pd.Series:
        """Return the names of a level's units by code, in the order of the layer."""
        if level == "city":
            code, name = self.city or ("", "")
            return pd.Series([name], index=[code])
        return self.frame(level)["name"]

    def frame(self, level: Level) -> pd.DataFrame:
        """Return the table of a level below the city."""
        frames = {
            "community": self.communities,
            "township": self.townships,
            "county": self.counties,
        }
        return frames[level]

    def find(self, code: str) -> tuple[Level, int] | None:
        """Return level and position of the unit that a code stands for, None where none does.

        The code of a county may be filled up with zeros.
        """
        for level in self.levels_from("community")[::-1]:
            index = self.names(level).index
            for written in (code, code[:6] if not code[6:].strip("0") else code):
                if written in index:
                    return level, int(index.get_indexer(pd.Index([written]))[0])
        return None

    def positions(self, level: Level, above: Level) -> NDArray[np.int64]:
        """Return for each unit of a level the position of the higher unit it lies in, -1 for none.

        Positions are those of `names`.
        """
        key = (level, above)
        if key not in self._known_positions:
            self._known_positions[key] = self._positions(level, above)
        return self._known_positions[key]

    def _positions(self, level: Level, above: Level) -> NDArray[np.int64]:
        at = np.arange(len(self.names(level)))
        for step in LEVELS[LEVELS.index(level) : LEVELS.index(above)]:
            if step == "community":
                over = self.names("township").index.get_indexer(
                    pd.Index(self.communities["township"])
                )
            elif step == "township":
                over = self.counties.index.get_indexer(pd.Index(self.townships["county"]))
            else:
                over = np.zeros(len(self.counties), dtype=np.int64)
            # the entry appended is that of units that lie in none
            at = np.append(over, -1)[at]
        return at

    @cached_property
    def _known_positions(self) -> dict[tuple[Level, Level], NDArray[np.int64]]:
        return {}


def make_units(
    communities: pd.DataFrame,
    townships: pd.DataFrame,
    counties: pd.DataFrame | None,
    project_name: str,
) -> Units:
    """Build the ladder from the layers.

    Parameters
    ----------
    communities, townships
        The layers, geometry or not.
    counties
        The layer, where there is one: names and numbers of the counties that townships lie in.
    project_name
        Name of the one county, or of the city where there are several counties.
    """
    towns, places = _by_code(townships, "county"), _by_code(communities, "township")
    # the order of first appearance, so that the same files give the same rows
    codes = pd.Index(towns["county"].unique(), dtype=object)
    single = len(codes) == 1
    names = pd.Series([project_name if single else code for code in codes], index=codes)
    table = pd.DataFrame({"name": names})
    if counties is not None and "code" in counties:
        given = counties.drop(columns=["geometry", "source_row"], errors="ignore")
        table = pd.DataFrame(given.drop_duplicates("code").set_index("code")).reindex(codes)
        table["name"] = table["name"].fillna(names) if "name" in table else names
    city = None
    if not single:
        prefixes = {code[:4] for code in codes}
        city = (f"{prefixes.pop()}00" if len(prefixes) == 1 else "", project_name)
    return Units(communities=places, townships=towns, counties=table, city=city)


def _by_code(layer: pd.DataFrame, parent: str) -> pd.DataFrame:
    table = pd.DataFrame(layer.drop(columns="geometry", errors="ignore"))
    # plain objects: codes are looked up many times, and other strings are converted each time
    codes = pd.Index(table["code"].astype(object), name="code")
    above = table[parent].fillna("").astype(str).astype(object)
    return table.assign(**{parent: above}).drop(columns="code").set_axis(codes)
