from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, Point, box

from coverage.demand import place_demand
from coverage.layers import IssueLog, Layers

CRS = pyproj.CRS.from_epsg(4545)
NO_STREETS = gpd.GeoDataFrame({"highway": []}, geometry=[], crs=CRS)


def layers(totals: list[float], **others: gpd.GeoDataFrame) -> Layers:
    """Return one township of square communities in a row, 1 km each, 'c0', 'c1', ..."""
    count = len(totals)
    communities = gpd.GeoDataFrame(
        {
            "code": [f"c{i}" for i in range(count)],
            "name": [f"社区{i}" for i in range(count)],
            "township": "t",
            "population": totals,
        },
        geometry=[box(1000 * i, 0, 1000 * (i + 1), 1000) for i in range(count)],
        crs=CRS,
    )
    townships = gpd.GeoDataFrame(
        {"code": ["t"], "name": ["镇"]}, geometry=[box(0, 0, 1000 * count, 1000)], crs=CRS
    )
    facilities = gpd.GeoDataFrame({"id": []}, geometry=[], crs=CRS)
    return Layers(
        crs=CRS,
        townships=townships,
        communities=communities,
        facilities=facilities,
        others=others,
    )


def methods(issues: IssueLog) -> dict[str, int]:
    return {i.value: int(str(i.values["communities"])) for i in issues if i.code == "demand_method"}


def test_each_community_takes_the_best_source_there_is() -> None:
    demand = gpd.GeoDataFrame(
        {"id": ["a", "b"], "community": "c0", "population": [1.0, 3.0]},
        geometry=[Point(10, 10), Point(20, 20)],
        crs=CRS,
    )
    buildings = gpd.GeoDataFrame(
        {"floor_area_m2": [100.0, 300.0]},
        geometry=[box(1100, 100, 1110, 110), box(1200, 100, 1210, 110)],
        crs=CRS,
    )
    streets = gpd.GeoDataFrame(
        {"highway": ["residential", "primary"]},
        geometry=[LineString([(2100, 500), (2400, 500)]), LineString([(3100, 5), (3900, 5)])],
        crs=CRS,
    )
    issues = IssueLog()
    points = place_demand(
        layers([40, 40, 60, 7], demand=demand, buildings=buildings), streets, issues
    )
    assert methods(issues) == {"demand": 1, "buildings": 1, "streets": 1, "point": 1}
    by = points.groupby("community")["population"].agg(list).to_dict()
    assert by["c0"] == pytest.approx([10, 30])
    assert by["c1"] == pytest.approx([10, 30])
    assert by["c2"] == pytest.approx([20, 20, 20])  # a point every 100 m of 300 m
    assert by["c3"] == [7]
    assert sorted(points[points["community"] == "c2"].geometry.x) == [2150, 2250, 2350]
    assert points["id"].is_unique


def test_a_field_without_totals_keeps_its_own_weights() -> None:
    demand = gpd.GeoDataFrame(
        {"id": ["a", "b"], "community": ["c0", "c0"], "buildings": [1.0, 2.0]},
        geometry=[Point(10, 10), Point(20, 20)],
        crs=CRS,
    )
    points = place_demand(layers([30], demand=demand), NO_STREETS, IssueLog())
    assert points["buildings"].to_list() == [1, 2]
    assert points["population"].to_list() == pytest.approx([10, 20])


def test_a_community_without_a_place_has_no_points() -> None:
    given_layers = layers([10, 20])
    given_layers.communities.loc[1, "geometry"] = None
    points = place_demand(given_layers, NO_STREETS, IssueLog())
    assert points["community"].to_list() == ["c0"]


@settings(max_examples=40, deadline=None)
@given(
    totals=st.lists(st.floats(0, 1e6), min_size=1, max_size=5),
    weights=st.lists(st.floats(0, 1e5), min_size=1, max_size=20),
    seed=st.integers(0, 2**31),
)
def test_weights_sum_to_the_totals_of_every_community(
    totals: list[float], weights: list[float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    community = rng.integers(0, len(totals), len(weights))
    demand = gpd.GeoDataFrame(
        {
            "id": [str(i) for i in range(len(weights))],
            "community": [f"c{i}" for i in community],
            "population": weights,
            "elders60": rng.random(len(weights)),
        },
        geometry=gpd.points_from_xy(1000 * community + 500, np.full(len(weights), 500)),
        crs=CRS,
    )
    points = place_demand(layers(totals, demand=demand), NO_STREETS, IssueLog())
    sums = points.groupby("community")["population"].sum()
    expected = pd.Series(totals, index=[f"c{i}" for i in range(len(totals))])
    assert (sums - expected).abs().max() <= 1e-6
    assert set(demand["id"]) <= set(points["id"])
