"""What the figures of access rest on: findings about streets, heights, places and the border."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import texts
from coverage.access.border import near_cut_ends

if TYPE_CHECKING:
    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.access.measure import ServiceAccess
    from coverage.layers import IssueLog
    from coverage.network import Snapped, StreetNetwork

_NAMES_SHOWN = 20


def report_heights(issues: IssueLog, network: StreetNetwork) -> None:
    """Report streets that count as flat for want of heights."""
    flat_m = 0.0 if network.effort is None else float(network.effort.flat_m.sum())
    if flat_m > 0:
        share = flat_m / float(network.length_m.sum())
        issues.add("warning", "no_heights", layer="elevation", length_m=round(flat_m), share=share)


def report_islands(
    issues: IssueLog, network: StreetNetwork, demand: gpd.GeoDataFrame, snap_limit: float
) -> None:
    """Report islands of streets that were left out, and the people near them.

    Parameters
    ----------
    issues
        Takes the findings.
    network
        The walk network.
    demand
        Weighted points.
    snap_limit
        Whoever lives nearer, in metres, lives near an island.
    """
    islands = network.islands
    if islands.empty:
        return
    near = islands.sindex.query(demand.geometry, predicate="dwithin", distance=snap_limit)
    pairs = pd.DataFrame({"island": near[1], "people": _people(demand).to_numpy()[near[0]]})
    sums = pairs.groupby("island")["people"].sum().reindex(range(len(islands)), fill_value=0.0)
    for position, (length, count) in enumerate(
        zip(islands["length_m"], sums, strict=True), start=1
    ):
        issues.add(
            "info",
            "island",
            layer="network",
            value=position,
            people=round(float(count)),
            length_m=round(float(length)),
        )


def report_off_network(
    issues: IssueLog, demand: gpd.GeoDataFrame, snapped: Snapped, snap_limit: float
) -> None:
    """Report demand points without a street within the snap limit, in metres."""
    lost = demand[~snapped.on_network]
    if not len(lost):
        return
    people = float(lost["population"].sum()) if "population" in lost else float("nan")
    issues.add(
        "warning",
        "off_network_demand",
        layer="demand",
        points=len(lost),
        people="—" if np.isnan(people) else f"{people:,.0f}",
        limit=round(snap_limit),
    )


def report_facilities(
    issues: IssueLog, facilities: gpd.GeoDataFrame, status: pd.Series, snap_limit: float
) -> None:
    """Report facilities without a street within the snap limit, in metres."""
    for index in facilities.index[status == "off_network"]:
        row = facilities.loc[index]
        issues.add(
            "warning",
            "off_network_facility",
            layer="facilities",
            row=row["source_row"],
            value=row["id"],
            limit=round(snap_limit),
        )


def report_cut_ends(
    issues: IssueLog,
    ends: NDArray[np.object_],
    demand: gpd.GeoDataFrame,
    names: pd.Series,
    reach_m: float,
) -> None:
    """Report people near streets that end at the border, who may be served from beyond it.

    Parameters
    ----------
    issues
        Takes the finding.
    ends
        Places where streets end at the border.
    demand
        Weighted points.
    names
        Names of the communities by code.
    reach_m
        Longest walk to a service, metres.
    """
    near = near_cut_ends(demand.geometry, ends, reach_m)
    if not near.any():
        return
    units = demand.loc[near, "community"]
    issues.add(
        "warning",
        "no_buffer",
        layer="network",
        value=_named(units, names),
        ends=len(ends),
        units=units.nunique(),
        people=round(float(_people(demand)[near].sum())),
    )


def report_beyond(
    issues: IssueLog,
    access: ServiceAccess,
    still: NDArray[np.bool_],
    names: pd.Series,
    facilities: int,
) -> None:
    """Report the units whose coverage rests on facilities or streets beyond the border.

    Parameters
    ----------
    issues
        Takes the finding.
    access
        Access to a service with everything.
    still
        Which demand points would be covered without.
    names
        Names of the communities by code.
    facilities
        How many facilities lie beyond.
    """
    rows = access.demand
    lost = rows[(rows["status"] == "covered") & ~still & (rows["weight"] > 0)]
    if lost.empty:
        return
    issues.add(
        "warning",
        "beyond_border",
        layer="facilities",
        field=access.service.weight,
        value=_named(lost["community"], names),
        service=access.service.title(texts.language()),
        facilities=facilities,
        units=lost["community"].nunique(),
        people=round(float(lost["weight"].sum())),
    )


def _people(demand: gpd.GeoDataFrame) -> pd.Series:
    people: pd.Series = demand.get("population", pd.Series(0.0, index=demand.index))
    return people


def _named(communities: pd.Series, names: pd.Series) -> str:
    codes = communities.drop_duplicates()
    shown = [str(names.get(code, code)) for code in codes.head(_NAMES_SHOWN)]
    return "、".join(shown) + ("…" if len(codes) > _NAMES_SHOWN else "")
