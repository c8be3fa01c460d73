"""The computation families: each turns a plan's row into values for every unit.

A family gives, for a variant, one row a unit of analysis with numerator and denominator; these are
re-summed upward, never averaged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.access import access_by_unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coverage.access import ServiceAccess
    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow

SHARE_TOLERANCE = 1e-12  # a share summed from floats may miss its exact value by this much


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """What indicators are computed from.

    Parameters
    ----------
    units
        Communities, townships, counties.
    facilities
        Facilities that count in the year, wherever they stand: category, community, township,
        serves, and the ledger's numbers.
    known_categories
        Categories that the facilities layer has any row of, counted or not.
    access
        Access by service name.
    approximate
        By service name, the share of covered people whose facility is only roughly placed.
    """

    units: Units
    facilities: pd.DataFrame
    known_categories: frozenset[str]
    access: Mapping[str, ServiceAccess]
    approximate: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One variant of a row before it is summed upward.

    Parameters
    ----------
    variant
        Name of the variant.
    level
        Level of the units of analysis.
    parts
        Index unit code; columns numerator, denominator, missing (nothing is known of the unit).
    scale
        What numerator over denominator is multiplied by.
    unit
        Unit of the value; empty: the row's own.
    statistic
        ``sum``: Σ numerator / Σ denominator; ``mean`` or ``median`` of the units' own values.
    own_denominators
        By township, its own denominator, where it takes the place of its communities' sum.
    """

    variant: str
    level: Level
    parts: pd.DataFrame
    scale: float = 100.0
    unit: str = "%"
    statistic: str = "sum"
    own_denominators: pd.Series | None = None


class NotComputableError(Exception):
    """Say inside this room what is missing; it never leaves it.

    Parameters
    ----------
    reason
        Key of the sentence in ``texts/indicators.toml``.
    **values
        What fills it.
    """

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.values = values


def network_coverage(row: IndicatorRow, inputs: Inputs, variant: str) -> Measure:
    """Measure the share of people, and of units, that a service reaches within its minutes."""
    return _coverage(row, inputs, variant)


def presence_rate(row: IndicatorRow, inputs: Inputs, variant: str) -> Measure:
    """Measure the share of units with enough facilities in them or serving them."""
    return _coverage(row, inputs, variant)


def categories_of(row: IndicatorRow, inputs: Inputs) -> tuple[str, ...]:
    """Return the categories a row counts: its own, else those of its service."""
    own = row.parameters.get("categories")
    return tuple(own) if own else inputs.access[row.parameters["service"]].service.categories


def _require_known(categories: tuple[str, ...], inputs: Inputs) -> None:
    """Refuse where the layer has no such facility, open or closed: that is no data, not zero."""
    if not inputs.known_categories.intersection(categories):
        raise NotComputableError("lacks_category", categories=categories)


def _coverage(row: IndicatorRow, inputs: Inputs, variant: str) -> Measure:
    _require_known(categories_of(row, inputs), inputs)
    level: Level = "township" if row.parameters["units"] == "townships" else "community"
    if variant == "reach":
        return Measure(variant=variant, level="community", parts=_reach(row, inputs))
    if variant == "units":
        parts = _presence(row, inputs, level)
    else:
        parts = _reached_units(row, inputs, level)
    return Measure(variant=variant, level=level, parts=parts)


def ratio(row: IndicatorRow, inputs: Inputs, variant: str) -> Measure:
    """Measure a sum over facilities per sum over communities: pooled, by unit, and who passes."""
    _require_known(categories_of(row, inputs), inputs)
    if variant == "reach":
        return Measure(variant=variant, level="community", parts=_reach(row, inputs))
    parts, own = _amounts(row, inputs)
    scale = float(row.parameters.get("scale", 1))
    if variant == "pooled":
        return Measure(
            variant=variant,
            level="community",
            parts=parts,
            scale=scale,
            unit="",
            own_denominators=own,
        )
    values = (parts["numerator"] / parts["denominator"] * scale).where(parts["denominator"] > 0)
    each = pd.DataFrame({"numerator": values, "denominator": 1.0})
    each["missing"] = parts["missing"] | values.isna()
    if variant == "compliance":
        passes = values >= row.parameters["threshold"] - SHARE_TOLERANCE
        return Measure(
            variant=variant, level="community", parts=each.assign(numerator=passes.astype(float))
        )
    return Measure(
        variant=variant, level="community", parts=each, scale=1.0, unit="", statistic=variant
    )


FAMILIES: Mapping[str, Callable[[IndicatorRow, Inputs, str], Measure]] = {
    "network_coverage": network_coverage,
    "presence_rate": presence_rate,
    "ratio": ratio,
}


