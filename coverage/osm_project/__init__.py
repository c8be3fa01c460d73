"""Make a project of an OpenStreetMap extract.

One file gives the streets, the administrative areas, the facilities and, for want of people, the
residential buildings. What it cannot give (people, floor areas, targets) is not computable in the
project; nothing is made up for it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from coverage import texts
from coverage.errors import LayerError, ProjectError
from coverage.osm_project import places
from coverage.osm_project.boundaries import read_boundaries
from coverage.osm_project.extract import Extract as Extract
from coverage.osm_project.reading import SUFFIXES, Elements, read_elements
from coverage.osm_project.units import (
    COMMUNITY_LEVELS,
    TOWNSHIP_LEVEL,
    Units,
    cut_units,
    extent,
)
from coverage.osm_project.writing import (
    WEIGHT,
    check_folder,
    project_text,
    streets_name,
    write_project,
)
from coverage.plans import DEFAULT_PLAN, read_plan

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from coverage.osm_project.extract import Note
    from coverage.service import Service

_FEW_HOMES_PER_KM = 1.0  # residential buildings a km of residential street


def create_project(
    folder: Path,
    osm: Path,
    *,
    township_level: int | None = None,
    community_level: int | None = None,
    boundaries: Path | None = None,
    year: int | None = None,
) -> Extract:
    """Write a project folder from an OpenStreetMap extract and say what was taken.

    Parameters
    ----------
    folder
        Folder to write; it must be empty or not be there.
    osm
        File ``.osm.pbf``, ``.osm`` or ``.osm.bz2``; it is copied into the folder.
    township_level, community_level
        The admin_level of the areas to take; by default see `coverage.osm_project.units`.
    boundaries
        Vector file whose polygons are the townships, instead of the file's own areas.
    year
        Year that the extract describes; by default what the file's header says, else the year of
        its newest edit, else this year.

    Returns
    -------
    Extract
        What was taken; ``sentences()`` says it.

    Raises
    ------
    LayerError
        If a file cannot be read.
    NetworkError
        If the extract has no streets to walk on.
    ProjectError
        If no areas are there for an option.
    OutputError
        If the folder is not empty or cannot be written.
    """
    folder, osm = Path(folder), Path(osm)
    if boundaries is not None and township_level is not None:
        raise ProjectError("osm_project.two_townships")
    check_folder(folder)
    elements = read_elements(osm)
    given = None if boundaries is None else read_boundaries(Path(boundaries))
    levels = {"township_level": township_level, "community_level": community_level}
    draft = _draft(elements, elements.county or _stem(osm), given, levels)
    if given is not None and not draft.units.townships["name"].isin(given["name"]).any():
        raise LayerError("osm_project.boundaries_elsewhere", path=boundaries)
    # the clock is asked only where neither the caller nor the file knows
    year = year or elements.year or date.today().year  # noqa: DTZ011
    project = project_text(
        name=draft.name,
        year=year,
        notice=texts.say(f"osm_project.notice_{draft.demand_from}"),
        layers=tuple(draft.layers),
        streets=streets_name(osm),
        services=draft.services,
    )
    write_project(folder, draft.layers, osm, project)
    return _extract(draft, folder, year, boundaries)


@dataclass(frozen=True, kw_only=True)
class _Draft:
    """A project before it is written."""

    elements: Elements
    name: str
    units: Units
    layers: Mapping[str, gpd.GeoDataFrame]
    services: tuple[Service, ...]
    demand_from: str
    bounds: tuple[float, float, float, float]
    notes: tuple[Note, ...]


def _draft(
    elements: Elements, name: str, given: gpd.GeoDataFrame | None, levels: Mapping[str, int | None]
) -> _Draft:
    facilities, twice = places.facility_points(elements)
    demand, demand_from = places.homes(elements), "buildings"
    if demand.empty:
        demand, demand_from = places.street_points(elements), "streets"
    points = np.concatenate([demand.geometry.to_numpy(), facilities.geometry.to_numpy()])
    ground = extent(elements, points)
    units = cut_units(elements, ground, points, name=name, given=given, **levels)
    layers = {**_with_totals(units, demand), "facilities": facilities}
    water = places.waters(elements)
    if not water.empty:
        layers["water"] = water
    driven = bool(elements.streets["driven"].any())
    notes: list[Note] = [("rest_taken", {})] if units.rest else []
    notes += _unclosed(elements, levels)
    if twice:
        notes.append(("twice", {"count": twice}))
    if demand_from == "buildings":
        notes += _few_homes(len(demand), places.residential_street_km(elements))
    if not driven:
        notes.append(("on_foot", {}))
    if elements.year_from != "header":
        notes.append((f"year_{elements.year_from or 'today'}", {}))
    return _Draft(
        elements=elements,
        name=name,
        units=units,
        layers=layers,
        services=_services(driven=driven),
        demand_from=demand_from,
        bounds=ground.bounds,
        notes=tuple(notes),
    )


def _with_totals(units: Units, demand: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Say where each demand point belongs, and how much each unit holds."""
    belongs = units.community_of(demand.geometry.to_numpy())
    demand = demand.assign(community=belongs)[["id", "community", WEIGHT, "geometry"]]
    held = demand.groupby("community")[WEIGHT].sum()
    totals = held.reindex(units.communities["code"], fill_value=0.0).to_numpy()
    communities = units.communities.assign(**{WEIGHT: totals})
    held = communities.groupby("township")[WEIGHT].sum()
    totals = held.reindex(units.townships["code"], fill_value=0.0).to_numpy()
    townships = units.townships.assign(**{WEIGHT: totals})
    return {"townships": townships, "communities": communities, "demand": demand}


