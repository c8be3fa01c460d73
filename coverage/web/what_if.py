"""What an edited scenario changes: the figures beside the map, the tables below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.outputs import map_figures
from coverage.web import changes, plan_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.results import Result
    from coverage.service import Service
    from coverage.web.changes import Changes
    from coverage.web.workbench import Workbench

_TABLE_PX = 260
LEVELS = ("township", "community")


def figures(bench: Workbench, found: Changes, service: Service) -> None:
    """Show the share before and after, who is gained and who is lost, and what the last step did.

    Parameters
    ----------
    bench
        The scenario.
    found
        What it changes.
    service
        The service.
    """
    now = found.figures
    unit = map_figures.weight_unit(service.weight, texts.language())
    with st.container(border=True, gap=None):
        st.markdown(f"**{title(service)}**")
        share, gained, lost = st.columns([0.44, 0.28, 0.28])
        share.metric(texts.say("scenarios_page.share"), _percent(now["share"]))
        gained.metric(texts.say("scenarios_page.gained", unit=unit), f"+{now['gained']:,.0f}")
        lost.metric(texts.say("scenarios_page.lost", unit=unit), f"−{now['lost']:,.0f}")
        st.caption(f"{_against(now)}  \n{_step(bench, service, unit)}")


def title(service: Service) -> str:
    """Return the service with its limit and whom it counts, as the Coverage page does."""
    language = texts.language()
    return texts.say(
        f"web.within_{service.mode}",
        minutes=f"{service.minutes:g}",
        service=service.title(language),
        weight=map_figures.weight_title(service.weight, language),
    )


def _percent(share: float) -> str:
    return texts.say("map.nothing") if pd.isna(share) else f"{share:.2%}"


def _against(now: Mapping[str, float]) -> str:
    """Say how the share differs from the baseline's."""
    points = round(100 * (now["share"] - now["share_before"]), 2) + 0.0
    if pd.isna(points):
        return texts.say("scenarios_page.no_share")
    return texts.say(
        "scenarios_page.against",
        before=_percent(now["share_before"]),
        points=f"{points:+,.2f}".replace("-", "−"),
    )


def _step(bench: Workbench, service: Service, unit: str) -> str:
    """Say what the last edit changed of the service."""
    if bench.effect is None:
        return texts.say("scenarios_page.no_step")
    services = bench.effect.services
    if service.name not in services.index:
        return texts.say("scenarios_page.step_nothing")
    row = services.to_dict("index")[service.name]
    return texts.say(
        "scenarios_page.step",
        before=_percent(row["share_before"]),
        after=_percent(row["share"]),
        gained=f"{row['gained']:,.0f}",
        lost=f"{row['lost']:,.0f}",
        unit=unit,
    )


