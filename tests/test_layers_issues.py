"""The log of findings, and the sentences of every finding."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import coverage
from coverage import texts
from coverage.layers import IssueLog

PACKAGE = Path(coverage.__file__).parent
SEVERITIES = ("error", "warning", "info")


def placeholders(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def raised_codes() -> set[str]:
    """Return a pattern of each code that the package gives to a log, wherever it does."""
    codes = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) < 2:
                continue
            severity, code = node.args[:2]
            if not (isinstance(severity, ast.Constant) and severity.value in SEVERITIES):
                continue
            if isinstance(code, ast.Constant):
                codes.add(re.escape(code.value))
            elif isinstance(code, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else "[a-z]+"
                         for p in code.values]  # fmt: skip
                codes.add("".join(parts))
    return codes


def test_every_code_raised_has_both_sentences() -> None:
    keys = texts.keys("issues")
    codes = raised_codes()
    assert len(codes) > 30
    for code in codes:
        met = [key for key in keys if re.fullmatch(code, key)]
        assert met, f"no sentence for {code}"
        assert all(f"{key}_action" in keys for key in met), f"nothing to do about {code}"


def test_both_languages_use_the_same_values() -> None:
    for room in ("issues", "layers"):
        for key in texts.keys(room):
            chinese, english = (texts._room(room)[key][language] for language in texts.LANGUAGES)
            assert placeholders(chinese) == placeholders(english), key


def test_a_log_is_a_table_of_sentences() -> None:
    issues = IssueLog()
    issues.add("warning", "duplicate_id", layer="facilities", row=7, field="id", value="a", first=2)
    issues.add("info", "demand_method", layer="demand", value="buildings", communities=12)
    issues.add("error", "blocked", message="x", value="y")
    table = issues.frame("en")
    assert list(table.columns) == [
        "severity", "code", "layer", "row", "field", "value", "message", "action",
    ]  # fmt: skip
    assert table["row"].dtype == "Int64"
    assert table["row"].isna().tolist() == [False, True, True]
    assert "row 7: id 'a' stands in row 2" in table["message"].iloc[0]
    assert "12 communities were spread over buildings" in table["message"].iloc[1]
    assert issues.frame("zh")["message"].iloc[0].startswith("图层 facilities 第 7 行")
    assert [issue.code for issue in issues.errors] == ["blocked"]
    assert IssueLog().frame().dtypes.astype(str).tolist() == table.dtypes.astype(str).tolist()


def test_a_log_goes_on_from_another_and_leaves_it() -> None:
    first = IssueLog()
    first.add("info", "not_people", field="buildings")
    second = IssueLog(first)
    second.add("info", "not_people", field="buildings")
    assert (len(first), len(second)) == (1, 2)


def test_an_unknown_code_is_a_fault_of_the_program() -> None:
    issues = IssueLog()
    issues.add("info", "no_such_code")
    with pytest.raises(KeyError):
        issues.frame()