def _reach(row: IndicatorRow, inputs: Inputs, level: Level = "community") -> pd.DataFrame:
    access = inputs.access[row.parameters["service"]]
    if access.demand["weight"].isna().all():
        raise NotComputableError("lacks", layer="demand", field=access.service.weight)
    names = inputs.units.names(level)
    sums = access_by_unit(access, level, names.index)
    return pd.DataFrame(
        {
            "numerator": sums["covered"],
            "denominator": sums["people"],
            "missing": sums["people"].isna(),
        }
    )


def _reached_units(row: IndicatorRow, inputs: Inputs, level: Level) -> pd.DataFrame:
    sums = _reach(row, inputs, level)
    share = sums["numerator"] / sums["denominator"].where(sums["denominator"] > 0)
    reached = share >= row.parameters.get("min_unit_share", 0.5) - SHARE_TOLERANCE
    return pd.DataFrame(
        {"numerator": reached.astype(float), "denominator": 1.0, "missing": share.isna()}
    )


def _presence(row: IndicatorRow, inputs: Inputs, level: Level) -> pd.DataFrame:
    codes = inputs.units.names(level).index
    facilities = inputs.facilities
    facilities = facilities[facilities["category"].isin(categories_of(row, inputs))]
    inside = facilities[level].astype(str)
    served = _served(facilities, inputs.units.communities, level)
    pairs = pd.concat([inside, served]).rename("unit").rename_axis("facility").reset_index()
    counts = pairs.drop_duplicates()["unit"].value_counts()
    present = counts.reindex(codes, fill_value=0) >= row.parameters.get("min_count", 1)
    return pd.DataFrame({"numerator": present.astype(float), "denominator": 1.0, "missing": False})


def _served(facilities: pd.DataFrame, communities: pd.DataFrame, level: Level) -> pd.Series:
    """List the units that facilities say they serve; who serves a township serves all in it."""
    served = facilities["serves"].explode().dropna().astype(str)
    if level == "community":
        members = communities.groupby("township", sort=False).groups
        served = served.map(lambda code: tuple(members.get(code, (code,)))).explode()
    return served


def _amounts(row: IndicatorRow, inputs: Inputs) -> tuple[pd.DataFrame, pd.Series | None]:
    """Sum the amounts of facilities by community; each counts once, split over whom it serves."""
    communities, townships = inputs.units.communities, inputs.units.townships
    numerator, denominator = row.parameters["numerator"], row.parameters["denominator"]
    _require_known(categories_of(row, inputs), inputs)
    facilities = inputs.facilities
    facilities = facilities[facilities["category"].isin(categories_of(row, inputs))]
    if len(facilities) and facilities[numerator].isna().all():
        raise NotComputableError("lacks", layer="facilities", field=numerator)
    sizes = communities.get(denominator, None)
    own = townships[denominator].dropna() if denominator in townships else None
    if sizes is None or sizes.isna().all():
        raise NotComputableError("lacks", layer="communities", field=denominator)
    shares = _shares(facilities, communities, sizes)
    amounts = shares["share"] * facilities[numerator].reindex(shares["facility"]).to_numpy()
    by_unit = amounts.groupby(shares["community"])
    total = by_unit.sum().reindex(communities.index, fill_value=0.0)
    blank = amounts.isna().groupby(shares["community"]).any()
    unknown = blank.reindex(communities.index, fill_value=False)
    parts = pd.DataFrame(
        {
            "numerator": total,
            "denominator": sizes.astype(float),
            "missing": unknown.astype(bool) | sizes.isna(),
        }
    )
    return parts, own


def _shares(facilities: pd.DataFrame, communities: pd.DataFrame, sizes: pd.Series) -> pd.DataFrame:
    """Split each facility over the communities it serves, by households; else it counts at home."""
    served = _served(facilities, communities, "community")
    served = served[served.isin(communities.index)]
    home = facilities["community"].astype(str)
    home = home[~home.index.isin(served.index)]
    both = pd.concat([served, home]).rename("community").rename_axis("facility")
    pairs: pd.DataFrame = both.reset_index().drop_duplicates()
    pairs = pairs.sort_values("facility", kind="stable", ignore_index=True)
    size = pairs["community"].map(sizes).fillna(0.0).astype(float)
    total = size.groupby(pairs["facility"]).transform("sum")
    count = size.groupby(pairs["facility"]).transform("size")
    share = np.where(total > 0, size / total.where(total > 0, 1.0), 1.0 / count)
    pairs["share"] = share
    return pairs
