"""Plans as data: services and indicator rows, one TOML file a plan."""

from __future__ import annotations

from coverage.plans.plan import IndicatorRow as IndicatorRow
from coverage.plans.plan import Plan as Plan
from coverage.plans.plan import built_in_plans as built_in_plans
from coverage.plans.plan import read_plan as read_plan
from coverage.plans.plan import service_from as service_from
