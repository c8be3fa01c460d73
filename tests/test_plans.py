from __future__ import annotations

from pathlib import Path

import pytest

from coverage.errors import PlanError
from coverage.plans import Plan, built_in_plans, read_plan, with_choices


def _own(tmp_path: Path, text: str) -> Plan:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    return read_plan("own.toml", tmp_path)


GOOD = '[[rows]]\nrow = 99\nindicator = "welfare_lottery_outlets"\ntarget = 150\n'


@pytest.mark.parametrize("name", built_in_plans())
def test_every_built_in_plan_reads_and_has_the_three_services(name: str) -> None:
    plan = read_plan(name)
    assert plan.rows
    assert not plan.findings
    circle, institutions, social_work = (
        plan.services[s] for s in ("elderly_circle", "institutions", "social_work")
    )
    assert (circle.mode, circle.minutes, circle.weight) == ("walk", 15, "elders60")
    assert "canteen" not in circle.categories
    assert (institutions.mode, institutions.minutes) == ("drive", 30)
    assert institutions.categories == ("eldercare_institution",)
    assert (social_work.mode, social_work.minutes) == ("walk", 15)
    assert (social_work.weight, social_work.categories) == ("population", ("social_work_station",))


def test_the_built_in_plans() -> None:
    five = {"dazhou", "anyue", "fuling", "weinan", "anonymous-city"}
    assert set(built_in_plans()) == {"default", *five}
    levels = {name: read_plan(name).level for name in five}
    assert {n for n, level in levels.items() if level == "county"} == {"anyue", "fuling"}


def test_a_plan_file_adds_to_the_common_services(tmp_path: Path) -> None:
    plan = _own(
        tmp_path,
        """
name = "own"
[services.elderly_circle]
categories = ["canteen"]
weight = "elders80"
minutes = 10
""",
    )
    assert plan.services["elderly_circle"].minutes == 10
    assert plan.services["institutions"].mode == "drive"


def test_a_service_comes_with_the_row_that_needs_it(tmp_path: Path) -> None:
    assert "day_care" not in _own(tmp_path, GOOD).services
    plan = _own(tmp_path, '[[rows]]\nrow = 1\nindicator = "community_circle_15min_coverage"\n')
    assert {"day_care", "primary_health"} <= set(plan.services)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("x = ", "plans.not_toml"),
        ('[services.a]\ncategories = ["canteen"]\n', "plans.service_lacks"),
        ('[services.a]\ncategories = ["cantine"]\nweight = "population"\n', "plans.category"),
        (
            '[services.a]\ncategories = ["canteen"]\nweight = "population"\nminuts = 5\n',
            "plans.service_key",
        ),
        (
            '[services.a]\ncategories = ["canteen"]\nweight = "population"\nminutes = 0\n',
            "plans.minutes",
        ),
        ('[[rows]]\nrow = 1\nkind = "table"\n', "plans.no_row"),
    ],
)
def test_faults_of_a_plan_are_named(tmp_path: Path, text: str, key: str) -> None:
    with pytest.raises(PlanError) as caught:
        _own(tmp_path, text)
    assert caught.value.key == key
    assert "own" in str(caught.value)


