"""What the pages ask of a project, worked out once for all visitors and kept."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import shapely

import coverage
from coverage import texts, vocabulary
from coverage.demand import PEOPLE_FIELDS
from coverage.outputs import map_layers
from coverage.scenario import Side, apply_scenario, side_of
from coverage.sites import find_sites
from coverage.web import files, visitors
from coverage.web.kept import Kept
from coverage.web.work import Work, awaited, collect_and_set_apart

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from coverage.analysis import Prepared
    from coverage.configuration import Configuration
    from coverage.project import CheckReport
    from coverage.results import Result
    from coverage.scenario import Scenario
    from coverage.service import Mode, Service
    from coverage.sites import SiteQuestion, SitingResult
    from coverage.web.visitors import Sheet

_MB = 1_000_000


def _bytes_of(result: Result) -> int:
    tables = [table for table in vars(result).values() if isinstance(table, pd.DataFrame)]
    own = sum(int(table.memory_usage().sum()) for table in tables)
    corners = int(shapely.get_num_coordinates(result.service_areas.geometry.array).sum())
    # what the indicators were made from takes as much again
    return 2 * own + 16 * corners


# Figures, which all wait for, have a line of their own, two at a time for two cores; what takes
# long waits behind its like, so that many visitors' drawings do not hold up anybody's figures.
_prepared: Kept[Prepared] = Kept(4, at_once=2)
_results: Kept[Result] = Kept(400, at_once=2, weigh=_bytes_of, most_bytes=500 * _MB)
_drawn: Kept[Result] = Kept(200, weigh=_bytes_of, most_bytes=500 * _MB)
_sheets: Kept[Sheet] = Kept(
    400, at_once=2, weigh=lambda sheet: len(sheet.content), most_bytes=200 * _MB
)
_reports: Kept[CheckReport] = Kept(4)
_sides: Kept[Side] = Kept(6)
_dossiers: Kept[bytes] = Kept(2)
_sitings: Kept[SitingResult] = Kept(100, at_once=2)


@dataclass(frozen=True)
class Visit:
    """A project as one visitor sees it at one moment.

    Parameters
    ----------
    path
        Project folder or its ``project.toml``.
    stamp
        Changes when the project file does.
    configuration
        The project file, read.
    """

    path: str
    stamp: int
    configuration: Configuration

    @property
    def key(self) -> tuple[str, int]:
        """Return what everything read from the project depends on."""
        return self.path, self.stamp


@dataclass(frozen=True)
class Choice:
    """What a visitor chose to look at.

    Parameters
    ----------
    service
        The service, with its minutes, categories, weight and mode as chosen.
    speed
        Walking speed in m/s.
    slope
        Whether hills slow people down.
    """

    service: Service
    speed: float
    slope: bool


def visit(path: str | Path) -> Visit:
    """Open a project for a visitor.

    Parameters
    ----------
    path
        Project folder or its ``project.toml``.

    Raises
    ------
    ProjectError
        If the project file is missing or cannot be used.
    """
    return Visit(str(path), _stamp(str(path)), coverage.open_project(path).configuration)


def _stamp(path: str) -> int:
    file = Path(path)
    file = file / "project.toml" if file.is_dir() else file
    return file.stat().st_mtime_ns if file.is_file() else 0


def prepared(visit: Visit, year: int | None = None) -> Prepared:
    """Return the project as read for a year, its own by default."""
    return awaited(_prepare(visit, year))


def _prepare(visit: Visit, year: int | None = None) -> Work[Prepared]:
    def job(tell: Callable[[str], None]) -> Prepared:
        ready = coverage.open_project(visit.path).prepare(year=year, progress=tell)
        collect_and_set_apart()
        return ready

    return _prepared.ask((visit.key, year), job)


def whole(visit: Visit, year: int | None = None) -> Result:
    """Return the figures of all services with the project's own settings, nothing drawn.

    Parameters
    ----------
    visit
        The project.
    year
        Year to analyse; by default the project's.
    """
    prepared(visit, year)
    return awaited(_whole(visit, year))


def _whole(visit: Visit, year: int | None = None) -> Work[Result]:
    return _results.ask(
        (visit.key, "whole", year),
        lambda tell: _prepare(visit, year).result().analyse(extras=False, progress=tell),
    )


def checked(visit: Visit) -> CheckReport:
    """Return the data report in the language in use."""
    work = _reports.ask(
        (visit.key, texts.language()),
        lambda tell: coverage.open_project(visit.path).check(progress=tell),
    )
    return awaited(work)


def full(visit: Visit) -> Result:
    """Return everything, as ``coverage-planner run`` has it, in the language in use."""
    prepared(visit)
    return awaited(_full(visit), can_stop=True)


def _full(visit: Visit) -> Work[Result]:
    return _drawn.ask(
        (visit.key, "full", texts.language()),
        lambda tell: _prepare(visit).result().analyse(progress=tell),
    )


def dossier(visit: Visit) -> Work[bytes]:
    """Begin the report with all that belongs to it, packed, in the language in use."""
    language = texts.language()

    def job(tell: Callable[[str], None]) -> bytes:
        result = _full(visit).result()
        tell("report")
        return files.dossier(result, visit.path, language)

    return _dossiers.ask((visit.key, language), job)


def begun_dossier(visit: Visit) -> Work[bytes] | None:
    """Return the report as `dossier` began it; None where nobody asked for it."""
    return _dossiers.begun((visit.key, texts.language()))


def forget_reports() -> None:
    """Forget the packed reports: the project's folder holds more to tell now."""
    _dossiers.clear()


