"""Who reaches what: minutes of every demand point to the nearest facility of a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.network.search import TOLERANCE_MINUTES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import geopandas as gpd
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from coverage.network import Snapped, StreetNetwork
    from coverage.service import Service

SENSITIVITY_COLUMNS = ("service", "speed", "minutes", "people", "covered", "share")
DEMAND_STATUSES = ("covered", "beyond_limit", "unreachable", "off_network")


@dataclass(frozen=True, kw_only=True)
class ServiceAccess:
    """Access to one service, row by row.

    Parameters
    ----------
    service
        The service.
    demand
        One row a demand point, in its order: id, community, township, weight (missing where the
        point has none), minutes to the nearest counted facility whatever the limit (missing where
        there is none), facility (its id, empty where there is none), status.
    facilities
        One row a facility of the service that counts, indexed by its position in the facilities
        layer: reach (people within the limit) and load (people for whom it is the nearest and
        within the limit).
    """

    service: Service
    demand: pd.DataFrame
    facilities: pd.DataFrame


@dataclass(frozen=True, kw_only=True)
class MeasuredAccess(ServiceAccess):
    """Access with the trips that it was measured by.

    Parameters
    ----------
    times
        Demand × facilities, minutes of the trips within the limit.
    """

    times: csr_array


def facility_status(facilities: gpd.GeoDataFrame, year: int) -> pd.Series:
    """Tell for each facility whether it counts in a year, before any street is asked.

    A facility counts if it opened in or before the year (or no opening year is known) and closed
    after it (or no closing year is known); idle, building and planned ones never do, nor closed
    ones without a closing year.

    Parameters
    ----------
    facilities
        Facilities layer: set_aside, status, open_year, close_year, geometry.
    year
        The year.

    Returns
    -------
    pandas.Series
        set_aside, not_in_service, not_in_year, no_location or counted; index of `facilities`.
    """
    opened = facilities["open_year"].astype("Float64").fillna(-np.inf) <= year
    closes = facilities["close_year"].astype("Float64")
    shut = (facilities["status"] == "closed") & closes.isna()
    idle = facilities["status"].isin(["idle", "building", "planned"]) | shut
    in_year = opened & (closes.fillna(np.inf) > year)
    nowhere = facilities["location"] == "none"
    choices = [facilities["set_aside"], idle, ~in_year, nowhere]
    names = ["set_aside", "not_in_service", "not_in_year", "no_location"]
    status = np.select([c.to_numpy(dtype=bool) for c in choices], names, default="counted")
    return pd.Series(status, index=facilities.index, name="status")


def measure_access(
    service: Service,
    demand: gpd.GeoDataFrame,
    facilities: gpd.GeoDataFrame,
    network: StreetNetwork,
    *,
    demand_snapped: Snapped,
    facilities_snapped: Snapped,
    speed: float,
) -> MeasuredAccess:
    """Measure the access of all demand to one service.

    Parameters
    ----------
    service
        Whose limit, weight and mode hold.
    demand
        Weighted points.
    facilities
        Facilities that count for the service, with their ids.
    network
        Streets of the service's mode.
    demand_snapped, facilities_snapped
        Where the two meet the streets, row by row.
    speed
        Walking speed in m/s.
    """
    nearest = network.nearest(demand_snapped, facilities_snapped, speed=speed)
    minutes = nearest["minutes"].to_numpy(dtype=float)
    position = positions_of(nearest, facilities)
    covered = minutes <= service.minutes + TOLERANCE_MINUTES
    status = np.where(
        covered,
        "covered",
        np.where(np.isfinite(minutes), "beyond_limit", nearest["status"].to_numpy(dtype=str)),
    )
    identifiers = facilities["id"].astype(str).to_numpy()
    named = np.where(position >= 0, np.append(identifiers, "")[position], "")
    rows = demand_rows(service, demand, minutes, named, status)
    known = np.nan_to_num(rows["weight"].to_numpy())
    times = network.travel_times(
        demand_snapped, facilities_snapped, limit=service.minutes, speed=speed
    )
    entries = times.tocoo()
    reach = np.bincount(entries.col, weights=known[entries.row], minlength=len(facilities))
    load = np.bincount(position[covered], weights=known[covered], minlength=len(facilities))
    return MeasuredAccess(
        service=service,
        demand=rows,
        facilities=pd.DataFrame({"reach": reach, "load": load}, index=facilities.index),
        times=times,
    )


def positions_of(nearest: pd.DataFrame, facilities: pd.DataFrame) -> NDArray[np.int64]:
    """Return the position of each row's nearest facility, -1 for none.

    Parameters
    ----------
    nearest
        From `StreetNetwork.nearest`.
    facilities
        The facilities it was asked about.
    """
    found = nearest["facility"].notna().to_numpy()
    position = np.full(len(nearest), -1)
    position[found] = facilities.index.get_indexer(pd.Index(nearest["facility"].to_numpy()[found]))
    return position


def weights_of(service: Service, demand: gpd.GeoDataFrame) -> NDArray[np.float64]:
    """Return the weight of each demand point for a service, all missing without the field."""
    if service.weight not in demand:
        return np.full(len(demand), np.nan)
    weight: NDArray[np.float64] = demand[service.weight].to_numpy(dtype=float)
    return weight


def demand_rows(
    service: Service,
    demand: gpd.GeoDataFrame,
    minutes: NDArray[np.float64],
    facility: NDArray[Any],
    status: NDArray[Any],
) -> pd.DataFrame:
    """Return the demand table of a `ServiceAccess`.

    Parameters
    ----------
    service
        The service.
    demand
        Weighted points.
    minutes, facility, status
        Of each demand point, as the table has them.
    """
    return pd.DataFrame(
        {
            "id": demand["id"].to_numpy(),
            "community": demand["community"].to_numpy(),
            "township": demand["township"].to_numpy(),
            "weight": weights_of(service, demand),
            "minutes": minutes,
            "facility": facility,
            "status": status,
        },
        index=demand.index,
    )


def access_by_unit(access: ServiceAccess, unit: str, codes: Iterable[str]) -> pd.DataFrame:
    """Sum access by community or township.

    Parameters
    ----------
    access
        Access to a service.
    unit
        ``community`` or ``township``.
    codes
        Codes of all units, those without demand included.

    Returns
    -------
    pandas.DataFrame
        Index `codes`; columns people, covered, beyond, unreachable, off_network (the four sum to
        the first), share of people covered, minutes (mean weighted by people, over those who have
        minutes). All missing in a unit without demand, or where no weight is known.
    """
    rows = access.demand
    index = pd.Index(list(codes))
    position = index.get_indexer(pd.Index(rows[unit]))
    weight, minutes = rows["weight"].to_numpy(), rows["minutes"].to_numpy()
    counted = (position >= 0) & ~np.isnan(weight)
    timed = counted & ~np.isnan(minutes)

    def total(chosen: NDArray[np.bool_], values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = np.bincount(position[chosen], weights=values[chosen], minlength=len(index))
        return sums.astype(np.float64)

    people = total(counted, weight)
    # without a single known weight nothing is known of a unit; otherwise nobody is nobody
    unknown = np.bincount(position[counted], minlength=len(index)) == 0
    names = ["covered", "beyond", "unreachable", "off_network"]
    status = rows["status"].to_numpy()
    sums = {"people": people}
    for name, value in zip(names, DEMAND_STATUSES, strict=True):
        sums[name] = total(counted & (status == value), weight)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(people > 0, sums["covered"] / people, np.nan)
        mean = total(timed, weight * minutes) / total(timed, weight)
    table = pd.DataFrame({**sums, "share": share, "minutes": mean}, index=index)
    table.loc[unknown] = np.nan
    return table


def sensitivity(
    service: Service,
    demand: gpd.GeoDataFrame,
    network: StreetNetwork,
    *,
    demand_snapped: Snapped,
    facilities_snapped: Snapped,
    speeds: Sequence[float],
    minutes: Sequence[float],
) -> pd.DataFrame:
    """Tell how coverage of a service changes with walking speed and minutes.

    Returns
    -------
    pandas.DataFrame
        service, speed (m/s), minutes, people, covered, share; speeds and minutes ascending.
    """
    known = service.weight in demand
    weight = demand[service.weight].to_numpy(dtype=float) if known else np.array([np.nan])
    people = float(np.nansum(weight)) if np.isfinite(weight).any() else np.nan
    rows = []
    for speed in sorted(speeds):
        nearest = network.nearest(demand_snapped, facilities_snapped, speed=speed)
        reached = nearest["minutes"].to_numpy(dtype=float)
        for limit in sorted(minutes):
            within = reached <= limit + TOLERANCE_MINUTES
            covered = float(np.nansum(weight[within])) if np.isfinite(people) else np.nan
            share = covered / people if people > 0 else np.nan
            rows.append((service.name, speed, limit, people, covered, share))
    return pd.DataFrame(rows, columns=list(SENSITIVITY_COLUMNS))
