"""New housing estates, idle buildings that could be used, and where nothing may be built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from coverage.demo.figures import CORE_SECTORS, TOWNSHIPS, generator
from coverage.demo.land import canvas
from coverage.demo.ledger import Listed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.demo.land import Land
    from coverage.demo.places import Sites
    from coverage.demo.tiles import Tiles

ESTATE_COLUMNS = (
    "编号",
    "小区名称",
    "所属乡镇",
    "所属社区",
    "经度",
    "纬度",
    "户数",
    "建成年度",
    "社区用房面积",
    "养老用房面积",
    "移交状态",
)
BUILDING_COLUMNS = (
    "编号",
    "名称",
    "所属乡镇",
    "所属社区",
    "经度",
    "纬度",
    "建筑面积",
    "估算投资（万元）",
    "服务能力",
)
_ESTATES = 48
_ESTATE_YEARS = (2016, 2024)
_FIRST, _SECOND = "澜锦映翠云荷棠梧汀橘鹭杉", ("湾华府", "悦里", "江语", "名苑", "雅筑")
_RURAL, _URBAN = 42, 22  # idle buildings
_WHAT = {True: ("闲置用房", "原办公用房", "原集体厂房"), False: ("原村小学", "原村委会", "原粮站")}
_COST_A_M2 = (900, 2600)  # yuan
_M2_A_PERSON = 1.6
_BANK_M = 60.0  # kept free along rivers
_SHORE_M = 300.0  # and around reservoirs
_RESERVE_KM = ((25.2, -14.4), 3.4, 2.6, "雾岭自然保护地")
_CORNER_M = 15.0  # outlines are drawn no finer


def make_estates(tiles: Tiles, sites: Sites, names: Sequence[str]) -> list[Listed]:
    """Return the estates built in the city's streets, with the rooms that they had to provide.

    Parameters
    ----------
    tiles, sites
        Communities, and where buildings may stand.
    names
        Names of the communities.
    """
    rng = generator(13)
    inner = np.flatnonzero(tiles.urban & np.isin(tiles.of_township, CORE_SECTORS))
    chosen = rng.choice(inner, _ESTATES, replace=False)
    found = []
    for number, community in enumerate(chosen.tolist(), start=1):
        households = int(rng.integers(180, 1900))
        year = int(rng.integers(*_ESTATE_YEARS))
        rooms = rng.uniform(30, 42) if rng.uniform() < 0.8 else rng.uniform(12, 28)  # noqa: PLR2004
        care = rng.uniform(20, 28) if rng.uniform() < 0.7 else rng.uniform(4, 19)  # noqa: PLR2004
        stem = _FIRST[number % len(_FIRST)] + _SECOND[number % len(_SECOND)]
        row = {
            "编号": f"XQ{number:03d}",
            "小区名称": f"{names[community].removesuffix('社区')}{stem}",
            **_belongs(tiles, names, community),
            "户数": households,
            "建成年度": year,
            "社区用房面积": int(np.ceil(households * rooms / 100)),
            "养老用房面积": int(np.ceil(households * care / 100)),
            "移交状态": "已移交" if rng.uniform() < 0.85 else "未移交",  # noqa: PLR2004
        }
        found.append(Listed(row=row, place=sites.take(community)))
    return found


def make_idle_buildings(tiles: Tiles, sites: Sites, names: Sequence[str]) -> list[Listed]:
    """Return buildings that stand empty and could hold a station.

    Parameters
    ----------
    tiles, sites
        Communities, and where buildings stand.
    names
        Names of the communities.
    """
    rng = generator(14)
    rural = rng.choice(np.flatnonzero(~tiles.urban), _RURAL, replace=False)
    urban = rng.choice(np.flatnonzero(tiles.urban), _URBAN, replace=False)
    found = []
    for number, community in enumerate([*rural.tolist(), *urban.tolist()], start=1):
        area = int(rng.integers(12, 90)) * 10
        words = _WHAT[bool(tiles.urban[community])]
        row = {
            "编号": f"XZ{number:03d}",
            "名称": names[community] + words[int(rng.integers(len(words)))],
            **_belongs(tiles, names, community),
            "建筑面积": area,
            "估算投资（万元）": round(area * float(rng.uniform(*_COST_A_M2)) / 10_000, 1),
            "服务能力": round(area / _M2_A_PERSON),
        }
        found.append(Listed(row=row, place=sites.take(community)))
    return found


def _belongs(tiles: Tiles, names: Sequence[str], community: int) -> dict[str, str]:
    township = TOWNSHIPS[int(tiles.of_township[community])].name
    return {"所属乡镇": township, "所属社区": names[community]}


def make_exclusions(land: Land, county: Any) -> tuple[list[str], list[str], NDArray[Any]]:  # noqa: ANN401
    """Return names, kinds and polygons of where nothing may be built.

    Parameters
    ----------
    land
        Whose banks and shores are kept free.
    county
        Outline; what lies beyond is left out.
    """
    middle, across, along, name = _RESERVE_KM
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    wave = 1 + 0.12 * np.sin(3 * turn) + 0.06 * np.cos(7 * turn)
    ring = canvas(np.array(middle) + np.column_stack([across * np.cos(turn), along * np.sin(turn)])
                  * wave[:, None])  # fmt: skip
    names, kinds, shapes = [name], ["自然保护地"], [shapely.polygons(ring)]
    for water, kind, outline in land.waters:
        river = kind == "river"
        belt = shapely.buffer(outline, _BANK_M if river else _SHORE_M, quad_segs=4)
        names.append(f"{water}{'河道管理范围' if river else '水源保护区'}")
        kinds.append("河道管理范围" if river else "水源保护区")
        shapes.append(shapely.simplify(belt, _CORNER_M))
    inside = shapely.intersection(np.array(shapes), county)
    return names, kinds, shapely.set_precision(inside, 0.01)