def test_a_file_that_is_not_utf8_says_so(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes('name = "规划"\n'.encode("gbk"))
    with pytest.raises(PlanError) as caught:
        read_plan("own.toml", tmp_path)
    assert caught.value.key == "plans.not_utf8"


def test_an_unknown_plan_names_those_there_are() -> None:
    with pytest.raises(PlanError, match="default"):
        read_plan("fulin")


@pytest.mark.parametrize(
    ("line", "code", "word"),
    [
        ('indicator = "nursing_beds_share"', "unknown_indicator", "nursing_bed_share"),
        ('indicator = "火化区人口比"', "unknown_indicator", "cremation_zone_population_share"),
        ('indicator = "nursing_bed_share"\nfamily = "share"', "not_allowed", "attribute_share"),
        ('indicator = "nursing_bed_share"\nvariants = ["reach"]', "not_allowed", "pooled"),
        ('indicator = "nursing_bed_share"\nbaselin = 3', "unknown_key", "baseline"),
        (
            'indicator = "nursing_bed_share"\nparameters = { categories = ["elder_institution"] }',
            "unknown_category",
            "eldercare_institution",
        ),
        (
            'indicator = "eldercare_beds_total"\nparameters = { field = "beds_totl" }',
            "unknown_field",
            "beds_total",
        ),
        (
            'indicator = "nursing_bed_share"\nparameters = { wher = { status = "operating" } }',
            "unknown_parameter",
            "where",
        ),
        (
            'indicator = "disabled_home_quota"\nparameters = { scope = { population = "多" } }',
            "condition",
            "scope.population",
        ),
        (
            'indicator = "disabled_home_quota"\nparameters = { at_least = 0 }',
            "number",
            "at_least",
        ),
        (
            'indicator = "social_work_station_coverage"\nparameters = { service = "social_works" }',
            "unknown_service",
            "social_work",
        ),
        (
            'indicator = "nursing_bed_share"\nchoices = { bed_scope = "some" }',
            "unknown_word",
            "full_time",
        ),
        ('indicator = "nursing_bed_share"\ncomparator = "多于"', "not_allowed", "≥"),
        ('indicator = "nursing_bed_share"\ntarget_year = "明年"', "year", "明年"),
        ('indicator = "nursing_bed_share"\nfamily = "ratio"', "lacks_parameter", "units"),
    ],
)
def test_a_faulty_row_is_set_aside_and_the_others_stay(
    tmp_path: Path, line: str, code: str, word: str
) -> None:
    plan = _own(tmp_path, f"[[rows]]\nrow = 1\n{line}\n{GOOD}")
    assert [row.row for row in plan.rows] == [99]
    assert code in {finding.code for finding in plan.findings}
    for finding in plan.findings:
        assert (finding.severity, finding.row) == ("error", "1")
        for language in ("zh", "en"):
            assert "own.toml" in finding.message(language)
    told = " ".join(finding.message("zh") for finding in plan.findings)
    assert word in told


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ("target = 110", "over_100"),
        ("target = -1", "negative"),
        ("baseline = 60\ntarget = 55", "below_baseline"),
        ("base_year = 2025\ntarget_year = 2020\ntarget = 60", "years"),
        ('target = "*"', "not_understood"),
        ('baseline = "≥60"', "target_in_baseline"),
        ('baseline = "/≥60"\ntarget = "预期性"', "shifted"),
        ("target = 60\nrepeats = 7", "repeats"),
    ],
)
def test_a_doubtful_row_is_used_and_told(tmp_path: Path, lines: str, code: str) -> None:
    plan = _own(tmp_path, f'[[rows]]\nrow = 1\nindicator = "nursing_bed_share"\n{lines}\n')
    assert [row.row for row in plan.rows] == [1]
    assert code in {finding.code for finding in plan.findings}
    assert {finding.severity for finding in plan.findings} == {"warning"}


def test_a_row_that_lost_a_column_is_understood(tmp_path: Path) -> None:
    lines = 'baseline = "/≥60"\ntarget = "预期性"'
    plan = _own(tmp_path, f'[[rows]]\nrow = 1\nindicator = "nursing_bed_share"\n{lines}\n')
    (row,) = plan.rows
    assert (row.baseline, row.target, row.comparator) == (None, 60.0, "≥")
    assert row.attribute == "预期性"


def test_numbers_and_sayings_that_are_there_twice(tmp_path: Path) -> None:
    plan = _own(tmp_path, GOOD + GOOD + GOOD.replace("99", "100"))
    assert [row.row for row in plan.rows] == [99, 100]
    codes = [(finding.severity, finding.code, finding.row) for finding in plan.findings]
    assert codes == [("error", "duplicate_row", "99"), ("warning", "same_row", "100")]


def test_an_indicator_of_ones_own(tmp_path: Path) -> None:
    plan = _own(
        tmp_path,
        """
[services.library]
categories = ["childrens_home"]
weight = "population"
[indicators.library_coverage]
zh = "社区书屋覆盖率"
family = "presence_rate"
unit = "%"
parameters = { units = "communities", categories = ["childrens_home"] }
[[rows]]
row = 1
indicator = "library_coverage"
target = "≥80%"
[[rows]]
row = 2
indicator = "library_reach"
[indicators.library_reach]
zh = "书屋十五分钟覆盖率"
family = "network_coverage"
unit = "%"
parameters = { units = "communities", service = "library" }
[indicators.broken]
zh = "坏"
family = "presense_rate"
unit = "%"
""",
    )
    first, second = plan.rows
    assert (first.name("zh"), first.variants, first.target) == ("社区书屋覆盖率", ("units",), 80.0)
    assert second.variants == ("reach",)
    (finding,) = plan.findings
    assert "presence_rate" in finding.message("en")


