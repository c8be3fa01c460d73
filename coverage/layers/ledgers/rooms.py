"""Unfold the ledger of community rooms: one row a community, a group of columns a kind of room.

The sheet 社区综合服务设施 of community reporting systems counts, for each community, its working
rooms and its service rooms (hall, police, clinic, library, recreation, for people with
disabilities), each with number, floor area and year, and apart from them its outdoor ground.

The rooms of a community make one `community_service_facility`: its floor area is that of the
working rooms and of all service rooms, its functions are the service rooms it has, its year is that
of the working rooms, else the first of all. This is what floor area per 100 households and the
threshold of 300 m2 count. Rooms are not facilities of their own, or their area would count twice;
outdoor ground is no floor area and is never added.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import vocabulary
from coverage.layers.ledgers import values
from coverage.layers.ledgers.headers import JOIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from coverage.layers.files.raw import Raw
    from coverage.layers.issues import IssueLog

_WORKING = "工作用房"
_ROOM = re.compile(
    r"(工作用房|服务大厅|警务室|卫生室|图书室|文娱活动室|残疾人活动室|活动室|阅览室|服务室)$"
)
_PARTS = (
    ("area", re.compile(r"^(建筑|用房|使用)?面积$")),
    ("year", re.compile(r"^(投入使用)?(年份|时间)$")),
    ("count", re.compile(r"^(数量|个数|间数)$")),
)
_COMMUNITY = ("单位名称", "社区名称", "名称", "单位", "社区", "村(社区)", "村居")
_LEAST = 2  # rooms with an area make such a ledger
_NAME = "社区综合服务设施"


def room_columns(headers: Sequence[str]) -> dict[tuple[str, str], int]:
    """Return the position of each column of a room, by room and area, year or count.

    Empty where fewer than two rooms have an area: then the table is an ordinary one.
    """
    found: dict[tuple[str, str], int] = {}
    for position, header in enumerate(headers):
        *above, last = (vocabulary.header_key(level)[0] for level in header.split(JOIN))
        room = next((_ROOM.search(level) for level in reversed(above) if _ROOM.search(level)), None)
        part = next((name for name, pattern in _PARTS if pattern.match(last)), "")
        if room and part:
            found.setdefault((above[-1], part), position)
    areas = sum(part == "area" for _, part in found)
    return found if areas >= _LEAST else {}


def unfold(raw: Raw, issues: IssueLog) -> tuple[Raw, dict[str, int]]:
    """Return a ledger of rooms as a table of facilities, and where its fields were read.

    Another table comes back as it is, with no fields.

    Parameters
    ----------
    raw
        The table, headers joined.
    issues
        Where it is said what was added up, and which cells are no numbers.
    """
    columns = room_columns(raw.headers)
    keys = [vocabulary.header_key(header)[0] for header in raw.headers]
    community = next((keys.index(key) for key in _COMMUNITY if key in keys), None)
    if not columns or community is None:
        return raw, {}
    read = {key: _numbers(raw, position, issues) for key, position in columns.items()}
    rooms = list(dict.fromkeys(room for room, _ in columns))
    made = {
        "community": raw.cells[community],
        "name": raw.cells[community].str.strip() + _NAME,
        "category": pd.Series("community_service_facility", index=raw.cells.index, dtype="str"),
        "floor_area_m2": _written(_sum(read, rooms)),
        "open_year": _written(_year(read, rooms)),
        "functions": _functions(read, rooms),
    }
    kept = [i for i in range(len(keys)) if i not in columns.values() and keys[i] not in _COMMUNITY]
    headers = (*made, *(raw.headers[i] for i in kept))
    cells = pd.concat([pd.DataFrame(made), raw.cells[kept]], axis=1)
    unfolded = replace(
        raw, headers=headers, cells=cells.set_axis(range(len(headers)), axis=1), merged=()
    )
    issues.add(
        "info", "unfolded", layer="facilities", field="floor_area_m2",
        value="、".join(room for room, part in columns if part == "area"), count=len(raw.rows),
    )  # fmt: skip
    first = {part: columns[room, part] for room, part in reversed(columns)}
    where = {"community": community, "name": community, "floor_area_m2": first["area"]}
    return unfolded, where | ({"open_year": first["year"]} if "year" in first else {})


def _numbers(raw: Raw, position: int, issues: IssueLog) -> pd.Series:
    numbers, bad = values.number(raw.cells[position])
    for row in np.flatnonzero(bad):
        issues.add(
            "warning", "not_a_number", layer="facilities", row=raw.rows[row],
            field=raw.headers[position], value=raw.cells[position].iloc[row],
        )  # fmt: skip
    return numbers


def _sum(read: dict[tuple[str, str], pd.Series], rooms: list[str]) -> pd.Series:
    """Return the area of all rooms, NaN where no room has any."""
    areas = pd.concat([read[room, "area"] for room in rooms if (room, "area") in read], axis=1)
    return areas.sum(axis=1, min_count=1)


def _year(read: dict[tuple[str, str], pd.Series], rooms: list[str]) -> pd.Series:
    years = [read[room, "year"] for room in rooms if (room, "year") in read]
    if not years:
        return pd.Series(np.nan, index=next(iter(read.values())).index)
    working = [
        read[room, "year"] for room in rooms if room.endswith(_WORKING) and (room, "year") in read
    ]
    table = pd.concat(years, axis=1)
    earliest = table.where(table > 0).min(axis=1)
    return earliest if not working else working[0].where(working[0] > 0).fillna(earliest)


def _functions(read: dict[tuple[str, str], pd.Series], rooms: list[str]) -> pd.Series:
    there = {}
    for room in rooms:
        if room.endswith(_WORKING):
            continue
        parts = [read[room, part] > 0 for part in ("count", "area") if (room, part) in read]
        if parts:
            there[room] = np.logical_or.reduce(parts)
    table = pd.DataFrame(there, index=next(iter(read.values())).index)
    joined = [";".join(table.columns[row]) for row in table.to_numpy(dtype=bool)]
    return pd.Series(joined, index=table.index, dtype="str")


def _written(numbers: pd.Series) -> pd.Series:
    return values.text(numbers)
