"""Whatever value stands under a key of a project, plan or scenario file: used, told or refused."""

from __future__ import annotations

import contextlib
import tomllib
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from fuzz.readers import READERS
from fuzz.test_fuzz import SETTINGS
from hypothesis import given
from hypothesis import strategies as st

from coverage.errors import CoverageError
from coverage.toml import parse

JUNK = st.recursive(
    st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=5)
    | st.dates() | st.times()
    | st.sampled_from(["", "..", "/", "²", "½", "walk", "elders60", "postgresql://x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)  # fmt: skip


def _places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the ways to all values of a file, tables and lists too."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, each in inner:
        found.append((*way, key))
        if isinstance(each, dict | list):
            found += _places(each, (*way, key))
    return found


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", ["project", "plan", "scenario"])
def test_any_value_is_used_or_refused(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    file = tmp_path / reader.file
    reader.write(file)
    good = file.read_text(encoding="utf-8")
    places = _places(tomllib.loads(good))

    @SETTINGS
    @given(st.sampled_from(places), JUNK, st.text(max_size=4))
    def read(place: tuple[Any, ...], junk: Any, key: str) -> None:
        content = tomllib.loads(good)
        at: Any = content
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = junk
        if isinstance(at, dict):
            at.setdefault(key, junk)
        file.write_text(tomlkit.dumps(content), encoding="utf-8", errors="replace")
        with contextlib.suppress(CoverageError):
            reader.read(file)

    read()


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000 + "]" * 20_000,
        "a" + ".a" * 200 + " = 1",
        "a = " + "1" * 5000,
        "a = 0x" + "f" * 5000,
        "a = 9223372036854775808",
        'a = ["\\u000b"]',
    ],
)
@pytest.mark.parametrize("name", ["project", "plan", "scenario"])
def test_what_is_too_deep_or_too_large_is_no_toml(name: str, text: str, tmp_path: Path) -> None:
    reader = READERS[name]
    file = tmp_path / reader.file
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CoverageError, match="TOML") as caught:
        reader.read(file)
    assert caught.value.text("en")


def test_the_largest_integer_is_read() -> None:
    assert parse("a = [-9223372036854775808, 9223372036854775807]")["a"][1] == 2**63 - 1
