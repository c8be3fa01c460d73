"""The demo project: its built-in figures, read from its files without our analysis."""

from __future__ import annotations

import shutil
import tomllib
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import osmium
import pandas as pd
import pyproj
import pytest
import rasterio
import shapely

from coverage import vocabulary
from coverage.demo import copy_demo, write_demo
from coverage.errors import OutputError

DEMO = Path(__file__).parent.parent / "data" / "demo"
CIRCLE = {
    "community_eldercare_station",
    "day_care_center",
    "street_eldercare_center",
    "township_eldercare_center",
    "eldercare_complex",
    "village_eldercare_point",
}
ELDERCARE_2020 = ("community_eldercare_station", "village_eldercare_point", "eldercare_complex")
TEXT = {"code": str, "old_code": str}
WALK_M = 0.9 * 15 * 60
Streets = tuple[dict[int, tuple[float, float]], list[tuple[list[int], dict[str, str]]]]


def read(name: str) -> gpd.GeoDataFrame:
    return gpd.read_file(DEMO / f"{name}.gpkg")


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    frame = pd.read_excel(DEMO / "facilities.xlsx", engine="openpyxl")
    frame["category"] = [vocabulary.category_of(word) for word in frame["设施类型"]]
    return frame


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return read("communities_2020")


@pytest.fixture(scope="module")
def streets() -> Streets:
    places: dict[int, tuple[float, float]] = {}
    ways = []
    for thing in osmium.FileProcessor(str(DEMO / "streets.osm.pbf")):
        if thing.is_node():
            places[thing.id] = (thing.location.lon, thing.location.lat)
        elif thing.is_way():
            tags = {tag.k: tag.v for tag in thing.tags}
            ways.append(([node.ref for node in thing.nodes], tags))
    return places, ways


def working(ledger: pd.DataFrame, year: int) -> pd.DataFrame:
    # operating, or closed later than the year
    open_by = ledger["投入使用年份"] <= year
    closed = ledger["停用年份"]
    running = (ledger["状态"] == "运营") | ((ledger["状态"] == "停用") & (closed > year))
    return ledger[open_by & running]


def count(ledger: pd.DataFrame, year: int, *categories: str) -> int:
    return int(working(ledger, year)["category"].isin(categories).sum())


# the files -----------------------------------------------------------------------------------


def test_writing_over_the_demo_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    shutil.copytree(DEMO, folder, ignore=shutil.ignore_patterns("results"))
    names = sorted(path.name for path in folder.iterdir())
    for name in names:
        if name != "project.toml":  # by which the earlier demo is known
            (folder / name).write_bytes(b"")
    write_demo(folder)
    assert sorted(path.name for path in folder.iterdir()) == names
    differ = [n for n in names if (folder / n).read_bytes() != (DEMO / n).read_bytes()]
    assert differ == []


def test_the_finished_demo_is_copied_whole(tmp_path: Path) -> None:
    copy_demo(tmp_path / "demo")
    files = [file for file in DEMO.iterdir() if file.is_file()]
    assert sorted(f.name for f in (tmp_path / "demo").iterdir()) == sorted(f.name for f in files)
    for file in files:
        assert (tmp_path / "demo" / file.name).read_bytes() == file.read_bytes()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_demo(tmp_path)
    assert caught.value.key == "demo.folder_not_empty"
    assert str(tmp_path) in str(caught.value)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_another_project_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "project.toml").write_text('[project]\nname = "mine"\n', encoding="utf-8")
    with pytest.raises(OutputError):
        write_demo(tmp_path)


def test_a_file_in_the_way_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "demo"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError):
        write_demo(path)
    assert path.read_text(encoding="utf-8") == "mine"


