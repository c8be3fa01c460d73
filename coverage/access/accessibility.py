"""What stands beside coverage: supply per person, room, detours and how unequal it all is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.access.by_unit import CAPACITY_PARTS, capacity_by_unit, score_by_unit
from coverage.access.capacity import capacity_catchment
from coverage.access.detour import DETOUR_COLUMNS, detour_by_unit
from coverage.access.floating import floating_catchment
from coverage.access.inequality import inequality, urban_rural
from coverage.access.measure import positions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.access.inequality import Reading
    from coverage.access.measure import MeasuredAccess, ServiceAccess

ACCESSIBILITY_COLUMNS = (
    "service", "level", "unit_code", "unit_name", "people", "supply_of", "supply", "score",
    *CAPACITY_PARTS, "served_share", *DETOUR_COLUMNS[2:],
)  # fmt: skip
INEQUALITY_TABLE_COLUMNS = (
    "service", "measure", "people", "without_value", "mean", "gini", "palma", "worst_tenth",
    "urban_people", "urban_mean", "rural_people", "rural_mean", "ratio", "difference",
)  # fmt: skip

# what a facility offers: the first of these that at least half of a service's facilities tell
_SUPPLIES = ("beds_total", "floor_area_m2")
_MOSTLY = 0.5


@dataclass(frozen=True, kw_only=True)
class Level:
    """Units of one level, and the one that each demand row lies in.

    Parameters
    ----------
    name
        ``community``, ``township`` or ``county``.
    unit
        Code of each demand row's unit.
    codes, names
        Of all units.
    """

    name: str
    unit: NDArray[np.object_]
    codes: Sequence[str]
    names: Sequence[str]


def supply_of(facilities: pd.DataFrame) -> tuple[str, NDArray[np.float64]]:
    """Return what the facilities of a service offer: beds, else floor area, else themselves.

    Beds or area are taken where at least half of the facilities tell them; those that do not then
    offer nothing.

    Parameters
    ----------
    facilities
        Facilities that count.

    Returns
    -------
    field
        ``beds_total``, ``floor_area_m2`` or ``facilities``.
    supply
        One number a facility.
    """
    for field in _SUPPLIES:
        known = facilities[field].notna()
        if len(facilities) and known.mean() >= _MOSTLY and (facilities[field] > 0).any():
            return field, facilities[field].fillna(0.0).to_numpy(dtype=np.float64)
    return "facilities", np.ones(len(facilities))


def accessibility_by_unit(
    access: MeasuredAccess,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    levels: Sequence[Level],
    *,
    walked: pd.DataFrame | None,
    radius_m: float,
) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Measure supply per person, room and detours of a service by unit.

    Supply per person is the two-step floating catchment within the service's limit, every trip of
    the same weight. Facilities without a `capacity` have room for all.

    Parameters
    ----------
    access
        Access to the service.
    demand
        Weighted points.
    facilities
        Facilities that count for the service.
    levels
        Units to sum to.
    walked
        ``minutes`` on the flat to the nearest facility as `StreetNetwork.nearest` returns them, and
        ``walked_m``, their metres; None for services by car, which have no detour.
    radius_m
        Radius of the circles that streets are held against: walking speed × limit.

    Returns
    -------
    table
        One row a unit; `ACCESSIBILITY_COLUMNS`.
    scores
        Supply per person of each demand row.
    """
    weight = access.demand["weight"].to_numpy(dtype=np.float64)
    people = np.nan_to_num(weight)
    limit = access.service.minutes
    field, supply = supply_of(facilities)
    scores = floating_catchment(access.times, supply, people, limit=limit)
    room = _room(access, people, facilities)
    places = _ways(access, demand, facilities, walked)
    tables = []
    for level in levels:
        room_by_unit = capacity_by_unit(room, level.unit, level.codes)
        room_by_unit = room_by_unit.rename(columns={"share": "served_share"})
        parts = [
            score_by_unit(scores, weight, level.unit, level.codes),
            room_by_unit,
        ]
        if places is not None:
            frame, facility_places = places
            frame = frame.assign(unit=level.unit, people=weight)
            parts.append(detour_by_unit(frame, facility_places, level.codes, radius_m=radius_m))
        joined = pd.concat([part.reset_index(drop=True) for part in parts], axis=1)
        joined = joined.loc[:, ~joined.columns.duplicated()]
        joined = joined.assign(
            service=access.service.name,
            level=level.name,
            unit_code=list(level.codes),
            unit_name=list(level.names),
            supply_of=field,
        )
        tables.append(joined.reindex(columns=list(ACCESSIBILITY_COLUMNS)))
    return pd.concat(tables, ignore_index=True), scores


def _room(
    access: MeasuredAccess, people: NDArray[np.float64], facilities: pd.DataFrame
) -> pd.DataFrame:
    """Return whom facilities have room for; without a single capacity, everyone within reach."""
    weight = access.demand["weight"].to_numpy(dtype=np.float64)
    if facilities["capacity"].notna().any():
        capacities = facilities["capacity"].fillna(np.inf).to_numpy(dtype=np.float64)
        limit = access.service.minutes
        room = capacity_catchment(access.times, people, capacities, limit=limit).demand
        return room.mask(np.tile(np.isnan(weight)[:, np.newaxis], room.shape[1]))
    covered = (access.demand["status"] == "covered").to_numpy()
    parts = {"people": weight, "served": weight * covered, "full": weight * 0.0}
    return pd.DataFrame({**parts, "out_of_reach": weight * ~covered})


def _ways(
    access: ServiceAccess,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    walked: pd.DataFrame | None,
) -> tuple[pd.DataFrame, NDArray[np.float64]] | None:
    if walked is None:
        return None
    frame = pd.DataFrame(
        {
            "x": demand.geometry.x.to_numpy(),
            "y": demand.geometry.y.to_numpy(),
            "covered": (access.demand["status"] == "covered").to_numpy(),
            "facility": positions_of(walked, facilities),
            "walked_m": walked["walked_m"].to_numpy(),
        }
    )
    xy = np.stack([facilities.geometry.x, facilities.geometry.y], axis=1)
    return frame, xy


def inequality_table(
    access: ServiceAccess, scores: NDArray[np.float64], urban: NDArray[np.float64]
) -> pd.DataFrame:
    """Measure how unequally minutes and supply per person of a service are spread over people.

    Parameters
    ----------
    access
        Access to the service.
    scores
        Supply per person of each demand row.
    urban
        1 for demand in 社区, 0 in 村, missing elsewhere.

    Returns
    -------
    pandas.DataFrame
        Two rows, ``minutes`` and ``score``; `INEQUALITY_TABLE_COLUMNS`.
    """
    people = np.nan_to_num(access.demand["weight"].to_numpy(dtype=np.float64))
    minutes = access.demand["minutes"].to_numpy(dtype=np.float64)
    readings: tuple[tuple[str, NDArray[np.float64], Reading], ...] = (
        ("minutes", minutes, "cost"),
        ("score", scores, "benefit"),
    )
    rows = []
    for measure, value, reading in readings:
        spread = inequality(value, people, reading=reading).to_dict()
        groups = urban_rural(value, people, urban).to_dict()
        rows.append({"service": access.service.name, "measure": measure, **spread, **groups})
    return pd.DataFrame(rows)[list(INEQUALITY_TABLE_COLUMNS)]
