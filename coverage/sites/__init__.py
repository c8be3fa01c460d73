"""Where to build next in a project: candidates, a plan's target, the answer and its scenario."""

from __future__ import annotations

from coverage.sites.find import find_sites as find_sites
from coverage.sites.plan_target import IndicatorChange as IndicatorChange
from coverage.sites.question import SiteQuestion as SiteQuestion
from coverage.sites.result import SitingResult as SitingResult
from coverage.sites.scenario import scenario_from_sites as scenario_from_sites
