from __future__ import annotations

from pathlib import Path

import pytest

from coverage.errors import PlanError
from coverage.plans import built_in_plans, read_plan


@pytest.mark.parametrize("name", built_in_plans())
def test_every_built_in_plan_reads_and_has_the_three_services(name: str) -> None:
    plan = read_plan(name)
    assert plan.rows
    circle, institutions, social_work = (
        plan.services[s] for s in ("elderly_circle", "institutions", "social_work")
    )
    assert (circle.mode, circle.minutes, circle.weight) == ("walk", 15, "elders60")
    assert "canteen" not in circle.categories
    assert (institutions.mode, institutions.minutes) == ("drive", 30)
    assert institutions.categories == ("eldercare_institution",)
    assert (social_work.mode, social_work.minutes) == ("walk", 15)
    assert (social_work.weight, social_work.categories) == ("population", ("social_work_station",))


def test_a_plan_file_adds_to_the_common_services(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        """
name = "own"
[services.elderly_circle]
categories = ["canteen"]
weight = "elders80"
minutes = 10
""",
        encoding="utf-8",
    )
    plan = read_plan("own.toml", tmp_path)
    assert plan.services["elderly_circle"].minutes == 10
    assert plan.services["institutions"].mode == "drive"


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
        ('[[rows]]\nrow = 1\nkind = "table"\n', "plans.row_lacks"),
    ],
)
def test_faults_of_a_plan_are_named(tmp_path: Path, text: str, key: str) -> None:
    (tmp_path / "own.toml").write_text(text, encoding="utf-8")
    with pytest.raises(PlanError) as caught:
        read_plan("own.toml", tmp_path)
    assert caught.value.key == key
    assert "own" in str(caught.value)


def test_an_unknown_plan_names_those_there_are() -> None:
    with pytest.raises(PlanError, match="default"):
        read_plan("fulin")
