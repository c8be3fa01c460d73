"""Plans as data: services, the catalogue of indicators, and a plan's rows, one TOML file a plan."""

from __future__ import annotations

from coverage.plans.catalogue import Choice as Choice
from coverage.plans.catalogue import Indicator as Indicator
from coverage.plans.catalogue import known_indicators as known_indicators
from coverage.plans.catalogue import reading as reading
from coverage.plans.findings import Finding as Finding
from coverage.plans.findings import nearest as nearest
from coverage.plans.parameters import FAMILIES as FAMILIES
from coverage.plans.parameters import VARIANTS as VARIANTS
from coverage.plans.parameters import fields_used as fields_used
from coverage.plans.plan import BINDING as BINDING
from coverage.plans.plan import Goal as Goal
from coverage.plans.plan import IndicatorRow as IndicatorRow
from coverage.plans.plan import LeftOut as LeftOut
from coverage.plans.plan import Plan as Plan
from coverage.plans.read import DEFAULT_PLAN as DEFAULT_PLAN
from coverage.plans.read import built_in_plans as built_in_plans
from coverage.plans.read import read_plan as read_plan
from coverage.plans.read import with_choices as with_choices
from coverage.plans.services import service_from as service_from
from coverage.plans.values import rank as rank
from coverage.plans.values import read_figure as read_figure
