"""Controls that remember: a choice outlives a change of page and of language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import texts, vocabulary
from coverage.outputs import map_figures
from coverage.web import session

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.service import Mode, Service
    from coverage.web.session import Choice

SPEEDS_M_S = {1.0: "planning", 0.9: "default", 0.8: "aged", 0.65: "frail"}
MOST_MINUTES = {"walk": 60, "drive": 120}


def choice(prepared: Prepared) -> Choice | None:
    """Ask for a service and how to look at it; None without a single category.

    Parameters
    ----------
    prepared
        The project as read.
    """
    usual = session.usual(prepared, service_of(prepared))
    service = usual.service
    minutes = minutes_of(service)
    weight = _weight(prepared, service)
    categories = _categories(prepared, service)
    with st.expander(texts.say("web.how_to_travel"), expanded=True):
        mode = _mode(prepared, service)
        speed = _speed(usual.speed)
        slope = _slope(prepared)
    if not categories:
        return None
    chosen = replace(service, minutes=minutes, weight=weight, categories=categories, mode=mode)
    return session.Choice(chosen, speed, slope)


def service_of(prepared: Prepared) -> Service:
    """Ask for one of the project's services.

    Parameters
    ----------
    prepared
        The project as read.
    """
    services, language = prepared.configuration.services, texts.language()
    name = st.selectbox(
        texts.say("web.service"),
        names := list(services),
        index=_position(names, remembered("service", names[0])),
        format_func=lambda n: services[n].title(language),
        key=key("service"),
        help=texts.say("web.service_help"),
    )
    keep("service", name)
    return services[name]


def minutes_of(service: Service) -> float:
    """Ask for the longest trip that counts, by default the service's own, to the minute.

    Parameters
    ----------
    service
        The service.
    """
    name, usual = f"minutes-{service.name}", round(service.minutes)
    minutes = st.slider(
        texts.say(f"web.minutes_{service.mode}"),
        min_value=1,
        max_value=max(MOST_MINUTES[service.mode], usual),
        value=remembered(name, usual),
        key=key(name),
        help=texts.say("web.minutes_help"),
    )
    keep(name, minutes)
    return float(minutes)


def key(name: str) -> str:
    """Return a widget's key: it keeps the words it was made with, so each language has its own."""
    return f"{name}-{texts.language()}"


def remembered(name: str, default: Any) -> Any:  # noqa: ANN401 - whatever the widget gives
    """Return what was chosen last, on whichever page and in whichever language."""
    return st.session_state.get(f"chosen-{name}", default)


def current(name: str, default: Any) -> Any:  # noqa: ANN401 - whatever the widget gives
    """Return what stands in a widget just now, before the page ran; else what was chosen last."""
    return st.session_state.get(key(name), remembered(name, default))


def keep(name: str, value: object) -> None:
    """Remember what was chosen."""
    st.session_state[f"chosen-{name}"] = value


def _position(options: list[Any], value: object) -> int:
    return options.index(value) if value in options else 0


def _weight(prepared: Prepared, service: Service) -> str:
    name, language = f"weight-{service.name}", texts.language()
    offered = session.offered_weights(prepared, service)
    weight = st.selectbox(
        texts.say("web.weight"),
        offered,
        index=_position(offered, remembered(name, service.weight)),
        format_func=lambda w: map_figures.weight_title(w, language),
        key=key(name),
        help=texts.say("web.weight_help"),
    )
    keep(name, weight)
    return str(weight)


def _categories(prepared: Prepared, service: Service) -> tuple[str, ...]:
    known, language = vocabulary.categories(), texts.language()
    offered = session.offered_categories(prepared, service)
    name = f"categories-{service.name}"
    chosen = st.multiselect(
        texts.say("web.categories"),
        offered,
        default=remembered(name, list(service.categories)),
        format_func=lambda c: known[c].title(language),
        key=key(name),
        help=texts.say("web.categories_help"),
    )
    keep(name, chosen)
    # in one order, whatever the order of the clicks: the same choice is the same analysis
    return tuple(c for c in offered if c in chosen)


def _mode(prepared: Prepared, service: Service) -> Mode:
    name, language = f"mode-{service.name}", texts.language()
    offered = sorted(session.offered_modes(prepared, service), reverse=True)
    mode: Mode = st.segmented_control(
        texts.say("web.mode"),
        offered,
        default=remembered(name, service.mode),
        format_func=lambda m: texts.say(f"map.mode_{m}", language),
        key=key(name),
        required=True,
    )
    keep(name, mode)
    return mode


def _speed(own: float) -> float:
    names, language = {own: "project", **SPEEDS_M_S}, texts.language()
    speeds = sorted(names, reverse=True)
    speed = st.selectbox(
        texts.say("web.speed"),
        speeds,
        index=_position(speeds, remembered("speed", own)),
        format_func=lambda s: texts.say(f"web.speed_{names[s]}", language, speed=s),
        help=texts.say("web.speed_help"),
        key=key("speed"),
    )
    keep("speed", speed)
    return float(speed)


def _slope(prepared: Prepared) -> bool:
    if "elevation" not in prepared.configuration.sources(prepared.year)[0]:
        return True
    slope = st.toggle(
        texts.say("web.slope"),
        value=remembered("slope", default=True),
        key=key("slope"),
        help=texts.say("web.slope_help"),
    )
    keep("slope", slope)
    return bool(slope)
