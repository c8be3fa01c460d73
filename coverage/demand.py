"""Place the people of each community: weighted points that sum to the community's totals.

Where the people live is taken, community by community, from the best source there is: the demand
layer; else buildings, by floor area; else residential streets, by length; else the community's
representative point. Totals of the communities layer always hold; the sources only say where.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.layers import IssueLog, Layers

PEOPLE_FIELDS = ("population", "households", "elders60", "elders65", "elders80")
RESIDENTIAL_STREETS = ("residential", "living_street")
STREET_POINT_SPACING_M = 100.0
METHODS = ("demand", "buildings", "streets", "point")  # best first

_BASE = "_base"
_NOT_WEIGHTS = ("id", "lon", "lat", "source_row")


def place_demand(layers: Layers, streets: gpd.GeoDataFrame, issues: IssueLog) -> gpd.GeoDataFrame:
    """Place the people of every community on points.

    For each community and each field, the weights of its points sum to the community's total;
    where the communities layer has no total, the demand layer's own weights stand. Communities
    without any place (names only, no demand points) have no points.

    Parameters
    ----------
    layers
        Layers in one metric CRS; ``demand`` and ``buildings`` are used where they are there.
    streets
        Lines of the walk network in any CRS, with a column ``highway``.
    issues
        Takes the method that was used, for how many communities.

    Returns
    -------
    geopandas.GeoDataFrame
        Points: id, community, township, one column a weight field, geometry in ``layers.crs``.
        A weight is missing where neither total nor own weight is known.
    """
    communities = layers.communities.set_index("code", drop=False)
    given = layers.others.get("demand")
    weights = _weight_fields(communities, given)
    parts: list[gpd.GeoDataFrame] = []
    open_codes = pd.Index(communities.index)
    for method in METHODS:
        left = communities.loc[open_codes]
        left = left[left.geometry.notna() & ~left.geometry.is_empty]
        if method == "demand":
            found = _from_layer(given, communities, weights)
        elif method == "buildings":
            found = _from_buildings(layers.others.get("buildings"), left)
        elif method == "streets":
            found = _from_streets(streets, left)
        else:
            found = _from_representative_points(left)
        if found is None or found.empty:
            continue
        reached = open_codes.intersection(pd.Index(found["community"].unique()), sort=False)
        parts.append(found[found["community"].isin(reached)])
        open_codes = open_codes.difference(reached, sort=False)
        issues.add("info", "demand_method", layer="demand", value=method, communities=len(reached))
    return _scaled(parts, communities, weights, layers)


def _weight_fields(communities: gpd.GeoDataFrame, given: gpd.GeoDataFrame | None) -> list[str]:
    """Return all fields that demand can be weighted by, people's fields first."""
    fields = [f for f in PEOPLE_FIELDS if f in communities and communities[f].notna().any()]
    if given is not None:
        numeric = given.select_dtypes("number").columns
        fields += [f for f in numeric if f not in fields and f not in _NOT_WEIGHTS]
    return fields


def _from_layer(
    given: gpd.GeoDataFrame | None, communities: gpd.GeoDataFrame, weights: Sequence[str]
) -> gpd.GeoDataFrame | None:
    if given is None:
        return None
    placed = given[given["community"].isin(communities.index) & given.geometry.notna()]
    columns = [f for f in weights if f in given]
    points = placed[["id", "community", *columns, "geometry"]].copy()
    points["id"] = points["id"].astype(str)
    # a field that the layer lacks is spread like people, else evenly
    like = next((f for f in ("population", *columns) if f in points), None)
    points[_BASE] = points[like].fillna(0.0) if like else 1.0
    return points


def _from_buildings(
    buildings: gpd.GeoDataFrame | None, left: gpd.GeoDataFrame
) -> gpd.GeoDataFrame | None:
    if buildings is None or left.empty:
        return None
    points = gpd.GeoDataFrame(
        {_BASE: buildings["floor_area_m2"].to_numpy(dtype=float)},
        geometry=buildings.geometry.representative_point().to_numpy(),
        crs=buildings.crs,
    )
    return _within(points[points[_BASE] > 0], left)


def _from_streets(streets: gpd.GeoDataFrame, left: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if streets.empty or left.empty:
        return None
    lines = streets.to_crs(left.crs)
    if lines["highway"].astype(str).ne("").any():
        # streets of a file without classes all count
        lines = lines[lines["highway"].isin(RESIDENTIAL_STREETS)]
    lengths = lines.geometry.length.to_numpy()
    pieces = np.maximum(np.ceil(lengths / STREET_POINT_SPACING_M), 1).astype(int)
    line = np.repeat(np.arange(len(lines)), pieces)
    first = np.cumsum(pieces) - pieces
    step = (lengths / pieces)[line]
    along = (np.arange(len(line)) - first[line] + 0.5) * step
    points = gpd.GeoDataFrame(
        {_BASE: step},
        geometry=shapely.line_interpolate_point(lines.geometry.to_numpy()[line], along),
        crs=left.crs,
    )
    return _within(points[points[_BASE] > 0], left)


def _from_representative_points(left: gpd.GeoDataFrame) -> gpd.GeoDataFrame | None:
    if left.empty:
        return None
    points = gpd.GeoDataFrame(
        {"community": left.index.to_numpy(), _BASE: 1.0},
        geometry=left.geometry.representative_point().to_numpy(),
        crs=left.crs,
    )
    return _numbered(points)


def _within(points: gpd.GeoDataFrame, left: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give each point the community it lies in; on a border, the first one."""
    areas = gpd.GeoDataFrame(
        {"community": left.index.to_numpy()}, geometry=left.geometry.to_numpy(), crs=left.crs
    )
    joined = points.to_crs(left.crs).sjoin(areas, predicate="intersects")
    joined = joined.sort_values("index_right", kind="stable")
    joined = joined[~joined.index.duplicated()].sort_index()
    return _numbered(joined.drop(columns="index_right"))


def _numbered(points: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name points after their community and their order in it."""
    order = points.groupby("community", sort=False).cumcount() + 1
    identifiers = points["community"].astype(str) + "-" + order.astype(str)
    return points.assign(id=identifiers)


def _scaled(
    parts: Sequence[gpd.GeoDataFrame],
    communities: gpd.GeoDataFrame,
    weights: Sequence[str],
    layers: Layers,
) -> gpd.GeoDataFrame:
    """Join the parts and scale each field to the communities' totals."""
    if not parts:
        return gpd.GeoDataFrame(
            {"id": [], "community": [], "township": [], **{f: [] for f in weights}},
            geometry=[],
            crs=layers.crs,
        )
    points = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=layers.crs)
    community = points["community"]
    result = points[["id", "community"]].copy()
    result["township"] = communities["township"].reindex(community).to_numpy()
    for name in weights:
        own = points[name] if name in points else pd.Series(np.nan, index=points.index)
        # without any weight of its own in a community, the field follows the base
        known = own.groupby(community).transform("sum") > 0
        raw = own.where(known, points[_BASE]).fillna(0.0)
        sums = raw.groupby(community).transform("sum")
        count = raw.groupby(community).transform("size")
        share = (raw / sums).where(sums > 0, 1.0 / count)
        if name in communities:
            total = pd.Series(communities[name].reindex(community).to_numpy(dtype=float))
        else:
            total = pd.Series(np.nan, index=points.index)
        result[name] = (share * total).where(total.notna(), own)
    return gpd.GeoDataFrame(result, geometry=points.geometry.to_numpy(), crs=layers.crs)
