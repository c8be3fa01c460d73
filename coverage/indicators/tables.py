"""Rows of a layer as indicators see them: where each lies at every level, and its columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import shapely

from coverage import vocabulary
from coverage.indicators.units import LAYER_LEVELS, LEVELS
from coverage.layers.declared import community_finder, township_finder
from coverage.layers.location import shapes as shaped
from coverage.layers.units import located_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.indicators.units import Level, Units
    from coverage.layers import Layers

    Integers = NDArray[np.int64]
    Positions = Mapping[Level, Integers]

_PER_HUNDRED = 100.0
# areas per 100 households of an estate, and what they are made of
_AREAS = {
    "community_area_per_100hh": "area_community",
    "eldercare_area_per_100hh": "area_eldercare",
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """Hold rows of a layer.

    Parameters
    ----------
    layer
        Name of the layer.
    frame
        Its columns.
    places
        By level, the position of the unit that each row lies in, -1 for none.
    units
        The units.
    """

    layer: str
    frame: pd.DataFrame
    places: Positions
    units: Units

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def names(self) -> pd.Series:
        """Return what people call each row."""
        for column in ("name", "id"):
            if column in self.frame:
                return self.frame[column].astype(str)
        return pd.Series(np.arange(1, len(self) + 1).astype(str), index=self.frame.index)

    @property
    def codes(self) -> pd.Series:
        """Return the code or identifier of each row, its row in the file where it has neither."""
        if self.layer in LAYER_LEVELS:
            return self.frame.index.to_series()
        for column in ("id", "code", "source_row"):
            if column in self.frame:
                return self.frame[column].astype(str)
        return pd.Series(np.arange(1, len(self) + 1).astype(str), index=self.frame.index)

    @property
    def kind(self) -> str:
        """Return what each row is: a level of units, ``facility``, else the layer's name."""
        return {**LAYER_LEVELS, "facilities": "facility"}.get(self.layer, self.layer)

    def column(self, name: str, *, urban_rule: str = "kind") -> tuple[pd.Series | None, str]:
        """Return a column, given or derived, and the name of the field that it rests on.

        Numbers of townships and counties that are not given are summed from the units in them;
        flags that are not given are those of the unit above.

        Parameters
        ----------
        name
            Field of the layer, or one of the derived fields.
        urban_rule
            What makes a community urban.

        Returns
        -------
        tuple
            None where the layer does not have it.
        """
        if name == "urban" and self.layer == "communities":
            return _urban(self, urban_rule)
        if name in _AREAS and self.layer == "estates":
            return _per_100_households(self, _AREAS[name])
        given = self.frame.get(name)
        if (given is None or is_blank(given).all()) and self.layer in LAYER_LEVELS:
            given = self._from_other_level(name) if given is None or len(given) else given
        return given, name

    def _from_other_level(self, name: str) -> pd.Series | None:
        kind = vocabulary.fields()[name].kind if name in vocabulary.fields() else ""
        level = LAYER_LEVELS[self.layer]
        order = LEVELS.index(level)
        steps = LEVELS[order + 1 : 3] if kind == "flag" else LEVELS[:order][::-1]
        if kind not in ("flag", "number"):
            return None
        for other in steps:
            column = self.units.frame(other).get(name)
            if column is None or column.isna().all():
                continue
            if kind == "flag":
                at = self.units.positions(level, other)
                above = column.astype("boolean").reset_index(drop=True).reindex(at)
                return above.set_axis(self.frame.index)
            at = self.units.positions(other, level)
            inside = at >= 0
            sums = column[inside].groupby(at[inside]).sum(min_count=1)
            return pd.Series(
                sums.reindex(range(len(self))).to_numpy(dtype=float), index=self.frame.index
            )
        return None


def is_blank(column: pd.Series) -> pd.Series:
    """Return where nothing stands in a column."""
    missing = column.isna()
    return missing if column.dtype.kind in "fib" else missing | (column.astype(object) == "")


