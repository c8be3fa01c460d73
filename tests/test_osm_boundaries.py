"""Townships of an extract from a file of areas that someone gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
import shapely
from extracts import EAST, NORTH, UTM, create, read_layer, two_townships

from coverage.errors import LayerError, ProjectError


def _given(path: Path, header: str = "街道名称", crs: Any = UTM) -> Path:
    halves = [shapely.box(-200, 0, 1000, 1000), shapely.box(1000, 0, 3000, 1000)]
    moved = shapely.transform(halves, lambda xy: xy + np.array((EAST, NORTH)))
    areas = gpd.GeoDataFrame({header: ["西街道", "东街道"]}, geometry=moved, crs=crs)
    areas.to_file(path)
    return path


@pytest.mark.parametrize("header", ["name", "NAME", "街道名称", "乡镇", "名称"])
def test_areas_of_a_file_are_the_townships(header: str, tmp_path: Path) -> None:
    areas = _given(tmp_path / "areas.gpkg", header)
    folder, extract = create(two_townships(), tmp_path, boundaries=areas)
    townships = read_layer(folder, "townships")
    assert list(townships["name"]) == ["东街道", "西街道"]
    assert list(townships["buildings"]) == [3, 3]
    assert extract.township_level is None
    assert "areas.gpkg" in "".join(extract.sentences("zh"))
    # the communities of level 10 lie in the west; the east is one
    assert list(read_layer(folder, "communities")["name"]) == ["东街道", "北社区", "南社区"]


def test_areas_and_a_level_cannot_both_be_the_townships(tmp_path: Path) -> None:
    with pytest.raises(ProjectError) as error:
        create(two_townships(), tmp_path, boundaries=tmp_path, township_level=8)
    assert error.value.key == "osm_project.two_townships"


def test_areas_without_names_are_an_error_that_lists_the_columns(tmp_path: Path) -> None:
    areas = _given(tmp_path / "areas.gpkg", "编号列")
    with pytest.raises(LayerError, match="编号列") as error:
        create(two_townships(), tmp_path, boundaries=areas)
    assert error.value.key == "osm_project.boundaries_no_name"


def test_points_are_no_areas(tmp_path: Path) -> None:
    points = gpd.GeoDataFrame({"name": ["a"]}, geometry=[shapely.Point(117, 26)], crs=4326)
    points.to_file(tmp_path / "points.gpkg")
    with pytest.raises(LayerError) as error:
        create(two_townships(), tmp_path, boundaries=tmp_path / "points.gpkg")
    assert error.value.key == "osm_project.boundaries_no_polygons"


def test_areas_that_are_not_there_or_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(LayerError) as error:
        create(two_townships(), tmp_path, boundaries=tmp_path / "none.gpkg")
    assert error.value.key == "osm_project.boundaries_missing"
    areas = _given(tmp_path / "areas.gpkg", crs=4544)
    with pytest.raises(LayerError) as error:
        create(two_townships(), tmp_path, boundaries=areas)
    assert error.value.key == "osm_project.boundaries_elsewhere"
    assert not (tmp_path / "project").exists()
