"""A project: what its file names is read, prepared, analysed, explained, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage import texts
from coverage.analysis import Clock, Prepared, Progress
from coverage.configuration import Configuration, read_configuration
from coverage.demand import place_demand
from coverage.errors import CoverageError, LayerError, ScenarioError
from coverage.layers import IssueLog, Layers, read_as_is, read_layers
from coverage.network import read_streets
from coverage.project.check import CheckReport, layer_summary
from coverage.project.networks import make_networks
from coverage.scenario import (
    BASELINE,
    PLANNED,
    Comparison,
    Scenario,
    apply_scenario,
    compare_sides,
    find_scenario,
    scenario_names,
    scenario_path,
    side_of,
)
from coverage.sites import SiteQuestion, SitingResult, find_sites

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coverage.configuration import Choices
    from coverage.indicators import Explanation
    from coverage.layers import Source
    from coverage.network import StreetFile
    from coverage.results import Result
    from coverage.service import Service

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
        one, other = (side_of(prepared, scenario, progress) for scenario in scenarios)
        configuration = self.configuration
        return compare_sides(one, other, notice=configuration.notice, marking=configuration.marking)

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
            issues = prepared.ground_issues
        except CoverageError as error:
            if not isinstance(error, LayerError):
                layers, issues = self._layers_alone(year)
            issues.add("error", "blocked", message=error.text(), value=error.key)
        found = issues.frame()
        sources = self._sources(year)
        as_read = read_as_is(sources) if layers is None else layers.as_read
        return CheckReport(
            title=texts.say("data_report.title", name=self.name, year=self._year(year)),
            layers=layer_summary(sources, as_read, layers, found),
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
        streets: StreetFile | None = None,
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
        streets
            Streets that have been read from the project's file already.

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
            streets = streets or read_streets(options.path, node_crossings=options.node_crossings)
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
            networks = make_networks(configuration, streets, layers, wanted)
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
