"""Where people live: blocks in towns, hamlets in villages, and how many in which year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage.demo.figures import CORE, TOTALS, TOWNSHIPS, YEARS, generator, split_exactly
from coverage.demo.land import city_norm
from coverage.demo.streets import beside

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.demo.grids import Grid
    from coverage.demo.land import Land
    from coverage.demo.reach import Walks
    from coverage.demo.streets import Streets
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

FIELDS = ("population", "elders60", "elders65", "elders80", "households")
_HAMLETS = (15, 23)  # of a village
_FAR_HAMLETS = 70  # beyond the snap limit of any street


@dataclass(frozen=True)
class Homes:
    """Places where people live.

    Parameters
    ----------
    xy
        Middles of blocks and hamlets, in metres.
    community
        Position of the community each lies in.
    size
        Relative number of people.
    """

    xy: Points
    community: Positions
    size: Points


def locate(xy: Points, tiles: Tiles) -> Positions:
    """Return the position of the community each place lies in, -1 outside the county."""
    found = shapely.STRtree(tiles.polygons).query(shapely.points(xy), predicate="within")
    inside = np.full(len(xy), -1, dtype=np.int64)
    inside[found[0]] = found[1]
    return inside


def make_homes(
    tiles: Tiles, land: Land, grids: Sequence[Grid], streets: Streets, walks: Walks
) -> Homes:
    """Place the blocks of the towns and the hamlets of the villages.

    Parameters
    ----------
    tiles
        Communities; each gets at least four places.
    land
        Nobody lives on water, nor on the far bank of the nearest street.
    grids
        Whose blocks are inhabited.
    streets, walks
        Hamlets lie beside streets, save a few that lie far from any.
    """
    rng = generator(7)
    blocks = np.vstack([grid.blocks for grid in grids])
    size = np.concatenate([grid.size for grid in grids]) / 2e4
    size = (
        size
        * np.exp(rng.normal(0, 0.35, len(size)))
        * (0.6 + np.clip(1.5 - city_norm(blocks), 0, 1))
    )
    community = locate(blocks, tiles)
    known = community >= 0
    parts = [(blocks[known], community[known], size[known])]
    parts.append(_hamlets(rng, tiles, streets, community[known]))
    parts.append(_remote(rng, tiles, walks))
    parts.append(_islanders(rng, tiles, streets))
    xy = np.round(np.vstack([part[0] for part in parts]), 2).astype(np.float64)
    owner = np.concatenate([part[1] for part in parts])
    weight = np.concatenate([part[2] for part in parts])
    good = (locate(xy, tiles) == owner) & _dry(xy, land, walks)
    order = np.lexsort([xy[good][:, 0], xy[good][:, 1], owner[good]])
    return Homes(xy[good][order], owner[good][order], weight[good][order])


def _dry(xy: Points, land: Land, walks: Walks) -> NDArray[np.bool_]:
    ends = walks.legs(xy)[1]
    legs = shapely.linestrings(np.stack([xy, ends + 1e-6], axis=1))
    return land.clear_of_water(legs, 0) & land.clear_of_water(shapely.points(xy), 15)


def _hamlets(
    rng: np.random.Generator, tiles: Tiles, streets: Streets, settled: Positions
) -> tuple[Points, Positions, Points]:
    ends = streets.xy[streets.edges]
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    count = np.maximum(1, np.rint(length / 55)).astype(int)
    edge = np.repeat(np.arange(len(ends)), count)
    share = rng.uniform(0, 1, len(edge))
    away = (18 + rng.exponential(38, len(edge))) * rng.choice([-1, 1], len(edge))
    xy = beside(ends[edge], share, away)
    community = locate(xy, tiles)
    houses = np.bincount(settled, minlength=len(tiles.urban))
    chosen, sizes = [], []
    for unit in np.flatnonzero(~tiles.urban | (houses < 4)):  # noqa: PLR2004 - places a community needs
        members = np.flatnonzero(community == unit)
        far = np.hypot(*(xy[members] - tiles.xy[tiles.centres[unit]]).T)
        likely = np.exp(-far / 600) + 0.02
        wanted = min(len(members), int(rng.integers(*_HAMLETS)))
        picked = rng.choice(len(members), wanted, replace=False, p=likely / likely.sum())
        chosen.append(members[picked])
        sizes.append(np.exp(rng.normal(0, 0.3, wanted)) * (0.45 + 1.2 * np.exp(-far[picked] / 700)))
    places = np.concatenate(chosen)
    return xy[places], community[places], np.concatenate(sizes)


def _remote(
    rng: np.random.Generator, tiles: Tiles, walks: Walks
) -> tuple[Points, Positions, Points]:
    low, high = tiles.xy.min(axis=0), tiles.xy.max(axis=0)
    xy = rng.uniform(low, high, (6000, 2))
    community = locate(xy, tiles)
    leg = walks.legs(xy)[0]
    far = (community >= 0) & (leg > 520) & (leg < 1400)  # noqa: PLR2004 - beyond the snap limit
    far &= ~tiles.urban[community]
    picked = np.flatnonzero(far)[:_FAR_HAMLETS]
    return xy[picked], community[picked], rng.uniform(0.15, 0.45, len(picked))


def _islanders(
    rng: np.random.Generator, tiles: Tiles, streets: Streets
) -> tuple[Points, Positions, Points]:
    xy = np.vstack([middle + rng.uniform(-180, 180, (4, 2)) for middle in streets.islands])
    return xy, locate(xy, tiles), rng.uniform(0.2, 0.5, len(xy))


def make_totals(tiles: Tiles) -> dict[int, dict[str, Positions]]:
    """Return the people of each community: year, field, then one number a community.

    Parameters
    ----------
    tiles
        Communities; the figures of 2020 sum to each township's, those of every year to the
        county's.
    """
    rng = generator(8)
    count = len(tiles.urban)
    rural = ~tiles.urban
    weight = np.where(rural, 1.0, 3.2) * np.exp(rng.normal(0, 0.22, count))
    weight *= np.where(tiles.urban & np.isin(tiles.of_township, CORE), 1.8, 1.0)
    greying = np.where(rural, 1.3, 1.0) * np.exp(rng.normal(0, 0.08, count))
    crowding = np.where(rural, 2.7, 2.4) * np.exp(rng.normal(0, 0.05, count))
    base = {field: np.zeros(count, dtype=np.int64) for field in FIELDS}
    for position, unit in enumerate(TOWNSHIPS):
        own = np.flatnonzero(tiles.of_township == position)
        people = split_exactly(unit.population, weight[own])
        base["population"][own] = people
        base["elders60"][own] = split_exactly(unit.elders60, people * greying[own])
        base["households"][own] = split_exactly(unit.households, people / crowding[own])
    older = base["elders60"] * np.where(rural, 1.06, 1.0)
    for field, spread in (("elders65", 0.02), ("elders80", 0.06)):
        share = older * np.exp(rng.normal(0, spread, count))
        base[field] = split_exactly(TOTALS[YEARS[0]][field], share)
    years = {YEARS[0]: base}
    drift = rng.normal(0, 0.012, count) + np.where(rural, -0.012, 0.006)
    for year in YEARS[1:]:
        change = np.exp(drift * (year - YEARS[0]))
        years[year] = {
            field: split_exactly(TOTALS[year][field], base[field] * change) for field in FIELDS
        }
    return years


def share_out(homes: Homes, totals: dict[str, Positions], tilt: Points) -> dict[str, Positions]:
    """Return whole people at each place; each community's sum is exact.

    Parameters
    ----------
    homes
        Places.
    totals
        People of each community by field.
    tilt
        How much likelier an older person lives at a place than its size says.
    """
    out = {field: np.zeros(len(homes.xy), dtype=np.int64) for field in FIELDS}
    for unit in range(len(totals["population"])):
        own = np.flatnonzero(homes.community == unit)
        for field in ("population", "households"):
            out[field][own] = split_exactly(int(totals[field][unit]), homes.size[own])
        elders = split_exactly(int(totals["elders60"][unit]), homes.size[own] * tilt[own])
        out["elders60"][own] = elders
        for field in ("elders65", "elders80"):
            out[field][own] = split_exactly(int(totals[field][unit]), elders.astype(float))
    return out
