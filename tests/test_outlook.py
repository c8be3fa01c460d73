"""Several years side by side, and which targets the listed projects meet."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from demo_files import DEMO
from tiny_county import point

import coverage
from coverage.cli.main import main
from coverage.outlook import compare_years, doubtful, outlook
from coverage.project import Project

PLAN = """
base_year = 2020
target_year = 2025
level = "county"
[[rows]]
row = 1
kind = "table"
indicator = "eldercare_beds_total"
baseline = 20
target = 100
comparator = "≥"
[[rows]]
row = 2
kind = "table"
indicator = "social_work_station_coverage"
target = 100
[[rows]]
row = 3
kind = "table"
indicator = "eldercare_beds_total"
name_zh = "没有目标的一行"
"""
# id, beds, period, funding, status
LISTED = (
    ("p1", 30, "2023-2024", "区级资金", "在建"),
    ("p2", 60, "2025年内", "社会投资", "未开工"),
    ("p3", 10, "2025年内", "社会投资", "在建"),
)


@pytest.fixture
def project(tiny: Path) -> Project:
    facilities = gpd.read_file(tiny / "facilities.gpkg")
    facilities["beds_total"] = [None, None, None, None, None, 25.0]
    facilities.to_file(tiny / "facilities.gpkg")
    frame = pd.DataFrame(LISTED, columns=["id", "beds_total", "period", "funding", "status"])
    gpd.GeoDataFrame(
        frame.assign(name=frame["id"], category="养老机构"),
        geometry=[point(600 + 100 * k, 500) for k in range(len(frame))], crs="EPSG:4545",
    ).to_file(tiny / "projects.gpkg")  # fmt: skip
    (tiny / "own.toml").write_text(PLAN, encoding="utf-8")
    text = (tiny / "project.toml").read_text(encoding="utf-8")
    layer = '[layers.projects]\npath = "projects.gpkg"\n\n[network]'
    text = text.replace("[network]", layer).replace("year = 2023", 'year = 2023\nplan = "own.toml"')
    (tiny / "project.toml").write_text(text, encoding="utf-8")
    return coverage.open_project(tiny)


def test_targets_year_by_year_and_case_by_case(project: Project) -> None:
    """25 beds now; 30 more in 2024, then 70 in 2025, of which 60 are only announced."""
    found = outlook(project)
    assert found["row"].unique().tolist() == [1]  # the others do not move, or have no target
    by_case = found.pivot_table(index="case", columns="year", values="value", sort=False)
    assert by_case.to_dict("index") == {
        "baseline": {2023: 25, 2024: 25, 2025: 25},
        "planned": {2023: 25, 2024: 55, 2025: 125},
        "without_private": {2023: 25, 2024: 55, 2025: 65},
    }
    assert found.groupby("case")["first_met"].max().dropna().to_dict() == {"planned": 2025}
    met = found[found["status"] == "met"]
    assert met[["case", "year"]].to_numpy().tolist() == [["planned", 2025]]


def test_only_what_is_not_begun_is_doubtful(project: Project) -> None:
    projects = project.prepare().layers.others["projects"]
    assert doubtful(projects).tolist() == [False, True, False]


def test_the_command_writes_the_table_and_says_when(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["projects", str(project.root), "--year", "2025", "--year", "2024"]) == 0
    said = capsys.readouterr().out
    assert "项目全部投用" in said
    table = pd.read_csv(project.root / "results" / "projects" / "targets.csv")
    assert sorted(table["year"].unique()) == [2024, 2025]
    lines = [line for line in said.splitlines() if "125" in line]
    assert len(lines) == 1
    assert lines[0].rstrip().endswith("2025")


def test_without_a_list_only_planned_facilities_matter(
    project: Project, edit: object, capsys: pytest.CaptureFixture[str]
) -> None:
    edit('[layers.projects]\npath = "projects.gpkg"\n', "")  # type: ignore[operator]
    assert outlook(coverage.open_project(project.root), (2023,)).empty
    assert main(["projects", str(project.root), "--year", "2023"]) == 0
    assert "没有指标随规划项目变化" in capsys.readouterr().out


def test_the_demo_reaches_its_beds_only_with_private_investors() -> None:
    found = outlook(coverage.open_project(DEMO, plan="fuling"), (2025,))
    beds = found.query("kind == 'table' and row == 16").set_index("case")
    assert beds["value"].to_dict() == {
        "baseline": 6342, "planned": 8582, "without_private": 7122,
    }  # fmt: skip
    assert beds["status"].to_dict() == {
        "baseline": "not_met", "planned": "met", "without_private": "not_met",
    }  # fmt: skip


def test_years_side_by_side(tiny: Path) -> None:
    """A station more in 2024, and people of 2020 as they were then."""
    facilities = gpd.read_file(tiny / "facilities.gpkg")
    facilities["open_year"] = [2015, 2019, 2021, 2015, 2030, 2010]
    facilities.to_file(tiny / "facilities.gpkg")
    shutil.copy(tiny / "communities.gpkg", tiny / "communities_2020.gpkg")
    old = '\n[years.2020.layers.communities]\npath = "communities_2020.gpkg"\n'
    with (tiny / "project.toml").open("a", encoding="utf-8") as file:
        file.write(old)
    project = coverage.open_project(tiny)
    assert project.years() == (2020, 2023)
    table = compare_years(project).set_index(["indicator", "variant"])
    pooled = table.loc[("community_service_area_per_100hh", "pooled")]
    # 60 m² for 250 households in 2020, 90 m² in 2023
    assert pooled[["value_2020", "value_2023"]].tolist() == pytest.approx([24, 36])
    assert pooled[["numerator_2020", "denominator_2020"]].tolist() == [60, 250]
    single = {
        year: project.run(year=year).indicators.query("level == 'county'") for year in (2020, 2023)
    }
    for year, own in single.items():
        expected = own.set_index(["indicator", "variant"])["value"]
        pd.testing.assert_series_equal(
            table[f"value_{year}"].sort_index(), expected.sort_index(), check_names=False
        )
