"""The streets of a project as networks, walked and driven as its file says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import shapely

from coverage.errors import NetworkError
from coverage.network import HALF_SPEED, Elevation, StreetNetwork

if TYPE_CHECKING:
    from coverage.configuration import Configuration
    from coverage.layers import Layers
    from coverage.network import StreetFile
    from coverage.service import Mode


def make_networks(
    configuration: Configuration, streets: StreetFile, layers: Layers, year: int
) -> dict[Mode, StreetNetwork]:
    """Make the network of each mode that a service needs, walking always.

    Parameters
    ----------
    configuration
        The project file.
    streets
        The streets, read.
    layers
        Layers: what legs may not cross, and the coordinate system.
    year
        Year whose elevations are taken.

    Raises
    ------
    NetworkError
        If there are no streets for a mode, or they lie nowhere near the townships.
    """
    options, walking = configuration.network, configuration.walking
    obstacles = [
        layers.others[name].geometry for name in ("water", "barriers") if name in layers.others
    ]
    modes: list[Mode] = ["walk"]
    if any(service.mode == "drive" for service in configuration.services.values()):
        modes.append("drive")
    elevation = _elevation(configuration, year)
    networks: dict[Mode, StreetNetwork] = {}
    for mode in modes:
        network = streets.network(
            mode=mode,
            min_island=options.min_island,
            steps=walking.steps != "excluded",
            crs=layers.crs,
        )
        if obstacles:
            network = network.with_obstacles(pd.concat(obstacles))
        networks[mode] = network.with_walking(
            elevation,
            direction=walking.direction,
            steps_factor=HALF_SPEED if walking.steps == "half" else 1.0,
            crossing_delay_s=walking.crossing_delay,
        )
    walk = networks["walk"]
    extent = shapely.box(walk.x.min(), walk.y.min(), walk.x.max(), walk.y.max())
    if not extent.intersects(shapely.box(*layers.townships.total_bounds)):
        raise NetworkError("project.network_apart", path=options.path)
    return networks


def _elevation(configuration: Configuration, year: int) -> Elevation | None:
    sources, _ = configuration.sources(year)
    source = sources.get("elevation")
    return None if source is None else Elevation(source.path, crs=source.crs)
