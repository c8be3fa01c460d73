"""Project folders of invented places: what a bureau hands in, drawn from a seed.

Units and people come as GeoPackages, the ledger of facilities as a workbook, streets as an OSM
extract, which several projects may share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyproj
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coverage.network import StreetNetwork

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]

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
_PROJECT = """# An invented place: names, places and figures are drawn from a seed.

[project]
name = "{name}"
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
path = "{streets}"
"""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much a project holds.

    Parameters
    ----------
    townships
        How many side by side, and how many rows of them.
    communities, facilities, places
        How many; places are where people live.
    """

    townships: tuple[int, int]
    communities: int
    facilities: int
    places: int


@dataclass(frozen=True)
class _Units:
    """Townships, communities and the township of each community."""

    townships: NDArray[np.object_]
    communities: NDArray[np.object_]
    of: Integers
    counties: Sequence[str]

    @property
    def township_codes(self) -> NDArray[np.str_]:
        number = range(self.townships.size)
        return np.array([f"{self.counties[n % len(self.counties)]}{100 + n}" for n in number])

    @property
    def community_codes(self) -> NDArray[np.str_]:
        first = np.searchsorted(self.of, self.of)
        number = np.arange(self.of.size) - first + 1
        pairs = zip(self.township_codes[self.of], number, strict=True)
        return np.array([f"{code}{n:03d}" for code, n in pairs])


def write_project(
    folder: Path,
    network: StreetNetwork,
    size: Size,
    rng: np.random.Generator,
    *,
    name: str,
    counties: Sequence[str],
    streets: str,
) -> None:
    """Write the project of a place; its streets are written by `write_streets`.

    Parameters
    ----------
    folder
        Where it goes.
    network
        The place's streets; everything stands beside them.
    size
        How much it holds.
    rng
        Decides where everything stands.
    name
        What the place is called.
    counties
        Codes of its counties, six digits each.
    streets
        Path of its extract, as its project file has it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    units = _units(network, size, counties)
    places = _places(network, units, size.places, rng)
    places.to_file(folder / "demand.gpkg")
    _write_units(folder, units, places, network.crs)
    _write_ledger(folder / "facilities.xlsx", network, size.facilities, rng)
    text = _PROJECT.format(name=name, streets=streets)
    (folder / "project.toml").write_text(text, encoding="utf-8")


def write_streets(
    path: Path, networks: Sequence[StreetNetwork], links: Iterable[tuple[int, int]] = ()
) -> None:
    """Write streets as one OSM extract.

    Parameters
    ----------
    path
        The file.
    networks
        Streets of each place; nodes are numbered through.
    links
        Streets between places: numbers of the nodes at both ends, from 0.
    """
    with osmium.SimpleWriter(str(path), overwrite=True) as writer:
        for number, place in enumerate(_lonlat(networks), start=1):
            writer.add_node(osmium.osm.mutable.Node(id=number, location=tuple(place)))
        for way, nodes in enumerate(_ways(networks, links), start=1):
            kind = ("residential", "tertiary", "unclassified")[way % 7 % 3]
            tags = {"highway": kind}
            writer.add_way(osmium.osm.mutable.Way(id=way, nodes=nodes, tags=tags))


def _lonlat(networks: Iterable[StreetNetwork]) -> Iterator[list[float]]:
    for network in networks:
        to_lonlat = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
        yield from np.stack(to_lonlat.transform(network.x, network.y), axis=1).tolist()


def _ways(
    networks: Iterable[StreetNetwork], links: Iterable[tuple[int, int]]
) -> Iterator[list[int]]:
    # runs of edges along one row or column make one way, as mappers draw them
    first = 1
    for network in networks:
        flat = np.abs(network.x[network.v] - network.x[network.u]) > np.abs(
            network.y[network.v] - network.y[network.u]
        )
        for along in (flat, ~flat):
            for run in _runs(network.u[along], network.v[along]):
                yield [node + first for node in run]
        first += network.x.size
    for ends in links:
        yield [node + 1 for node in ends]


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


def _units(network: StreetNetwork, size: Size, counties: Sequence[str]) -> _Units:
    # townships in rows; communities side by side in each, in two rows
    low = np.array([network.x.min(), network.y.min()]) - 50
    high = np.array([network.x.max(), network.y.max()]) + 50
    across, up = size.townships
    columns, rows = np.linspace(low[0], high[0], across + 1), np.linspace(low[1], high[1], up + 1)
    townships, communities, of = [], [], []
    each, extra = divmod(size.communities, across * up)
    for number in range(across * up):
        i, j = number % across, number // across
        x, y = columns[i : i + 2], rows[j : j + 2]
        townships.append(shapely.box(x[0], y[0], x[1], y[1]))
        count = each + (number < extra)
        middle = y.mean()
        for bottom, top, some in ((y[0], middle, count // 2), (middle, y[1], count - count // 2)):
            edges = np.linspace(x[0], x[1], some + 1)
            communities += shapely.box(edges[:-1], bottom, edges[1:], top).tolist()
            of += [number] * some
    return _Units(np.array(townships), np.array(communities), np.array(of), counties)


def _places(
    network: StreetNetwork, units: _Units, count: int, rng: np.random.Generator
) -> gpd.GeoDataFrame:
    # near streets, more of them where communities are many; every community has one
    node = rng.choice(network.x.size, count, replace=False)
    x = network.x[node] + rng.normal(0, 40, count)
    y = network.y[node] + rng.normal(0, 40, count)
    inside = shapely.centroid(units.communities)
    x[: inside.size], y[: inside.size] = shapely.get_x(inside), shapely.get_y(inside)
    points = shapely.points(x, y)
    pairs = shapely.STRtree(units.communities).query(points, predicate="intersects")
    home = np.zeros(count, np.int64)
    home[pairs[0][::-1]] = pairs[1][::-1]
    people = rng.integers(20, 180, count)
    elders = (people * rng.uniform(0.15, 0.3, count)).astype(int)
    columns: dict[str, Any] = {
        "id": [f"P{number:05d}" for number in range(1, count + 1)],
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


def _write_ledger(path: Path, network: StreetNetwork, count: int, rng: np.random.Generator) -> None:
    node = rng.choice(network.x.size, count, replace=False)
    to_lonlat = pyproj.Transformer.from_crs(network.crs, "EPSG:4326", always_xy=True)
    away = rng.normal(0, 20, (2, count))
    lon, lat = to_lonlat.transform(network.x[node] + away[0], network.y[node] + away[1])
    kind = rng.choice(list(_KINDS), count, p=list(_KINDS.values()))
    beds = np.where(kind == "养老机构", rng.integers(20, 200, count), np.nan)
    ledger = pd.DataFrame(
        {
            "编号": [f"S{number:04d}" for number in range(1, count + 1)],
            "设施名称": [f"第{number}{name}" for number, name in enumerate(kind, start=1)],
            "设施类型": kind,
            "经度": lon,
            "纬度": lat,
            "建筑面积": rng.integers(80, 1500, count),
            "床位数": beds,
            "状态": "运营",
            "投入使用年份": rng.integers(2005, 2023, count),
        }
    )
    ledger.to_excel(path, index=False, engine="xlsxwriter")
