"""What a scenario changes: one small frozen class an edit, its fields the keys of the file.

A place is given by ``lon`` and ``lat`` (WGS84), by ``x`` and ``y`` (metres in the project's
coordinate system), or by a ``community`` (code or name). Vertices of lines and polygons are pairs:
degrees where both numbers are degrees, else metres. ``year`` is the year from which an edit holds;
without it, it holds in every year.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Vertices: TypeAlias = tuple[tuple[float, float], ...]
LinkMode = Literal["walk", "drive", "both"]


@dataclass(frozen=True, kw_only=True)
class Add:
    """Let a facility be built; it counts from `open_year` on, without one in every year.

    Numbers that are not given are unknown. `serves` adds units by code or name, as the column of
    the facilities layer does.
    """

    action: ClassVar[str] = "add"

    id: str
    category: str
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    community: str = ""
    open_year: int | None = None
    floor_area_m2: float | None = None
    beds_total: float | None = None
    beds_nursing: float | None = None
    capacity: float | None = None
    serves: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Move:
    """Let a facility stand elsewhere."""

    action: ClassVar[str] = "move"

    id: str
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    community: str = ""
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Resize:
    """Give a facility other amounts; those that are not given stay as they are."""

    action: ClassVar[str] = "resize"

    id: str
    floor_area_m2: float | None = None
    beds_total: float | None = None
    beds_nursing: float | None = None
    capacity: float | None = None
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Close:
    """Let a facility no longer count."""

    action: ClassVar[str] = "close"

    id: str
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Reopen:
    """Let a facility that is closed or idle operate again."""

    action: ClassVar[str] = "reopen"

    id: str
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """Build a street, a path or a bridge; it joins the streets at its two ends only.

    `speed` is that of cars in km/h; people walk it as they walk elsewhere.
    """

    action: ClassVar[str] = "link"

    line: Vertices
    mode: LinkMode = "both"
    speed: float = 30.0
    name: str = ""
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Barrier:
    """Close the streets across a line or inside a polygon, to cars and on foot."""

    action: ClassVar[str] = "barrier"

    line: Vertices | None = None
    polygon: Vertices | None = None
    name: str = ""
    year: int | None = None


@dataclass(frozen=True, kw_only=True)
class Housing:
    """Let people move in, at a place or spread evenly over a polygon.

    They are people more, not people who move: units and rates grow by them. Elders that are not
    given are none.
    """

    action: ClassVar[str] = "housing"

    id: str
    households: float
    population: float
    elders60: float = 0.0
    elders65: float = 0.0
    elders80: float = 0.0
    name: str = ""
    lon: float | None = None
    lat: float | None = None
    x: float | None = None
    y: float | None = None
    polygon: Vertices | None = None
    community: str = ""
    year: int | None = None


Placed: TypeAlias = Add | Move | Housing
Edit: TypeAlias = Add | Move | Resize | Close | Reopen | Link | Barrier | Housing

KINDS: Mapping[str, type[Edit]] = {
    kind.action: kind for kind in (Add, Move, Resize, Close, Reopen, Link, Barrier, Housing)
}


def table_of(edit: Edit) -> dict[str, Any]:
    """Return an edit as its table in the file: the action, then what is not left at its default.

    Parameters
    ----------
    edit
        The edit.
    """
    given = {
        field.name: value
        for field in fields(edit)
        if (value := getattr(edit, field.name)) != field.default
    }
    return {"action": edit.action, **{key: _plain(value) for key, value in given.items()}}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of an edit
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
