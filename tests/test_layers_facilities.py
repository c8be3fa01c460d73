"""Facilities, demand and the other layers, on the county of ``test_layers``.

::

    29.80 +---------+---------+
          |  c1 甲东 |         |
    29.75 +---------+  c3 乙村 |
          |  c2 甲西 |         |
    29.70 +---------+---------+
        107.30    107.40    107.50
            甲街道      乙镇
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.errors import LayerError
from coverage.layers import IssueLog, Layers, Source, read_layers
from coverage.layers.location.datum import to_gcj02

if TYPE_CHECKING:
    from pathlib import Path

A, B = "500102001", "500102101"
C1, C2, C3 = "500102001001", "500102001002", "500102101201"

Read = Callable[..., tuple[Layers, pd.DataFrame]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that reads the county with CSV tables of the given text."""
    towns = gpd.GeoDataFrame(
        {"code": [A, B], "name": ["甲街道", "乙镇"]},
        geometry=[shapely.box(107.3, 29.7, 107.4, 29.8), shapely.box(107.4, 29.7, 107.5, 29.8)],
        crs=4490,
    )
    units = gpd.GeoDataFrame(
        {"code": [C1, C2, C3], "name": ["甲东社区", "甲西社区", "乙村"]},
        geometry=[
            shapely.box(107.3, 29.75, 107.4, 29.8),
            shapely.box(107.3, 29.7, 107.4, 29.75),
            shapely.box(107.4, 29.7, 107.5, 29.8),
        ],
        crs=4490,
    )
    towns.to_file(tmp_path / "t.gpkg")
    units.to_file(tmp_path / "c.gpkg")

    def read_county(**tables: str | Source) -> tuple[Layers, pd.DataFrame]:
        sources = {
            "townships": Source(path=tmp_path / "t.gpkg"),
            "communities": Source(path=tmp_path / "c.gpkg"),
        }
        for layer, table in {"facilities": "类型\n敬老院\n", **tables}.items():
            if isinstance(table, Source):
                sources[layer] = table
                continue
            path = tmp_path / f"{layer}.csv"
            path.write_text(table, encoding="utf-8")
            sources[layer] = Source(path=path)
        issues = IssueLog()
        layers = read_layers(sources, issues)
        issues.frame("en")
        table = issues.frame("zh")
        # what is said of every project
        return layers, table[~table["code"].isin(["crs_chosen", "uncertain_datum"])]

    return read_county


def rows(issues: pd.DataFrame, code: str) -> list[int]:
    return [int(row) for row in issues.loc[issues["code"] == code, "row"]]


def found(issues: pd.DataFrame, code: str) -> list[tuple[Any, ...]]:
    chosen = issues[issues["code"] == code]
    return list(chosen[["row", "field", "value"]].itertuples(index=False, name=None))


def test_every_row_stays_in_its_order_whatever_is_wrong_with_it(read: Read) -> None:
    layers, issues = read(
        facilities="编号,类型,经度,纬度,状态\n"
        "a,敬老院,107.45,29.75,运营\n"  # 2
        "b,茶馆,107.45,29.75,\n"  # 3 unknown category
        "a,敬老院,107.46,29.75,\n"  # 4 id of row 2
        ",敬老院,108.45,29.75,在建\n"  # 5 no id, outside
        "e,养老驿佔,,,半开半关\n"  # 6 unknown category and status, nowhere
    )
    result = layers.facilities
    assert result["id"].tolist() == ["a", "b", "a", "F5", "e"]
    assert result["set_aside"].tolist() == [False, True, True, False, True]
    assert result["set_aside"].dtype == bool
    assert result["category"].tolist()[1] == ""
    assert result["status"].tolist() == [
        "operating", "operating", "operating", "building", "operating",
    ]  # fmt: skip
    assert result["location"].tolist() == ["exact"] * 4 + ["none"]
    assert result["township"].tolist() == [B, B, B, "", ""]
    assert result["source_row"].tolist() == [2, 3, 4, 5, 6]
    assert rows(issues, "unknown_category") == [3, 6]
    assert rows(issues, "duplicate_id") == [4]
    assert rows(issues, "numbered_ids") == [5]
    assert rows(issues, "outside_townships") == [5]
    assert rows(issues, "no_location") == [6]
    assert rows(issues, "unknown_status") == [6]
    near = issues.loc[issues["row"] == 6, "message"].iloc[0]
    assert "社区养老服务站 community_eldercare_station" in near


