"""The commands as a user calls them: exit codes, words, files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from coverage import texts
from coverage.cli import main


@pytest.fixture(autouse=True)
def _chinese_again() -> object:
    yield
    texts.use("zh")


def test_run_says_what_came_out(tiny: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tiny)]) == 0
    out = capsys.readouterr().out
    assert "30.00 %" in out
    assert "33.33 %" in out
    assert "36.00 ㎡/百户" in out
    assert (tiny / "results" / "indicators.csv").is_file()


def test_run_prints_an_indicator_that_a_plan_names_twice(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny), "--plan", "fuling"]) == 0
    assert "36.00 ㎡/百户" in capsys.readouterr().out


def test_run_in_english_quietly_to_another_folder(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tiny / "elsewhere"
    assert main(["run", str(tiny / "project.toml"), "--out", str(out), "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    assert (out / "map.html").is_file()
    assert not (tiny / "results").exists()
    assert main(["run", str(tiny), "--lang", "en"]) == 0
    assert "Results are in" in capsys.readouterr().out


def test_minutes_and_speed_override_the_project(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny), "--minutes", "elderly_circle=15", "--speed", "0.9"]) == 0
    # at 0.9 m/s 15 minutes are 810 m: only d1 is in reach
    assert "20.00 %" in capsys.readouterr().out


def test_check_exits_with_1_where_an_error_blocks(
    tiny: Path, edit: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(tiny)]) == 0
    edit('"demand.gpkg"', '"missing.gpkg"')
    assert main(["check", str(tiny)]) == 1
    assert "missing.gpkg" in capsys.readouterr().out
    assert "missing.gpkg" in (tiny / "results" / "issues.csv").read_text(encoding="utf-8-sig")


def test_errors_are_a_sentence_and_exit_with_1(
    tiny: Path, edit: Callable[[str, str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", str(tiny)]) == 0
    before = (tiny / "results" / "indicators.csv").read_bytes()
    edit('"communities.gpkg"', '"gone.gpkg"')
    assert main(["run", str(tiny)]) == 1
    err = capsys.readouterr().err
    assert "gone.gpkg" in err
    assert "Traceback" not in err
    assert (tiny / "results" / "indicators.csv").read_bytes() == before


@pytest.mark.parametrize(
    "arguments", [["fly"], ["run"], ["run", ".", "--year", "soon"], ["run", ".", "--minutes", "x"]]
)
def test_wrong_usage_exits_with_2(arguments: list[str]) -> None:
    assert main(arguments) == 2


def test_help_lists_every_command_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for language, word in (("zh", "示例项目"), ("en", "demo project")):
        assert main(["--help", "--lang", language]) == 0
        out = capsys.readouterr().out
        assert word in out
        for command in ("demo", "new", "template", "check", "run", "app"):
            assert command in out
        assert main(["run", "--help", "--lang", language]) == 0
        assert "--minutes" in capsys.readouterr().out


def test_module_and_command_are_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "coverage", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("coverage-planner ")
