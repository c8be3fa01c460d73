"""Apply a scenario to a project that has been read: a project as read comes out, edited.

The project that goes in is never changed. What an edit does not touch is the same object
afterwards; where people live does not depend on new streets.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import shapely

from coverage import texts
from coverage.errors import NetworkError
from coverage.layers import IssueLog, with_projects
from coverage.scenario.edits import Barrier, Housing, Link
from coverage.scenario.facilities import as_planned, edited_facilities
from coverage.scenario.housing import with_housing
from coverage.scenario.places import Ground, Where
from coverage.scenario.scenario import BASELINE, FOLDER, PLANNED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.analysis import Prepared
    from coverage.layers import Layers
    from coverage.network import Snapped, StreetNetwork
    from coverage.scenario.edits import Edit
    from coverage.scenario.scenario import Scenario
    from coverage.service import Mode


@dataclass(frozen=True, kw_only=True)
class _State:
    """What edits change."""

    layers: Layers
    demand: gpd.GeoDataFrame
    networks: Mapping[Mode, StreetNetwork]


def apply_scenario(prepared: Prepared, scenario: Scenario) -> Prepared:
    """Return a project as read, edited as a scenario says.

    Parameters
    ----------
    prepared
        The project as read; it stays as it is.
    scenario
        The scenario. ``baseline`` changes nothing; ``planned`` lets facilities that are idle, being
        built or planned, and the projects of the plan's list, count from their opening year on.

    Raises
    ------
    ScenarioError
        If an edit cannot be applied; the sentence names the file and the edit.
    """
    if scenario.name == BASELINE:
        return prepared
    state = _State(layers=prepared.layers, demand=prepared.demand, networks=prepared.networks)
    issues = IssueLog(prepared.issues)
    if scenario.name == PLANNED:
        facilities = as_planned(state.layers.facilities)
        projects = state.layers.others.get("projects")
        if projects is not None:
            facilities = with_projects(facilities, projects)
        state = replace(state, layers=replace(state.layers, facilities=facilities))
    ground = Ground(prepared.layers)
    for number, edit in enumerate(scenario.edits, start=1):
        where = place_in(scenario, number)
        starts = getattr(edit, "year", None)
        if starts is not None and starts > prepared.year:
            issues.add(
                "info", "edit_not_yet", value=f"{number} {edit.action}",
                start=starts, year=prepared.year,
            )  # fmt: skip
            continue
        state = _edited(state, edit, prepared, ground, where)
    title = scenario.said()
    issues.add("info", "scenario", value=title, count=len(scenario.edits))
    said = texts.say("scenario.notice", title=title)
    notice = "；".join(filter(None, [prepared.configuration.notice, said]))
    return replace(
        _resettled(prepared, state),
        configuration=replace(prepared.configuration, notice=notice),
        issues=issues,
        scenario=scenario.record(),
    )


def place_in(scenario: Scenario, number: int) -> Where:
    """Return what names an edit of a scenario in complaints.

    Parameters
    ----------
    scenario
        The scenario.
    number
        Number of the edit, from 1.
    """
    return Where(source=f"{FOLDER}/{scenario.name}.toml", number=number)


def with_edit(prepared: Prepared, edit: Edit, ground: Ground, where: Where) -> Prepared:
    """Return a project as read after one edit more.

    Parameters
    ----------
    prepared
        The project, edited or not; it stays as it is.
    edit
        The edit; its year is not looked at.
    ground
        Finds places.
    where
        Names the edit in complaints.

    Raises
    ------
    ScenarioError
        If the edit cannot be applied.
    """
    state = _State(layers=prepared.layers, demand=prepared.demand, networks=prepared.networks)
    return _resettled(prepared, _edited(state, edit, prepared, ground, where))


def _edited(state: _State, edit: Edit, prepared: Prepared, ground: Ground, where: Where) -> _State:
    if isinstance(edit, Housing):
        layers, demand = with_housing(state.layers, state.demand, edit, ground, where)
        return replace(state, layers=layers, demand=demand)
    if isinstance(edit, Link | Barrier):
        limit_m = prepared.configuration.network.snap_limit
        return replace(state, networks=_streets(state.networks, edit, limit_m, ground, where))
    facilities = edited_facilities(state.layers.facilities, edit, prepared.year, ground, where)
    return replace(state, layers=replace(state.layers, facilities=facilities))


def _streets(
    networks: Mapping[Mode, StreetNetwork],
    edit: Link | Barrier,
    snap_limit: float,
    ground: Ground,
    where: Where,
) -> dict[Mode, StreetNetwork]:
    """Return the streets of all modes with a link more, or with some closed."""
    try:
        if isinstance(edit, Link):
            links = _link_table(edit, ground)
            return {
                mode: network.with_links(links, snap_limit=snap_limit)
                if edit.mode in {mode, "both"}
                else network
                for mode, network in networks.items()
            }
        vertices = edit.polygon or edit.line or ()
        shape = gpd.GeoSeries(
            [ground.shape(vertices, area=edit.polygon is not None)], crs=ground.crs
        )
        return {
            mode: network.without(shape).with_obstacles(shape) for mode, network in networks.items()
        }
    except NetworkError as error:
        raise where.wrong("streets", detail=error.text()) from error


def _link_table(edit: Link, ground: Ground) -> gpd.GeoDataFrame:
    highway = "footway" if edit.mode == "walk" else "unclassified"
    return gpd.GeoDataFrame(
        {"highway": [highway], "maxspeed": [f"{edit.speed:g}"], "bridge": ["yes"]},
        geometry=[ground.shape(edit.line, area=False)],
        crs=ground.crs,
    )


def _resettled(prepared: Prepared, state: _State) -> Prepared:
    """Return a project with what edits changed, its points tied to the streets again."""
    snapped = {
        mode: (
            _snapped(prepared, mode, state.networks[mode], 0, state.demand),
            _snapped(prepared, mode, state.networks[mode], 1, state.layers.facilities),
        )
        for mode in prepared.snapped
    }
    same_streets = state.networks["walk"] is prepared.networks["walk"]
    return replace(
        prepared,
        layers=state.layers,
        demand=state.demand,
        networks=state.networks,
        streets=prepared.streets if same_streets else state.networks["walk"].lines(),
        snapped=snapped,
    )


def _snapped(
    prepared: Prepared, mode: Mode, network: StreetNetwork, which: int, points: gpd.GeoDataFrame
) -> Snapped:
    """Tie points to the streets: those that are new or moved, or all where the streets changed."""
    limit_m = prepared.configuration.network.snap_limit
    if network is not prepared.networks[mode]:
        return network.snap(points.geometry, snap_limit=limit_m)
    before = prepared.snapped[mode][which]
    places = np.asarray(points.geometry.array, dtype=object)
    x, y = shapely.get_x(places), shapely.get_y(places)
    known = len(before)
    stays = _equal(x[:known], before.point_x) & _equal(y[:known], before.point_y)
    new = np.concatenate([np.flatnonzero(~stays), np.arange(known, len(points))])
    if not new.size:
        return before
    found = before.followed_by(network.snap(points.geometry.iloc[new], snap_limit=limit_m))
    order = np.arange(len(points))
    order[new] = known + np.arange(new.size)
    return found.take(order)


def _equal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray((one == other) | (np.isnan(one) & np.isnan(other)))
