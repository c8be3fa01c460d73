"""Write a scenario to its file: comments stay, and two writers cannot lose each other's edits.

Whoever writes holds a lock and compares the file with what they had read. If somebody else has
written in between, nothing is written, and the error says what they changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomlkit
from filelock import FileLock, Timeout

from coverage.errors import ScenarioError
from coverage.outputs import replace_file, written
from coverage.scenario.edits import table_of
from coverage.scenario.scenario import BASELINE, PLANNED, Scenario, digest_of, parse_scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.scenario.edits import Edit

_WAIT_S = 10.0  # seconds that another writer may take


def save_scenario(scenario: Scenario, path: str | Path) -> Scenario:
    """Write a scenario to its file, whole or not at all.

    Parameters
    ----------
    scenario
        The scenario, read from this file or new.
    path
        The file.

    Returns
    -------
    Scenario
        The scenario as the file now holds it: what is to be edited and saved next.

    Raises
    ------
    ScenarioError
        If the file is another than the one that was read, or is there where none was read.
    OutputError
        If it cannot be written.
    """
    file = Path(path)
    if file.stem in {BASELINE, PLANNED}:
        raise ScenarioError("scenario.reserved", name=file.stem)
    content = _text(scenario).encode("utf-8")
    # checked as a reader would, so that nothing is written that cannot be read
    saved = replace(parse_scenario(content, file), name=scenario.name)
    with _locked(file):
        _check_unchanged(scenario, file)
        replace_file(file, content)
    return saved


def _check_unchanged(scenario: Scenario, file: Path) -> None:
    if not file.exists():
        if scenario.text:
            raise ScenarioError("scenario.gone", path=file)
        return
    there = file.read_bytes()
    if not scenario.text:
        raise ScenarioError("scenario.exists", path=file)
    # a byte order mark that an editor put before the text is no change
    if digest_of(there.removeprefix(b"\xef\xbb\xbf")) == scenario.digest:
        return
    when = datetime.fromtimestamp(file.stat().st_mtime).astimezone()
    raise ScenarioError(
        "scenario.changed",
        path=file,
        when=f"{when:%Y-%m-%d %H:%M:%S}",
        what=_difference(scenario, there, file),
    )


def _difference(scenario: Scenario, there: bytes, file: Path) -> str:
    """Return what another writer did, as numbers of edits and their actions."""
    read = parse_scenario(scenario.text.encode("utf-8"), file).edits
    try:
        now = parse_scenario(there, file).edits
    except ScenarioError as error:
        return error.text()
    same = _same(read, now)
    lost = [f"−{number} {_named(edit)}" for number, edit in _numbered(read, same)]
    new = [f"+{number} {_named(edit)}" for number, edit in _numbered(now, same)]
    return "；".join([*lost, *new]) or "name / description / #"


def _numbered(edits: Sequence[Edit], start: int) -> list[tuple[int, Edit]]:
    return list(enumerate(edits[start:], start=start + 1))


def _named(edit: Edit) -> str:
    name = getattr(edit, "id", "") or getattr(edit, "name", "")
    return f"{edit.action} {name}".strip()


def _same(one: Sequence[Edit], other: Sequence[Edit]) -> int:
    """Return how many edits are the same from the first on."""
    pairs = zip(one, other, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _text(scenario: Scenario) -> str:
    """Return the text of a scenario's file: as it was read, but for what has changed."""
    document = tomlkit.parse(scenario.text)
    for key, value in (("name", scenario.title), ("description", scenario.description)):
        if document.get(key, "") != value:
            document[key] = value
    read: tuple[Edit, ...] = ()
    if scenario.text:
        read = parse_scenario(scenario.text.encode("utf-8"), Path(f"{scenario.name}.toml")).edits
    kept = _same(read, scenario.edits)
    if "edits" not in document or not document["edits"]:
        document.pop("edits", None)
        if scenario.edits:
            document["edits"] = tomlkit.aot()
    edits: Any = document.get("edits", ())
    while len(edits) > kept:
        del edits[-1]
    for edit in scenario.edits[kept:]:
        entry = tomlkit.table()
        entry.update(table_of(edit))
        edits.append(entry)
    # a file without a word would not be told from one that is not there
    return tomlkit.dumps(document) or "edits = []\n"


class _locked:  # noqa: N801 - used as a function
    """Hold the lock of a scenario file while writing it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = FileLock(file.with_name(f".{file.name}.lock"), timeout=_WAIT_S)

    def __enter__(self) -> None:
        try:
            with written(self._file):
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
        except Timeout as error:
            raise ScenarioError("scenario.locked", path=self._file) from error

    def __exit__(self, *_: object) -> None:
        self._lock.release()
