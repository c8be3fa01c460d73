"""The demo's ledger of facilities against the figures built into it."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from demo_files import CIRCLE, DEMO, TEXT, count, read, read_book, read_ledger, working

from coverage import vocabulary

ELDERCARE_2020 = ("community_eldercare_station", "village_eldercare_point", "eldercare_complex")


@pytest.fixture(scope="module")
def ledger() -> pd.DataFrame:
    return read_ledger()


@pytest.fixture(scope="module")
def communities() -> gpd.GeoDataFrame:
    return read("communities_2020")


def test_every_category_of_the_vocabulary_is_there(ledger: pd.DataFrame) -> None:
    assert ledger["category"].notna().all()
    assert set(vocabulary.categories()) == set(ledger["category"])
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


def test_an_institution_moved_and_no_bed_was_lost(ledger: pd.DataFrame) -> None:
    closed = ledger[(ledger["停用年份"] == 2022) & (ledger["category"] == "eldercare_institution")]
    new = ledger[ledger["设施名称"].isin(closed["设施名称"] + "（迁建）")]
    same = ["所属社区", "床位数", "护理型床位", "持证养老护理员"]
    assert new[same].to_numpy().tolist() == closed[same].to_numpy().tolist()
    assert new["投入使用年份"].tolist() == [2022]
    opened = working(ledger, 2023)["床位数"].sum() - 5108
    assert opened == read_book("projects").query("建设状态 == '已投用'")["床位数"].sum() == 1234


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
    assert count(ledger, 2020, "social_organisation") == 633
    assert count(ledger, 2023, "social_organisation") == 671
    assert count(ledger, 2025, "child_organisation") == 3


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
