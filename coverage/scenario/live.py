"""A scenario at the speed of a click: every edit touches only what it changes.

What stands after any edits and undoings equals measuring all anew, to the last bit. An edit of a
facility takes less than a tenth of a second; new streets, barriers and housing touch everything,
and are measured anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.access import ServiceAccess, WhatIf, access_by_unit
from coverage.indicators import Inputs, Ways, evaluate, make_units
from coverage.outputs.map_figures import HEADLINES
from coverage.scenario.apply import apply_scenario, with_edit
from coverage.scenario.edits import Add, Barrier, Housing, Link
from coverage.scenario.facilities import label_of
from coverage.scenario.places import Ground, Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.analysis import Prepared
    from coverage.plans import IndicatorRow
    from coverage.scenario.edits import Edit
    from coverage.scenario.scenario import Scenario
    from coverage.service import Service

_ROW = ["kind", "row"]  # what tells the rows of a plan apart
_NAMING = ("categories", "near", "service", "services")  # parameters that name what a row is about
_FACILITIES, _EVERY = "facilities", "*"
_KEY = [*_ROW, "variant", "level", "unit_code"]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """What an edit, or undoing one, changed.

    Parameters
    ----------
    services
        One row a service that may differ: index service; people, covered, share, and before them
        covered_before, share_before; gained, lost: people covered only now, only before.
    townships
        Townships whose figures differ: service, code, covered, share, and before them
        covered_before, share_before.
    indicators
        Rows of the headline indicators whose value or status differs, with value_before and
        status_before.
    """

    services: pd.DataFrame
    townships: pd.DataFrame
    indicators: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class _Figures:
    """Figures at one moment; the rows of the plan in `stale` are not yet true."""

    access: Mapping[str, ServiceAccess]
    approximate: Mapping[str, float]
    townships: Mapping[str, pd.DataFrame]
    indicators: Mapping[tuple[str, int], pd.DataFrame]
    stale: frozenset[tuple[str, int]] = frozenset()


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
        self._past: list[tuple[Prepared, _Figures]] = []
        self.prepared: Prepared
        self._figures: _Figures
        self._inputs: Inputs | None
        self._begin(apply_scenario(prepared, scenario))

    @property
    def access(self) -> tuple[ServiceAccess, ...]:
        """Return access to each service as it is now."""
        return tuple(self._figures.access.values())

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
        edit, number = scenario.edits[-1], len(scenario.edits)
        before, past = self._figures, self.prepared
        starts = getattr(edit, "year", None)
        if starts is None or starts <= past.year:
            edited = with_edit(past, edit, number, self._ground)
            if isinstance(edit, Link | Barrier | Housing):
                self._begin(edited)
            else:
                self._follow(edited, self._row(edited, edit, number), new=isinstance(edit, Add))
        self.scenario = scenario
        self._past.append((past, before))
        return self._effect(before)

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
                row = self._row(self.prepared, undone, len(self.scenario.edits))
                self._settle(prepared, row)
                self.prepared, self._figures = prepared, figures
        self.scenario = scenario
        return self._effect(now)

    def _row(self, prepared: Prepared, edit: Any, number: int) -> int:  # noqa: ANN401 - of a facility
        return label_of(prepared.layers.facilities, edit.id, Where(source="-", number=number))

    # --- keeping minutes true ------------------------------------------------------------------

    def _begin(self, prepared: Prepared, figures: _Figures | None = None) -> None:
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
        return stood and not stands

    # --- figures -------------------------------------------------------------------------------

    def _measured(
        self, prepared: Prepared, touched: Iterable[Service], category: str | None
    ) -> _Figures:
        """Return the figures, those of services and of the plan's rows that are touched anew."""
        known = _Figures(access={}, approximate={}, townships={}, indicators={})
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
        return _Figures(
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

    def _effect(self, before: _Figures) -> Effect:
        """Say what differs from earlier figures."""
        now = self._figures
        services, townships = [], []
        for name, entry in now.access.items():
            was = before.access[name]
            if entry is was:
                continue
            services.append({"service": name, **_change(entry, was)})
            townships.append(_differing(now.townships[name], before.townships[name], name))
        tables = [
            _told(table, before.indicators[key])
            for key, table in now.indicators.items()
            if table is not before.indicators[key] and table["indicator"].iloc[0] in HEADLINES
        ]
        return Effect(
            services=pd.DataFrame(services, columns=list(_SERVICE)).set_index("service"),
            townships=_joined(townships, ["service", "code", *_SERVICE[2:6]]),
            indicators=_joined(tables, [*_KEY, "value", "status"]),
        )


_SERVICE = (
    "service", "people", "covered", "share", "covered_before", "share_before", "gained", "lost",
)  # fmt: skip


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


def _change(now: ServiceAccess, was: ServiceAccess) -> dict[str, float]:
    weight = now.demand["weight"].to_numpy(dtype=float)
    people = float(np.nansum(weight))
    covered = (now.demand["status"] == "covered").to_numpy()
    sums = float(np.nansum(weight[covered]))
    before = (was.demand["status"] == "covered").to_numpy()
    earlier = was.demand["weight"].to_numpy(dtype=float)
    people_before, sums_before = float(np.nansum(earlier)), float(np.nansum(earlier[before]))
    # new housing comes last: of the points that both have, these are covered only now or before
    both = min(len(covered), len(before))
    gained, lost = covered[:both] & ~before[:both], before[:both] & ~covered[:both]
    return {
        "people": people,
        "covered": sums,
        "share": sums / people if people > 0 else np.nan,
        "covered_before": sums_before,
        "share_before": sums_before / people_before if people_before > 0 else np.nan,
        "gained": float(np.nansum(weight[:both][gained])),
        "lost": float(np.nansum(weight[:both][lost])),
    }


def _differing(now: pd.DataFrame, was: pd.DataFrame, service: str) -> pd.DataFrame:
    """Return the units whose figures are not the same."""
    same = ((now == was) | (now.isna() & was.isna())).all(axis=1).to_numpy()
    table = pd.DataFrame({"service": service, "code": now.index[~same]})
    for name in ("covered", "share"):
        table[name] = now[name].to_numpy()[~same]
    for name in ("covered", "share"):
        table[f"{name}_before"] = was[name].to_numpy()[~same]
    return table


def _told(now: pd.DataFrame, was: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of an indicator whose value or status is another now."""
    table = now.reset_index(drop=True)
    earlier = was.reset_index(drop=True)
    if not table[_KEY].equals(earlier[_KEY]):
        keys = table[_KEY].merge(earlier.drop_duplicates(_KEY), on=_KEY, how="left")
        earlier = keys.reindex(columns=earlier.columns)
    value, before = table["value"].to_numpy(), earlier["value"].to_numpy(dtype=float)
    same = (value == before) | (np.isnan(value) & np.isnan(before))
    same &= (table["status"] == earlier["status"]).to_numpy(dtype=bool)
    told: pd.DataFrame = table[~same]
    return told.assign(value_before=before[~same], status_before=earlier["status"][~same])


def _joined(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    tables = [table for table in tables if len(table)]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=columns)
