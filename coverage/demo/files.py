"""The demo's files: the same bytes every time."""

from __future__ import annotations

import csv
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.demo.estates import make_exclusions
from coverage.demo.figures import (
    CORE,
    CORE_SECTORS,
    COUNTY_CODE,
    COUNTY_NAME,
    CREMATION_ZONES,
    CRS,
    NOTICE,
    PROJECT_NAME,
    TOWNSHIPS,
    YEAR,
    YEARS,
)
from coverage.demo.land import RASTER_CELL_M, raster_corner
from coverage.demo.people import FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.people import Homes
    from coverage.demo.staff import Staff
    from coverage.demo.tiles import Tiles

    Positions = NDArray[np.int64]

_DATE = "2023-12-31T00:00:00.000Z"  # what GeoPackage calls the last change

_DIVIDED_IN = 2021  # year from which the new division holds

_PROJECT = f"""\
# A fictional district: every name, place and figure in this folder is invented.

[project]
name = "{PROJECT_NAME}"
year = {YEAR}
population_basis = "registered"
notice = "{NOTICE}"

[layers.townships]
path = "townships.gpkg"
[layers.communities]
path = "communities.gpkg"
[layers.facilities]
path = "facilities.xlsx"
datum = "wgs84"
[layers.demand]
path = "demand.gpkg"
[layers.water]
path = "water.gpkg"
[layers.elevation]
path = "elevation.tif"
[layers.counties]
path = "counties.gpkg"
[layers.projects]
path = "projects.xlsx"
datum = "wgs84"
[layers.estates]
path = "estates.xlsx"
datum = "wgs84"
[layers.candidates]
path = "candidates.xlsx"
datum = "wgs84"
[layers.exclusions]
path = "exclusions.gpkg"
[layers.entered]
path = "entered.xlsx"
[layers.zones]
path = "zones.csv"
[layers.crosswalk]
path = "crosswalk.csv"

[network]
path = "streets.osm.pbf"
snap_limit = 500
min_island = 1000

[walking]
speed = 0.9
direction = "round_trip"
"""
_PROJECT_YEAR = """
[years.{year}.layers.townships]
path = "townships_{year}.gpkg"
[years.{year}.layers.communities]
path = "communities_{year}.gpkg"
[years.{year}.layers.zones]
path = "zones_{year}.csv"
"""


def township_codes() -> list[str]:
    """Return the 9-digit code of each township, division of 2023."""
    return [COUNTY_CODE + unit.code for unit in TOWNSHIPS]


def community_codes(tiles: Tiles) -> list[str]:
    """Return the 12-digit code of each community: 001 on for 社区, 200 on for 村."""
    townships, seen, codes = township_codes(), Counter[tuple[int, bool]](), []
    for unit in zip(tiles.of_township.tolist(), tiles.urban.tolist(), strict=True):
        position, urban = unit
        codes.append(f"{townships[position]}{seen[unit] + (1 if urban else 200):03d}")
        seen[unit] += 1
    return codes


def suffix(year: int) -> str:
    """Return what a year's file names end in; the project's own year has nothing."""
    return "" if year == YEAR else f"_{year}"


@contextmanager
def dated() -> Iterator[None]:
    """Let GeoPackage note the same time of writing, always."""
    import pyogrio  # noqa: PLC0415 - start-up stays light

    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _DATE})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})


def _save(folder: Path, name: str, columns: dict[str, Any], geometry: Any) -> None:  # noqa: ANN401
    import geopandas as gpd  # noqa: PLC0415 - start-up stays light

    frame = gpd.GeoDataFrame(columns, geometry=list(geometry), crs=CRS)
    path = folder / f"{name}.gpkg"
    path.unlink(missing_ok=True)
    with dated():
        frame.to_file(path, layer=name, driver="GPKG", engine="pyogrio")


def write_units(
    folder: Path,
    tiles: Tiles,
    names: Sequence[str],
    totals: dict[int, dict[str, Positions]],
    staff: Staff,
) -> None:
    """Write townships, communities, counties, cremation zones and the crosswalk.

    Parameters
    ----------
    folder
        Where the project goes.
    tiles, names
        Communities and their names.
    totals
        People of each community by year and field.
    staff
        Who works there.
    """
    codes = community_codes(tiles)
    towns = shapely.normalize([
        shapely.coverage_union_all(tiles.polygons[tiles.of_township == k])
        for k in range(len(TOWNSHIPS))
    ])  # fmt: skip
    kinds = np.where(tiles.urban, "社区", "村").tolist()
    for year in YEARS:
        people = totals[year]
        columns: dict[str, Any] = {
            "code": codes,
            "name": list(names),
            "kind": kinds,
            "urban_code": _urban_codes(tiles),
            "township": [township_codes()[k] for k in tiles.of_township],
        }
        columns |= {**people, **staff.communities[year]}
        _save(folder, f"communities{suffix(year)}", columns, tiles.polygons)
        sums = {
            field: np.bincount(tiles.of_township, people[field]).astype(np.int64)
            for field in FIELDS
        }
        columns = {**_township_columns(), **sums, **staff.townships[year]}
        _save(folder, f"townships{suffix(year)}", columns, towns)
        _write_zones(folder / f"zones{suffix(year)}.csv", year)
    county = {"code": [COUNTY_CODE], "name": [COUNTY_NAME], "kind": ["区"]}
    whole = {field: [int(totals[YEAR][field].sum())] for field in FIELDS}
    _save(folder, "counties", county | whole, [shapely.coverage_union_all(towns)])
    _write_crosswalk(folder / "crosswalk.csv")