def _urban(table: Table, rule: str) -> tuple[pd.Series | None, str]:
    if rule == "township_kind":
        kinds = table.units.townships["kind"].to_numpy(dtype=object)
        kind = pd.Series(np.append(kinds, "")[table.places["township"]], index=table.frame.index)
        return (kind == "街道").astype("boolean").mask(kind == ""), "kind"
    field = "urban_code" if rule == "urban_code" else "kind"
    words = table.frame.get(field)
    if words is None:
        return None, field
    words = words.astype(str)
    if field == "kind":
        urban = (words == "社区").astype("boolean")
        return urban.mask(~words.isin(["社区", "村"])), field
    return words.str.startswith("1").astype("boolean").mask(words == ""), field


def _per_100_households(table: Table, area: str) -> tuple[pd.Series | None, str]:
    for field in (area, "households"):
        if field not in table.frame:
            return None, field
    households = table.frame["households"]
    return table.frame[area] / households.where(households > 0) * _PER_HUNDRED, area


def unit_positions(units: Units, level: Level) -> dict[Level, Integers]:
    """Return where the units of a level lie at every level."""
    own = LEVELS.index(level)
    nowhere = np.full(len(units.names(level)), -1)
    return {
        other: units.positions(level, other) if LEVELS.index(other) >= own else nowhere
        for other in LEVELS
    }


def facility_positions(facilities: pd.DataFrame, units: Units) -> dict[Level, Integers]:
    """Return where facilities lie at every level.

    One whose place is not known at all belongs to the county that it names, or to the only one.
    """
    named = facilities.get("county", None)
    nowhere = (facilities["location"] == "none").to_numpy()
    return _positions(facilities["community"], facilities["township"], named, nowhere, units)


def placed_positions(
    layer: gpd.GeoDataFrame, layers: Layers, units: Units
) -> dict[Level, Integers]:
    """Return where the rows of a further layer lie: by geometry, else by the units they name.

    Parameters
    ----------
    layer
        The layer.
    layers
        All layers, for the outlines and names of units.
    units
        The units.
    """
    shapes = np.asarray(layer.geometry.array)
    points = np.full(len(shapes), None, dtype=object)
    placed = ~shapely.is_missing(shapes)
    points[placed] = shaped.points(shapes[placed])
    township = located_in(points, layers.townships).set_axis(layer.index)
    community = located_in(points, layers.communities).set_axis(layer.index)
    if "township" in layer:
        finder = township_finder(layers.townships, None)
        township = township.where(township != "", finder.match(layer["township"].astype(str)))
    if "community" in layer:
        search = community_finder(layers.communities, layers.townships, None)
        found = search.match(layer["community"].astype(str), township)
        community = community.where(community != "", found)
    lies_in = dict(zip(units.communities.index, units.communities["township"], strict=True))
    township = township.where(township != "", community.map(lies_in).fillna(""))
    named = layer.get("county", None)
    return _positions(community, township, named, ~placed, units)


def _positions(
    community: pd.Series,
    township: pd.Series,
    county: pd.Series | None,
    nowhere: NDArray[np.bool_],
    units: Units,
) -> dict[Level, Integers]:
    at_community = units.communities.index.get_indexer(pd.Index(community.astype(object)))
    at_township = units.townships.index.get_indexer(pd.Index(township.astype(object)))
    over = units.positions("township", "county")
    at_county = np.append(over, -1)[at_township]
    if county is not None:
        words = county.astype(object)
        by_name = pd.Index(units.counties["name"].astype(object))
        by_code = units.counties.index.get_indexer(pd.Index(words))
        known = np.where(
            by_code >= 0,
            by_code,
            by_name.get_indexer_for(pd.Index(words)) if by_name.is_unique else -1,
        )
        at_county = np.where(at_county >= 0, at_county, known)
    lost = (at_county < 0) & nowhere
    if len(units.counties) == 1:
        at_county = np.where(lost, 0, at_county)
    at_city = np.where((at_county >= 0) | lost, 0, -1)
    return {
        "community": at_community,
        "township": at_township,
        "county": at_county,
        "city": at_city,
    }
