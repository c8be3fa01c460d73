"""The demo project: its files, units and people."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from demo_files import DEMO, TEXT, read

from coverage.demo import copy_demo, write_demo
from coverage.errors import OutputError


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return read("communities_2020")


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
