"""Write a comparison of two scenarios: tables, GeoPackage, difference map, record."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.outputs.digests import digests
from coverage.outputs.folder import replaced
from coverage.outputs.geopackage import write_layers
from coverage.outputs.tables import write_csv

if TYPE_CHECKING:
    from coverage.scenario.compare import Comparison

_TABLES = ("indicators", "townships", "communities", "facilities")
_LAYERS = ("townships", "communities", "facilities")


def write_comparison(comparison: Comparison, folder: str | Path, language: str = "zh") -> Path:
    """Write all files of a comparison into a folder, whole or not at all.

    Parameters
    ----------
    comparison
        The comparison.
    folder
        Folder to write; its earlier files are replaced, its subfolders stay.
    language
        Language of the map.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    from coverage.outputs.difference_map import difference_page  # noqa: PLC0415 - loads folium

    with replaced(Path(folder)) as partial:
        for name in _TABLES:
            write_csv(getattr(comparison, name), partial / f"{name}.csv")
        layers = {name: getattr(comparison, name) for name in _LAYERS}
        write_layers(layers, partial / "compare.gpkg")
        page = difference_page(comparison, language)
        (partial / "map.html").write_text(page, encoding="utf-8")
        record = {**comparison.record, "outputs": digests(partial)}
        text = json.dumps(record, ensure_ascii=False, indent=2, default=str)
        (partial / "run.json").write_text(text + "\n", encoding="utf-8")
    return Path(folder)