def test_size_is_at_most_ten_megabytes() -> None:
    files = [path for path in DEMO.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 10e6


def test_project_names_only_files_that_are_there() -> None:
    project = tomllib.loads((DEMO / "project.toml").read_text(encoding="utf-8"))
    assert project["project"]["year"] == 2023
    assert project["project"]["notice"] == "演示数据（虚构）"
    assert project["project"]["population_basis"] == "registered"
    layers = [*project["layers"].values(), project["network"]]
    for year in project["years"].values():
        layers += year["layers"].values()
    assert all((DEMO / layer["path"]).is_file() for layer in layers)
    listed = {layer["path"] for layer in layers} | {"project.toml"}
    assert {path.name for path in DEMO.iterdir() if path.is_file()} == listed


def test_the_generator_imports_nothing_of_the_analysis() -> None:
    rooms = ("layers", "network", "demand", "access", "indicators", "project")
    sources = (Path(__file__).parent.parent / "coverage" / "demo").glob("*.py")
    for source in sources:
        text = source.read_text(encoding="utf-8")
        for room in rooms:
            assert f"coverage.{room}" not in text, (source.name, room)
            assert f"from coverage import {room}" not in text, (source.name, room)


# units and people ----------------------------------------------------------------------------


def test_people_of_2020_are_those_of_the_plan(communities: gpd.GeoDataFrame) -> None:
    townships = read("townships_2020")
    for layer in (townships, communities):
        assert layer["population"].sum() == 1_148_300
        assert layer["elders60"].sum() == 232_400
        assert layer["elders80"].sum() == 36_070
        assert layer["households"].sum() == 468_694


@pytest.mark.parametrize("suffix", ["_2020", "", "_2025"])
def test_communities_sum_to_townships(suffix: str) -> None:
    townships = read(f"townships{suffix}").set_index("code")
    sums = read(f"communities{suffix}").groupby("township")
    for field in ("population", "elders60", "elders65", "elders80", "households"):
        assert (sums[field].sum() == townships[field]).all()
    assert (townships["elders60"] >= townships["elders65"]).all()
    assert (townships["elders65"] >= townships["elders80"]).all()


def test_people_grow_older() -> None:
    later = read("townships_2025")
    assert later["elders60"].sum() > 260_000
    assert later["elders60"].sum() / later["population"].sum() > 0.22
    assert later["elders65"].sum() / later["population"].sum() == pytest.approx(0.15, abs=0.005)
    between = read("townships")["elders60"].sum()
    assert 232_400 < between < later["elders60"].sum()


def test_units_are_those_of_the_plan(communities: gpd.GeoDataFrame) -> None:
    townships = read("townships")
    assert townships["kind"].value_counts().to_dict() == {"镇": 14, "街道": 11, "乡": 2}
    assert communities["kind"].value_counts().to_dict() == {"村": 193, "社区": 110}
    assert communities["name"].is_unique
    assert communities["code"].is_unique
    assert communities["code"].str.fullmatch(r"500199\d{6}").all()
    assert (communities["code"].str[:9] == communities["township"]).all()
    last = communities["code"].str[9:].astype(int)
    assert (last.between(1, 199) == (communities["kind"] == "社区")).all()
    number = townships["code"].str[6:].astype(int)
    kinds = np.where(number < 100, "街道", np.where(number < 200, "镇", "乡"))
    assert (townships["kind"] == kinds).all()


def test_the_division_of_2020_is_in_the_crosswalk() -> None:
    crosswalk = pd.read_csv(DEMO / "crosswalk.csv", dtype=TEXT)
    assert crosswalk["old_kind"].value_counts().to_dict() == {"镇": 12, "街道": 9, "乡": 6}
    changed = crosswalk[crosswalk["old_kind"] != crosswalk["kind"]]
    pairs = changed.groupby(["old_kind", "kind"]).size().to_dict()
    assert pairs == {("镇", "街道"): 2, ("乡", "镇"): 4}
    assert set(crosswalk["code"]) == set(read("townships")["code"])
    assert crosswalk["old_code"].is_unique


def test_communities_tile_townships_and_these_the_county(communities: gpd.GeoDataFrame) -> None:
    polygons = communities.geometry.to_numpy()
    assert shapely.is_valid(polygons).all()
    assert set(shapely.get_type_id(polygons).tolist()) == {int(shapely.GeometryType.POLYGON)}
    assert shapely.coverage_is_valid(polygons)
    assert shapely.area(polygons).sum() == pytest.approx(2940e6, abs=5e6)
    assert shapely.area(polygons).min() > 0.1e6
    townships = read("townships")
    for code, own in communities.groupby("township"):
        town = townships.loc[townships["code"] == code].geometry.iloc[0]
        assert town.symmetric_difference(own.union_all()).area < 1
    county = read("counties").geometry.iloc[0]
    assert county.area == pytest.approx(shapely.area(polygons).sum(), abs=1)
    assert county.geom_type == "Polygon"
    assert len(county.interiors) == 0
    extent = county.bounds
    assert extent[2] - extent[0] == pytest.approx(73_000, abs=4000)
    assert extent[3] - extent[1] == pytest.approx(67_000, abs=5000)


def test_the_city_is_dense(communities: gpd.GeoDataFrame) -> None:
    core = communities[
        communities["township"].isin([f"50019900{k}" for k in (1, 2, 3, 9)])
        & (communities["kind"] == "社区")
    ]
    density = core["population"].sum() / (core.area.sum() / 1e6)
    assert density > 5000
    rural = communities[communities["kind"] == "村"]
    assert rural["population"].sum() / (rural.area.sum() / 1e6) < 250


def test_cremation_zone_holds_48_percent_of_2020() -> None:
    townships = read("townships_2020").set_index("code")
    zones = pd.read_csv(DEMO / "zones_2020.csv", dtype=TEXT)
    assert (zones["kind"] == "火化区").all()
    share = townships.loc[zones["code"], "population"].sum() / townships["population"].sum()
    assert share == pytest.approx(0.48, abs=0.005)


# where people live ---------------------------------------------------------------------------


def test_demand_sums_to_communities_and_lies_in_them(communities: gpd.GeoDataFrame) -> None:
    demand = read("demand")
    assert 6000 <= len(demand) <= 8000
    assert demand["id"].is_unique
    sums = demand.groupby("community")
    known = communities.set_index("code")
    for field in ("population", "elders60", "elders80", "households"):
        assert demand[field].dtype.kind == "i"
        assert (demand[field] >= 0).all()
        assert (sums[field].sum() == known[field]).all()
    assert (demand["elders60"] <= demand["population"]).all()
    assert (demand["elders80"] <= demand["elders60"]).all()
    polygons = known.loc[demand["community"]].geometry.to_numpy()
    assert shapely.within(demand.geometry.to_numpy(), polygons).all()
    assert sums.size().min() >= 4


def test_nobody_lives_on_water() -> None:
    water = read("water").union_all()
    assert not shapely.intersects(read("demand").geometry.to_numpy(), water).any()


# streets and land ----------------------------------------------------------------------------


def metres(places: dict[int, tuple[float, float]]) -> dict[int, tuple[float, float]]:
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


def test_streets_have_the_size_and_the_tags_of_a_real_extract(streets: Streets) -> None:
    places, ways = streets
    assert 15_000 <= len(places) <= 25_000
    used = {node for nodes, _ in ways for node in nodes}
    assert used == set(places)
    kinds = {tags["highway"] for _, tags in ways}
    assert kinds >= {
        "motorway", "motorway_link", "primary", "secondary", "tertiary", "residential", "track",
        "living_street", "unclassified", "service", "footway", "path", "steps",
    }  # fmt: skip
    assert any(tags.get("oneway") == "yes" and tags["highway"] != "motorway" for _, tags in ways)
    assert any(tags.get("foot") == "no" for _, tags in ways)
    assert sum("name" in tags for _, tags in ways) > 200


def test_streets_cross_water_only_on_bridges(streets: Streets) -> None:
    places, ways = streets
    at = metres(places)
    water = read("water").union_all()
    lines = [shapely.LineString([at[node] for node in nodes]) for nodes, _ in ways]
    wet = shapely.intersects(np.array(lines), water)
    bridge = np.array([tags.get("bridge") == "yes" for _, tags in ways])
    assert (wet == bridge).all()
    names = {tags["name"] for _, tags in ways if tags.get("bridge") == "yes"}
    assert 4 <= len(names) <= 6


def test_every_township_has_a_town_with_streets(streets: Streets) -> None:
    at = metres(streets[0])
    lanes = [
        shapely.LineString([at[node] for node in nodes])
        for nodes, tags in streets[1]
        if tags["highway"] == "residential"
    ]
    tree = shapely.STRtree(lanes)
    townships = read("townships").geometry.to_numpy()
    assert all(len(tree.query(town, predicate="contains")) >= 4 for town in townships)


def test_streets_are_one_network_and_two_islands(streets: Streets) -> None:
    graph = walking_graph(streets, metres(streets[0]))
    islands = sorted(nx.connected_components(graph), key=len)
    lengths = [
        sum(metre for _, _, metre in graph.subgraph(island).edges(data="metres"))
        for island in islands
    ]
    real = [length for length in lengths if length > 400]
    assert len(real) == 3
    assert real[0] < 1000 < real[1] < 5000
    assert real[2] > 2_000_000


def test_heights_are_flat_in_the_city_and_high_in_the_hills() -> None:
    with rasterio.open(DEMO / "elevation.tif") as raster:
        assert raster.crs.to_epsg() == 4545
        heights = raster.read(1)
        city = raster.index(432_000, 3_287_500)
        peak = raster.index(452_000, 3_266_000)
    around = heights[city[0] - 5 : city[0] + 5, city[1] - 5 : city[1] + 5]
    assert np.ptp(around) <= 12
    assert heights[peak[0] - 15 : peak[0] + 15, peak[1] - 15 : peak[1] + 15].max() > 900


# facilities ----------------------------------------------------------------------------------


def test_every_category_of_the_vocabulary_is_there(ledger: pd.DataFrame) -> None:
    assert ledger["category"].notna().all()
    assert set(vocabulary.categories()) - set(ledger["category"]) == set()
    assert ledger["编号"].is_unique
    assert set(ledger["状态"]) == {"运营", "建成未运营", "在建", "规划", "停用"}


def test_service_facilities_of_2020(ledger: pd.DataFrame, communities: gpd.GeoDataFrame) -> None:
    mine = working(ledger, 2020).query("category == 'community_service_facility'")
    assert len(mine) == 119
    assert mine["所属社区"].is_unique
    households = communities.set_index("name").loc[mine["所属社区"], "households"].to_numpy()
    assert int((mine["建筑面积"].to_numpy() / households * 100 >= 30).sum()) == 72
    assert int((mine["是否设志愿服务站点"] == "是").sum()) == 48


def test_volunteer_stations_of_2020_stand_in_service_facilities(ledger: pd.DataFrame) -> None:
    assert count(ledger, 2020, "volunteer_station") == 48


def test_beds_of_2020(ledger: pd.DataFrame) -> None:
    running = working(ledger, 2020)
    homes = running[running["category"] == "eldercare_institution"]
    assert len(homes) == 48
    assert homes["床位数"].sum() == 5108
    assert homes["护理型床位"].sum() == 2554
    assert (homes["护理型床位"] <= homes["床位数"]).all()
    assert running["床位数"].sum() == 5108


def test_elder_care_of_2020(ledger: pd.DataFrame) -> None:
    numbers = [count(ledger, 2020, category) for category in ELDERCARE_2020]
    assert numbers == [62, 110, 2]
    assert count(ledger, 2020, *CIRCLE) == 174
    running = working(ledger, 2020)
    points = running[running["category"] == "village_eldercare_point"]
    villages = read("communities").query("kind == '村'")["name"]
    assert points["所属社区"].is_unique
    assert points["所属社区"].isin(villages).all()
    family = running[running["category"].isin([*ELDERCARE_2020, "eldercare_institution"])]
    assert len(family) == 222
    assert int(family["医养结合方式"].isin(["内设", "签约"]).sum()) == 24


def test_cemeteries_of_2020_by_the_old_division(ledger: pd.DataFrame) -> None:
    crosswalk = pd.read_csv(DEMO / "crosswalk.csv", dtype=TEXT).set_index("name")
    mine = working(ledger, 2020).query("category == 'public_cemetery_rural'")
    old = crosswalk.loc[mine["所属乡镇"]]
    assert old["old_kind"].isin(["镇", "乡"]).all()
    assert old["old_code"].nunique() == 4
    assert int(crosswalk["old_kind"].isin(["镇", "乡"]).sum()) == 18


def test_other_counts(ledger: pd.DataFrame) -> None:
    assert count(ledger, 2020, "welfare_lottery") == 123
    assert count(ledger, 2025, "welfare_lottery") >= 150
    assert count(ledger, 2020, "social_work_station") == 12
    assert count(ledger, 2023, "social_work_station") == 21
    assert count(ledger, 2020, "minor_protection_station") == 0
    assert count(ledger, 2023, "minor_protection_station") == 21
    assert count(ledger, 2025, "minor_protection_station") == 27
    inside = ledger[ledger["所属社区"].notna()]
    assert count(inside, 2023, "community_eldercare_station") == 81
    assert count(inside, 2025, "community_eldercare_station") == 108
    assert count(ledger, 2020, "sw_agency") == 6
    assert count(ledger, 2025, "sw_agency") == 12


def test_facilities_lie_where_the_ledger_says(ledger: pd.DataFrame) -> None:
    communities = read("communities").set_index("name")
    placed = ledger[ledger["经度"].notna()]
    points = gpd.GeoSeries(
        gpd.points_from_xy(placed["经度"], placed["纬度"]), index=placed.index, crs=4326
    ).to_crs(4545)
    assert not points.intersects(read("water").union_all()).any()
    inside = placed["所属社区"].notna()
    polygons = communities.loc[placed.loc[inside, "所属社区"]].geometry.to_numpy()
    assert shapely.within(points[inside].to_numpy(), polygons).all()
    county = read("counties").geometry.iloc[0]
    beyond = points[~inside]
    assert len(beyond) == 2
    assert (beyond.distance(county) > 100).all()
    bare = ledger[ledger["经度"].isna()]
    assert 5 <= len(bare) <= 20
    assert not bare["category"].isin(CIRCLE).any()
    assert bare["所属社区"].isin(communities.index).all()


def test_status_and_years_tell_one_story(ledger: pd.DataFrame) -> None:
    closed = ledger["停用年份"].notna()
    assert (ledger.loc[closed, "状态"] == "停用").all()
    assert (ledger.loc[closed, "停用年份"] > ledger.loc[closed, "投入使用年份"]).all()
    unopened = ledger["状态"].isin(["在建", "规划"])
    assert (ledger.loc[unopened, "投入使用年份"] > 2025).all()


# the circle, computed here with networkx -----------------------------------------------------


def walking_graph(streets: Streets, at: dict[int, tuple[float, float]]) -> nx.Graph:
    graph = nx.Graph()
    for nodes, tags in streets[1]:
        if not walkable(tags):
            continue
        for a, b in pairwise(nodes):
            graph.add_edge(a, b, metres=float(np.hypot(*np.subtract(at[a], at[b]))))
    return graph


class Walks:
    """Edges of the walking network, split where people and facilities stand beside them."""

    def __init__(self, streets: Streets) -> None:
        self.at = metres(streets[0])
        whole = walking_graph(streets, self.at)
        kept = nx.Graph()
        for island in nx.connected_components(whole):
            part = whole.subgraph(island)
            if sum(metre for _, _, metre in part.edges(data="metres")) >= 1000:
                kept.update(part)
        self.edges = list(kept.edges)
        self.lines = np.array([shapely.LineString([self.at[a], self.at[b]]) for a, b in self.edges])
        self.tree = shapely.STRtree(self.lines)
        self.water = read("water").union_all()
        self.graph = kept

    def within_reach(self, people: np.ndarray, facilities: np.ndarray) -> np.ndarray:
        graph = self.graph.copy()
        stands: dict[int, list[tuple[float, object]]] = {}
        legs: dict[object, float] = {}
        for kind, points in (("people", people), ("facility", facilities)):
            nearest = self.tree.nearest(points)
            for number, (point, edge) in enumerate(zip(points, nearest.tolist(), strict=True)):
                line = self.lines[edge]
                along = line.project(point)
                foot = line.interpolate(along)
                assert not shapely.LineString([point, foot]).intersects(self.water)
                legs[kind, number] = point.distance(foot)
                stands.setdefault(edge, []).append((along, (kind, number)))
        for edge, feet in stands.items():
            a, b = self.edges[edge]
            graph.remove_edge(a, b)
            ordered = sorted(feet, key=lambda foot: foot[0])
            stops = [(0.0, a), *ordered, (self.lines[edge].length, b)]
            for (start, left), (end, right) in pairwise(stops):
                graph.add_edge(left, right, metres=end - start)
        for number in range(len(facilities)):
            if legs["facility", number] <= 500:
                graph.add_edge("start", ("facility", number), metres=legs["facility", number])
        reached = nx.single_source_dijkstra_path_length(
            graph, "start", cutoff=WALK_M, weight="metres"
        )
        near = []
        for number in range(len(people)):
            leg, far = legs["people", number], float("inf")
            near.append(leg <= 500 and reached.get(("people", number), far) + leg <= WALK_M)
        return np.array(near)


@pytest.fixture(scope="module")
def walks(streets: Streets) -> Walks:
    return Walks(streets)


@pytest.mark.parametrize(
    ("year", "suffix", "low", "high"),
    [(2020, "_2020", 54.7, 55.3), (2023, "", 70, 76), (2025, "_2025", 78, 95)],
)
def test_share_of_older_people_in_the_15_minute_circle(
    walks: Walks, ledger: pd.DataFrame, year: int, suffix: str, low: float, high: float
) -> None:
    running = working(ledger, year)
    chosen = running[running["category"].isin(CIRCLE)]
    places = gpd.GeoSeries(gpd.points_from_xy(chosen["经度"], chosen["纬度"]), crs=4326)
    demand = read("demand")
    near = walks.within_reach(demand.geometry.to_numpy(), places.to_crs(4545).to_numpy())
    # each community's people of the year stand where those of 2020 stood
    totals = read(f"communities{suffix}").set_index("code")["elders60"]
    then = demand.groupby("community")["elders60"].transform("sum")
    people = demand["elders60"] / then * totals.loc[demand["community"]].to_numpy()
    assert people.sum() == pytest.approx(totals.sum())
    assert low <= 100 * people[near].sum() / people.sum() <= high


def test_few_people_live_far_from_any_street(walks: Walks) -> None:
    demand = read("demand")
    _, metre = walks.tree.query_nearest(
        demand.geometry.to_numpy(), return_distance=True, all_matches=False
    )
    share = demand.loc[metre > 500, "population"].sum() / demand["population"].sum()
    assert 0.0005 < share < 0.02
