"""What several years say of a plan: side by side, and with the listed projects open."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from coverage.indicators import figures_of_the_whole, side_by_side
from coverage.layers import PRIVATE
from coverage.scenario import PLANNED, Scenario, apply_scenario

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import geopandas as gpd

    from coverage.analysis import Prepared, Progress
    from coverage.project import Project

BASELINE, ALL, WITHOUT_PRIVATE = CASES = ("baseline", "planned", "without_private")
OUTLOOK_COLUMNS = (
    "plan", "row", "kind", "indicator", "variant", "level", "unit_code", "unit_name", "unit",
    "attribute", "comparator", "target", "target_year", "case", "year", "value", "status",
    "first_met",
)  # fmt: skip
_ROW = ("plan", "row", "variant", "unit_code")
_SMALL = 1e-9  # a value that moves by less does not depend on the projects


def compare_years(
    project: Project, years: Sequence[int] | None = None, *, progress: Progress | None = None
) -> pd.DataFrame:
    """Return the plan's rows in several years, side by side.

    Parameters
    ----------
    project
        The project.
    years
        Years to compare; by default those that the project describes.
    progress
        Is told each stage as it begins.

    Returns
    -------
    pandas.DataFrame
        As `coverage.indicators.side_by_side` returns it.
    """
    chosen = project.years() if years is None else tuple(years)
    tables = {
        prepared.year: prepared.analyse(extras=False).indicators
        for prepared in _prepared(project, chosen, progress)
    }
    return side_by_side(tables)


def outlook(
    project: Project, years: Sequence[int] | None = None, *, progress: Progress | None = None
) -> pd.DataFrame:
    """Tell which targets are met, and when, if the listed projects open in their years.

    Parameters
    ----------
    project
        The project.
    years
        Years to look at; by default those from the project's to the last target or opening year.
    progress
        Is told each stage as it begins.

    Returns
    -------
    pandas.DataFrame
        The plan's readings with a target whose value depends on projects: case ``baseline`` (the
        facilities as they are), ``planned`` (all projects open) and ``without_private`` (without
        those that `doubtful` tells), each in every year, with value, status and the first of these
        years in which the target is met (missing: in none).
    """
    parts = []
    for prepared in _prepared(project, years or _ahead(project), progress):
        projects = prepared.layers.others.get("projects")
        cases = {BASELINE: prepared, ALL: _opened(prepared, projects)}
        if projects is not None:
            cases[WITHOUT_PRIVATE] = _opened(prepared, projects[~doubtful(projects)])
        for case, one in cases.items():
            figures = figures_of_the_whole(one.analyse(extras=False).indicators)
            parts.append(figures[figures["target"].notna()].assign(case=case))
    table = pd.concat(parts, ignore_index=True)
    moved = _moved(table)
    chosen = table[pd.MultiIndex.from_frame(table[list(_ROW)]).isin(moved)]
    key = [*_ROW, "case"]
    first = chosen[chosen["status"] == "met"].groupby(key)["year"].min().rename("first_met")
    found = chosen.merge(first.reset_index(), how="left", on=key)
    order = found["case"].map(CASES.index).rename("order")
    found = found.assign(order=order).sort_values(
        ["row", "variant", "unit_code", "order", "year"], kind="stable", ignore_index=True
    )
    return found[list(OUTLOOK_COLUMNS)].astype({"first_met": "Int64"})


def doubtful(projects: gpd.GeoDataFrame) -> pd.Series:
    """Return which projects are only announced: private, not begun, due within one single year.

    Parameters
    ----------
    projects
        Layer of projects.
    """
    within = projects["start_year"].notna() & (projects["start_year"] == projects["open_year"])
    waits: pd.Series = (
        within.fillna(value=False)
        & (projects["funding"] == PRIVATE)
        & (projects["status"] == "planned")
    ).astype(bool)
    return waits


def _opened(prepared: Prepared, projects: gpd.GeoDataFrame | None) -> Prepared:
    """Return a year with projects open."""
    others = {n: layer for n, layer in prepared.layers.others.items() if n != "projects"}
    if projects is not None:
        others["projects"] = projects
    layers = replace(prepared.layers, others=others)
    return apply_scenario(replace(prepared, layers=layers), Scenario(name=PLANNED))


def _moved(table: pd.DataFrame) -> pd.MultiIndex:
    """Return the readings whose value differs between cases in any year."""
    by_case = table.pivot_table(
        index=[*_ROW, "year"], columns="case", values="value", sort=False, observed=True
    )
    differs = (by_case.max(axis=1) - by_case.min(axis=1)) > _SMALL
    return pd.MultiIndex.from_tuples(
        list(dict.fromkeys(key[:-1] for key in differs[differs].index)), names=list(_ROW)
    )


def _ahead(project: Project) -> tuple[int, ...]:
    aims = [row.target_year for row in project.configuration.plan.rows if row.target_year]
    return tuple(range(project.year, max([project.year, *aims]) + 1))


def _prepared(
    project: Project, years: Iterable[int], progress: Progress | None
) -> Iterator[Prepared]:
    """Read each year once; years of the same files share what was read."""
    before: Prepared | None = None
    files: object = None
    for year in years:
        sources = project.configuration.sources(year)[0]
        if before is None or sources != files:
            before, files = project.prepare(year=year, progress=progress), sources
        yield before if before.year == year else replace(before, year=year)
