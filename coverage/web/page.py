"""The page: a map of who is within reach, three headline figures, a table for each township.

It reads a result and computes nothing. Streamlit runs `show` at every click.
"""

from __future__ import annotations

import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

import coverage
from coverage import texts, vocabulary
from coverage.errors import CoverageError
from coverage.outputs import csv_bytes, map_figures
from coverage.web import chart, session, tables

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.configuration import Configuration
    from coverage.results import Result
    from coverage.service import Service

SPEEDS_M_S = {1.0: "planning", 0.9: "default", 0.8: "aged", 0.65: "frail"}
MOST_MINUTES = {"walk": 60, "drive": 120}
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}


def show(project: Path, language: str = "zh") -> None:
    """Show the page for a project.

    Parameters
    ----------
    project
        Project folder or its ``project.toml``.
    language
        Language the page opens in; its reader may change it.
    """
    # a choice made before stands in the state already when the page runs again
    chosen = st.session_state.get("language") or st.query_params.get("lang") or language
    texts.use(chosen if chosen in texts.LANGUAGES else texts.LANGUAGES[0])
    st.set_page_config(page_title=texts.say("web.page_title"), layout="wide")
    st.html(_STYLE)
    _refuse_other_addresses()
    try:
        _page(str(project))
    except CoverageError as error:
        st.error(error.text())
        st.stop()


def _refuse_other_addresses() -> None:
    address = st.get_option("server.address")
    if session.is_loopback(address):
        return
    st.error(texts.say("web.not_loopback", address=address or texts.say("web.any_address")))
    st.stop()


def _page(path: str) -> None:
    stamp = session.project_stamp(path)
    # name and notice stand there at once, before anything long begins
    _heading(coverage.open_project(path).configuration)
    with st.spinner(texts.say("web.loading")):
        prepared = session.prepared_project(path, stamp)
    settings = _controls(prepared)
    if not settings.categories:
        st.info(texts.say("web.no_categories"))
        st.stop()
    with st.spinner(texts.say("web.loading")):
        result = session.analysed(path, stamp, settings)
    service = next(s for s in result.services if s.name == settings.service)
    _headlines(result)
    left, right = st.columns([0.7, 0.3], gap="medium")
    _choose_first_township(result, service)
    with left:
        _map(path, stamp, settings, result)
    with right:
        _township(result, service)
    _townships(result, service)


def _controls(prepared: Prepared) -> session.Settings:
    services = prepared.configuration.services
    with st.sidebar:
        st.segmented_control(
            texts.say("web.language"),
            list(_LANGUAGE_NAMES),
            format_func=_LANGUAGE_NAMES.__getitem__,
            default=texts.language(),
            key="language",
            required=True,
            label_visibility="collapsed",
        )
        st.subheader(texts.say("web.controls"))
        names = list(services)
        name = st.radio(
            texts.say("web.service"),
            names,
            index=names.index(_remembered("service", names[0])),
            format_func=lambda n: services[n].title(texts.language()),
            key=_key("service"),
        )
        st.session_state["chosen-service"] = name
        service = services[name]
        usual = session.usual_settings(prepared, service)
        settings = session.Settings(
            service=name,
            minutes=_minutes(service, usual.minutes),
            speed=_speed(usual.speed),
            categories=_categories(service, session.offered(prepared, service), usual.categories),
            areas=_areas(),
        )
        st.button(texts.say("web.reload"), on_click=st.cache_resource.clear, width="stretch")
    return settings


def _key(name: str) -> str:
    # a widget keeps the words it was made with, so each language has its own
    return f"{name}-{texts.language()}"


def _remembered(name: str, default: Any) -> Any:  # noqa: ANN401 - whatever the widget gives
    """Return what was chosen last, in whichever language."""
    return st.session_state.get(f"chosen-{name}", default)


def _minutes(service: Service, usual: float) -> float:
    name = f"minutes-{service.name}"
    minutes = st.slider(
        texts.say(f"web.minutes_{service.mode}"),
        min_value=1,
        max_value=max(MOST_MINUTES[service.mode], int(usual)),
        value=_remembered(name, int(usual)),
        key=_key(name),
    )
    st.session_state[f"chosen-{name}"] = minutes
    return float(minutes)


def _speed(own: float) -> float:
    names = {own: "project", **SPEEDS_M_S}
    speeds = sorted(names, reverse=True)
    speed = st.selectbox(
        texts.say("web.speed"),
        speeds,
        index=speeds.index(_remembered("speed", own)),
        format_func=lambda s: texts.say(f"web.speed_{names[s]}", speed=s),
        help=texts.say("web.speed_help"),
        key=_key("speed"),
    )
    st.session_state["chosen-speed"] = speed
    return float(speed)


def _categories(service: Service, offered: list[str], usual: tuple[str, ...]) -> tuple[str, ...]:
    known = vocabulary.categories()
    name = f"categories-{service.name}"
    chosen = st.multiselect(
        texts.say("web.categories"),
        offered,
        default=_remembered(name, list(usual)),
        format_func=lambda c: known[c].title(texts.language()),
        key=_key(name),
    )
    st.session_state[f"chosen-{name}"] = chosen
    # in one order, whatever the order of the clicks: the same choice is the same analysis
    return tuple(c for c in offered if c in chosen)


