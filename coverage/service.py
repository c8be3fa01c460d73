"""A service: who should reach what, how, and within how many minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mode = Literal["walk", "drive"]
# which way trips lead between people and facilities
Direction = Literal["to", "from", "round_trip"]


@dataclass(frozen=True, kw_only=True)
class Service:
    """Name a service that coverage, accessibility and siting share.

    Parameters
    ----------
    name
        Identifier, used in column names: ``elderly_circle``.
    categories
        Canonical facility categories that offer the service; any one of them will do.
    weight
        Field of the demand that is counted: ``elders60``, ``population``, ``buildings``.
    mode
        ``walk`` or ``drive``.
    minutes
        Limit of a trip, inclusive.
    decay
        How use falls with minutes in floating catchments; ``binary`` counts all within the limit.
    title_zh, title_en
        What people call it.
    """

    name: str
    categories: tuple[str, ...]
    weight: str
    mode: Mode = "walk"
    minutes: float = 15.0
    decay: str = "binary"
    title_zh: str = ""
    title_en: str = ""

    def title(self, language: str) -> str:
        """Return the service's name for people, its identifier where it has none."""
        return (self.title_zh if language == "zh" else self.title_en) or self.name
