"""A county of two townships drawn by hand, and how tests read it.

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

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import shapely

from coverage.layers import IssueLog, Layers, Source, read_layers

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

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


def write_county(folder: Path) -> dict[str, Source]:
    townships().to_file(folder / "townships.gpkg")
    communities().to_file(folder / "communities.geojson")
    (folder / "facilities.csv").write_text(FACILITIES, encoding="utf-8")
    return {
        "townships": Source(path=folder / "townships.gpkg"),
        "communities": Source(path=folder / "communities.geojson"),
        "facilities": Source(path=folder / "facilities.csv"),
    }


def read(sources: dict[str, Source]) -> tuple[Layers, pd.DataFrame]:
    issues = IssueLog()
    layers = read_layers(sources, issues)
    # both languages, so that every sentence is filled at least once
    issues.frame("en")
    table = issues.frame("zh")
    # what is said of every project
    return layers, table[~table["code"].isin(["crs_chosen", "uncertain_datum"])]


def found(issues: pd.DataFrame, code: str) -> list[tuple[Any, ...]]:
    chosen = issues[issues["code"] == code]
    return list(chosen[["layer", "row", "field", "value"]].itertuples(index=False, name=None))
