"""Overview: where the plan stands, on one screen."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts
from coverage.outputs import map_figures
from coverage.plans import DEFAULT_PLAN
from coverage.web import links, map_view, plan_table, session, stories, tables

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.web.map_view import Click
    from coverage.web.session import Visit

_MAP_PX = 400  # until the style sheet fits it to the window
_WORST_PX = 150
_ROW_PX = 29
_FEW = 4  # rows of a plan below which the worst places have more room
_WORST = 10


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    session.prepared(visit)
    result = session.whole(visit)
    plan = plan_table.headline_rows(plan_table.plan_table(result))
    if result.plan.name == DEFAULT_PLAN:
        _no_plan()
    else:
        _counts(plan)
    headline = _headlines(result)
    left, right = st.columns(2, gap="medium")
    with left:
        _map(visit, result, headline)
    with right, st.container(key="overview-tables", gap=None):
        _plan(result, plan)
        _worst(result, headline, _WORST_PX + _ROW_PX * max(0, _FEW - len(plan)))


def _counts(plan: pd.DataFrame) -> None:
    """Say how many of the plan's rows are met, behind, without data."""
    counts = plan["status"].value_counts()
    chips = [
        f'<span class="chip chip-{status}">{escape(plan_table.status_words(status))}'
        f"<b>{counts.get(status, 0)}</b></span>"
        for status in plan_table.STATUSES
        if counts.get(status, 0)
    ]
    said = escape(texts.say("web.plan_rows", count=len(plan)))
    st.html(f'<div class="chips"><span class="chips-title">{said}</span>{"".join(chips)}</div>')


def _no_plan() -> None:
    """Say that there are no targets, and where to choose a plan that has."""
    with st.container(horizontal=True, vertical_alignment="center", key="no-plan"):
        st.markdown(texts.say("web.no_plan"), width="content")
        links.link("data", texts.say("web.choose_plan"))


def _headlines(result: Result) -> map_figures.Headline:
    """Show the three headlines, and return the one whose map is wanted."""
    language = texts.language()
    found = map_figures.headlines(result, language)
    cards = st.container(key="headlines").columns(len(found), gap="small")
    for column, headline in zip(cards, found, strict=True):
        with column.container(border=True):
            st.markdown(f"**{headline.title}**")
            for place, figure in zip(st.columns(2), headline.figures, strict=True):
                with place:
                    st.metric(figure.label, figure.text(language))
                    st.caption(figure.fraction() or " ")
    position: int = st.session_state.get("overview-headline", 0)
    return found[position]


def _map(visit: Visit, result: Result, headline: map_figures.Headline) -> None:
    def clicked(click: Click) -> None:
        chosen = stories.chosen_by(click, result)
        if chosen is not None:
            st.session_state.update(chosen)

    titles = [h.title for h in map_figures.headlines(result, texts.language())]
    st.segmented_control(
        texts.say("web.which_map"),
        list(range(len(titles))),
        default=st.session_state.get("overview-headline", 0),
        format_func=titles.__getitem__,
        key=f"headline-{texts.language()}",
        required=True,
        label_visibility="collapsed",
        on_change=texts.spoken(_turn),
    )
    code = st.session_state.get("community") or st.session_state.get("township")
    map_view.draw(
        map_view.View(
            shapes=session.shapes(visit, result),
            values=session.values(visit, result),
            service=headline.service,
            reading=headline.figures[0].variant,
            level="community" if st.session_state.get("community") else "township",
            code=code or "",
            compact=True,
            height_px=_MAP_PX,
        ),
        "overview-map",
        clicked,
    )


def _turn() -> None:
    st.session_state["overview-headline"] = st.session_state[f"headline-{texts.language()}"]


def _plan(result: Result, plan: pd.DataFrame) -> None:
    """List the plan's rows as a table that wraps long names and scrolls within the window."""
    st.markdown(f"**{texts.say('web.plan_title', plan=result.plan.title(texts.language()))}**")
    heads = ("attribute", "indicator", "value", "target", "plan_status")
    st.html(tables.wrapping("plan-rows", heads, [_cells(row) for _, row in plan.iterrows()]))


def _cells(row: pd.Series[Any]) -> tuple[str, ...]:
    return (
        texts.say(f"web.{plan_table.attribute(row['attribute'])}"),
        row["name"],
        plan_table.amount(row["value"], row["unit"]),
        _target(row["target"], row["comparator"]),
        plan_table.status_words(row["status"]),
    )


def _target(target: float, comparator: str) -> str:
    return "" if pd.isna(target) else f"{comparator} {target:g}"


def _worst(result: Result, headline: map_figures.Headline, height_px: int) -> None:
    service = next((s for s in result.services if s.name == headline.service), None)
    if service is None:
        return
    st.markdown(f"**{texts.say('web.worst_title', service=service.title(texts.language()))}**")
    worst = tables.worst_places(result, service, _WORST)

    def selected() -> None:
        rows = st.session_state["worst"].selection.rows
        if rows:
            code = str(worst["code"].iloc[rows[0]])
            owner = result.communities.set_index("code")["township"].astype(str)
            st.session_state["community"] = code
            st.session_state["township"] = owner.get(code)
            st.session_state["facility"] = None

    st.dataframe(
        worst,
        hide_index=True,
        width="stretch",
        height=height_px,
        row_height=_ROW_PX,
        column_config=tables.column_config(service, bars=False),
        on_select=selected,
        selection_mode="single-row",
        key="worst",
    )
