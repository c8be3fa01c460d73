"""Write a project folder: all of it, or nothing."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyogrio

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import geopandas as gpd

    from coverage.service import Service

WEIGHT = "buildings"
PROJECT_FILE = "project.toml"

_GEOMETRY = {"townships": "MultiPolygon", "communities": "MultiPolygon", "water": "MultiPolygon"}


def check_folder(folder: Path) -> None:
    """Make sure that a project may be written into a folder.

    Parameters
    ----------
    folder
        Folder that must be empty or not be there.

    Raises
    ------
    OutputError
        If there is something already.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise OutputError("osm_project.folder_used", folder=folder)


def write_project(
    folder: Path, layers: Mapping[str, gpd.GeoDataFrame], osm: Path, project: str
) -> None:
    """Write layers, streets and project file into a folder.

    They are written beside it first, so that a failure leaves nothing half done.

    Parameters
    ----------
    folder
        Folder that is empty or not there.
    layers
        Layers by name, each written as a GeoPackage.
    osm
        OpenStreetMap file, copied as it is.
    project
        Text of the project file.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as beside:
            new = Path(beside) / "project"
            new.mkdir()
            for name, layer in layers.items():
                _write_layer(layer, new / f"{name}.gpkg", name)
            shutil.copyfile(osm, new / streets_name(osm))
            (new / PROJECT_FILE).write_text(project, encoding="utf-8", newline="\n")
            if folder.is_dir():
                folder.rmdir()
            new.replace(folder)
    except OSError as error:
        raise OutputError("osm_project.not_written", folder=folder, detail=error) from error


def project_text(
    *,
    name: str,
    year: int,
    notice: str,
    layers: Sequence[str],
    streets: str,
    services: Sequence[Service],
) -> str:
    """Return the text of a project file in which every service counts buildings.

    Parameters
    ----------
    name
        The project's name.
    year
        Year that the layers describe.
    notice
        What every map and page must show.
    layers
        Names of the layers that are there.
    streets
        Name of the street file.
    services
        Services to count by buildings.
    """
    lines = [
        "[project]",
        f"name = {_text(name)}",
        f"year = {year}",
        'population_basis = "resident"',
        f"notice = {_text(notice)}",
        "",
    ]
    for layer in layers:
        lines += [f"[layers.{layer}]", f'path = "{layer}.gpkg"', 'datum = "wgs84"', ""]
    lines += ["[network]", f"path = {_text(streets)}", ""]
    for service in services:
        lines += [
            f"[services.{service.name}]",
            f"categories = [{', '.join(_text(name) for name in service.categories)}]",
            f'weight = "{WEIGHT}"',
            f'mode = "{service.mode}"',
            f"minutes = {service.minutes:g}",
            "",
        ]
    return "\n".join(lines).rstrip("\n") + "\n"


def streets_name(osm: Path) -> str:
    """Return the name that an OpenStreetMap file bears within a project.

    Parameters
    ----------
    osm
        The file.
    """
    name = osm.name.lower()
    suffix = next((s for s in (".osm.bz2", ".osm") if name.endswith(s)), ".osm.pbf")
    return f"streets{suffix}"


def _text(value: str) -> str:
    # a JSON string is a TOML string, but for DEL
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_layer(layer: gpd.GeoDataFrame, path: Path, name: str) -> None:
    # the GeoPackage's date of last change would differ from run to run
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": "2000-01-01T00:00:00.000Z"})
    try:
        pyogrio.write_dataframe(
            layer, path, layer=name, driver="GPKG", geometry_type=_GEOMETRY.get(name, "Point")
        )
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
