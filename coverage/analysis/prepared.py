"""A project as read, ready to be analysed: once, or at every click of a page."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from coverage.access import (
    ACCESSIBILITY_COLUMNS,
    INEQUALITY_TABLE_COLUMNS,
    SENSITIVITY_COLUMNS,
    Border,
    Level,
    MeasuredAccess,
    ServiceAccess,
    accessibility_by_unit,
    facility_status,
    find_border,
    inequality_table,
    measure_access,
    sensitivity,
)
from coverage.analysis.choice import chosen_services, walking_speed
from coverage.analysis.clock import Clock, Progress
from coverage.analysis.drawing import AREA_COLUMNS, draw_service_areas
from coverage.analysis.findings import issues_of, report_ground
from coverage.analysis.record import parameters_of, record_of
from coverage.indicators import (
    Inputs,
    Units,
    Ways,
    entered_figures,
    evaluate,
    make_units,
    services_of,
)
from coverage.layers import IssueLog, Layers
from coverage.outputs import load_folium
from coverage.results import Result, demand_table, facility_table, gap_table, unit_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.configuration import Configuration
    from coverage.network import Snapped, StreetNetwork
    from coverage.plans import Plan
    from coverage.service import Mode, Service

SPEED_PRESETS_M_S = (0.65, 0.8, 0.9, 1.0)  # frail, aged 80 and over, default, planning practice
SENSITIVITY_MINUTES = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 45.0, 60.0)


_SHOWN = ("water", "projects")  # layers that outputs show as they are


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Layers, streets and demand of a year, read once and quick to analyse again.

    Parameters
    ----------
    configuration
        The project file.
    year
        Year that was read for.
    layers
        Layers in one metric CRS.
    networks
        Streets by mode.
    streets
        Lines of the walk network.
    demand
        Weighted points.
    snapped
        By mode, where demand and facilities meet the streets.
    vintages
        By layer, the year its source describes, where the project has several.
    issues
        What was odd so far.
    seconds
        Seconds by stage so far.
    scenario
        Name, file digest and edits of the scenario that was applied, as ``run.json`` has them;
        empty for the baseline.
    """

    configuration: Configuration
    year: int
    layers: Layers
    networks: Mapping[Mode, StreetNetwork]
    streets: gpd.GeoDataFrame
    demand: gpd.GeoDataFrame
    snapped: Mapping[Mode, tuple[Snapped, Snapped]]
    vintages: Mapping[str, int]
    issues: IssueLog
    seconds: Mapping[str, float] = field(default_factory=dict)
    scenario: Mapping[str, Any] = field(default_factory=dict)

    def analyse(
        self,
        *,
        minutes: Mapping[str, float] | None = None,
        speed: float | None = None,
        categories: Mapping[str, Sequence[str]] | None = None,
        services: Sequence[Service] | None = None,
        extras: bool = True,
        second_core: bool = True,
        progress: Progress | None = None,
    ) -> Result:
        """Measure access and compute the indicators.

        Parameters
        ----------
        minutes
            Limits by service, in place of the services' own.
        speed
            Walking speed on the flat in m/s, in place of the project's.
        categories
            Facility categories by service, in place of the services' own.
        services
            Services to look at in place of the project's own: the others, and the plan's rows that
            do not rest on these alone, are left out, so that the answer is there at once.
        extras
            Whether to draw service areas and to vary speed and minutes; without it, the figures
            are there sooner and these two tables are empty.
        second_core
            Whether service areas are drawn beside the rest, on a core of their own; where each core
            has a process that works, this only gets in the way of others.
        progress
            Is told each stage as it begins.

        Raises
        ------
        ProjectError
            If a service, a category or a value is not valid.
        """
        clock = Clock(progress)
        chosen = self.configuration.services if services is None else {s.name: s for s in services}
        services = chosen_services(chosen, minutes or {}, categories or {})
        pace = self.configuration.walking.speed if speed is None else walking_speed(speed)
        with ThreadPoolExecutor(max_workers=2) as pool:
            # drawing leaves the interpreter free while it runs, so it runs beside the rest
            further = services if extras else ()
            apart = further if second_core else ()
            drawn = [pool.submit(self._areas, service, pace) for service in apart]
            if extras and second_core:
                pool.submit(load_folium)
            with clock.stage("access"):
                access = [self._access(service, pace) for service in services]
            with clock.stage("indicators"):
                approximate = self.approximate_shares(access)
                inputs = self._inputs(access, pace, approximate)
                tables = self._tables(access, pace, inputs, extras=extras)
            with clock.stage("sensitivity"):
                bands = [self._sensitivity(service, pace) for service in further]
            with clock.stage("accessibility"):
                measured = access if extras else ()
                beside = [self._accessibility(entry, pace) for entry in measured]
            with clock.stage("service_areas"):
                areas = [table.result() for table in drawn]
                if not second_core:
                    areas = [self._areas(service, pace) for service in further]
        parameters = parameters_of(self, services, pace)
        return Result(
            name=self.configuration.name,
            year=self.year,
            plan=self.configuration.plan,
            population_basis=self.configuration.population_basis,
            notice=self.configuration.notice,
            marking=self.configuration.marking,
            parameters=parameters,
            services=services,
            crs=self.layers.crs,
            sensitivity=_joined(bands, SENSITIVITY_COLUMNS),
            accessibility=_joined([table for table, _ in beside], ACCESSIBILITY_COLUMNS),
            inequality=_joined([table for _, table in beside], INEQUALITY_TABLE_COLUMNS),
            service_areas=gpd.GeoDataFrame(
                _joined(areas, AREA_COLUMNS), geometry="geometry", crs=self.layers.crs
            ),
            context=self._context(),
            record=record_of(self, parameters, approximate, {**self.seconds, **clock.seconds}),
            inputs=inputs,
            **tables,
        )

    def _tables(
        self,
        access: Sequence[ServiceAccess],
        speed: float,
        inputs: Inputs,
        *,
        extras: bool,
    ) -> dict[str, pd.DataFrame]:
        """Return the tables of a result that follow from access, by name."""
        layers = self.layers
        return {
            "townships": unit_table(layers.townships, "township", access),
            "communities": unit_table(layers.communities, "community", access),
            "demand": demand_table(self.demand, access),
            "facilities": facility_table(layers.facilities, *self.facility_status, access),
            "indicators": evaluate(self._plan_of(inputs), inputs, self.year),
            "entered": self.entered,
            "issues": issues_of(self, access, speed if extras else None, inputs.approximate),
            "gaps": gap_table(self.demand, access),
        }

    @cached_property
    def borders(self) -> dict[Mode, Border]:
        """What of the streets lies beyond the border, by mode."""
        land = self.layers.townships.geometry
        return {mode: find_border(network, land) for mode, network in self.networks.items()}

    @cached_property
    def facility_status(self) -> tuple[pd.Series, pd.Series]:
        """Return every facility's status in the year, and metres to its street (missing: none)."""
        facilities = self.layers.facilities
        status = facility_status(facilities, self.year)
        drives = {c for s in self._drive_services() for c in s.categories}
        driven = facilities["category"].isin(drives).to_numpy()
        leg = self.snapped["walk"][1].leg_m
        if "drive" in self.snapped:
            leg = np.where(driven, self.snapped["drive"][1].leg_m, leg)
        snap_m = pd.Series(leg, index=facilities.index, dtype=float)
        lost = (status == "counted") & snap_m.isna()
        return status.where(~lost, "off_network"), snap_m

    @cached_property
    def ground_issues(self) -> IssueLog:
        """What was odd, and what all results rest on."""
        issues = IssueLog(self.issues)
        report_ground(self, issues)
        return issues

    @cached_property
    def entered(self) -> pd.DataFrame:
        """Return the figures of the plan that were entered by hand."""
        entered = self.layers.others.get("entered")
        return entered_figures(self.configuration.plan, entered, self.units, self.year)

    def _drive_services(self) -> list[Service]:
        return [s for s in self.configuration.services.values() if s.mode == "drive"]

    def service_access(
        self, name: str, *, minutes: float | None = None, speed: float | None = None
    ) -> MeasuredAccess:
        """Measure the access of all demand to one service, and nothing else.

        Parameters
        ----------
        name
            Name of the service.
        minutes
            Limit of a trip, in place of the service's own.
        speed
            Walking speed on the flat in m/s, in place of the project's.

        Raises
        ------
        ProjectError
            If there is no such service, or a value is not valid.
        """
        known = self.configuration.services
        own = known[name].minutes if name in known else 0.0
        limits = {name: own if minutes is None else minutes}
        services = {service.name: service for service in chosen_services(known, limits, {})}
        pace = self.configuration.walking.speed if speed is None else walking_speed(speed)
        return self._access(services[name], pace)

    def on_the_flat(self) -> Prepared:
        """Return the same without hills: minutes as if all streets were level."""
        networks = {mode: network.with_walking() for mode, network in self.networks.items()}
        return replace(self, networks=networks)

    def counted(self, service: Service) -> tuple[gpd.GeoDataFrame, Snapped]:
        """Return the facilities that offer a service and stand on its streets, and where."""
        facilities, status = self.layers.facilities, self.facility_status[0]
        snapped = self.snapped[service.mode][1]
        chosen = (
            (status == "counted").to_numpy()
            & facilities["category"].isin(service.categories).to_numpy()
            & snapped.on_network
        )
        return facilities[chosen], snapped.take(chosen)

    def _access(self, service: Service, speed: float) -> MeasuredAccess:
        facilities, snapped = self.counted(service)
        return measure_access(
            service,
            self.demand,
            facilities,
            self.networks[service.mode],
            demand_snapped=self.snapped[service.mode][0],
            facilities_snapped=snapped,
            speed=speed,
        )

    def _sensitivity(self, service: Service, speed: float) -> pd.DataFrame:
        _, snapped = self.counted(service)
        return sensitivity(
            service,
            self.demand,
            self.networks[service.mode],
            demand_snapped=self.snapped[service.mode][0],
            facilities_snapped=snapped,
            speeds=sorted({*SPEED_PRESETS_M_S, speed}),
            minutes=sorted({*SENSITIVITY_MINUTES, service.minutes}),
        )

    def _accessibility(
        self, access: MeasuredAccess, speed: float
    ) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return supply, room and detours of a service by unit, and how unequal access is."""
        service = access.service
        facilities, snapped = self.counted(service)
        network, start = self.networks[service.mode], self.snapped[service.mode][0]
        walked = None
        if service.mode == "walk":
            # metres are those of the way on the flat: slope takes time, not length
            walked = network.with_walking().nearest(start, snapped, speed=speed)
            walked = walked.assign(walked_m=walked["minutes"] * 60 * speed)
        table, scores = accessibility_by_unit(
            access,
            self.demand,
            facilities,
            self._levels,
            walked=walked,
            radius_m=service.minutes * 60 * speed,
        )
        kind = self.layers.communities.set_index("code")["kind"]
        urban = self.demand["community"].map(kind).map({"社区": 1.0, "村": 0.0})
        return table, inequality_table(access, scores, urban.to_numpy(dtype=float))

    @cached_property
    def _levels(self) -> tuple[Level, ...]:
        """Units of all levels, and which each demand point lies in."""
        layers, demand = self.layers, self.demand
        below = (("community", layers.communities), ("township", layers.townships))
        levels = [
            Level(
                name=name,
                unit=demand[name].to_numpy(dtype=object),
                codes=layer["code"].to_list(),
                names=layer["name"].to_list(),
            )
            for name, layer in below
        ]
        top = "city" if self.units.city else "county"
        everyone = np.full(len(demand), "", dtype=object)
        whole = Level(name=top, unit=everyone, codes=[""], names=[self.configuration.name])
        return (*levels, whole)

    def _inputs(
        self, access: Sequence[ServiceAccess], speed: float, approximate: Mapping[str, float]
    ) -> Inputs:
        """Return what the indicators are computed from."""
        # a facility whose place is unknown, or off the streets, still serves the unit it is in
        counts = facility_status(self.layers.facilities, self.year).isin(["counted", "no_location"])
        return Inputs(
            units=self.units,
            layers=self.layers,
            counts=counts.to_numpy(dtype=bool),
            demand=self.demand,
            access={entry.service.name: entry for entry in access},
            ways=Ways(networks=self.networks, snapped=self.snapped, speed=speed),
            approximate=approximate,
        )

    def _plan_of(self, inputs: Inputs) -> Plan:
        """Return the plan; where services are left out, its rows that rest on the others alone."""
        plan, services = self.configuration.plan, set(inputs.access)
        if services.issuperset(self.configuration.services):
            return plan
        named = [(row, services_of(row.parameters)) for row in plan.rows]
        return replace(plan, rows=tuple(r for r, own in named if own and services.issuperset(own)))

    @cached_property
    def units(self) -> Units:
        """Return communities and townships as the indicators count them."""
        layers = self.layers
        counties = layers.others.get("counties")
        return make_units(layers.communities, layers.townships, counties, self.configuration.name)

    def approximate_shares(self, access: Sequence[ServiceAccess]) -> dict[str, float]:
        """Return by service the share of covered people whose facility is only roughly placed.

        Parameters
        ----------
        access
            Access, one entry a service.
        """
        facilities = self.layers.facilities
        rough = set(facilities.loc[facilities["location"] == "approximate", "id"].astype(str))
        shares = {}
        for entry in access:
            covered = entry.demand[entry.demand["status"] == "covered"]
            total = float(covered["weight"].sum())
            roughly = float(covered.loc[covered["facility"].isin(rough), "weight"].sum())
            shares[entry.service.name] = roughly / total if total > 0 else 0.0
        return shares

    def _areas(self, service: Service, speed: float) -> pd.DataFrame:
        key = (service, speed)
        if key not in self._drawn:
            network = self.networks[service.mode]
            self._drawn[key] = draw_service_areas(service, network, *self.counted(service), speed)
        return self._drawn[key]

    @cached_property
    def _drawn(self) -> dict[tuple[Service, float], pd.DataFrame]:
        """Service areas drawn so far: a page changes one service at a time."""
        return {}

    def _context(self) -> Mapping[str, gpd.GeoDataFrame]:
        layers = {"streets": self.streets}
        layers |= {n: self.layers.others[n] for n in _SHOWN if n in self.layers.others}
        return MappingProxyType(layers)


def _joined(tables: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    if not tables:
        return pd.DataFrame(columns=list(columns))
    return pd.concat(tables, ignore_index=True)
