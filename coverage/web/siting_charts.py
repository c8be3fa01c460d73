"""Charts of a siting result: what each site adds, and what more of them would be worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from coverage import texts
from coverage.outputs import map_figures

if TYPE_CHECKING:
    from coverage.sites import SitingResult

_LINE, _MARK = "#1d6a70", "#d81b60"
_HEIGHT_PX = 300


def cumulative(found: SitingResult, chosen: int | None) -> None:
    """Draw the share covered after each site, built in the order of contribution.

    Parameters
    ----------
    found
        The sites.
    chosen
        Rank of the site to mark.
    """
    sites = found.sites
    unit = map_figures.weight_unit(found.service.weight, texts.language())
    steps = pd.DataFrame(
        {
            "built": [0, *sites["rank"]],
            "percent": [100 * found.reached.share_before, *(100 * sites["cumulative_share"])],
            "newly": [0.0, *sites["newly_covered"]],
            "place": ["", *sites["community_name"]],
        }
    ).assign(chosen=lambda t: t["built"] == (chosen or -1))
    x = alt.X(
        "built:Q",
        title=texts.say("siting_page.axis_built"),
        axis=alt.Axis(tickMinStep=1, format="d"),
    )
    y = alt.Y("percent:Q", title=texts.say("siting_page.axis_share"), scale=alt.Scale(zero=False))
    base = alt.Chart(steps).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("built", title=texts.say("siting_page.axis_built")),
            alt.Tooltip("place", title=texts.say("siting_page.column_place")),
            alt.Tooltip("percent", title=texts.say("siting_page.axis_share"), format=".2f"),
            alt.Tooltip(
                "newly", title=texts.say("siting_page.column_newly", unit=unit), format=",.0f"
            ),
        ],
    )
    points = base.mark_point(filled=True, opacity=1).encode(
        size=alt.condition("datum.chosen", alt.value(170), alt.value(60)),
        color=alt.condition("datum.chosen", alt.value(_MARK), alt.value(_LINE)),
    )
    st.altair_chart(
        (base.mark_line(color=_LINE) + points).properties(height=_HEIGHT_PX), width="stretch"
    )


def trade_off(pareto: pd.DataFrame, found: SitingResult) -> None:
    """Draw what ever more covers, its knee marked, beside what the last step brought.

    Parameters
    ----------
    pareto
        The trade-off of a siting result.
    found
        The result.
    """
    amount = str(pareto.columns[0])
    unit = map_figures.weight_unit(found.service.weight, texts.language())
    table = pd.DataFrame(
        {
            "amount": pareto[amount],
            "percent": 100 * pareto["share"],
            "marginal": pareto["marginal"],
            "knee": pareto["knee"],
        }
    )
    titles = {
        "amount": texts.say(f"siting_page.axis_{amount}"),
        "percent": texts.say("siting_page.axis_share"),
        "marginal": texts.say(f"siting_page.axis_marginal_{amount}", unit=unit),
    }
    left, right = st.columns(2, gap="medium")
    with left:
        _knee(table, titles)
    with right:
        _steps(table, titles, whole=amount == "sites")


def _knee(table: pd.DataFrame, titles: dict[str, str]) -> None:
    base = alt.Chart(table).encode(
        x=alt.X("amount:Q", title=titles["amount"], axis=alt.Axis(tickMinStep=1)),
        y=alt.Y("percent:Q", title=titles["percent"], scale=alt.Scale(zero=False)),
        tooltip=[
            alt.Tooltip("amount", title=titles["amount"], format=",.0f"),
            alt.Tooltip("percent", title=titles["percent"], format=".2f"),
        ],
    )
    knee = base.transform_filter("datum.knee")
    said = knee.mark_text(dy=-14, fontWeight="bold", color=_MARK).encode(
        text=alt.value(texts.say("siting_page.knee"))
    )
    drawn = base.mark_line(point=alt.OverlayMarkDef(color=_LINE), color=_LINE) + knee.mark_point(
        filled=True, size=170, color=_MARK, opacity=1
    )
    st.altair_chart((drawn + said).properties(height=_HEIGHT_PX), width="stretch")


def _steps(table: pd.DataFrame, titles: dict[str, str], *, whole: bool) -> None:
    axis = alt.Axis(labelAngle=0, format="d" if whole else ",.0f")
    bars = alt.Chart(table).mark_bar().encode(
        x=alt.X("amount:O", title=titles["amount"], axis=axis),
        y=alt.Y("marginal:Q", title=titles["marginal"]),
        color=alt.condition("datum.knee", alt.value(_MARK), alt.value(_LINE)),
        tooltip=[
            alt.Tooltip("amount", title=titles["amount"], format=",.0f"),
            alt.Tooltip("marginal", title=titles["marginal"], format=",.4~g"),
        ],
    )  # fmt: skip
    st.altair_chart(bars.properties(height=_HEIGHT_PX), width="stretch")
