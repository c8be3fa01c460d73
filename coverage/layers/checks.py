"""Compare layers with each other: what townships say against the sum of their communities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.layers.issues import IssueLog

TOTALS = ("households", "population", "elders60", "elders65", "elders80", "elders90")

_TOLERANCE = 0.01  # share of the township's own number


def check_totals(
    townships: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, issues: IssueLog
) -> None:
    """Say which communities lack a total, and which townships differ from their communities' sum.

    A township is compared in a field where it and all its communities have a number; more than
    1 % apart is an issue.

    Parameters
    ----------
    townships, communities
        Layers as `coverage.layers.units` makes them.
    issues
        Where findings go.
    """
    for field in TOTALS:
        if field not in communities:
            continue
        missing = communities[field].isna()
        for row, name in communities.loc[missing, ["source_row", "name"]].to_numpy():
            issues.add(
                "warning", "missing_total", layer="communities", row=row, field=field, value=name
            )
        if field in townships:
            _compare(townships, communities, field, issues)


def _compare(
    townships: gpd.GeoDataFrame, communities: gpd.GeoDataFrame, field: str, issues: IssueLog
) -> None:
    # a sum with a gap in it says nothing about the township's number
    sums = communities.groupby("township")[field].agg(lambda values: values.sum(skipna=False))
    summed = townships["code"].map(sums).to_numpy(dtype="float64")
    own = townships[field].to_numpy(dtype="float64")
    with np.errstate(invalid="ignore"):
        apart = np.abs(summed - own) > _TOLERANCE * np.abs(own)
    for position in np.flatnonzero(apart):
        issues.add(
            "warning",
            "sums_differ",
            layer="townships",
            row=townships["source_row"].iloc[position],
            field=field,
            value=f"{own[position]:.10g}",
            sum=f"{summed[position]:.10g}",
            name=townships["name"].iloc[position],
        )
