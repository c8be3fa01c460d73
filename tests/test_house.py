"""The house: who may import whom, what stays light, what stands beside the package."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from string import Formatter

import pytest

import coverage
from coverage import texts
from coverage.errors import ProjectError

PACKAGE = Path(coverage.__file__).parent
ROOMS = (
    "types", "texts", "errors", "toml", "workbooks", "vocabulary", "service", "plans", "layers",
    "configuration", "network", "demand", "access", "indicators", "siting", "outputs", "results",
    "analysis", "scenario", "sites", "project", "outlook", "osm_project", "demo", "batch", "web",
    "cli", "__main__",
)  # fmt: skip


def _imports(tree: ast.AST) -> set[str]:
    """Return the rooms a module imports, leaving out what only type checkers see."""
    found = set()
    hidden = {
        inner
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if node in hidden:
            continue
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "coverage":
                names = [f"coverage.{alias.name}" for alias in node.names]
            else:
                names = [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {n.split(".")[1] for n in names if n.startswith("coverage.")}
    return found & set(ROOMS)


def test_each_room_imports_only_rooms_above_it() -> None:
    modules = sorted(PACKAGE.rglob("*.py"))
    for module in modules:
        room = module.relative_to(PACKAGE).parts[0].removesuffix(".py")
        if room == "__init__":
            continue
        tree = ast.parse(module.read_text(encoding="utf-8"))
        below = {r for r in _imports(tree) if ROOMS.index(r) > ROOMS.index(room)}
        assert not below, f"{module.name} of {room} imports {below}"


def test_every_room_is_known() -> None:
    names = {p.stem for p in PACKAGE.iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert names - {"__init__"} == set(ROOMS)


def _run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True, text=True, check=False, cwd=PACKAGE.parent,
    )  # fmt: skip


def test_the_package_starts_light() -> None:
    heavy = ("geopandas", "streamlit", "numba", "pandas", "shapely", "folium")
    code = f"import coverage, sys; print([m for m in {heavy} if m in sys.modules])"
    assert _run(code).stdout.strip() == "[]"


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_libraries_that_look_for_coverage_py_import_beside_ours(first: str) -> None:
    ours, theirs = "import coverage, coverage.network", "import numba, libpysal, momepy, spopt"
    order = [ours, theirs] if first == "ours" else [theirs, ours]
    check = "from numba import njit; assert njit(lambda x: x + 1)(1) == 2"
    done = _run("; ".join([*order, check, "print('fine')"]))
    assert done.stdout.strip().endswith("fine"), done.stderr


@pytest.mark.parametrize("order", ["numba, coverage.network", "coverage.network, numba"])
def test_searches_are_compiled_when_first_used_and_without_a_warning(order: str) -> None:
    """A street of 600 m from end to end: 10 minutes at 1 m/s."""
    code = f"""
import {order}
import geopandas as gpd
from coverage.network import StreetNetwork, search
from shapely import LineString, Point
assert not any(f.signatures for f in vars(search).values() if hasattr(f, "signatures"))
ends = [(400_000, 3_000_000), (400_600, 3_000_000)]
street = gpd.GeoDataFrame(geometry=[LineString(ends)], crs=32650)
one, other = (gpd.GeoDataFrame(geometry=[Point(end)], crs=32650) for end in ends)
found = StreetNetwork.from_edges(street, min_island=0).nearest(one, other, speed=1.0)
assert abs(found["minutes"].iloc[0] - 10) < 1e-3, found
"""
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code], check=True, cwd=PACKAGE.parent, timeout=120
    )


@pytest.mark.parametrize("room", [p.stem for p in sorted((PACKAGE / "texts").glob("*.toml"))])
def test_every_sentence_stands_in_both_languages_with_the_same_values(room: str) -> None:
    for key in texts.keys(room):
        entry = texts._room(room)[key]
        assert set(entry) == {"zh", "en"}, f"{room}.{key}"
        values = [
            {name for _, name, _, _ in Formatter().parse(entry[lang]) if name is not None}
            for lang in texts.LANGUAGES
        ]
        assert values[0] == values[1], f"{room}.{key}"


def test_lists_in_sentences_are_written_as_the_language_does() -> None:
    error = ProjectError("project.service", service="a", near="b", known=("甲", "乙"))
    assert "甲、乙" in error.text("zh")
    assert "甲, 乙" in error.text("en")


def test_every_error_has_a_sentence() -> None:
    known = {
        f"{p.stem}.{k}" for p in (PACKAGE / "texts").glob("*.toml") for k in texts.keys(p.stem)
    }
    for module in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = ast.unparse(node.func)
            key = node.args[0]
            if not name.endswith("Error") or not isinstance(key, ast.Constant):
                continue
            if isinstance(key.value, str) and "." in key.value and " " not in key.value:
                assert key.value in known, f"{module.name}: {key.value}"
