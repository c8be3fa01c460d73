"""Results as files: tables, GeoPackage, offline map, run record. They only read a result."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from coverage.outputs.comparison import write_comparison as write_comparison
from coverage.outputs.digests import digests
from coverage.outputs.digests import file_digest as file_digest
from coverage.outputs.folder import finish_swap as finish_swap
from coverage.outputs.folder import replace_file as replace_file
from coverage.outputs.folder import replaced
from coverage.outputs.folder import written as written
from coverage.outputs.geopackage import write_geopackage
from coverage.outputs.siting import siting_tables as siting_tables
from coverage.outputs.siting import write_siting as write_siting
from coverage.outputs.tables import TABLES, write_csv
from coverage.outputs.tables import csv_bytes as csv_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.results import Result


def write_results(result: Result, folder: Path, *, language: str = "zh") -> Path:
    """Write all files of a result into a folder, whole or not at all.

    Parameters
    ----------
    result
        The result.
    folder
        Results folder; its earlier files are replaced, its subfolders stay.
    language
        Language of the map, and of what QGIS is told.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    with replaced(folder) as partial:
        write_files(result, partial, language=language)
    return folder


def write_files(result: Result, folder: Path, *, language: str = "zh") -> None:
    """Write all files of a result into an empty folder, one after the other.

    Parameters
    ----------
    result
        The result.
    folder
        Folder that is put in its place when it is complete.
    language
        Language of the map, and of what QGIS is told.
    """
    from coverage.outputs.offline_map import write_map  # noqa: PLC0415 - see load_folium

    with ThreadPoolExecutor(max_workers=1) as pool:
        # the GeoPackage is written outside the interpreter, beside the rest
        package = pool.submit(write_geopackage, result, folder / "coverage.gpkg", language)
        for name in TABLES:
            write_csv(getattr(result, name), folder / f"{name}.csv")
        write_map(result, folder / "map.html", language)
        package.result()
    record = {**result.record, "outputs": digests(folder)}
    text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")


def load_folium() -> None:
    """Load what maps are built with; that takes half a second, in which others may draw."""
    import coverage.outputs.offline_map  # noqa: F401, PLC0415 - only loaded
