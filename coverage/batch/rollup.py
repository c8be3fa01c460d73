"""Sum counties to prefectures and provinces: numerators and denominators, never percentages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import texts
from coverage.indicators import resum
from coverage.results import ACCESS_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.batch.outcome import Outcome
    from coverage.plans import Plan

LEVELS = {"city": (4, "00"), "province": (2, "0000")}  # digits of the code, and what follows them
# municipalities under the central government: no prefecture stands between county and province
_WITHOUT_CITIES = ("11", "12", "31", "50")
_SUMMED = ("people", "covered", "beyond", "unreachable", "off_network")


def units_above(codes: Sequence[str], level: str) -> pd.Series:
    """Return the code of the prefecture or province that each county lies in, empty for none.

    Parameters
    ----------
    codes
        Codes of counties.
    level
        ``city`` or ``province``.
    """
    digits, rest = LEVELS[level]
    counties = pd.Series(list(codes), index=list(codes), dtype=object)
    known = counties.str.fullmatch(r"\d{6}")
    if level == "city":
        known &= ~counties.str[:2].isin(_WITHOUT_CITIES)
    return (counties.str[:digits] + rest).where(known, "")


def sum_indicators(
    counties: pd.DataFrame, plans: Mapping[str, Plan], outcomes: Sequence[Outcome]
) -> pd.DataFrame:
    """Return the counties' rows of indicators with those of prefectures and provinces above them.

    Parameters
    ----------
    counties
        Their rows of ``indicators.csv``.
    plans
        Plans by name.
    outcomes
        All counties of the batch: those that failed are named in the note of what lacks them.
    """
    names = {outcome.code: outcome.name for outcome in outcomes}
    tables = []
    for level in reversed(LEVELS):
        above = units_above(sorted(counties["unit_code"].unique()), level)
        for unit in sorted(set(above[above != ""])):
            rows = counties[counties["unit_code"].isin(above.index[above == unit])]
            for _, group in rows.groupby(["plan", "year"], sort=True):
                plan, year = plans[str(group["plan"].iloc[0])], int(group["year"].iloc[0])
                name = names.get(unit) or _name(unit)
                table = resum(group, plan, level=level, code=unit, name=name, year=year)
                tables.append(_noted(table, _lacking(outcomes, unit, level)))
    return pd.concat([*tables, counties], ignore_index=True) if tables else counties


def sum_access(townships: pd.DataFrame, names: Mapping[str, str]) -> pd.DataFrame:
    """Return people within and beyond reach by service, of counties, prefectures and provinces.

    Parameters
    ----------
    townships
        Rows of ``townships.csv`` with the code of their project as ``county``.
    names
        Names of the counties by code.

    Returns
    -------
    pandas.DataFrame
        level, code, name, service, and the columns of ``townships.csv`` for it. Minutes are means
        weighed by the people who have any.
    """
    columns = map(str, townships.columns)
    services = [c.removesuffix("_people") for c in columns if c.endswith("_people")]
    tables = []
    for service in services:
        part = townships[[f"{service}_{column}" for column in ACCESS_COLUMNS]]
        part = part.set_axis(list(ACCESS_COLUMNS), axis=1).assign(county=townships["county"])
        reached = part["people"] - part["unreachable"] - part["off_network"]
        part = part.assign(reached=reached, weighed=part["minutes"] * reached)
        tables += [
            _summed(part, unit, level).assign(service=service)
            for level, unit in _ladder(part["county"])
        ]
    if not tables:
        return pd.DataFrame(columns=["level", "code", "name", "service", *ACCESS_COLUMNS])
    table = pd.concat(tables, ignore_index=True)
    table["name"] = table["code"].map(dict(names)).fillna(table["code"].map(_name))
    return table[["level", "code", "name", "service", *ACCESS_COLUMNS]]


def _ladder(county: pd.Series) -> list[tuple[str, pd.Series]]:
    above = {level: units_above(sorted(county.unique()), level) for level in reversed(LEVELS)}
    steps = [(level, county.map(units)) for level, units in above.items()]
    return [*steps, ("county", county)]


def _summed(part: pd.DataFrame, unit: pd.Series, level: str) -> pd.DataFrame:
    there = unit != ""
    wanted = part[there][[*_SUMMED, "reached", "weighed"]]
    # a county whose project cannot say how many people there are counts nobody
    sums = wanted.groupby(unit[there], sort=True).sum(min_count=1)
    people = sums["people"]
    sums["share"] = sums["covered"] / people.where(people > 0)
    sums["minutes"] = sums["weighed"] / sums["reached"].where(sums["reached"] > 0)
    table = sums.rename_axis("code").reset_index()
    return table.assign(level=level)


def _lacking(outcomes: Sequence[Outcome], unit: str, level: str) -> str:
    """Say which counties of a unit are not in its figures, and what part of the people they are."""
    digits, _ = LEVELS[level]
    failed = [o for o in outcomes if o.state == "failed"]
    # the code of a county that failed early is not known: it may lie here
    missing = [o for o in failed if not o.code or o.code[:digits] == unit[:digits]]
    if not missing:
        return ""
    names = tuple(o.name or o.project.parent.name for o in missing)
    return texts.say("batch.lacks_counties", count=len(missing), names=names)


def _noted(table: pd.DataFrame, note: str) -> pd.DataFrame:
    if not note:
        return table
    joined = [f"{old} {note}".strip() for old in table["note"].fillna("")]
    return table.assign(note=np.array(joined, dtype=object))


def _name(code: str) -> str:
    """Return what people call a unit that no project names: a province's name, else its code."""
    key = f"batch.province_{code[:2]}"
    return texts.say(key) if code.endswith("0000") and texts.has(key) else code
