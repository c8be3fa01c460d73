"""A scenario: a name, a description and edits in order, as its file holds them."""

from __future__ import annotations

import hashlib
import re
import tomllib
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage import texts, toml
from coverage.errors import ScenarioError
from coverage.scenario.checks import read_edit
from coverage.scenario.edits import Edit, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable

BASELINE, PLANNED = "baseline", "planned"
FOLDER = "scenarios"
_KEYS = ("name", "description", "edits")
_NAME = re.compile(r"[\w\-]+(?: ?[\w\-]+)*")


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Edits of a project, in order; every change of it makes a new one.

    Parameters
    ----------
    name
        Its name, that of its file without ``.toml``.
    title
        What people call it; by default its name.
    description
        What it is about.
    edits
        The edits, in the order in which they are applied.
    text
        The file as it was read, so that comments and order are kept; empty where it was not.

    See Also
    --------
    read_scenario : Read one from its file.
    coverage.scenario.saving.save : Write one to its file.
    """

    name: str
    title: str = ""
    description: str = ""
    edits: tuple[Edit, ...] = ()
    text: str = field(default="", repr=False, compare=False)

    def __post_init__(self) -> None:
        check_name(self.name)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the file as it was read, empty where it was not."""
        return digest_of(self.text.encode("utf-8")) if self.text else ""

    def said(self) -> str:
        """Return what people call it, in the language in use."""
        if self.name in {BASELINE, PLANNED}:
            return texts.say(f"scenario.{self.name}")
        return self.title or self.name

    def with_edit(self, edit: Edit) -> Scenario:
        """Return the scenario with one edit more.

        Parameters
        ----------
        edit
            The edit, which comes last.

        Raises
        ------
        ScenarioError
            If a value of it cannot be used.
        """
        number = len(self.edits) + 1
        return replace(self, edits=(*self.edits, read_edit(table_of(edit), number, self.name)))

    def without_last(self) -> Scenario:
        """Return the scenario without its last edit.

        Raises
        ------
        ScenarioError
            If it has none.
        """
        if not self.edits:
            raise ScenarioError("scenario.nothing_to_undo", name=self.name)
        return replace(self, edits=self.edits[:-1])

    def record(self) -> dict[str, Any]:
        """Return what ``run.json`` says of it: its name, its file's SHA-256, its edits."""
        return {
            "name": self.name,
            "title": self.title,
            "sha256": self.digest,
            "edits": [table_of(edit) for edit in self.edits],
        }


def scenario_names(root: Path) -> tuple[str, ...]:
    """Return the names of a project's scenarios, those always there first.

    Parameters
    ----------
    root
        The project's folder.
    """
    files = sorted((root / FOLDER).glob("*.toml"))
    own = [file.stem for file in files if not file.name.startswith(".")]
    return (BASELINE, PLANNED, *(name for name in own if name not in {BASELINE, PLANNED}))


def scenario_path(root: Path, name: str) -> Path:
    """Return the file of a project's scenario.

    Parameters
    ----------
    root
        The project's folder.
    name
        Name of the scenario.

    Raises
    ------
    ScenarioError
        If no file can bear this name.
    """
    check_name(name)
    return root / FOLDER / f"{name}.toml"


def find_scenario(root: Path, name: str) -> Scenario:
    """Read a project's scenario by its name.

    Parameters
    ----------
    root
        The project's folder.
    name
        Name of the scenario; ``baseline`` and ``planned`` need no file.

    Raises
    ------
    ScenarioError
        If there is none of this name, or its file cannot be used.
    """
    if name in {BASELINE, PLANNED}:
        return Scenario(name=name)
    path = scenario_path(root, name)
    if not path.is_file():
        known = scenario_names(root)
        near = get_close_matches(name, known, n=1, cutoff=0.0)[0]
        raise ScenarioError(
            "scenario.not_found", name=name, path=path, near=near, known=tuple(known)
        )
    return read_scenario(path)


def read_scenario(path: str | Path) -> Scenario:
    """Read a scenario file.

    Parameters
    ----------
    path
        The file; its name without ``.toml`` is that of the scenario.

    Raises
    ------
    ScenarioError
        If it is not UTF-8 or not TOML, a key is unknown, or a value cannot be used.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
    except OSError as error:
        detail = error.strerror or error
        raise ScenarioError("scenario.unreadable", path=file, detail=detail) from error
    return parse_scenario(content, file)


def parse_scenario(content: bytes, file: Path) -> Scenario:
    """Read a scenario from the content of its file.

    Parameters
    ----------
    content
        What the file holds.
    file
        The file.
    """
    try:
        text = content.decode("utf-8-sig")
        table = toml.parse(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ScenarioError("scenario.not_utf8", path=file, line=line) from error
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError("scenario.not_toml", path=file, detail=error) from error
    for key in table:
        if key not in _KEYS:
            near = get_close_matches(key, _KEYS, n=1, cutoff=0.0)[0]
            raise ScenarioError("scenario.unknown_top_key", path=file, key=key, near=near)
    for key in ("name", "description"):
        if not isinstance(table.get(key, ""), str):
            raise ScenarioError("scenario.top_text", path=file, key=key, value=table[key])
    edits = table.get("edits", [])
    if not isinstance(edits, list):
        raise ScenarioError("scenario.no_list", path=file)
    return Scenario(
        name=file.stem,
        title=table.get("name", ""),
        description=table.get("description", ""),
        edits=tuple(_edits(edits, str(file))),
        text=text,
    )


def _edits(tables: list[object], source: str) -> Iterable[Edit]:
    return [read_edit(table, number, source) for number, table in enumerate(tables, start=1)]


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file's content.

    Parameters
    ----------
    content
        The content.
    """
    return hashlib.sha256(content).hexdigest()


def check_name(name: str) -> None:
    """Make sure that a file can bear a name, on every system, inside its folder.

    Parameters
    ----------
    name
        Name of a scenario.

    Raises
    ------
    ScenarioError
        If it cannot.
    """
    if not _NAME.fullmatch(name) or len(name) > 100:  # noqa: PLR2004 - file systems take 255 bytes
        raise ScenarioError("scenario.bad_name", name=name)
