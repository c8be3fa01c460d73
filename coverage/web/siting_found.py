"""What a siting result shows: sites as a table and as marks on the map, each with its story."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from coverage import texts
from coverage.outputs import map_figures
from coverage.web.map_view import Marker

if TYPE_CHECKING:
    from coverage.sites import SitingResult

TABLE = "siting-sites"  # the table in the page: what is selected in it stands under this name
_NAMED = 4  # communities that a story names


def markers(found: SitingResult, chosen: int | None) -> tuple[Marker, ...]:
    """Return the sites as numbered marks, best first.

    Parameters
    ----------
    found
        The sites.
    chosen
        Rank of the site that is looked at.
    """
    return tuple(
        Marker(
            lat=float(site["lat"]),
            lng=float(site["lon"]),
            label=str(site["rank"]),
            kind="chosen" if site["rank"] == chosen else "site",
        )
        for _, site in found.sites.iterrows()
    )


def table(found: SitingResult) -> pd.DataFrame:
    """Return a row a site with its figures and its reasons, best first.

    Parameters
    ----------
    found
        The sites.

    Returns
    -------
    pandas.DataFrame
        rank, place, candidate, newly, share (percent), load, capacity, cost, year, communities,
        before, after, lost, runner_up, short.
    """
    sites, reasons = found.sites, found.reasons
    return pd.DataFrame(
        {
            "rank": sites["rank"].to_numpy(),
            "place": [place(site) for _, site in sites.iterrows()],
            "candidate": sites["candidate"].to_numpy(),
            "newly": sites["newly_covered"].to_numpy(),
            "share": 100 * sites["cumulative_share"].to_numpy(),
            "load": reasons["load"].to_numpy(),
            "capacity": reasons["capacity"].to_numpy(),
            "cost": sites["cost"].to_numpy(),
            "year": sites["year"].to_numpy() if "year" in sites else np.nan,
            "communities": reasons["communities"].to_numpy(),
            "before": reasons["minutes_before"].to_numpy(),
            "after": reasons["minutes_after"].to_numpy(),
            "lost": reasons["lost"].to_numpy(),
            "runner_up": reasons["runner_up"].to_numpy(),
            "short": reasons["runner_up_short"].to_numpy(),
        }
    )


def columns(shown: pd.DataFrame, found: SitingResult) -> dict[str, Any]:
    """Return how the columns of `table` are titled; those without a single figure are left out.

    Parameters
    ----------
    shown
        What `table` returned.
    found
        The sites.
    """
    unit = _unit(found)
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    words = {n: texts.say(f"siting_page.column_{n}", unit=unit) for n in shown.columns}
    helps = {
        n: texts.say(key, unit=unit)
        for n in shown.columns
        if texts.has(key := f"siting_page.column_{n}_help")
    }
    widths = {"rank": 36, "place": 132, "newly": 76, "share": 72, "communities": 200}
    formats = {"share": "%.2f%%", "before": "%.1f", "after": "%.1f", "year": "%d"}
    config: dict[str, Any] = {
        name: text(words[name], width=widths.get(name), help=helps.get(name))
        if shown[name].dtype == object or pd.api.types.is_string_dtype(shown[name])
        else number(
            words[name],
            width=widths.get(name),
            format=formats.get(name, "%,.0f"),
            help=helps.get(name),
        )
        for name in shown.columns
    }
    empty = [n for n in ("capacity", "cost", "year") if shown[n].isna().all()]
    return {**config, **dict.fromkeys(empty)}


def place(site: pd.Series[Any]) -> str:
    """Return where a site is in words: its community, and its name where that says more.

    Parameters
    ----------
    site
        Row of a result's sites.
    """
    units = str(site["community_name"] or site["township_name"])
    name = site["name"] if isinstance(site["name"], str) else ""
    if not name or name.startswith(units):
        return name or units
    return f"{units} {name}"


def story(found: SitingResult, rank: int) -> list[str]:
    """Return why a site is where it is: whom it reaches, how far they go, what else would do.

    Parameters
    ----------
    found
        The sites.
    rank
        Of the site, from 1.
    """
    site, reason = found.sites.iloc[rank - 1], found.reasons.iloc[rank - 1]
    unit = _unit(found)
    where = f"{site['township_name']} {place(site)}" if site["community_name"] else place(site)
    lines = [_say("site", rank=rank, place=where, candidate=site["candidate"])]
    lines += _newly(reason, unit)
    if isnan(reason["capacity"]):
        lines.append(_say("load", load=reason["load"], unit=unit))
    else:
        full = {"load": reason["load"], "capacity": reason["capacity"]}
        lines.append(_say("load_of", unit=unit, **full))
    lost = _say("lost", lost=reason["lost"], unit=unit)
    return [*lines, _joined(lost, _instead(reason, unit))]


def _newly(reason: pd.Series[Any], unit: str) -> list[str]:
    if not reason["people"] > 0:
        return [_say("nobody")]
    told = str(reason["communities"]).split("；")
    named = texts.listed(told[:_NAMED])
    if len(told) > _NAMED:
        named = _say("more", communities=named)
    lines = [_say("newly", people=reason["people"], unit=unit, count=len(told), communities=named)]
    before, after = reason["minutes_before"], reason["minutes_after"]
    minutes = (
        _say("minutes_after", after=after)
        if isnan(before)
        else _say("minutes", before=before, after=after)
    )
    without = reason["people_without_way"]
    no_way = _say("no_way", people=without, unit=unit) if without > 0 else ""
    return [*lines, _joined(minutes, no_way)]


def _instead(reason: pd.Series[Any], unit: str) -> str:
    candidate, short = reason["runner_up"], reason["runner_up_short"]
    if not candidate:
        return ""
    if round(short) == 0:
        return _say("as_good", candidate=candidate)
    if short < 0:
        # it would cover more, and a condition keeps it out
        return _say("kept_out", candidate=candidate, more=-short, unit=unit)
    return _say("runner_up", candidate=candidate, short=short, unit=unit)


def _say(name: str, **values: object) -> str:
    return texts.say(f"siting_page.story_{name}", **values)


def _joined(*sentences: str) -> str:
    return ("" if texts.language() == "zh" else " ").join(s for s in sentences if s)


def _unit(found: SitingResult) -> str:
    return map_figures.weight_unit(found.service.weight, texts.language())
