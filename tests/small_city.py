"""A city of two counties, small enough to count by hand, and what indicators say of it.

::

    1000 +---------+---------+---------+---------+
         |   A1    |   A2    |   B1    |   C1    |     street y = 500, x 0..4000
     500 w=========|=========|=========|=========e
         |  社区   |  社区   |   村    |   村    |
       0 +---------+---------+---------+---------+
         0       1000      2000      3000      4000
          A 甲街道            B 乙镇     C 丙镇
          county 500901 甲县            county 500902 丙县

People (elders): A1 250 (40), A2 150 (20), B1 200 (60), C1 300 (80); households 100, 50, 80, 120.
A demand point in the middle of each community has all its people. Walking at 1 m/s, 15 minutes are
900 m, so a facility reaches the middles of communities within 900 m along the street.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyproj
from shapely import LineString, Point, box

from coverage import vocabulary
from coverage.access import measure_access
from coverage.indicators import Inputs, Ways, evaluate, make_units
from coverage.indicators.families import FAMILIES
from coverage.indicators.measure import Sums, sum_to
from coverage.layers import Layers
from coverage.network import StreetNetwork
from coverage.plans import Plan, read_plan
from coverage.service import Service

CRS = pyproj.CRS("EPSG:4545")
EAST, NORTH = 499_000.0, 3_290_000.0
COUNTIES = ("500901", "500902")
TOWNS = {"A": "500901001", "B": "500901101", "C": "500902101"}
PLACES = {"A1": "500901001001", "A2": "500901001002", "B1": "500901101201", "C1": "500902101201"}
MIDDLES = {"A1": 500, "A2": 1500, "B1": 2500, "C1": 3500}
WALK = Service(name="walk", categories=("day_care_center",), weight="elders60", minutes=15)
HEALTH = Service(name="health", categories=("health_facility",), weight="population", minutes=15)

KNOWN = vocabulary.fields()
_FIELDS: dict[str, Any] = {
    "name": "",
    "level": "",
    "status": "operating",
    "functions": "",
    "open_year": pd.NA,
    "close_year": pd.NA,
    "floor_area_m2": math.nan,
    "beds_total": math.nan,
    "beds_nursing": math.nan,
    "location": "exact",
}


def square(x: float) -> object:
    return box(EAST + x, NORTH, EAST + x + 1000, NORTH + 1000)


def communities(**fields: list[Any]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {
            "code": list(PLACES.values()),
            "name": list(PLACES),
            "kind": ["社区", "社区", "村", "村"],
            "township": [TOWNS["A"], TOWNS["A"], TOWNS["B"], TOWNS["C"]],
            "households": [100.0, 50.0, 80.0, 120.0],
            "population": [250.0, 150.0, 200.0, 300.0],
            "elders60": [40.0, 20.0, 60.0, 80.0],
        }
    ).assign(**fields)
    return gpd.GeoDataFrame(table, geometry=[square(x - 500) for x in MIDDLES.values()], crs=CRS)


def townships(**fields: list[Any]) -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        {
            "code": list(TOWNS.values()),
            "name": ["甲街道", "乙镇", "丙镇"],
            "kind": ["街道", "镇", "镇"],
            "county": [COUNTIES[0], COUNTIES[0], COUNTIES[1]],
        }
    ).assign(**fields)
    shapes = [box(EAST, NORTH, EAST + 2000, NORTH + 1000), square(2000), square(3000)]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=CRS)


def facilities(*rows: dict[str, Any]) -> gpd.GeoDataFrame:
    """Make facilities of ``category, x`` and whatever else; they stand on the street at x."""
    names = list(PLACES)
    table = []
    for number, row in enumerate(rows):
        x = row.get("x", 500)
        place = names[min(int(x // 1000), 3)] if 0 <= x <= 4000 else ""
        own = PLACES.get(place, "")
        table.append(
            {**_FIELDS, "id": f"f{number}", "community": own, "township": own[:9], "serves": (),
             "set_aside": False, "source_row": number + 2, **row}
        )  # fmt: skip
    frame = pd.DataFrame(table, columns=None if table else [*_FIELDS, "id", "category", "serves"])
    frame[["open_year", "close_year"]] = frame[["open_year", "close_year"]].astype("Int64")
    flags = [c for c in frame if c in KNOWN and KNOWN[c].kind == "flag"]
    frame = frame.astype(dict.fromkeys(flags, "boolean"))
    points = [Point(EAST + row.get("x", 500), NORTH + 500) for row in rows]
    return gpd.GeoDataFrame(frame.drop(columns="x", errors="ignore"), geometry=points, crs=CRS)


def city(*rows: dict[str, Any], services: tuple[Service, ...] = (WALK,), **layers: Any) -> Inputs:
    """Make the inputs of indicators from facilities and, at need, other layers."""
    people = layers.pop("communities", communities())
    towns = layers.pop("townships", townships())
    made = facilities(*rows)
    demand = gpd.GeoDataFrame(
        {
            "id": list(PLACES),
            "community": people["code"],
            "township": people["township"],
            **{field: people[field] for field in ("households", "population", "elders60")},
        },
        geometry=[Point(EAST + x, NORTH + 500) for x in MIDDLES.values()],
        crs=CRS,
    )
    street = LineString([(EAST + x, NORTH + 500) for x in range(0, 4001, 100)])
    network = StreetNetwork.from_edges(gpd.GeoSeries([street], crs=CRS))
    snapped = network.snap(demand.geometry), network.snap(made.geometry)
    access = {}
    for service in services:
        chosen = made["category"].isin(service.categories).to_numpy() & snapped[1].on_network
        access[service.name] = measure_access(
            service, demand, made[chosen], network, demand_snapped=snapped[0],
            facilities_snapped=snapped[1].take(chosen), speed=1.0,
        )  # fmt: skip
    return Inputs(
        units=make_units(people, towns, layers.get("counties"), "小市"),
        layers=Layers(crs=CRS, townships=towns, communities=people, facilities=made, others=layers),
        counts=np.ones(len(made), dtype=bool),
        demand=demand,
        access=access,
        ways=Ways(networks={"walk": network}, snapped={"walk": snapped}, speed=1.0),
        approximate={},
    )


def sums(inputs: Inputs, family: str, variant: str, level: str = "city", **of: Any) -> Sums:
    """Return a measure of the city, summed to a level."""
    return sum_to(FAMILIES[family](of, inputs, variant), inputs.units, level)  # type: ignore[arg-type]


def parts(inputs: Inputs, family: str, variant: str, **of: Any) -> tuple[float, float, int]:
    """Return numerator, denominator and number of parts left out of the whole city."""
    found = sums(inputs, family, variant, **of)
    return found.numerator[0], found.denominator[0], int(found.missing[0])


def by_place(inputs: Inputs, family: str, variant: str, **of: Any) -> list[float]:
    """Return the values of the four communities."""
    return list(sums(inputs, family, variant, "community", **of).value)


def plan_of(folder: Path, rows: str, head: str = 'level = "city"\n') -> Plan:
    """Read a plan of some rows, base year 2020 and target year 2025."""
    (folder / "own.toml").write_text(
        f"base_year = 2020\ntarget_year = 2025\n{head}{rows}", encoding="utf-8"
    )
    return read_plan("own.toml", folder)


def table(inputs: Inputs, plan: Plan, year: int = 2023) -> pd.DataFrame:
    return evaluate(plan, inputs, year)


def with_more(inputs: Inputs, **layers: gpd.GeoDataFrame) -> Inputs:
    """Return inputs with further layers."""
    others = {**inputs.layers.others, **layers}
    return replace(inputs, layers=replace(inputs.layers, others=others), _known={})
