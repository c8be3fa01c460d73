"""Scenarios on a visitor's table: edited at the speed of a click, saved when the visitor says so.

Edits belong to one visitor until they are saved, and wait when the visitor turns to another page or
another scenario.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from coverage.errors import CoverageError
from coverage.scenario import LiveScenario, Scenario, save_scenario, scenario_path
from coverage.web.work import quickly

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.analysis import Prepared
    from coverage.scenario import Edit, Effect


class Workbench:
    """A scenario that a visitor edits.

    Parameters
    ----------
    scenario
        The scenario as its file holds it, or a new one.

    Attributes
    ----------
    saved
        The scenario as it was last read or saved.
    scenario
        The scenario as it is now.
    live
        Its figures; None before `settle`, and where it cannot be applied.
    fault
        Why it cannot be applied; None where it can.
    effect
        What the last edit changed; None before one.
    version
        Grows with every change.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.saved = scenario
        self.scenario = scenario
        self.live: LiveScenario | None = None
        self.fault: CoverageError | None = None
        self.effect: Effect | None = None
        self.version = 0
        self._prepared: Prepared | None = None
        self._undone: list[Edit] = []

    @property
    def unsaved(self) -> bool:
        """Whether there are edits that no file holds."""
        return self.scenario != self.saved

    @property
    def can_redo(self) -> bool:
        """Whether an edit was taken back that can be made again."""
        return bool(self._undone)

    def fits(self, prepared: Prepared) -> bool:
        """Return whether the figures are those of a project as read."""
        return self._prepared is prepared

    def settle(self, prepared: Prepared) -> None:
        """Measure the scenario on a project as read; what cannot be applied is the `fault`.

        Parameters
        ----------
        prepared
            The project as read.
        """
        measured = None
        # an edit made meanwhile is measured too
        while measured is not self.scenario:
            measured = self.scenario
            try:
                live, fault = LiveScenario(prepared, measured), None
            except CoverageError as error:
                live, fault = None, error
        self.live, self.fault, self.effect = live, fault, None
        self._prepared = prepared
        self.version += 1

    def rest(self) -> None:
        """Let go of the figures, which take room, and keep the edits."""
        self.live, self._prepared = None, None

    def edit(self, edit: Edit) -> None:
        """Make an edit.

        Parameters
        ----------
        edit
            The edit, which comes last.

        Raises
        ------
        ScenarioError
            If it cannot be applied; nothing is changed then.
        """
        if self.live is None:
            return
        live = self.live
        self._take(quickly(lambda: live.edit(edit)))
        self._undone.clear()

    def undo(self) -> None:
        """Take the last edit back."""
        if self.live is None or not self.scenario.edits:
            return
        undone = self.scenario.edits[-1]
        self._take(quickly(self.live.undo))
        self._undone.append(undone)

    def redo(self) -> None:
        """Make the edit again that was taken back last.

        Raises
        ------
        ScenarioError
            If it can no longer be applied.
        """
        if self.live is None or not self._undone:
            return
        live, edit = self.live, self._undone[-1]
        self._take(quickly(lambda: live.edit(edit)))
        self._undone.pop()

    def remove(self, number: int) -> None:
        """Take one edit out of the list.

        Parameters
        ----------
        number
            Its number, from 1.

        Raises
        ------
        ScenarioError
            If a later edit cannot do without it; nothing is changed then.
        """
        edits = self.scenario.edits
        if not 0 < number <= len(edits):
            return
        if self.live is not None and number == len(edits):
            self.undo()
            return
        shorter = replace(self.scenario, edits=(*edits[: number - 1], *edits[number:]))
        if self._prepared is not None and self.fault is None:
            prepared = self._prepared
            self.live = quickly(lambda: LiveScenario(prepared, shorter))
        self.scenario, self.effect = shorter, None
        if self._prepared is not None and self.fault is not None:
            self.settle(self._prepared)
        self._undone.append(edits[number - 1])
        self.version += 1

    def _take(self, effect: Effect) -> None:
        if self.live is None:
            return
        self.scenario, self.effect = self.live.scenario, effect
        self.version += 1

    def save(self, root: Path, name: str) -> None:
        """Write the scenario to the project, under its own name or as another.

        Parameters
        ----------
        root
            The project's folder.
        name
            Name of the scenario.

        Raises
        ------
        CoverageError
            If no file can bear the name, another is there, somebody else changed the file since it
            was read, or it cannot be written; the edits stay here.
        """
        path = scenario_path(root, name)
        written = self.scenario
        if not (self.saved.text and self.saved.name == name):
            written = replace(self.scenario, name=name, title=name, text="")
        self.saved = self.scenario = save_scenario(written, path)
        if self.live is not None:
            self.live.scenario = self.saved
        self.version += 1
