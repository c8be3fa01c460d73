"""What indicators are computed from: units, facilities, other layers, access, streets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd

from coverage.indicators.errors import NotComputableError
from coverage.indicators.tables import Table, facility_positions, placed_positions, unit_positions
from coverage.indicators.units import LAYER_LEVELS
from coverage.indicators.zones import cremation_zone
from coverage.network.search import TOLERANCE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.access import ServiceAccess
    from coverage.indicators.units import Units
    from coverage.layers import Layers
    from coverage.network import Snapped, StreetNetwork
    from coverage.service import Mode, Service

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

_Value = TypeVar("_Value")
_CREMATION = "is_cremation_zone"
_METRES_A_MINUTE = 60.0  # at 1 m/s


@dataclass(frozen=True, kw_only=True, eq=False)
class Ways:
    """Streets, and where demand and facilities meet them.

    Parameters
    ----------
    networks
        Streets by mode.
    snapped
        By mode, where demand and every row of the facilities layer meet the streets.
    speed
        Walking speed in m/s.
    """

    networks: Mapping[Mode, StreetNetwork]
    snapped: Mapping[Mode, tuple[Snapped, Snapped]]
    speed: float

    def on_network(self, mode: Mode) -> Flags:
        """Return which rows of the facilities layer stand on the streets of a mode."""
        on: Flags = self.snapped[mode][1].on_network
        return on

    def nearest(self, mode: Mode, facilities: Flags) -> Floats:
        """Return each demand point's minutes to the nearest of some facilities, NaN without one."""
        demand, every = self.snapped[mode]
        ends = every.take(facilities & every.on_network)
        found = self.networks[mode].nearest(demand, ends, speed=self.speed)
        return found["minutes"].to_numpy(dtype=float)

    def times(self, service: Service, facilities: Flags) -> csr_array:
        """Return the minutes of all trips to some facilities within a service's limit.

        Columns are the facilities that are on the streets, in their order.
        """
        demand, every = self.snapped[service.mode]
        ends = every.take(facilities & every.on_network)
        network = self.networks[service.mode]
        return network.travel_times(demand, ends, limit=service.minutes, speed=self.speed)

    def metres(self, starts: Flags, ends: Flags) -> Floats:
        """Return metres by street from some facilities to the nearest of others, NaN without one.

        Slopes do not lengthen them.
        """
        every = self.snapped["walk"][1]
        level = replace(self.networks["walk"], effort=None)
        to = every.take(ends & every.on_network)
        found = level.nearest(every.take(starts), to, speed=1.0)
        return found["minutes"].to_numpy(dtype=float) * _METRES_A_MINUTE


