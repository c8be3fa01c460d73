"""What earlier commands left in a project's results, for the report to tell."""

from __future__ import annotations

import json
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage.errors import OutputError
from coverage.outputs.map_figures import weight_unit
from coverage.outputs.report.sections import SitingTable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from coverage.results import Result

_SAME = 1e-9  # in the indicator's unit


def earlier_sitings(results: Path, result: Result, language: str) -> list[SitingTable]:
    """Read the sitings of a project, those of the result's year.

    Parameters
    ----------
    results
        The project's results folder.
    result
        The result that the report is about.
    language
        Language of the services' names.

    Raises
    ------
    OutputError
        If a siting cannot be read.
    """
    services = {service.name: service for service in result.services}
    names = {
        **dict(zip(result.communities["code"], result.communities["name"], strict=True)),
        **dict(zip(result.townships["code"], result.townships["name"], strict=True)),
    }
    found = []
    for file in sorted((results / "siting").glob("*/siting.json")):
        with _readable(file.parent):
            summary: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            asked = summary["parameters"]
            if asked["service"] not in services or asked["year"] != result.year:
                continue
            codes = {"community": str, "township": str}
            sites = pd.read_csv(file.parent / "sites.csv", dtype=codes)
            for column in codes:
                sites[column] = sites[column].map(names).fillna(sites[column]).fillna("")
            service = services[asked["service"]]
            found.append(
                SitingTable(
                    service=service.title(language),
                    unit=weight_unit(service.weight, language),
                    model=summary["model"],
                    sites=sites,
                    summary=summary,
                )
            )
    return found


def earlier_comparisons(
    results: Path, result: Result, language: str
) -> dict[str, pd.DataFrame | None]:
    """Read the comparisons of a project: by the two scenarios, the indicators that differ.

    A comparison by another plan is None: its rows are not those of the report.

    Parameters
    ----------
    results
        The project's results folder.
    result
        The result that the report is about.
    language
        Language of the indicators' names.

    Raises
    ------
    OutputError
        If a comparison cannot be read.
    """
    names = {row.row: row.name(language) for row in result.plan.rows}
    own = {row.row: row.variants[0] for row in result.plan.rows}
    found: dict[str, pd.DataFrame | None] = {}
    for file in sorted((results / "compare").glob("*/indicators.csv")):
        with _readable(file.parent):
            table = pd.read_csv(file)
            if not table["plan"].eq(result.plan.name).all():
                found[file.parent.name] = None
                continue
            whole = table[table["level"].isin(["city", "county"])]
            whole = whole[whole["variant"] == whole["row"].map(own)]
            # one side may have no figure
            differs = ~(whole["difference"].abs() <= _SAME)
            differs &= whole["value_a"].notna() | whole["value_b"].notna()
            columns = {"value_a": "a", "value_b": "b"}
            table = whole[differs].rename(columns=columns)
            table = table.assign(name=table["row"].map(names))
            found[file.parent.name] = table[["name", "unit", "a", "b", "difference"]]
    return found


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    """Say which folder cannot be read: another version wrote it, or somebody changed it."""
    try:
        yield
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise OutputError("report.earlier_unreadable", path=folder, detail=error) from error
