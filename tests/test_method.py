"""The figures of a method version stay where they are; what moves one is another method.

Where a figure is meant to move: raise `coverage.METHOD_VERSION`, say in CHANGELOG.md what moved,
and write the new figures with ``python tests/test_method.py``.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from demo_files import DEMO

import coverage

FIGURES = Path(__file__).with_name("method_figures.json")
TABLES = ("communities", "townships", "demand", "facilities", "indicators")


def figures() -> dict[str, dict[str, list[float]]]:
    """Return of each numeric column of the demo's tables how many values it has, and their sum."""
    configuration = coverage.open_project(DEMO, plan="fuling")
    result = configuration.prepare().analyse(extras=False)
    return {
        name: {
            str(column): [float(values.count()), float(values.sum())]
            for column, values in _numbers(getattr(result, name)).items()
        }
        for name in TABLES
    }


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(table.drop(columns="geometry", errors="ignore")).select_dtypes("number")


def test_figures_are_those_of_the_method_version() -> None:
    kept = json.loads(FIGURES.read_text("utf-8"))
    assert kept["method"] == coverage.METHOD_VERSION
    now = figures()
    assert now.keys() == kept["figures"].keys()
    for table, columns in now.items():
        assert columns.keys() == kept["figures"][table].keys(), table
        for column, values in columns.items():
            expected = kept["figures"][table][column]
            assert values == pytest.approx(expected, rel=1e-9), f"{table}.{column}: see the top"


def test_the_changelog_tells_of_the_method_version() -> None:
    changelog = Path(__file__).parents[1] / "CHANGELOG.md"
    assert f"- Method {coverage.METHOD_VERSION} (" in changelog.read_text("utf-8")


if __name__ == "__main__":
    written = {"method": coverage.METHOD_VERSION, "figures": figures()}
    FIGURES.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")
