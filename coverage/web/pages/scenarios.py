"""Scenarios: what changes if a facility is built, moved, closed; saved, and held side by side."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.scenario import PLANNED
from coverage.web import (
    changes,
    comparing,
    controls,
    edit_form,
    edit_list,
    map_view,
    session,
    shelf,
    what_if,
)
from coverage.web.work import quickly

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.results import Result
    from coverage.service import Service
    from coverage.web.session import Visit
    from coverage.web.shelf import Listed
    from coverage.web.workbench import Workbench

_MAP_PX = 556
_MODES = ("edit", "compare")


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    prepared = session.prepared(visit)
    known = shelf.listed(visit.configuration.root)
    name = shelf.now(known)
    # before the map is drawn: it asks before a page with unsaved edits is left
    shelf.note(visit, name, known)
    weights = (
        [0.15, 0.49, 0.25, 0.11] if _now_mode() == "edit" else [0.15, 0.245, 0.245, 0.25, 0.11]
    )
    first, *middle, right, last = st.columns(weights, vertical_alignment="bottom")
    with first:
        mode = _mode()
    with right:
        service = _service(prepared.configuration.services)
    with last:
        year = _year(visit)
    if mode == "compare":
        comparing.show(visit, known, service, year, middle)
    else:
        with middle[0]:
            name = _scenario(visit, known, name)
        _edit(visit, known, name, service, year)


def _now_mode() -> str:
    return str(controls.current("scenario-mode", _MODES[0]))


def _mode() -> str:
    language = texts.language()
    mode = st.segmented_control(
        texts.say("scenarios_page.mode"),
        _MODES,
        default=_now_mode(),
        format_func=lambda m: texts.say(f"scenarios_page.mode_{m}", language),
        key=controls.key("scenario-mode"),
        required=True,
        label_visibility="collapsed",
    )
    controls.keep("scenario-mode", mode)
    return str(mode)


def _service(services: Mapping[str, Service]) -> str:
    names, language = list(services), texts.language()
    last = controls.remembered("service", names[0])
    name = st.selectbox(
        texts.say("web.service"),
        names,
        index=names.index(last) if last in names else 0,
        format_func=lambda n: services[n].title(language),
        key=controls.key("scenario-service"),
        help=texts.say("scenarios_page.service_help"),
    )
    controls.keep("service", name)
    return str(name)


def _year(visit: Visit) -> int | None:
    """Ask for the year; None is the project's own."""
    own = visit.configuration.year
    years = sorted({own, *visit.configuration.years})
    year = st.selectbox(
        texts.say("scenarios_page.year"),
        years,
        index=years.index(controls.remembered("scenario-year", own)),
        key=controls.key("scenario-year"),
        disabled=len(years) == 1,
        help=texts.say("scenarios_page.year_help"),
    )
    controls.keep("scenario-year", year)
    return None if year == own else int(year)


def _scenario(visit: Visit, known: dict[str, Listed], name: str) -> str:
    """Ask which scenario to edit."""
    there = shelf.on_table(visit)
    options = list(dict.fromkeys([shelf.NEW, *known, *there, name]))
    language = texts.language()
    key = controls.key("scenario")
    st.session_state[key] = name

    def turned() -> None:
        shelf.turn_to(st.session_state[key])

    st.selectbox(
        texts.say("scenarios_page.scenario"),
        options,
        format_func=lambda n: _said(n, known, there, language),
        key=key,
        on_change=turned,
        help=texts.say("scenarios_page.scenario_help"),
    )
    return name


def _said(name: str, known: dict[str, Listed], there: dict[str, Workbench], language: str) -> str:
    """Return what a scenario is called in the list, with the number of its edits."""
    bench, entry = there.get(name), known.get(name)
    if name == shelf.NEW:
        said = texts.say("scenarios_page.new", language)
    elif entry is None or entry.edits is None:
        said = texts.say("scenarios_page.damaged", language, name=name)
    elif name == PLANNED:
        said = texts.say("scenario.planned", language)
    else:
        title = entry.title if entry.title == name else f"{entry.title} · {name}"
        said = texts.say("scenarios_page.listed", language, title=title, count=entry.edits)
    if bench is not None and bench.unsaved:
        said = texts.say("scenarios_page.with_unsaved", language, title=said)
    return said


def _edit(
    visit: Visit, known: dict[str, Listed], name: str, service: str, year: int | None
) -> None:
    prepared, base = session.prepared(visit, year), session.whole(visit, year)
    try:
        bench = shelf.opened(visit, name, known)
    except CoverageError as error:
        st.error(error.text())
        return
    shelf.settle(bench, prepared)
    if bench.fault is not None:
        st.error(bench.fault.text())
        edit_list.show(visit, bench, name, base)
        return
    if bench.live is None:
        return
    picked = edit_form.picked()
    live = bench.live
    found, (places, ids), ring = quickly(
        lambda: (
            changes.of_live(base, live, service),
            changes.markers(prepared, live.prepared),
            changes.ring(live.prepared, picked),
        )
    )
    left, right = st.columns([0.64, 0.36], gap="medium")
    with left:
        map_view.draw(
            map_view.View(
                shapes=session.shapes(visit, base, year),
                values=session.values(visit, base, mark=year),
                service=service,
                reading="change",
                markers=(*places, *ring),
                change=found.drawn,
                height_px=_MAP_PX,
            ),
            "scenario-map",
            partial(_clicked, bench, base, places, ids, name),
        )
        what_if.legend_of_markers()
    with right:
        what_if.figures(bench, found, prepared.configuration.services[service])
        if name == PLANNED:
            st.info(texts.say("scenarios_page.planned_fixed"))
        else:
            edit_form.show(bench, prepared, prepared.configuration.services[service])
        edit_list.show(visit, bench, name, base)
    what_if.tables(bench, base, found, prepared.configuration.services[service])


def _clicked(
    bench: Workbench,
    base: Result,
    places: tuple[map_view.Marker, ...],
    ids: tuple[str, ...],
    name: str,
    click: map_view.Click,
) -> None:
    if name != PLANNED:
        edit_form.clicked(bench, base, places, ids, click)
