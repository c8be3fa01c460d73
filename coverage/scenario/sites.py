"""Make a scenario of places that siting has found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.scenario.checks import AMOUNTS, read_edit
from coverage.scenario.edits import Add
from coverage.scenario.scenario import Scenario

if TYPE_CHECKING:
    import geopandas as gpd


def scenario_from_sites(
    name: str,
    sites: gpd.GeoDataFrame,
    *,
    category: str,
    title: str = "",
    open_year: int | None = None,
) -> Scenario:
    """Return a scenario in which a facility is built at each site.

    Parameters
    ----------
    name
        Name of the scenario.
    sites
        Points in any coordinate system, in the order of building; columns id, name,
        floor_area_m2, beds_total, beds_nursing, capacity and open_year may be there. Without ids
        sites are numbered after the scenario.
    category
        Category of the facilities.
    title
        What people call the scenario.
    open_year
        Year from which facilities count whose own is not given; None: every year.

    Raises
    ------
    ScenarioError
        If the name, the category or a number cannot be used.
    """
    scenario = Scenario(name=name, title=title)
    rows = pd.DataFrame(sites.drop(columns=sites.geometry.name)).to_dict("records")
    places = sites.geometry.to_crs(4326)
    for number, (point, row) in enumerate(zip(places, rows, strict=True), start=1):
        given = {str(key): value for key, value in row.items() if not pd.isna(value)}
        table = {
            "action": Add.action,
            "id": str(given.get("id", f"{name}-{number}")),
            "name": str(given.get("name", "")),
            "category": category,
            "lon": float(point.x),
            "lat": float(point.y),
            **{key: float(given[key]) for key in AMOUNTS if key in given},
        }
        opens = given.get("open_year", open_year)
        if opens is not None:
            table["open_year"] = int(opens)
        scenario = scenario.with_edit(read_edit(table, number, name))
    return scenario
