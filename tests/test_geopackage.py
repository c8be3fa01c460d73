"""The GeoPackage of a result: what stands in it, and what writing it leaves behind."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal

from coverage import open_project
from coverage.outputs.geopackage import LAYERS, write_geopackage


def test_layers_read_back_as_they_were(tiny: Path, tmp_path: Path) -> None:
    result = open_project(tiny).run()
    path = tmp_path / "coverage.gpkg"
    write_geopackage(result, path)
    assert pyogrio.list_layers(path)[:, 0].tolist() == list(LAYERS)
    for name in LAYERS:
        frame = getattr(result, name)
        back = gpd.read_file(path, layer=name)
        assert back.columns.tolist() == frame.columns.tolist()
        assert back.crs == result.crs
        assert len(back) == len(frame)
        assert back.geometry.area.tolist() == pytest.approx(frame.geometry.area.tolist())
    assert set(gpd.read_file(path, layer="townships").geom_type) == {"MultiPolygon"}
    demand = gpd.read_file(path, layer="demand")
    assert demand["minutes"].tolist() == pytest.approx(result.demand["minutes"], nan_ok=True)
    same = gpd.GeoDataFrame(result.demand[["geometry"]])
    assert_geodataframe_equal(gpd.GeoDataFrame(demand[["geometry"]]), same, check_crs=False)


@pytest.mark.parametrize("before", [None, "FULL"])
def test_the_callers_own_files_are_written_as_before(
    tiny: Path, tmp_path: Path, before: str | None
) -> None:
    option = "OGR_SQLITE_SYNCHRONOUS"
    result = open_project(tiny).run()
    pyogrio.set_gdal_config_options({option: before})
    try:
        write_geopackage(result, tmp_path / "coverage.gpkg")
        assert pyogrio.get_gdal_config_option(option) == before
    finally:
        pyogrio.set_gdal_config_options({option: None})
