"""A county of two townships whose every figure can be worked out by hand."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
from shapely import LineString, Point, box

REPOSITORY = Path(__file__).parents[1]
EAST, NORTH = 499_000.0, 3_290_000.0  # where its (0, 0) lies in EPSG:4545


def point(x: float, y: float) -> Point:
    """Return a place of the county."""
    return Point(EAST + x, NORTH + y)


def write_tiny(place: Path) -> Path:
    """Write a county of two townships whose every figure can be worked out by hand.

    ::

        y
        1000 +---------------+---------------+---------------+
             |  A1           |  B1           |  B2     .off  |
         500 w----s----------|--c------e b---|-------*       |   street y = 500, x 0..2500
             |               |               |       |  | u  |   x = 2500, y 500..100; an island
           0 +---------------+---------------+---------------+   at x = 2900, y 50..100
             0   500       1000    1400    2000     2500   3000

        s   community_eldercare_station (500, 500), serves A1;  w  social-work station (100, 500)
        c   two community-service facilities: f2 60 m² in A1, f3 30 m² in B1 (1100, 500)
        e   demand at x = 1400: exactly 900 m from s, 15 minutes at 1 m/s;  b  at x = 1401: beyond
    """
    crs = "EPSG:4545"
    folder = place / "tiny"
    folder.mkdir()

    def area(x0: float, x1: float) -> object:
        return box(EAST + x0, NORTH, EAST + x1, NORTH + 1000)

    gpd.GeoDataFrame(
        {"code": ["500999001", "500999101"], "name": ["甲街道", "乙镇"], "kind": ["街道", "镇"],
         "population": [100.0, 290.0], "households": [100.0, 150.0]},
        geometry=[area(0, 1000), area(1000, 3000)], crs=crs,
    ).to_file(folder / "townships.gpkg")  # fmt: skip
    gpd.GeoDataFrame(
        {"code": ["500999001001", "500999101001", "500999101201"],
         "name": ["甲一社区", "乙一社区", "乙二村"], "kind": ["社区", "社区", "村"],
         "township": ["500999001", "500999101", "500999101"],
         "population": [100.0, 90.0, 200.0], "elders60": [20.0, 30.0, 50.0],
         "households": [100.0, 50.0, 100.0]},
        geometry=[area(0, 1000), area(1000, 2000), area(2000, 3000)], crs=crs,
    ).to_file(folder / "communities.gpkg")  # fmt: skip
    rows = [
        ("f1", "community_eldercare_station", 500, 500, None, "operating", None),
        ("f2", "community_service_facility", 500, 510, 60.0, "operating", None),
        ("f3", "community_service_facility", 1100, 500, 30.0, "operating", None),
        ("f4", "social_work_station", 100, 500, None, "operating", 2015),
        ("f5", "social_work_station", 1500, 500, None, "planned", 2030),
        ("f6", "eldercare_institution", 500, 490, None, "operating", None),
    ]
    facilities = gpd.GeoDataFrame(
        pd.DataFrame(
            [(i, f"设施{i}", c, a, s, o) for i, c, _, _, a, s, o in rows],
            columns=["id", "name", "category", "floor_area_m2", "status", "open_year"],
        ),
        geometry=[point(x, y) for _, _, x, y, *_ in rows],
        crs=crs,
    )
    facilities.to_file(folder / "facilities.gpkg")
    places = [
        ("d1", "500999001001", 300, 500, 100.0, 20.0),
        ("d2", "500999101001", 1400, 500, 45.0, 10.0),
        ("d3", "500999101001", 1401, 500, 45.0, 20.0),
        ("d4", "500999101201", 2500, 300, 100.0, 25.0),
        ("d5", "500999101201", 2900, 80, 60.0, 15.0),
        ("d6", "500999101201", 2100, 990, 40.0, 10.0),
    ]
    gpd.GeoDataFrame(
        pd.DataFrame(
            [(i, c, p, e) for i, c, _, _, p, e in places],
            columns=["id", "community", "population", "elders60"],
        ),
        geometry=[point(x, y) for _, _, x, y, *_ in places],
        crs=crs,
    ).to_file(folder / "demand.gpkg")
    corners = [[(0, 500), (500, 500), (1500, 500), (2500, 500)], [(2500, 500), (2500, 100)]]
    lines = [*corners, [(2900, 100), (2900, 50)]]
    gpd.GeoDataFrame(
        geometry=[LineString([(EAST + x, NORTH + y) for x, y in line]) for line in lines], crs=crs
    ).to_file(folder / "streets.gpkg")
    (folder / "project.toml").write_text(
        """
[project]
name = "小县（虚构）"
year = 2023

[layers.townships]
path = "townships.gpkg"
[layers.communities]
path = "communities.gpkg"
[layers.facilities]
path = "facilities.gpkg"
[layers.demand]
path = "demand.gpkg"

[network]
path = "streets.gpkg"
snap_limit = 300
min_island = 10

[walking]
speed = 1.0
""",
        encoding="utf-8",
    )
    return folder
