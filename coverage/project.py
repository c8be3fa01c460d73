"""The one way through the house: a project file becomes layers, streets, access and a result."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import shapely

from coverage import texts
from coverage.analysis import Clock, Prepared, Progress
from coverage.configuration import Configuration, read_configuration
from coverage.demand import place_demand
from coverage.errors import CoverageError, LayerError, NetworkError, ScenarioError
from coverage.layers import IssueLog, Layers, read_as_is, read_layers
from coverage.layers.issues import REPAIRS
from coverage.network import HALF_SPEED, Elevation, StreetFile, StreetNetwork, read_streets
from coverage.outputs import csv_bytes, finish_swap, replace_file
from coverage.outputs.data_report import data_workbook
from coverage.scenario import (
    BASELINE,
    PLANNED,
    Comparison,
    Scenario,
    Side,
    apply_scenario,
    compare_sides,
    find_scenario,
    scenario_names,
    scenario_path,
)
from coverage.sites import SiteQuestion, SitingResult, find_sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.configuration import Choices
    from coverage.indicators import Explanation
    from coverage.layers import AsRead, Source
    from coverage.results import Result
    from coverage.service import Mode, Service

_RASTERS = ("elevation",)


def open_project(
    path: str | Path, *, plan: str | None = None, choices: Choices | None = None
) -> Project:
    """Open a project folder; nothing but ``project.toml`` is read yet.

    Parameters
    ----------
    path
        The folder, or its ``project.toml``.
    plan
        Plan to use in place of the project's own.
    choices
        By indicator, readings of the plan's ambiguities and parameters by name, in place of the
        project's own: ``{"beds_per_1000_elders": {"elder_age": "65"}}``.

    Raises
    ------
    ProjectError
        If the project file is missing or cannot be used.
    PlanError
        If the plan cannot be used.
    """
    return Project(read_configuration(path, plan=plan, choices=choices))


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """Say what was read, and everything odd about it.

    Parameters
    ----------
    title
        Project and year.
    layers
        One row a layer: layer, path, rows, used, set_aside, repaired. They count rows of the file:
        those read, those whose content is part of the layer, those that are not, and those with
        something put right.
    issues
        The table of ``issues.csv``.
    blocked
        Whether an error keeps the project from being run.
    as_read
        Tables as their files have them, by layer; empty where no layer could be read.
    """

    title: str
    layers: pd.DataFrame
    issues: pd.DataFrame
    blocked: bool
    as_read: Mapping[str, AsRead] = field(default_factory=dict)

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

    def save_workbook(self, file: str | Path) -> Path:
        """Write the report as a workbook: every table as its user knows it, its cells marked.

        Parameters
        ----------
        file
            Where it goes; its name ends in ``.xlsx``.

        Returns
        -------
        pathlib.Path
            The file.
        """
        content = data_workbook(self.title, self.layers, self.issues, self.as_read)
        replace_file(Path(file), content)
        return Path(file)


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

    def years(self) -> tuple[int, ...]:
        """Return the years that the project has layers of, the first first."""
        return tuple(sorted({self.year, *self.configuration.years}))

    def results_folder(self, year: int | None = None, scenario: str = BASELINE) -> Path:
        """Return the folder that results go to unless another is named.

        Parameters
        ----------
        year
            Year analysed; by default the project's.
        scenario
            Name of the scenario analysed.
        """
        results = self.root / "results"
        if scenario != BASELINE:
            results = results / "scenarios" / scenario
        return results if year in (None, self.year) else results / str(year)

    def scenarios(self) -> tuple[str, ...]:
        """Return the names of the project's scenarios, the built-in ones first."""
        return scenario_names(self.root)

    def scenario(self, name: str) -> Scenario:
        """Read a scenario of the project.

        Parameters
        ----------
        name
            Its name, that of its file in ``scenarios`` without ``.toml``.

        Raises
        ------
        ScenarioError
            If there is none of this name, or its file cannot be used.
        """
        return find_scenario(self.root, name)

    def comparison_folder(self, a: str, b: str, year: int | None = None) -> Path:
        """Return the folder that a comparison goes to.

        Parameters
        ----------
        a, b
            Names of the scenarios.
        year
            Year analysed; by default the project's.
        """
        folder = self.root / "results" / "compare" / f"{a}--{b}"
        return folder if year in (None, self.year) else folder / str(year)

    def compare(
        self,
        a: str | Scenario,
        b: str | Scenario,
        *,
        year: int | None = None,
        progress: Progress | None = None,
    ) -> Comparison:
        """Analyse two scenarios and hold them side by side.

        Parameters
        ----------
        a, b
            The scenarios, or their names.
        year
            Year to analyse; by default the project's.
        progress
            Is told each stage as it begins.

        Raises
        ------
        CoverageError
            If something cannot be read or used; the sentence says what, where and what to do.
        """
        scenarios = [self.scenario(s) if isinstance(s, str) else s for s in (a, b)]
        prepared = self.prepare(year=year, progress=progress)
        edited = [apply_scenario(prepared, scenario) for scenario in scenarios]
        one, other = (
            Side(
                name=scenario.name,
                title=scenario.said(),
                prepared=side,
                result=side.analyse(extras=False, progress=progress),
            )
            for scenario, side in zip(scenarios, edited, strict=True)
        )
        return compare_sides(one, other, notice=self.configuration.notice)

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
            prepared.report_access(issues)
        except CoverageError as error:
            if not isinstance(error, LayerError):
                layers, issues = self._layers_alone(year)
            issues.add("error", "blocked", message=error.text(), value=error.key)
        found = issues.frame()
        sources = self._sources(year)
        as_read = read_as_is(sources) if layers is None else layers.as_read
        return CheckReport(
            title=texts.say("data_report.title", name=self.name, year=self._year(year)),
            layers=_layer_summary(sources, as_read, layers, found),
            issues=found,
            blocked=bool(issues.errors),
            as_read=as_read,
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
        _, stands_for = configuration.sources(wanted)
        options = configuration.network
        with clock.stage("streets"):
            streets = read_streets(options.path, node_crossings=options.node_crossings)
        with clock.stage("layers"):
            layers = read_layers(
                self._sources(year),
                issues,
                basis=configuration.population_basis,
                streets=streets.draw,
            )
        for name, vintage in stands_for.items():
            if vintage != wanted:
                issues.add("warning", "stand_in_layer", layer=name, value=vintage, year=wanted)
        with clock.stage("network"):
            networks = self._networks(streets, layers, self._elevation(year))
            lines = networks["walk"].lines()
        with clock.stage("demand"):
            demand = place_demand(layers, lines, issues)
        with clock.stage("snapping"):
            limit = options.snap_limit
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
            streets=lines,
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
        scenario: str | Scenario = BASELINE,
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
        scenario
            Scenario to analyse, or its name.
        progress
            Is told each stage as it begins.

        Raises
        ------
        CoverageError
            If something cannot be read or used; the sentence says what, where and what to do.
        """
        # read first: a damaged file is told before the long work
        edits = self.scenario(scenario) if isinstance(scenario, str) else scenario
        prepared = apply_scenario(self.prepare(year=year, progress=progress), edits)
        return prepared.analyse(
            minutes=minutes, speed=speed, categories=categories, progress=progress
        )

    def site(
        self,
        service: str,
        *,
        year: int | None = None,
        scenario: str | Scenario = BASELINE,
        progress: Progress | None = None,
        **options: Any,  # noqa: ANN401 - each has its own type
    ) -> SitingResult:
        """Find where to build next for a service.

        Where a page asks again and again, `coverage.sites.find_sites` does the same for a project
        that has been read.

        Parameters
        ----------
        service
            Name of the service.
        year, scenario, progress
            As for `run`.
        **options
            What else is asked: model, sites, target … of `coverage.sites.SiteQuestion`.

        Raises
        ------
        CoverageError
            If something cannot be read or used. That no plan exists is no error but an answer.
        """
        question = SiteQuestion(service=service, **options)
        edits = self.scenario(scenario) if isinstance(scenario, str) else scenario
        if question.save:
            # told before the long work
            path = scenario_path(self.root, question.save)
            if question.save in {BASELINE, PLANNED}:
                raise ScenarioError("scenario.reserved", name=question.save)
            if path.exists():
                raise ScenarioError("scenario.exists", path=path)
        prepared = apply_scenario(self.prepare(year=year, progress=progress), edits)
        return find_sites(prepared, question, base=edits, progress=progress)

    def siting_folder(self, service: str, model: str) -> Path:
        """Return the folder that a siting result goes to unless another is named.

        Parameters
        ----------
        service, model
            Names of the service and of the model.
        """
        return self.root / "results" / "siting" / f"{service}-{model}"

    def explain(
        self,
        indicator: str,
        unit: str | None = None,
        *,
        year: int | None = None,
        minutes: Mapping[str, float] | None = None,
        speed: float | None = None,
        scenario: str | Scenario = BASELINE,
        progress: Progress | None = None,
    ) -> Explanation:
        """Analyse a year and explain where an indicator's numbers come from.

        `Result.explain` does the same for an analysis that is there already.

        Parameters
        ----------
        indicator
            Identifier, name in Chinese or English, or where the plan has it: ``table:6``.
        unit
            Code or name of a county, township or community; by default the whole project.
        year, minutes, speed, scenario, progress
            As for `run`.

        Raises
        ------
        CoverageError
            As for `run`; and if the plan has no such indicator, or the project no such unit.
        """
        edits = self.scenario(scenario) if isinstance(scenario, str) else scenario
        prepared = apply_scenario(self.prepare(year=year, progress=progress), edits)
        result = prepared.analyse(minutes=minutes, speed=speed, extras=False, progress=progress)
        return result.explain(indicator, unit)

    def _sources(self, year: int | None) -> dict[str, Source]:
        """Return where the layers of a year are read, rasters left out."""
        sources, _ = self.configuration.sources(self._year(year))
        return {name: source for name, source in sources.items() if name not in _RASTERS}

    def _layers_alone(self, year: int | None) -> tuple[Layers | None, IssueLog]:
        """Read the layers where the streets cannot be had."""
        issues = IssueLog()
        try:
            basis = self.configuration.population_basis
            return read_layers(self._sources(year), issues, basis=basis), issues
        except LayerError as error:
            issues.add("error", "blocked", message=error.text(), value=error.key)
            return None, issues

    def _year(self, year: int | None) -> int:
        return self.year if year is None else year

    def _elevation(self, year: int | None) -> Elevation | None:
        sources, _ = self.configuration.sources(self._year(year))
        source = sources.get("elevation")
        return None if source is None else Elevation(source.path, crs=source.crs)

    def _networks(
        self, streets: StreetFile, layers: Layers, elevation: Elevation | None
    ) -> dict[Mode, StreetNetwork]:
        options, walking = self.configuration.network, self.configuration.walking
        obstacles = [
            layers.others[name].geometry for name in ("water", "barriers") if name in layers.others
        ]
        modes: list[Mode] = ["walk"]
        if any(service.mode == "drive" for service in self.services.values()):
            modes.append("drive")
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


def _layer_summary(
    sources: Mapping[str, Source],
    as_read: Mapping[str, AsRead],
    layers: Layers | None,
    issues: pd.DataFrame,
) -> pd.DataFrame:
    """Count by layer the rows of its file: read, used, set aside, with something repaired."""
    mended = issues[issues["code"].isin(REPAIRS)].groupby("layer")["row"].nunique()
    rows = []
    for name, source in sources.items():
        read = len(as_read[name].rows) if name in as_read else None
        used = None if read is None or layers is None else _used_rows(layers, name)
        aside = None if read is None or used is None else read - used
        repaired = None if read is None else int(mended.get(name, 0))
        rows.append((name, source.path.name, read, used, aside, repaired))
    numbers = ("rows", "used", "set_aside", "repaired")
    table = pd.DataFrame(rows, columns=["layer", "path", *numbers])
    return table.astype(dict.fromkeys(numbers, "Int64"))


def _used_rows(layers: Layers, name: str) -> int:
    """Return how many rows of a layer's file are part of it: one may hold several facilities."""
    own = {
        "townships": layers.townships,
        "communities": layers.communities,
        "facilities": layers.facilities,
    }
    frame = own.get(name, layers.others.get(name))
    if frame is None:
        return 0
    kept = frame if "set_aside" not in frame else frame[~frame["set_aside"]]
    return int(kept["source_row"].nunique())
