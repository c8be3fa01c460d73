"""Idle buildings in the tiny county: where something could be built, and what each would bring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd
from shapely import box
from tiny_county import point

import coverage

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.sites import SitingResult

CRS = "EPSG:4545"
S = "elderly_circle"
# elders: d1 20 and d2 10 are covered by s; d3 20, d4 25, d5 15 (on an island) and d6 10 (off) not
PLACES: dict[str, Any] = {
    "a": (1401, 500, 10.0, 5.0),  # d3 (and d2)
    "b": (2500, 300, 20.0, 100.0),  # d4
    "c": (2900, 80, 40.0, 100.0),  # d5
    "home": (300, 500, 5.0, 100.0),  # d1, covered already
    "off": (2100, 990, 1.0, 1.0),  # 490 m from a street, of 300 allowed
    "park": (2400, 500, 1.0, 1.0),  # excluded
    "far": (5000, 500, 1.0, 1.0),  # in no township
}


def add_idle_buildings(tiny: Path) -> None:
    """Give the tiny county idle buildings and a park."""
    write_candidates(tiny)
    gpd.GeoDataFrame(
        {"name": ["公园"], "kind": ["公园"]},
        geometry=[box(*point(2350, 450).coords[0], *point(2450, 550).coords[0])], crs=CRS,
    ).to_file(tiny / "exclusions.gpkg")  # fmt: skip
    with (tiny / "project.toml").open("a", encoding="utf-8") as file:
        for layer in ("candidates", "exclusions"):
            file.write(f'[layers.{layer}]\npath = "{layer}.gpkg"\n')


def write_candidates(folder: Path, *, at: str = "", **changes: Any) -> None:
    """Write the layer of candidates, in one place or with other values in columns."""
    frame = pd.DataFrame(
        [(key, f"闲置{key}", cost, room) for key, (_, _, cost, room) in PLACES.items()],
        columns=["id", "name", "cost", "capacity"],
    ).assign(**changes)
    points = [point(*PLACES[at or key][:2]) for key in PLACES]
    gpd.GeoDataFrame(frame, geometry=points, crs=CRS).to_file(folder / "candidates.gpkg")


def site(folder: Path, **options: Any) -> SitingResult:
    """Ask where to build for the elderly-care circle."""
    return coverage.open_project(folder).site(S, **options)


def chosen(result: SitingResult) -> list[str]:
    """Return the candidates of a plan, best first."""
    return result.sites["candidate"].tolist()
