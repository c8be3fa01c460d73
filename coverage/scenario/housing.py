"""Let people move in: new demand points, and units that have so many people more."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.scenario.checks import PEOPLE

if TYPE_CHECKING:
    from coverage.layers import Layers
    from coverage.scenario.edits import Housing
    from coverage.scenario.places import Ground, Spot, Where


def with_housing(
    layers: Layers, demand: gpd.GeoDataFrame, edit: Housing, ground: Ground, where: Where
) -> tuple[Layers, gpd.GeoDataFrame]:
    """Return layers and demand with people more.

    Communities, townships and counties grow alike, so that sums hold. A number that a unit does
    not know it does not know afterwards either, nor do its new points.

    Parameters
    ----------
    layers
        All layers.
    demand
        Weighted points.
    edit
        Who moves in, and where.
    ground
        Finds places.
    where
        Names the edit in complaints.

    Raises
    ------
    ScenarioError
        If the place lies in no community, or the id is taken.
    """
    spots = _spots(edit, ground, where)
    taken = demand["id"].astype(str)
    if ((taken == edit.id) | taken.str.startswith(f"{edit.id}-")).any():
        raise where.wrong("demand_there", id=edit.id)
    lost = next((spot for spot in spots if not spot.community), None)
    if lost is not None:
        raise where.wrong("no_community", name=edit.name or edit.id)
    points = _points(layers, demand, edit, spots)
    county = dict(zip(layers.townships["code"], layers.townships["county"], strict=True))
    levels = {
        "communities": points["community"],
        "townships": points["township"],
        "counties": points["township"].map(county),
    }
    grown = {
        name: _grown(frame, edit, levels[name].value_counts() / len(spots))
        for name, frame in _units(layers).items()
    }
    others = dict(layers.others)
    if "counties" in grown:
        others["counties"] = grown["counties"]
    changed = replace(
        layers,
        communities=grown["communities"],
        townships=grown["townships"],
        others=others,
    )
    return changed, gpd.GeoDataFrame(pd.concat([demand, points], ignore_index=True), crs=demand.crs)


def _spots(edit: Housing, ground: Ground, where: Where) -> list[Spot]:
    if edit.polygon is None:
        return [ground.spot(edit, where)]
    return ground.spots(ground.points_in(ground.shape(edit.polygon, area=True)), where)


def _units(layers: Layers) -> dict[str, gpd.GeoDataFrame]:
    units = {"communities": layers.communities, "townships": layers.townships}
    counties = layers.others.get("counties")
    if counties is not None and "code" in counties:
        units["counties"] = counties
    return units


def _grown(units: gpd.GeoDataFrame, edit: Housing, share: pd.Series) -> gpd.GeoDataFrame:
    """Return units with the people that each gets, their shares given by its code."""
    grown = units.copy()
    own = grown["code"].map(share).fillna(0.0)
    for name in PEOPLE:
        if name in grown:
            grown[name] = grown[name] + own * getattr(edit, name)
    return grown


def _points(
    layers: Layers, demand: gpd.GeoDataFrame, edit: Housing, spots: list[Spot]
) -> gpd.GeoDataFrame:
    """Return demand points, the people spread evenly over them."""
    single = len(spots) == 1
    table = pd.DataFrame(
        {
            "id": [edit.id if single else f"{edit.id}-{n}" for n in range(1, len(spots) + 1)],
            "community": [spot.community for spot in spots],
            "township": [spot.township for spot in spots],
        },
        dtype="str",
    )
    communities = layers.communities.set_index("code")
    for name in demand.columns.drop(["id", "community", "township", "geometry"]):
        table[name] = getattr(edit, name) / len(spots) if name in PEOPLE else np.nan
        if name in communities:
            known = communities[name].reindex(table["community"]).notna().to_numpy()
            table[name] = table[name].where(known)
    return gpd.GeoDataFrame(table, geometry=[spot.point for spot in spots], crs=demand.crs)