def answer(visit: Visit, choice: Choice) -> Result:
    """Return the figures of one service as chosen, nothing drawn: at once.

    Parameters
    ----------
    visit
        The project.
    choice
        What to look at.
    """
    prepared(visit)
    return awaited(_analysed(visit, choice, extras=False))


def details(visit: Visit, choice: Choice) -> Work[Result]:
    """Begin to draw service areas and to vary speed and minutes, which takes a while.

    Parameters
    ----------
    visit, choice
        As for `answer`.
    """
    return _analysed(visit, choice, extras=True)


def _analysed(visit: Visit, choice: Choice, *, extras: bool) -> Work[Result]:
    def job(tell: Callable[[str], None]) -> Result:
        ready = _prepare(visit).result()
        ground = ready if choice.slope else ready.on_the_flat()
        return ground.analyse(
            services=[choice.service], speed=choice.speed, extras=extras, progress=tell
        )

    return (_drawn if extras else _results).ask((visit.key, choice), job)


def siting(visit: Visit, question: SiteQuestion) -> Work[SitingResult]:
    """Begin to find where to build.

    Parameters
    ----------
    visit
        The project.
    question
        What is asked.
    """

    def job(tell: Callable[[str], None]) -> SitingResult:
        return find_sites(_prepare(visit).result(), question, progress=tell)

    return _sitings.ask(_sited(visit, question, texts.language()), job)


def begun_siting(visit: Visit, question: SiteQuestion, language: str) -> Work[SitingResult] | None:
    """Return what `siting` began; None where nobody asked since the data were read.

    Parameters
    ----------
    visit, question
        As for `siting`.
    language
        Language in use when it was asked.
    """
    return _sitings.begun(_sited(visit, question, language))


def _sited(visit: Visit, question: SiteQuestion, language: str) -> tuple[Hashable, ...]:
    # floors are a dictionary: the question itself can be no key
    return visit.key, str(question), language


def built(visit: Visit, found: SitingResult, choice: Choice) -> tuple[Result, Sheet]:
    """Return the figures of a service once sites are built, and those of its map.

    Parameters
    ----------
    visit
        The project.
    found
        The sites.
    choice
        The service, looked at as siting does.
    """
    key = (*_sited(visit, found.question, texts.language()), choice)

    def job(tell: Callable[[str], None]) -> Result:
        assert found.scenario is not None  # noqa: S101 - sites are what is built
        # the map names what it shows
        scenario = replace(found.scenario, name=texts.say("siting_page.map_after"))
        edited = apply_scenario(_prepare(visit).result(), scenario)
        return edited.analyse(services=[choice.service], extras=False, progress=tell)

    result = awaited(_results.ask(key, job))
    language = texts.language()
    sheet = _sheets.ask(key, lambda _: visitors.sheet_of(map_layers.values_json(result, language)))
    return result, awaited(sheet)


