"""Who reaches what: travel times become coverage, loads and accessibility scores."""

from __future__ import annotations

from coverage.access.accessibility import ACCESSIBILITY_COLUMNS as ACCESSIBILITY_COLUMNS
from coverage.access.accessibility import INEQUALITY_TABLE_COLUMNS as INEQUALITY_TABLE_COLUMNS
from coverage.access.accessibility import Level as Level
from coverage.access.accessibility import accessibility_by_unit as accessibility_by_unit
from coverage.access.accessibility import inequality_table as inequality_table
from coverage.access.border import Border as Border
from coverage.access.border import find_border as find_border
from coverage.access.border import near_cut_ends as near_cut_ends
from coverage.access.border import without_beyond as without_beyond
from coverage.access.by_unit import CAPACITY_PARTS as CAPACITY_PARTS
from coverage.access.by_unit import capacity_by_unit as capacity_by_unit
from coverage.access.by_unit import score_by_unit as score_by_unit
from coverage.access.capacity import CapacityCatchment as CapacityCatchment
from coverage.access.capacity import capacity_catchment as capacity_catchment
from coverage.access.detour import DETOUR_COLUMNS as DETOUR_COLUMNS
from coverage.access.detour import detour_by_unit as detour_by_unit
from coverage.access.floating import floating_catchment as floating_catchment
from coverage.access.inequality import INEQUALITY_COLUMNS as INEQUALITY_COLUMNS
from coverage.access.inequality import gini as gini
from coverage.access.inequality import inequality as inequality
from coverage.access.inequality import lorenz_curve as lorenz_curve
from coverage.access.inequality import palma_ratio as palma_ratio
from coverage.access.inequality import urban_rural as urban_rural
from coverage.access.inequality import worst_tenth as worst_tenth
from coverage.access.measure import DEMAND_STATUSES as DEMAND_STATUSES
from coverage.access.measure import SENSITIVITY_COLUMNS as SENSITIVITY_COLUMNS
from coverage.access.measure import MeasuredAccess as MeasuredAccess
from coverage.access.measure import ServiceAccess as ServiceAccess
from coverage.access.measure import access_by_unit as access_by_unit
from coverage.access.measure import facility_status as facility_status
from coverage.access.measure import measure_access as measure_access
from coverage.access.measure import sensitivity as sensitivity
from coverage.access.what_if import Change as Change
from coverage.access.what_if import WhatIf as WhatIf
