"""Where a number comes from, on a page: formula, numbers put in, judgement, and its parts."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.outputs import csv_bytes

if TYPE_CHECKING:
    import pandas as pd

    from coverage.indicators import Explanation, Reading

_PARTS_PX = 260


def show(explanation: Explanation) -> None:
    """Show an explanation.

    Parameters
    ----------
    explanation
        From a result.
    """
    with st.container(border=True):
        title = f"{explanation.name} · {explanation.unit_name} · {explanation.year}"
        st.html(f"<p class='story'><b>{escape(title)}</b></p>")
        st.html(f"<p class='story'>{escape(explanation.meaning)}</p>")
        readings = [r for row in explanation.rows[:1] for r in row.readings]
        if not readings:
            return
        names = [texts.say(f"web.variant_{r.variant}") for r in readings]
        for tab, reading in zip(st.tabs(names), readings, strict=True):
            with tab:
                _reading(reading)
        for row in explanation.rows[:1]:
            said = (row.row.source, row.row.conflict)
            st.html("".join(f"<p class='story'>{escape(s)}</p>" for s in said if s))
        st.download_button(
            texts.say("web.download_parts"),
            lambda: csv_bytes(explanation.table()),
            file_name=f"{explanation.indicator}-{explanation.unit_code or explanation.year}.csv",
            mime="text/csv",
            on_click="ignore",
        )


def _reading(reading: Reading) -> None:
    said = (reading.formula, reading.calculation, *reading.judgement, reading.remark)
    lines = [line for line in (*said, reading.remedy) if line]
    st.html("".join(f"<p class='story'>{escape(line)}</p>" for line in lines))
    if len(reading.parts):
        _parts(reading.parts)
    if len(reading.set_aside):
        st.caption(texts.say("web.set_aside", count=len(reading.set_aside)))


def _parts(parts: pd.DataFrame) -> None:
    column = st.column_config
    number = column.NumberColumn
    st.dataframe(
        parts[["code", "name", "numerator", "denominator", "value"]],
        hide_index=True,
        width="stretch",
        height=min(_PARTS_PX, 38 + 35 * len(parts)),
        column_config={
            "code": column.TextColumn(texts.say("web.column_code")),
            "name": column.TextColumn(texts.say("web.column_name")),
            "numerator": number(texts.say("web.column_numerator"), format="%,.2f"),
            "denominator": number(texts.say("web.column_denominator"), format="%,.2f"),
            "value": number(texts.say("web.column_value"), format="%,.2f"),
        },
    )
