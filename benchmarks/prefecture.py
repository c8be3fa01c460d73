"""Write the project folder of an invented prefecture, as large as ours get.

Usage: ``python -m benchmarks.prefecture DIR [--nodes 500000]``

200 townships, 2,700 communities, 3,000 facilities, 50,000 places where people live and half a
million street nodes, always the same ones. Streets come as an OSM extract, the ledger of facilities
as a workbook, units and people as GeoPackages: what a bureau hands in.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyproj
import shapely

from benchmarks.streets import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

TOWNSHIPS = (20, 10)  # side by side
COMMUNITIES = 2_700
FACILITIES = 3_000
PLACES = 50_000
_COUNTIES = 5
_NODES_A_WAY = 12
# names of ledgers, and how often each is met
_KINDS = {
    "社区综合服务设施": 0.45,
    "社区养老服务站": 0.2,
    "日间照料中心": 0.1,
    "农村互助养老点": 0.1,
    "养老机构": 0.08,
    "社会工作站": 0.07,
}
_PROJECT = """# An invented prefecture: names, places and figures are drawn from a seed.

[project]
name = "测算用地级市（虚构）"
year = 2023

[layers.townships]
path = "townships.gpkg"
[layers.communities]
path = "communities.gpkg"
[layers.facilities]
path = "facilities.xlsx"
datum = "wgs84"
[layers.demand]
path = "demand.gpkg"

[network]
path = "streets.osm.pbf"
"""


@dataclass(frozen=True)
class _Units:
    """Townships, communities and the township of each community."""

    townships: NDArray[np.object_]
    communities: NDArray[np.object_]
    of: Integers

    @property
    def township_codes(self) -> NDArray[np.str_]:
        county = np.arange(self.townships.size) % _COUNTIES
        return np.array([f"51990{c + 1}{100 + n}" for n, c in enumerate(county)])

    @property
    def community_codes(self) -> NDArray[np.str_]:
        first = np.searchsorted(self.of, self.of)
        number = np.arange(self.of.size) - first + 1
        pairs = zip(self.township_codes[self.of], number, strict=True)
        return np.array([f"{code}{n:03d}" for code, n in pairs])


def write_prefecture(folder: Path, nodes: int = 500_000, seed: int = 11) -> None:
    """Write the project.

    Parameters
    ----------
    folder
        Where it goes.
    nodes
        Street nodes; the land and everything on it stays in proportion.
    seed
        Decides where everything stands.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    network = drawn(nodes, seed)
    units = _units(network)
    _write_streets(folder / "streets.osm.pbf", network)
    places = _places(network, units, rng)
    places.to_file(folder / "demand.gpkg")
    _write_units(folder, units, places, network.crs)
    _write_ledger(folder / "facilities.xlsx", network, rng)
    (folder / "project.toml").write_text(_PROJECT, encoding="utf-8")


