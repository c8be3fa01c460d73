"""The list of projects: whose money, from which year, where, and what they become."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from demo_files import DEMO, read_book
from layer_files import C1, C3, A, B, found, read

import coverage
from coverage.access.measure import facility_status
from coverage.layers import Layers, Source
from coverage.layers.projects import funding_of, openable, with_projects

HEAD = (
    "序号,项目名称,设施类型,所属乡镇,所属社区,经度,纬度,床位数,资金来源,建设期限,建设状态,"
    "对应设施编号"
)
ROWS = (
    "1,乙院项目,敬老院,乙镇,,107.45,29.75,80,区级资金,2021-2022,已完工,f2",
    "2,甲新院,养老院,甲街道,,107.35,29.72,500,社会投资,2025年内,未开工,",
    "3,乙新院,养老院,乙镇,乙村,,,60,中央资金+社会资本,2023-2025,在建,",
    "4,界线勘定,,,,,,,区级资金,2021-2024,,",
    "5,无年份院,养老院,乙镇,,,,40,,,,",
    "6,无处院,养老院,,,,,40,,2024,,",
    "7,放弃院,养老院,乙镇,,,,40,,2024,终止,",
    "2,重复,养老院,乙镇,,,,40,,2024,,",
    "9,已开院,养老院,乙镇,,,,40,,2022,竣工,",
    "10,乙站,超市,乙镇,,,,,,2024,搁置,f9",
)  # fmt: skip

Read = Callable[[], tuple[Layers, pd.DataFrame]]


@pytest.fixture
def listed(county: dict[str, Source], tmp_path: Path) -> tuple[Layers, pd.DataFrame]:
    (tmp_path / "p.csv").write_text("\n".join([HEAD, *ROWS]), encoding="utf-8")
    return read({**county, "projects": Source(path=tmp_path / "p.csv")})


@pytest.fixture(scope="module")
def demo() -> Layers:
    return coverage.open_project(DEMO).prepare(year=2023).layers


def beds(facilities: gpd.GeoDataFrame, year: int) -> float:
    counted = facility_status(facilities, year) == "counted"
    return float(facilities.loc[counted, "beds_total"].sum())


@pytest.mark.parametrize(
    ("written", "funding"),
    [
        ("社会投资", "private"), ("引进社会资本", "private"), ("企业自筹资金", "private"),
        ("民间资本投资", "private"), ("Private", "private"),
        ("中央资金", "public"), ("区级资金", "public"), ("移民资金", "public"),
        ("中央和市级资金+区级资金", "public"), ("区级资金+其他", "public"), ("财政", "public"),
        ("地方专项债券资金，拆迁补偿资金", "public"), ("福彩公益金", "public"),
        ("区级资金+社会投资", "mixed"), ("", ""), ("待定", ""),
    ],
)  # fmt: skip
def test_whose_money_it_is(written: str, funding: str) -> None:
    assert funding_of(written) == funding


def test_years_money_and_status(listed: tuple[Layers, pd.DataFrame]) -> None:
    projects = listed[0].others["projects"]
    years = projects[["start_year", "open_year"]].astype("object").where(lambda f: f.notna(), None)
    assert years.to_numpy().tolist()[:5] == [
        [2021, 2022], [2025, 2025], [2023, 2025], [2021, 2024], [None, None],
    ]  # fmt: skip
    assert projects["funding"].tolist()[:4] == ["public", "private", "mixed", "public"]
    assert projects["funding_source"].iloc[2] == "中央资金+社会资本"
    assert projects["status"].tolist() == [
        "operating", "planned", "building", "planned", "planned", "planned", "closed", "planned",
        "operating", "planned",
    ]  # fmt: skip
    assert projects["id"].tolist() == ["1", "2", "3", "4", "5", "6", "7", "2", "9", "10"]


def test_a_project_lies_where_it_lies_else_where_it_says(
    listed: tuple[Layers, pd.DataFrame],
) -> None:
    projects = listed[0].others["projects"]
    assert projects["location"].tolist()[:6] == [
        "exact", "exact", "approximate", "none", "approximate", "none",
    ]  # fmt: skip
    assert projects["township"].tolist()[:5] == [B, A, B, "", B]
    assert projects["community"].tolist()[:3] == [C3, C1[:-1] + "2", C3]


def test_what_is_odd_is_told(listed: tuple[Layers, pd.DataFrame]) -> None:
    issues = listed[1]
    assert found(issues, "project_without_year") == [("projects", 6, "open_year", "无年份院")]
    assert found(issues, "project_without_place") == [("projects", 7, "township", "无处院")]
    assert found(issues, "duplicate_id") == [("projects", 9, "id", "2")]
    assert found(issues, "project_not_in_ledger") == [("projects", 10, "name", "已开院")]
    assert found(issues, "project_category") == [("projects", 11, "category", "超市")]
    assert found(issues, "project_status") == [("projects", 11, "status", "搁置")]
    assert found(issues, "project_facility") == [("projects", 11, "facility", "f9")]


def test_projects_join_the_facilities_once(listed: tuple[Layers, pd.DataFrame]) -> None:
    layers, _ = listed
    projects, facilities = layers.others["projects"], layers.facilities
    assert openable(projects).tolist() == [True] * 3 + [False] * 5 + [True, False]
    joined = with_projects(facilities, projects)
    assert joined["id"].tolist() == ["f1", "f2", "2", "3", "9"]
    assert joined["name"].tolist()[2:] == ["甲新院", "乙新院", "已开院"]
    assert joined["source_status"].tolist()[2:] == ["planned", "building", "operating"]
    assert list(joined.columns[:-2]) == list(facilities.columns[:-1])
    assert joined.dtypes[facilities.columns].equals(facilities.dtypes)
    assert joined.crs == facilities.crs
    assert len(facilities) == 2  # the layer that went in stays as it is


def test_a_facility_being_built_opens_when_its_project_does(
    listed: tuple[Layers, pd.DataFrame],
) -> None:
    layers, _ = listed
    late = layers.facilities.assign(status=["operating", "building"])
    late["open_year"] = pd.array([pd.NA, 2030], dtype="Int64")
    joined = with_projects(late, layers.others["projects"])
    assert joined.loc[1, ["status", "source_status", "open_year"]].tolist() == [
        "operating", "building", 2022,
    ]  # fmt: skip


def test_beds_of_the_demo_if_all_projects_open(demo: Layers) -> None:
    """The published sum: 5,108 + 3,474 = 8,582, of which 1,460 hang on investors in 2025."""
    book = read_book("projects")
    assert len(book) == 18
    assert book["床位数"].sum() == 3474
    within = book[(book["资金来源"] == "社会投资") & (book["建设期限"] == "2025年内")]
    assert within["床位数"].tolist() == [480, 300, 80, 500, 100]
    projects, facilities = demo.others["projects"], demo.facilities
    assert openable(projects).all()
    of_investors = (projects["funding"] == "private") & (projects["start_year"] == 2025)
    assert projects.loc[of_investors, "id"].tolist() == within["编号"].tolist()
    everything = with_projects(facilities, projects)
    without = with_projects(facilities, projects[~of_investors])
    assert [beds(facilities, year) for year in (2020, 2023, 2025)] == [5108, 6342, 6342]
    assert [beds(everything, year) for year in (2020, 2023, 2024, 2025)] == [5108, 6342, 6422, 8582]
    assert [beds(without, year) for year in (2024, 2025)] == [6422, 7122]
    assert 7122 + 1460 == 5108 + 3474 == 8582
