"""Make a scenario of chosen sites: the facilities as they would be built."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.scenario import Add, Close, Scenario

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd

    from coverage.scenario import Edit

_AMOUNTS = ("floor_area_m2", "capacity")


def scenario_from_sites(
    sites: gpd.GeoDataFrame,
    category: str,
    *,
    name: str,
    base: Scenario | None = None,
    description: str = "",
    closed: Sequence[str] = (),
) -> Scenario:
    """Return a scenario in which facilities stand at some sites.

    Parameters
    ----------
    sites
        A row a site: candidate, name, floor_area_m2, capacity, open_year and category where there
        are such; points in the project's coordinate system.
    category
        What is built.
    name
        Name of the scenario.
    base
        Scenario whose edits come first; by default the baseline.
    description
        What the scenario is about.
    closed
        Ids of facilities that close.
    """
    taken = {getattr(edit, "id", "") for edit in base.edits} if base is not None else set()
    edits: list[Edit] = [Close(id=identifier) for identifier in closed]
    for _, site in sites.iterrows():
        amounts: dict[str, Any] = {
            key: float(site[key]) for key in _AMOUNTS if not np.isnan(site[key])
        }
        edits.append(
            Add(
                id=_free(f"new-{site['candidate']}", taken),
                name=site["name"] or "",
                category=site.get("category", category),
                # metres, to the last digit: degrees would move a place by a hair
                x=float(site.geometry.x),
                y=float(site.geometry.y),
                open_year=int(site["open_year"]) if "open_year" in site else None,
                **amounts,
            )
        )
    scenario = Scenario(name=name, description=description)
    if base is not None:
        scenario = replace(scenario, edits=base.edits)
    for edit in edits:
        scenario = scenario.with_edit(edit)
    return scenario


def _free(identifier: str, taken: set[str]) -> str:
    """Return an id that the base has not given yet: it may have built at the same place."""
    free, number = identifier, 2
    while free in taken:
        free, number = f"{identifier}-{number}", number + 1
    return free
