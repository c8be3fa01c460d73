"""Help: how the figures are made, what words mean, what each indicator is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from coverage import __version__, texts
from coverage.web import tables

if TYPE_CHECKING:
    from coverage.web.session import Visit

_HOW = ("minutes", "limits", "people", "readings", "years", "areas", "places", "no_data")
_TABLE_PX = 640
_FEW = 8  # rows that need no scrolling


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(texts.say("web.help_steps_title"), anchor=False)
        st.markdown(texts.say("web.help_steps"))
        st.subheader(texts.say("web.help_how_title"), anchor=False)
        st.markdown("\n".join(f"- {texts.say(f'web.help_{key}')}" for key in _HOW))
        st.subheader(texts.say("web.help_credits_title"), anchor=False)
        st.markdown(texts.say("web.help_credits", version=__version__))
    with right:
        _definitions(visit)


def _definitions(visit: Visit) -> None:
    plan, language = visit.configuration.plan, texts.language()
    st.subheader(texts.say("web.help_indicators_title"), anchor=False)
    st.caption(plan.title(language))
    heads = ("row", "indicator", "meaning", "source")
    rows = [(row.row, row.name(language), row.meaning(language), row.source) for row in plan.rows]
    with st.container(key="definitions", height=_TABLE_PX if len(plan.rows) > _FEW else "content"):
        st.html(tables.wrapping("definitions", heads, rows))