def test_a_point_on_a_border_lies_in_the_lowest_code(read: Read) -> None:
    """The corner of all three communities, and a point between the two townships."""
    layers, _ = read(facilities="类型,lon,lat\n敬老院,107.4,29.75\n敬老院,107.4,29.72\n")
    # projected borders are straight lines between corners, and these are corners or on meridians
    assert layers.facilities["township"].iloc[0] == A
    assert layers.facilities["community"].iloc[0] == C1


def test_without_coordinates_it_stands_in_its_community_else_its_township(read: Read) -> None:
    layers, issues = read(
        facilities="类型,乡镇,社区\n"
        f"敬老院,,{C2}\n"
        "敬老院,甲街道办事处,甲东居委会\n"
        "敬老院,乙镇,没有村\n"
        "敬老院,丙镇,\n"
    )
    result = layers.facilities
    assert result["location"].tolist() == ["approximate", "approximate", "approximate", "none"]
    assert result["community"].tolist() == [C2, C1, "", ""]
    assert result["township"].tolist() == [A, A, B, ""]
    polygons = layers.communities.set_index("code").geometry
    assert polygons[C2].contains(result.geometry.iloc[0])
    assert polygons[C1].contains(result.geometry.iloc[1])
    assert layers.townships.geometry.iloc[1].contains(result.geometry.iloc[2])
    assert result.geometry.iloc[3] is None
    assert found(issues, "unknown_community") == [(4, "community", "没有村")]
    assert found(issues, "unknown_township") == [(5, "township", "丙镇")]
    assert rows(issues, "approximate_location") == [2, 3, 4]


def test_the_geometry_decides_against_the_declaration(read: Read) -> None:
    layers, issues = read(
        facilities="类型,经度,纬度,乡镇,社区\n"
        "敬老院,107.35,29.78,乙镇,\n"
        "敬老院,107.35,29.78,甲街道,甲西社区\n"
        "敬老院,107.35,29.78,甲街道,甲东社区\n"
    )
    result = layers.facilities
    assert result["community"].tolist() == [C1] * 3
    assert result["township"].tolist() == [A] * 3
    assert result["declared_township"].tolist() == [B, A, A]
    assert result["declared_community"].tolist() == ["", C2, C1]
    assert found(issues, "declared_elsewhere") == [
        (2, "township", f"乙镇 {B}"),
        (3, "community", f"甲西社区 {C2}"),
    ]


def test_where_no_polygon_is_drawn_the_declared_community_counts(
    read: Read, tmp_path: Path
) -> None:
    names = tmp_path / "names.csv"
    names.write_text(f"code,name\n{C1},甲东社区\n{C3},乙村\n", encoding="utf-8")
    layers, _ = read(
        communities=Source(path=names),
        facilities="类型,经度,纬度,社区\n敬老院,107.35,29.78,甲东社区\n敬老院,107.35,29.72,乙村\n",
    )
    # 乙村 lies in 乙镇, the second point in 甲街道
    assert layers.facilities["community"].tolist() == [C1, ""]
    assert layers.facilities["township"].tolist() == [A, A]


def test_serves_becomes_codes(read: Read) -> None:
    layers, issues = read(
        facilities=f"类型,乡镇,服务范围\n敬老院,甲街道,甲东社区；甲西社区、{C3}\n敬老院,,乙镇;天上\n敬老院,,\n"
    )
    assert layers.facilities["serves"].tolist() == [(C1, C2, C3), (B,), ()]
    assert found(issues, "unknown_serves") == [(3, "serves", "天上")]


def test_a_name_of_two_townships_needs_its_township(read: Read, tmp_path: Path) -> None:
    names = tmp_path / "names.csv"
    names.write_text(f"code,name\n{C1},和平社区\n{C3},和平社区\n", encoding="utf-8")
    layers, issues = read(
        communities=Source(path=names),
        facilities="类型,乡镇,社区\n敬老院,乙镇,和平\n敬老院,,和平社区\n",
    )
    assert layers.facilities["declared_community"].tolist() == [C3, ""]
    assert found(issues, "unknown_community") == [(3, "community", "和平社区")]


