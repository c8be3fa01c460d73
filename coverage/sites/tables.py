"""Tables of chosen sites: where, what each brings, why there, what each further one is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.access import MeasuredAccess
    from coverage.analysis import Prepared
    from coverage.siting import Phase, SiteReason, Tier, TradeOff

    Floats = NDArray[np.float64]

SITE_COLUMNS = (
    "rank", "candidate", "lon", "lat", "community", "township", "newly_covered",
    "cumulative_share", "cost",
)  # fmt: skip
_BESIDE = ("name", "community_name", "township_name", "floor_area_m2", "capacity", "suitability")
REASON_COLUMNS = (
    "rank", "candidate", "people", "communities", "community_codes", "minutes_before",
    "people_without_way", "minutes_after", "load", "capacity", "lost", "runner_up",
    "runner_up_short",
)  # fmt: skip


def site_table(
    reasons: Sequence[SiteReason],
    usable: gpd.GeoDataFrame,
    prepared: Prepared,
    *,
    counted: float = 1.0,
    tiers: Sequence[Tier] = (),
) -> gpd.GeoDataFrame:
    """Return a row a site, best first: the columns of ``sites.csv``, then what else is known.

    Parameters
    ----------
    reasons
        What each brings.
    usable
        Candidates that could be used.
    prepared
        The project.
    counted
        Share of all people whom the shares of the reasons are about.
    tiers
        Sizes to choose from; none where a site is built in one way.
    """
    chosen = usable.iloc[[reason.site for reason in reasons]].reset_index(drop=True)
    if tiers:
        by_name = {tier.name: tier for tier in tiers}
        built = [by_name[reason.tier] for reason in reasons]
        chosen["tier"] = [tier.name for tier in built]
        chosen["cost"] = chosen["cost"].fillna(0.0) + [tier.cost for tier in built]
        room = np.array([reason.capacity for reason in reasons])
        chosen["capacity"] = np.where(np.isfinite(room), room, np.nan)
    layers = prepared.layers
    beside = {
        "rank": [reason.rank for reason in reasons],
        "newly_covered": [reason.newly_covered for reason in reasons],
        "cumulative_share": [counted * reason.cumulative_share for reason in reasons],
        "community_name": chosen["community"].map(named(layers.communities)).fillna(""),
        "township_name": chosen["township"].map(named(layers.townships)).fillna(""),
    }
    table = chosen.assign(**beside)
    tier = ["tier"] if tiers else []
    return gpd.GeoDataFrame(table[[*SITE_COLUMNS, *_BESIDE, *tier, "geometry"]], crs=usable.crs)


def named(units: pd.DataFrame) -> pd.Series:
    """Return the names of units by code."""
    names: pd.Series = units.drop_duplicates("code").set_index("code")["name"]
    return names


def reason_table(
    reasons: Sequence[SiteReason],
    usable: gpd.GeoDataFrame,
    weights: Floats,
    prepared: Prepared,
) -> pd.DataFrame:
    """Return a row a site: who is newly covered, how far they had and have to go, what is lost.

    Parameters
    ----------
    reasons
        What each brings.
    usable
        Candidates that could be used.
    weights
        People of each demand point.
    prepared
        The project.
    """
    names = named(prepared.layers.communities)
    lives = prepared.demand["community"].to_numpy(dtype=object)
    ids = usable["candidate"]
    rows = []
    for reason in reasons:
        people = weights[reason.rows]
        by_unit = pd.Series(people).groupby(lives[reason.rows]).sum()
        by_unit = by_unit.sort_values(ascending=False, kind="stable")
        told = [f"{names.get(code, code)} {value:.0f}" for code, value in by_unit.items()]
        without = ~np.isfinite(reason.minutes_before)
        rows.append(
            {
                "rank": reason.rank,
                "candidate": ids.iloc[reason.site],
                "people": reason.newly_covered,
                "communities": "；".join(told),
                "community_codes": ";".join(str(code) for code in by_unit.index),
                "minutes_before": _mean(reason.minutes_before[~without], people[~without]),
                "people_without_way": float(people[without].sum()),
                "minutes_after": _mean(reason.minutes_after, people),
                "load": reason.load,
                "capacity": reason.capacity if np.isfinite(reason.capacity) else np.nan,
                "lost": reason.lost,
                "runner_up": ids.iloc[reason.runner_up] if reason.runner_up >= 0 else "",
                "runner_up_short": reason.runner_up_short if reason.runner_up >= 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=list(REASON_COLUMNS))


def township_table(
    prepared: Prepared, weights: Floats, before: Floats, after: Floats
) -> pd.DataFrame:
    """Return a row a township: people, and how many of them are covered before and after.

    Parameters
    ----------
    prepared
        The project.
    weights, before, after
        People of each demand point: all, and those covered.
    """
    people = pd.DataFrame({"people": weights, "covered_before": before, "covered_after": after})
    sums = people.groupby(prepared.demand["township"].to_numpy(dtype=object)).sum()
    names = named(prepared.layers.townships)
    table = sums.reindex(names.index, fill_value=0.0).rename_axis("code").reset_index()
    table.insert(1, "name", names.to_numpy())
    for when in ("before", "after"):
        table[f"share_{when}"] = table[f"covered_{when}"] / table["people"].where(
            table["people"] > 0
        )
    return table


def closed_table(
    access: MeasuredAccess, closed: NDArray[np.int64], prepared: Prepared
) -> pd.DataFrame:
    """Return a row a facility that closes: what and where it is, and whom it reaches now.

    Parameters
    ----------
    access
        Of the service, as things stand.
    closed
        Positions of the facilities among those that count for it.
    prepared
        The project.
    """
    gone = access.facilities.iloc[closed]
    table = prepared.layers.facilities.loc[
        gone.index, ["id", "name", "category", "community", "township"]
    ]
    table = table.rename(columns={"id": "facility"}).assign(people=gone["reach"])
    layers = prepared.layers
    for level, units in (("community", layers.communities), ("township", layers.townships)):
        table[f"{level}_name"] = table[level].map(named(units)).fillna("")
    return pd.DataFrame(table).reset_index(drop=True)


def years_of(years: Mapping[int, Phase], sites: pd.DataFrame, usable: pd.DataFrame) -> list[int]:
    """Return the year in which each site is built.

    Parameters
    ----------
    years
        What is built in which year.
    sites
        Table of sites.
    usable
        Candidates that could be used.
    """
    ids = usable["candidate"]
    built = {ids.iloc[site]: year for year, phase in years.items() for site in phase.sites}
    return [built[candidate] for candidate in sites["candidate"]]


def phase_table(
    years: Mapping[int, Phase],
    usable: pd.DataFrame,
    money: Mapping[int, float],
    people: float,
) -> pd.DataFrame:
    """Return a row a year: its money, what is built, what is left, who is covered at its end.

    Parameters
    ----------
    years
        What is built in which year.
    usable
        Candidates that could be used.
    money
        Of each year.
    people
        How many there are.
    """
    ids = usable["candidate"]
    rows = [
        {
            "year": year,
            "budget": money[year],
            "sites": len(phase.sites),
            "candidates": ";".join(ids.iloc[phase.sites]),
            "cost": phase.cost,
            "left": phase.left,
            "covered": phase.covered,
            "share": phase.covered / people if people else 1.0,
        }
        for year, phase in years.items()
    ]
    return pd.DataFrame(rows)


def pareto_table(curve: TradeOff, amount: str, before: float) -> pd.DataFrame:
    """Return a row an amount: what it covers at most, what the last step brought, the knee.

    Parameters
    ----------
    curve
        The trade-off.
    amount
        What the amounts are: ``sites`` or ``cost``.
    before
        What is covered without any.
    """
    marginal = curve.marginal.copy()
    # what floors or required sites leave no plan for has no figure
    known = np.flatnonzero(np.isfinite(curve.covered))
    if known.size and curve.amounts[known[0]] > 0:
        marginal[known[0]] = (curve.covered[known[0]] - before) / curve.amounts[known[0]]
    table = pd.DataFrame(
        {
            amount: curve.amounts.astype(int) if amount == "sites" else curve.amounts,
            "covered": curve.covered,
            "share": curve.shares,
            "marginal": marginal,
            "knee": np.arange(curve.amounts.size) == curve.knee,
            "bound": curve.bounds,
            "built": [len(found.sites) for found in curve.solutions],
        }
    )
    return table.iloc[known].reset_index(drop=True)


def _mean(minutes: Floats, people: Floats) -> float:
    total = float(people.sum())
    return float((minutes * people).sum()) / total if total > 0 else np.nan
