"""The arrays of a question, and the rules that go with them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage import texts
from coverage.errors import SitingError
from coverage.network.search import TOLERANCE_MINUTES
from coverage.sites.rules import existing_of, rules_of
from coverage.sites.tables import named
from coverage.siting import Existing, Rules, SitingProblem, Solution, solve
from coverage.siting.covering import within

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.access import MeasuredAccess
    from coverage.analysis import Prepared
    from coverage.sites.candidates import Candidates
    from coverage.sites.plan_target import PlanTarget
    from coverage.sites.question import SiteQuestion

    Floats = NDArray[np.float64]

_MOST_TRIPS = 20_000_000  # of models without a limit: 400 MB


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """Hold a siting problem of a project, ready to be solved.

    Parameters
    ----------
    problem
        The arrays.
    question
        What is asked.
    limit
        Longest trip that counts as covered, minutes.
    share
        Of lscp: what share of people to reach; None for all.
    floors, required, forbidden, rules
        As in `coverage.siting.solve`.
    fill
        Of a target of units: in how many to build, even where nobody is gained.
    left_out
        People from whom no way leads to any place, of models that need one.
    obstacle
        Why there can be no plan, where that is known before solving.
    """

    problem: SitingProblem
    question: SiteQuestion
    limit: float
    share: float | None = None
    floors: Mapping[str, int] = field(default_factory=dict)
    required: tuple[int, ...] = ()
    forbidden: tuple[int, ...] = ()
    rules: Rules | None = None
    fill: int | None = None
    left_out: float = 0.0
    obstacle: str = ""

    @property
    def sides(self) -> dict[str, Any]:
        """Return the options that hold for a trade-off as well."""
        return {
            "floors": self.floors,
            "required": self.required,
            "forbidden": self.forbidden,
            "rules": self.rules,
        }

    def solve(self, progress: Callable[[], None] | None = None) -> Solution:
        """Return the best sites; progress as in `coverage.siting.solve`."""
        question = self.question
        if self.obstacle:
            return _none()
        if self.fill == 0:
            return replace(_none(), objective=0.0, bound=0.0, gap=0.0, status="optimal")
        solution = solve(
            self.problem,
            model="mclp" if self.fill else question.model,
            sites=self.fill or question.number,
            limit=self.limit,
            target=self.share,
            budget=question.money,
            time_limit=question.time_limit,
            seed=question.seed,
            progress=progress,
            **self.sides,
        )
        return solution if self.fill is None else self._filled(solution, self.fill)

    def covered(self, sites: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Return the people of each demand point whom existing facilities and some sites cover."""
        problem = self.problem
        near = self._standing()
        if len(sites):
            new = problem.times[:, np.asarray(sites, dtype=np.int64)]
            near = near + within(new, self.limit).sum(axis=1)
        return self._where(near)

    def _where(self, near: Floats) -> Floats:
        """Return the people of each demand point that has enough in reach."""
        needed = self.rules.cover_by if self.rules else 1
        return np.where(near >= needed, self.problem.weights, 0.0)

    def covered_by(self, solution: Solution) -> Floats:
        """Return the people of each demand point whom a plan covers."""
        standing = self._standing(solution.closed)
        near = standing + self._new(solution)
        covered = self._where(near)
        if solution.served is None:
            return covered
        # whom new sites alone reach has to find room there
        served = np.asarray(solution.served.sum(axis=1)).ravel()
        return np.where(standing > 0, covered, served)

    def _new(self, solution: Solution) -> Floats:
        """Return how many new sites each demand point has in reach."""
        times = self.problem.times[:, solution.sites]
        minutes = {tier.name: tier.minutes for tier in self.rules.tiers} if self.rules else {}
        near = np.zeros(times.shape[0])
        for site in range(solution.sites.size):
            limit = minutes[solution.tiers[site]] if solution.tiers else self.limit
            near += within(times[:, [site]], limit).sum(axis=1)
        return near

    def _standing(self, closed: Sequence[int] | NDArray[np.int64] = ()) -> Floats:
        """Return how many existing facilities, or whether one, each demand point has in reach."""
        existing = self.problem.existing
        if isinstance(existing, Existing):
            stays = np.ones(existing.times.shape[1])
            stays[np.asarray(closed, dtype=np.int64)] = 0.0
            reached: Floats = within(existing.times, self.limit) @ stays
            return reached
        near: Floats = (existing <= self.limit + TOLERANCE_MINUTES).astype(np.float64)
        return near

    def _filled(self, solution: Solution, needed: int) -> Solution:
        """Return a plan with a site in as many units as are needed: no plan has fewer."""
        if solution.status == "infeasible":
            return solution
        groups = self.problem.groups
        reached = within(self.problem.times, self.limit).T @ self.problem.weights
        reached[list(self.forbidden)] = -1.0
        chosen = list(solution.sites)
        for site in np.argsort(-reached, kind="stable"):
            if len(chosen) == needed or reached[site] < 0:
                break
            if groups[site] not in groups[chosen]:
                chosen.append(site)
        return replace(
            solution,
            sites=np.sort(np.array(chosen, dtype=np.int64)),
            objective=float(needed), bound=float(needed), gap=0.0, status="optimal",
            stopped="proof", reason=None,
        )  # fmt: skip


