"""The ledger of facilities: its columns, its rows, and who writes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.demo.figures import TOWNSHIPS, generator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from coverage.demo.places import Sites
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

COLUMNS = (
    "编号",
    "设施名称",
    "设施类型",
    "级别",
    "所属乡镇",
    "所属社区",
    "经度",
    "纬度",
    "建筑面积",
    "床位数",
    "护理型床位",
    "日托床位",
    "认知障碍床位",
    "服务功能",
    "状态",
    "投入使用年份",
    "停用年份",
    "服务社区",
    "运营方式",
    "专职人员",
    "持证养老护理员",
    "星级",
    "医养结合方式",
    "是否设志愿服务站点",
    "建设方式",
    "产权性质",
    "是否有节地生态安葬区",
    "环保火化炉",
    "是否设婚姻家庭辅导室",
)


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A row of another list, with its place.

    Parameters
    ----------
    row
        Its cells by header.
    place
        In metres.
    facility
        Row of the ledger that stands for the same house, where there is one.
    """

    row: dict[str, Any]
    place: Points
    facility: dict[str, Any] | None = None


@dataclass
class Ledger:
    """Rows of facilities with their places.

    Parameters
    ----------
    rows
        One dictionary a facility, by the ledger's headers.
    xy
        Place of each in metres; NaN where the ledger has no coordinates.
    circle
        Whether a facility counts for the 15-minute elder-care circle.
    projects
        The plan's list of projects.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    xy: list[Points] = field(default_factory=list)
    circle: list[bool] = field(default_factory=list)
    projects: list[Listed] = field(default_factory=list)

    def places(self, year: int) -> Points:
        """Return the places of the circle's facilities that work in a year."""
        chosen = [
            xy
            for row, xy, counts in zip(self.rows, self.xy, self.circle, strict=True)
            if counts and works(row, year)
        ]
        return np.vstack(chosen)


_CIRCLE = {
    "社区养老服务站",
    "日间照料中心",
    "街道养老服务中心",
    "乡镇养老服务中心",
    "社区养老服务综合体",
    "农村互助养老点",
}


def works(row: dict[str, Any], year: int) -> bool:
    """Return whether a facility works in a year."""
    if row["状态"] not in {"运营", "停用"} or row["投入使用年份"] > year:
        return False
    closed = row.get("停用年份")
    return bool(year < closed if closed else row["状态"] == "运营")


class Writer:
    """Adds facilities to the ledger: names, units and places once, counts by the callers."""

    def __init__(self, tiles: Tiles, sites: Sites, names: Sequence[str]) -> None:
        self.rng = generator(10)
        self.tiles, self.sites, self.names = tiles, sites, names
        self.ledger = Ledger()
        self.count = len(names)
        self.urban = np.flatnonzero(tiles.urban)
        self.rural = np.flatnonzero(~tiles.urban)

    def add(
        self,
        category: str,
        name: str,
        community: int,
        place: Points | None,
        **more: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        """Add a facility of a community and return its row, which may still be changed."""
        township = TOWNSHIPS[int(self.tiles.of_township[community])].name
        row = {
            "设施名称": name,
            "设施类型": category,
            "级别": "社区级",
            "所属乡镇": township,
            "所属社区": self.names[community],
            "状态": "运营",
        } | more
        self.ledger.rows.append(row)
        self.ledger.xy.append(np.array([np.nan, np.nan]) if place is None else place)
        self.ledger.circle.append(category in _CIRCLE)
        return row

    def opened(self, counts: tuple[int, int, int]) -> list[int]:
        """Return opening years: so many by 2020, 2023 and 2025."""
        first = self.rng.integers(2010, 2021, counts[0]).tolist()
        then = self.rng.integers(2021, 2024, counts[1] - counts[0]).tolist()
        last = self.rng.integers(2024, 2026, counts[2] - counts[1]).tolist()
        return [int(year) for year in (*first, *then, *last)]

    def seat(self, township: int) -> int:
        """Return the community in which a township's seat lies."""
        return int(np.flatnonzero(self.tiles.of_township == township)[0])

    def short(self, township: int) -> str:
        """Return a township's name without its kind."""
        return TOWNSHIPS[township].name.removesuffix("街道").removesuffix("镇").removesuffix("乡")

    def stem(self, community: int) -> str:
        """Return a community's name, with which names of facilities begin."""
        return self.names[community]

    def mixed(self, units: Iterable[int], pull: Points | None = None) -> list[int]:
        """Return units in a random order, those with more pull likelier first."""
        units = np.array(list(units))
        key = self.rng.exponential(1, len(units))
        return [
            int(k) for k in units[np.argsort(key / (1 if pull is None else pull), kind="stable")]
        ]
