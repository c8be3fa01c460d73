"""The tiny county many times over, each under its own code."""

from __future__ import annotations

import shutil
from pathlib import Path

import geopandas as gpd

OLD = "500999"


def write_counties(tiny: Path, folder: Path, codes: list[str]) -> list[Path]:
    """Write a project for each code, alike but for their codes and names.

    Parameters
    ----------
    tiny
        The county that is copied.
    folder
        Where they go.
    codes
        Six digits each.
    """
    return [_write(tiny, folder / f"county{number}", code) for number, code in enumerate(codes)]


def _write(tiny: Path, place: Path, code: str) -> Path:
    shutil.copytree(tiny, place)
    for name in ("townships", "communities", "demand"):
        file = place / f"{name}.gpkg"
        layer = gpd.read_file(file)
        for column in {"code", "township", "community"}.intersection(layer.columns):
            layer[column] = layer[column].str.replace(OLD, code)
        file.unlink()
        layer.to_file(file)
    project = place / "project.toml"
    text = project.read_text(encoding="utf-8").replace("小县（虚构）", f"{code}县（虚构）")
    project.write_text(text, encoding="utf-8")
    return place
