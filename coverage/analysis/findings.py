"""What an analysis adds to the issues: what its figures rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.access import without_beyond
from coverage.access.findings import (
    report_beyond,
    report_cut_ends,
    report_facilities,
    report_heights,
    report_islands,
    report_off_network,
)
from coverage.demand import PEOPLE_FIELDS
from coverage.indicators import report_plan
from coverage.layers import IssueLog

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from coverage.access import ServiceAccess
    from coverage.analysis.prepared import Prepared


def issues_of(
    prepared: Prepared,
    access: Sequence[ServiceAccess],
    speed: float | None,
    approximate: Mapping[str, float],
) -> pd.DataFrame:
    """Return the issues of reading and of an analysis, those of reading untouched.

    Parameters
    ----------
    prepared
        What was analysed.
    access
        Access, one entry a service.
    speed
        Walking speed in m/s at which to look for what rests on places beyond the border; None
        leaves that out.
    approximate
        By service, the share of covered people whose facility is only roughly placed.
    """
    issues = IssueLog(prepared.ground_issues)
    if speed is not None:
        _report_beyond(prepared, issues, access, speed)
    for name, share in approximate.items():
        if share > 0:
            issues.add("info", "approximate_share", layer="facilities", value=name, share=share)
    return issues.frame()


def report_ground(prepared: Prepared, issues: IssueLog) -> None:
    """Report what all results rest on: islands left out, places off the streets, the plan's rows.

    Parameters
    ----------
    prepared
        What will be analysed.
    issues
        Where findings go.
    """
    configuration = prepared.configuration
    walk = prepared.networks["walk"]
    limit_m = configuration.network.snap_limit
    report_heights(issues, walk)
    report_islands(issues, walk, prepared.demand, limit_m)
    report_off_network(issues, prepared.demand, prepared.snapped["walk"][0], limit_m)
    report_facilities(issues, prepared.layers.facilities, prepared.facility_status[0], limit_m)
    _report_cut_ends(prepared, issues)
    latest = max(prepared.year, configuration.year, *configuration.years)
    entered = prepared.layers.others.get("entered")
    report_plan(issues, configuration.plan, entered, prepared.units, latest)
    weights = {service.weight for service in configuration.services.values()}
    for weight in sorted(weights.difference(PEOPLE_FIELDS)):
        issues.add("info", "not_people", layer="demand", field=weight)


def _report_cut_ends(prepared: Prepared, issues: IssueLog) -> None:
    services = prepared.configuration.services.values()
    minutes = max((s.minutes for s in services if s.mode == "walk"), default=0.0)
    reach_m = minutes * 60 * prepared.configuration.walking.speed
    ends = prepared.borders["walk"].cut_ends
    report_cut_ends(issues, ends, prepared.demand, _names(prepared), reach_m)


def _report_beyond(
    prepared: Prepared, issues: IssueLog, access: Sequence[ServiceAccess], speed: float
) -> None:
    """Report by service the units whose coverage rests on what lies beyond the border."""
    for entry in access:
        facilities, snapped = prepared.counted(entry.service)
        beyond = facilities["township"].fillna("").eq("").to_numpy()
        border = prepared.borders[entry.service.mode]
        if not beyond.any() and not border.edges:
            continue
        still = without_beyond(
            entry.service,
            border,
            demand_snapped=prepared.snapped[entry.service.mode][0],
            facilities_snapped=snapped.take(~beyond),
            speed=speed,
        )
        report_beyond(issues, entry, still, _names(prepared), int(beyond.sum()))


def _names(prepared: Prepared) -> pd.Series:
    names: pd.Series = prepared.layers.communities.set_index("code")["name"]
    return names
