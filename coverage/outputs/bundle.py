"""The frozen evaluation: inputs, settings and results in one file, to be made again from it."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import tomlkit

from coverage import METHOD_VERSION, __version__, texts
from coverage.outputs.digests import files_of
from coverage.outputs.folder import written

if TYPE_CHECKING:
    from collections.abc import Iterator, MutableMapping

    from coverage.configuration import Configuration
    from coverage.results import Result

_INPUTS = "inputs"  # where files go that lie outside the project's folder
_SETTINGS = ("scenarios",)
_README = "README.txt"


def write_bundle(configuration: Configuration, result: Result, results: Path, file: Path) -> Path:
    """Write a project's inputs and settings and a folder of results as one zip.

    Files outside the project's folder are taken in, and the project file in the zip names them
    there. Layers from a database stay where they are; the note in the zip says so.

    Parameters
    ----------
    configuration
        The project file, read.
    result
        The result that the folder holds.
    results
        The folder of results.
    file
        Where the zip goes.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    partial = file.with_name(f".{file.name}.partial")
    with written(file):
        try:
            with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as bundle:
                packed = _Packed(bundle, configuration.root)
                text = _project_file(configuration, packed)
                bundle.writestr("project.toml", text)
                for name in _SETTINGS:
                    packed.take(configuration.root / name)
                bundle.writestr(_README, _note(configuration, result))
                for path in files_of(results):
                    bundle.write(path, f"results/{path.relative_to(results).as_posix()}")
            partial.replace(file)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
    return file


class _Packed:
    """Take inputs into a zip, each once, and tell where they are in it."""

    def __init__(self, bundle: zipfile.ZipFile, root: Path) -> None:
        self._bundle, self._root = bundle, root
        self._places: dict[Path, str] = {}

    def take(self, path: Path) -> str:
        """Take an input with all its files in, and return its place."""
        whole = path.resolve()
        if whole not in self._places:
            inside = whole.is_relative_to(self._root)
            folder = PurePosixPath(_INPUTS, str(len(self._places)))
            place = whole.relative_to(self._root).as_posix() if inside else f"{folder}/{whole.name}"
            self._places[whole] = place
            for file in files_of(whole):
                beside = file.relative_to(whole if whole.is_dir() else whole.parent)
                base = PurePosixPath(place) if whole.is_dir() else PurePosixPath(place).parent
                self._bundle.write(file, str(base / beside.as_posix()))
        return self._places[whole]


def _project_file(configuration: Configuration, packed: _Packed) -> str:
    """Return the project file as it stands in the zip: its own words, paths within the zip."""
    document = tomlkit.parse(configuration.path.read_text(encoding="utf-8-sig"))
    for entry, path in _named(document, configuration):
        place = packed.take(path)
        if (
            not (configuration.root / str(entry["path"]))
            .resolve()
            .is_relative_to(configuration.root)
        ):
            entry["path"] = place
    plan = configuration.plan
    project: Any = document["project"]
    project["plan"] = plan.name if plan.source is None else packed.take(plan.source)
    return tomlkit.dumps(document)


def _named(
    document: MutableMapping[str, Any], configuration: Configuration
) -> Iterator[tuple[MutableMapping[str, Any], Path]]:
    """Yield every entry of the project file that names a file, and the file."""
    yield document["network"], configuration.network.path
    for name, source in configuration.layers.items():
        if not source.database:
            yield document["layers"][name], source.path
    for year, sources in configuration.years.items():
        for name, source in sources.items():
            if not source.database:
                yield document["years"][str(year)]["layers"][name], source.path


def _note(configuration: Configuration, result: Result) -> str:
    scenario = result.record["scenario"]["name"]
    words = ["coverage-planner", "run", ".", "--year", str(result.year)]
    if scenario != "baseline":
        words += ["--scenario", scenario]
    sources, _ = configuration.sources(result.year)
    tables = [name for name, source in sources.items() if source.database]
    lines = [
        texts.say(
            "outputs.bundle",
            name=result.name,
            year=result.year,
            version=__version__,
            method=METHOD_VERSION,
        ),
        " ".join(words),
    ]
    if tables:
        lines.append(texts.say("outputs.bundle_database", layers=tuple(tables)))
    return "\n".join(lines) + "\n"
