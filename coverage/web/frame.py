"""The frame around every page: language, navigation, whose data this is, and faults in words."""

from __future__ import annotations

import logging
from functools import partial
from html import escape
from importlib import resources
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.outputs import map_figures
from coverage.web import links, session, sign_in, work
from coverage.web.addresses import is_loopback
from coverage.web.pages import PAGES
from coverage.web.work import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.configuration import Configuration
    from coverage.web.server import Served
    from coverage.web.session import Visit

_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
_log = logging.getLogger(__name__)


def show(served: Served) -> None:
    """Show the page that the visitor's address names.

    Parameters
    ----------
    served
        What the server serves.
    """
    _use_language(served.language)
    st.set_page_config(page_title=texts.say("web.page_title"), layout="wide")
    style = (resources.files("coverage.web") / "assets" / "style.css").read_text("utf-8")
    st.html(f"<style>{style}</style>")
    name = _let_in(served)
    st.session_state["served"] = str(served.project)
    path = st.session_state.get("project", str(served.project))
    pages = {
        key: st.Page(
            partial(_page, module.show, path),
            title=texts.say(f"web.page_{key}"),
            url_path=key,
            default=key == next(iter(PAGES)),
        )
        for key, module in PAGES.items()
    }
    links.remember(pages)
    page = st.navigation(list(pages.values()), position="top")
    _head(path, name, page.url_path or next(iter(PAGES)))
    work.wait_here(st.empty())
    page.run()


def _use_language(usual: str) -> None:
    """Use the language of the switch, else of the address, and keep it in the address."""
    # a choice made before stands in the state already when the page runs again
    chosen = st.session_state.get("lang") or st.query_params.get("lang")
    language = chosen if chosen in texts.LANGUAGES else usual
    texts.use(language)
    if st.query_params.get("lang", usual) != language:
        st.query_params["lang"] = language


def _let_in(served: Served) -> str | None:
    """Return the signed-in visitor's name, None without sign-in; stop where nobody may come in."""
    address = st.get_option("server.address")
    if served.users is None:
        if is_loopback(address):
            return None
        st.error(sign_in.not_loopback(address))
        st.stop()
    name = sign_in.name_of(st.context.cookies)
    if name is None:
        st.error(texts.say("web.signed_out"))
        st.stop()
    return name


def _page(show_page: Callable[[Visit], None], path: str) -> None:
    try:
        show_page(session.visit(path))
    except CoverageError as error:
        st.error(error.text())
    except StoppedError:
        st.info(texts.say("web.stopped"))
        st.button(texts.say("web.again"))
    except Exception:  # noqa: BLE001 - what is the server's business stays in its log
        _log.exception("a page failed")
        st.error(texts.say("web.failed"))


def _head(path: str, name: str | None, page: str) -> None:
    """Say whose data this is and what the page answers, and offer the other language."""
    left, right = st.columns([0.84, 0.16], vertical_alignment="center")
    with right:
        st.segmented_control(
            texts.say("web.language"),
            list(_LANGUAGE_NAMES),
            default=texts.language(),
            format_func=_LANGUAGE_NAMES.__getitem__,
            key="lang",
            required=True,
            label_visibility="collapsed",
        )
    try:
        head = _project_head(session.visit(path).configuration)
    except CoverageError:
        head = f"<strong>{escape(texts.say('web.page_title'))}</strong>"
    who = ""
    if name is not None:
        leave = escape(texts.say("web.sign_out"))
        who = f'<span class="who">{escape(name)} · <a href="sign-out">{leave}</a></span>'
    says = escape(texts.say(f"web.answers_{page}"))
    left.html(f'<div class="page-head">{head}{who}<p>{says}</p></div>')


def _project_head(configuration: Configuration) -> str:
    basis = map_figures.basis_title(configuration.population_basis, texts.language())
    title = escape(configuration.name)
    subtitle = escape(texts.say("map.subtitle", year=configuration.year, basis=basis))
    warning = escape(configuration.notice)
    notice = f'<span class="notice">{warning}</span>' if warning else ""
    return f"<strong>{title}</strong><small>{subtitle}</small>{notice}"
