"""Siting: where to build next, why there, and how good that is proven to be."""

from __future__ import annotations

import time
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.outputs import map_figures
from coverage.sites import told
from coverage.web import (
    map_view,
    session,
    siting_conditions,
    siting_form,
    siting_found,
    siting_keep,
    stories,
    tables,
)
from coverage.web.work import StoppedError, said, wait_for

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.results import Result
    from coverage.sites import SiteQuestion, SitingResult
    from coverage.web.map_view import Click
    from coverage.web.session import Choice, Visit
    from coverage.web.work import Work

_MAP_PX = 430
_SITES_PX = 248
_WORST_PX = 388
_WORST = 10
_LOOK_S = 0.5
# what a visitor asked, the language it was asked in, and when
_ASKED, _WORK, _SINCE, _STOPPED = (f"siting-{n}" for n in ("asked", "work", "since", "stopped"))
_SITE = "site"  # rank of the site that is looked at


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    prepared = session.prepared(visit)
    work = _begun(visit)
    last = _answer(work)
    with st.sidebar:
        question = siting_form.question_of(visit, prepared, last)
        st.button(
            texts.say("siting_page.find"),
            type="primary",
            on_click=texts.spoken(_find),
            args=(visit, question),
            width="stretch",
        )
    asked = question if last is None else last.question
    choice = _seen_as(prepared, asked)
    now = session.answer(visit, choice)
    head = st.container(gap="small")
    left, right = st.columns([0.56, 0.44], gap="medium")
    with head:
        _head(work, last, now, choice, changed=last is not None and question != last.question)
    found = last if last is not None and len(last.sites) else None
    with left:
        _map(visit, found, now, choice)
    if found is None:
        with right:
            _worst(now, choice)
        return
    with left:
        siting_keep.keep(visit, found)
    with right:
        _sites(found)
    siting_keep.below(found, st.session_state[_SITE])


# --- asking ----------------------------------------------------------------------------------


def _begun(visit: Visit) -> Work[SitingResult] | None:
    """Return what this visitor asked for last, wherever they have been since."""
    asked: tuple[SiteQuestion, str] | None = st.session_state.get(_ASKED)
    if asked is None:
        return None
    work = session.begun_siting(visit, *asked)
    answer = _answer(work)
    if answer is not None and answer.explanation and asked[1] != texts.language():
        # an answer is numbers, but this one is a sentence of places
        return _ask(visit, asked[0])
    return work


def _find(visit: Visit, question: SiteQuestion) -> None:
    _ask(visit, question)


def _ask(visit: Visit, question: SiteQuestion) -> Work[SitingResult]:
    work = wait_for(_WORK, lambda: session.siting(visit, question))
    st.session_state.update(
        {
            _ASKED: (question, texts.language()),
            _SINCE: time.monotonic(),
            _STOPPED: False,
            _SITE: 1,
            "community": None,
            siting_found.TABLE: {"selection": {"rows": [0]}},
        }
    )
    return work


def _stop() -> None:
    """Wait no longer; the work itself ends where nobody else waits for it."""
    work: Work[SitingResult] | None = st.session_state.pop(_WORK, None)
    if work is not None:
        work.leave()
    st.session_state[_ASKED] = None
    st.session_state[_STOPPED] = True


def _answer(work: Work[SitingResult] | None) -> SitingResult | None:
    return None if work is None or work.waiting or work.failed else work.result()


# --- what is said ----------------------------------------------------------------------------


def _head(
    work: Work[SitingResult] | None,
    last: SitingResult | None,
    now: Result,
    choice: Choice,
    *,
    changed: bool,
) -> None:
    if work is not None and work.waiting:
        _wait_for(work)
    elif work is not None and work.failed:
        _failed(work)
    elif last is not None:
        _finding(last)
        if changed:
            st.caption(f":material/info: {texts.say('siting_page.changed')}")
    else:
        if st.session_state.get(_STOPPED):
            st.info(texts.say("web.stopped"))
        _start(now, choice)


@st.fragment(run_every=_LOOK_S)
def _wait_for(work: Work[SitingResult]) -> None:
    if not work.waiting:
        st.rerun()
    question: SiteQuestion = st.session_state[_ASKED][0]
    words, button = st.columns([0.85, 0.15], vertical_alignment="center")
    waited = {
        "stage": said(work.stage),
        "seconds": time.monotonic() - st.session_state[_SINCE],
        # the trade-off takes as long again at most
        "limit": question.time_limit * (2 if question.pareto else 1),
    }
    words.markdown(f":material/hourglass_top: {texts.say('siting_page.waiting', **waited)}")
    if button.button(texts.say("web.stop"), key="siting-stop", width="stretch"):
        _stop()
        st.rerun()


def _failed(work: Work[SitingResult]) -> None:
    try:
        work.result()
    except CoverageError as error:
        st.error(error.text())
    except StoppedError:
        st.info(texts.say("web.stopped"))


def _start(now: Result, choice: Choice) -> None:
    """Say how things stand, and what to do."""
    figures = tables.reach_by_kind(now, choice.service)["all"]
    if figures["share"] is not None:
        uncovered = (figures["people"] or 0) - (figures["covered"] or 0)
        said_now = texts.say(
            "siting_page.now",
            service=choice.service.title(texts.language()),
            share=figures["share"],
            uncovered=uncovered,
            unit=map_figures.weight_unit(choice.service.weight, texts.language()),
            minutes=choice.service.minutes,
        )
        _lines(said_now, texts.say("siting_page.start"))
    else:
        _lines(texts.say("siting_page.start"))


