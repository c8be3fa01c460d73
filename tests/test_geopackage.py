"""The GeoPackage of a result: what stands in it, and what writing it leaves behind."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
from geopandas.testing import assert_geodataframe_equal
from tiny_county import write_tiny

from coverage import open_project
from coverage.errors import OutputError
from coverage.outputs.geopackage import LAYERS, write_geopackage
from coverage.outputs.offline_map import asset
from coverage.outputs.qgis.styles import GROUP_COLOURS, RAMP, SHARES
from coverage.results import Result


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return open_project(write_tiny(tmp_path_factory.mktemp("tiny"))).run()


@pytest.fixture(scope="module")
def package(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("package") / "coverage.gpkg"
    write_geopackage(result, path)
    return path


def test_layers_read_back_as_they_were(result: Result, package: Path) -> None:
    path = package
    layers = pyogrio.list_layers(path)
    assert layers[:, 0].tolist() == [*LAYERS, "layer_styles"]
    assert [kind is None for kind in layers[:, 1]] == [False] * len(LAYERS) + [True]
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


def test_older_programs_know_the_version(package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (10200,)


@pytest.mark.parametrize("before", [None, "FULL"])
def test_the_callers_own_files_are_written_as_before(
    result: Result, tmp_path: Path, before: str | None
) -> None:
    option = "OGR_SQLITE_SYNCHRONOUS"
    pyogrio.set_gdal_config_options({option: before})
    try:
        write_geopackage(result, tmp_path / "coverage.gpkg")
        assert pyogrio.get_gdal_config_option(option) == before
    finally:
        pyogrio.set_gdal_config_options({option: None})


def _styles(path: Path) -> pd.DataFrame:
    return pyogrio.read_dataframe(path, layer="layer_styles")


def _parsed(qml: str) -> ET.Element:
    return ET.fromstring(qml)  # noqa: S314 - our own


def _found(path: Path, layer: str, condition: str) -> set[int]:
    """Return the rows that a condition of QGIS holds for: these are conditions of SQL, too."""
    with closing(sqlite3.connect(path)) as database:
        query = f"SELECT fid FROM {layer} WHERE {condition}"  # noqa: S608 - our own
        return {row[0] for row in database.execute(query)}


def test_every_layer_opens_in_a_style_of_its_own(package: Path) -> None:
    table = _styles(package)
    assert set(table["f_table_name"]) == set(LAYERS)
    default = table[table["useAsDefault"]]
    assert default["f_table_name"].is_unique
    assert len(default) == len(LAYERS)
    # QGIS compares these letter by letter
    assert set(table["f_table_schema"]) == {""}
    assert set(table["f_geometry_column"]) == {"geom"}
    shapes = {"Point": "0", "MultiPolygon": "2"}
    kinds = dict(pyogrio.list_layers(package))
    for layer, qml in zip(table["f_table_name"], table["styleQML"], strict=True):
        root = _parsed(qml)
        assert root.tag == "qgis"
        assert root.findtext("layerGeometryType") == shapes[kinds[layer]]
        symbols = {s.get("name") for s in root.iterfind("renderer-v2/symbols/symbol")}
        used = {n.get("symbol") for n in root.iter() if n.tag in ("rule", "range")} - {None}
        assert used == symbols
        keys = [rule.get("key") for rule in root.iter("rule")]
        assert len(set(keys)) == len(keys)


def test_shares_are_in_the_classes_of_the_map(package: Path) -> None:
    script = asset("map.js")
    for colour in (*RAMP, *GROUP_COLOURS.values()):
        assert colour in script
    assert f"breaks: {[round(100 * s) for s in SHARES[1:-1]]}" in script
    table = _styles(package)
    qml = table[table["useAsDefault"]].set_index("f_table_name")["styleQML"]["communities"]
    renderer = _parsed(qml).find("renderer-v2")
    assert renderer is not None
    classes = [(float(r.attrib["lower"]), float(r.attrib["upper"])) for r in renderer.iter("range")]
    for share in (0.0, 0.199, 0.2, 0.4, 0.6, 0.8, 1.0, 1 + 1e-15):
        taken = next(i for i, (low, high) in enumerate(classes) if low <= share <= high)
        assert len(classes) - 1 - taken == min(np.searchsorted(SHARES[1:-1], share, "right"), 4)
    assert renderer.attrib["attr"] in gpd.read_file(package, layer="communities").columns


def test_each_row_is_drawn_by_one_rule(package: Path) -> None:
    table = _styles(package).set_index("f_table_name")["styleQML"]
    for layer in ("demand", "facilities", "gaps"):
        every: list[int] = []
        for rule in _parsed(table[layer]).iterfind("renderer-v2/rules/rule"):
            own = _found(package, layer, rule.attrib["filter"])
            parts = [_found(package, layer, part.attrib["filter"]) & own for part in rule]
            assert not parts or sorted(own) == sorted(chain.from_iterable(parts))
            every += own
        assert sorted(every) == sorted(_found(package, layer, "true"))
        assert every
    areas = _parsed(table["service_areas"])
    shown = [r for r in areas.iter("rule") if r.get("checkstate") == "1"]
    assert [_found(package, "service_areas", r.attrib["filter"]) != set() for r in shown] == [True]


def test_columns_have_titles_in_chinese_and_codes_have_words(package: Path) -> None:
    with closing(sqlite3.connect(package)) as database:
        titles = {
            (layer, column): title
            for layer, column, title in database.execute(
                "SELECT table_name, column_name, title FROM gpkg_data_columns"
            )
        }
        extensions = {name for (name,) in database.execute(
            "SELECT table_name FROM gpkg_extensions WHERE extension_name = 'gpkg_schema'"
        )}  # fmt: skip
    assert extensions == {"gpkg_data_columns", "gpkg_data_column_constraints"}
    for layer in LAYERS:
        for column in gpd.read_file(package, layer=layer).columns.drop("geometry"):
            assert re.search("[\u4e00-\u9fff]", titles.pop((layer, column))), column
    assert not titles
    qml = _styles(package).set_index("f_table_name")["styleQML"]["facilities"]
    root = _parsed(qml)
    assert {a.get("field"): a.get("name") for a in root.iter("alias")}["name"] == "名称"
    words = {
        option.get("value"): option.get("name")
        for field in root.iterfind("fieldConfiguration/field")
        for option in field.iter("Option")
    }
    assert words["counted"] == "计入"
    assert words["day_care_center"] == "日间照料中心"


def test_the_same_result_gives_the_same_package(
    result: Result, package: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again.gpkg"
    write_geopackage(result, again)
    pd.testing.assert_frame_equal(_styles(package), _styles(again))
    for layer in LAYERS:
        first, second = (gpd.read_file(p, layer=layer) for p in (package, again))
        assert_geodataframe_equal(first, second)


def test_a_package_that_cannot_be_written_is_said(result: Result, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"coverage\.gpkg"):
        write_geopackage(result, tmp_path / "missing" / "coverage.gpkg")
