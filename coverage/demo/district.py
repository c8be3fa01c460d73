"""The whole fictional district, from the land to the people, and the files it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.demo import files
from coverage.demo.books import write_books
from coverage.demo.estates import make_estates, make_idle_buildings
from coverage.demo.facilities import make_ledger
from coverage.demo.figures import TOWNSHIPS
from coverage.demo.grids import make_city, make_town
from coverage.demo.land import levelled, make_land
from coverage.demo.names import community_names
from coverage.demo.people import make_homes, make_totals, share_out
from coverage.demo.places import Sites
from coverage.demo.reach import WALK_M, Walks
from coverage.demo.roads import make_roads
from coverage.demo.staff import make_staff
from coverage.demo.streets import make_streets, write_pbf
from coverage.demo.tiles import make_tiles, town_radius_m

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.ledger import Ledger, Listed
    from coverage.demo.people import Homes
    from coverage.demo.staff import Staff
    from coverage.demo.streets import Streets
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_CIRCLE = {2020: 0.55, 2023: 0.73}  # share of older people within 15 minutes of elder care


@dataclass(frozen=True, kw_only=True)
class District:
    """Everything that is drawn and counted.

    Parameters
    ----------
    land, tiles, streets
        Rivers and heights; communities; streets.
    names
        Names of the communities.
    homes, people
        Where people live, and how many in 2020.
    totals
        People of each community by year and field.
    staff
        Who works in communities and townships, by year.
    ledger
        Facilities.
    estates, idle
        New housing estates; buildings that stand empty.
    """

    land: Land
    tiles: Tiles
    streets: Streets
    names: list[str]
    homes: Homes
    people: dict[str, Positions]
    totals: dict[int, dict[str, Positions]]
    staff: Staff
    ledger: Ledger
    estates: list[Listed]
    idle: list[Listed]


def make_district() -> District:
    """Draw the district."""
    land = make_land()
    tiles = make_tiles(land)
    towns = [k for k in range(len(TOWNSHIPS)) if town_radius_m(k)]
    seats = tiles.xy[tiles.seats]
    land = levelled(land, np.vstack([tiles.xy[tiles.centres[~tiles.urban]], seats[towns]]))
    city = make_city(land)
    grids = {k: make_town(k, seats[k], land) for k in towns}
    roads = make_roads(tiles, land, city, grids)
    lines = [*city.ways, *(way for grid in grids.values() for way in grid.ways), *roads.ways]
    streets = make_streets(lines, roads.motorway, tiles, land)
    walks = Walks(streets)
    homes = make_homes(tiles, land, (city, *grids.values()), streets, walks)
    names = community_names(tiles.of_township, tiles.urban)
    totals = make_totals(tiles)
    sites = Sites(tiles, land, streets, homes)
    ledger = make_ledger(tiles, sites, names, totals, streets.beyond)
    tilt = _tilt(homes, totals, ledger, walks)
    people = share_out(homes, totals[2020], tilt)
    return District(
        land=land,
        tiles=tiles,
        streets=streets,
        names=names,
        homes=homes,
        people=people,
        totals=totals,
        staff=make_staff(tiles, totals),
        ledger=ledger,
        estates=make_estates(tiles, sites, names),
        idle=make_idle_buildings(tiles, sites, names),
    )


def _tilt(
    homes: Homes, totals: dict[int, dict[str, Positions]], ledger: Ledger, walks: Walks
) -> Points:
    # older people live somewhat more, or less, near the facilities than the others: that much
    # that the share within reach is the one published
    near = {year: walks.to_nearest(homes.xy, ledger.places(year)) <= WALK_M for year in _CIRCLE}
    first, then = near[2020], near[2023]
    tilt = np.ones(len(homes.xy))
    for _ in range(20):
        tilt = _tilted(homes, totals[2023], then, tilt, _CIRCLE[2023])
        tilt = _tilted(homes, totals[2020], first, tilt, _CIRCLE[2020])
    return tilt


def _tilted(
    homes: Homes,
    totals: dict[str, Positions],
    reached: NDArray[np.bool_],
    tilt: Points,
    aim: float,
) -> Points:
    # bisection for the factor on the places within reach that gives the share aimed at
    low, high = 0.1, 10.0
    for _ in range(40):
        factor = float(np.sqrt(low * high))
        size = homes.size * tilt * np.where(reached, factor, 1.0)
        whole = np.bincount(homes.community, size)
        share = np.bincount(homes.community, size * reached) / whole
        got = float((share * totals["elders60"]).sum() / totals["elders60"].sum())
        low, high = (factor, high) if got < aim else (low, factor)
    return tilt * np.where(reached, factor, 1.0)


def write_district(folder: Path, district: District) -> None:
    """Write all files of the project.

    Parameters
    ----------
    folder
        Where they go; files of the same names are replaced.
    district
        What they hold.
    """
    county = shapely.coverage_union_all(district.tiles.polygons)
    files.write_units(folder, district.tiles, district.names, district.totals, district.staff)
    files.write_demand(folder, district.tiles, district.homes, district.people)
    files.write_land(folder, district.land, county)
    write_books(folder, district.ledger, district.estates, district.idle)
    write_pbf(district.streets, folder / "streets.osm.pbf")
    files.write_project(folder)