def _areas() -> bool:
    wanted = st.toggle(
        texts.say("web.areas"), value=_remembered("areas", default=False), key=_key("areas")
    )
    st.session_state["chosen-areas"] = wanted
    return bool(wanted)


def _heading(configuration: Configuration) -> None:
    basis = map_figures.basis_title(configuration.population_basis, texts.language())
    title = escape(texts.say("map.title", name=configuration.name))
    subtitle = escape(texts.say("map.subtitle", year=configuration.year, basis=basis))
    warning = escape(configuration.notice)
    notice = f'<span class="notice">{warning}</span>' if warning else ""
    st.html(f'<h1 class="page-title">{title}{notice}<small>{subtitle}</small></h1>')


def _headlines(result: Result) -> None:
    language = texts.language()
    columns = st.columns(len(map_figures.HEADLINES), gap="small")
    for column, headline in zip(columns, map_figures.headlines(result, language), strict=True):
        with column.container(border=True):
            st.markdown(f"**{headline.title}**")
            for place, figure in zip(st.columns(2), headline.figures, strict=True):
                with place.container(gap=None):
                    st.metric(figure.label, figure.text(language))
                    st.caption(figure.fraction() or " ")


def _choose_first_township(result: Result, service: Service) -> None:
    codes = [str(code) for code in result.townships["code"]]
    if st.session_state.get("township") not in codes:
        st.session_state["township"] = tables.worst_township(result, service)


def _map(path: str, stamp: int, settings: session.Settings, result: Result) -> None:
    def clicked() -> None:
        state = st.session_state.get(chart.KEY) or {}
        code = chart.township_at(result.townships, state.get("last_clicked"))
        if code is not None:
            st.session_state["township"] = code

    view = chart.View(
        shapes=session.shapes_file(path, stamp, settings),
        areas=settings.areas,
        values=session.values_file(path, stamp, settings, texts.language()),
        service=settings.service,
        township=st.session_state["township"] or "",
    )
    chart.draw(view, clicked)
    st.caption(texts.say("web.map_hint"))


def _township(result: Result, service: Service) -> None:
    names = {
        str(code): str(name)
        for code, name in zip(result.townships["code"], result.townships["name"], strict=True)
    }
    code = st.selectbox(
        texts.say("web.township"), list(names), format_func=names.__getitem__, key="township"
    )
    figures = tables.township_figures(result, service, code)
    share = figures["share"]
    st.metric(
        service.title(texts.language()),
        texts.say("map.nothing") if share is None else f"{share:.1%}",
    )
    if share is not None:
        unit = map_figures.weight_unit(service.weight, texts.language())
        numbers = {name: f"{figures[name]:,.0f}" for name in ("covered", "people", "uncovered")}
        st.caption(texts.say("web.township_figures", unit=unit, **numbers))
    members = tables.communities_of(result, service, code)
    if members.empty:
        st.info(texts.say("web.no_communities"))
        return
    st.dataframe(
        members,
        hide_index=True,
        width="stretch",
        height=430,
        column_config=tables.column_config(service, bars=False),
    )


def _townships(result: Result, service: Service) -> None:
    left, right = st.columns([0.75, 0.25], vertical_alignment="bottom")
    left.subheader(texts.say("web.townships"), anchor=False)
    right.download_button(
        texts.say("web.download"),
        csv_bytes(result.townships),
        file_name=f"townships-{result.year}.csv",
        mime="text/csv",
        width="stretch",
    )
    st.dataframe(
        tables.townships_table(result, service),
        hide_index=True,
        width="stretch",
        column_config=tables.column_config(service, bars=True),
    )


_STYLE = """
<style>
  .stMainBlockContainer { padding: 1.6rem 2rem 2rem; max-width: 1900px; }
  .page-title { font-size: 1.7rem; font-weight: 700; margin: 0; padding: 0; }
  .page-title small { margin-left: 1rem; font-size: .95rem; font-weight: 400; color: #5d6066; }
  .page-title .notice { margin-left: 1rem; padding: .15rem .7rem; border-radius: 3px;
    background: #b3261e; color: #fff; font-size: 1rem; vertical-align: .2rem; }
  [data-testid="stMetricValue"] { font-size: 1.75rem; font-weight: 700; color: #14484c; }
  [data-testid="stMetricLabel"] p { font-size: .85rem; }
  [data-testid="stMetricLabel"], [data-testid="stMetricLabel"] * { white-space: normal; }
</style>
"""


def arguments(words: list[str]) -> tuple[Path | None, str]:
    """Return project and language from the words after ``--``.

    Parameters
    ----------
    words
        ``[PROJECT] [--lang=zh|en]``.

    Returns
    -------
    tuple
        The project, None without one, and the language, ``zh`` by default.
    """
    project = next((Path(word) for word in words if not word.startswith("--")), None)
    language = next((w.partition("=")[2] for w in words if w.startswith("--lang=")), "zh")
    return project, language


if __name__ == "__main__":
    _project, _language = arguments(sys.argv[1:])
    show(_project or Path(), _language)
