"""Fixtures that several test modules share, and the rule for skipped tests."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from idle_buildings import add_idle_buildings
from layer_files import write_county
from tiny_county import write_tiny

from coverage.layers import Source

# the same cases every time, on a machine however busy: a failure is never the clock's
settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real files, or skip."""
    folder = os.environ.get("PLANNER_REAL_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the real files that PLANNER_REAL_DATA names")
    return Path(folder)


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    real = [report for report in skipped if "PLANNER_REAL_DATA" in str(report.longrepr)]
    terminalreporter.write_line(
        f"{len(skipped)} skipped, {len(real)} of them for want of real files"
    )


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not os.environ.get("PLANNER_NO_SKIPS") or exitstatus:
        return
    skipped = reporter.stats.get("skipped", [])
    if any("PLANNER_REAL_DATA" not in str(report.longrepr) for report in skipped):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """Write the tiny county, see `write_tiny`."""
    return write_tiny(tmp_path)


@pytest.fixture
def sited(tiny: Path) -> Path:
    """Write the tiny county with idle buildings and a park."""
    add_idle_buildings(tiny)
    return tiny


@pytest.fixture
def edit(tiny: Path) -> Callable[[str, str], None]:
    """Return a function that replaces words in the tiny county's project file."""
    file = tiny / "project.toml"

    def replace(old: str, new: str) -> None:
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")

    return replace


@pytest.fixture
def county(tmp_path: Path) -> dict[str, Source]:
    """Write the county of two townships that `layer_files` draws."""
    return write_county(tmp_path)
