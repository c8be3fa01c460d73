"""Every reader of the package with a small good file of each kind that it reads."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import networkx as nx
import numpy as np
import osmium
import pandas as pd
from extracts import two_townships
from layer_files import FACILITIES, communities, townships, write_county
from ledger_files import write_sheet
from networks import CRS, EAST, NORTH, lines
from rasters import write_raster

from coverage.batch.dataset import Dataset
from coverage.configuration import read_configuration
from coverage.indicators.entered import check_entered, entered_figures
from coverage.indicators.units import Units
from coverage.layers import IssueLog, Source, read_layers
from coverage.layers.crosswalk import Crosswalk
from coverage.layers.ledgers.reading import read_ledger
from coverage.layers.ledgers.tidy import Table, tidy
from coverage.layers.read import _place, read_raw
from coverage.network import Elevation, read_streets
from coverage.osm_project.reading import read_elements
from coverage.plans.read import read_plan
from coverage.scenario import read_scenario
from coverage.web.users import Users

if TYPE_CHECKING:
    from collections.abc import Callable

    from fuzz.edits import Packed

_DEFAULT_PLAN = read_plan("dazhou")
OLD_WORKBOOK = Path(__file__).parents[1] / "ledgers" / "old.xls"


@dataclass(frozen=True)
class Reader:
    """A reader: the name of its file, what writes a good one, and how a file is read whole."""

    file: str
    write: Callable[[Path], object]
    read: Callable[[Path], object]
    packed: Packed = ""
    share: float = 1.0  # of the inputs that others are tried with: some readers are slow


def _table(path: Path, layer: str) -> Table:
    """Read one layer, from its bytes to its cells and its places."""
    issues, source = IssueLog(), Source(path=path)
    ledger = read_ledger(read_raw(source, layer, issues), source, layer, issues)
    table = tidy(ledger.raw, ledger.columns, layer, issues, basis="registered")
    _place({layer: table}, {layer: source}, None, issues)
    issues.frame("zh")
    issues.frame("en")
    return table


def _layer(layer: str) -> Callable[[Path], object]:
    return lambda path: _table(path, layer)


def _changes(path: Path) -> None:
    Crosswalk(_table(path, "crosswalk").frame).later("500102009")


def _figures(path: Path) -> None:
    table = _table(path, "entered")
    names = pd.DataFrame({"name": ["甲街道"]}, index=["500102001"])
    units = Units(communities=names, townships=names, counties=names, city=None)
    entered = table.frame.assign(source_row=table.rows)
    entered_figures(_DEFAULT_PLAN, entered, units, 2023)
    check_entered(_DEFAULT_PLAN, entered, units, 2023, IssueLog())


def _in_county(layer: str) -> Callable[[Path], object]:
    """Return a reader of a layer together with those of a good county."""

    def read(path: Path) -> None:
        county = path.parent / "county"
        if not county.exists():
            county.mkdir()
            write_county(county)
        names = {"townships": "townships.gpkg", "communities": "communities.geojson",
                 "facilities": "facilities.csv"}  # fmt: skip
        sources = {n: Source(path=county / file, datum="wgs84") for n, file in names.items()}
        issues = IssueLog()
        read_layers({**sources, layer: Source(path=path, datum="wgs84")}, issues)
        issues.frame("zh")

    return read


def _streets(path: Path) -> None:
    streets = read_streets(path)
    streets.network(mode="walk", min_island=0)
    streets.draw()


def _heights(path: Path) -> None:
    x = np.linspace(EAST - 900, EAST + 900, 40)
    Elevation(path).heights(x, np.full(40, NORTH), CRS)


def _text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def _osm(path: Path) -> None:
    """Write an extract in the form that the name tells, unpacked so that edits reach its words."""
    drawn = two_townships().write(path.with_name("drawn.osm"))
    kind = "pbf,pbf_compression=none" if path.name.endswith(".pbf") else ""
    with osmium.SimpleWriter(osmium.io.File(str(path), kind)) as writer:
        for element in osmium.FileProcessor(str(drawn)):
            writer.add(element)


def _graph(path: Path) -> None:
    graph = nx.MultiDiGraph(crs="EPSG:4545")
    for name, x in (("1", 0), ("2", 500), ("3", 900)):
        graph.add_node(name, x=EAST + x, y=NORTH)
    graph.add_edge("1", "2", osmid="[7, 8]", highway="residential", maxspeed="['30', '40']")
    graph.add_edge("2", "3", osmid="9", geometry=f"LINESTRING ({EAST} {NORTH}, {EAST} 0)")
    nx.write_graphml(graph, path)


def _shapefile(path: Path) -> None:
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    townships().to_file(folder / "units.shp", encoding="GB18030")
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.iterdir()):
            archive.write(file, file.name)


def _lines(path: Path) -> None:
    drawn = lines([(0, 0), (500, 0)], [(500, 0), (500, 400)], highway=["residential", "steps"])
    drawn.to_file(path)


def _ledger(path: Path) -> None:
    write_sheet(path, [
        ("某县养老服务设施台账", None, None, None, None, None),
        ("编号", "名称", "设施类型", "经度", "纬度", "建成时间"),
        ("f1", "甲站", "养老驿站", 107.35, 29.78, "2019-05-01"),
        ("f2", "乙院", "敬老院", 107.45, 29.75, "=1/0"),
    ], merged=["A1:F1"], hidden=[4])  # fmt: skip


def _page(path: Path) -> None:
    """Write what many systems call a workbook."""
    pd.DataFrame({"名称": ["甲"], "类型": ["敬老院"]}).to_html(path, encoding="gbk")


def _raster(path: Path) -> None:
    write_raster(path.parent, lambda x, y: 300 + x / 20 + y / 40, name=path.name, size=64)


_PROJECT = """\
[project]
name = "某县"
year = 2023
plan = "dazhou"
[layers.townships]
path = "townships.gpkg"
[layers.communities]
path = "communities.geojson"
crs = "EPSG:4490"
[layers.facilities]
path = "facilities.csv"
datum = "gcj02"
encoding = "gbk"
columns = { name = "名称" }
categories = { "敬老" = "敬老院" }
[network]
path = "streets.osm.pbf"
snap_limit = 300
min_island = 10.5
node_crossings = true
[walking]
speed = 0.9
direction = "to"
steps = "half"
[services.own]
categories = ["eldercare_institution"]
minutes = 15
mode = "walk"
weight = "elders60"
[indicators.beds_per_1000_elders]
elder_age = "65"
[years.2025.layers.facilities]
path = "later.xlsx"
"""
_PLAN = """\
name = "own"
title_zh = "某县规划"
level = "county"
base_year = 2020
target_year = 2025
[services.near]
categories = ["community_eldercare_station"]
weight = "elders60"
minutes = 15
[[rows]]
row = 1
indicator = "welfare_lottery_outlets"
target = 20
comparator = "≥"
unit = "个"
[[rows]]
row = 2
indicator = "community_eldercare_coverage"
parameters = { at_least = 2 }
[[left_out]]
row = 3
reason_zh = "文字"
"""
_PLAN_ROWS = [
    ("某县“十四五”规划主要指标",),
    ("序号", "指标名称", "单位", "2020年基期值", "2025年目标", "属性", "参数"),
    (1, "welfare_lottery_outlets", "个", 12, 20, "预期性", None),
    (2, "community_eldercare_coverage", None, "60%", "≥90", "约束性", "at_least=2"),
]
_SCENARIO = """\
name = "新建"
description = "一处"
[[edits]]
action = "add"
id = "new1"
category = "community_eldercare_station"
lon = 107.35
lat = 29.75
name = "新站"
open_year = 2026
serves = ["500102001001"]
[[edits]]
action = "resize"
id = "f1"
beds_total = 40
[[edits]]
action = "barrier"
line = [[107.3, 29.7], [107.4, 29.8]]
[[edits]]
action = "housing"
id = "new2"
community = "500102001001"
households = 100
population = 300
elders60 = 50
"""
_CROSSWALK = "旧代码,旧名称,代码,名称,年份\n500102009,丙镇,500102001,甲街道,2021\n"
_ENTERED = "指标,数值,单位代码,日期,来源\n福利彩票,12,500102001,2023-05-01,统计\n"
_UNITS = "代码,名称,所属乡镇,户籍人口,60岁以上\n500102001001,甲东,500102001,100,20\n"
_MANY_UNITS = (
    _UNITS + '500102001002,甲西社区,甲街道,"1,200",３０\n500102101201,乙村,乙镇,约200人,x\n'
)

_KML = """\
<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Placemark><name>甲街道</name>
<ExtendedData><Data name="代码"><value>500102001</value></Data></ExtendedData>
<Polygon><outerBoundaryIs><LinearRing><coordinates>
107.3,29.7 107.4,29.7 107.4,29.8 107.3,29.7
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></Document></kml>
"""

_USERS = '{"某人": {"salt": "QUFBQUFBQUFBQUFBQUFBQQ==", "scrypt": "QUFBQQ=="}}'
_BATCH = """{"format": 1, "finished": true, "counties": [
{"project": "a/project.toml", "key": "k", "state": "done", "code": "500102", "name": "某县",
"year": 2023, "population_basis": "registered", "plan": "fuling", "people": 5.0, "reason": "",
"seconds": 1.5}]}
"""

READERS: dict[str, Reader] = {
    "xlsx": Reader("ledger.xlsx", _ledger, _layer("facilities"), "zip"),
    "xls": Reader(
        "ledger.xls",
        lambda path: path.write_bytes(OLD_WORKBOOK.read_bytes()),
        _layer("facilities"),
        share=0.5,  # each takes a process
    ),
    **{
        f"csv_{encoding}": Reader("ledger.csv", _text(FACILITIES, encoding), _layer("facilities"))
        for encoding in ("utf-8", "gbk", "gb18030", "utf-16")
    },
    "html": Reader(
        "ledger.xls",
        lambda path: pd.DataFrame({"名称": ["甲"], "类型": ["敬老院"]}).to_html(
            path, encoding="gbk"
        ),
        _layer("facilities"),
    ),
    "gpkg": Reader("units.gpkg", lambda path: townships().to_file(path), _layer("townships")),
    "shapefile": Reader("units.zip", _shapefile, _layer("townships"), "zip"),
    "geojson": Reader(
        "units.geojson", lambda path: communities().to_file(path), _layer("communities")
    ),
    "records": Reader(
        "units.json",
        _text('[{"代码": "500102001", "名称": "甲街道", "人口": 3}]'),
        _layer("communities"),
    ),
    "geoparquet": Reader(
        "units.parquet",
        lambda path: townships().to_parquet(path, compression=None),
        _layer("townships"),
    ),
    "fgb": Reader("units.fgb", lambda path: townships().to_file(path), _layer("townships")),
    "kml": Reader("units.kml", _text(_KML), _layer("townships")),
    "communities": Reader("units.csv", _text(_UNITS), _in_county("communities"), share=0.2),
    "crosswalk": Reader("changes.csv", _text(_CROSSWALK), _changes),
    "entered": Reader("figures.csv", _text(_ENTERED), _figures),
    "osm_pbf": Reader("streets.osm.pbf", _osm, _streets),
    "osm": Reader("streets.osm", _osm, _streets),
    "osm_bz2": Reader("streets.osm.bz2", _osm, _streets, "bz2"),
    "osm_project": Reader("extract.osm", _osm, read_elements),
    "graphml": Reader("streets.graphml", _graph, _streets),
    "lines": Reader("streets.gpkg", _lines, _streets),
    "raster": Reader("heights.tif", _raster, _heights),
    "project": Reader("project.toml", _text(_PROJECT), read_configuration),
    "plan": Reader("own.toml", _text(_PLAN), lambda path: read_plan(str(path))),
    "plan_workbook": Reader(
        "own.xlsx",
        lambda path: write_sheet(path, _PLAN_ROWS),
        lambda path: read_plan(str(path)),
        "zip",
    ),
    "scenario": Reader("new.toml", _text(_SCENARIO), read_scenario),
    "users": Reader("users.json", _text(_USERS), Users),
    "batch": Reader("batch.json", _text(_BATCH), lambda path: Dataset(path.parent).known()),
}