def model_of(
    prepared: Prepared,
    question: SiteQuestion,
    access: MeasuredAccess,
    candidates: Candidates,
    target: PlanTarget | None,
) -> Model:
    """Return the arrays and rules of a question.

    Parameters
    ----------
    prepared
        The project.
    question
        What is asked.
    access
        Of the service, as things stand.
    candidates
        Places that could be used.
    target
        What the plan wants, where that is what is asked.

    Raises
    ------
    SitingError
        If nobody lives there, or the question does not fit the candidates.
    """
    demand = access.demand
    weights = np.nan_to_num(demand["weight"].to_numpy(dtype=float))
    if target is not None:
        weights = target.weights
    if not weights.sum() > 0:
        raise SitingError("sites.nobody", field=access.service.weight)
    existing = np.where(demand["minutes"].isna(), np.inf, demand["minutes"].to_numpy(dtype=float))
    times = _times(prepared, question, access, candidates)
    left_out = 0.0
    if not question.covering:
        forbidden = candidates.positions(question.forbid, "--forbid")
        open_to = np.setdiff1d(np.arange(times.shape[1]), forbidden)
        lost = ~np.isfinite(existing) & (np.diff(times[:, open_to].indptr) == 0)
        left_out = float(weights[lost].sum())
        weights = np.where(lost, 0.0, weights)
    floor_level = next(iter(question.floors), "")
    level = target.level if target is not None and target.level else floor_level
    problem = SitingProblem(
        times,
        weights,
        existing=existing_of(prepared, question, access, existing),
        costs=_costs(question, candidates),
        capacities=_capacities(question, candidates),
        groups=_labels(prepared, level, candidates) if level else None,
        areas=demand["township"].tolist() if question.equity else None,
    )
    model = Model(
        problem=problem,
        question=question,
        limit=access.service.minutes,
        share=target.share if target is not None and not target.level else _share(question),
        required=candidates.positions(question.require, "--require"),
        forbidden=candidates.positions(question.forbid, "--forbid"),
        rules=rules_of(question, candidates),
        left_out=left_out,
    )
    if target is not None and target.level:
        return _of_units(model, target, candidates, prepared)
    return _with_floors(model, prepared) if floor_level else model


def _times(
    prepared: Prepared, question: SiteQuestion, access: MeasuredAccess, candidates: Candidates
) -> Any:  # noqa: ANN401 - a sparse array
    service = access.service
    starts = prepared.snapped[service.mode][0]
    trips = len(starts) * len(candidates.usable)
    if not question.covering and trips > _MOST_TRIPS:
        raise SitingError(
            "sites.too_many_trips", model=question.model, candidates=len(candidates.usable),
            points=len(starts), most=_MOST_TRIPS // max(len(starts), 1),
        )  # fmt: skip
    return prepared.networks[service.mode].travel_times(
        starts,
        candidates.snapped,
        limit=max([service.minutes, *(tier.minutes for tier in question.tiers)])
        if question.covering
        else None,
        speed=prepared.configuration.walking.speed,
    )