def test_a_township_of_another_kind_is_never_guessed(read: Read) -> None:
    layers, issues = read(facilities="类型,乡镇\n敬老院,甲镇\n敬老院,甲\n")
    assert layers.facilities["township"].tolist() == ["", A]
    assert rows(issues, "unknown_township") == [2]


def test_years_amounts_and_lists(read: Read) -> None:
    layers, issues = read(
        facilities="类型,建成时间,停用年份,床位,护理床位,建筑面积,服务功能,是否设志愿服务站点\n"
        "敬老院,2015-06-01,,50,-3,三百,助餐；日托,是\n"
        "敬老院,2018年,去年,,,,,也许\n"
    )
    result = layers.facilities
    assert result["open_year"].tolist() == [2015, 2018]
    assert result["close_year"].isna().all()
    assert result["beds_total"].tolist()[0] == 50
    assert result["beds_nursing"].isna().all()
    assert result["functions"].tolist() == ["助餐;日托", ""]
    assert result["has_volunteer_station"].tolist() == [True, pd.NA]
    assert found(issues, "not_a_year") == [(3, "close_year", "去年")]
    assert found(issues, "negative_number") == [(2, "beds_nursing", "-3")]
    assert found(issues, "not_a_number") == [(2, "floor_area_m2", "三百")]
    assert found(issues, "not_a_flag") == [(3, "has_volunteer_station", "也许")]


def test_columns_and_types_are_always_the_same(read: Read) -> None:
    layers, _ = read(facilities="类型\n敬老院\n")
    types = {column: str(dtype) for column, dtype in layers.facilities.dtypes.items()}
    assert types == {
        "id": "str",
        "name": "str",
        "category": "str",
        "level": "str",
        "status": "str",
        "functions": "str",
        "open_year": "Int64",
        "close_year": "Int64",
        "floor_area_m2": "float64",
        "beds_total": "float64",
        "beds_nursing": "float64",
        "capacity": "float64",
        "serves": "object",
        "township": "str",
        "community": "str",
        "declared_township": "str",
        "declared_community": "str",
        "location": "str",
        "set_aside": "bool",
        "source_row": "int64",
        "geometry": "geometry",
    }


@pytest.mark.parametrize("pair", ["0,0", "207.4,29.7", "107.4,", "95,190"])
def test_coordinates_that_cannot_be(read: Read, pair: str) -> None:
    layers, issues = read(facilities=f"类型,经度,纬度\n敬老院,{pair}\n")
    assert layers.facilities["location"].tolist() == ["none"]
    assert rows(issues, "bad_coordinates") == [2]


def test_coordinates_of_web_maps_are_shifted_back(read: Read, tmp_path: Path) -> None:
    longitude, latitude = to_gcj02(np.array([107.35]), np.array([29.78]))
    path = tmp_path / "g.csv"
    path.write_text(f"类型,经度,纬度\n敬老院,{longitude[0]},{latitude[0]}\n", encoding="utf-8")
    right, _ = read(facilities="类型,经度,纬度\n敬老院,107.35,29.78\n")
    shifted, _ = read(facilities=Source(path=path, datum="gcj02"))
    raw, _ = read(facilities=Source(path=path))
    place = right.facilities.geometry.iloc[0]
    assert place.distance(shifted.facilities.geometry.iloc[0]) < 0.001
    assert 300 < place.distance(raw.facilities.geometry.iloc[0]) < 700


