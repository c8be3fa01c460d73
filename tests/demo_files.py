"""The demo project's files, read without our analysis."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyproj

from coverage import vocabulary

DEMO = Path(__file__).parent.parent / "data" / "demo"


CIRCLE = {
    "community_eldercare_station",
    "day_care_center",
    "street_eldercare_center",
    "township_eldercare_center",
    "eldercare_complex",
    "village_eldercare_point",
}


TEXT = {"code": str, "old_code": str}


Streets = tuple[dict[int, tuple[float, float]], list[tuple[list[int], dict[str, str]]]]


def read(name: str) -> gpd.GeoDataFrame:
    """Read a layer of the demo."""
    return gpd.read_file(DEMO / f"{name}.gpkg")


def read_book(name: str) -> pd.DataFrame:
    """Read a workbook of the demo, as it is."""
    return pd.read_excel(DEMO / f"{name}.xlsx", engine="openpyxl")


def read_ledger() -> pd.DataFrame:
    """Read the workbook of facilities, categories in the vocabulary's names."""
    frame = read_book("facilities")
    frame["category"] = [vocabulary.category_of(word) for word in frame["设施类型"]]
    return frame


def working(ledger: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the facilities that run in a year."""
    open_by = ledger["投入使用年份"] <= year
    closed = ledger["停用年份"]
    running = (ledger["状态"] == "运营") | ((ledger["状态"] == "停用") & (closed > year))
    return ledger[open_by & running]


def count(ledger: pd.DataFrame, year: int, *categories: str) -> int:
    """Count the facilities of some categories that run in a year."""
    return int(working(ledger, year)["category"].isin(categories).sum())


def read_streets() -> Streets:
    """Read the places of all nodes, and of each way its nodes and tags."""
    places: dict[int, tuple[float, float]] = {}
    ways = []
    for thing in osmium.FileProcessor(str(DEMO / "streets.osm.pbf")):
        if thing.is_node():
            places[thing.id] = (thing.location.lon, thing.location.lat)
        elif thing.is_way():
            tags = {tag.k: tag.v for tag in thing.tags}
            ways.append(([node.ref for node in thing.nodes], tags))
    return places, ways


def metres(places: dict[int, tuple[float, float]]) -> dict[int, tuple[float, float]]:
    """Return the eastings and northings of nodes."""
    to_metres = pyproj.Transformer.from_crs(4326, 4545, always_xy=True)
    lonlat = np.array(list(places.values()))
    x, y = to_metres.transform(lonlat[:, 0], lonlat[:, 1])
    return dict(zip(places, zip(x.tolist(), y.tolist(), strict=True), strict=True))


def walkable(tags: dict[str, str]) -> bool:
    return (
        not tags["highway"].startswith("motor")
        and tags.get("foot") != "no"
        and tags.get("access") != "private"
    )


def walking_graph(streets: Streets, at: dict[int, tuple[float, float]]) -> nx.Graph:
    """Return the streets open to walkers, an edge between consecutive nodes."""
    graph = nx.Graph()
    for nodes, tags in streets[1]:
        if not walkable(tags):
            continue
        for a, b in pairwise(nodes):
            graph.add_edge(a, b, metres=float(np.hypot(*np.subtract(at[a], at[b]))))
    return graph
