"""A scenario at the speed of a click: every edit touches only what it changes.

What stands after any edits and undoings equals measuring all anew, to the last bit. An edit of a
facility takes less than a tenth of a second; new streets, barriers and housing touch everything,
and are measured anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.access import ServiceAccess, WhatIf, access_by_unit
from coverage.indicators import Inputs, Ways, evaluate, make_units
from coverage.outputs.map_figures import HEADLINES
from coverage.scenario.apply import apply_scenario, place_in, with_edit
from coverage.scenario.edits import Add, Barrier, Housing, Link
from coverage.scenario.effects import Figures, effect_of
from coverage.scenario.facilities import label_of
from coverage.scenario.places import Ground

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.analysis import Prepared
    from coverage.plans import IndicatorRow
    from coverage.scenario.edits import Edit
    from coverage.scenario.effects import Effect
    from coverage.scenario.scenario import Scenario
    from coverage.service import Service

_NAMING = ("categories", "near", "service", "services")  # parameters that name what a row is about
_FACILITIES, _EVERY = "facilities", "*"


class LiveScenario:
    """Keep the figures of a scenario true while it is edited.

    Parameters
    ----------
    prepared
        The project as read; it stays as it is.
    scenario
        The scenario to begin with.
    speed
        Walking speed in m/s; by default the project's.

    Attributes
    ----------
    scenario
        The scenario as it is now; to be saved with `save_scenario`.
    prepared
        The project as edited now; `Prepared.analyse` gives all results.

    See Also
    --------
    apply_scenario : Applies a scenario once.
    """

    def __init__(
        self, prepared: Prepared, scenario: Scenario, *, speed: float | None = None
    ) -> None:
        self.scenario = scenario
        self._baseline = prepared
        self._speed = prepared.configuration.walking.speed if speed is None else speed
        self._ground = Ground(prepared.layers)
        self._past: list[tuple[Prepared, Figures]] = []
        self.prepared: Prepared
        self._figures: Figures
        self._inputs: Inputs | None
        self._begin(apply_scenario(prepared, scenario))

    @property
    def access(self) -> tuple[ServiceAccess, ...]:
        """Return access to each service as it is now."""
        return tuple(self._figures.access.values())

    def units(self, service: str, unit: str) -> pd.DataFrame:
        """Return access to a service summed by community or township, as it is now.

        Parameters
        ----------
        service
            Name of the service.
        unit
            ``community`` or ``township``.

        Returns
        -------
        pandas.DataFrame
            As `access_by_unit`.
        """
        if unit == "township":
            return self._figures.townships[service]
        codes = self.prepared.layers.communities["code"]
        return access_by_unit(self._figures.access[service], unit, codes)

    @property
    def indicators(self) -> pd.DataFrame:
        """Return the table of indicators as it is now.

        Edits keep the headline rows true; of a large plan the others are computed here.
        """
        rows = self.prepared.configuration.plan.rows
        now = self._figures
        late = tuple(row for row in rows if (row.kind, row.row) in now.stale)
        tables = now.indicators
        if late:
            tables = {
                **tables,
                **self._indicators(self.prepared, now.access, now.approximate, late),
            }
            self._figures = replace(now, indicators=tables, stale=frozenset())
        keys = dict.fromkeys((row.kind, row.row) for row in rows)
        return pd.concat([tables[key] for key in keys], ignore_index=True)

    def edit(self, edit: Edit) -> Effect:
        """Apply an edit.

        Parameters
        ----------
        edit
            The edit, which comes last in the scenario.

        Returns
        -------
        Effect
            What it changed.

        Raises
        ------
        ScenarioError
            If it cannot be applied; nothing is changed then.
        """
        scenario = self.scenario.with_edit(edit)
        edit, where = scenario.edits[-1], place_in(scenario, len(scenario.edits))
        before, past = self._figures, self.prepared
        starts = getattr(edit, "year", None)
        if starts is None or starts <= past.year:
            edited = with_edit(past, edit, self._ground, where)
            if isinstance(edit, Link | Barrier | Housing):
                self._begin(edited)
            else:
                row = label_of(edited.layers.facilities, edit.id, where)
                self._follow(edited, row, new=isinstance(edit, Add))
        self.scenario = scenario
        self._past.append((past, before))
        return effect_of(self._figures, before)

    def undo(self) -> Effect:
        """Take the last edit back.

        Raises
        ------
        ScenarioError
            If there is none.
        """
        scenario = self.scenario.without_last()
        undone, now = self.scenario.edits[-1], self._figures
        if not self._past:  # an edit that was there at the beginning
            self._begin(apply_scenario(self._baseline, scenario))
        else:
            prepared, figures = self._past.pop()
            if isinstance(undone, Link | Barrier | Housing):
                self._begin(prepared, figures)
            elif prepared is not self.prepared:
                where = place_in(self.scenario, len(self.scenario.edits))
                row = label_of(self.prepared.layers.facilities, undone.id, where)
                self._settle(prepared, row)
                self.prepared, self._figures = prepared, figures
        self.scenario = scenario
        return effect_of(self._figures, now)

    # --- keeping minutes true ------------------------------------------------------------------

    def _begin(self, prepared: Prepared, figures: Figures | None = None) -> None:
        """Measure all anew."""
        self.prepared = prepared
        self._inputs = None
        self._services = tuple(prepared.configuration.services.values())
        # how a facility is known to the searches: by its row, and how many were added before it
        self._keys = [str(row) for row in range(len(prepared.layers.facilities))]
        self._added = 0
        self._what_ifs = {s.name: self._what_if(prepared, s) for s in self._services}
        self._figures = figures or self._measured(prepared, self._services, None)

    def _what_if(self, prepared: Prepared, service: Service) -> WhatIf:
        """Let all facilities of a service stand in their order, then close those that do not count.

        So one that opens later takes its place among facilities at equal minutes.
        """
        layer = prepared.layers.facilities
        rows = np.flatnonzero(layer["category"].isin(service.categories))
        demand, facilities = prepared.snapped[service.mode]
        what_if = WhatIf(
            service,
            prepared.demand,
            layer.iloc[rows].assign(id=rows.astype(str)),
            prepared.networks[service.mode],
            demand_snapped=demand,
            facilities_snapped=facilities.take(rows),
            speed=self._speed,
        )
        for row in rows[~_stands(prepared, service)[rows]]:
            what_if.close(str(row))
        return what_if

    def _follow(self, prepared: Prepared, row: int, *, new: bool) -> None:
        """Take over an edit of one facility."""
        if new:
            # never the key of one that was undone: it would take that one's place in the order
            self._added += 1
            self._keys[row:] = [f"{row}+{self._added}"]
        touched = self._settle(prepared, row)
        self.prepared = prepared
        category = str(prepared.layers.facilities["category"].iloc[row])
        self._figures = self._measured(prepared, touched, category)

    def _settle(self, prepared: Prepared, row: int) -> tuple[Service, ...]:
        """Let a facility stand as it now does; return the services for which that matters."""
        layer = self.prepared.layers.facilities
        longer = layer if len(layer) > row else prepared.layers.facilities
        category = longer["category"].iloc[row]
        offered = [s for s in self._services if category in s.categories]
        return tuple(service for service in offered if self._settle_for(service, prepared, row))

    def _settle_for(self, service: Service, prepared: Prepared, row: int) -> bool:
        """Let a facility stand as it now does; return whether that changes who reaches what."""
        what_if, key = self._what_ifs[service.name], self._keys[row]
        stood, stands = (
            row < len(p.layers.facilities) and bool(_stands(p, service)[row])
            for p in (self.prepared, prepared)
        )
        if stood and not stands:
            what_if.close(key)
        if stands:
            place = prepared.snapped[service.mode][1].take(np.array([row]))
            if not stood:
                what_if.add(key, place)
                return True
            was = self.prepared.snapped[service.mode][1].take(np.array([row]))
            if (was.point_x[0], was.point_y[0]) != (place.point_x[0], place.point_y[0]):
                what_if.move(key, place)
                return True
            # at the same point, but known better or worse
            one, other = (p.layers.facilities["location"] for p in (self.prepared, prepared))
            return bool(one.iloc[row] != other.iloc[row])
        return stood

    # --- figures -------------------------------------------------------------------------------

    def _measured(
        self, prepared: Prepared, touched: Iterable[Service], category: str | None
    ) -> Figures:
        """Return the figures, those of services and of the plan's rows that are touched anew."""
        known = Figures(access={}, approximate={}, townships={}, indicators={})
        if category is not None:
            known = self._figures
        new = {service.name: self._access(prepared, service) for service in touched}
        codes = prepared.layers.townships["code"]
        townships = {name: access_by_unit(entry, "township", codes) for name, entry in new.items()}
        access = {**known.access, **new}
        approximate = {**known.approximate, **prepared.approximate_shares(list(new.values()))}
        rows = self._rows_touched(prepared.configuration.plan.rows, category)
        first = rows if category is None else [r for r in rows if r.indicator in HEADLINES]
        tables = self._indicators(prepared, access, approximate, first)
        late = {(row.kind, row.row) for row in rows}.difference(tables)
        return Figures(
            access=access,
            approximate=approximate,
            townships={**known.townships, **townships},
            indicators={**known.indicators, **tables},
            stale=known.stale | late,
        )

    def _access(self, prepared: Prepared, service: Service) -> ServiceAccess:
        """Return access with ids and labels of the facilities layer."""
        found = self._what_ifs[service.name].access()
        rows = [int(key.partition("+")[0]) for key in found.facilities.index]
        ids = prepared.layers.facilities["id"].astype(str).to_numpy()[rows]
        names = dict(zip(found.facilities.index, ids, strict=True)) | {"": ""}
        facility = found.demand["facility"].map(names).astype("str")
        return ServiceAccess(
            service=service,
            demand=found.demand.assign(facility=facility),
            facilities=found.facilities.set_axis(pd.Index(rows, dtype="int64")).sort_index(),
        )

    def _rows_touched(
        self, rows: tuple[IndicatorRow, ...], category: str | None
    ) -> tuple[IndicatorRow, ...]:
        """Return the rows of the plan that facilities of a category may change.

        A row rests on the categories and services that it names alone, where it names any.
        """
        if category is None:
            return rows
        services = {service.name: set(service.categories) for service in self._services}

        def rests(row: IndicatorRow) -> bool:
            named = set(_named(row.parameters))
            categories = named.union(*(services.get(name, ()) for name in named))
            return row.family != "entered" and (_EVERY in named or category in categories)

        return tuple(row for row in rows if rests(row))

    def _indicators(
        self,
        prepared: Prepared,
        access: Mapping[str, ServiceAccess],
        approximate: Mapping[str, float],
        rows: Sequence[IndicatorRow],
    ) -> dict[tuple[str, int], pd.DataFrame]:
        layers = prepared.layers
        status, _ = prepared.facility_status
        # one whose place is unknown, or off the streets, still serves the unit it is in
        counts = status.isin(["counted", "no_location", "off_network"]).to_numpy(dtype=bool)
        ways = Ways(networks=prepared.networks, snapped=prepared.snapped, speed=self._speed)
        if self._inputs is None:
            counties = layers.others.get("counties")
            name = prepared.configuration.name
            units = make_units(layers.communities, layers.townships, counties, name)
            self._inputs = Inputs(
                units=units, layers=layers, counts=counts, demand=prepared.demand,
                access=access, ways=ways, approximate=approximate,
            )  # fmt: skip
        else:
            self._inputs = self._inputs.with_facilities(
                layers=layers, counts=counts, access=access, ways=ways, approximate=approximate
            )
        plan = replace(prepared.configuration.plan, rows=tuple(rows))
        table = evaluate(plan, self._inputs, prepared.year)
        return {
            key: table[(table["kind"] == key[0]) & (table["row"] == key[1])]
            for key in dict.fromkeys((row.kind, row.row) for row in rows)
        }


def _stands(prepared: Prepared, service: Service) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows of the facilities layer count and stand on the streets of a service."""
    status, _ = prepared.facility_status
    on: np.ndarray[tuple[int], np.dtype[np.bool_]] = prepared.snapped[service.mode][1].on_network
    return (status == "counted").to_numpy() & on


def _named(value: object, *, inner: bool = False) -> Iterable[str]:
    """Yield the categories and services that parameters name, `_EVERY` where they name none."""
    if isinstance(value, list | tuple):
        for item in value:
            yield from _named(item, inner=True)
    if not isinstance(value, dict):
        return
    own = [value[key] for key in _NAMING if value.get(key)]
    for names in own:
        yield from [names] if isinstance(names, str) else names
    if not own and (not inner or _FACILITIES in value.values()):
        yield _EVERY
    for item in value.values():
        yield from _named(item, inner=True)