def _services(*, driven: bool) -> tuple[Service, ...]:
    """Return the services of a project without a plan, counted by buildings."""
    services = read_plan(DEFAULT_PLAN).services.values()
    counted = (replace(service, weight=WEIGHT) for service in services)
    # without a street for cars the drive network would be empty
    return tuple(service if driven else replace(service, mode="walk") for service in counted)


def _unclosed(elements: Elements, levels: Mapping[str, int | None]) -> list[Note]:
    # counties and provinces leave almost every extract: only the levels looked for are told
    asked = {TOWNSHIP_LEVEL, *COMMUNITY_LEVELS, *levels.values()}
    count = sum(n for level, n in elements.unclosed.items() if level in asked)
    return [("unclosed", {"count": count})] if count else []


def _few_homes(count: int, street_km: float) -> list[Note]:
    if count >= _FEW_HOMES_PER_KM * street_km:
        return []
    return [("few_homes", {"count": count, "km": f"{street_km:.0f}"})]


def _extract(draft: _Draft, folder: Path, year: int, boundaries: Path | None) -> Extract:
    counts = draft.layers["facilities"]["category"].value_counts()
    by_count = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    offered = set(counts.index)
    unserved = (s.name for s in draft.services if not offered.intersection(s.categories))
    return Extract(
        folder=folder,
        name=draft.name,
        year=year,
        townships=len(draft.layers["townships"]),
        communities=len(draft.layers["communities"]),
        township_level=draft.units.township_level,
        community_levels=draft.units.community_levels,
        boundaries=boundaries,
        facilities=MappingProxyType({str(name): int(count) for name, count in by_count}),
        unserved=tuple(unserved),
        demand=len(draft.layers["demand"]),
        demand_from=draft.demand_from,
        bounds=draft.bounds,
        left_out=MappingProxyType(dict(draft.elements.left_out)),
        notes=draft.notes,
    )


def _stem(osm: Path) -> str:
    suffix = next(s for s in SUFFIXES if osm.name.lower().endswith(s))
    return osm.name[: -len(suffix)] or osm.name
