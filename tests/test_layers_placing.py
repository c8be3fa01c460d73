"""What coordinates are: systems that nobody names, zones before eastings, axes swapped.

The control point of all of them is 107.3 E 29.7 N, which is E 432 256.52, N 3 287 063.46 in
EPSG:4545 and E 36 432 256.52 in EPSG:4524 (published control values).
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from coverage.errors import LayerError
from coverage.layers import IssueLog, Layers, Source, read_layers
from coverage.layers.location.crs import metric_crs, scale_error

EAST, NORTH = 432_256.52, 3_287_063.46
TOWNS = [shapely.box(107.2, 29.6, 107.4, 29.8), shapely.box(107.4, 29.6, 107.6, 29.8)]


def towns(**given: object) -> gpd.GeoDataFrame:
    columns = {"code": ["500102001", "500102101"], "name": ["甲街道", "乙镇"], **given}
    return gpd.GeoDataFrame(columns, geometry=TOWNS, crs=4490)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    towns().to_file(tmp_path / "t.gpkg")
    (tmp_path / "c.csv").write_text("名称,乡镇\n甲东社区,甲街道\n", encoding="utf-8")
    (tmp_path / "f.csv").write_text("类型,经度,纬度\n敬老院,107.3,29.7\n", encoding="utf-8")
    return tmp_path


def read(folder: Path, **sources: Source) -> tuple[Layers, pd.DataFrame]:
    given = {
        "townships": Source(path=folder / "t.gpkg"),
        "communities": Source(path=folder / "c.csv"),
        "facilities": Source(path=folder / "f.csv", datum="wgs84"),
        **sources,
    }
    issues = IssueLog()
    layers = read_layers(given, issues)
    issues.frame("en")
    return layers, issues.frame()


def facilities(folder: Path, rows: str, **options: str) -> Source:
    path = folder / "rows.csv"
    path.write_text(f"类型,lon,lat\n{rows}", encoding="utf-8")
    return Source(path=path, datum="wgs84", **options)  # type: ignore[arg-type]


def rows_of(issues: pd.DataFrame, code: str) -> list[int]:
    return issues.loc[issues["code"] == code, "row"].dropna().astype(int).tolist()


def at_control_point(layers: Layers, position: int = 0) -> bool:
    point = layers.facilities.geometry.iloc[position]
    return bool(np.hypot(point.x - EAST, point.y - NORTH) < 0.02)


@pytest.mark.parametrize(
    ("pair", "codes"),
    [
        ("107.3,29.7", set()),
        ("29.7,107.3", {"swapped_axes"}),
        (f"3{6_000_000 + EAST:.2f},{NORTH}".replace("36432256", "6432256", 1), None),
        (f"36{EAST:.2f},{NORTH}", {"zone_prefix"}),
        (f"{NORTH},36{EAST:.2f}", {"zone_prefix", "swapped_axes"}),
        (f"{EAST},{NORTH}", {"assumed_crs"}),
        (f"{NORTH},{EAST}", {"assumed_crs", "swapped_axes"}),
    ],
)
def test_a_pair_of_numbers_is_placed_by_its_size(
    folder: Path, pair: str, codes: set[str] | None
) -> None:
    layers, issues = read(folder, facilities=facilities(folder, f"敬老院,{pair}\n"))
    if codes is None:  # no zone has this number before it
        assert rows_of(issues, "bad_coordinates") == [2]
        return
    assert at_control_point(layers)
    told = {"swapped_axes", "zone_prefix", "assumed_crs", "bad_coordinates"} & set(issues["code"])
    assert told == codes


def test_swapped_rows_are_put_right_one_by_one(folder: Path) -> None:
    rows = "敬老院,107.3,29.7\n敬老院,29.7,107.3\n敬老院,107.35,29.7\n敬老院,,\n"
    layers, issues = read(folder, facilities=facilities(folder, rows))
    assert at_control_point(layers, 0)
    assert at_control_point(layers, 1)
    assert rows_of(issues, "swapped_axes") == [3]
    assert rows_of(issues, "bad_coordinates") == []


def test_a_layer_swapped_throughout_is_one_finding(folder: Path) -> None:
    source = facilities(folder, "敬老院,29.7,107.3\n敬老院,29.65,107.35\n")
    _, issues = read(folder, facilities=source)
    found = issues[issues["code"] == "swapped_axes"]
    assert len(found) == 1
    assert "共 2 行" in found["message"].iloc[0]


def test_axes_swapped_outside_china_show_by_where_the_project_is(tmp_path: Path) -> None:
    frame = gpd.GeoDataFrame(
        {"code": ["a"], "name": ["Dorf"]}, geometry=[shapely.box(9, 50, 9.2, 50.2)], crs=4326
    )
    frame.to_file(tmp_path / "t.gpkg")
    (tmp_path / "c.csv").write_text("name\nx\n", encoding="utf-8")
    source = facilities(tmp_path, "敬老院,50.1,9.1\n")
    layers, issues = read(tmp_path, facilities=source)
    assert rows_of(issues, "swapped_axes") == []  # one layer, one finding, no row
    assert "swapped_axes" in set(issues["code"])
    assert layers.facilities["township"].tolist() == ["a"]


@pytest.mark.parametrize("system", ["EPSG:4490", "EPSG:4524", "EPSG:4496"])
def test_townships_without_prj_whose_numbers_tell(folder: Path, system: str) -> None:
    """Degrees tell, and eastings with the number of a zone of 3 or 6 degrees before them."""
    towns().to_crs(system).to_file(folder / "bare.shp", encoding="UTF-8")
    (folder / "bare.prj").unlink()
    layers, issues = read(folder, townships=Source(path=folder / "bare.shp"))
    assert "assumed_crs" in set(issues["code"])
    assert layers.crs.to_epsg() == 4545
    assert layers.facilities["township"].tolist() == ["500102001"]


def test_townships_that_cannot_be_placed_ask_for_their_system(folder: Path) -> None:
    towns().to_crs(4545).to_file(folder / "bare.shp", encoding="UTF-8")
    (folder / "bare.prj").unlink()
    (folder / "f.csv").write_text("类型,乡镇\n敬老院,乙镇\n", encoding="utf-8")
    bare = Source(path=folder / "bare.shp")
    with pytest.raises(LayerError, match=r"没有坐标系.*\[layers.townships\].*EPSG:4545"):
        read(folder, townships=bare)
    layers, _ = read(folder, townships=Source(path=bare.path, crs="EPSG:4545"))
    assert layers.crs.to_epsg() == 4545
    with pytest.raises(LayerError, match="“EPSG:nine”不认识"):
        read(folder, townships=Source(path=bare.path, crs="EPSG:nine"))


def test_metres_that_say_they_are_degrees(folder: Path) -> None:
    metres = towns().to_crs(4545).set_crs(4326, allow_override=True)
    metres.to_file(folder / "m.gpkg")
    (folder / "f.csv").write_text("类型,乡镇\n敬老院,乙镇\n", encoding="utf-8")
    with pytest.raises(LayerError, match="不是度"):
        read(folder, townships=Source(path=folder / "m.gpkg"))
    # where another layer shows the place, the zone is found
    (folder / "f.csv").write_text("类型,经度,纬度\n敬老院,107.3,29.7\n", encoding="utf-8")
    layers, issues = read(folder, townships=Source(path=folder / "m.gpkg"))
    assert "assumed_crs" in set(issues["code"])
    assert layers.facilities["township"].tolist() == ["500102001"]


def test_northing_before_easting_in_a_file_that_names_its_system(folder: Path) -> None:
    point = gpd.GeoDataFrame({"类型": ["敬老院"]}, geometry=[shapely.Point(NORTH, EAST)], crs=4545)
    point.to_file(folder / "p.gpkg")
    layers, issues = read(folder, facilities=Source(path=folder / "p.gpkg"))
    assert at_control_point(layers)
    assert "swapped_axes" in set(issues["code"])


def test_the_system_chosen_is_told_and_why(folder: Path) -> None:
    _, issues = read(folder)
    found = issues[issues["code"] == "crs_chosen"]
    assert found["severity"].tolist() == ["info"]
    assert found["value"].tolist() == ["EPSG:4545"]
    assert "108" in found["message"].iloc[0]


def test_an_extent_past_its_zone_is_told(folder: Path) -> None:
    """3 degrees from the meridian at 30 N, (0.0524 cos 30)^2 / 2 is 1.03 m a kilometre."""
    bounds = (105.0, 30.0, 111.0, 30.0)
    assert scale_error(metric_crs(bounds), bounds) == pytest.approx(0.00103, rel=0.01)
    wide = towns()
    wide.geometry = [shapely.box(105, 29.6, 107.4, 29.8), shapely.box(107.4, 29.6, 110.9, 29.8)]
    wide.to_file(folder / "t.gpkg")
    _, issues = read(folder)
    assert "outside_zone" in set(issues["code"])
