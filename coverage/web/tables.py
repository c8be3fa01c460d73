"""The tables of the pages, read from a result."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.outputs import map_figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from coverage.results import Result
    from coverage.service import Service

# of columns beside a map
_NARROW_PX = {"name": 78, "township": 78, "uncovered": 84, "people": 88, "share": 66}


def wrapping(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as HTML, whose cells wrap as those of a data frame do not.

    Parameters
    ----------
    name
        Its class in the style sheet.
    heads
        Names of its columns: ``indicator`` for the text ``column_indicator``.
    rows
        Its cells, a row at a time; whatever they hold is shown as text.
    """
    head = "".join(f"<th>{escape(texts.say(f'web.column_{head}'))}</th>" for head in heads)
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in cells)}</tr>" for cells in rows
    )
    return f'<table class="{name}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


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
        code, name, people, covered, uncovered, share (percent), minutes; missing without data.
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
        As `townships_table`.
    """
    own = result.communities["township"].astype(str) == str(township)
    return _figures(result.communities[own], service)


def figures_of(row: pd.Series[Any], service: Service) -> dict[str, float | None]:
    """Return people, covered, uncovered, share (0–1) and minutes of a unit; None without data.

    Parameters
    ----------
    row
        Row of a table of units.
    service
        Service to read.
    """
    figures = {
        name: map_figures.number(row.get(f"{service.name}_{name}"))
        for name in ("people", "covered", "share", "minutes")
    }
    people, covered = figures["people"], figures["covered"]
    known = people is not None and covered is not None
    return {**figures, "uncovered": people - covered if known else None}  # type: ignore[operator]


def reach_by_kind(result: Result, service: Service) -> dict[str, dict[str, float | None]]:
    """Return people, covered and share of all, of urban and of rural communities, re-summed.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.

    Returns
    -------
    dict
        ``all``, ``urban`` (社区) and ``rural`` (村); None without data.
    """
    table = result.communities
    kinds = {"all": None, "urban": "社区", "rural": "村"}
    parts: dict[str, dict[str, float | None]] = {}
    for name, kind in kinds.items():
        own = table if kind is None else table[table["kind"] == kind]
        people = float(own[f"{service.name}_people"].sum())
        covered = float(own[f"{service.name}_covered"].sum())
        if people > 0:
            parts[name] = {"people": people, "covered": covered, "share": covered / people}
        else:
            parts[name] = dict.fromkeys(("people", "covered", "share"))
    return parts


def fraction(figures: Mapping[str, float | None]) -> str:
    """Return covered and people as ``a / b``, or a blank without them."""
    covered, people = figures["covered"], figures["people"]
    return " " if covered is None or people is None else f"{covered:,.0f} / {people:,.0f}"


def circles(result: Result) -> pd.DataFrame:
    """Return by township how many people circles promise and streets do not keep.

    Parameters
    ----------
    result
        Result of one service, with its accessibility.

    Returns
    -------
    pandas.DataFrame
        name, people, circle_covered, covered, overclaimed, detour; most overclaimed first, the
        whole area at the top.
    """
    table = result.accessibility
    columns = ["name", "people", "circle_covered", "covered", "overclaimed", "detour"]
    table = table.rename(columns={"unit_name": "name"})
    table = table.assign(covered=table["circle_covered"] - table["overclaimed"])
    whole = table[table["level"].isin(["city", "county"])]
    towns = table[table["level"] == "township"]
    towns = towns.sort_values("overclaimed", ascending=False, kind="stable")
    return pd.concat([whole, towns])[columns].reset_index(drop=True)


def facilities(result: Result, service: Service, drawn: pd.DataFrame) -> pd.DataFrame:
    """Return the facilities of a service's categories with whom they reach and serve.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.
    drawn
        Facilities to list.

    Returns
    -------
    pandas.DataFrame
        id, name, category, township, status, reach, load; the largest load first.
    """
    language = texts.language()
    known = vocabulary.categories()
    own = drawn[drawn["category"].isin(service.categories)]
    towns = dict(zip(result.townships["code"].astype(str), result.townships["name"], strict=True))
    table = pd.DataFrame(
        {
            "id": own["id"].astype(str),
            "name": own["name"].astype(str),
            "category": [
                known[c].title(language) if c in known else c for c in own["category"].astype(str)
            ],
            "township": own["township"].astype(str).map(towns),
            "status": [texts.say(f"map.status_{s}", language) for s in own["status"]],
            "reach": own[f"{service.name}_reach"],
            "load": own[f"{service.name}_load"],
        }
    )
    return table.sort_values("load", ascending=False, kind="stable", na_position="last")


def worst_places(result: Result, service: Service, count: int) -> pd.DataFrame:
    """Return the communities with most people left out by a service.

    Parameters
    ----------
    result
        Result of a run.
    service
        Service to read.
    count
        How many.

    Returns
    -------
    pandas.DataFrame
        code, name, township (its name), uncovered, people, share (percent).
    """
    table = _figures(result.communities, service)
    towns = dict(zip(result.townships["code"].astype(str), result.townships["name"], strict=True))
    owners = result.communities["township"].astype(str).map(towns)
    table["township"] = owners.reindex(table.index)
    worst = table[table["uncovered"] > 0].head(count)
    return worst[["code", "name", "township", "uncovered", "people", "share"]]


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
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    share = texts.say("web.column_share")
    wide = dict.fromkeys(_NARROW_PX) if bars else _NARROW_PX
    people = texts.say("web.column_people", unit=unit)
    return {
        "code": None,
        "name": text(texts.say("web.column_name"), width=wide["name"]),
        "township": text(texts.say("web.column_township"), width=wide["township"]),
        "people": number(people, format="%,.0f", width=wide["people"]),
        "covered": number(texts.say("web.column_covered"), format="%,.0f"),
        "uncovered": number(
            texts.say("web.column_uncovered"), format="%,.0f", width=wide["uncovered"]
        ),
        "share": (
            st.column_config.ProgressColumn(share, format="%.1f%%", min_value=0, max_value=100)
            if bars
            else number(share, format="%.1f%%", width=wide["share"])
        ),
        "minutes": number(texts.say("web.column_minutes"), format="%.1f"),
    }


def circle_columns(service: Service) -> dict[str, Any]:
    """Return how the columns of `circles` are titled and drawn.

    Parameters
    ----------
    service
        Service whose figures are shown.
    """
    titles = ("circle_covered", "overclaimed", "detour")
    number = st.column_config.NumberColumn
    formats = {"detour": "%.2f"}
    return {
        **column_config(service, bars=False),
        **{
            name: number(
                texts.say(f"web.column_{name}"),
                help=texts.say(f"web.column_{name}_help"),
                format=formats.get(name, "%,.0f"),
            )
            for name in titles
        },
    }


def facility_columns(service: Service) -> dict[str, Any]:
    """Return how the columns of `facilities` are titled and drawn.

    Parameters
    ----------
    service
        Service whose figures are shown.
    """
    unit = map_figures.weight_unit(service.weight, texts.language())
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    return {
        "id": None,
        **{
            name: text(texts.say(f"web.column_{name}"))
            for name in ("name", "category", "township", "status")
        },
        "reach": number(texts.say("web.column_reach", unit=unit), format="%,.0f"),
        "load": number(texts.say("web.column_load", unit=unit), format="%,.0f"),
    }


def _uncovered(table: pd.DataFrame, service: Service) -> pd.Series[float]:
    return table[f"{service.name}_people"] - table[f"{service.name}_covered"]


def _figures(table: pd.DataFrame, service: Service) -> pd.DataFrame:
    figures = pd.DataFrame(
        {
            "code": table["code"].astype(str),
            "name": table["name"].astype(str),
            "people": table[f"{service.name}_people"],
            "covered": table[f"{service.name}_covered"],
            "uncovered": _uncovered(table, service),
            "share": table[f"{service.name}_share"] * 100,
            "minutes": table[f"{service.name}_minutes"],
        }
    )
    return figures.sort_values("uncovered", ascending=False, kind="stable", na_position="last")
