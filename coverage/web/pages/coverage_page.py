"""Coverage: who is within reach of a service, where the others are, and why."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import texts
from coverage.outputs import csv_bytes, map_figures, map_layers
from coverage.web import charts, controls, map_view, session, stories, tables
from coverage.web.work import wait_for

if TYPE_CHECKING:
    import pandas as pd

    from coverage.results import Result
    from coverage.service import Service
    from coverage.web.map_view import Click
    from coverage.web.session import Choice, Visit
    from coverage.web.work import Work

_MAP_PX = 560
_SIDE_PX = 300
_LOOK_S = 1.0  # each look is a run of the page's script


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    prepared = session.prepared(visit)
    with st.sidebar:
        choice = controls.choice(prepared)
        st.button(texts.say("web.reload"), on_click=session.reload, width="stretch")
    if choice is None:
        st.info(texts.say("web.no_categories"))
        return
    result = session.answer(visit, choice)
    details = wait_for("details", lambda: session.details(visit, choice))
    further = None if details.waiting else details.result()
    _choose_first_township(result, choice.service)
    left, right = st.columns([0.63, 0.37], gap="medium")
    with left:
        _map(visit, choice, further or result)
    with right:
        _figures(result, choice.service)
        _place(result, choice.service)
    _below(result, further, choice)
    if further is None:
        _wait_for(details)


@st.fragment(run_every=_LOOK_S)
def _wait_for(details: Work[Result]) -> None:
    if details.waiting:
        st.caption(texts.say("web.drawing"))
    elif details.failed:
        st.caption(texts.say("web.failed"))
    else:
        st.rerun()


def _choose_first_township(result: Result, service: Service) -> None:
    codes = [str(code) for code in result.townships["code"]]
    if st.session_state.get("township") not in codes:
        st.session_state["township"] = tables.worst_township(result, service)


def _map(visit: Visit, choice: Choice, result: Result) -> None:
    def clicked(click: Click) -> None:
        chosen = stories.chosen_by(click, result)
        if chosen is not None:
            st.session_state.update(chosen)

    community = st.session_state.get("community")
    map_view.draw(
        map_view.View(
            shapes=session.shapes(visit, result),
            values=session.values(visit, result, choice),
            service=choice.service.name,
            level="community" if community else "township",
            code=community or st.session_state["township"] or "",
            areas=controls.remembered("areas", default=True) and len(result.service_areas) > 0,
            height_px=_MAP_PX,
        ),
        "coverage-map",
        clicked,
    )
    hint, toggle = st.columns([0.7, 0.3])
    hint.caption(texts.say("web.map_hint"))
    with toggle:
        areas = st.toggle(
            texts.say("web.areas"),
            value=controls.remembered("areas", default=True),
            key=controls.key("areas"),
        )
    if areas != controls.remembered("areas", default=True):
        controls.keep("areas", areas)
        st.rerun()


def _figures(result: Result, service: Service) -> None:
    """Show the share within reach, and by urban and rural communities."""
    parts = tables.reach_by_kind(result, service)
    with st.container(border=True):
        st.markdown(f"**{_title(service)}**")
        for column, (kind, figures) in zip(st.columns(3), parts.items(), strict=True):
            share = figures["share"]
            with column.container(gap=None):
                text = texts.say("map.nothing") if share is None else f"{share:.1%}"
                st.metric(texts.say(f"web.kind_{kind}"), text)
                st.caption(tables.fraction(figures))


def _title(service: Service) -> str:
    return texts.say(
        f"web.within_{service.mode}",
        minutes=f"{service.minutes:g}",
        service=service.title(texts.language()),
        weight=map_figures.weight_title(service.weight, texts.language()),
    )


def _place(result: Result, service: Service) -> None:
    """Tell the story of what was chosen: a facility, a community, a township."""
    names = {
        str(code): str(name)
        for code, name in zip(result.townships["code"], result.townships["name"], strict=True)
    }

    def chosen() -> None:
        st.session_state["community"] = None
        st.session_state["facility"] = None

    code = st.selectbox(
        texts.say("web.township"),
        list(names),
        format_func=names.__getitem__,
        key="township",
        on_change=chosen,
    )
    story = stories.tell(result, service, st.session_state)
    st.html("".join(f"<p class='story'>{escape(line)}</p>" for line in story))
    members = tables.communities_of(result, service, code)
    if members.empty:
        st.info(texts.say("web.no_communities"))
        return
    st.dataframe(
        members,
        hide_index=True,
        width="stretch",
        height=_SIDE_PX,
        column_order=["name", "uncovered", "people", "share"],
        column_config=tables.column_config(service, bars=False),
        on_select=_on_select(members, "community", f"members-{code}"),
        selection_mode="single-row",
        key=f"members-{code}",
    )


def _on_select(table: pd.DataFrame, level: str, key: str) -> Any:  # noqa: ANN401 - a callback
    """Return what a click on a row of a table does: choose its unit."""

    def selected() -> None:
        rows = st.session_state[key].selection.rows
        if not rows:
            return
        st.session_state[level] = str(table["code"].iloc[rows[0]])
        st.session_state["facility"] = None
        if level == "township":
            st.session_state["community"] = None

    return selected


def _below(result: Result, further: Result | None, choice: Choice) -> None:
    service = choice.service
    names = ("townships", "curve", "circles", "facilities")
    tabs = st.tabs([texts.say(f"web.tab_{name}") for name in names])
    with tabs[0]:
        _townships(result, service)
    with tabs[1]:
        st.caption(texts.say("web.curve_help"))
        _later(further, lambda r: charts.curve(r, service, choice.speed))
    with tabs[2]:
        st.caption(texts.say("web.circles_help"))
        _later(further, lambda r: _circles(r, service))
    with tabs[3]:
        _facilities(result, service)


def _later(further: Result | None, draw: Any) -> None:  # noqa: ANN401 - a function
    if further is None:
        st.caption(texts.say("web.drawing"))
    else:
        draw(further)


def _townships(result: Result, service: Service) -> None:
    table = tables.townships_table(result, service)
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_order=["name", "people", "covered", "uncovered", "share", "minutes"],
        column_config=tables.column_config(service, bars=True),
        on_select=_on_select(table, "township", "townships"),
        selection_mode="single-row",
        key="townships",
    )
    st.download_button(
        texts.say("web.download"),
        csv_bytes(result.townships),
        file_name=f"townships-{result.year}.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _circles(result: Result, service: Service) -> None:
    table = tables.circles(result)
    if table.empty:
        st.info(texts.say("web.no_circles"))
        return
    st.dataframe(
        table,
        hide_index=True,
        width="stretch",
        column_config=tables.circle_columns(service),
    )


def _facilities(result: Result, service: Service) -> None:
    st.dataframe(
        tables.facilities(result, service, map_layers.drawn_facilities(result)),
        hide_index=True,
        width="stretch",
        column_config=tables.facility_columns(service),
    )
