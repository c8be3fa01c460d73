"""The built-in figures of the fictional district: who lives where, in which year.

Magnitudes follow a published five-year plan (population 1,148,300, of whom 232,400 are 60 or
older, 303 communities in 27 townships over 2,940 km²); names, places and the distribution are
invented.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEED = 20201101
CRS = "EPSG:4545"  # CGCS2000, 3-degree zone around 108 E, metres
ORIGIN = (432_000.0, 3_287_000.0)  # middle of the canvas, easting and northing
AREA_KM2 = 2940.0
COUNTY_CODE = "500199"
COUNTY_NAME = "澄川区"
PROJECT_NAME = "澄川区（虚构）"
NOTICE = "演示数据（虚构）"
YEARS = (2020, 2023, 2025)
YEAR = 2023

# registered people of the whole district by year
TOTALS: dict[int, dict[str, int]] = {
    2020: {
        "population": 1_148_300,
        "elders60": 232_400,
        "elders65": 160_760,
        "elders80": 36_070,
        "households": 468_694,
    },
    2023: {
        "population": 1_142_600,
        "elders60": 249_900,
        "elders65": 168_400,
        "elders80": 39_320,
        "households": 472_310,
    },
    2025: {
        "population": 1_137_900,
        "elders60": 262_700,
        "elders65": 170_900,
        "elders80": 42_140,
        "households": 475_040,
    },
}


@dataclass(frozen=True, kw_only=True)
class Township:
    """A township with its figures of 2020 and its place on the canvas.

    Parameters
    ----------
    name
        Name with its kind, division of 2023 and 2025.
    code
        Last three digits of its code.
    old_name, old_code
        The same in the division of 2020.
    population, elders60, households
        People of 2020.
    urban, rural
        Number of 社区 and of 村.
    seat
        Place of its seat, km east and north of the canvas' middle.
    area_km2
        Area aimed at.
    """

    name: str
    code: str
    old_name: str
    old_code: str
    population: int
    elders60: int
    households: int
    urban: int
    rural: int
    seat: tuple[float, float]
    area_km2: float

    @property
    def kind(self) -> str:
        """Return 街道, 镇 or 乡."""
        return _kind(self.name)

    @property
    def old_kind(self) -> str:
        """Return 街道, 镇 or 乡 in the division of 2020."""
        return _kind(self.old_name)


def _kind(name: str) -> str:
    return "街道" if name.endswith("街道") else name[-1]


# fmt: off
_ROWS = (
    # name, code, old name, old code, people, 60+, households, 社区, 村, seat, km²
    ("望澜街道", "001", "", "", 79460, 15020, 31755, 13, 0, (-0.3, 1.3), 4.6),
    ("锦堤街道", "002", "", "", 157952, 25143, 63124, 17, 2, (-3.5, 0.6), 15.0),
    ("青荷街道", "003", "", "", 227722, 36249, 91006, 22, 12, (-1.2, -1.9), 108.0),
    ("北津街道", "004", "", "", 38761, 8098, 15490, 4, 8, (-0.5, 4.0), 84.0),
    ("东渚街道", "005", "", "", 48451, 10123, 19363, 6, 7, (6.6, 0.2), 92.0),
    ("柳渡街道", "006", "", "", 63956, 12726, 25559, 7, 6, (-14.6, 2.4), 92.0),
    ("云桥街道", "007", "", "", 26164, 5727, 11123, 3, 6, (-10.2, -5.6), 70.0),
    ("白洲街道", "008", "", "", 38761, 8484, 16479, 5, 13, (13.2, -9.4), 201.0),
    ("苇湾街道", "009", "", "", 148261, 22126, 59251, 10, 0, (3.6, 0.2), 12.0),
    ("棠渚街道", "010", "棠渚镇", "100", 28102, 7269, 11947, 3, 9, (-22.8, -2.2), 104.0),
    ("桑榆街道", "011", "桑榆镇", "101", 22288, 5765, 9476, 2, 8, (-20.2, 13.8), 100.0),
    ("沙渡镇", "102", "", "", 17443, 5032, 7416, 1, 11, (24.6, 4.2), 80.0),
    ("青禾镇", "103", "", "", 16473, 4753, 7004, 2, 9, (-18.2, -11.6), 108.0),
    ("百草镇", "104", "", "", 28102, 7828, 11947, 1, 19, (-6.6, 15.2), 168.0),
    ("鹭洲镇", "105", "", "", 40699, 10933, 17303, 2, 16, (9.6, 14.2), 190.0),
    ("橘洲镇", "106", "", "", 20350, 5669, 8652, 1, 9, (14.4, 3.2), 112.0),
    ("赤岩镇", "107", "", "", 22288, 5987, 9476, 2, 10, (23.0, -6.6), 160.0),
    ("驿坪镇", "108", "", "", 20350, 5669, 8652, 1, 9, (-1.8, -11.8), 130.0),
    ("龙隐镇", "109", "", "", 24226, 6748, 10299, 2, 10, (-9.6, -15.0), 138.0),
    ("新月镇", "110", "", "", 21319, 6151, 9064, 1, 8, (-26.8, -9.6), 118.0),
    ("石泊镇", "111", "", "", 13566, 3914, 5768, 1, 5, (-30.0, 4.6), 96.0),
    ("同禾镇", "112", "同禾乡", "200", 10659, 3075, 4532, 1, 4, (-3.2, -20.8), 92.0),
    ("大椿镇", "113", "大椿乡", "201", 8721, 2603, 3708, 1, 3, (-20.0, -20.2), 88.0),
    ("增泉镇", "114", "增泉乡", "202", 7752, 2314, 3296, 1, 3, (-11.4, -23.6), 84.0),
    ("松萝镇", "115", "松萝乡", "203", 8721, 2603, 3708, 1, 3, (22.6, 18.4), 150.0),
    ("云杉乡", "204", "", "", 3392, 1046, 1442, 0, 1, (9.4, -22.4), 140.0),
    ("雾岭乡", "205", "", "", 4361, 1345, 1854, 0, 2, (20.6, -18.6), 185.0),
)
# fmt: on

TOWNSHIPS: tuple[Township, ...] = tuple(
    Township(
        name=row[0],
        code=row[1],
        old_name=row[2] or row[0],
        old_code=row[3] or row[1],
        population=row[4],
        elders60=row[5],
        households=row[6],
        urban=row[7],
        rural=row[8],
        seat=row[9],
        area_km2=row[10],
    )
    for row in _ROWS
)

CORE = (0, 1, 2, 8)  # positions of the four streets that are the city
CORE_SECTORS = (0, 1, 2, 3, 4, 8)  # townships whose 社区 lie in the city's street grid

# positions of the townships where cremation is the rule, by year
CREMATION_ZONES: dict[int, tuple[int, ...]] = {
    2020: (0, 1, 2, 3, 4),
    2023: (0, 1, 2, 3, 4, 5, 8),
    2025: (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16),
}


def generator(stage: int) -> np.random.Generator:
    """Return the random numbers of a stage: stages do not disturb one another."""
    return np.random.default_rng([SEED, stage])


def split_exactly(total: int, weights: NDArray[Any]) -> NDArray[np.int64]:
    """Split a whole number in proportion to weights by largest remainders.

    Parameters
    ----------
    total
        What is split.
    weights
        Non-negative, not all zero.

    Returns
    -------
    NDArray[np.int64]
        Whole numbers that sum to `total`; ties go to the lower position.
    """
    shares = np.asarray(weights, dtype=float) / np.sum(weights) * total
    parts: NDArray[np.int64] = np.floor(shares + 1e-9).astype(np.int64)
    rest = total - int(parts.sum())
    order = np.argsort(-np.round(shares - parts, 9), kind="stable")
    parts[order[:rest]] += 1
    return parts
