"""Where to build next, and how good that is proven to be: arrays in, arrays out."""

from __future__ import annotations

from coverage.siting.explain import SiteReason as SiteReason
from coverage.siting.explain import explain_sites as explain_sites
from coverage.siting.options import Existing as Existing
from coverage.siting.options import Rules as Rules
from coverage.siting.options import Tier as Tier
from coverage.siting.options import too_near as too_near
from coverage.siting.phases import Phase as Phase
from coverage.siting.phases import phases as phases
from coverage.siting.problem import SitingProblem as SitingProblem
from coverage.siting.solution import Reason as Reason
from coverage.siting.solution import Reductions as Reductions
from coverage.siting.solution import Solution as Solution
from coverage.siting.solve import solve as solve
from coverage.siting.trade_off import TradeOff as TradeOff
from coverage.siting.trade_off import trade_off as trade_off
