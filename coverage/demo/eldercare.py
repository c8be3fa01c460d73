"""Elder care in the ledger: stations, village points, centres, institutions and their beds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.demo.figures import CORE, TOWNSHIPS, YEARS, split_exactly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.demo.ledger import Writer

    Points = NDArray[np.float64]
    Positions = NDArray[np.int64]

_CENTRES_2023 = (0, 1, 2, 3, 5, 8, 11, 13, 14, 16, 18, 19, 20, 23)  # townships with a centre
_CENTRES_LATE = (25,)  # still missing in 2025
_INSTITUTIONS, _BEDS, _NURSING = 48, 5108, 2554
_BEDS_A_CAREGIVER = 13
_REBUILT, _REBUILT_IN = 40, 2022  # the institution that moves into a new house, and when


def add_station(writer: Writer, community: int, opened: int, **more: Any) -> None:  # noqa: ANN401
    """Add a community elder-care station near the middle of a community.

    Parameters
    ----------
    writer
        Of the ledger.
    community
        Where it stands and whom it serves.
    opened
        Year.
    **more
        Cells that differ from the usual.
    """
    modes = ("签约", "邻近", "无") if opened > YEARS[0] else ("邻近", "无", "无")
    writer.add(
        "社区养老服务站",
        writer.stem(community) + "养老服务站",
        community,
        writer.sites.middle(community),
        **(
            {
                "建筑面积": int(writer.rng.integers(180, 620)),
                "投入使用年份": opened,
                "日托床位": int(writer.rng.integers(4, 13)),
                "专职人员": int(writer.rng.integers(2, 7)),
                "服务功能": "日托、助餐、文娱"
                if writer.rng.uniform() < 0.6  # noqa: PLR2004 - share of the smaller ones
                else "日托、助餐、助浴、上门",
                "医养结合方式": modes[int(writer.rng.integers(3))],
                "运营方式": ("公建民营", "社区自营", "委托运营")[int(writer.rng.integers(3))],
            }
            | more
        ),
    )


def add_stations(writer: Writer, elders: Positions) -> None:
    """Add the stations of the 社区 and the complexes of the streets.

    Parameters
    ----------
    writer
        Of the ledger.
    elders
        Older people of each community: where many live, stations come first.
    """
    # 62 by 2020 and 81 by 2023, first where most people live; two stay without
    pull = elders[writer.urban] * np.where(
        np.isin(writer.tiles.of_township[writer.urban], CORE), 1.6, 1
    )
    order = writer.mixed(writer.urban, pull.astype(float) ** 1.2)
    years = writer.opened((62, 81, 108))
    for number, community in enumerate(order[:108]):
        more = {"医养结合方式": "签约"} if number < 6 else {}  # noqa: PLR2004 - of the 24 of 2020
        add_station(writer, community, years[number], **more)
    for community in order[108:]:
        add_station(writer, community, 2026, 状态="在建")
    for township, opened in ((1, 2019), (2, 2020), (8, 2023), (5, 2024), (4, 2025)):
        community = writer.seat(township) + 1
        writer.add(
            "社区养老服务综合体",
            writer.short(township) + "社区养老服务综合体",
            community,
            writer.sites.middle(community),
            级别="街道级",
            建筑面积=int(writer.rng.integers(1200, 2600)),
            日托床位=int(writer.rng.integers(20, 45)),
            投入使用年份=opened,
            医养结合方式="内设",
            服务功能="全托、日托、上门、助餐、助浴、康复",
            运营方式="公建民营",
            专职人员=18,
        )


def add_village_points(writer: Writer, elders: Positions) -> None:
    """Add the mutual-aid points of the villages.

    Parameters
    ----------
    writer
        Of the ledger.
    elders
        Older people of each community: where many live, points come first.
    """
    # in 110 of 193 villages in 2020, 164 in 2023, 190 in 2025
    order = writer.mixed(writer.rural, elders[writer.rural].astype(float))
    years = writer.opened((110, 164, 190))
    for number, community in enumerate(order[:190]):
        writer.add(
            "农村互助养老点",
            writer.stem(community) + ("互助幸福院" if number % 3 else "互助养老点"),
            community,
            writer.sites.middle(community),
            建筑面积=int(writer.rng.integers(80, 320)),
            日托床位=int(writer.rng.integers(2, 9)),
            投入使用年份=years[number],
            服务功能="日托、助餐、文娱",
            运营方式="村级互助",
            专职人员=int(writer.rng.integers(1, 4)),
            医养结合方式="签约" if number < 3 or number >= 164 else "无",  # noqa: PLR2004
        )


def add_centres(writer: Writer) -> None:
    """Add one elder-care centre a township, none of them before 2021.

    Parameters
    ----------
    writer
        Of the ledger.
    """
    for township, unit in enumerate(TOWNSHIPS):
        street = unit.kind == "街道"
        label = "街道养老服务中心" if street else "乡镇养老服务中心"
        early = township in _CENTRES_2023
        opened = int(writer.rng.integers(2021, 2024) if early else writer.rng.integers(2024, 2026))
        community = writer.seat(township)
        late = {"状态": "在建", "投入使用年份": 2026} if township in _CENTRES_LATE else {}
        writer.add(
            label,
            unit.name + "养老服务中心",
            community,
            writer.sites.middle(community),
            **(
                {
                    "级别": "街道级" if street else "乡镇级",
                    "建筑面积": int(writer.rng.integers(700, 2100)),
                    "日托床位": int(writer.rng.integers(15, 40)),
                    "投入使用年份": opened,
                    "服务功能": "全托、日托、上门、助餐、对下指导",
                    "医养结合方式": "签约",
                    "运营方式": "公建民营",
                    "专职人员": int(writer.rng.integers(8, 20)),
                }
                | late
            ),
        )


def add_institutions(writer: Writer) -> tuple[dict[str, Any], int]:
    """Add the institutions of 2020 with their beds.

    Parameters
    ----------
    writer
        Of the ledger.

    Returns
    -------
    tuple
        Row and community of the one that moves: see `add_new_house`.
    """
    # 48 with 5,108 beds, half of them nursing beds; 13 of the 24 with medical care are here
    towns = [*range(len(TOWNSHIPS)), *CORE, *CORE, 1, 2, 2, 8, 5, 5, 4, 3, 9, 14, 13, 18, 7]
    public = np.arange(_INSTITUTIONS) < len(TOWNSHIPS)
    weight = np.where(public, 0.8, 1.3) * np.exp(writer.rng.normal(0, 0.45, _INSTITUTIONS))
    beds = split_exactly(_BEDS - 30 * _INSTITUTIONS, weight) + 30
    nursing = split_exactly(_NURSING, beds * writer.rng.uniform(0.35, 0.65, _INSTITUTIONS))
    care = ["内设"] * 6 + ["签约"] * 7 + ["邻近"] * 12 + ["无"] * 23
    care = [care[k] for k in writer.rng.permutation(_INSTITUTIONS)]
    words = ("颐和", "夕照", "金晖", "康宁", "怡馨", "长青", "松鹤", "福满", "慈安", "春晖", "乐邻")
    for number, township in enumerate(towns[:_INSTITUTIONS]):
        unit = TOWNSHIPS[township]
        own = np.flatnonzero(writer.tiles.of_township == township)
        community = int(own[int(writer.rng.integers(min(len(own), 4)))])
        name = f"{unit.name}敬老院"
        own_home = bool(public[number])
        if not own_home:
            end = ("养老院", "老年公寓", "养护院")[number % 3]
            name = f"{writer.short(township)}{words[number % len(words)]}{end}"
        closing = {"状态": "停用", "停用年份": _REBUILT_IN} if number == _REBUILT else {}
        row = writer.add(
            "敬老院" if own_home else "养老机构",
            name,
            community,
            writer.sites.take(community),
            **(
                home_cells(
                    writer, int(beds[number]), int(nursing[number]), public=bool(public[number])
                )
                | {
                    "投入使用年份": int(writer.rng.integers(2002, 2021)),
                    "医养结合方式": care[number],
                }
                | closing
            ),
        )
        if number == _REBUILT:
            moved = row, community
    return moved


def add_new_house(writer: Writer, moved: dict[str, Any], community: int) -> None:
    """Add the new house of the institution that moves, with as many beds as the old one.

    Parameters
    ----------
    writer
        Of the ledger.
    moved
        Row of the old house.
    community
        Where both stand.
    """
    kept = {key: value for key, value in moved.items() if not key.startswith(("设施", "停用"))}
    opened = {"状态": "运营", "投入使用年份": _REBUILT_IN, "建设方式": "新建"}
    name = moved["设施名称"] + "（迁建）"
    writer.add("养老机构", name, community, writer.sites.take(community), **(kept | opened))


def home_cells(writer: Writer, beds: int, nursing: int, *, public: bool) -> dict[str, Any]:
    """Return the cells of an institution that say how large it is and what it offers.

    Parameters
    ----------
    writer
        Of the ledger.
    beds, nursing
        All beds, and the nursing beds among them.
    public
        Whether a township runs it.
    """
    whole = writer.rng.uniform() < 0.55  # noqa: PLR2004 - share with comprehensive functions
    return {
        "级别": "乡镇级" if public else "区级",
        "建筑面积": int(beds * writer.rng.uniform(26, 42)),
        "床位数": beds,
        "护理型床位": nursing,
        "认知障碍床位": int(beds * 0.06) if beds > 100 else 0,  # noqa: PLR2004
        "服务功能": "全托、日托、上门、康复" if whole else "全托、助餐",
        "运营方式": "公办" if public else ("民办", "公建民营")[int(writer.rng.integers(2))],
        "专职人员": int(np.ceil(beds / 5)),
        "持证养老护理员": round(beds / _BEDS_A_CAREGIVER),
        "星级": ("", "二星", "三星", "四星")[int(writer.rng.choice(4, p=[0.55, 0.25, 0.14, 0.06]))],
    }
