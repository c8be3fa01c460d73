"""Names of communities and streets: natural Chinese, all invented."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.demo.figures import TOWNSHIPS, generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_VILLAGE_FIRST = (
    "石青白龙云双大长高金黄红桐竹松柏梨桃茶柳枫槐榆杏荷莲菱蓼芦鹤雁鹊燕鹿马牛羊月星霞雾雨泉"
)
_VILLAGE_SECOND = "桥坪湾溪坝岩林井沟岭坡塘冲垭田堰门场滩坳庙台"
_TOWN_FIRST = "锦华春文望滨翠朝映听临景兰芳瑞和泰安祥永丰宁康乐嘉怡雅清澜沐"
_TOWN_SECOND = "苑园台坊亭堤桥庭岸湖江山湾"
_STREET_FIRST = (
    "望澜锦川文峰北津青荷柳岸映月听涛枫林桂香梧桐兰亭春晖"
    "朝阳翠屏鹭汀芦花橘颂沐风溪山云帆竹影松涛霞飞长堤"
)
# names that real places near such a district bear
_TAKEN = frozenset(
    (
        "双龙",
        "西桥",
        "团结",
        "罗云坝",
        "聚宝",
        "三门子",
        "插旗",
        "稻香",
        "乐道",
        "石垭",
        "大寨",
        "黄桷",
        "金桥",
        "白马",
        "青龙",
        "石龙",
        "大坪",
        "高桥",
        "龙桥",
        "龙潭",
        "青羊",
        "白涛",
        "石沱",
        "大木",
        "松林",
        "梨香",
        "云桥",
    )
)


def community_names(of_township: NDArray[np.int64], urban: NDArray[np.bool_]) -> list[str]:
    """Return a name for each community, unique in the county.

    Parameters
    ----------
    of_township
        Position of each community's township.
    urban
        Whether it is a 社区, else a 村.
    """
    rng = generator(3)
    seats = [unit.name.removesuffix(unit.kind) for unit in TOWNSHIPS]
    rural = iter(_pairs(rng, _VILLAGE_FIRST, _VILLAGE_SECOND, seats))
    town = iter(_pairs(rng, _TOWN_FIRST, _TOWN_SECOND, seats))
    # the first 社区 of a township bears the township's name
    first = dict(enumerate(seats))
    names = []
    for position, is_urban in zip(of_township.tolist(), urban.tolist(), strict=True):
        if is_urban:
            names.append((first.pop(position, "") or next(town)) + "社区")
        else:
            names.append(next(rural) + "村")
    return names


def _pairs(rng: np.random.Generator, first: str, second: str, seats: list[str]) -> list[str]:
    pairs = [a + b for a in dict.fromkeys(first) for b in dict.fromkeys(second) if a != b]
    pairs = [pair for pair in pairs if pair not in _TAKEN and pair not in seats]
    return [pairs[k] for k in rng.permutation(len(pairs))]


def street_names(count: int, kinds: str) -> list[str]:
    """Return names of city streets, the same every time.

    Parameters
    ----------
    count
        How many; at most 380.
    kinds
        Their last words in turn, for instance ``"路街"``.
    """
    words = list(dict.fromkeys(_STREET_FIRST))
    stems = [a + b for shift in range(1, 12) for a, b in zip(words, words[shift:], strict=False)]
    stems = stems[::3] + stems[1::3] + stems[2::3]
    return [stems[k] + kinds[k % len(kinds)] for k in range(count)]
