"""Charts of a result: drawn by what Streamlit brings along, so that nothing is fetched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from coverage import texts

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.service import Service

_LINE, _BAND, _RULE = "#1d6a70", "#93c2b1", "#26282b"
_HEIGHT_PX = 300


def curve(result: Result, service: Service, speed: float) -> None:
    """Draw the share within reach against minutes, with the band of all walking speeds.

    Parameters
    ----------
    result
        Result with its sensitivity.
    service
        Service to draw.
    speed
        Walking speed that was chosen.
    """
    rows = result.sensitivity
    rows = rows[rows["service"] == service.name]
    if rows.empty:
        st.info(texts.say("web.no_curve"))
        return
    by_minutes = rows.assign(share=rows["share"] * 100).groupby("minutes")["share"]
    band = by_minutes.agg(["min", "max"]).reset_index()
    own = rows[rows["speed"] == speed].assign(percent=lambda t: t["share"] * 100)
    x = alt.X("minutes:Q", title=texts.say("web.axis_minutes"))
    y = alt.Y("percent:Q", title=texts.say("web.axis_share"), scale=alt.Scale(domain=[0, 100]))
    line = alt.Chart(own).mark_line(point=True, color=_LINE).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("minutes", title=texts.say("web.axis_minutes")),
            alt.Tooltip("percent", title=texts.say("web.axis_share"), format=".1f"),
            alt.Tooltip("covered", title=texts.say("web.column_covered"), format=",.0f"),
        ],
    )  # fmt: skip
    spread = alt.Chart(band).mark_area(color=_BAND, opacity=0.45).encode(x=x, y="min:Q", y2="max:Q")
    limit = alt.Chart(pd.DataFrame({"minutes": [service.minutes]}))
    rule = limit.mark_rule(color=_RULE, strokeDash=[4, 3]).encode(x="minutes:Q")
    st.altair_chart((spread + line + rule).properties(height=_HEIGHT_PX), width="stretch")
