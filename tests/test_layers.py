"""Reading of whole layers, on a county of two townships drawn by hand.

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

import pickle
import zipfile
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import LayerError
from coverage.layers import IssueLog, Layers, Source, metric_crs, read_layers

if TYPE_CHECKING:
    from pathlib import Path

A, B = "500102001", "500102101"
C1, C2, C3 = "500102001001", "500102001002", "500102101201"


def townships() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {"code": [A, B], "name": ["甲街道", "乙镇"], "population": [300, 200]},
        geometry=[shapely.box(107.3, 29.7, 107.4, 29.8), shapely.box(107.4, 29.7, 107.5, 29.8)],
        crs=4490,
    )


def communities() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(
        {
            "code": [C1, C2, C3],
            "name": ["甲东社区", "甲西社区", "乙村"],
            "population": [100, 200, 200],
        },
        geometry=[
            shapely.box(107.3, 29.75, 107.4, 29.8),
            shapely.box(107.3, 29.7, 107.4, 29.75),
            shapely.box(107.4, 29.7, 107.5, 29.8),
        ],
        crs=4490,
    )


FACILITIES = (
    "编号,名称,设施类型,经度,纬度\nf1,甲站,养老驿站,107.35,29.78\nf2,乙院,敬老院,107.45,29.75\n"
)


@pytest.fixture
def county(tmp_path: Path) -> dict[str, Source]:
    townships().to_file(tmp_path / "townships.gpkg")
    communities().to_file(tmp_path / "communities.geojson")
    (tmp_path / "facilities.csv").write_text(FACILITIES, encoding="utf-8")
    return {
        "townships": Source(path=tmp_path / "townships.gpkg"),
        "communities": Source(path=tmp_path / "communities.geojson"),
        "facilities": Source(path=tmp_path / "facilities.csv"),
    }


def read(sources: dict[str, Source]) -> tuple[Layers, pd.DataFrame]:
    issues = IssueLog()
    layers = read_layers(sources, issues)
    # both languages, so that every sentence is filled at least once
    issues.frame("en")
    return layers, issues.frame("zh")


def found(issues: pd.DataFrame, code: str) -> list[tuple[Any, ...]]:
    chosen = issues[issues["code"] == code]
    return list(chosen[["layer", "row", "field", "value"]].itertuples(index=False, name=None))


def test_a_clean_county_is_read_without_a_finding(county: dict[str, Source]) -> None:
    layers, issues = read(county)
    assert issues.empty, issues
    assert layers.crs.to_epsg() == 4545
    assert layers.townships.crs == layers.communities.crs == layers.facilities.crs == layers.crs
    assert layers.townships["kind"].tolist() == ["街道", "镇"]
    assert layers.townships["county"].tolist() == ["500102", "500102"]
    assert layers.communities["township"].tolist() == [A, A, B]
    assert layers.communities["kind"].tolist() == ["社区", "社区", "村"]
    assert layers.communities["place"].tolist() == ["polygon"] * 3
    facilities = layers.facilities
    assert facilities["id"].tolist() == ["f1", "f2"]
    assert facilities["category"].tolist() == [
        "community_eldercare_station",
        "eldercare_institution",
    ]
    assert facilities["community"].tolist() == [C1, C3]
    assert facilities["township"].tolist() == [A, B]
    assert facilities["location"].tolist() == ["exact", "exact"]
    assert facilities["status"].tolist() == ["operating", "operating"]
    assert facilities["source_row"].tolist() == [2, 3]


def test_places_are_projected_as_the_register_of_coordinate_systems_says(
    county: dict[str, Source],
) -> None:
    """107.3 E 29.7 N is E 432 256.52, N 3 287 063.46 in EPSG:4545 (a published control value)."""
    layers, _ = read(county)
    west, south, _, _ = layers.townships.geometry.iloc[0].bounds
    assert west == pytest.approx(432256.52, abs=20)
    corner = shapely.get_coordinates(layers.townships.geometry.iloc[0])
    distance = np.hypot(*(corner - [432256.52, 3287063.46]).T).min()
    assert distance < 0.01
    assert south < 3287063.47


@pytest.mark.parametrize("kind", ["xlsx", "csv-bom", "csv-gb18030", "csv-utf16", "tsv"])
def test_tables_of_every_encoding_give_the_same_facilities(
    county: dict[str, Source], tmp_path: Path, kind: str
) -> None:
    expected, _ = read(county)
    table = pd.read_csv(county["facilities"].path, dtype=str)
    path = tmp_path / f"ledger.{kind[:4].rstrip('-')}"
    if kind == "xlsx":
        table.to_excel(path, index=False)
    else:
        encoding = {"csv-bom": "utf-8-sig", "csv-gb18030": "gb18030", "csv-utf16": "utf-16"}
        separator = "\t" if kind == "tsv" else ","
        table.to_csv(path, index=False, encoding=encoding.get(kind, "utf-8"), sep=separator)
    layers, issues = read({**county, "facilities": Source(path=path)})
    assert issues.empty, issues
    pd.testing.assert_frame_equal(layers.facilities, expected.facilities)


def test_a_shapefile_without_encoding_is_read_as_gb18030(
    county: dict[str, Source], tmp_path: Path
) -> None:
    townships().to_file(tmp_path / "old.shp", encoding="GB18030")
    (tmp_path / "old.cpg").unlink()
    layers, _ = read({**county, "townships": Source(path=tmp_path / "old.shp")})
    assert layers.townships["name"].tolist() == ["甲街道", "乙镇"]


def test_a_shapefile_keeps_canonical_columns_that_it_had_to_cut(
    county: dict[str, Source], tmp_path: Path
) -> None:
    places = gpd.GeoDataFrame(
        {"id": ["a"], "category": ["敬老院"], "beds_nurs": [3], "beds_nursi": [7]},
        geometry=[shapely.Point(107.45, 29.75)],
        crs=4326,
    )
    places.to_file(tmp_path / "f.shp", encoding="UTF-8")
    layers, _ = read({**county, "facilities": Source(path=tmp_path / "f.shp")})
    assert layers.facilities["beds_nursing"].tolist() == [7]


def test_the_sheet_whose_headers_are_known_is_taken(
    county: dict[str, Source], tmp_path: Path
) -> None:
    path = tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"说明": ["请填写"]}).to_excel(book, sheet_name="说明", index=False)
        pd.DataFrame({"编号": ["x"], "机构类别": ["敬老院"]}).to_excel(
            book, sheet_name="台账", index=False
        )
    layers, _ = read({**county, "facilities": Source(path=path)})
    assert layers.facilities["id"].tolist() == ["x"]
    with pytest.raises(LayerError, match=r"没有名为“清单”.*说明、台账"):
        read({**county, "facilities": Source(path=path, layer="清单")})


def test_numbers_of_a_workbook_stay_codes(county: dict[str, Source], tmp_path: Path) -> None:
    table = pd.DataFrame({"code": [500102001001, 500102001002.0], "name": ["甲东", "甲西"]})
    table.to_excel(tmp_path / "c.xlsx", index=False)
    layers, issues = read({**county, "communities": Source(path=tmp_path / "c.xlsx")})
    assert layers.communities["code"].tolist() == [C1, C2]
    # the code says which township a community of no place belongs to
    assert layers.communities["township"].tolist() == [A, A]
    assert layers.communities["place"].tolist() == ["none", "none"]
    assert layers.communities.geometry.isna().all()
    assert len(found(issues, "community_without_place")) == 2


def test_columns_names_headers_that_are_not_known(
    county: dict[str, Source], tmp_path: Path
) -> None:
    text = FACILITIES.replace("设施类型", "什么")
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    source = Source(path=tmp_path / "f.csv", columns={"category": "什么"})
    layers, _ = read({**county, "facilities": source})
    assert layers.facilities["category"].iloc[1] == "eldercare_institution"
    with pytest.raises(LayerError, match=r"category.*表头有：编号、名称、什么、经度、纬度"):
        read({**county, "facilities": Source(path=tmp_path / "f.csv")})
    wrong = Source(path=tmp_path / "f.csv", columns={"category": "什麽"})
    with pytest.raises(LayerError, match=r"什麽.*表头有：编号、名称、什么"):
        read({**county, "facilities": wrong})


def test_units_in_headers_are_understood(county: dict[str, Source], tmp_path: Path) -> None:
    text = '类型,建筑面积（㎡）,床位（张）,所属社区\n敬老院,"1,200.5",８,甲东社区\n'
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    frame = townships().drop(columns="population").assign(**{"人口(万人)": [0.03, 0.02]})
    frame.to_file(tmp_path / "t.gpkg")
    sources = {"facilities": Source(path=tmp_path / "f.csv")}
    sources["townships"] = Source(path=tmp_path / "t.gpkg")
    layers, issues = read({**county, **sources})
    assert layers.facilities["floor_area_m2"].tolist() == [1200.5]
    assert layers.facilities["beds_total"].tolist() == [8]
    assert layers.townships["population"].tolist() == pytest.approx([300, 200])
    assert found(issues, "unit_converted") == [("townships", pd.NA, "population", "人口(万人)")]


def test_the_projects_basis_chooses_the_column(county: dict[str, Source], tmp_path: Path) -> None:
    frame = townships().drop(columns="population")
    frame.assign(常住人口=[1, 2], 户籍人口=[3, 4]).to_file(tmp_path / "t.gpkg")
    sources = {**county, "townships": Source(path=tmp_path / "t.gpkg")}
    registered = read_layers(sources, IssueLog()).townships
    resident = read_layers(sources, IssueLog(), basis="resident").townships
    assert registered["population"].tolist() == [3, 4]
    assert resident["population"].tolist() == [1, 2]
    frame.assign(常住人口=[1, 2]).to_file(tmp_path / "t.gpkg")
    _, issues = read(sources)
    assert found(issues, "other_basis") == [("townships", pd.NA, "population", "常住人口")]


def test_columns_about_persons_are_never_read(county: dict[str, Source], tmp_path: Path) -> None:
    headers = "id,community,population,负责人,联系电话,备注,weight_x"
    text = f"{headers}\nd,甲东社区,3,张三,13800000000,好,2\n"
    (tmp_path / "d.csv").write_text(text, encoding="utf-8")
    source = Source(path=tmp_path / "d.csv", columns={"phone": "联系电话"})
    layers, issues = read({**county, "demand": source})
    demand = layers.others["demand"]
    assert list(demand.columns) == [
        "id", "community", "township", "population", "weight_x", "source_row", "geometry",
    ]  # fmt: skip
    everything = demand.to_string() + issues.to_string()
    assert "张三" not in everything
    assert "13800000000" not in everything
    assert found(issues, "personal_columns")[0][3] == "负责人、联系电话"
    assert found(issues, "unknown_columns")[0][3] == "备注"


def test_cells_that_are_not_what_they_should_be(county: dict[str, Source], tmp_path: Path) -> None:
    text = (
        "代码,名称,人口,户数,60岁以上\n"
        f"{C1},甲东社区,许多,-5,1\n"
        f"{C2},甲西社区,—,７,inf\n"
        "5.00102E+11,丙社区,1,1,1\n"
    )
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    layers, issues = read({**county, "communities": Source(path=tmp_path / "c.csv")})
    assert found(issues, "not_a_number") == [
        ("communities", 2, "population", "许多"),
        ("communities", 3, "elders60", "inf"),
    ]
    assert found(issues, "negative_number") == [("communities", 2, "households", "-5")]
    assert found(issues, "damaged_code") == [("communities", 4, "code", "5.00102E+11")]
    assert layers.communities["population"].isna().tolist() == [True, True, False]
    assert layers.communities["households"].tolist()[1:] == [7, 1]
    missing = [(row, field) for _, row, field, _ in found(issues, "missing_total")]
    assert missing == [(2, "households"), (2, "population"), (3, "population"), (3, "elders60")]


def test_rows_of_blank_lines_keep_the_numbers_a_person_sees(
    county: dict[str, Source], tmp_path: Path
) -> None:
    text = "编号,类型\n\na,敬老院\n,\nb,茶馆\n"
    (tmp_path / "f.csv").write_text(text, encoding="utf-8")
    layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
    assert layers.facilities["source_row"].tolist() == [3, 5]
    assert found(issues, "unknown_category") == [("facilities", 5, "category", "茶馆")]


class TestFaultsThatBlock:
    def test_every_layers_fault_is_told_at_once(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        sources = {
            **county,
            "townships": Source(path=tmp_path / "gone.gpkg"),
            "facilities": Source(path=county["facilities"].path, datum="gps"),
        }
        with pytest.raises(LayerError) as caught:
            read(sources)
        assert "gone.gpkg" in str(caught.value)
        assert "gps" in str(caught.value)
        assert "there is no file" in caught.value.text("en")
        again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301 - our own bytes
        assert str(again) == str(caught.value)

    def test_a_layer_that_is_not_given(self, county: dict[str, Source]) -> None:
        del county["facilities"]
        with pytest.raises(LayerError, match="缺少图层 facilities"):
            read(county)

    @pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "xlsx"])
    def test_an_unreadable_file(
        self, county: dict[str, Source], tmp_path: Path, suffix: str
    ) -> None:
        path = tmp_path / f"bad.{suffix}"
        path.write_bytes(b"%PDF-1.7 not what its name says")
        with pytest.raises(LayerError, match=f"bad.{suffix} 无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_a_workbook_cut_in_half(self, county: dict[str, Source], tmp_path: Path) -> None:
        path = tmp_path / "half.xlsx"
        pd.DataFrame({"类型": ["敬老院"]}).to_excel(path, index=False)
        path.write_bytes(path.read_bytes()[:2000])
        with pytest.raises(LayerError, match="无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_a_workbook_of_damaged_xml(self, county: dict[str, Source], tmp_path: Path) -> None:
        path = tmp_path / "odd.xlsx"
        with zipfile.ZipFile(path, "w") as book:
            book.writestr("[Content_Types].xml", "<Types")
        with pytest.raises(LayerError, match="无法读取"):
            read({**county, "facilities": Source(path=path)})

    def test_an_old_workbook(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "f.xls").write_bytes(b"\xd0\xcf\x11\xe0")
        with pytest.raises(LayerError, match=r"另存为 .xlsx"):
            read({**county, "facilities": Source(path=tmp_path / "f.xls")})

    def test_a_missing_layer(self, county: dict[str, Source]) -> None:
        source = Source(path=county["townships"].path, layer="towns")
        with pytest.raises(
            LayerError, match=r"“towns”，现有：|“towns”的图层或工作表，现有：townships"
        ):
            read({**county, "townships": source})

    @pytest.mark.parametrize("text", ["", "\n\n"])
    def test_an_empty_file(self, county: dict[str, Source], tmp_path: Path, text: str) -> None:
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    @pytest.mark.parametrize("text", ["代码,名称\n", "代码,名称\n,\n \n"])
    def test_communities_without_a_row(
        self, county: dict[str, Source], tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "communities": Source(path=tmp_path / "c.csv")})

    @pytest.mark.parametrize("text", ["编号,类型\n", "编号,类型\n,\n \n"])
    def test_facilities_without_a_row_are_told_and_the_rest_goes_on(
        self, county: dict[str, Source], tmp_path: Path, text: str
    ) -> None:
        (tmp_path / "f.csv").write_text(text, encoding="utf-8")
        layers, issues = read({**county, "facilities": Source(path=tmp_path / "f.csv")})
        assert layers.facilities.empty
        assert "empty_layer" in set(issues["code"])

    def test_an_empty_vector_layer(self, county: dict[str, Source], tmp_path: Path) -> None:
        townships().iloc[:0].to_file(tmp_path / "t.gpkg")
        with pytest.raises(LayerError, match="一行数据也没有"):
            read({**county, "townships": Source(path=tmp_path / "t.gpkg")})

    def test_a_row_longer_than_its_header(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "f.csv").write_text("类型,地址\n敬老院,路1号,2栋\n", encoding="utf-8")
        with pytest.raises(LayerError, match="第 2 行有 3 列"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    def test_text_in_neither_encoding(self, county: dict[str, Source], tmp_path: Path) -> None:
        (tmp_path / "f.csv").write_bytes("类型\n".encode() + b"\xff\xff\xff\n")
        with pytest.raises(LayerError, match="既不是 UTF-8 也不是 GB18030"):
            read({**county, "facilities": Source(path=tmp_path / "f.csv")})

    def test_a_layer_without_coordinate_system(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        path = tmp_path / "t.shp"
        townships().to_file(path, encoding="UTF-8")
        (tmp_path / "t.prj").unlink()
        with pytest.raises(LayerError, match=r"没有坐标系.*\[layers.townships\].*EPSG:4490"):
            read({**county, "townships": Source(path=path)})
        layers, _ = read({**county, "townships": Source(path=path, crs="EPSG:4490")})
        assert layers.crs.to_epsg() == 4545
        with pytest.raises(LayerError, match="“EPSG:nine”不认识"):
            read({**county, "townships": Source(path=path, crs="EPSG:nine")})

    def test_metres_that_say_they_are_degrees(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        metres = townships().to_crs(4545).set_crs(4326, allow_override=True)
        metres.to_file(tmp_path / "t.gpkg")
        with pytest.raises(LayerError, match="不是度"):
            read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        source = Source(path=tmp_path / "t.gpkg", crs="EPSG:4545")
        layers, issues = read({**county, "townships": source})
        assert issues.empty
        assert layers.communities["township"].tolist() == [A, A, B]

    def test_townships_without_polygons(self, county: dict[str, Source], tmp_path: Path) -> None:
        points = townships().assign(geometry=lambda t: t.to_crs(4545).centroid.to_crs(4490))
        points.to_file(tmp_path / "t.gpkg")
        with pytest.raises(LayerError, match="里没有面"):
            read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        with pytest.raises(LayerError, match="里没有面"):
            read({**county, "townships": Source(path=county["facilities"].path,
                                                columns={"code": "编号"})})  # fmt: skip

    @pytest.mark.parametrize("layer", ["townships", "communities"])
    def test_units_without_code_and_name(
        self, county: dict[str, Source], tmp_path: Path, layer: str
    ) -> None:
        frame = townships()[["geometry"]].assign(mingzi=["a", "b"])
        frame.to_file(tmp_path / "u.gpkg")
        with pytest.raises(LayerError, match=r"缺少必需的列 code / name。表头有：mingzi"):
            read({**county, layer: Source(path=tmp_path / "u.gpkg")})


class TestUnits:
    def test_codes_are_made_of_names_where_they_are_missing(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        townships()[["name", "geometry"]].to_file(tmp_path / "t.gpkg")
        text = "社区,乡镇（街道）\n和平社区,甲街道\n和平社区,乙镇\n新村,乙\n"
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        sources = {"townships": Source(path=tmp_path / "t.gpkg")}
        sources["communities"] = Source(path=tmp_path / "c.csv")
        layers, issues = read({**county, **sources})
        assert layers.townships["code"].tolist() == ["甲街道", "乙镇"]
        assert layers.townships["county"].tolist() == ["", ""]
        assert layers.communities["code"].tolist() == ["甲街道和平社区", "乙镇和平社区", "新村"]
        assert layers.communities["township"].tolist() == ["甲街道", "乙镇", "乙镇"]
        assert "duplicate_id" not in issues["code"].tolist()

    def test_a_repeated_code_is_set_aside(self, county: dict[str, Source], tmp_path: Path) -> None:
        twice = pd.concat([townships(), townships().iloc[[0]].assign(name="另一个")])
        twice.to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        assert layers.townships["name"].tolist() == ["甲街道", "乙镇"]
        assert found(issues, "duplicate_id") == [("townships", 3, "code", A)]

    def test_of_a_repeated_code_the_row_with_a_polygon_stays(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        empty = townships().iloc[[0]].assign(geometry=[None])
        pd.concat([empty, townships()]).to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        assert layers.townships.geometry.notna().all()
        assert found(issues, "duplicate_id") == [("townships", 1, "code", A)]
        assert found(issues, "no_polygon") == []

    def test_a_bow_tie_is_mended(self, county: dict[str, Source], tmp_path: Path) -> None:
        """Two triangles that meet in the middle of a 1 x 1 square: half of its area."""
        bow = shapely.Polygon([(107.4, 29.7), (107.5, 29.8), (107.5, 29.7), (107.4, 29.8)])
        frame = townships()
        frame.loc[1, "geometry"] = bow
        whole = townships().to_crs(4545).area.iloc[1]
        frame.to_file(tmp_path / "t.gpkg")
        layers, issues = read({**county, "townships": Source(path=tmp_path / "t.gpkg")})
        mended = layers.townships.geometry.iloc[1]
        assert mended.is_valid
        assert mended.area == pytest.approx(whole / 2, rel=1e-3)
        assert [issue[:2] for issue in found(issues, "repaired_geometry")] == [("townships", 2)]

    def test_points_become_the_part_of_the_township_nearest_to_them(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        """The two points of 甲街道 stand in the middle of its halves: so the halves are theirs."""
        text = (
            "name,lon,lat\n甲东社区,107.35,29.775\n甲西社区,107.35,29.725\n乙村,107.41,29.71\n"
            "乙村旁,107.41,29.71\n"
        )
        (tmp_path / "c.csv").write_text(text, encoding="utf-8")
        expected, _ = read(county)
        layers, issues = read({**county, "communities": Source(path=tmp_path / "c.csv")})
        result = layers.communities
        assert result["place"].tolist() == ["point"] * 4
        assert result["township"].tolist() == [A, A, B, B]
        for position in range(3):
            drawn = expected.communities.geometry.iloc[position]
            cell = result.geometry.iloc[position]
            assert cell.symmetric_difference(drawn).area < 0.002 * drawn.area
        # two points in one place: the first has the area
        assert result.geometry.iloc[3] is None
        assert [issue[1] for issue in found(issues, "community_without_cell")] == [5]

    def test_points_share_what_polygons_leave(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities()
        frame.loc[1, "geometry"] = shapely.Point(107.31, 29.71)
        frame.to_file(tmp_path / "c.gpkg")
        expected, _ = read(county)
        layers, _ = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert layers.communities["place"].tolist() == ["polygon", "point", "polygon"]
        drawn = expected.communities.geometry.iloc[1]
        cell = layers.communities.geometry.iloc[1]
        # edges that are straight in degrees differ by centimetres where a side has more corners
        assert cell.symmetric_difference(drawn).area < 1e-4 * drawn.area

    def test_where_a_community_lies_decides_against_what_it_declares(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities().assign(township=["甲街道办事处", "乙镇", "丙镇"])
        frame.to_file(tmp_path / "c.gpkg")
        layers, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert layers.communities["township"].tolist() == [A, A, B]
        assert found(issues, "declared_elsewhere") == [("communities", 2, "township", "乙镇")]
        assert found(issues, "unknown_township") == [("communities", 3, "township", "丙镇")]

    def test_sums_are_compared_at_one_percent(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        """300 declared; 297 is exactly 1 % apart and passes, 296 is further."""
        for second, rows in ((197, []), (196, [("townships", 1, "population", "300")])):
            frame = communities()
            frame.loc[1, "population"] = second
            frame.to_file(tmp_path / "c.gpkg")
            _, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
            assert found(issues, "sums_differ") == rows

    def test_a_missing_total_is_named_and_its_township_not_compared(
        self, county: dict[str, Source], tmp_path: Path
    ) -> None:
        frame = communities()
        frame["population"] = [100, None, 200]
        frame.to_file(tmp_path / "c.gpkg")
        _, issues = read({**county, "communities": Source(path=tmp_path / "c.gpkg")})
        assert found(issues, "missing_total") == [("communities", 2, "population", "甲西社区")]
        assert found(issues, "sums_differ") == []


class TestCoordinateSystem:
    @pytest.mark.parametrize(
        ("longitude", "latitude", "code"),
        [
            (107.3, 29.7, 4545),
            (105.3, 30.1, 4544),
            (121.5, 29.9, 4550),
            (74.0, 39.0, 4534),
            (10.0, 48.0, 32632),
            (179.9, 10.0, 32660),
            (-58.4, -34.6, 32721),
        ],
    )
    def test_zone_by_the_middle(self, longitude: float, latitude: float, code: int) -> None:
        bounds = (longitude - 0.1, latitude - 0.1, longitude + 0.1, latitude + 0.1)
        assert metric_crs(bounds).to_epsg() == code

    @settings(deadline=None)  # others may share the machine
    @given(st.floats(73.7, 134.7), st.floats(17, 53))
    def test_in_china_the_zone_is_at_most_half_a_zone_away(
        self, longitude: float, latitude: float
    ) -> None:
        crs = metric_crs((longitude, latitude, longitude, latitude))
        assert crs.coordinate_operation is not None
        meridian = next(
            p.value
            for p in crs.coordinate_operation.params
            if p.name == "Longitude of natural origin"
        )
        assert abs(meridian - longitude) <= 1.5 + 1e-9

    @pytest.mark.parametrize(
        "bounds", [(0, 0, 500000, 3000000), (float("nan"), 0, 1, 1), (2, 0, 1, 1)]
    )
    def test_metres_are_refused(self, bounds: tuple[float, float, float, float]) -> None:
        with pytest.raises(ValueError, match="degrees"):
            metric_crs(bounds)


def test_reading_twice_gives_the_same(county: dict[str, Source]) -> None:
    first, first_issues = read(county)
    second, second_issues = read(county)
    pd.testing.assert_frame_equal(first.communities, second.communities)
    pd.testing.assert_frame_equal(first.facilities, second.facilities)
    pd.testing.assert_frame_equal(first_issues, second_issues)
