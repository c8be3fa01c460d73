"""The one way through the house: a project file becomes layers, streets, access and a result."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import shapely

from coverage.analysis import Clock, Prepared, Progress
from coverage.configuration import Configuration, read_configuration
from coverage.demand import place_demand
from coverage.errors import CoverageError, NetworkError
from coverage.layers import IssueLog, Layers, read_layers
from coverage.network import StreetNetwork, read_network
from coverage.outputs import csv_bytes, finish_swap, replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.results import Result
    from coverage.service import Mode, Service

_RASTERS = ("elevation",)


def open_project(path: str | Path, *, plan: str | None = None) -> Project:
    """Open a project folder; nothing but ``project.toml`` is read yet.

    Parameters
    ----------
    path
        The folder, or its ``project.toml``.
    plan
        Plan to use in place of the project's own.

    Raises
    ------
    ProjectError
        If the project file is missing or cannot be used.
    PlanError
        If the plan cannot be used.
    """
    return Project(read_configuration(path, plan=plan))


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Say what was read, and everything odd about it.

    Parameters
    ----------
    layers
        One row a layer: layer, path, rows, used, set_aside.
    issues
        The table of ``issues.csv``.
    blocked
        Whether an error keeps the project from being run.
    """

    layers: pd.DataFrame
    issues: pd.DataFrame
    blocked: bool

    def save(self, folder: str | Path) -> Path:
        """Write ``issues.csv`` into a results folder and touch nothing else there.

        Parameters
        ----------
        folder
            Results folder.

        Returns
        -------
        pathlib.Path
            The file.
        """
        finish_swap(Path(folder))
        file = Path(folder) / "issues.csv"
        replace_file(file, csv_bytes(self.issues))
        return file


