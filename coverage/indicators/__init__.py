"""Indicators: the families that compute them, and a plan's rows with value, gap and status."""

from __future__ import annotations

from coverage.indicators.evaluate import evaluate as evaluate
from coverage.indicators.families import Inputs as Inputs
from coverage.indicators.units import Units as Units
from coverage.indicators.units import make_units as make_units
