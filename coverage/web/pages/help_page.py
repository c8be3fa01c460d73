"""Help: how the figures are made, what words mean, what each indicator is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage import __version__, texts

if TYPE_CHECKING:
    from coverage.web.session import Visit

_HOW = ("minutes", "limits", "people", "readings", "years", "areas", "places", "no_data")


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
    table = pd.DataFrame(
        {
            "row": [row.row for row in plan.rows],
            "name": [row.name(language) for row in plan.rows],
            "meaning": [row.meaning(language) for row in plan.rows],
            "source": [row.source for row in plan.rows],
        }
    )
    text = st.column_config.TextColumn
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        height=620,
        column_config={
            "row": st.column_config.NumberColumn(texts.say("web.column_row"), width=50),
            "name": text(texts.say("web.column_indicator"), width=200),
            "meaning": text(texts.say("web.column_meaning"), width=320),
            "source": text(texts.say("web.column_source"), width=160),
        },
    )