class Project:
    """A project folder: layers, streets, services and a plan.

    Parameters
    ----------
    configuration
        The project file, read.
    """

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration

    def __repr__(self) -> str:
        return f"Project({self.name!r}, year={self.year}, root={str(self.root)!r})"

    @property
    def name(self) -> str:
        """Return the name of the project."""
        return self.configuration.name

    @property
    def year(self) -> int:
        """Return the year that the plain layers describe."""
        return self.configuration.year

    @property
    def root(self) -> Path:
        """Return the folder of the project."""
        return self.configuration.root

    @property
    def services(self) -> Mapping[str, Service]:
        """Return the services by name."""
        return self.configuration.services

    def results_folder(self, year: int | None = None) -> Path:
        """Return the folder that results go to unless another is named.

        Parameters
        ----------
        year
            Year analysed; by default the project's.
        """
        results = self.root / "results"
        return results if year in (None, self.year) else results / str(year)

    def check(self, *, year: int | None = None, progress: Progress | None = None) -> CheckReport:
        """Read everything and report what is odd; errors are reported, not raised.

        Parameters
        ----------
        year
            Year to read for; by default the project's.
        progress
            Is told each stage as it begins.
        """
        issues = IssueLog()
        layers: Layers | None = None
        try:
            prepared = self.prepare(year=year, progress=progress, issues=issues)
            layers = prepared.layers
            prepared.report_access()
        except CoverageError as error:
            issues.add("error", "blocked", message=error.text(), value=error.key)
        return CheckReport(
            layers=_layer_summary(self.configuration, layers, self._year(year)),
            issues=issues.frame(),
            blocked=bool(issues.errors),
        )

    def prepare(
        self,
        *,
        year: int | None = None,
        progress: Progress | None = None,
        issues: IssueLog | None = None,
    ) -> Prepared:
        """Read layers and streets and place the demand, ready to be analysed many times.

        Parameters
        ----------
        year
            Year to read for; by default the project's.
        progress
            Is told each stage as it begins.
        issues
            Takes what is odd; by default a new log.

        Raises
        ------
        LayerError
            If a layer cannot be read or used.
        NetworkError
            If the streets cannot be read or used.
        """
        issues = IssueLog() if issues is None else issues
        clock = Clock(progress)
        configuration, wanted = self.configuration, self._year(year)
        sources, stands_for = configuration.sources(wanted)
        with clock.stage("layers"):
            vectors = {name: s for name, s in sources.items() if name not in _RASTERS}
            layers = read_layers(vectors, issues, basis=configuration.population_basis)
        for name, vintage in stands_for.items():
            if vintage != wanted:
                issues.add("warning", "stand_in_layer", layer=name, value=vintage, year=wanted)
        with clock.stage("streets"):
            networks = self._read_networks(layers)
            streets = networks["walk"].lines()
        with clock.stage("demand"):
            demand = place_demand(layers, streets, issues)
        with clock.stage("snapping"):
            limit = configuration.network.snap_limit
            snapped = {
                mode: (
                    network.snap(demand.geometry, snap_limit=limit),
                    network.snap(layers.facilities.geometry, snap_limit=limit),
                )
                for mode, network in networks.items()
            }
        return Prepared(
            configuration=configuration,
            year=wanted,
            layers=layers,
            networks=networks,
            streets=streets,
            demand=demand,
            snapped=snapped,
            vintages=stands_for,
            issues=issues,
            seconds=clock.seconds,
        )

    def run(
        self,
        *,
        year: int | None = None,
        minutes: Mapping[str, float] | None = None,
        speed: float | None = None,
        categories: Mapping[str, Sequence[str]] | None = None,
        progress: Progress | None = None,
    ) -> Result:
        """Do the main job: access, coverage and indicators of a year.

        Parameters
        ----------
        year
            Year to analyse; by default the project's.
        minutes
            Limits by service, in place of the services' own.
        speed
            Walking speed on the flat in m/s, in place of the project's.
        categories
            Facility categories by service, in place of the services' own.
        progress
            Is told each stage as it begins.

        Raises
        ------
        CoverageError
            If something cannot be read or used; the sentence says what, where and what to do.
        """
        prepared = self.prepare(year=year, progress=progress)
        return prepared.analyse(
            minutes=minutes, speed=speed, categories=categories, progress=progress
        )

    def _year(self, year: int | None) -> int:
        return self.year if year is None else year

    def _read_networks(self, layers: Layers) -> dict[Mode, StreetNetwork]:
        options = self.configuration.network
        obstacles = [
            layers.others[name].geometry for name in ("water", "barriers") if name in layers.others
        ]
        modes: list[Mode] = ["walk"]
        if any(service.mode == "drive" for service in self.services.values()):
            modes.append("drive")
        networks: dict[Mode, StreetNetwork] = {}
        for mode in modes:
            network = read_network(
                options.path,
                mode=mode,
                min_island=options.min_island,
                node_crossings=options.node_crossings,
                crs=layers.crs,
            )
            if obstacles:
                network = network.with_obstacles(pd.concat(obstacles))
            networks[mode] = network
        walk = networks["walk"]
        streets = shapely.box(walk.x.min(), walk.y.min(), walk.x.max(), walk.y.max())
        if not streets.intersects(shapely.box(*layers.townships.total_bounds)):
            raise NetworkError("project.network_apart", path=options.path)
        return networks


def _layer_summary(configuration: Configuration, layers: Layers | None, year: int) -> pd.DataFrame:
    sources, _ = configuration.sources(year)
    frames = {}
    if layers is not None:
        frames = {
            "townships": layers.townships,
            "communities": layers.communities,
            "facilities": layers.facilities,
            **layers.others,
        }
    rows = []
    for name, source in sources.items():
        frame = frames.get(name)
        count = None if frame is None else len(frame)
        aside = 0 if frame is None or "set_aside" not in frame else int(frame["set_aside"].sum())
        used = None if count is None else count - aside
        rows.append((name, source.path.name, count, used, None if count is None else aside))
    table = pd.DataFrame(rows, columns=["layer", "path", "rows", "used", "set_aside"])
    return table.astype({"rows": "Int64", "used": "Int64", "set_aside": "Int64"})
