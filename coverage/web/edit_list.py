"""The edits of a scenario: listed, taken back, saved."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.scenario import PLANNED
from coverage.web import changes, edit_form, shelf

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.scenario import Edit
    from coverage.web.session import Visit
    from coverage.web.workbench import Workbench

_LIST_PX = 190
_FAULT, _SAID = "save-fault", "save-said"


def show(visit: Visit, bench: Workbench, name: str, base: Result) -> None:
    """List the edits, and offer to take back and to save.

    Parameters
    ----------
    visit
        The project.
    bench
        The scenario.
    name
        Its name among those on the table.
    base
        Result of the baseline.
    """
    if name == PLANNED:
        return
    edits = bench.scenario.edits
    _buttons(visit, bench, name)
    _spoken(visit, name)
    if not edits:
        st.caption(texts.say("scenarios_page.no_edits"))
        return
    told = _Words(bench, base)
    height = min(_LIST_PX, 34 + 32 * len(edits))
    with st.container(height=height, border=True, key="scenario-edits"):
        for number, edit in reversed(list(enumerate(edits, start=1))):
            words, button = st.columns([0.88, 0.12], vertical_alignment="center")
            words.markdown(f"{number}. {told.of(edit)}")
            button.button(
                ":material/close:",
                key=f"remove-{bench.version}-{number}",
                on_click=texts.spoken(edit_form.attempt),
                args=(partial(bench.remove, number),),
                help=texts.say("scenarios_page.remove"),
                type="tertiary",
            )


def _buttons(visit: Visit, bench: Workbench, name: str) -> None:
    undo, redo, save, other = st.columns([0.22, 0.22, 0.22, 0.34])
    undo.button(
        texts.say("scenarios_page.undo"),
        key="scenario-undo",
        on_click=texts.spoken(edit_form.attempt),
        args=(bench.undo,),
        disabled=not bench.scenario.edits or bench.live is None,
        width="stretch",
    )
    redo.button(
        texts.say("scenarios_page.redo"),
        key="scenario-redo",
        on_click=texts.spoken(edit_form.attempt),
        args=(bench.redo,),
        disabled=not bench.can_redo or bench.live is None,
        width="stretch",
    )
    if name != shelf.NEW:
        save.button(
            texts.say("scenarios_page.save"),
            key="scenario-save",
            on_click=texts.spoken(_save),
            args=(visit, bench, name, name),
            disabled=not bench.unsaved,
            type="primary",
            width="stretch",
        )
    with other.popover(texts.say("scenarios_page.save_as"), width="stretch"):
        wanted = st.text_input(
            texts.say("scenarios_page.save_name"),
            key="scenario-save-name",
            max_chars=100,
            help=texts.say("scenarios_page.save_name_help"),
        )
        st.button(
            texts.say("scenarios_page.save"),
            key="scenario-save-as",
            on_click=texts.spoken(_save_as),
            args=(visit, bench, name),
            disabled=not wanted.strip(),
            type="primary",
        )


def _save_as(visit: Visit, bench: Workbench, was: str) -> None:
    _save(visit, bench, was, st.session_state["scenario-save-name"])


def _save(visit: Visit, bench: Workbench, was: str, name: str) -> None:
    wanted = name.strip()
    try:
        bench.save(visit.configuration.root, wanted)
    except CoverageError as error:
        st.session_state[_FAULT] = error
        return
    st.session_state.pop(_FAULT, None)
    st.session_state[_SAID] = wanted
    shelf.saved_as(visit, was, wanted)


def _spoken(visit: Visit, name: str) -> None:
    """Say how saving went; where somebody else was first, offer to read theirs."""
    said = st.session_state.pop(_SAID, None)
    if said:
        st.toast(texts.say("scenarios_page.saved", name=said), icon=":material/check:")
    fault = st.session_state.get(_FAULT)
    if fault is None:
        return
    st.warning(fault.text())
    if name == shelf.NEW:
        _shut()
        return

    def again() -> None:
        shelf.drop(visit, name)
        st.session_state.pop(_FAULT, None)

    st.button(texts.say("scenarios_page.load_again"), key="scenario-load-again", on_click=again)


def _shut() -> None:
    """Say a refusal once."""
    st.session_state.pop(_FAULT, None)


class _Words:
    """What an edit is called: its action, the facility, the place."""

    def __init__(self, bench: Workbench, base: Result) -> None:
        live = bench.live.prepared.layers.facilities if bench.live is not None else base.facilities
        self._facilities = live.set_index(live["id"].astype(str))
        self._units = {
            **changes.unit_names(base, "township"),
            **changes.unit_names(base, "community"),
        }

    def of(self, edit: Edit) -> str:
        """Return an edit in words, safe as Markdown."""
        identifier = str(getattr(edit, "id", ""))
        row = self._facilities.loc[identifier] if identifier in self._facilities.index else None
        if getattr(row, "ndim", 1) > 1:
            row = row.iloc[0]  # type: ignore[union-attr]
        parts = [self._name(edit, row)]
        if row is not None and edit.action in {"add", "move"}:
            parts.append(self._where(row))
        parts.append(self._amounts(edit))
        if (year := getattr(edit, "year", None) or getattr(edit, "open_year", None)) is not None:
            parts.append(texts.say("scenarios_page.from_year", year=year))
        action = texts.say(f"scenarios_page.action_{edit.action}")
        return f"**{action}** {_plain(' · '.join(filter(None, parts)))}"

    def _name(self, edit: Edit, row: Any) -> str:  # noqa: ANN401 - a row, or None
        given = str(getattr(edit, "name", "") or "")
        if row is None or given:
            return given or str(getattr(edit, "id", ""))
        return str(row["name"])

    def _where(self, row: Any) -> str:  # noqa: ANN401 - a row
        return self._units.get(str(row["community"])) or self._units.get(str(row["township"]), "")

    def _amounts(self, edit: Edit) -> str:
        fields = (*edit_form.AMOUNTS, *edit_form.PEOPLE)
        said = [
            f"{texts.say(f'scenarios_page.{field}')} {value:g}"
            for field in fields
            if (value := getattr(edit, field, None))
        ]
        return texts.listed(said)


def _plain(text: str) -> str:
    """Return text from files so that Markdown shows it as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>()#+-.!|~$:" else c for c in text)
