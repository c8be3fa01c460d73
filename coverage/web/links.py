"""Links from one page to another, which keep the visit as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from streamlit.navigation.page import Page

_PAGES = "pages"


def remember(pages: Mapping[str, Page]) -> None:
    """Say which pages there are in this run.

    Parameters
    ----------
    pages
        Pages by their name.
    """
    st.session_state[_PAGES] = dict(pages)


def link(name: str, label: str) -> None:
    """Put a link to a page, nothing where there is no such page.

    Parameters
    ----------
    name
        Name of the page.
    label
        What the link says.
    """
    page = st.session_state.get(_PAGES, {}).get(name)
    if page is not None:
        st.page_link(page, label=label, icon=":material/arrow_forward:")