def _township_columns() -> dict[str, Any]:
    return {
        "code": township_codes(),
        "name": [unit.name for unit in TOWNSHIPS],
        "kind": [unit.kind for unit in TOWNSHIPS],
        "county": [COUNTY_CODE] * len(TOWNSHIPS),
        "is_main_urban": [k in CORE for k in range(len(TOWNSHIPS))],
        "has_condition": [unit.population >= 20_000 for unit in TOWNSHIPS],  # noqa: PLR2004
    }


def _urban_codes(tiles: Tiles) -> list[str]:
    # 111 main city, 112 its fringe, 121 seat of a town, 220 village
    codes = []
    for position, urban in zip(tiles.of_township.tolist(), tiles.urban.tolist(), strict=True):
        street = TOWNSHIPS[position].kind == "街道"
        inner = position in CORE_SECTORS
        codes.append(("111" if inner else "112" if street else "121") if urban else "220")
    return codes


def _write_table(path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _write_zones(path: Path, year: int) -> None:
    rows = [(township_codes()[k], TOWNSHIPS[k].name, "火化区", year) for k in CREMATION_ZONES[year]]
    _write_table(path, ("code", "name", "kind", "year"), rows)


def _write_crosswalk(path: Path) -> None:
    header = ("old_code", "old_name", "old_kind", "code", "name", "kind", "year")
    rows = [
        (
            COUNTY_CODE + u.old_code,
            u.old_name,
            u.old_kind,
            COUNTY_CODE + u.code,
            u.name,
            u.kind,
            "" if u.old_code == u.code else _DIVIDED_IN,
        )
        for u in TOWNSHIPS
    ]
    _write_table(path, header, rows)


def write_demand(folder: Path, tiles: Tiles, homes: Homes, people: dict[str, Positions]) -> None:
    """Write the places where people live, with the people of 2020.

    Parameters
    ----------
    folder
        Where the project goes.
    tiles, homes
        Communities and places.
    people
        Whole people at each place by field.
    """
    codes = np.array(community_codes(tiles))
    columns: dict[str, Any] = {
        "id": [f"D{k:05d}" for k in range(1, len(homes.xy) + 1)],
        "community": codes[homes.community],
    }
    weights = {field: people[field] for field in FIELDS if field != "elders65"}
    _save(folder, "demand", columns | weights, shapely.points(homes.xy))


def write_land(folder: Path, land: Land, county: Any) -> None:  # noqa: ANN401 - a polygon
    """Write water, heights, and where nothing may be built.

    Parameters
    ----------
    folder
        Where the project goes.
    land
        Rivers, reservoirs, raster.
    county
        Outline; water beyond it is left out.
    """
    import rasterio  # noqa: PLC0415 - start-up stays light

    parts = [shapely.intersection(part, county) for _, _, part in land.waters]
    columns = {"name": [w[0] for w in land.waters], "kind": [w[1] for w in land.waters]}
    _save(folder, "water", columns, parts)
    exclusions, kinds, areas = make_exclusions(land, county)
    _save(folder, "exclusions", {"name": exclusions, "kind": kinds}, areas)
    west, north = raster_corner()
    heights = land.heights.astype(np.int16)
    with rasterio.open(
        folder / "elevation.tif", "w", driver="GTiff", dtype="int16", count=1, crs=CRS,
        height=heights.shape[0], width=heights.shape[1], nodata=-9999, compress="deflate",
        predictor=2, tiled=True, blockxsize=128, blockysize=128,
        transform=rasterio.Affine(RASTER_CELL_M, 0, west, 0, -RASTER_CELL_M, north),
    ) as raster:  # fmt: skip
        raster.write(heights, 1)


def write_project(folder: Path) -> None:
    """Write ``project.toml``.

    Parameters
    ----------
    folder
        Where the project goes.
    """
    years = [_PROJECT_YEAR.format(year=year) for year in YEARS if year != YEAR]
    (folder / "project.toml").write_text(_PROJECT + "".join(years), encoding="utf-8", newline="\n")
