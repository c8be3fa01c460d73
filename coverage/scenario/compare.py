"""Hold two analyses of one year side by side: indicators, units, facilities that differ.

Columns end in ``_a`` and ``_b``; every difference is b less a. Nothing is computed anew: the
numbers are those of the two runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage import texts
from coverage.outputs import write_comparison
from coverage.scenario.apply import apply_scenario
from coverage.scenario.checks import AMOUNTS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from coverage.analysis import Prepared, Progress
    from coverage.results import Result
    from coverage.scenario.scenario import Scenario

_INDICATOR = (
    "plan", "row", "kind", "indicator", "variant", "level", "unit_code", "unit_name", "year",
)  # fmt: skip
_TARGET = ("unit", "target", "target_year", "comparator")
_MEASURES = ("people", "covered", "share", "minutes")
_FACILITY = ("name", "category", "community", "township", "status", *AMOUNTS)
_MOVED_M = 1e-6  # metres below which a place is the same


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of two sides: the scenario's name and title, the project as edited, its result."""

    name: str
    title: str
    prepared: Prepared
    result: Result


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Hold what differs between two scenarios.

    Parameters
    ----------
    a, b
        The two results.
    names, titles
        Names of the scenarios, and what people call them.
    notice
        What every map must show, whichever scenarios are compared; may be empty.
    marking
        What stands on maps that are not public; may be empty.
    indicators, townships, communities, facilities
        The tables of the files of these names.
    record
        What ``run.json`` says, but for the outputs.
    """

    a: Result
    b: Result
    names: tuple[str, str]
    titles: tuple[str, str]
    notice: str
    marking: str
    indicators: pd.DataFrame
    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    record: Mapping[str, Any]

    def save(self, folder: str | Path) -> Path:
        """Write all files of the comparison into a folder, whole or not at all.

        Parameters
        ----------
        folder
            Folder to write; its earlier files are replaced, its subfolders stay.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        return write_comparison(self, folder, texts.language())


def side_of(prepared: Prepared, scenario: Scenario, progress: Progress | None = None) -> Side:
    """Analyse a scenario as one side of a comparison.

    Parameters
    ----------
    prepared
        The project as read.
    scenario
        The scenario.
    progress
        Is told each stage as it begins.

    Raises
    ------
    ScenarioError
        If the scenario cannot be applied.
    """
    edited = apply_scenario(prepared, scenario)
    return Side(
        name=scenario.name,
        title=scenario.said(),
        prepared=edited,
        result=edited.analyse(extras=False, progress=progress),
    )


def compare_sides(a: Side, b: Side, *, notice: str = "", marking: str = "") -> Comparison:
    """Compare two scenarios of one project and year.

    Parameters
    ----------
    a, b
        The two sides.
    notice
        What every map of the project must show.
    marking
        What stands on the project's maps where they are not public.
    """
    services = [service.name for service in b.result.services]
    compared = {key: side.result.record["scenario"] for key, side in (("a", a), ("b", b))}
    keys = ("project", "versions", "parameters", "inputs", "stands_for_year")
    common = {key: b.result.record[key] for key in keys}
    return Comparison(
        a=a.result,
        b=b.result,
        names=(a.name, b.name),
        titles=(a.title, b.title),
        notice=notice,
        marking=marking,
        indicators=compared_indicators(a.result.indicators, b.result.indicators),
        townships=compared_units(a.result.townships, b.result.townships, services),
        communities=compared_units(a.result.communities, b.result.communities, services),
        facilities=differing_facilities(a, b),
        record={**common, "compared": compared},
    )


