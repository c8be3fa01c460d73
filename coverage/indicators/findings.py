"""What is odd in a plan and in the figures entered for it, told with the other issues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.indicators.entered import check_entered

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.indicators.units import Units
    from coverage.layers import IssueLog
    from coverage.plans import Plan


def report_plan(
    issues: IssueLog, plan: Plan, entered: gpd.GeoDataFrame | None, units: Units, latest: int
) -> None:
    """Report rows of a plan that are set aside or doubtful, and entered figures that are not used.

    Parameters
    ----------
    issues
        Takes the findings.
    plan
        The plan.
    entered
        Figures entered by hand, where there is such a layer.
    units
        The units.
    latest
        Last year that the project describes; later figures are not used.
    """
    for finding in plan.findings:
        issues.add(
            "warning",
            "plan_row" if finding.severity == "error" else "plan_doubt",
            field=finding.field,
            value=finding.value,
            sentence=finding.message(),
        )
    if entered is not None:
        check_entered(plan, entered, units, latest, issues)