def _share(question: SiteQuestion) -> float | None:
    if question.target is None or question.target == "plan":
        return None
    return float(question.target) / 100.0


def _costs(question: SiteQuestion, candidates: Candidates) -> Floats | None:
    costs = np.asarray(candidates.usable["cost"], dtype=np.float64)
    return costs if question.money is not None and np.isfinite(costs).all() else None


def _capacities(question: SiteQuestion, candidates: Candidates) -> Floats | None:
    name, usable = question.capacity, candidates.usable
    if not name:
        return None
    if name not in usable or not pd.to_numeric(usable[name], errors="coerce").notna().any():
        raise SitingError("sites.no_capacity", field=name, source=question.candidates)
    capacity = pd.to_numeric(usable[name], errors="coerce")
    wrong = np.flatnonzero(~(capacity >= 0))
    if wrong.size:
        first = tuple(usable["candidate"].iloc[wrong[:3]])
        raise SitingError("sites.bad_capacity", field=name, count=wrong.size, first=first)
    return np.asarray(capacity, dtype=np.float64)


def _labels(prepared: Prepared, level: str, candidates: Candidates) -> list[str]:
    labels = _unit_labels(prepared, level)
    return [labels.get(code, code) for code in candidates.usable[level]]


def _unit_labels(prepared: Prepared, level: str) -> dict[str, str]:
    """Return what units are called in answers, by code: names alone may be the same twice."""
    layers = prepared.layers
    names = named(layers.townships if level == "township" else layers.communities)
    return {str(code): f"{name} {code}" for code, name in names.items()}


def _with_floors(model: Model, prepared: Prepared) -> Model:
    ((level, least),) = model.question.floors.items()
    wanted = sorted(_unit_labels(prepared, level).values(), key=lambda label: label.split()[-1])
    there = set(model.problem.groups)
    without = [label for label in wanted if label not in there]
    if without and least:
        said = _first(without)
        obstacle = texts.say("sites.floor_without", count=len(without), units=said, floor=least)
        return replace(model, obstacle=obstacle)
    return replace(model, floors=dict.fromkeys(wanted, least) if least else {})


def _of_units(
    model: Model, target: PlanTarget, candidates: Candidates, prepared: Prepared
) -> Model:
    """Build in units that have none, at most once in each: so each new site is a unit more."""
    codes = candidates.usable[target.level]
    lacking = codes.isin(target.lacking).to_numpy(copy=True)
    for position in model.required:
        if not lacking[position]:
            identifier = candidates.usable["candidate"].iloc[position]
            raise SitingError("sites.require_elsewhere", id=identifier, row=target.row.row)
    lacking[list(model.forbidden)] = False
    there = set(codes[lacking])
    obstacle = ""
    if len(there) < target.needed:
        names = _unit_labels(prepared, target.level)
        without = [names.get(code, code) for code in target.lacking if code not in there]
        obstacle = texts.say(
            "sites.units_without", needed=target.needed, possible=len(there),
            units=_first(without),
        )  # fmt: skip
    return replace(
        model,
        forbidden=tuple(np.flatnonzero(~lacking).tolist()),
        rules=Rules(caps=dict.fromkeys(set(model.problem.groups), 1)),
        fill=target.needed,
        obstacle=obstacle,
    )


def _first(labels: Sequence[str]) -> str:
    more = "……" if len(labels) > 3 else ""  # noqa: PLR2004 - so many are read
    return "、".join(labels[:3]) + more


def _none() -> Solution:
    return Solution(
        sites=np.empty(0, dtype=np.int64), objective=np.nan, bound=np.nan, gap=np.nan,
        status="infeasible", stopped="proof", seconds=0.0,
    )  # fmt: skip
