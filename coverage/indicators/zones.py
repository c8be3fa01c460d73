"""Zones: lists of units or areas, and which communities and demand points lie in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from coverage.indicators.conditions import decide
from coverage.indicators.errors import NotComputableError
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs

    Flags = NDArray[np.bool_]
    Integers = NDArray[np.int64]


def _none() -> Flags:
    return np.zeros(0, dtype=bool)


@dataclass(frozen=True, kw_only=True, eq=False)
class Zone:
    """Who lies in a zone.

    Parameters
    ----------
    communities
        Which communities lie in it whole.
    points
        Which demand points lie in its areas; None where it has none.
    unknown
        Of which communities nobody knows.
    lost
        Which rows of the zones layer name no unit and have no area.
    """

    communities: Flags
    points: Flags | None
    unknown: Flags
    lost: Flags = field(default_factory=_none)

    @property
    def by_point(self) -> bool:
        """Return whether demand points have to be asked."""
        return self.points is not None

    def of_points(self, community: Integers) -> Flags:
        """Return which demand points lie in it, by the community of each."""
        listed: Flags = np.append(self.communities, [False])[community]
        return listed if self.points is None else listed | self.points


def zone_of(conditions: Any, inputs: Inputs) -> Zone:  # noqa: ANN401 - sets of conditions
    """Return who lies in the zones that meet conditions.

    A zone with the code of a unit is that unit, else the unit of its name, else its area.

    Parameters
    ----------
    conditions
        Conditions on the zones layer.
    inputs
        Zones, units, demand.

    Raises
    ------
    NotComputableError
        If there is no such layer, or a field of the conditions is missing.
    """
    table = inputs.table("zones")
    chosen = decide(conditions, table).holds
    inside, found = _listed(table.frame[chosen], inputs)
    areas = np.asarray(inputs.layers.others["zones"].geometry.array)[chosen]
    areal = ~found & ~shapely.is_missing(areas)
    points = None
    if areal.any():
        tree = shapely.STRtree(np.asarray(inputs.demand.geometry.array))
        _, point = tree.query(areas[areal], predicate="intersects")
        points = np.isin(np.arange(len(inputs.demand)), point)
    size = len(inside)
    return Zone(
        communities=inside,
        points=points,
        unknown=np.zeros(size, dtype=bool),
        lost=~found & ~areal,
    )


def _listed(zones: pd.DataFrame, inputs: Inputs) -> tuple[Flags, Flags]:
    """Return the communities in the units that zones name, and which zones name one."""
    units = inputs.units
    inside, found = np.zeros(len(units.communities), dtype=bool), np.zeros(len(zones), dtype=bool)
    for key in ("code", "name"):
        if key not in zones:
            continue
        words = pd.Index(zones[key].astype(object).where(~found & (zones[key] != ""), None))
        for level in LAYER_LEVELS.values():
            labels = units.names(level).index if key == "code" else pd.Index(units.names(level))
            if not labels.is_unique:
                continue
            at = labels.astype(object).get_indexer(words)
            inside |= np.isin(units.positions("community", level), at[at >= 0])
            found |= at >= 0
    return inside, found


def cremation_zone(inputs: Inputs, layer: str) -> pd.Series | None:
    """Return which units of a layer lie in the cremation zone, as the zones layer has it.

    A township or county lies in it where any of its communities does.

    Parameters
    ----------
    inputs
        Zones and units.
    layer
        A layer of units.

    Returns
    -------
    pandas.Series
        None without a zones layer.
    """
    try:
        zone = zone_of({"kind": "火化区"}, inputs)
    except NotComputableError:
        return None
    units, level = inputs.units, LAYER_LEVELS[layer]
    inside = zone.communities
    if zone.points is not None:
        at = inputs.demand["community"].astype(object)[zone.points]
        inside = inside | units.communities.index.isin(at)
    at_level = units.positions("community", level)[inside]
    flags = np.isin(np.arange(len(units.names(level))), at_level)
    return pd.Series(flags, index=units.names(level).index).astype("boolean")