class TestDemand:
    def test_points_get_their_community_and_weights(self, read: Read) -> None:
        layers, issues = read(
            demand="编号,经度,纬度,社区,人口,60岁以上,孩子\n"
            "p,107.35,29.78,,10,3,1\n"  # 2 lies in c1
            f"q,107.35,29.78,{C2},8,-2,x\n"  # 3 declares c2
            ",,,乙村,5,1,2\n"  # 4 no coordinates, declares c3
            "r,107.6,29.75,,4,1,1\n"  # 5 outside
            "s,,,,9,9,9\n"  # 6 nowhere
            "p,107.35,29.73,,1,,0\n"  # 7 id of row 2
        )
        demand = layers.others["demand"]
        assert demand["id"].tolist() == ["p", "q", "4", "r", "p-7"]
        assert demand["community"].tolist() == [C1, C2, C3, "", C2]
        assert demand["township"].tolist() == [A, A, B, "", A]
        assert demand["elders60"].tolist() == [3, 0, 1, 1, 0]
        assert demand["population"].tolist() == [10, 8, 5, 4, 1]
        assert "孩子" not in demand.columns  # one of its cells is no number
        assert demand.geometry.notna().all()
        assert rows(issues, "negative_number") == [3]
        assert rows(issues, "demand_outside") == [5]
        assert rows(issues, "approximate_demand") == [4]
        assert rows(issues, "demand_without_place") == [6]
        assert rows(issues, "repeated_demand_id") == [7]

    def test_numbers_of_other_names_are_weights(self, read: Read) -> None:
        layers, _ = read(demand="lon,lat,buildings,note\n107.35,29.78,2.5,x\n")
        assert layers.others["demand"]["buildings"].tolist() == [2.5]
        assert layers.others["demand"]["id"].tolist() == ["2"]

    def test_demand_that_is_nowhere(self, read: Read) -> None:
        with pytest.raises(LayerError, match=r"demand.*没有图形"):
            read(demand="id,population\n1,2\n")


class TestOtherLayers:
    def test_floor_area_is_footprint_times_levels(self, read: Read, tmp_path: Path) -> None:
        corner = gpd.GeoSeries([shapely.Point(107.35, 29.78)], crs=4490).to_crs(4545).iloc[0]
        x, y = corner.x, corner.y
        houses = gpd.GeoDataFrame(
            {"building:levels": ["3", None, "many", "0"]},
            geometry=[shapely.box(x + i, y, x + i + 1, y + 10) for i in range(4)],
            crs=4545,
        )
        houses.to_file(tmp_path / "b.gpkg")
        layers, issues = read(buildings=Source(path=tmp_path / "b.gpkg"))
        buildings = layers.others["buildings"]
        assert buildings["floor_area_m2"].tolist() == pytest.approx([30, 10, 10, 10], abs=1e-3)
        assert buildings["community"].tolist() == [C1] * 4
        assert rows(issues, "not_a_number") == [3]

    def test_tables_and_lines_are_kept_as_they_are(self, read: Read, tmp_path: Path) -> None:
        wall = gpd.GeoDataFrame(
            {"kind": ["wall"]},
            geometry=[shapely.LineString([(107.3, 29.7), (107.4, 29.8)])],
            crs=4326,
        )
        wall.to_file(tmp_path / "wall.geojson")
        layers, _ = read(
            barriers=Source(path=tmp_path / "wall.geojson"),
            crosswalk="原代码,原名称,代码,名称,批次\n0500102001,甲镇,500102001,甲街道,007\n",
            entered="指标,数值,年份\norphans,-1.5,2020\n",
        )
        assert layers.others["barriers"].geometry.iloc[0].geom_type == "LineString"
        crosswalk = layers.others["crosswalk"].iloc[0]
        assert crosswalk["old_code"] == "0500102001"
        assert crosswalk["批次"] == "007"
        entered = layers.others["entered"].iloc[0]
        assert (entered["indicator"], entered["value"], entered["year"]) == ("orphans", -1.5, 2020)
        assert all(layer.crs == layers.crs for layer in layers.others.values())

    def test_shapes_are_required_where_a_layer_is_nothing_without(self, read: Read) -> None:
        with pytest.raises(LayerError, match=r"water.*没有图形"):
            read(water="name\n长江\n")


def test_a_project_settles_what_its_own_words_mean(read: Read, tmp_path: Path) -> None:
    """By the word as folded, by the name where there is no word; other words stay unknown."""
    path = tmp_path / "own.csv"
    path.write_text(
        "名称,类型,经度,纬度\n"
        "甲,幸福 小屋,107.45,29.75\n"
        "乙,茶馆,107.45,29.75\n"
        "长者之家,,107.46,29.75\n"
        "丙,敬老院,107.46,29.75\n",
        encoding="utf-8",
    )
    own = {"幸福小屋": "community_eldercare_station", "长者之家": "village_eldercare_point"}
    layers, issues = read(facilities=Source(path=path, categories=own))
    assert layers.facilities["category"].tolist() == [
        "community_eldercare_station", "", "village_eldercare_point", "eldercare_institution",
    ]  # fmt: skip
    assert found(issues, "unknown_category") == [(3, "category", "茶馆")]
    assert issues["action"].str.contains("layers.facilities.categories").any()
