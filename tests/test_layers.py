"""Reading of whole layers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from layer_files import C1, C2, C3, FACILITIES, A, B, found, read, townships

from coverage.errors import LayerError
from coverage.layers import IssueLog, Source, read_layers

if TYPE_CHECKING:
    from pathlib import Path


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


def test_reading_twice_gives_the_same(county: dict[str, Source]) -> None:
    first, first_issues = read(county)
    second, second_issues = read(county)
    pd.testing.assert_frame_equal(first.communities, second.communities)
    pd.testing.assert_frame_equal(first.facilities, second.facilities)
    pd.testing.assert_frame_equal(first_issues, second_issues)
