"""Townships, communities and places of people as they come from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from coverage.demo.figures import CRS, TOWNSHIPS, YEAR
from coverage.demo.files import dated
from coverage.demo.soiling import Fault, Seed, Soiled, full_width, scientific, thousands

if TYPE_CHECKING:
    from pathlib import Path

    import geopandas as gpd
    from numpy.typing import NDArray

    Shapes = NDArray[Any]

_ZONED = "EPSG:4524"  # as the demo's own system, the number of the zone before the easting
_SPOT_M = 60.0  # radius of what two townships share, or neither has
# names of columns as a shapefile in GBK cuts them after 10 bytes
_CUT = {
    "code": "行政区划代",
    "name": "乡镇名称",
    "kind": "乡镇类型",
    "county": "所属区县",
    "is_main_urban": "是否主城区",
    "has_condition": "是否有条件",
    "minor_specialist": "未保专干",
    "population": "户籍人口",
    "elders60": "60岁以上人",
    "elders65": "65岁及以上",
    "elders80": "80岁及以上",
    "households": "户籍户数",
}
_OLD_NAMES = {unit.name: unit.old_name for unit in TOWNSHIPS if unit.old_name != unit.name}
_THOUSAND = 1000
_LOST = "5.00199E+11"  # a code of which a spreadsheet kept six digits
_COMMUNITY_FAULTS = (
    Fault("代码带小数点", "code", "code", lambda v: f"{v}.0", "repaired_code"),
    Fault("代码有空格", "code", "code", lambda v: f"{v[:6]} {v[6:]}", "repaired_code"),
    Fault("代码是全角数字", "code", "code", full_width, "repaired_code"),
    Fault("代码成了科学计数", "code", "code", scientific, "repaired_code"),
    Fault("户数是全角数字", "households", "households", full_width, "repaired_number"),
    Fault("人数后带单位", "elders60", "elders60", lambda v: f"{v}人", "repaired_number"),
)
_DEMAND_FAULTS = (
    Fault("代码带小数点", "community", "community", lambda v: f"{v}.0", "repaired_code"),
    Fault("代码丢了后几位", "community", "community", lambda _: _LOST, "damaged_code"),
    Fault("人口带千分位", "population", "population", thousands, "repaired_number",
          lambda v: v >= _THOUSAND),
    Fault("人口是全角数字", "elders60", "elders60", full_width, "repaired_number"),
)  # fmt: skip


def write_townships(folder: Path, clean: gpd.GeoDataFrame, settled: Shapes) -> list[Seed]:
    """Write a shapefile in GBK that says neither its encoding nor where it is.

    Parameters
    ----------
    folder
        Where it goes.
    clean
        Townships.
    settled
        Points that must stay in their township: faults of borders keep away from them.
    """
    table = Soiled("townships", YEAR, pd.DataFrame(clean.drop(columns="geometry")))
    shapes = np.array(clean.geometry)
    _overlap_and_gap(table, shapes, settled)
    _spike(table, shapes, 4)
    _differ_from_sum(table)
    repeated = table.frame.iloc[[2]]
    frame = pd.concat([table.frame, repeated], ignore_index=True).rename(columns=_CUT)
    for flag in ("是否主城区", "是否有条件", "未保专干"):
        frame[flag] = frame[flag].map({True: "是", False: "否"})
    written = _framed(frame, [*shapes, None], CRS).to_crs(_ZONED)
    written.to_file(folder / "townships.shp", engine="pyogrio", encoding="GBK")
    for suffix in (".cpg", ".prj"):
        (folder / "townships.shp").with_suffix(suffix).unlink()
    table.note("没有坐标系文件，横坐标带带号", "assumed_crs")
    table.note("重复的空图形", "duplicate_id", position=len(frame) - 1, field="code")
    return table.seeds({k: k + 1 for k in range(len(frame))})


def write_communities(folder: Path, clean: gpd.GeoDataFrame) -> list[Seed]:
    """Write communities with damaged codes, old names of townships, and people in 万.

    Parameters
    ----------
    folder
        Where they go.
    clean
        Communities.
    """
    names = {unit.code: unit.name for unit in TOWNSHIPS}
    frame = pd.DataFrame(clean.drop(columns="geometry"))
    towns = frame["township"].str[-3:].map(names)
    frame["township"] = towns.replace(_OLD_NAMES)
    table = Soiled("communities", YEAR, frame)
    shapes = np.array(clean.geometry)
    _spike(table, shapes, 40)
    table.spoil(_COMMUNITY_FAULTS)
    _more_old_than_people(table)
    _negative(table)
    for written in sorted(set(_OLD_NAMES.values()) & set(frame["township"])):
        table.note("乡镇用旧名", "renamed_unit", field="township", value=written)
    table.note("人口以万人计", "unit_converted", field="population")
    table.frame["population"] = [value / 10_000 for value in table.frame["population"]]
    renamed = table.frame.rename(columns={"population": "人口（万人）"})
    repeated = pd.concat([renamed, renamed.iloc[[7]]], ignore_index=True).astype("str")
    repeated["人口（万人）"] = repeated["人口（万人）"].astype("float64")
    table.note("重复的行", "duplicate_id", position=len(renamed), field="code")
    with dated():
        _framed(repeated, [*shapes, shapes[7]], CRS).to_file(
            folder / "communities.gpkg", layer="communities", driver="GPKG", engine="pyogrio"
        )
    return table.seeds({k: k + 1 for k in range(len(repeated))})


def write_demand(file: Path, clean: gpd.GeoDataFrame) -> list[Seed]:
    """Write places of people as a CSV file in GBK with a row of totals.

    Parameters
    ----------
    file
        Where it goes.
    clean
        Demand points.
    """
    table = Soiled("demand", YEAR, pd.DataFrame(clean.drop(columns="geometry")))
    lonlat = clean.to_crs(4326).get_coordinates().to_numpy().astype(object)
    table.spoil(_DEMAND_FAULTS)
    for position in table.take(4):
        lonlat[position] = lonlat[position][::-1]
        table.note("经纬度颠倒", "swapped_axes", position=position, value=lonlat[position, 0])
    table.frame.insert(2, "经度", lonlat[:, 0])
    table.frame.insert(3, "纬度", lonlat[:, 1])
    sums = clean[["population", "elders60", "elders80", "households"]].sum().tolist()
    frame = table.frame.set_axis(
        ["编号", "所属社区", "经度", "纬度", "户籍人口", "60岁以上", "80岁以上", "户籍户数"], axis=1
    )
    frame.loc[len(frame)] = ["合计", "", "", "", *sums]
    file.write_bytes(frame.to_csv(index=False, lineterminator="\r\n").encode("gbk"))
    total = Seed(fault="合计行", layer="demand", year=YEAR, row=len(frame) + 1, code="total_row")
    return [*table.seeds({k: k + 2 for k in range(len(frame))}), total]


def _framed(frame: pd.DataFrame, shapes: list[Any], crs: str) -> gpd.GeoDataFrame:
    import geopandas as gpd  # noqa: PLC0415 - start-up stays light

    return gpd.GeoDataFrame(frame, geometry=shapes, crs=crs)


def _spike(table: Soiled, shapes: Shapes, position: int) -> None:
    """Let an outline run out and back on the same line: invalid, and of the same area."""
    ring = shapely.get_coordinates(shapes[position])
    shapes[position] = shapely.Polygon([*ring[:1], ring[0] + [300.0, 0.0], *ring])
    table.note("边界自相交", "repaired_geometry", position=position)


def _overlap_and_gap(table: Soiled, shapes: Shapes, settled: Shapes) -> None:
    """Let two townships share a spot of their border, and two others leave one out."""
    tree = shapely.STRtree(settled)
    for first, fault, words in ((11, "overlap", "乡镇边界重叠"), (19, "gap", "乡镇边界之间有空隙")):
        others = np.delete(np.arange(len(shapes)), first)
        borders = shapely.intersection(shapes[first], shapes[others])
        longest = int(np.argmax(shapely.length(borders)))
        corners = np.asarray(shapely.points(shapely.get_coordinates(borders[longest])))
        lonely = corners[np.argmax(shapely.distance(corners, settled[tree.nearest(corners)]))]
        spot = shapely.buffer(lonely, _SPOT_M)
        if fault == "overlap":
            shapes[first] = shapely.union(shapes[first], spot)
        else:
            shapes[:] = shapely.difference(shapes, spot)
        table.note(words, fault, repairable=False)


def _differ_from_sum(table: Soiled) -> None:
    position = 6
    value = int(table.cell(position, "elders65") * 1.1)
    table.put(position, elders65=value)
    table.note(
        "乡镇数与社区合计不符",
        "sums_differ",
        position=position,
        field="elders65",
        value=value,
        repairable=False,
    )


def _more_old_than_people(table: Soiled) -> None:
    (position,) = table.take(1)
    value = int(table.cell(position, "elders65")) + 1
    table.put(position, elders80=value)
    table.note(
        "高龄老人多于老年人",
        "more_than_whole",
        position=position,
        field="elders80",
        value=value,
        repairable=False,
    )


def _negative(table: Soiled) -> None:
    (position,) = table.take(1)
    table.put(position, elders80=-12)
    table.note(
        "人口为负",
        "negative_number",
        position=position,
        field="elders80",
        value=-12,
        repairable=False,
    )