def test_goals_are_in_the_unit_of_the_variant() -> None:
    rows = {row.row: row for row in read_plan("dazhou").rows}
    smart = rows[84]  # at least two in each county: all counties are to have them
    assert (smart.target, smart.unit, smart.parameters["at_least"]) == (2.0, "个/县", 2.0)
    assert (smart.goal("units").target, smart.goal("units").unit) == (100.0, "%")
    area = rows[11]
    assert (area.goal("pooled").target, area.goal("pooled").unit) == (30.0, "㎡/百户")
    assert (area.goal("compliance").target, area.goal("compliance").unit) == (None, "%")
    built = rows[56]  # at least 500 m2 each: all that are built are to have them
    assert (built.goal("pooled").target, built.goal("pooled").unit) == (100.0, "%")


def test_readings_are_chosen_outside_the_plan() -> None:
    name = "minor_protection_station_coverage"
    plan = read_plan("fuling")
    before = next(row for row in plan.rows if row.indicator == name)
    assert before.choices == {
        "accept_specialist": "false",
        "accept_points": "false",
        "min_area": "none",
    }
    chosen = with_choices(
        plan, {name: {"accept_specialist": True, "accept_points": True, "at_least": 2}}
    )
    after = next(row for row in chosen.rows if row.indicator == name)
    assert after.parameters["unit_counts_where"] == {"minor_specialist": True}
    assert after.parameters["categories"] == ["minor_protection_station", "minor_protection_point"]
    assert after.parameters["at_least"] == 2
    assert after.choices["accept_points"] == "true"
    assert "at_least" not in before.parameters
    assert chosen.name == "fuling"


def test_a_choice_may_change_the_family() -> None:
    plan = with_choices(
        read_plan("fuling"),
        {
            "volunteer_station_coverage": {"denominator_of": "communities"},
            "eco_burial_site_coverage": {"reading": "burials"},
        },
    )
    rows = {row.row: row for row in plan.rows}
    assert (rows[9].family, rows[9].variants) == ("presence_rate", ("units",))
    assert rows[9].parameters["where"] == {"has_volunteer_station": True}
    assert (rows[15].family, rows[15].method, rows[15].parameters) == ("entered", "entered", {})


@pytest.mark.parametrize(
    ("choices", "key", "near"),
    [
        ({"nursing_beds": {}}, "plans.choice_indicator", "nursing_bed"),
        ({"nursing_bed_share": {"bed_scop": "all"}}, "plans.choice_name", "bed_scope"),
        ({"nursing_bed_share": {"bed_scope": "all"}}, "plans.choice_value", "full_time"),
        ({"disabled_home_quota": {"at_least": -1}}, "plans.choice_fault", "at_least"),
    ],
)
def test_faulty_choices_are_refused(
    choices: dict[str, dict[str, object]], key: str, near: str
) -> None:
    with pytest.raises(PlanError) as caught:
        with_choices(read_plan("anonymous-city"), choices)
    assert caught.value.key == key
    assert near in str(caught.value)


def test_what_is_chosen_outside_goes_last() -> None:
    name = "minor_protection_station_coverage"
    chosen = with_choices(
        read_plan("weinan"),
        {name: {"accept_specialist": False, "accept_points": True, "categories": ["canteen"]}},
    )
    row = next(row for row in chosen.rows if row.row == 18)
    assert "unit_counts_where" not in row.parameters  # the plan itself counts specialists
    assert row.parameters["categories"] == ["canteen"]


def test_a_choice_says_nothing_of_a_row_computed_otherwise() -> None:
    plan = read_plan("anyue")
    center = next(row for row in plan.rows if row.row == 2)
    assert (center.family, dict(center.parameters["where"])) == (
        "count",
        {"level": {"not": ["市级"]}},
    )
    lottery = next(row for row in plan.rows if row.row == 44)
    assert (lottery.family, dict(lottery.choices)) == ("entered", {})
