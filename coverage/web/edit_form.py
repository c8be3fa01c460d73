"""Edit a scenario: choose what to do, then click the map or a facility of the list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.errors import CoverageError, ScenarioError
from coverage.outputs import map_layers
from coverage.scenario import Add, Close, Housing, Move, Reopen, Resize
from coverage.web import controls, session

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.analysis import Prepared
    from coverage.results import Result
    from coverage.scenario import Edit
    from coverage.service import Service
    from coverage.web.map_view import Click, Marker
    from coverage.web.workbench import Workbench

ACTIONS = ("add", "move", "resize", "close", "reopen", "housing")
AMOUNTS = ("floor_area_m2", "beds_total", "beds_nursing", "capacity")
PEOPLE = ("households", "population", "elders60")
_ADDED = ("floor_area_m2", "beds_total", "capacity")
_PICKED, _FAULT, _ACTION = "picked-facility", "edit-fault", "edit-action"
_DECIMALS = 6  # of degrees: a tenth of a metre


def show(bench: Workbench, prepared: Prepared, service: Service) -> None:
    """Ask what to do, and for what it takes.

    Parameters
    ----------
    bench
        The scenario.
    prepared
        The project as read.
    service
        Service that is looked at: its facilities are offered.
    """
    language = texts.language()
    action = st.segmented_control(
        texts.say("scenarios_page.action"),
        ACTIONS,
        default=controls.remembered(_ACTION, ACTIONS[0]),
        format_func=lambda a: texts.say(f"scenarios_page.action_{a}", language),
        key=controls.key(_ACTION),
        required=True,
        label_visibility="collapsed",
    )
    if action != controls.remembered(_ACTION, ACTIONS[0]):
        st.session_state[_PICKED] = None
    controls.keep(_ACTION, action)
    if action == "add":
        _add_form(prepared, service)
    elif action == "housing":
        _housing_form()
    else:
        _facility_form(bench, service, action)
    st.caption(f":material/ads_click: {texts.say(f'scenarios_page.hint_{_hint(action)}')}")
    fault = st.session_state.pop(_FAULT, None)
    if fault is not None:
        st.warning(fault.text())


def _hint(action: str) -> str:
    return "move_to" if action == "move" and picked() else action


def picked() -> str | None:
    """Return the id of the facility that was picked."""
    identifier: str | None = st.session_state.get(_PICKED)
    return identifier


def attempt(step: Callable[[], None]) -> None:
    """Do something to a scenario, and keep what to say where it cannot be done.

    Parameters
    ----------
    step
        What to do.
    """
    try:
        step()
    except CoverageError as error:
        st.session_state[_FAULT] = error


def clicked(
    bench: Workbench, base: Result, markers: tuple[Marker, ...], ids: tuple[str, ...], click: Click
) -> None:
    """Do what a click on the map does: place, pick or move.

    Parameters
    ----------
    bench
        The scenario.
    base
        The result that the map shows.
    markers, ids
        The page's markers and the facilities that they stand for.
    click
        The click.
    """
    action = controls.current(_ACTION, ACTIONS[0])
    lon, lat = round(click.lng, _DECIMALS), round(click.lat, _DECIMALS)
    if action == "add":
        attempt(lambda: bench.edit(_addition(bench, lon, lat)))
        return
    if action == "housing":
        attempt(lambda: bench.edit(_housing(bench, lon, lat)))
        return
    chosen = picked()
    if action == "move" and chosen:
        attempt(lambda: bench.edit(Move(id=chosen, lon=lon, lat=lat)))
        st.session_state[_PICKED] = None
        return
    hit = _hit(base, markers, ids, click)
    if hit is None:
        st.session_state[_FAULT] = ScenarioError("scenarios_page.no_facility_here")
    else:
        st.session_state[_PICKED] = hit


def _hit(
    base: Result, markers: tuple[Marker, ...], ids: tuple[str, ...], click: Click
) -> str | None:
    """Return the id of the facility that was clicked: a marker goes before what lies under it."""
    if click.marker is not None and 0 <= click.marker < min(len(markers), len(ids)):
        return ids[click.marker]
    drawn = map_layers.drawn_facilities(base)
    if click.facility is not None and 0 <= click.facility < len(drawn):
        return str(drawn["id"].iloc[click.facility])
    return None


# --- what is to be built -------------------------------------------------------------------------


def _add_form(prepared: Prepared, service: Service) -> None:
    known, language = vocabulary.categories(), texts.language()
    offered = session.offered_categories(prepared, service)
    first = next((c for c in service.categories if c in offered), offered[0])
    name = f"add-category-{service.name}"
    kind, named, more = st.columns([0.38, 0.34, 0.28], vertical_alignment="bottom")
    category = kind.selectbox(
        texts.say("scenarios_page.category"),
        offered,
        index=offered.index(controls.remembered(name, first)),
        format_func=lambda c: known[c].title(language) if c in known else c,
        key=controls.key(name),
    )
    controls.keep(name, category)
    controls.keep("add-category", category)
    with named:
        _text("add-name")
    with more.popover(texts.say("scenarios_page.more"), width="stretch"):
        for amount in _ADDED:
            _number(f"add-{amount}", amount)
        _number("add-open_year", "open_year", least=1900, most=2100, step=1)


def _addition(bench: Workbench, lon: float, lat: float) -> Add:
    number = _free_number(bench, "N")
    category = str(controls.remembered("add-category", ""))
    known = vocabulary.categories()
    title = known[category].title(texts.language()) if category in known else category
    opens = controls.current("add-open_year", None)
    amounts = {amount: controls.current(f"add-{amount}", None) for amount in _ADDED}
    return Add(
        id=number,
        category=category,
        name=controls.current("add-name", "").strip() or f"{title} {number}",
        lon=lon,
        lat=lat,
        open_year=None if opens is None else int(opens),
        floor_area_m2=amounts["floor_area_m2"],
        beds_total=amounts["beds_total"],
        capacity=amounts["capacity"],
    )


def _housing_form() -> None:
    for column, field in zip(st.columns(len(PEOPLE)), PEOPLE, strict=True):
        with column:
            _number(f"housing-{field}", field, usual=0.0)


def _housing(bench: Workbench, lon: float, lat: float) -> Housing:
    households, population, elders = (
        float(controls.current(f"housing-{field}", 0.0) or 0.0) for field in PEOPLE
    )
    return Housing(
        id=_free_number(bench, "H"),
        households=households,
        population=population,
        elders60=elders,
        lon=lon,
        lat=lat,
    )


def _free_number(bench: Workbench, letter: str) -> str:
    """Return an id that nothing bears: N1, N2, … for facilities, H1, H2, … for housing."""
    taken = {str(getattr(edit, "id", "")) for edit in bench.scenario.edits}
    if bench.live is not None:
        layers = bench.live.prepared.layers
        taken |= set(layers.facilities["id"].astype(str))
        taken |= set(bench.live.prepared.demand["id"].astype(str))
    return next(f"{letter}{n}" for n in range(1, len(taken) + 2) if f"{letter}{n}" not in taken)


# --- what stands already -------------------------------------------------------------------------


def _facility_form(bench: Workbench, service: Service, action: str) -> None:
    if bench.live is None:
        return
    table = _offered(bench.live.prepared, service, action)
    names = dict(zip(table["id"], table["label"], strict=True))
    key = controls.key(f"facility-{action}")
    st.session_state[key] = picked() if picked() in names else None

    def chosen() -> None:
        st.session_state[_PICKED] = st.session_state[key]

    st.selectbox(
        texts.say("scenarios_page.facility"),
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=chosen,
        placeholder=texts.say("scenarios_page.choose_facility"),
    )
    if action == "resize":
        _resize_form(bench, picked())
    if action in {"close", "reopen"}:
        st.button(
            texts.say(f"scenarios_page.do_{action}"),
            on_click=texts.spoken(_act),
            args=(bench, action),
            disabled=not picked(),
            type="primary",
        )


def _act(bench: Workbench, action: str) -> None:
    identifier = picked()
    if identifier:
        edit: Edit = Close(id=identifier) if action == "close" else Reopen(id=identifier)
        attempt(lambda: bench.edit(edit))
        st.session_state[_PICKED] = None


def _offered(prepared: Prepared, service: Service, action: str) -> pd.DataFrame:
    """Return id and label of the facilities that can be acted on, and of the one that is picked."""
    layer = prepared.layers.facilities
    status, _ = prepared.facility_status
    counts = (status == "counted").to_numpy()
    wanted = ~counts if action == "reopen" else counts
    own = layer["category"].isin(service.categories).to_numpy() & wanted
    own |= (layer["id"] == (picked() or "")).to_numpy()
    chosen = layer[own & ~layer["set_aside"].to_numpy(dtype=bool)]
    places = pd.concat([prepared.layers.townships, prepared.layers.communities])
    names = dict(zip(places["code"].astype(str), places["name"].astype(str), strict=True))
    where = chosen["community"].where(chosen["community"].notna(), chosen["township"]).astype(str)
    labels = [
        " · ".join(filter(None, [name, names.get(code, "")]))
        for name, code in zip(chosen["name"].astype(str), where, strict=True)
    ]
    return pd.DataFrame({"id": chosen["id"].astype(str).to_numpy(), "label": labels})


def _resize_form(bench: Workbench, identifier: str | None) -> None:
    layer = bench.live.prepared.layers.facilities if bench.live is not None else None
    rows = layer[layer["id"] == (identifier or "")] if layer is not None else None
    for column, amount in zip(st.columns(len(AMOUNTS)), AMOUNTS, strict=True):
        known = rows[amount].iloc[0] if rows is not None and len(rows) else None
        with column:
            _number(
                f"resize-{identifier}-{amount}",
                amount,
                said="—" if known is None or pd.isna(known) else f"{known:g}",
            )

    @texts.spoken
    def resize() -> None:
        given = {a: controls.current(f"resize-{identifier}-{a}", None) for a in AMOUNTS}
        if identifier:
            attempt(lambda: bench.edit(Resize(id=identifier, **given)))

    st.button(
        texts.say("scenarios_page.do_resize"),
        on_click=resize,
        disabled=not identifier,
        type="primary",
    )


# --- fields --------------------------------------------------------------------------------------


def _number(
    name: str,
    field: str,
    *,
    usual: float | None = None,
    least: float = 0,
    most: float | None = None,
    step: float | None = None,
    said: str | None = None,
) -> None:
    kind: Any = int if step == 1 else float
    value = controls.remembered(name, usual)
    given = st.number_input(
        texts.say(f"scenarios_page.{field}"),
        min_value=kind(least),
        max_value=None if most is None else kind(most),
        value=None if value is None else kind(value),
        step=kind(10 if step is None else step),
        format="%d" if kind is int else "%.0f",
        key=controls.key(name),
        placeholder=said or texts.say("scenarios_page.unknown"),
    )
    controls.keep(name, given)


def _text(name: str) -> None:
    given = st.text_input(
        texts.say("scenarios_page.name"),
        value=controls.remembered(name, ""),
        key=controls.key(name),
        max_chars=60,
        placeholder=texts.say("scenarios_page.name_usual"),
    )
    controls.keep(name, given)
