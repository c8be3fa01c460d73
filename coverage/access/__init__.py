"""Who reaches what: travel times become coverage, loads and accessibility scores."""

from __future__ import annotations

from coverage.access.measure import DEMAND_STATUSES as DEMAND_STATUSES
from coverage.access.measure import SENSITIVITY_COLUMNS as SENSITIVITY_COLUMNS
from coverage.access.measure import ServiceAccess as ServiceAccess
from coverage.access.measure import access_by_unit as access_by_unit
from coverage.access.measure import facility_status as facility_status
from coverage.access.measure import measure_access as measure_access
from coverage.access.measure import sensitivity as sensitivity
