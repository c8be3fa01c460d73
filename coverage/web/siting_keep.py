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
from coverage.sites import told
from coverage.web import files, links, session, shelf, siting_charts, siting_found

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    question, saved, fault = st.session_state.get(_SAVED, ("", "", None))
    if question != str(found.question):
        return
    if fault is not None:
        st.error(fault.text())
    if not saved:
        return
    st.success(texts.say("siting_page.saved", name=saved))
    for sentence in _after_saving(found, written=fault is None):
        st.caption(sentence)
    links.link("scenarios", texts.say("siting_page.to_scenarios"))


def _after_saving(found: SitingResult, *, written: bool) -> Iterator[str]:
    """Say what else was written, and what the scenario does not know of the question."""
    if written:
        yield texts.say("siting_page.saved_files")
    if found.question.minutes is not None:
        yield texts.say("siting_page.saved_minutes", minutes=found.question.minutes)
    if sentence := told.unheeded(found):
        yield sentence


def _save(visit: Visit, found: SitingResult, name: str) -> tuple[str, CoverageError | None]:
    """Write the scenario and, as ``site`` does, the files that the report tells of.

    Returns
    -------
    tuple[str, CoverageError | None]
        Name of the scenario, empty where it was not written; what went wrong.
    """
    if found.scenario is None:
        return "", None
    project, question = coverage.open_project(visit.path), found.question
    saved = ""
    try:
        path = scenario_path(project.root, name)
        # first: where its file cannot be written, nothing is
        save_scenario(replace(found.scenario, name=name), path)
        saved = name
        shelf.turn_to(name)
        found.save(project.siting_folder(question.service, question.model))
    except CoverageError as error:
        return saved, error
    session.forget_reports()
    return saved, None


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
