"""What is done with sites once found: kept as a scenario, charted, taken along as files."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

import coverage
from coverage import texts
from coverage.errors import CoverageError
from coverage.outputs import csv_bytes, siting_tables
from coverage.scenario import save_scenario, scenario_path
from coverage.web import files, links, siting_charts, siting_found

if TYPE_CHECKING:
    from coverage.sites import SitingResult
    from coverage.web.session import Visit

_REASONS = (
    "rank", "place", "candidate", "newly", "communities", "before", "after", "load", "capacity",
    "lost", "runner_up", "short",
)  # fmt: skip
_SAVED = "siting-saved"  # under which name, or why not


def keep(visit: Visit, found: SitingResult) -> None:
    """Offer to keep sites as a scenario of the project.

    Parameters
    ----------
    visit
        The project.
    found
        The sites.
    """
    field, button = st.columns([0.66, 0.34])
    suggestion = texts.say("siting_page.save_suggestion", count=len(found.sites))
    name = field.text_input(
        texts.say("siting_page.save_name"),
        suggestion,
        key=f"siting-name-{texts.language()}",
        label_visibility="collapsed",
    )
    if button.button(texts.say("siting_page.save"), key="siting-save", width="stretch"):
        st.session_state[_SAVED] = (str(found.question), *_save(visit, found, name.strip()))
    question, saved, fault = st.session_state.get(_SAVED, ("", "", ""))
    if question != str(found.question):
        return
    if fault:
        st.error(fault)
        return
    st.success(texts.say("siting_page.saved", name=saved))
    if found.question.minutes is not None:
        st.caption(texts.say("siting_page.saved_minutes", minutes=found.question.minutes))
    links.link("scenarios", texts.say("siting_page.to_scenarios"))


def _save(visit: Visit, found: SitingResult, name: str) -> tuple[str, str]:
    """Write the scenario, and return its name, or why it was not written."""
    if found.scenario is None:
        return name, ""
    root = coverage.open_project(visit.path).root
    try:
        save_scenario(replace(found.scenario, name=name), scenario_path(root, name))
    except CoverageError as error:
        return name, error.text()
    return name, ""


def below(found: SitingResult, chosen: int | None) -> None:
    """Show all reasons, the curves and the files.

    Parameters
    ----------
    found
        The sites.
    chosen
        Rank of the site that is looked at.
    """
    names = ("reasons", "curve", "pareto", "files")
    reasons, curve, pareto, downloads = st.tabs(
        [texts.say(f"siting_page.tab_{name}") for name in names]
    )
    with reasons:
        shown = siting_found.table(found)
        st.dataframe(
            shown,
            hide_index=True,
            width="stretch",
            placeholder="—",
            column_order=_REASONS,
            column_config=siting_found.columns(shown, found),
        )
    with curve:
        st.caption(texts.say("siting_page.curve_help"))
        siting_charts.cumulative(found, chosen)
    with pareto:
        if found.pareto is None or found.pareto.empty:
            st.info(texts.say("siting_page.pareto_none"))
        else:
            siting_charts.trade_off(found.pareto, found)
    with downloads:
        _files(found)


def _files(found: SitingResult) -> None:
    st.caption(texts.say("siting_page.files_help"))
    made = {
        f"{name}.csv": partial(csv_bytes, table) for name, table in siting_tables(found).items()
    }
    stem = f"siting-{found.question.service}-{found.question.model}"
    everything = f"{stem}.zip"
    for column, (name, content) in zip(
        st.columns(len(made) + 1),
        {**made, everything: partial(files.siting, found)}.items(),
        strict=True,
    ):
        column.download_button(
            texts.say("siting_page.file_all") if name == everything else name,
            content,
            file_name=name,
            mime="application/zip" if name == everything else "text/csv",
            key=f"siting-file-{name}",
            on_click="ignore",
            width="stretch",
        )