@dataclass(frozen=True, kw_only=True, eq=False)
class Inputs:
    """What indicators are computed from.

    Parameters
    ----------
    units
        Communities, townships, counties.
    layers
        All layers of the project.
    counts
        Which rows of the facilities layer count in the year, wherever they stand.
    demand
        Weighted points: community, township, fields of people.
    access
        Access by service name.
    ways
        Streets, for facilities that a row picks out by itself.
    approximate
        By service name, the share of covered people whose facility is only roughly placed.
    """

    units: Units
    layers: Layers
    counts: Flags
    demand: gpd.GeoDataFrame
    access: Mapping[str, ServiceAccess]
    ways: Ways
    approximate: Mapping[str, float]
    _known: dict[Any, Any] = field(default_factory=dict, repr=False)

    def once(self, key: Any, compute: Callable[[], _Value]) -> _Value:  # noqa: ANN401 - any hashable
        """Return what a key stands for, computed at the first call."""
        if key not in self._known:
            self._known[key] = compute()
        value: _Value = self._known[key]
        return value

    def with_facilities(
        self,
        *,
        layers: Layers,
        counts: Flags,
        access: Mapping[str, ServiceAccess],
        ways: Ways,
        approximate: Mapping[str, float],
    ) -> Inputs:
        """Return the inputs with other facilities; what was found out about units is kept.

        Parameters
        ----------
        layers
            All layers, none but the facilities another.
        counts, access, ways, approximate
            As of the class.
        """
        units = {("table", layer) for layer in LAYER_LEVELS}
        known = {key: value for key, value in self._known.items() if key in units}
        return replace(
            self,
            layers=layers,
            counts=counts,
            access=access,
            ways=ways,
            approximate=approximate,
            _known=known,
        )

    @cached_property
    def known_categories(self) -> frozenset[str]:
        """Return the categories that the facilities layer has any row of, counted or not."""
        return frozenset(self.layers.facilities["category"])

    def service(self, name: str) -> Service:
        """Return a service as it was analysed."""
        return self.access[name].service

    def table(self, layer: str) -> Table:
        """Return the rows of a layer and where they lie; of facilities those that count.

        Parameters
        ----------
        layer
            Name of the layer.

        Raises
        ------
        NotComputableError
            If the project has no such layer.
        """
        return self.once(("table", layer), lambda: self._table(layer))

    def _table(self, layer: str) -> Table:
        units, layers = self.units, self.layers
        if layer in LAYER_LEVELS:
            level = LAYER_LEVELS[layer]
            frame = self._with_cremation_zone(units.frame(level), layer)
            return Table(layer=layer, frame=frame, places=unit_positions(units, level), units=units)
        if layer == "facilities":
            frame = pd.DataFrame(layers.facilities[self.counts])
            at = facility_positions(frame, units)
            return Table(layer=layer, frame=frame, places=at, units=units)
        if layer not in layers.others:
            raise NotComputableError("lacks_layer", layer=layer)
        placed = layers.others[layer]
        at = placed_positions(placed, layers, units)
        return Table(layer=layer, frame=pd.DataFrame(placed), places=at, units=units)

    def _with_cremation_zone(self, frame: pd.DataFrame, layer: str) -> pd.DataFrame:
        """Fill in from the zones layer who lies in the cremation zone, where no unit says so."""
        given = frame.get(_CREMATION)
        if given is not None and not given.isna().all():
            return frame
        flags = cremation_zone(self, layer)
        return frame if flags is None else frame.assign(**{_CREMATION: flags})

    def whole(self, chosen: Flags) -> Flags:
        """Spread a choice among the facilities that count over all rows of their layer."""
        every = np.zeros(len(self.counts), dtype=bool)
        every[np.flatnonzero(self.counts)[chosen]] = True
        return every

    def weights(self, name: str) -> Floats:
        """Return a field of the demand, point by point.

        Raises
        ------
        NotComputableError
            If no point has it.
        """
        if name not in self.demand or self.demand[name].isna().all():
            raise NotComputableError("lacks", layer="demand", field=name)
        values: Floats = self.demand[name].to_numpy(dtype=float)
        return values

    def covered(self, name: str, chosen: Flags | None = None) -> Flags:
        """Return which demand points have a facility of a service within its minutes.

        Parameters
        ----------
        name
            Name of the service.
        chosen
            Which of the facilities that count will do; by default those of the service.
        """
        entry = self.access[name]
        if chosen is not None:
            every = self.whole(chosen)
            usable = np.flatnonzero(every & self.ways.on_network(entry.service.mode))
            labels = self.layers.facilities.index[usable]
            if not labels.equals(entry.facilities.index):
                key = ("covered", name, every.tobytes())
                return self.once(key, lambda: self._within(entry.service, every))
        return (entry.demand["status"] == "covered").to_numpy()

    def _within(self, service: Service, facilities: Flags) -> Flags:
        if not facilities.any():
            return np.zeros(len(self.demand), dtype=bool)
        minutes = self.ways.nearest(service.mode, facilities)
        within: Flags = minutes <= service.minutes + TOLERANCE_MINUTES
        return within