def compared_indicators(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of two tables of indicators side by side.

    Parameters
    ----------
    a, b
        Tables of ``indicators.csv``.

    Returns
    -------
    pandas.DataFrame
        The key of a row, value_a, value_b, difference, numerators and denominators, unit, target,
        status_a, status_b, and met_by: ``a``, ``b``, ``both``, ``neither``, empty without target.
    """
    keys = [*_INDICATOR, "_nth"]
    sides = []
    for table, mark in ((a, "a"), (b, "b")):
        # one place in the plan may say several figures of one unit
        nth = table.groupby(list(_INDICATOR), dropna=False).cumcount()
        cells = table[[*_INDICATOR, "value", "numerator", "denominator", "status", *_TARGET]]
        renamed = {n: f"{n}_{mark}" for n in ("value", "numerator", "denominator", "status")}
        sides.append(cells.rename(columns=renamed).assign(_nth=nth))
    own = ["value_a", "numerator_a", "denominator_a", "status_a"]
    joined = sides[1].merge(sides[0][[*keys, *own]], on=keys, how="left", sort=False)
    only_a = sides[0].merge(sides[1][keys], on=keys, how="left", indicator=True, sort=False)
    only_a = only_a[only_a.pop("_merge") == "left_only"]
    table = pd.concat([joined, only_a], ignore_index=True) if len(only_a) else joined
    met = {side: (table[f"status_{side}"] == "met").to_numpy() for side in "ab"}
    judged = table["target"].notna().to_numpy()
    table["met_by"] = np.select(
        [~judged, met["a"] & met["b"], met["a"], met["b"]], ["", "both", "a", "b"], "neither"
    )
    table["difference"] = table["value_b"] - table["value_a"]
    numbers = ("value", "numerator", "denominator")
    pairs = [f"{name}_{side}" for name in numbers for side in "ab"]
    columns = [*_INDICATOR, *pairs[:2], "difference", *_TARGET, "status_a", "status_b", "met_by"]
    return table[[*columns, *pairs[2:]]]


def compared_units(
    a: gpd.GeoDataFrame, b: gpd.GeoDataFrame, services: list[str]
) -> gpd.GeoDataFrame:
    """Return two tables of units side by side: people, covered, share, minutes by service.

    Parameters
    ----------
    a, b
        Tables of ``townships.csv`` or ``communities.csv``.
    services
        Names of the services.
    """
    before = a.set_index("code").reindex(b["code"])
    table = pd.DataFrame(b[["code", "name"]])
    for service in services:
        for measure in _MEASURES:
            column = f"{service}_{measure}"
            table[f"{column}_a"] = before[column].to_numpy()
            table[f"{column}_b"] = b[column].to_numpy()
            table[f"{column}_difference"] = table[f"{column}_b"] - table[f"{column}_a"]
    return gpd.GeoDataFrame(table, geometry=b.geometry.to_numpy(), crs=b.crs)


def differing_facilities(a: Side, b: Side) -> gpd.GeoDataFrame:
    """Return the facilities that are not the same on both sides.

    Parameters
    ----------
    a, b
        The two sides.

    Returns
    -------
    geopandas.GeoDataFrame
        id, change (``added``, ``removed``, ``moved``, ``counts``, ``no_longer_counts``,
        ``resized``; several joined by ``;``), name, category, community, township, status and
        amounts of both, moved_m, people reached by service; geometry that of b, else of a.
    """
    left, right = _facilities(a), _facilities(b)
    ids = right.index.append(left.index.difference(right.index, sort=False))
    before, after = left.reindex(ids), right.reindex(ids)
    there_a, there_b = ids.isin(left.index), ids.isin(right.index)
    point_a, point_b = (gpd.GeoSeries(t["geometry"], crs=b.result.crs) for t in (before, after))
    moved_m = point_a.distance(point_b, align=False).to_numpy()
    counted_a = (before["status"] == "counted").to_numpy()
    counted_b = (after["status"] == "counted").to_numpy()
    other = np.zeros(len(ids), dtype=bool)
    for name in AMOUNTS:
        same = (before[name] == after[name]) | (before[name].isna() & after[name].isna())
        other |= ~same.to_numpy()
    both = there_a & there_b
    marks = {
        "added": ~there_a,
        "removed": ~there_b,
        "moved": both & (np.nan_to_num(moved_m) > _MOVED_M),
        "counts": both & ~counted_a & counted_b,
        "no_longer_counts": both & counted_a & ~counted_b,
        "resized": both & other,
    }
    change = [
        ";".join(name for name, flags in marks.items() if flags[row]) for row in range(len(ids))
    ]
    table = pd.DataFrame({"id": ids, "change": change})
    for name in _FACILITY:
        if name in {"name", "category"}:
            table[name] = after[name].where(there_b, before[name]).to_numpy()
            continue
        table[f"{name}_a"], table[f"{name}_b"] = before[name].to_numpy(), after[name].to_numpy()
    table["moved_m"] = moved_m
    for column in right.columns[right.columns.str.endswith(("_reach", "_load"))]:
        table[f"{column}_a"], table[f"{column}_b"] = (
            before[column].to_numpy(),
            after[column].to_numpy(),
        )
    places = point_b.where(there_b, point_a).to_numpy()
    differing = gpd.GeoDataFrame(table, geometry=places, crs=b.result.crs)
    return differing[differing["change"] != ""].reset_index(drop=True)


def _facilities(side: Side) -> pd.DataFrame:
    """Return the facilities of a side by id, with what they reach; those set aside left out."""
    layer = side.prepared.layers.facilities
    amounts = layer[list(AMOUNTS)].set_axis(side.result.facilities.index)
    table = pd.DataFrame(side.result.facilities).assign(**amounts)
    return table[table["status"] != "set_aside"].set_index("id")