def _units(network: StreetNetwork) -> _Units:
    # townships in rows; communities side by side in each, in two rows
    low = np.array([network.x.min(), network.y.min()]) - 50
    high = np.array([network.x.max(), network.y.max()]) + 50
    across, up = TOWNSHIPS
    columns, rows = np.linspace(low[0], high[0], across + 1), np.linspace(low[1], high[1], up + 1)
    townships, communities, of = [], [], []
    extra = COMMUNITIES % (across * up)
    for number in range(across * up):
        i, j = number % across, number // across
        x, y = columns[i : i + 2], rows[j : j + 2]
        townships.append(shapely.box(x[0], y[0], x[1], y[1]))
        count = COMMUNITIES // (across * up) + (number < extra)
        middle = y.mean()
        for bottom, top, some in ((y[0], middle, count // 2), (middle, y[1], count - count // 2)):
            edges = np.linspace(x[0], x[1], some + 1)
            communities += shapely.box(edges[:-1], bottom, edges[1:], top).tolist()
            of += [number] * some
    return _Units(np.array(townships), np.array(communities), np.array(of))


def _write_streets(path: Path, network: StreetNetwork) -> None:
    # runs of edges along one row or column make one way, as mappers draw them
    to_lonlat = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    places = np.stack(to_lonlat.transform(network.x, network.y), axis=1)
    flat = np.abs(network.x[network.v] - network.x[network.u]) > np.abs(
        network.y[network.v] - network.y[network.u]
    )
    kinds = np.array(["residential", "tertiary", "unclassified"])
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, place in enumerate(places.tolist(), start=1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=tuple(place)))
        number = 0
        for along in (flat, ~flat):
            for run in _runs(network.u[along], network.v[along]):
                number += 1
                tags = {"highway": str(kinds[number % 7 % 3])}
                nodes = [node + 1 for node in run]
                writer.add_way(osmium.osm.mutable.Way(id=number, nodes=nodes, tags=tags))


def _runs(start: Integers, end: Integers) -> list[list[int]]:
    after = dict(zip(start.tolist(), end.tolist(), strict=True))
    runs = []
    for first in np.setdiff1d(start, end).tolist():
        run = [first]
        while run[-1] in after:
            run.append(after[run[-1]])
        cuts = range(0, len(run) - 1, _NODES_A_WAY)
        runs += [run[cut : cut + _NODES_A_WAY + 1] for cut in cuts]
    return runs


def _places(network: StreetNetwork, units: _Units, rng: np.random.Generator) -> gpd.GeoDataFrame:
    # near streets, more of them where communities are many; every community has one
    node = rng.choice(network.x.size, PLACES, replace=False)
    x = network.x[node] + rng.normal(0, 40, PLACES)
    y = network.y[node] + rng.normal(0, 40, PLACES)
    inside = shapely.centroid(units.communities)
    x[: inside.size], y[: inside.size] = shapely.get_x(inside), shapely.get_y(inside)
    points = shapely.points(x, y)
    pairs = shapely.STRtree(units.communities).query(points, predicate="intersects")
    home = np.zeros(PLACES, np.int64)
    home[pairs[0][::-1]] = pairs[1][::-1]
    people = rng.integers(20, 180, PLACES)
    elders = (people * rng.uniform(0.15, 0.3, PLACES)).astype(int)
    columns: dict[str, Any] = {
        "id": [f"P{number:05d}" for number in range(1, PLACES + 1)],
        "community": units.community_codes[home],
        "population": people,
        "elders60": elders,
        "elders80": elders // 8,
        "households": people // 3,
    }
    return gpd.GeoDataFrame(columns, geometry=points, crs=network.crs)


def _write_units(folder: Path, units: _Units, places: gpd.GeoDataFrame, crs: pyproj.CRS) -> None:
    codes = units.community_codes
    fields = ["population", "elders60", "elders80", "households"]
    people = places.groupby("community")[fields].sum().reindex(codes, fill_value=0)
    town = np.arange(codes.size) % 3 == 0
    communities = gpd.GeoDataFrame(
        {
            "code": codes,
            "name": [f"第{n}{'社区' if t else '村'}" for n, t in enumerate(town, start=1)],
            "kind": np.where(town, "社区", "村"),
            "township": units.township_codes[units.of],
            **{field: people[field].to_numpy() for field in fields},
        },
        geometry=units.communities,
        crs=crs,
    )
    communities.to_file(folder / "communities.gpkg")
    sums = communities.groupby("township")[fields].sum().reindex(units.township_codes)
    number = np.arange(units.townships.size)
    townships = gpd.GeoDataFrame(
        {
            "code": units.township_codes,
            "name": [f"第{n + 1}{'街道' if n % 5 == 0 else '镇'}" for n in number],
            "kind": np.where(number % 5 == 0, "街道", "镇"),
            "county": [code[:6] for code in units.township_codes],
            **{field: sums[field].to_numpy() for field in fields},
        },
        geometry=units.townships,
        crs=crs,
    )
    townships.to_file(folder / "townships.gpkg")


def _write_ledger(path: Path, network: StreetNetwork, rng: np.random.Generator) -> None:
    node = rng.choice(network.x.size, FACILITIES, replace=False)
    to_lonlat = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    away = rng.normal(0, 20, (2, FACILITIES))
    lon, lat = to_lonlat.transform(network.x[node] + away[0], network.y[node] + away[1])
    kind = rng.choice(list(_KINDS), FACILITIES, p=list(_KINDS.values()))
    beds = np.where(kind == "养老机构", rng.integers(20, 200, FACILITIES), np.nan)
    ledger = pd.DataFrame(
        {
            "编号": [f"S{number:04d}" for number in range(1, FACILITIES + 1)],
            "设施名称": [f"第{number}{name}" for number, name in enumerate(kind, start=1)],
            "设施类型": kind,
            "经度": lon,
            "纬度": lat,
            "建筑面积": rng.integers(80, 1500, FACILITIES),
            "床位数": beds,
            "状态": "运营",
            "投入使用年份": rng.integers(2005, 2023, FACILITIES),
        }
    )
    ledger.to_excel(path, index=False, engine="xlsxwriter")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.prefecture", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nodes", type=int, default=500_000)
    arguments = parser.parse_args()
    write_prefecture(arguments.folder, arguments.nodes)


if __name__ == "__main__":
    main()
