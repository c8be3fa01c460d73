"""Who works in communities and townships, and what they organise, by year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.demo.figures import TOWNSHIPS, YEARS, generator

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from coverage.demo.tiles import Tiles

    Positions = NDArray[np.int64]

_WORKERS_PER_10K = {2020: 11.5, 2023: 15.5, 2025: 18.3}  # of an urban community's people
_VILLAGE_WORKERS = (3, 6)
# share of communities, or number of townships, that have one by a year
_CHILD_DIRECTORS = {2020: 0.84, 2023: 0.97, 2025: 1.0}
_ASSISTANTS = {2020: 0.35, 2023: 0.72, 2025: 0.95}
_HELPERS = {2020: 0.28, 2023: 0.66, 2025: 0.93}  # villages only
_RENOVATED = {2020: 0.22, 2023: 0.51, 2025: 0.84}  # urban only
_SPECIALISTS = {2020: 8, 2023: 22, 2025: 27}


@dataclass(frozen=True)
class Staff:
    """Columns of the layers of units by year and field.

    Parameters
    ----------
    communities, townships
        One value a unit.
    """

    communities: Mapping[int, Mapping[str, Any]]
    townships: Mapping[int, Mapping[str, Any]]


def make_staff(tiles: Tiles, totals: Mapping[int, Mapping[str, Positions]]) -> Staff:
    """Staff communities and townships; who has somebody keeps them.

    Parameters
    ----------
    tiles
        Communities.
    totals
        People of each community by year and field.
    """
    rng = generator(12)
    count, urban = len(tiles.urban), tiles.urban
    village = rng.integers(*_VILLAGE_WORKERS, count)
    first = rng.integers(0, 3, count)
    groups = np.where(urban, rng.integers(4, 11, count), rng.integers(1, 5, count))
    poor = rng.uniform(0.012, 0.045, count)
    turn = {
        name: rng.permutation(count) / count
        for name in ("child_director", "assist_worker", "elder_helper", "renovated")
    }
    order = rng.permutation(len(TOWNSHIPS))
    communities, townships = {}, {}
    for step, year in enumerate(YEARS):
        people = totals[year]["population"]
        workers = np.maximum(np.rint(people * _WORKERS_PER_10K[year] / 10_000), 5)
        communities[year] = {
            "community_workers": np.where(urban, workers, village).astype(np.int64),
            "sw_professionals": np.where(urban, first + step, np.maximum(first + step - 2, 0)),
            "community_orgs": groups + step * np.where(urban, 2, 1),
            "poor_count": np.rint(people * poor).astype(np.int64),
            "child_director": turn["child_director"] < _CHILD_DIRECTORS[year],
            "assist_worker": turn["assist_worker"] < _ASSISTANTS[year],
            "elder_helper": ~urban & (turn["elder_helper"] < _HELPERS[year]),
            "renovated": urban & (turn["renovated"] < _RENOVATED[year]),
        }
        townships[year] = {"minor_specialist": order < _SPECIALISTS[year]}
    return Staff(communities, townships)
