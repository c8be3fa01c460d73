"""What siting in a project answers: tables to read, a proof, and a scenario to keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from coverage.outputs import write_siting

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd
    import pandas as pd

    from coverage.scenario import Scenario
    from coverage.service import Service
    from coverage.sites.plan_target import IndicatorChange
    from coverage.sites.question import SiteQuestion
    from coverage.siting import Solution


@dataclass(frozen=True, kw_only=True)
class Reached:
    """People within the limit before and after, and how many there are."""

    people: float
    before: float
    after: float

    @property
    def share_before(self) -> float:
        """Share covered before, 0–1."""
        return self.before / self.people if self.people else 1.0

    @property
    def share_after(self) -> float:
        """Share covered after, 0–1."""
        return self.after / self.people if self.people else 1.0


@dataclass(frozen=True, kw_only=True)
class SitingResult:
    """Hold where to build, why there, and how good that is proven to be.

    Parameters
    ----------
    question
        What was asked.
    service
        The service, with the minutes that were used.
    solution
        Of the arrays; positions are those of candidates that can be used. Its reason, where it has
        one, says why there is no plan, or none that gains anything.
    explanation
        The same in words that name places, empty where there is nothing to explain.
    reached
        People within the limit.
    sites
        A row a site, best first: the columns of ``sites.csv``.
    reasons
        A row a site: why there.
    candidates
        All candidates, and why some cannot be used.
    pareto
        What each further site or sum is worth; None where not asked for.
    indicator
        The plan's row before and after; None without ``target="plan"``.
    scenario
        The sites as a scenario, under the name that was asked for, else ``siting``; None without
        any site. `coverage.scenario.save_scenario` keeps it.
    left_out
        People whom p_median and p_center leave out because no way leads to any place.
    townships
        People of each township covered before and after; None for models without a limit.
    closed
        A row an existing facility that closes; None where none may.
    phases
        A row a year of building; None where no years were given.
    notes
        What is odd about the layers of candidates and exclusions, a sentence each.
    record
        What ``siting.json`` says.
    """

    question: SiteQuestion
    service: Service
    solution: Solution
    reached: Reached
    sites: gpd.GeoDataFrame
    reasons: pd.DataFrame
    candidates: gpd.GeoDataFrame
    explanation: str = ""
    pareto: pd.DataFrame | None = None
    indicator: IndicatorChange | None = None
    scenario: Scenario | None = None
    left_out: float = 0.0
    townships: pd.DataFrame | None = None
    phases: pd.DataFrame | None = None
    closed: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def found(self) -> bool:
        """Whether there is a plan, or nothing had to be built."""
        if self.solution.status == "infeasible":
            return False
        return len(self.sites) > 0 or self.question.model == "lscp"

    def save(self, folder: str | Path) -> Path:
        """Write all files into a folder, whole or not at all.

        Parameters
        ----------
        folder
            Folder to write; its earlier files are replaced.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        return write_siting(self, Path(folder))
