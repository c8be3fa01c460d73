"""Indicators: the families that compute them, and a plan's rows with value, gap and status."""

from __future__ import annotations

from coverage.indicators.choose import services_of as services_of
from coverage.indicators.differences import differing_units as differing_units
from coverage.indicators.entered import entered_figures as entered_figures
from coverage.indicators.evaluate import evaluate as evaluate
from coverage.indicators.explain import explain as explain
from coverage.indicators.explanation import Difference as Difference
from coverage.indicators.explanation import ExplainedRow as ExplainedRow
from coverage.indicators.explanation import Explanation as Explanation
from coverage.indicators.explanation import Reading as Reading
from coverage.indicators.findings import report_plan as report_plan
from coverage.indicators.inputs import Inputs as Inputs
from coverage.indicators.inputs import Ways as Ways
from coverage.indicators.resum import resum as resum
from coverage.indicators.shortfall import shortfalls as shortfalls
from coverage.indicators.units import Units as Units
from coverage.indicators.units import make_units as make_units
from coverage.indicators.whole import figures_of_the_whole as figures_of_the_whole
from coverage.indicators.years import side_by_side as side_by_side
