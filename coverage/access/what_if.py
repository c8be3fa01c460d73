"""What changes when a facility is added, moved, closed or resized, at the speed of a click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numba import njit

from coverage.access.measure import ServiceAccess, demand_rows, weights_of
from coverage.errors import AccessError
from coverage.network import Snapped
from coverage.network.search import TOLERANCE_MINUTES
from coverage.network.updates import Changes

if TYPE_CHECKING:
    from typing import TypeAlias

    import geopandas as gpd
    from numpy.typing import NDArray

    from coverage.network import StreetNetwork
    from coverage.service import Service

    Floats: TypeAlias = NDArray[np.float64]
    Integers: TypeAlias = NDArray[np.int64]
    Flags: TypeAlias = NDArray[np.bool_]
    Points: TypeAlias = gpd.GeoDataFrame | gpd.GeoSeries | Snapped


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """What an edit changed.

    Parameters
    ----------
    rows
        Positions of the demand points whose minutes or nearest facility changed, ascending.
    gained, lost
        Those of them that are covered only now, and only were before.
    people_gained, people_lost
        Their weights; unknown weights count nothing.
    facilities
        Ids of the facilities whose reach, load or capacity is another now or was counted anew.
    """

    rows: Integers
    gained: Integers
    lost: Integers
    people_gained: float
    people_lost: float
    facilities: tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class _Facility:
    """A facility that stands: the demand rows within the limit, and its people."""

    rows: Integers
    reach: float
    load: float
    capacity: float


class WhatIf:
    """Keep access to one service true while its facilities are edited.

    Each edit touches only what it changes, and leaves what measuring all anew would give, to the
    last bit. An edit is undone by its inverse: a facility that is closed and added again under its
    id takes its old place among facilities at equal minutes.

    Parameters
    ----------
    service
        Whose limit, weight and mode hold.
    demand
        Weighted points.
    facilities
        Facilities that count for the service, with their ids; ``capacity``, people that each has
        room for, may be missing.
    network
        Streets of the service's mode.
    demand_snapped, facilities_snapped
        Where the two meet the streets, row by row.
    speed
        Walking speed in m/s.

    Attributes
    ----------
    minutes
        By demand point, infinite without a way to any facility.
    covered
        By demand point, whether that is within the service's limit.

    See Also
    --------
    measure_access : Measures the same once.
    """

    def __init__(
        self,
        service: Service,
        demand: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        network: StreetNetwork,
        *,
        demand_snapped: Snapped,
        facilities_snapped: Snapped,
        speed: float,
    ) -> None:
        self._service, self._demand, self._network = service, demand, network
        self._on_network = demand_snapped.on_network
        self._weight = np.nan_to_num(weights_of(service, demand))
        self._bound = service.minutes + TOLERANCE_MINUTES
        self._times = network.live_times(demand_snapped, facilities_snapped, speed=speed)
        self.minutes = self._times.minutes
        self.covered = self.minutes <= self._bound
        self._seen = np.zeros(len(demand), dtype=bool)
        self._position: dict[str, int] = {}
        self._ids: list[str] = []
        self._standing: list[_Facility | None] = []
        known = "capacity" in facilities
        rooms = facilities["capacity"].astype(float) if known else np.full(len(facilities), np.nan)
        for identifier, room in zip(facilities["id"].astype(str), rooms, strict=True):
            self._enter(identifier, float(room))

    def add(
        self, identifier: str, place: Points, *, capacity: float = np.nan, snap_limit: float = 500.0
    ) -> Change:
        """Let a facility stand at a place.

        Parameters
        ----------
        identifier
            Id of the facility: a new one, or that of one that was closed.
        place
            One point, or what the network's `snap` made of it; off the network it changes nothing.
        capacity
            People it has room for, NaN if unknown.
        snap_limit
            A point farther than this from any street, in metres, is off the network.

        Raises
        ------
        AccessError
            If a facility of this id stands already.
        """
        position = self._position.get(identifier)
        if position is not None and self._standing[position] is not None:
            raise AccessError("access.facility_there", id=identifier)
        snapped = self._snapped(place, snap_limit)
        position = len(self._standing) if position is None else position
        changes = [self._times.open(position, snapped)]
        self._enter(identifier, capacity)
        return self._change(changes, position)

    def close(self, identifier: str) -> Change:
        """Take a facility away.

        Parameters
        ----------
        identifier
            Its id.

        Raises
        ------
        AccessError
            If no facility of this id stands.
        """
        position, _ = self._found(identifier)
        changes = [self._times.close(position)]
        self._standing[position] = None
        return self._change(changes, position)

    def move(self, identifier: str, place: Points, *, snap_limit: float = 500.0) -> Change:
        """Let a facility stand elsewhere.

        Parameters
        ----------
        identifier
            Its id.
        place, snap_limit
            As in `add`.

        Raises
        ------
        AccessError
            If no facility of this id stands.
        """
        position, facility = self._found(identifier)
        snapped = self._snapped(place, snap_limit)
        changes = [self._times.close(position), self._times.open(position, snapped)]
        self._enter(identifier, facility.capacity)
        return self._change(changes, position)

    def resize(self, identifier: str, capacity: float) -> Change:
        """Give a facility room for more or fewer people; who is near it stays as it is.

        Parameters
        ----------
        identifier
            Its id.
        capacity
            People it has room for, NaN if unknown.

        Raises
        ------
        AccessError
            If no facility of this id stands.
        """
        _, facility = self._found(identifier)
        facility.capacity = capacity
        nobody = np.empty(0, np.int64)
        return Change(
            rows=nobody, gained=nobody, lost=nobody, people_gained=0.0, people_lost=0.0,
            facilities=(identifier,),
        )  # fmt: skip

    def facilities(self) -> pd.DataFrame:
        """Return the facilities that stand.

        Returns
        -------
        pandas.DataFrame
            Index id, in their order; reach (people within the limit), load (people for whom it is
            the nearest and within the limit), capacity, and over, the part of the load that finds
            no room, missing where the capacity is unknown.
        """
        standing = [(name, self._standing[position]) for name, position in self._position.items()]
        rows = {
            name: (facility.reach, facility.load, facility.capacity)
            for name, facility in standing
            if facility is not None
        }
        table = pd.DataFrame.from_dict(
            rows, orient="index", columns=["reach", "load", "capacity"], dtype=float
        )
        table.index = pd.Index(table.index, name="id", dtype=object)
        return table.assign(over=(table["load"] - table["capacity"]).clip(lower=0.0))

    def access(self) -> ServiceAccess:
        """Return access as it is now, as `measure_access` does; facilities are indexed by id."""
        names = np.array([*self._ids, ""], dtype=object)
        statuses = np.select(
            [self.covered, np.isfinite(self.minutes), self._on_network],
            ["covered", "beyond_limit", "unreachable"],
            "off_network",
        )
        minutes = np.where(np.isfinite(self.minutes), self.minutes, np.nan)
        rows = demand_rows(
            self._service, self._demand, minutes, names[self._times.facility], statuses
        )
        facilities = self.facilities()[["reach", "load"]]
        return ServiceAccess(service=self._service, demand=rows, facilities=facilities)

    def _snapped(self, place: Points, snap_limit: float) -> Snapped:
        if isinstance(place, Snapped):
            snapped = place
        else:
            snapped = self._network.snap(place, snap_limit=snap_limit)
        if len(snapped) != 1:
            raise AccessError("access.one_place", count=len(snapped))
        return snapped

    def _found(self, identifier: str) -> tuple[int, _Facility]:
        position = self._position.get(identifier, -1)
        facility = self._standing[position] if position >= 0 else None
        if facility is None:
            raise AccessError("access.no_such_facility", id=identifier)
        return position, facility

    def _enter(self, identifier: str, capacity: float) -> None:
        # people are counted in the order of demand rows, so that sums are the same to the last bit
        position = self._position.setdefault(identifier, len(self._standing))
        if position == len(self._standing):
            self._standing.append(None)
            self._ids.append(identifier)
        rows = self._times.within(position, self._service.minutes)
        reach, load = _people(rows, self._weight, self._times.facility, position)
        self._standing[position] = _Facility(
            rows=rows, reach=reach, load=load, capacity=float(capacity)
        )

    def _change(self, changes: list[Changes], edited: int) -> Change:
        before = changes[0]
        if len(changes) > 1:
            before = Changes(*(np.concatenate(parts) for parts in zip(*changes, strict=True)))
        counted = np.zeros(len(self._standing), dtype=bool)
        counted[edited] = True
        rows = np.empty(before.row.size, np.int64)
        size = _compare(
            before, self.minutes, self._times.facility, self._bound, self._seen, counted, rows
        )
        rows = np.sort(rows[:size])
        gained, lost = np.empty((2, size), np.int64)
        more, fewer = _cover(rows, self.minutes, self._bound, self.covered, gained, lost)
        gained, lost = gained[:more], lost[:fewer]
        again = np.flatnonzero(counted).tolist()
        for position in again:
            facility = self._standing[position]
            if facility is not None:
                nearest = self._times.facility
                _, facility.load = _people(facility.rows, self._weight, nearest, position)
        return Change(
            rows=rows,
            gained=gained,
            lost=lost,
            people_gained=float(self._weight[gained].sum()),
            people_lost=float(self._weight[lost].sum()),
            facilities=tuple(self._ids[position] for position in again),
        )


@njit(cache=True)  # type: ignore[untyped-decorator]
def _compare(
    before: Changes,
    minutes: Floats,
    nearest: Integers,
    bound: float,
    seen: Flags,
    counted: Flags,
    rows: Integers,
) -> int:
    # hold what rows were before, at its first mention, against what they are; note the rows that
    # differ, return how many they are, and note the facilities whose load does
    changed = 0
    for entry in range(before.row.size):
        row, had, was = before.row[entry], before.minutes[entry], before.facility[entry]
        if seen[row]:
            continue
        seen[row] = True
        if had == minutes[row] and was == nearest[row]:
            continue
        rows[changed] = row
        changed += 1
        if had <= bound:
            counted[was] = True
        if minutes[row] <= bound:
            counted[nearest[row]] = True
    for row in before.row:
        seen[row] = False
    return changed


@njit(cache=True)  # type: ignore[untyped-decorator]
def _cover(
    rows: Integers, minutes: Floats, bound: float, covered: Flags, gained: Integers, lost: Integers
) -> tuple[int, int]:
    # renew what is covered; note the rows that are only now, and only were; return their counts
    more, fewer = 0, 0
    for row in rows:
        now = minutes[row] <= bound
        if now and not covered[row]:
            gained[more] = row
            more += 1
        elif covered[row] and not now:
            lost[fewer] = row
            fewer += 1
        covered[row] = now
    return more, fewer


@njit(cache=True)  # type: ignore[untyped-decorator]
def _people(
    rows: Integers, weight: Floats, nearest: Integers, facility: int
) -> tuple[float, float]:
    # people in rows, and those of them whose nearest facility is this one
    reach, load = 0.0, 0.0
    for row in rows:
        reach += weight[row]
        if nearest[row] == facility:
            load += weight[row]
    return reach, load
