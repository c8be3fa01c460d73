"""Write what a visitor settles into a project's file, and new projects from uploads."""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs
import tomlkit
from filelock import FileLock
from tomlkit.exceptions import TOMLKitError

from coverage.errors import ProjectError
from coverage.outputs import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLES = (".xlsx", ".xls", ".xlsm", ".et", ".csv", ".txt")
_VECTORS = (".gpkg", ".zip", ".geojson", ".json", ".kml", ".kmz", ".parquet", ".fgb")
_STREETS = (".pbf", ".osm", ".bz2", ".graphml", *_VECTORS)
NEEDED = ("townships", "communities", "facilities", "network")
FURTHER = ("demand", "water", "elevation", "counties", "zones", "entered", "candidates")
_NOT_IN_NAMES = re.compile(r"[^\w\-]+")


def settle(project: Path, section: tuple[str, ...], options: Mapping[str, object]) -> None:
    """Write options of a section into the project file; everything else there stays as it is.

    Parameters
    ----------
    project
        Project folder or its ``project.toml``.
    section
        Where they belong: ``("project",)`` for ``plan``, ``("layers", "facilities")`` for those of
        a layer.
    options
        ``plan``, ``datum``; or ``columns``, a header by canonical field, or ``categories``, a
        category by word, which are added to those there.

    Raises
    ------
    ProjectError
        If the file cannot be read or written.
    """
    path = project / "project.toml" if project.is_dir() else project
    try:
        # two visitors may settle something of one project at once
        with FileLock(path.with_name(".project.toml.lock")):
            document = tomlkit.parse(path.read_text(encoding="utf-8"))
            table: Any = document
            for key in section:
                table = table[key]
            for name, value in options.items():
                if isinstance(value, dict):
                    inner = table.setdefault(name, tomlkit.table())
                    inner.update(value)
                else:
                    table[name] = value
            replace_file(path, tomlkit.dumps(document).encode("utf-8"))
    except (OSError, TOMLKitError, KeyError) as error:
        raise ProjectError("web.project_file", path=path, reason=error) from error


def projects_folder() -> Path:
    """Return the folder that new projects go to."""
    home = platformdirs.user_data_dir("service-coverage-planner", appauthor=False)
    return Path(home) / "projects"


def known_projects() -> dict[str, Path]:
    """Return the projects that visitors made, by name."""
    files = sorted(projects_folder().glob("*/project.toml"))
    return {file.parent.name: file.parent for file in files}


def kinds(layer: str) -> tuple[str, ...]:
    """Return the endings of files that a layer may be uploaded as.

    Parameters
    ----------
    layer
        Name of the layer, or ``network``.
    """
    if layer == "network":
        return _STREETS
    if layer == "elevation":
        return (".tif", ".tiff")
    if layer == "water":
        return _VECTORS
    return (*_TABLES, *_VECTORS)


def new_project(name: str, year: int, files: Mapping[str, tuple[str, bytes]]) -> Path:
    """Make a project from uploaded files, whole or not at all, and return its folder.

    Parameters
    ----------
    name
        What people call it.
    year
        Year that the layers describe.
    files
        Name and content of an uploaded file by layer.

    Raises
    ------
    ProjectError
        If the name cannot be used or is taken, or a file is empty or of a wrong kind.
    """
    stem = _NOT_IN_NAMES.sub("-", name).strip("-_")
    if not stem:
        raise ProjectError("web.project_name")
    folder = projects_folder() / stem
    if folder.exists():
        raise ProjectError("web.project_exists", name=stem)
    stored = {layer: _stored_name(layer, *file) for layer, file in files.items()}
    document = tomlkit.document()
    document["project"] = {"name": name, "year": year}
    layers = {layer: {"path": n} for layer, n in stored.items() if layer != "network"}
    document["layers"] = layers
    document["network"] = {"path": stored.get("network", "")}
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as partial:
            inside = Path(partial) / "project"
            inside.mkdir()
            for layer, (_, content) in files.items():
                (inside / stored[layer]).write_bytes(content)
            (inside / "project.toml").write_text(tomlkit.dumps(document), encoding="utf-8")
            shutil.move(inside, folder)
    except OSError as error:
        raise ProjectError("web.project_file", path=folder, reason=error.strerror) from error
    return folder


def _stored_name(layer: str, name: str, content: bytes) -> str:
    """Return the name an upload is stored under: the layer's, whatever the browser called it."""
    ending = "".join(Path(name).suffixes[-2:]).lower()
    known = kinds(layer)
    if not ending.endswith(known):
        raise ProjectError("web.upload_kind", name=name, known=" ".join(known))
    if not content:
        raise ProjectError("web.upload_empty", name=name)
    double = next((e for e in (".osm.pbf", ".osm.bz2") if ending.endswith(e)), None)
    return layer + (double or Path(name).suffix.lower())
