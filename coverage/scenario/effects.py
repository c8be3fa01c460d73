"""Tell what an edit changed: services, townships, headline indicators, each with what it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage.outputs.map_figures import HEADLINES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from numpy.typing import NDArray

    from coverage.access import ServiceAccess

    Positions: TypeAlias = NDArray[np.intp]

_KEY = ["kind", "row", "variant", "level", "unit_code"]
_SERVICE = (
    "service", "people", "covered", "share", "covered_before", "share_before", "gained", "lost",
)  # fmt: skip


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
class Figures:
    """Hold the figures of one moment; rows of the plan that are `stale` are not yet true."""

    access: Mapping[str, ServiceAccess]
    approximate: Mapping[str, float]
    townships: Mapping[str, pd.DataFrame]
    indicators: Mapping[tuple[str, int], pd.DataFrame]
    stale: frozenset[tuple[str, int]] = frozenset()


def effect_of(now: Figures, before: Figures) -> Effect:
    """Say how figures differ from earlier ones.

    Parameters
    ----------
    now, before
        The figures.
    """
    services, townships = [], []
    for name, entry in now.access.items():
        was = before.access[name]
        if entry is was:
            continue
        services.append({"service": name, **service_change(entry.demand, was.demand)})
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


def service_change(now: pd.DataFrame, was: pd.DataFrame) -> dict[str, float]:
    """Say how many people a service covers, how many it did, and who was gained and lost.

    Parameters
    ----------
    now, was
        Demand points of the service, one row each in the same order: weight, status.
    """
    weight = now["weight"].to_numpy(dtype=float)
    people = float(np.nansum(weight))
    covered = (now["status"] == "covered").to_numpy()
    sums = float(np.nansum(weight[covered]))
    before = (was["status"] == "covered").to_numpy()
    earlier = was["weight"].to_numpy(dtype=float)
    people_before, sums_before = float(np.nansum(earlier)), float(np.nansum(earlier[before]))
    gained, lost = turned(now, was)
    return {
        "people": people,
        "covered": sums,
        "share": sums / people if people > 0 else np.nan,
        "covered_before": sums_before,
        "share_before": sums_before / people_before if people_before > 0 else np.nan,
        "gained": float(np.nansum(weight[gained])),
        "lost": float(np.nansum(weight[lost])),
    }


def turned(now: pd.DataFrame, was: pd.DataFrame) -> tuple[Positions, Positions]:
    """Return the positions of demand points that are covered only now, and only before.

    Parameters
    ----------
    now, was
        As for `service_change`; new housing, which comes last, is neither.
    """
    covered = (now["status"] == "covered").to_numpy()
    before = (was["status"] == "covered").to_numpy()
    both = min(len(covered), len(before))
    gained, lost = covered[:both] & ~before[:both], before[:both] & ~covered[:both]
    return np.flatnonzero(gained), np.flatnonzero(lost)


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
