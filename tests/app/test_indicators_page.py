"""The page of indicators: the plan by parts, by years, by townships."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from pages import open_app

from coverage import open_project
from coverage.web import plan_table
from coverage.web.matrix import matrix


@pytest.fixture
def planned(tiny: Path, edit: Callable[[str, str], None]) -> Path:
    edit("year = 2023", 'year = 2023\nplan = "fuling"')
    return tiny


def test_the_plan_by_its_parts(planned: Path) -> None:
    app = open_app(planned, "indicators")
    assert not app.exception
    assert len(app.dataframe[0].value) == 19
    app.button_group(key="plan-kind-zh").set_value("box").run()
    assert not app.exception
    assert len(app.dataframe[0].value) != 19


def test_years_stand_beside_each_other(planned: Path) -> None:
    file = planned / "project.toml"
    years = '\n[years.2020.layers.townships]\npath = "townships.gpkg"\n'
    file.write_text(file.read_text("utf-8") + years, encoding="utf-8")
    app = open_app(planned, "indicators")
    app.button_group(key="years-zh").set_value([2020]).run()
    assert not app.exception
    assert "2020" in app.dataframe[0].value


def test_the_matrix_is_the_table_of_townships(planned: Path) -> None:
    result = open_project(planned).prepare().analyse(extras=False)
    plan = plan_table.plan_table(result)
    table = matrix(result, plan)
    rows = result.indicators[result.indicators["level"] == "township"]
    for name, position in table.attrs["rows"].items():
        row = plan.loc[position]
        own = rows[(rows["indicator"] == row["indicator"]) & (rows["variant"] == row["variant"])]
        by_code = own.drop_duplicates("unit_code").set_index("unit_code")["value"]
        expected = by_code.reindex(table.attrs["codes"]).tolist()
        assert pd.Series(table[name].tolist()).equals(pd.Series(expected))
    assert list(table.index) == ["甲街道", "乙镇"]
