"""Find where to build in a project: from layers and streets to arrays, and back to places."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage import texts, vocabulary
from coverage.analysis import Clock, Progress
from coverage.errors import SitingError
from coverage.scenario import BASELINE, apply_scenario
from coverage.sites.candidates import Candidates, gather
from coverage.sites.model import Model, model_of
from coverage.sites.plan_target import PlanTarget, indicator_change, plan_target
from coverage.sites.record import record_of
from coverage.sites.result import Reached, SitingResult
from coverage.sites.scenario import scenario_from_sites
from coverage.sites.tables import (
    closed_table,
    pareto_table,
    phase_table,
    reason_table,
    site_table,
    township_table,
    years_of,
)
from coverage.sites.wording import why_not
from coverage.siting import explain_sites, phases, trade_off

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from coverage.access import MeasuredAccess
    from coverage.analysis import Prepared
    from coverage.results import Result
    from coverage.scenario import Scenario
    from coverage.service import Service
    from coverage.sites.plan_target import IndicatorChange
    from coverage.sites.question import SiteQuestion
    from coverage.siting import Phase, SiteReason, Solution

_STEPS = 10  # budgets of a trade-off


def find_sites(
    prepared: Prepared,
    question: SiteQuestion,
    *,
    base: Scenario | None = None,
    progress: Progress | None = None,
) -> SitingResult:
    """Return where to build, why there, and how good that is proven to be.

    Existing facilities count as they do in an analysis; the new ones stand beside them.

    Parameters
    ----------
    prepared
        The project as read, or edited as `base` says.
    question
        What is asked.
    base
        Scenario that was applied to it, whose edits a saved scenario keeps.
    progress
        Is told each stage as it begins, and a few times a second while sites are searched; what it
        raises ends the work.

    Raises
    ------
    CoverageError
        If something cannot be used; the sentence says what, where and what to do. That no plan
        exists is no error but an answer.
    """
    return _Search(prepared, question, base, progress).result()


@dataclass(frozen=True, kw_only=True)
class _Given:
    """What a search starts from."""

    access: MeasuredAccess
    candidates: Candidates
    before: Result | None
    target: PlanTarget | None


class _Search:
    def __init__(
        self,
        prepared: Prepared,
        question: SiteQuestion,
        base: Scenario | None,
        progress: Progress | None,
    ) -> None:
        self._prepared, self._question, self._base = prepared, question, base
        self._clock = Clock(progress)
        if question.save and base is not None and base.name != BASELINE and not base.edits:
            # the edits of a built-in scenario follow from the layers: a file cannot hold them
            raise SitingError("sites.base_without_file", name=base.name)

    def result(self) -> SitingResult:
        """Search, and say what was found."""
        given = self._given()
        with self._clock.stage("times"):
            model = model_of(
                self._prepared, self._question, given.access, given.candidates, given.target
            )
        with self._clock.stage("siting") as progress:
            solution = model.solve(progress)
        with self._clock.stage("reasons") as progress:
            reasons = self._reasons(model, solution, progress)
        found = self._told(given, model, solution, reasons)
        return replace(found, record=record_of(self._prepared, found, self._clock.seconds))

    def _given(self) -> _Given:
        question = self._question
        with self._clock.stage("access"):
            access = self._prepared.service_access(question.service, minutes=question.minutes)
        with self._clock.stage("candidates"):
            candidates = gather(self._prepared, question, access.service)
        before = target = None
        if question.target == "plan":
            with self._clock.stage("indicators"):
                before = self._analysed(self._prepared)
            target = plan_target(before, access.service)
        return _Given(access=access, candidates=candidates, before=before, target=target)

    def _reasons(
        self, model: Model, solution: Solution, progress: Callable[[], None]
    ) -> tuple[SiteReason, ...]:
        if solution.status == "infeasible":
            return ()
        return explain_sites(
            model.problem, solution, limit=model.limit, rules=model.rules, progress=progress
        )

    def _told(
        self, given: _Given, model: Model, solution: Solution, reasons: tuple[SiteReason, ...]
    ) -> SitingResult:
        usable, weights = given.candidates.usable, model.problem.weights
        people = float(weights.sum()) + model.left_out
        before, after = model.covered(()), model.covered_by(solution)
        counted = 1.0 - model.left_out / people
        sites = site_table(
            reasons, usable, self._prepared, counted=counted, tiers=self._question.tiers
        )
        closed = (
            closed_table(given.access, solution.closed, self._prepared)
            if self._question.close
            else None
        )
        reached = Reached(
            people=people,
            before=float(before.sum()),
            after=float(after.sum()),
        )
        years = self._phases(model, solution)
        if years:
            sites["year"] = years_of(years, sites, usable)
        scenario = self._scenario(given, solution, sites, closed) if len(sites) else None
        return SitingResult(
            question=self._question,
            service=given.access.service,
            solution=solution,
            reached=reached,
            sites=sites,
            reasons=reason_table(reasons, usable, weights, self._prepared),
            candidates=given.candidates.table,
            explanation=model.obstacle
            or why_not(self._prepared, model, solution, given.candidates),
            pareto=self._pareto(model, solution),
            indicator=self._indicator(given, scenario),
            scenario=scenario,
            left_out=model.left_out,
            notes=_notes(self._prepared),
            closed=closed,
            townships=township_table(self._prepared, weights, before, after)
            if self._question.covering
            else None,
            phases=phase_table(years, usable, self._question.phases, float(weights.sum()))
            if years
            else None,
        )

    def _scenario(
        self,
        given: _Given,
        solution: Solution,
        sites: pd.DataFrame,
        closed: pd.DataFrame | None,
    ) -> Scenario:
        service, question = given.access.service, self._question
        own = given.target.row.parameters.get("categories") if given.target else None
        usable = given.candidates.usable.set_index("candidate")
        return scenario_from_sites(
            usable.loc[sites["candidate"]].reset_index().assign(**_more(sites, service)),
            (own or service.categories)[0],
            name=question.save or "siting",
            base=self._base,
            closed=() if closed is None else closed["facility"].tolist(),
            description=texts.say(
                "sites.scenario",
                service=service.title(texts.language()),
                minutes=service.minutes,
                model=question.model,
                count=len(solution.sites),
            ),
        )

    def _phases(self, model: Model, solution: Solution) -> dict[int, Phase]:
        """Return what is built in which year."""
        question = self._question
        money = dict(sorted(question.phases.items()))
        if not money or solution.status == "infeasible":
            return {}
        with self._clock.stage("phases") as progress:
            found = phases(
                model.problem,
                solution,
                budgets=list(money.values()),
                limit=model.limit,
                time_limit=question.time_limit,
                rules=model.rules,
                progress=progress,
            )
        return dict(zip(money, found, strict=True))

    def _pareto(self, model: Model, solution: Solution) -> pd.DataFrame | None:
        question = self._question
        if not question.pareto or solution.status == "infeasible":
            return None
        with self._clock.stage("pareto") as progress:
            curve = trade_off(
                model.problem,
                limit=model.limit,
                time_limit=question.time_limit,
                seed=question.seed,
                progress=progress,
                **self._amounts(model, solution),
                **model.sides,
            )
        amount = "sites" if question.money is None else "cost"
        return pareto_table(curve, amount, float(model.covered(()).sum()))

    def _amounts(self, model: Model, solution: Solution) -> dict[str, Any]:
        budget, costs = self._question.money, model.problem.costs
        if budget is None:
            return {"sites": range(1, max(self._question.sites or len(solution.sites), 1) + 1)}
        least = 1.0 if costs is None else float(costs.min())
        return {"budgets": np.linspace(min(least, budget), budget, _STEPS)}

    def _indicator(self, given: _Given, scenario: Scenario | None) -> IndicatorChange | None:
        if given.target is None or given.before is None:
            return None
        after = given.before
        if scenario is not None:
            # the new sites alone: the base is in what was prepared
            base = len(self._base.edits) if self._base is not None else 0
            added = replace(scenario, edits=scenario.edits[base:])
            with self._clock.stage("indicators"):
                after = self._analysed(apply_scenario(self._prepared, added))
        return indicator_change(given.target, given.before, after)

    def _analysed(self, prepared: Prepared) -> Result:
        minutes = self._question.minutes
        limits = {} if minutes is None else {self._question.service: minutes}
        return prepared.analyse(minutes=limits, extras=False)


def _more(sites: pd.DataFrame, service: Service) -> dict[str, Any]:
    """Return what the facilities of a scenario are beside what candidates say."""
    found: dict[str, Any] = {}
    if "year" in sites:
        found["open_year"] = sites["year"].to_numpy()
    if "tier" in sites:
        found["capacity"] = sites["capacity"].to_numpy()
        kinds = [vocabulary.category_of(name) for name in sites["tier"]]
        own = service.categories
        found["category"] = [kind if kind in own else own[0] for kind in kinds]
    return found


def _notes(prepared: Prepared) -> tuple[str, ...]:
    """Return what was odd about candidates and exclusions when they were read."""
    issues = prepared.issues.frame()
    ours = issues["layer"].isin(["candidates", "exclusions"]) & (issues["severity"] != "info")
    return tuple(issues.loc[ours, "message"].astype(str))