def _finding(last: SitingResult) -> None:
    """Say in one sentence what the sites change, and below it how good they are proven to be."""
    if not last.found:
        st.warning(last.explanation)
        st.caption(told.candidates(last))
        return
    stop = "。" if texts.language() == "zh" else ". "
    first = told.headline(last)
    rest = [
        told.worst(last),
        told.years(last),
        told.proof(last),
        told.untried(last),
        told.minutes(last),
        told.left_out(last),
        told.indicator(last),
        told.knee(last),
        last.explanation,
        told.candidates(last),
        told.counting(last),
        told.pricing(last),
    ]
    # some are written as sentences, some as parts of one
    _lines(first, "".join(sentence.rstrip("。.") + stop for sentence in rest if sentence))


def _lines(first: str, *others: str) -> None:
    below = "".join(f"<p>{escape(line)}</p>" for line in others)
    st.html(f'<div class="finding"><strong>{escape(first)}</strong>{below}</div>')


# --- map and tables --------------------------------------------------------------------------


def _seen_as(prepared: Prepared, question: SiteQuestion) -> Choice:
    """Return how the map looks at a service: as siting does."""
    service = prepared.configuration.services[question.service]
    usual = session.usual(prepared, service)
    minutes = service.minutes if question.minutes is None else question.minutes
    return replace(usual, service=replace(usual.service, minutes=minutes))


def _map(visit: Visit, found: SitingResult | None, now: Result, choice: Choice) -> None:
    rank = st.session_state[_SITE] if found is not None else None
    shown, values = now, None
    if found is not None and st.session_state.get("siting-built", False):
        shown, values = session.built(visit, found, choice)
    community = st.session_state.get("community")
    if found is not None and rank is not None:
        community = str(found.sites["community"].iloc[rank - 1]) or None

    def clicked(click: Click) -> None:
        if click.marker is not None and found is not None and click.marker < len(found.sites):
            _look_at(click.marker + 1)
            return
        chosen = stories.chosen_by(click, shown)
        if chosen is not None:
            st.session_state.update({**chosen, _SITE: None})
            st.session_state[siting_found.TABLE] = {"selection": {"rows": []}}

    map_view.draw(
        map_view.View(
            shapes=session.shapes(visit, now),
            values=values or session.values(visit, now, choice),
            service=choice.service.name,
            level="community" if community else "township",
            code=community or "",
            markers=siting_found.markers(found, rank) if found is not None else (),
            compact=True,
            height_px=_MAP_PX,
        ),
        "siting-map",
        clicked,
    )
    if found is not None:
        _before_after()


def _before_after() -> None:
    hint, switch = st.columns([0.66, 0.34], vertical_alignment="center")
    hint.caption(texts.say("siting_page.map_hint"))
    with switch:
        st.segmented_control(
            texts.say("siting_page.map_shows"),
            [False, True],
            default=st.session_state.get("siting-built", False),
            format_func=texts.spoken(
                lambda built: texts.say(f"siting_page.map_{'after' if built else 'now'}")
            ),
            key=f"siting-shown-{texts.language()}",
            required=True,
            label_visibility="collapsed",
            on_change=texts.spoken(_turn),
        )


def _turn() -> None:
    st.session_state["siting-built"] = st.session_state[f"siting-shown-{texts.language()}"]


def _look_at(rank: int | None) -> None:
    st.session_state[_SITE] = rank
    rows = [] if rank is None else [rank - 1]
    st.session_state[siting_found.TABLE] = {"selection": {"rows": rows}}


def _sites(found: SitingResult) -> None:
    """List the sites, and tell the story of the one that is looked at."""
    shown = siting_found.table(found)

    def selected() -> None:
        rows = st.session_state[siting_found.TABLE].selection.rows
        st.session_state[_SITE] = rows[0] + 1 if rows else None

    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=_SITES_PX,
        placeholder="—",
        column_order=["rank", "year", "place", "newly", "share", "load", "cost"],
        column_config=siting_found.columns(shown, found),
        on_select=selected,
        selection_mode="single-row",
        key=siting_found.TABLE,
    )
    rank = st.session_state[_SITE]
    if rank is None or rank > len(shown):
        return
    story = siting_found.story(found, rank)
    st.html("".join(f"<p class='story'>{escape(line)}</p>" for line in story))
    candidate, source = str(shown["candidate"].iloc[rank - 1]), found.question.candidates
    for column, name in zip(st.columns(2), ("require", "forbid"), strict=True):
        column.button(
            texts.say(f"siting_page.and_{name}"),
            on_click=texts.spoken(siting_conditions.name_later),
            args=(name, source, candidate),
            key=f"siting-{name}",
            width="stretch",
        )


def _worst(now: Result, choice: Choice) -> None:
    """List the places with most people left out, which is where to begin."""
    service = choice.service
    st.markdown(f"**{texts.say('web.worst_title', service=service.title(texts.language()))}**")
    worst = tables.worst_places(now, service, _WORST)

    def selected() -> None:
        rows = st.session_state["siting-worst"].selection.rows
        st.session_state["community"] = str(worst["code"].iloc[rows[0]]) if rows else None

    st.dataframe(
        worst,
        hide_index=True,
        width="stretch",
        height=_WORST_PX,
        column_config=tables.column_config(service, bars=False),
        on_select=selected,
        selection_mode="single-row",
        key="siting-worst",
    )
