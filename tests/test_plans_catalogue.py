"""The catalogue, the sheet, and the page that shows what the plans hold."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import openpyxl
import pytest

from coverage import texts, vocabulary
from coverage.errors import PlanError
from coverage.plans import FAMILIES, built_in_plans, fields_used, known_indicators, read_plan
from coverage.plans.checks import check_parameters
from coverage.plans.findings import Findings
from coverage.plans.parameters import COMPUTES, NEEDS, TAKES

REPOSITORY = Path(__file__).parents[1]
SERVICES = ("elderly_circle", "institutions", "social_work", "community_service", "day_care",
            "primary_health", "canteens")  # fmt: skip


def test_the_catalogue_is_whole() -> None:
    indicators = known_indicators()
    families = Counter(indicator.family for indicator in indicators.values())
    assert set(families) == set(FAMILIES)
    assert len(indicators) == 127
    assert families["entered"] == 57
    for indicator in indicators.values():
        assert indicator.zh
        assert indicator.en
        assert indicator.meaning_zh
        assert indicator.meaning_en
        assert (indicator.method == "entered") == (indicator.family == "entered")


def test_every_indicator_can_be_computed_as_it_stands() -> None:
    for indicator in known_indicators().values():
        found = Findings("catalogue", indicator.name)
        check_parameters(indicator.family, indicator.parameters, SERVICES, found)
        assert not found.all, [f.message("en") for f in found.all]
        assert set(indicator.variants) <= set(COMPUTES[indicator.family])


def test_default_readings_change_nothing_and_each_reading_makes_a_row(tmp_path: Path) -> None:
    for indicator in known_indicators().values():
        for name, choice in indicator.choices.items():
            assert not choice.values[choice.default]
            assert len(choice.values) > 1
            for value in choice.values:
                (tmp_path / "own.toml").write_text(
                    f'[[rows]]\nrow = 1\nindicator = "{indicator.name}"\n'
                    f'choices = {{ {name} = "{value}" }}\n',
                    encoding="utf-8",
                )
                plan = read_plan("own.toml", tmp_path)
                assert not plan.findings, [f.message("en") for f in plan.findings]
                assert plan.rows[0].choices[name] == value


def test_families_take_what_they_need() -> None:
    assert set(TAKES) == set(NEEDS) == set(COMPUTES) == set(FAMILIES)
    for family, needed in NEEDS.items():
        assert {name for entry in needed for name in entry.split("|")} <= set(TAKES[family])


@pytest.mark.parametrize("name", built_in_plans())
def test_rows_read_only_fields_that_ledgers_have(name: str) -> None:
    derived = {"urban", "community_area_per_100hh", "eldercare_area_per_100hh"}
    for row in read_plan(name).rows:
        for layer, field in fields_used(row.parameters):
            assert field in derived or layer in vocabulary.fields()[field].layers, row.row


def test_fields_of_a_ratio() -> None:
    parameters = known_indicators()["community_service_area_per_100hh"].parameters
    assert fields_used(parameters) == {
        ("facilities", "floor_area_m2"),
        ("communities", "households"),
    }


def test_every_finding_has_its_sentence() -> None:
    """Each code that the room adds stands in the texts; none stands there for nothing."""
    room = REPOSITORY / "coverage" / "plans"
    source = "".join(path.read_text(encoding="utf-8") for path in room.glob("*.py"))
    for key in texts.keys("plans"):
        assert f'"{key}"' in source or f"plans.{key}" in source, key


def _counts() -> list[str]:
    """Return the lines of the table in docs/plans.md."""
    lines = []
    for name in ("dazhou", "anyue", "fuling", "weinan", "anonymous-city"):
        plan = read_plan(name)
        cells = [name]
        for kind in ("table", "text", "box"):
            methods = Counter(row.method for row in plan.rows if row.kind == kind)
            out = sum(left.kind == kind for left in plan.left_out)
            cells += [str(methods[m]) for m in ("layers", "ledger", "entered")] + [str(out)]
        cells.append(str(len(plan.rows) + len(plan.left_out)))
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def test_the_page_shows_the_counts() -> None:
    page = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")
    for line in _counts():
        assert line in page, line


def test_the_page_names_every_parameter() -> None:
    page = (REPOSITORY / "docs" / "plans.md").read_text(encoding="utf-8")
    for name in {name for names in TAKES.values() for name in names}:
        assert f"`{name}`" in page, name


def _workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_plan_in_a_workbook(tmp_path: Path) -> None:
    _workbook(
        tmp_path / "我县.xlsx",
        [
            ["我县“十四五”民政指标"],
            ["序号", "指标名称", "2020年基期值", "2025年目标值", "属性"],
            [1, "养老机构护理型床位占比（%）", 30, "≥55", "约束性"],
            [2, "福利彩票销售网点数量（个）；", "310", "330", "预期性"],
            ["序号", "指标名称", "2020年基期值", "2025年目标值", "属性"],
            [3, "社会工作专业人才总量（万人）", "0.5→0.8", None, "预期性"],
            [4, "火化区人口占", None, 100, None],
        ],
    )
    plan = read_plan("我县.xlsx", tmp_path)
    assert plan.title_zh == "我县“十四五”民政指标"
    first, second, third = plan.rows
    assert (first.indicator, first.baseline, first.target) == ("nursing_bed_share", 30.0, 55.0)
    assert (first.comparator, first.attribute, first.unit) == ("≥", "约束性", "%")
    assert (first.base_year, first.target_year) == (2020, 2025)
    assert (second.row, second.target, second.unit) == (2, 330.0, "个")
    assert (third.baseline, third.target, third.unit) == (0.5, 0.8, "万人")
    error = next(finding for finding in plan.findings if finding.severity == "error")
    assert error.row == "4"
    assert "cremation_zone_population_share" in error.message("zh")


def test_a_workbook_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_text("no workbook", encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan("a.xlsx", tmp_path)
    assert caught.value.key == "plans.not_a_workbook"
    _workbook(tmp_path / "b.xlsx", [["甲", "乙"], [1, 2]])
    with pytest.raises(PlanError) as caught:
        read_plan("b.xlsx", tmp_path)
    assert caught.value.key == "plans.no_header"


@pytest.mark.parametrize(
    ("unit", "english"),
    [("个/县", "units per county"), ("㎡/百户", "m² per 100 households"), ("%", "%"),
     ("人/万老人", "people per 10,000 elders"), ("筐/船", "筐 per 船")],
)  # fmt: skip
def test_units_are_written_in_english(unit: str, english: str) -> None:
    assert vocabulary.unit_title(unit, "en") == english
    assert vocabulary.unit_title(unit, "zh") == unit


def test_every_unit_of_the_built_in_plans_is_known_in_english() -> None:
    units = {row.unit for name in built_in_plans() for row in read_plan(name).rows}
    written = {unit: vocabulary.unit_title(unit, "en").replace("²", "2") for unit in units}
    assert not [unit for unit, english in written.items() if not english.isascii()]
