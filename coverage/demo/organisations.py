"""Registered social organisations in the ledger, by the address they gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.demo.figures import COUNTY_NAME, YEARS, generator

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from coverage.demo.ledger import Writer

    Positions = NDArray[np.int64]

_COUNTS = (633, 671, 704)  # by 2020, 2023, 2025
_ASSOCIATION, _SERVICE = "社会团体", "民办非企业单位"
_WORDS = (
    ("老年体育协会", _ASSOCIATION),
    ("书画协会", _ASSOCIATION),
    ("果蔬种植协会", _ASSOCIATION),
    ("志愿者协会", _ASSOCIATION),
    ("商会", _ASSOCIATION),
    ("摄影协会", _ASSOCIATION),
    ("幼儿园", _SERVICE),
    ("职业培训学校", _SERVICE),
    ("艺术培训中心", _SERVICE),
    ("体育俱乐部", _SERVICE),
    ("社区公益服务中心", _SERVICE),
    ("康复服务中心", _SERVICE),
)
_LEFT = 3  # sites of a community that others may still need
_FOR_CHILDREN = (("萤火", 2019), ("小苗", 2022), ("彩虹", 2024))


def add_organisations(writer: Writer, people: Positions) -> None:
    """Add the organisations, most where most people live.

    Parameters
    ----------
    writer
        Of the ledger.
    people
        People of each community.
    """
    rng = generator(11)
    pull = people / people.sum()
    years = [
        *rng.integers(1998, YEARS[0] + 1, _COUNTS[0]),
        *rng.integers(YEARS[0] + 1, YEARS[1] + 1, _COUNTS[1] - _COUNTS[0]),
        *rng.integers(YEARS[1] + 1, YEARS[2] + 1, _COUNTS[2] - _COUNTS[1]),
    ]
    # no two of one name: pairs of a community and a word, each once
    pairs = rng.permutation(writer.count * len(_WORDS))
    likely = pull[pairs // len(_WORDS)]
    order = pairs[(rng.exponential(1, len(pairs)) / likely).argsort(kind="stable")].tolist()
    room = {community: writer.sites.free(community) - _LEFT for community in range(writer.count)}
    for opened in years:
        pair = next(pair for pair in order if room[pair // len(_WORDS)] > 0)
        order.remove(pair)
        community, word = divmod(pair, len(_WORDS))
        room[community] -= 1
        name, kind = _WORDS[word]
        _add(writer, kind, writer.stem(community) + name, community, int(opened))
    for number, (word, opened) in enumerate(_FOR_CHILDREN):
        name = f"{COUNTY_NAME}{word}儿童关爱中心"
        _add(writer, "儿童类社会组织", name, writer.seat(number) + 1, opened)


def _add(writer: Writer, kind: str, name: str, community: int, opened: int) -> None:
    place = writer.sites.take(community)
    writer.add(kind, name, community, place, 级别="区级", 投入使用年份=opened)
