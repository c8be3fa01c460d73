"""The pages, in the order in which a planner works."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.web.pages import (
    coverage_page,
    data,
    export,
    help_page,
    indicators,
    overview,
    scenarios,
    siting_page,
)

if TYPE_CHECKING:
    from types import ModuleType

PAGES: dict[str, ModuleType] = {
    "overview": overview,
    "data": data,
    "coverage": coverage_page,
    "indicators": indicators,
    "siting": siting_page,
    "scenarios": scenarios,
    "export": export,
    "help": help_page,
}
