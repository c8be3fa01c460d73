"""The files that pages hand out, as the command line writes them."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import coverage
from coverage import texts
from coverage.outputs.geopackage import write_geopackage
from coverage.outputs.report import write_dossier

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.scenario import Comparison
    from coverage.sites import SitingResult


def workbook(result: Result, language: str) -> bytes:
    """Return the workbook of indicators.

    Parameters
    ----------
    result
        The result.
    language
        ``zh`` or ``en``.
    """
    texts.use(language)
    with tempfile.TemporaryDirectory() as folder:
        return result.save_workbook(Path(folder) / "workbook.xlsx").read_bytes()


def geopackage(result: Result, language: str) -> bytes:
    """Return the GeoPackage of all layers.

    Parameters
    ----------
    result, language
        As for `workbook`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.gpkg"
        write_geopackage(result, path, language)
        return path.read_bytes()


def results(result: Result, language: str) -> bytes:
    """Return the results folder as ``run`` writes it, packed.

    Parameters
    ----------
    result, language
        As for `workbook`.
    """
    texts.use(language)
    with tempfile.TemporaryDirectory() as folder:
        return _packed(result.save(Path(folder) / "results"))


def dossier(result: Result, project: str, language: str) -> bytes:
    """Return the folder that ``report`` writes, packed: Word report, workbook, atlas, maps, tables.

    Parameters
    ----------
    result
        The result.
    project
        The project, whose sitings and comparisons the report tells of.
    language
        ``zh`` or ``en``.
    """
    earlier = coverage.open_project(project).results_folder()
    with tempfile.TemporaryDirectory() as folder:
        written = write_dossier(result, Path(folder) / "report", results=earlier, language=language)
        return _packed(written)


def siting(found: SitingResult) -> bytes:
    """Return the folder that ``site`` writes, packed."""
    with tempfile.TemporaryDirectory() as folder:
        return _packed(found.save(Path(folder) / "siting"))


def comparison(compared: Comparison, language: str) -> bytes:
    """Return the folder that ``compare`` writes, packed.

    Parameters
    ----------
    compared
        The comparison.
    language
        ``zh`` or ``en``.
    """
    texts.use(language)
    with tempfile.TemporaryDirectory() as folder:
        return _packed(compared.save(Path(folder) / "compare"))


def _packed(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(folder).as_posix())
    return packed.getvalue()
