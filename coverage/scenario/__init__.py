"""Scenarios: a baseline and a list of edits; read, edit, save, apply."""

from __future__ import annotations

from coverage.scenario.apply import apply_scenario as apply_scenario
from coverage.scenario.compare import Comparison as Comparison
from coverage.scenario.compare import Side as Side
from coverage.scenario.compare import compare_sides as compare_sides
from coverage.scenario.compare import compared_indicators as compared_indicators
from coverage.scenario.compare import side_of as side_of
from coverage.scenario.edits import Add as Add
from coverage.scenario.edits import Barrier as Barrier
from coverage.scenario.edits import Close as Close
from coverage.scenario.edits import Edit as Edit
from coverage.scenario.edits import Housing as Housing
from coverage.scenario.edits import Link as Link
from coverage.scenario.edits import Move as Move
from coverage.scenario.edits import Reopen as Reopen
from coverage.scenario.edits import Resize as Resize
from coverage.scenario.effects import Effect as Effect
from coverage.scenario.effects import service_change as service_change
from coverage.scenario.effects import turned as turned
from coverage.scenario.live import LiveScenario as LiveScenario
from coverage.scenario.saving import save_scenario as save_scenario
from coverage.scenario.scenario import BASELINE as BASELINE
from coverage.scenario.scenario import PLANNED as PLANNED
from coverage.scenario.scenario import Scenario as Scenario
from coverage.scenario.scenario import find_scenario as find_scenario
from coverage.scenario.scenario import read_scenario as read_scenario
from coverage.scenario.scenario import scenario_names as scenario_names
from coverage.scenario.scenario import scenario_path as scenario_path
