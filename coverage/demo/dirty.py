"""The demo as bureaus hand it over: every fault seeded on purpose, and a list of them.

Streets, heights, water, and the other years are those of the clean demo.
"""

from __future__ import annotations

import csv
from dataclasses import asdict, fields
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.demo.dirty_book import write_ledger
from coverage.demo.dirty_ledger import soil_ledger
from coverage.demo.dirty_services import write_services
from coverage.demo.dirty_units import write_communities, write_demand, write_townships
from coverage.demo.soiling import Seed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_SERVICES_YEAR = 2020
_SERVICES = f"services_{_SERVICES_YEAR}.xlsx"
# what stands in the project file, and what comes in its place
_PATHS = {
    'path = "townships.gpkg"': 'path = "townships.shp"',
    'path = "demand.gpkg"': 'path = "demand.csv"',
    'datum = "wgs84"': 'datum = "auto"',
}
_PROJECT_YEAR = f"""
[years.{_SERVICES_YEAR}.layers.facilities]
path = "{_SERVICES}"
"""


def soil_demo(folder: Path) -> None:
    """Spoil a clean demo project and list in ``seeded.csv`` what was done.

    Parameters
    ----------
    folder
        The project as `coverage.demo.write_demo` writes it; its files are replaced.
    """
    import geopandas as gpd  # noqa: PLC0415 - start-up stays light

    units = {name: gpd.read_file(folder / f"{name}.gpkg") for name in ("townships", "communities")}
    demand = gpd.read_file(folder / "demand.gpkg")
    ledger = pd.read_excel(folder / "facilities.xlsx", engine="calamine")
    placed = ledger["经度"].notna()
    stands = gpd.points_from_xy(ledger.loc[placed, "经度"], ledger.loc[placed, "纬度"], crs=4326)
    settled = np.array([*demand.geometry, *stands.to_crs(demand.crs)])
    seeds = write_townships(folder, units["townships"], settled)
    seeds += write_communities(folder, units["communities"])
    seeds += write_demand(folder / "demand.csv", demand)
    seeds += write_ledger(folder / "facilities.xlsx", soil_ledger(ledger))
    seeds += write_services(folder / _SERVICES, ledger, _SERVICES_YEAR)
    for name in ("zones", "crosswalk"):
        file = folder / f"{name}.csv"
        file.write_bytes(file.read_bytes().decode("utf-8-sig").encode("gbk"))
    for name in ("townships", "demand"):
        (folder / f"{name}.gpkg").unlink()
    _rewrite_project(folder / "project.toml")
    _list_seeds(folder / "seeded.csv", seeds)


def _rewrite_project(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    for old, new in _PATHS.items():
        text = text.replace(old, new)
    file.write_text(text + _PROJECT_YEAR, encoding="utf-8", newline="\n")


def _list_seeds(file: Path, seeds: Sequence[Seed]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as handle:
        writer = csv.DictWriter(handle, [field.name for field in fields(Seed)])
        writer.writeheader()
        writer.writerows(asdict(seed) for seed in seeds)
