"""A finished analysis: tables that every output reads and nothing changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage import texts
from coverage.access import DEMAND_STATUSES, ServiceAccess, access_by_unit
from coverage.indicators import explain
from coverage.outputs import write_results

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pyproj

    from coverage.indicators import Explanation, Inputs
    from coverage.plans import Plan
    from coverage.service import Service

ACCESS_COLUMNS = ("people", "covered", "beyond", "unreachable", "off_network", "share", "minutes")
_INTERNAL = ("geometry", "source_row", "set_aside", "place")


@dataclass(frozen=True, kw_only=True)
class Result:
    """Hold everything that one analysis found.

    Parameters
    ----------
    name
        The project's name.
    year
        Year analysed.
    plan
        Plan the project is measured by.
    population_basis
        ``registered`` or ``resident``.
    notice
        What every map and page must show; may be empty.
    marking
        What stands on maps that are not public in place of a number of approval; may be empty.
    parameters
        Parameters of the analysis by name.
    services
        Services, with the minutes and categories that were used.
    crs
        Metric CRS of all geometry.
    townships, communities, demand, facilities
        The tables of the files of these names, with geometry.
    indicators, sensitivity, accessibility, inequality, issues
        The tables of the files of these names.
    entered
        Figures entered by hand for rows of the plan: row, level, unit_code, value, date, source.
    service_areas
        What each service reaches: service, facility (empty: all together), minutes, geometry. All
        together also within a third and two thirds of the minutes, the longest first.
    gaps
        Demand that is not covered: id, community, township, service, weight, minutes, status.
    context
        Layers that are only shown: ``streets`` with a column highway, ``water``, and ``projects``
        of the plan.
    record
        What ``run.json`` says, but for the outputs.
    inputs
        What the indicators were computed from, for `explain`.
    """

    name: str
    year: int
    plan: Plan
    population_basis: str
    notice: str
    marking: str = ""
    parameters: Mapping[str, Any]
    services: tuple[Service, ...]
    crs: pyproj.CRS
    townships: gpd.GeoDataFrame
    communities: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    indicators: pd.DataFrame
    entered: pd.DataFrame
    sensitivity: pd.DataFrame
    accessibility: pd.DataFrame
    inequality: pd.DataFrame
    issues: pd.DataFrame
    service_areas: gpd.GeoDataFrame
    gaps: gpd.GeoDataFrame
    context: Mapping[str, gpd.GeoDataFrame]
    record: Mapping[str, Any]
    inputs: Inputs = field(repr=False, compare=False)

    def explain(self, indicator: str, unit: str | None = None) -> Explanation:
        """Explain where an indicator's numbers come from.

        Parameters
        ----------
        indicator
            Identifier, name in Chinese or English, or where the plan has it: ``table:6``.
        unit
            Code or name of a county, township or community; by default the whole project.

        Raises
        ------
        ProjectError
            If the plan has no such indicator or the project no such unit.
        """
        return explain(self, indicator, unit)

    def save(self, folder: str | Path) -> Path:
        """Write all result files into a folder, whole or not at all.

        Parameters
        ----------
        folder
            Results folder; its earlier files are replaced, its subfolders stay.

        Returns
        -------
        pathlib.Path
            The folder.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        return write_results(self, Path(folder), language=texts.language())

    def save_workbook(self, file: str | Path) -> Path:
        """Write the workbook of indicators that a bureau hands in.

        Parameters
        ----------
        file
            Where it goes; its name ends in ``.xlsx``.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        OutputError
            If the file cannot be written, for instance because a program holds it open.
        """
        from coverage.outputs.workbook import write_workbook  # noqa: PLC0415 - start-up stays light

        return write_workbook(self, Path(file), texts.language())


def unit_table(
    units: gpd.GeoDataFrame, level: str, access: Sequence[ServiceAccess]
) -> gpd.GeoDataFrame:
    """Join the access of every service to the units of a level.

    Parameters
    ----------
    units
        Communities or townships layer.
    level
        ``community`` or ``township``.
    access
        Access, one entry a service.

    Returns
    -------
    geopandas.GeoDataFrame
        code, name, the layer's inputs, then per service S its people, covered, beyond,
        unreachable, off_network, share and minutes as columns ``S_people`` …, then geometry.
    """
    inputs = [c for c in units.columns if c not in ("code", "name", *_INTERNAL)]
    table = pd.DataFrame(units[["code", "name", *inputs]])
    for entry in access:
        sums = access_by_unit(entry, level, units["code"])
        for column in ACCESS_COLUMNS:
            table[f"{entry.service.name}_{column}"] = sums[column].to_numpy()
    return gpd.GeoDataFrame(table, geometry=units.geometry.to_numpy(), crs=units.crs)


def demand_table(demand: gpd.GeoDataFrame, access: Sequence[ServiceAccess]) -> gpd.GeoDataFrame:
    """List every demand point with its minutes and status, service after service.

    Parameters
    ----------
    demand
        Weighted points.
    access
        Access, one entry a service, rows as in `demand`.
    """
    columns = ["id", "community", "service", "weight", "minutes", "facility", "status"]
    tables = [entry.demand.assign(service=entry.service.name)[columns] for entry in access]
    table = pd.concat(tables, ignore_index=True)
    points = np.tile(demand.geometry.to_numpy(), len(access))
    return gpd.GeoDataFrame(table, geometry=points, crs=demand.crs)


def gap_table(demand: gpd.GeoDataFrame, access: Sequence[ServiceAccess]) -> gpd.GeoDataFrame:
    """List the demand points with people that a service does not cover.

    Parameters
    ----------
    demand
        Weighted points.
    access
        Access, one entry a service, rows as in `demand`.
    """
    columns = ["id", "community", "township", "service", "weight", "minutes", "status"]
    tables = []
    for entry in access:
        rows = entry.demand
        open_rows = rows[(rows["status"] != DEMAND_STATUSES[0]) & (rows["weight"] > 0)]
        tables.append(open_rows.assign(service=entry.service.name)[columns])
    table = pd.concat(tables)
    points = demand.geometry.loc[table.index].to_numpy()
    return gpd.GeoDataFrame(table.reset_index(drop=True), geometry=points, crs=demand.crs)


def facility_table(
    facilities: gpd.GeoDataFrame,
    status: pd.Series,
    snap_m: pd.Series,
    access: Sequence[ServiceAccess],
) -> gpd.GeoDataFrame:
    """List every facility with its status, and whom it reaches and serves.

    Parameters
    ----------
    facilities
        Facilities layer, every input row.
    status
        Status in the year, index as `facilities`.
    snap_m
        Metres to the street it was snapped to, missing where there is none in the limit.
    access
        Access, one entry a service.
    """
    table = pd.DataFrame(
        {
            "id": facilities["id"],
            "name": facilities["name"],
            "category": facilities["category"],
            "community": facilities["community"],
            "township": facilities["township"],
            "location": facilities["location"],
            "snap_m": snap_m,
            "status": status,
            # a scenario may have changed the status that the source gives
            "source_status": facilities.get("source_status", facilities["status"]),
        }
    )
    for entry in access:
        for column in ("reach", "load"):
            values = entry.facilities[column].reindex(facilities.index)
            table[f"{entry.service.name}_{column}"] = values
    return gpd.GeoDataFrame(table, geometry=facilities.geometry.to_numpy(), crs=facilities.crs)
