"""Real files: GBK without declaration, no coordinate system, missing shapes, foreign headers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest

from coverage.layers import IssueLog, Source, read_layers
from coverage.network import read_streets

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
    # Shanghai's hospitals lie outside Chongqing, which is too wide for one zone
    found = issues.frame()["code"].value_counts()
    assert len(layers.facilities) == found["outside_townships"] == 7513
    assert found["outside_zone"] == 1
    assert (layers.facilities["location"] == "exact").all()


def shenzhen(real_data: Path) -> dict[str, Source]:
    """Return the 74 streets of Shenzhen, which say WGS84 and are GCJ-02."""
    source = Source(path=real_data / "boundaries/shenzhen_jiedao_74.geojson")
    canteens = Source(
        path=real_data / "facilities/shanghai_yangpu_elderly_canteens_43.csv",
        columns={"category": "名称"},
        datum="wgs84",
    )
    return {"townships": source, "communities": source, "facilities": canteens}


def districts(real_data: Path) -> Source:
    """Return the districts of Shenzhen, WGS84 without .prj."""
    path = real_data / "boundaries/shenzhen_district_shp/sz.shp"
    return Source(path=path, columns={"name": "qh"})


def test_streets_of_shenzhen_lie_in_themselves(real_data: Path) -> None:
    layers = read_layers(shenzhen(real_data), IssueLog())
    assert layers.crs.to_epsg() == 4547
    assert len(layers.townships) == 74
    assert layers.townships.geometry.is_valid.all()
    assert layers.townships["code"].is_unique
    area_km2 = layers.townships.area.sum() / 1e6
    assert 1900 < area_km2 < 2050  # Shenzhen's published land area is 1 997 km2
    assert (layers.communities["township"] == layers.townships["code"]).all()


@pytest.mark.parametrize("evidence", ["streets", "districts"])
def test_the_datum_of_shenzhens_streets_is_found(real_data: Path, evidence: str) -> None:
    """Streets of a corner of 15 km2, or the outlines of ten districts, are enough."""
    sources, issues = shenzhen(real_data), IssueLog()
    if evidence == "streets":
        draw = read_streets(real_data / "streets/cn_shenzhen_longgang.osm").draw
        layers = read_layers(sources, issues, streets=draw)
    else:
        layers = read_layers({**sources, "counties": districts(real_data)}, issues)
    found = issues.frame().query("code == 'converted_datum'")
    assert found["layer"].tolist() == ["townships", "communities"]
    assert set(found["value"]) == {"GCJ-02"}
    raw = gpd.read_file(sources["townships"].path).to_crs(layers.crs)
    moved = layers.townships.centroid.distance(raw.centroid, align=False)
    assert 550 < moved.median() < 650
    # the overlap with the districts rises from 0.85 to 0.96
    drawn = gpd.read_file(districts(real_data).path).set_crs(4326).to_crs(layers.crs)
    shares = [
        sum(towns.intersection(area).area.max() for area in drawn.geometry) / towns.area.sum()
        for towns in (
            layers.townships.dissolve(raw["DISTRICT"].to_numpy()).geometry,
            raw.dissolve("DISTRICT").geometry,
        )
    ]
    assert shares[0] > shares[1] + 0.02


def test_districts_on_wgs84_are_left_as_they_are(real_data: Path) -> None:
    source, issues = districts(real_data), IssueLog()
    draw = read_streets(real_data / "streets/cn_shenzhen_longgang.osm").draw
    sources = {**shenzhen(real_data), "townships": source, "communities": source}
    layers = read_layers(sources, issues, streets=draw)
    assert len(layers.townships) == 10
    codes = set(issues.frame()["code"])
    assert "assumed_crs" in codes
    assert not {"converted_datum", "uncertain_datum"} & codes


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
    assert len(shaped) == drawn["TOWNID"].str.strip().nunique()
    bare = issues.frame().query("code == 'no_polygon'")
    assert len(bare) == len(layers.townships) - len(shaped)
