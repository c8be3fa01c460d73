"""What stands where, since when: the whole ledger.

Counts of 2020 are those of a published plan and built in; later years add to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.demo.eldercare import (
    add_centres,
    add_institutions,
    add_new_house,
    add_station,
    add_stations,
    add_village_points,
)
from coverage.demo.figures import TOWNSHIPS, YEARS
from coverage.demo.ledger import Ledger, Writer
from coverage.demo.organisations import add_organisations
from coverage.demo.projects import add_projects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from coverage.demo.places import Sites
    from coverage.demo.tiles import Tiles

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

# category as the ledger has it, words after the unit's name, where, how many in 2020, 2023, 2025
_SIMPLE = (
    ("社工站", "社工站", "township", 12, 21, 26),
    ("未成年人保护工作站", "未成年人保护工作站", "township", 0, 21, 27),
    ("残疾人之家", "残疾人之家", "township", 6, 11, 17),
    ("精神障碍社区康复站", "精神障碍社区康复站", "township", 4, 9, 15),
    ("节地生态安葬点", "节地生态安葬点", "township", 3, 9, 19),
    ("未保点", "未成年人保护点", "community", 0, 24, 46),
    ("儿童之家", "儿童之家", "community", 62, 98, 150),
    ("慈善工作站", "慈善工作站", "community", 10, 34, 72),
    ("社会工作室", "社会工作室", "community", 18, 64, 142),
    ("老年食堂", "老年食堂", "urban", 12, 38, 74),
    ("日间照料中心", "老年人日间照料中心", "urban", 0, 14, 23),
    ("社区卫生服务站", "社区卫生服务站", "urban", 44, 58, 70),
    ("村卫生室", "卫生室", "rural", 118, 131, 142),
)
_COUNTY = (
    # category, name, township, opened
    ("殡仪馆", "澄川区殡仪馆", 2, 2006),
    ("城市公益性公墓", "翠屏山陵园", 2, 2016),
    ("经营性公墓", "福寿山公墓", 4, 2004),
    ("经营性公墓", "松鹤园公墓", 5, 2011),
    ("经营性公墓", "澜山墓园", 9, 2024),
    ("公益性安放设施", "澄川区公益性骨灰楼", 2, 2015),
    ("殡仪服务站", "白洲殡仪服务站", 7, 2022),
    ("殡仪服务站", "鹭洲殡仪服务站", 14, 2023),
    ("殡仪服务站", "龙隐殡仪服务站", 18, 2024),
    ("殡仪服务站", "石泊殡仪服务站", 20, 2025),
    ("婚姻登记处", "澄川区婚姻登记处", 1, 2009),
    ("救助管理站", "澄川区救助管理站", 5, 2010),
    ("儿童福利院", "澄川区儿童福利院", 4, 2012),
    ("精神卫生福利机构", "澄川区精神卫生福利院", 6, 2022),
    ("未成年人救助保护中心", "澄川区未成年人救助保护中心", 4, 2021),
    ("社会组织孵化园", "澄川区社会组织孵化园", 1, 2019),
    ("社会组织创新园", "苇湾社会组织创新园", 8, 2024),
    ("智慧养老院", "锦堤智慧养老院", 1, 2023),
    ("智慧养老社区", "柳渡智慧养老社区", 5, 2025),
    ("特困人员供养服务设施", "澄川区特困人员供养服务中心", 5, 2018),
    ("失能特困照护中心", "棠渚失能特困照护中心", 9, 2022),
    ("失能特困照护中心", "鹭洲失能特困照护中心", 14, 2023),
    ("失能特困照护中心", "龙隐失能特困照护中心", 18, 2024),
    ("失能特困照护中心", "赤岩失能特困照护中心", 16, 2024),
    ("失能特困照护中心", "桑榆失能特困照护中心", 10, 2025),
    ("区域性养老服务中心", "沙渡区域性养老服务中心", 11, 2022),
    ("区域性养老服务中心", "百草区域性养老服务中心", 13, 2023),
    ("区域性养老服务中心", "新月区域性养老服务中心", 19, 2023),
    ("区域性养老服务中心", "驿坪区域性养老服务中心", 17, 2024),
    ("区域性养老服务中心", "橘洲区域性养老服务中心", 15, 2025),
    ("区域性养老服务中心", "青禾区域性养老服务中心", 12, 2025),
)
_AGENCIES = (
    "同行",
    "暖阳",
    "益家",
    "青禾苗",
    "心桥",
    "澜岸",
    "和风",
    "守望",
    "星火",
    "微光",
    "相伴",
    "向善",
)
# old 乡镇 with a rural cemetery in 2020: one of them is a 街道 since
_CEMETERIES_2020 = (9, 14, 18, 21)
_LOTTERY = (123, 141, 153)  # by 2020, 2023, 2025; two closed in 2022


def make_ledger(
    tiles: Tiles,
    sites: Sites,
    names: Sequence[str],
    totals: dict[int, dict[str, Positions]],
    beyond: Points,
) -> Ledger:
    """Write the ledger.

    Parameters
    ----------
    tiles, sites
        Communities, and where facilities may stand.
    names
        Names of the communities.
    totals
        People of each community by year and field.
    beyond
        Two places beyond the county's border.
    """
    writer = Writer(tiles, sites, names)
    _service_facilities(writer, totals)
    add_stations(writer, totals[2020]["elders60"])
    add_village_points(writer, totals[2020]["elders60"])
    add_centres(writer)
    moved = add_institutions(writer)
    add_projects(writer)
    _simple(writer)
    _health_centres(writer)
    _county_wide(writer)
    _cemeteries(writer)
    _lottery(writer, totals[2020]["population"])
    _idle(writer)
    _closed(writer)
    _planned(writer)
    add_new_house(writer, *moved)
    add_organisations(writer, totals[2020]["population"])
    _across_the_border(writer, beyond)
    for number, row in enumerate(writer.ledger.rows, start=1):
        row["编号"] = f"MZ{number:04d}"
    return writer.ledger


def _service_facilities(writer: Writer, totals: dict[int, dict[str, Positions]]) -> None:
    # 119 in 2020, of which 72 have 30 m² per 100 households and 48 a volunteer station
    order = writer.mixed(writer.urban)[:96] + writer.mixed(writer.rural)[:23]
    order = writer.mixed(order)
    late = writer.mixed(np.setdiff1d(np.arange(writer.count), order))
    years = writer.opened((119, 194, 289))
    households = totals[2020]["households"]
    enough = [*[True] * 72, *[False] * 47]
    spots: list[tuple[int, Points, int, bool]] = []
    for number, community in enumerate([*order, *late][:289]):
        old = number < 119  # noqa: PLR2004 - those of 2020
        passes = enough[number] if old else writer.rng.uniform() < 0.78  # noqa: PLR2004
        base = int(households[community] if old else totals[2025]["households"][community])
        rate = writer.rng.uniform(32, 52) if passes else writer.rng.uniform(12, 27)
        place = writer.sites.middle(community)
        flag = number % 5 < 2 if old else writer.rng.uniform() < 0.75  # noqa: PLR2004
        urban = bool(writer.tiles.urban[community])
        label = "党群服务中心" if urban else "便民服务中心"
        writer.add(
            "社区综合服务设施" if number % 3 else label,
            writer.stem(community) + label,
            community,
            place,
            建筑面积=int(np.ceil(base * rate / 100)),
            投入使用年份=years[number],
            是否设志愿服务站点="是" if flag else "否",
            服务功能="政务服务、议事协商、便民服务",
            建设方式=("新建", "改扩建", "配建", "租赁")[int(writer.rng.integers(4))],
            产权性质=("自有", "自有", "共建", "租赁")[int(writer.rng.integers(4))],
            专职人员=int(writer.rng.integers(5, 16)),
        )
        spots.append((community, place, years[number], bool(flag)))
    _volunteers(writer, spots)


def _volunteers(writer: Writer, spots: list[tuple[int, Points, int, bool]]) -> None:
    for community, place, opened, flag in spots:
        early = opened <= YEARS[0]
        if flag or (early and writer.rng.uniform() < 0.5):  # noqa: PLR2004
            since = opened if flag else int(writer.rng.integers(2021, 2026))
            writer.add(
                "志愿服务站",
                writer.stem(community) + "志愿服务站",
                community,
                place + writer.rng.uniform(-4, 4, 2),
                投入使用年份=since,
            )


def _simple(writer: Writer) -> None:
    units = {
        "township": range(len(TOWNSHIPS)),
        "community": range(writer.count),
        "urban": writer.urban,
        "rural": writer.rural,
    }
    for category, words, where, *counts in _SIMPLE:
        order = writer.mixed(units[where])[: counts[2]]
        years = writer.opened((counts[0], counts[1], counts[2]))
        for number, (unit, opened) in enumerate(zip(order, years, strict=True)):
            by_township = where == "township"
            community = writer.seat(unit) if by_township else unit
            name = TOWNSHIPS[unit].name if by_township else writer.stem(unit)
            # a few rooms are on the ledger without coordinates
            bare = category in {"社会工作室", "慈善工作站"} and number % 19 == 5  # noqa: PLR2004
            writer.add(
                category,
                name + words,
                community,
                None if bare else writer.sites.take(community),
                投入使用年份=opened,
                建筑面积=int(writer.rng.integers(24, 160)),
                级别="乡镇级" if by_township else "社区级",
                专职人员=int(writer.rng.integers(1, 5)),
                **_extras(writer, category, community),
            )


def _extras(writer: Writer, category: str, community: int) -> dict[str, Any]:
    if category == "老年食堂":
        # a canteen also feeds the next community of its township
        after = (community + 1) % writer.count
        same = writer.tiles.of_township[after] == writer.tiles.of_township[community]
        served = [community, after] if same else [community]
        return {"服务社区": "、".join(writer.names[k] for k in served), "服务功能": "助餐"}
    if category == "日间照料中心":
        return {
            "日托床位": int(writer.rng.integers(10, 25)),
            "服务功能": "日托、助餐、康复",
            "医养结合方式": ("签约", "邻近")[int(writer.rng.integers(2))],
        }
    if category == "节地生态安葬点":
        return {"是否有节地生态安葬区": "是"}
    return {}


def _health_centres(writer: Writer) -> None:
    for township, unit in enumerate(TOWNSHIPS):
        street = unit.kind == "街道"
        community = writer.seat(township)
        writer.add(
            "社区卫生服务中心" if street else "乡镇卫生院",
            unit.name + ("社区卫生服务中心" if street else "卫生院"),
            community,
            writer.sites.middle(community),
            级别="街道级" if street else "乡镇级",
            建筑面积=int(writer.rng.integers(1500, 6000)),
            投入使用年份=int(writer.rng.integers(1990, 2015)),
        )


def _county_wide(writer: Writer) -> None:
    extras: dict[str, dict[str, Any]] = {
        "殡仪馆": {"环保火化炉": 4},
        "婚姻登记处": {"是否设婚姻家庭辅导室": "是"},
        "城市公益性公墓": {"是否有节地生态安葬区": "是"},
        "经营性公墓": {"是否有节地生态安葬区": "是"},
    }
    for category, name, township, opened in _COUNTY:
        own = np.flatnonzero(writer.tiles.of_township == township)
        burial = category in {"殡仪馆", "城市公益性公墓", "经营性公墓", "公益性安放设施"}
        community = int(own[-1] if burial else own[0])
        writer.add(
            category,
            name,
            community,
            writer.sites.take(community),
            级别="区级",
            投入使用年份=opened,
            建筑面积=int(writer.rng.integers(600, 4200)),
            **extras.get(category, {}),
        )
    for number, (word, since) in enumerate(zip(_AGENCIES, writer.opened((6, 9, 12)), strict=True)):
        community = writer.seat((0, 1, 2, 8, 5, 4)[number % 6]) + 2 + number // 6
        writer.add(
            "社会工作服务机构",
            f"澄川区{word}社会工作服务中心",
            community,
            writer.sites.take(community),
            级别="区级",
            投入使用年份=since,
            建筑面积=int(writer.rng.integers(60, 260)),
            专职人员=int(writer.rng.integers(4, 22)),
        )


def _cemeteries(writer: Writer) -> None:
    # in 4 of the 18 乡镇 of the old division, then 14 more
    towns = [k for k, unit in enumerate(TOWNSHIPS) if unit.old_kind != "街道"]
    rest = writer.mixed([k for k in towns if k not in _CEMETERIES_2020])
    years = [2014, 2016, 2018, 2019, *[2021, 2022, 2022, 2023, 2023], *[2024] * 5, *[2025] * 3]
    for township, opened in zip([*_CEMETERIES_2020, *rest], years, strict=False):
        community = int(np.flatnonzero(writer.tiles.of_township == township)[-1])
        writer.add(
            "农村公益性公墓",
            writer.short(township) + "农村公益性公墓",
            community,
            writer.sites.take(community),
            级别="乡镇级",
            投入使用年份=opened,
            是否有节地生态安葬区="是" if opened > YEARS[0] else "否",
        )


def _lottery(writer: Writer, people: Positions) -> None:
    years = writer.opened(_LOTTERY)
    share = people * np.where(writer.tiles.urban, 1.0, 0.35)
    units = writer.rng.choice(writer.count, len(years), p=share / share.sum())
    for number, (community, opened) in enumerate(zip(units.tolist(), years, strict=True)):
        closing = {"状态": "停用", "停用年份": 2022} if number in {7, 61} else {}
        place = None if number % 30 == 11 else writer.sites.take(community)  # noqa: PLR2004
        writer.add(
            "福利彩票销售网点",
            f"福彩{50990001 + number}号投注站",
            community,
            place,
            投入使用年份=opened,
            建筑面积=int(writer.rng.integers(15, 70)),
            **closing,
        )


def _idle(writer: Writer) -> None:
    # built, and not used by anyone yet
    idle = {"状态": "建成未运营"}
    for community in (writer.seat(5) + 3, writer.seat(7) + 2):
        add_station(writer, community, 2019, **idle)
    for community in writer.rural[[40, 90, 140]].tolist():
        writer.add(
            "农村互助养老点",
            writer.stem(community) + "互助幸福院（二期）",
            community,
            writer.sites.take(community),
            投入使用年份=2020,
            建筑面积=140,
            **idle,
        )


def _closed(writer: Writer) -> None:
    # the last one without a year of closing: it never counts
    for community, closed in ((writer.seat(0) + 4, 2018), (writer.seat(2) + 9, 2019)):
        add_station(writer, community, 2012, 状态="停用", 停用年份=closed)
    community = writer.seat(12)
    writer.add(
        "敬老院",
        "青禾镇老敬老院",
        community,
        writer.sites.take(community),
        状态="停用",
        停用年份=2017,
        投入使用年份=1996,
        床位数=36,
        护理型床位=6,
        建筑面积=900,
    )
    community = writer.seat(13)
    writer.add(
        "社区综合服务设施",
        "百草老便民服务点",
        community,
        writer.sites.take(community),
        状态="停用",
        投入使用年份=2003,
        建筑面积=110,
    )


def _planned(writer: Writer) -> None:
    for community in writer.mixed(writer.urban)[:5]:
        writer.add(
            "日间照料中心",
            writer.stem(community) + "日间照料中心",
            community,
            writer.sites.take(community),
            状态="规划",
            投入使用年份=2026,
            建筑面积=420,
        )


def _across_the_border(writer: Writer, beyond: Points) -> None:
    # people near the border use them; no unit of the county has them
    for category, name, place, opened in (
        ("社区养老服务站", "邻区桥头养老服务站", beyond[0], 2022),
        ("村卫生室", "邻区界山卫生室", beyond[1], 2015),
    ):
        row = writer.add(category, name, 0, place + np.array([9.0, 13.0]), 投入使用年份=opened)
        row["所属乡镇"] = row["所属社区"] = ""
