"""The plan's fill-in workbook: what is filled in reads back as the same plan written as TOML."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import coverage
from coverage.cli import main
from coverage.errors import OutputError, PlanError
from coverage.outputs.plan_template import write_plan_template
from coverage.plans import FAMILIES, Plan, known_indicators, read_plan
from coverage.plans.sheet_words import columns_of, meant, words_of

REPOSITORY = Path(__file__).parents[1]
LANGUAGES = ("zh", "en")
SHEETS = {"rows": 0, "plan": 1, "services": 2, "indicators": 3}

Rows = list[dict[str, Any]]


def fill(folder: Path, language: str, tables: dict[str, Rows], head: dict[str, Any]) -> Path:
    """Fill in a template as a person does: below the example rows, by the columns there are."""
    file = write_plan_template(folder, language=language)
    book = openpyxl.load_workbook(file)
    for table, rows in tables.items():
        keys = columns_of(table)  # type: ignore[arg-type]
        for number, row in enumerate(rows, start=3):
            for key, value in row.items():
                book.worksheets[SHEETS[table]].cell(number, keys.index(key) + 1, value)
    for key, value in head.items():
        book.worksheets[1].cell(columns_of("plan").index(key) + 2, 2, value)
    book.save(file)
    return file


def mine(language: str) -> tuple[dict[str, Rows], dict[str, Any]]:
    """Return a plan in the words of a language: a service and two indicators of its own."""
    zh = language == "zh"
    beds = known_indicators()["nursing_bed_share"]
    categories = "儿童之家、社区养老服务站" if zh else "childrens_home; community_eldercare_station"
    rows = [
        {"row": 1, "name_zh": beds.zh if zh else beds.en, "baseline": 30, "target": "≥55",
         "attribute": "约束性" if zh else "binding", "source": "专栏1"},
        {"name_zh": "书屋", "indicator": "社区书屋覆盖率", "target": "全覆盖", "target_year": 2024},
        {"name_zh": "可达（%）", "indicator": "library_reach", "target": 60, "comparator": "≥",
         "kind": "专栏" if zh else "box", "level": "县级" if zh else "county"},
        {"indicator": "community_area_of_mine", "target": "不低于30"},
    ]  # fmt: skip
    services = [{"name": "library", "title_zh": "书屋", "categories": categories,
                 "weight": "人口" if zh else "population", "mode": "步行" if zh else "walk",
                 "minutes": 12}]  # fmt: skip
    families = dict(zip(FAMILIES, words_of("family", language), strict=True))
    units = "社区（村）" if zh else "communities"
    indicators = [
        {"name": "library_coverage", "zh": "社区书屋覆盖率", "family": families["presence_rate"],
         "unit": "%", "units": units, "categories": categories, "at_least": 1,
         "more": 'scope = { kind = "社区" }\nservice = "library"'},
        {"name": "library_reach", "zh": "书屋可达", "family": families["network_coverage"],
         "unit": "%", "units": units, "service": "library"},
        {"name": "community_area_of_mine", "zh": "每百户面积", "family": families["ratio"],
         "unit": "㎡/百户", "units": units, "categories": "community_service_facility",
         "numerator": "建筑面积" if zh else "floor_area_m2", "scale": 100,
         "denominator": "户数" if zh else "households"},
    ]  # fmt: skip
    head = {"name": "mine", "title_zh": "我县规划", "level": "县级" if zh else "county",
            "base_year": 2020, "target_year": 2025,
            "population_basis": "户籍人口" if zh else "registered"}  # fmt: skip
    return {"rows": rows, "services": services, "indicators": indicators}, head


AS_TOML = """
name = "mine"
title_zh = "我县规划"
level = "county"
base_year = 2020
target_year = 2025
population_basis = "registered"
[services.library]
title_zh = "书屋"
categories = ["childrens_home", "community_eldercare_station"]
weight = "population"
mode = "walk"
minutes = 12
[indicators.library_coverage]
zh = "社区书屋覆盖率"
family = "presence_rate"
unit = "%"
[indicators.library_coverage.parameters]
units = "communities"
categories = ["childrens_home", "community_eldercare_station"]
at_least = 1
scope = { kind = "社区" }
service = "library"
[indicators.library_reach]
zh = "书屋可达"
family = "network_coverage"
unit = "%"
parameters = { units = "communities", service = "library" }
[indicators.community_area_of_mine]
zh = "每百户面积"
family = "ratio"
unit = "㎡/百户"
[indicators.community_area_of_mine.parameters]
units = "communities"
numerator = { field = "floor_area_m2", categories = ["community_service_facility"] }
denominator = { of = "communities", field = "households" }
scale = 100
[[rows]]
row = 1
indicator = "nursing_bed_share"
name_zh = "NAME"
baseline = 30
target = "≥55"
attribute = "约束性"
source = "专栏1"
[[rows]]
row = 2
name_zh = "书屋"
indicator = "library_coverage"
target = "全覆盖"
target_year = 2024
[[rows]]
row = 3
kind = "box"
name_zh = "可达"
unit = "%"
indicator = "library_reach"
target = 60
comparator = "≥"
level = "county"
[[rows]]
row = 4
indicator = "community_area_of_mine"
target = "不低于30"
"""


def told(plan: Plan) -> list[str]:
    return [finding.message("en") for finding in plan.findings]


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_the_plan_that_toml_says(tmp_path: Path, language: str) -> None:
    plan = read_plan(str(fill(tmp_path, language, *mine(language))))
    name = known_indicators()["nursing_bed_share"]
    words = AS_TOML.replace("NAME", name.zh if language == "zh" else name.en)
    (tmp_path / "mine.toml").write_text(words, encoding="utf-8")
    same = read_plan(str(tmp_path / "mine.toml"))
    assert told(plan) == told(same) == []
    assert plan.rows == same.rows
    assert plan.services == same.services
    assert plan.indicators == same.indicators
    for key in ("name", "title_zh", "level", "population_basis"):
        assert getattr(plan, key) == getattr(same, key)


def test_a_county_is_run_by_it(
    tmp_path: Path, tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: Any
) -> None:
    """By hand: 1 of 2 urban communities has the station; all of them together 36 m²."""
    file = fill(tmp_path, "zh", *mine("zh"))
    monkeypatch.chdir(tmp_path)
    assert main(["run", str(tiny), "--plan", file.name]) == 0
    out = capsys.readouterr().out
    assert "我县规划" in out
    figures = coverage.open_project(tiny, plan=str(file)).run().indicators
    county = figures[figures["level"] == "county"].set_index(["row", "variant"])["value"]
    assert county[2, "units"] == 50.0
    assert county[4, "pooled"] == 36.0
    assert "library" in {s.name for s in coverage.open_project(tiny, plan=str(file)).run().services}


def test_an_empty_template_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PlanError, match="还没有填写指标"):
        read_plan(str(write_plan_template(tmp_path)))


def test_parameters_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    tables, head = mine("zh")
    tables["indicators"][0]["more"] = "scope = kind 村"
    with pytest.raises(PlanError, match="library_coverage"):
        read_plan(str(fill(tmp_path, "zh", tables, head)))


def test_a_wrong_word_sets_one_row_aside(tmp_path: Path) -> None:
    tables, head = mine("zh")
    tables["rows"][1]["indicator"] = "没有的指标"
    plan = read_plan(str(fill(tmp_path, "zh", tables, head)))
    assert [row.row for row in plan.rows] == [1, 3, 4]
    assert len(told(plan)) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_to_choose_from_are_understood(language: str) -> None:
    for kind in ("kind", "attribute", "level", "mode", "units", "weight", "family", "categories"):
        words = words_of(kind, language)
        assert words
        assert all(meant(kind, word) in {meant(kind, w) for w in words_of(kind, "en")}
                   for word in words)  # fmt: skip
    assert tuple(meant("family", word) for word in words_of("family", language)) == FAMILIES


def test_drop_downs_stand_where_words_are_chosen(tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(write_plan_template(tmp_path)).worksheets[0]
    header = {cell.value: cell.column_letter for cell in sheet[1]}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    for title in ("对应指标", "属性", "比较符号", "目标级别", "单位", "所在部分"):
        assert f"{header[title]}2:{header[title]}501" in rules, title
    last = rules[f"{header['对应指标']}2:{header['对应指标']}501"].formula1.rpartition("$")[2]
    assert int(last) == len(known_indicators()) + 1


def test_a_workbook_filled_in_is_never_overwritten(tmp_path: Path) -> None:
    first = write_plan_template(tmp_path).read_bytes()
    assert write_plan_template(tmp_path).read_bytes() == first
    (tmp_path / "plan.xlsx").write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"plan\.xlsx"):
        write_plan_template(tmp_path)


def test_the_command_writes_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", str(tmp_path / "t"), "--for", "plan"]) == 0
    assert "plan.xlsx" in capsys.readouterr().out
    committed = REPOSITORY / "data" / "templates" / "plan.xlsx"
    assert (tmp_path / "t" / "plan.xlsx").read_bytes() == committed.read_bytes()


def test_the_worked_example_of_the_page_is_a_plan(tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    example = next(block for block in blocks if "library_coverage" in block)
    (tmp_path / "plan.toml").write_text(example, encoding="utf-8")
    plan = read_plan(str(tmp_path / "plan.toml"))
    assert told(plan) == []
    assert [row.indicator for row in plan.rows] == ["library_coverage", "library_reach"]
    assert "library" in plan.services
