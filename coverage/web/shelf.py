"""The scenarios of a project, and those that a visitor has on the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.scenario import BASELINE, PLANNED, Scenario, find_scenario, scenario_names
from coverage.web import visitors
from coverage.web.work import Work, awaited
from coverage.web.workbench import Workbench

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.analysis import Prepared
    from coverage.web.session import Visit

NEW = ""  # stands for a scenario that no file holds yet
_NOW, _BENCHES, _ADDRESS, _SETTLING = "scenario-now", "benches", "scenario", "settling"


@dataclass(frozen=True)
class Listed:
    """A scenario that can be opened.

    Parameters
    ----------
    name
        Its name; `NEW` for one that no file holds.
    title
        What people call it.
    edits
        How many edits it has; None where its file cannot be used.
    digest
        SHA-256 of its file; empty without one.
    """

    name: str
    title: str
    edits: int | None
    digest: str = ""


def listed(root: Path) -> dict[str, Listed]:
    """Return a project's scenarios by name: the saved ones, then the built-in plan.

    Parameters
    ----------
    root
        The project's folder.
    """
    names = [name for name in scenario_names(root) if name not in {BASELINE, PLANNED}]
    return {name: _listed(root, name) for name in (*names, PLANNED)}


def _listed(root: Path, name: str) -> Listed:
    try:
        scenario = find_scenario(root, name)
    except CoverageError:
        return Listed(name, name, None)
    return Listed(name, scenario.said(), len(scenario.edits), scenario.digest)


def now(known: dict[str, Listed]) -> str:
    """Return the name of the scenario on the table: the last, else the one in the address.

    Parameters
    ----------
    known
        The project's scenarios.
    """
    if _NOW not in st.session_state:
        asked = st.query_params.get(_ADDRESS, NEW)
        st.session_state[_NOW] = asked if asked in known else NEW
    return str(st.session_state[_NOW])


def turn_to(name: str) -> None:
    """Put another scenario on the table; edits of the others that are not saved wait.

    Parameters
    ----------
    name
        Its name.
    """
    st.session_state[_NOW] = name
    for key, bench in list(_benches().items()):
        if key[1] == name:
            continue
        if bench.unsaved:
            bench.rest()
        else:
            del _benches()[key]


def leave() -> None:
    """Leave the scenarios of a project: another has others."""
    st.session_state.pop(_NOW, None)
    st.query_params.pop(_ADDRESS, None)


def on_table(visit: Visit) -> dict[str, Workbench]:
    """Return this visitor's scenarios of a project that are on the table, by name.

    Parameters
    ----------
    visit
        The project.
    """
    return {name: bench for (path, name), bench in _benches().items() if path == visit.path}


def opened(visit: Visit, name: str, known: dict[str, Listed]) -> Workbench:
    """Return a scenario on the table, read anew where it has no unsaved edits and its file changed.

    Parameters
    ----------
    visit
        The project.
    name
        Its name.
    known
        The project's scenarios.

    Raises
    ------
    CoverageError
        If its file is gone or cannot be used.
    """
    key = (visit.path, name)
    there = _benches().get(key)
    if there is not None:
        entry = known.get(name)
        same = entry is None or entry.edits is None or entry.digest == there.saved.digest
        if name == NEW or there.unsaved or same:
            return there
    root = visit.configuration.root
    scenario = (
        Scenario(name=texts.say("scenarios_page.new_name"))
        if name == NEW
        else find_scenario(root, name)
    )
    _benches()[key] = Workbench(scenario)
    return _benches()[key]


def settle(bench: Workbench, prepared: Prepared) -> None:
    """Measure a scenario where that is not done yet, telling the visitor.

    Parameters
    ----------
    bench
        The scenario.
    prepared
        The project as read.
    """
    if bench.fits(prepared):
        return
    begun = st.session_state.get(_SETTLING)
    if begun is None or begun[0] is not bench or begun[1] is not prepared or begun[2].failed:
        begun = (bench, prepared, Work(lambda _: bench.settle(prepared)))
        st.session_state[_SETTLING] = begun
    awaited(begun[2])
    st.session_state[_SETTLING] = None


def saved_as(visit: Visit, was: str, name: str) -> None:
    """Note under which name a scenario on the table was saved.

    Parameters
    ----------
    visit
        The project.
    was, name
        Its name before and now.
    """
    _benches()[visit.path, name] = _benches().pop((visit.path, was))
    turn_to(name)


def drop(visit: Visit, name: str) -> None:
    """Take a scenario off the table, its unsaved edits with it.

    Parameters
    ----------
    visit
        The project.
    name
        Its name.
    """
    _benches().pop((visit.path, name), None)


def note(visit: Visit, name: str, known: dict[str, Listed]) -> None:
    """Keep the scenario in the address, and tell the browser whether edits would be lost.

    Parameters
    ----------
    visit
        The project.
    name
        Name of the scenario on the table.
    known
        The project's scenarios.
    """
    wanted = name if name in known else None
    if wanted is None:
        st.query_params.pop(_ADDRESS, None)
    elif st.query_params.get(_ADDRESS) != wanted:
        st.query_params[_ADDRESS] = wanted
    visitors.note_unsaved(unsaved=any(bench.unsaved for bench in on_table(visit).values()))


def _benches() -> dict[tuple[str, str], Workbench]:
    benches: dict[tuple[str, str], Workbench] = st.session_state.setdefault(_BENCHES, {})
    return benches
