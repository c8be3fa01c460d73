"""The tables of the page, read from a result: townships, and the communities of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts
from coverage.outputs import map_figures

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.service import Service

_SHOWN = ("people", "covered", "uncovered", "share", "minutes")


def townships_table(result: Result, service: Service) -> pd.DataFrame:
    """Return the townships with a service's figures, most uncovered first.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.

    Returns
    -------
    pandas.DataFrame
        name, people, covered, uncovered, share (percent), minutes; missing where there is no data.
    """
    return _figures(result.townships, service)


def communities_of(result: Result, service: Service, township: str | None) -> pd.DataFrame:
    """Return the communities of a township with a service's figures, most uncovered first.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.
    township
        Code of the township.

    Returns
    -------
    pandas.DataFrame
        name, uncovered, people, share (percent); missing where there is no data.
    """
    own = result.communities["township"].astype(str) == str(township)
    return _figures(result.communities[own], service)[["name", "uncovered", "people", "share"]]


def township_figures(
    result: Result, service: Service, township: str | None
) -> dict[str, float | None]:
    """Return people, covered, uncovered, share (0–1) and minutes of a township; None without data.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.
    township
        Code of the township.
    """
    rows = result.townships[result.townships["code"].astype(str) == str(township)]
    if rows.empty:
        return dict.fromkeys(_SHOWN)
    row = rows.iloc[0]
    figures = {
        name: map_figures.number(row.get(f"{service.name}_{name}"))
        for name in ("people", "covered", "share", "minutes")
    }
    people, covered = figures["people"], figures["covered"]
    known = people is not None and covered is not None
    return {**figures, "uncovered": people - covered if known else None}  # type: ignore[operator]


def worst_township(result: Result, service: Service) -> str | None:
    """Return the code of the township with most people uncovered, the first of equals."""
    townships = result.townships
    if townships.empty:
        return None
    uncovered = _uncovered(townships, service)
    position = 0 if uncovered.isna().all() else int(uncovered.fillna(-1).to_numpy().argmax())
    return str(townships["code"].iloc[position])


def column_config(service: Service, *, bars: bool) -> dict[str, Any]:
    """Return how the columns of the tables are titled and drawn.

    Parameters
    ----------
    service
        Service whose figures are shown.
    bars
        Whether shares are drawn as bars; a narrow table has no room for them.
    """
    unit = map_figures.weight_unit(service.weight, texts.language())
    number = st.column_config.NumberColumn
    share = texts.say("web.column_share")
    return {
        "name": st.column_config.TextColumn(texts.say("web.column_name")),
        "people": number(texts.say("web.column_people", unit=unit), format="%,.0f"),
        "covered": number(texts.say("web.column_covered"), format="%,.0f"),
        "uncovered": number(texts.say("web.column_uncovered"), format="%,.0f"),
        "share": (
            st.column_config.ProgressColumn(share, format="%.1f%%", min_value=0, max_value=100)
            if bars
            else number(share, format="%.1f%%")
        ),
        "minutes": number(texts.say("web.column_minutes"), format="%.1f"),
    }


def _uncovered(table: pd.DataFrame, service: Service) -> pd.Series[float]:
    return table[f"{service.name}_people"] - table[f"{service.name}_covered"]


def _figures(table: pd.DataFrame, service: Service) -> pd.DataFrame:
    figures = pd.DataFrame(
        {
            "name": table["name"].astype(str),
            "people": table[f"{service.name}_people"],
            "covered": table[f"{service.name}_covered"],
            "uncovered": _uncovered(table, service),
            "share": table[f"{service.name}_share"] * 100,
            "minutes": table[f"{service.name}_minutes"],
        }
    )
    return figures.sort_values("uncovered", ascending=False, kind="stable", na_position="last")
