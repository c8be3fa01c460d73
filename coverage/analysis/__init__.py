"""Analyse what has been read: access of every service, indicators, service areas, a result."""

from __future__ import annotations

from coverage.analysis.clock import Clock as Clock
from coverage.analysis.clock import Progress as Progress
from coverage.analysis.prepared import SENSITIVITY_MINUTES as SENSITIVITY_MINUTES
from coverage.analysis.prepared import Prepared as Prepared