def side(visit: Visit, scenario: Scenario, year: int | None = None) -> Side:
    """Return a scenario analysed as one side of a comparison.

    Parameters
    ----------
    visit
        The project.
    scenario
        The scenario.
    year
        Year to analyse; by default the project's.
    """
    prepared(visit, year)
    work = _sides.ask(
        (visit.key, year, scenario, scenario.digest, texts.language()),
        lambda tell: side_of(_prepare(visit, year).result(), scenario, tell),
    )
    return awaited(work, can_stop=True)


def shapes(visit: Visit, result: Result, year: int | None = None) -> Sheet:
    """Return the shapes of a project's map; they depend on no choice but the year.

    Parameters
    ----------
    visit
        The project.
    result
        Any of its results.
    year
        Year of the result; by default the project's.
    """
    return awaited(_shapes(visit, result, year))


def _shapes(visit: Visit, result: Result, year: int | None = None) -> Work[Sheet]:
    return _sheets.ask(
        (visit.key, "shapes", year), lambda _: visitors.sheet_of(map_layers.shapes_json(result))
    )


def values(
    visit: Visit, result: Result, choice: Choice | None = None, mark: Hashable = None
) -> Sheet:
    """Return the figures of a map in the language in use.

    Parameters
    ----------
    visit
        The project.
    result
        What to show.
    choice
        What it was made with; None for `whole`.
    mark
        What else sets the result apart: a year, a scenario.
    """
    return awaited(_values(visit, result, choice, mark))


def _values(
    visit: Visit, result: Result, choice: Choice | None = None, mark: Hashable = None
) -> Work[Sheet]:
    language = texts.language()
    return _sheets.ask(
        (visit.key, choice, mark, len(result.service_areas) > 0, language),
        lambda _: visitors.sheet_of(map_layers.values_json(result, language)),
    )


def reload() -> None:
    """Forget everything, so that all files are read again."""
    for kept in (_prepared, _results, _drawn, _sheets, _reports, _dossiers, _sitings, _sides):
        kept.clear()


def read_ahead(path: str, language: str) -> None:
    """Do what the first page needs, so that it finds it done.

    Parameters
    ----------
    path
        Project folder or its ``project.toml``.
    language
        ``zh`` or ``en``: language the page opens in.
    """
    texts.use(language)
    ahead = visit(path)
    result = _whole(ahead).result()
    for begun in (_shapes(ahead, result), _values(ahead, result)):
        begun.result()
    collect_and_set_apart()


def offered_categories(prepared: Prepared, service: Service) -> list[str]:
    """Return the categories that can be chosen for a service, in the vocabulary's order."""
    present = {str(c) for c in prepared.layers.facilities["category"].dropna()}
    return [c for c in vocabulary.categories() if c in present or c in service.categories]


def offered_weights(prepared: Prepared, service: Service) -> list[str]:
    """Return the fields that can be counted: the service's own, and groups of people."""
    fields = [f for f in PEOPLE_FIELDS if f in prepared.demand and f != "households"]
    return list(dict.fromkeys((service.weight, *fields)))


def offered_modes(prepared: Prepared, service: Service) -> list[Mode]:
    """Return the ways to travel that the project has streets for, the service's own first."""
    return list(dict.fromkeys((service.mode, *prepared.networks)))


def usual(prepared: Prepared, service: Service) -> Choice:
    """Return what a page shows of a service until its visitor chooses something else.

    Parameters
    ----------
    prepared
        The project as read.
    service
        One of its services.
    """
    offered = offered_categories(prepared, service)
    return Choice(
        service=replace(
            service,
            minutes=float(round(service.minutes)),
            categories=tuple(c for c in offered if c in service.categories),
        ),
        speed=prepared.configuration.walking.speed,
        slope=True,
    )