def services(table: pd.DataFrame, result: Result, titles: tuple[str, str]) -> None:
    """Show the share of people whom each service covers on both sides.

    Parameters
    ----------
    table
        From `changes.services_of`.
    result
        Result that names the services.
    titles
        What the two sides are called.
    """
    language = texts.language()
    named = {service.name: service.title(language) for service in result.services}
    shown = pd.DataFrame(
        {
            "name": [named[name] for name in table.index],
            "a": table["share_before"].to_numpy() * 100,
            "b": table["share"].to_numpy() * 100,
            "gained": table["gained"].to_numpy(),
            "lost": table["lost"].to_numpy(),
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        column_config={
            "name": st.column_config.TextColumn(texts.say("web.service")),
            "a": number(titles[0], format="%.2f%%"),
            "b": number(titles[1], format="%.2f%%"),
            "gained": number(texts.say("scenarios_page.column_gained"), format="%,.0f"),
            "lost": number(texts.say("scenarios_page.column_lost"), format="%,.0f"),
        },
    )


def legend_of_markers() -> None:
    """Say what the marks on the map are."""
    st.caption(texts.say("scenarios_page.marks"))


def tables(bench: Workbench, base: Result, found: Changes, service: Service) -> None:
    """Show the rows of the plan and the units that differ.

    Parameters
    ----------
    bench
        The scenario.
    base
        Result of the baseline.
    found
        What the scenario changes.
    service
        The service.
    """
    if bench.live is None:
        return
    tabs = st.tabs([texts.say(f"scenarios_page.tab_{n}") for n in ("indicators", *LEVELS)])
    for tab, level in zip(tabs[1:], LEVELS, strict=True):
        with tab:
            units(found, level, base, service)
    with tabs[0]:
        titles = (texts.say("scenario.baseline"), bench.scenario.said())
        rows = changes.rows_that_change(bench.live.indicators, base.indicators)
        indicators(rows, base, titles)


def units(found: Changes, level: str, result: Result, service: Service) -> None:
    """Show the units of a level that differ.

    Parameters
    ----------
    found
        What differs.
    level
        ``township`` or ``community``.
    result
        Result that names the units.
    service
        The service.
    """
    table = found.units[level]
    if table.empty:
        st.caption(texts.say("scenarios_page.no_units"))
        return
    names = changes.unit_names(result, level)
    unit = map_figures.weight_unit(service.weight, texts.language())
    shown = pd.DataFrame(
        {
            "name": [names.get(str(code), str(code)) for code in table.index],
            "people": table["people"].to_numpy(),
            "before": table["share_before"].to_numpy() * 100,
            "after": table["share"].to_numpy() * 100,
            "points": (table["share"] - table["share_before"]).to_numpy() * 100,
            "more": (table["covered"] - table["covered_before"]).to_numpy(),
        }
    )
    order = shown["more"].abs().sort_values(ascending=False, kind="stable").index
    number = st.column_config.NumberColumn
    st.dataframe(
        shown.loc[order],
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, 38 + 35 * len(shown)),
        column_config={
            "name": st.column_config.TextColumn(texts.say("web.column_name")),
            "people": number(texts.say("web.column_people", unit=unit), format="%,.0f"),
            "before": number(texts.say("scenarios_page.column_before"), format="%.1f%%"),
            "after": number(texts.say("scenarios_page.column_after"), format="%.1f%%"),
            "points": number(texts.say("scenarios_page.column_points"), format="%+.1f"),
            "more": number(texts.say("scenarios_page.column_more", unit=unit), format="%+,.0f"),
        },
    )


def indicators(rows: pd.DataFrame, result: Result, titles: tuple[str, str]) -> None:
    """Show rows of the plan on both sides.

    Parameters
    ----------
    rows
        From `changes.differing_rows`.
    result
        Result that names them.
    titles
        What the two sides are called.
    """
    if rows.empty:
        st.caption(texts.say("scenarios_page.no_rows"))
        return
    names = changes.titles_of_rows(result, texts.language())
    statuses = [
        [plan_table.status_words(status) for status in rows[f"status_{side}"]] for side in "ab"
    ]
    shown = pd.DataFrame(
        {
            "name": [names[k, r] for k, r in zip(rows["kind"], rows["row"], strict=True)],
            "variant": [texts.say(f"web.variant_{v}") for v in rows["variant"]],
            "unit": [vocabulary.unit_title(u, texts.language()) for u in rows["unit"]],
            "a": rows["value_a"],
            "b": rows["value_b"],
            "difference": rows["difference"],
            "target": rows["target"],
            "status": [
                a if a == b else f"{a} → {b}" for a, b in zip(*statuses, strict=True)
            ],
            "met_by": [_met_by(word, titles) for word in rows["met_by"]],
        }
    )  # fmt: skip
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, 38 + 35 * len(shown)),
        column_config={
            "name": text(texts.say("web.column_indicator"), width=280),
            "variant": text(texts.say("scenarios_page.column_variant")),
            "unit": text(texts.say("web.column_unit")),
            "a": number(titles[0], format="%,.2f"),
            "b": number(titles[1], format="%,.2f"),
            "difference": number(texts.say("scenarios_page.column_difference"), format="%+,.2f"),
            "target": number(texts.say("web.column_target"), format="%,.2f"),
            "status": text(texts.say("web.column_plan_status")),
            "met_by": text(texts.say("scenarios_page.column_met_by")),
        },
    )


def _met_by(word: str, titles: tuple[str, str]) -> str:
    if word in {"a", "b"}:
        return titles["ab".index(word)]
    return texts.say(f"scenarios_page.met_by_{word}") if word else ""
