"""Real files: GBK without declaration, no coordinate system, missing shapes, foreign headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from coverage.errors import LayerError
from coverage.layers import IssueLog, Source, read_layers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.real


def test_a_shapefile_in_gbk_without_cpg(real_data: Path) -> None:
    path = real_data / "boundaries/chongqing_district_shp/区县界_area.shp"
    source = Source(path=path)
    facilities = Source(
        path=real_data / "facilities/shanghai_hospital.csv", columns={"category": "type"}
    )
    issues = IssueLog()
    sources = {"townships": source, "communities": source, "facilities": facilities}
    layers = read_layers(sources, issues)
    names = set(layers.townships["name"])
    assert len(layers.townships) == 38
    assert {"涪陵区", "奉节县"} <= names
    assert not any("\ufffd" in name for name in names)
    assert layers.townships.set_index("name")["code"]["涪陵区"] == "500102"
    assert layers.communities["township"].tolist() == layers.townships["code"].tolist()
    # Shanghai's hospitals are none of the planner's categories, and lie outside Chongqing
    found = issues.frame()["code"].value_counts()
    assert len(layers.facilities) == found["unknown_category"] == found["outside_townships"] == 7513
    assert (layers.facilities["location"] == "exact").all()


def test_streets_of_shenzhen_lie_in_themselves(real_data: Path) -> None:
    source = Source(path=real_data / "boundaries/shenzhen_jiedao_74.geojson")
    homes = Source(
        path=real_data / "facilities/beijing_changping_care_homes_10.csv",
        columns={"category": "institutionName", "name": "institutionName"},
    )
    issues = IssueLog()
    layers = read_layers({"townships": source, "communities": source, "facilities": homes}, issues)
    assert layers.crs.to_epsg() == 4547
    assert len(layers.townships) == 74
    assert layers.townships.geometry.is_valid.all()
    assert layers.townships["code"].is_unique
    area_km2 = layers.townships.area.sum() / 1e6
    assert 1900 < area_km2 < 2050  # Shenzhen's published land area is 1 997 km2
    assert (layers.communities["township"] == layers.townships["code"]).all()


def test_a_shapefile_without_prj_asks_for_its_system(real_data: Path) -> None:
    path = real_data / "boundaries/shenzhen_district_shp/sz.shp"
    town = Source(path=path, columns={"name": "qh"})
    canteens = Source(
        path=real_data / "facilities/shanghai_yangpu_elderly_canteens_43.csv",
        columns={"category": "名称"},
    )
    sources = {"townships": town, "communities": town, "facilities": canteens}
    with pytest.raises(LayerError, match="没有坐标系"):
        read_layers(sources, IssueLog())
    town = Source(path=path, columns={"name": "qh"}, crs="EPSG:4326")
    layers = read_layers({**sources, "townships": town, "communities": town}, IssueLog())
    assert len(layers.townships) == 10


def test_rows_without_shape_give_way_to_those_that_have_one(real_data: Path) -> None:
    source = Source(
        path=real_data / "boundaries/taiwan_townships_1982.geojson",
        columns={"code": "TOWNID", "name": "TOWNNAME"},
    )
    canteens = Source(
        path=real_data / "facilities/shanghai_yangpu_elderly_canteens_43.csv",
        columns={"category": "名称"},
    )
    issues = IssueLog()
    layers = read_layers(
        {"townships": source, "communities": source, "facilities": canteens}, issues
    )
    assert len(layers.townships) == 367
    assert layers.townships["code"].is_unique
    drawn = gpd.read_file(source.path)
    drawn = drawn[drawn.geometry.notna()]
    shaped = layers.townships.loc[layers.townships.geometry.notna(), "code"]
    assert set(shaped) == set(drawn["TOWNID"].str.strip())
    bare = issues.frame().query("code == 'no_polygon'")
    assert len(bare) == len(layers.townships) - len(shaped)
