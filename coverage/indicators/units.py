"""The ladder of units: communities, townships, counties, and the city where there are several."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Level = Literal["community", "township", "county", "city"]
LEVELS: tuple[Level, ...] = ("community", "township", "county", "city")


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
        Index code; column name.
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
        frames = {
            "community": self.communities,
            "township": self.townships,
            "county": self.counties,
        }
        return frames[level]["name"]

    def parents(self, codes: pd.Index, level: Level, above: Level) -> pd.Series:
        """Return the unit of a higher level that each unit lies in, by the units' codes."""
        parent = pd.Series(codes, index=codes, dtype=object)
        steps = LEVELS[LEVELS.index(level) : LEVELS.index(above)]
        for step in steps:
            if step == "community":
                parent = parent.map(self.communities["township"])
            elif step == "township":
                parent = parent.map(self.townships["county"])
            else:
                parent = pd.Series(self.city[0] if self.city else "", index=codes)
        return parent


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
        The layer, where there is one; it only gives names.
    project_name
        Name of the one county, or of the city where there are several counties.
    """
    towns = pd.DataFrame(townships.drop(columns="geometry", errors="ignore")).set_index("code")
    places = pd.DataFrame(communities.drop(columns="geometry", errors="ignore")).set_index("code")
    # the order of first appearance, so that the same files give the same rows
    codes = pd.Index(towns["county"].fillna("").astype(str).unique())
    towns = towns.assign(county=towns["county"].fillna("").astype(str))
    single = len(codes) == 1
    names = pd.Series([project_name if single else code for code in codes], index=codes)
    if counties is not None:
        given = counties.drop_duplicates("code").set_index("code")["name"]
        names = given.reindex(codes).fillna(names)
    city = None
    if not single:
        prefixes = {code[:4] for code in codes}
        city = (f"{prefixes.pop()}00" if len(prefixes) == 1 else "", project_name)
    return Units(
        communities=places, townships=towns, counties=pd.DataFrame({"name": names}), city=city
    )
