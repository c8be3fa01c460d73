"""Options of a run, checked before anything is solved; and what can be seen to be infeasible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
from scipy import sparse

from coverage.errors import SitingError
from coverage.siting.options import Existing, ModelName, Request, Rules
from coverage.siting.problem import siting_errors
from coverage.siting.solution import Reason

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from numpy.typing import NDArray

    from coverage.siting.problem import SitingProblem

    Integers = NDArray[np.int64]
    Flags = NDArray[np.bool_]

_COVERING = ("lscp", "mclp")


def checked(problem: SitingProblem, options: dict[str, Any]) -> Request:
    """Return the options of a run, checked against the problem.

    Parameters
    ----------
    problem
        What is to be solved.
    options
        As given to `solve`, clock apart.

    Raises
    ------
    SitingError
        If an option cannot be used, or not with the others.
    """
    rules: Rules = options["rules"] or Rules()
    model = options["model"]
    if model not in get_args(ModelName):
        known = tuple(get_args(ModelName))
        raise SitingError("siting.unknown_model", value=model, known=known)
    count = problem.times.shape[1]
    request = Request(
        model=model,
        sites=_whole("sites", options["sites"]),
        limit=np.inf if options["limit"] is None else _above_zero("limit", options["limit"]),
        target=_share(options["target"]),
        budget=_amount("budget", options["budget"]),
        floors=_by_group(problem, "floors", options["floors"]),
        required=_positions("required", options["required"], count),
        forbidden=_positions("forbidden", options["forbidden"], count),
        rules=Rules(
            caps=_by_group(problem, "caps", rules.caps),
            conflicts=_conflicts(rules.conflicts, count),
            cover_by=rules.cover_by,
            equity=rules.equity,
            tiers=tuple(rules.tiers),
        ),
        gap=_amount("gap", options["gap"]) or 0.0,
        seed=int(options["seed"]),
    )
    _check_together(problem, request)
    return request


def _check_together(problem: SitingProblem, request: Request) -> None:
    rules, model = request.rules, request.model
    both = np.intersect1d(request.required, request.forbidden)
    if both.size:
        raise SitingError("siting.required_and_forbidden", position=int(both[0]))
    if not isinstance(rules.cover_by, int) or rules.cover_by < 1:
        raise SitingError("siting.bad_count", name="cover_by", value=rules.cover_by)
    if rules.equity and problem.areas is None:
        raise SitingError("siting.no_areas")
    if isinstance(problem.existing, Existing):
        _whole("existing.most_closed", problem.existing.most_closed)
    _check_tiers(rules)
    for name, given in _given(problem, request).items():
        if given and model not in _TAKEN_BY.get(name, _COVERING):
            takers = tuple(_TAKEN_BY.get(name, _COVERING))
            raise SitingError("siting.not_together", name=name, model=model, takers=takers)


_TAKEN_BY: dict[str, tuple[str, ...]] = {
    "target": ("lscp",),
    "rules.tiers": ("mclp",),
    "existing.closable": ("mclp",),
    "existing.upgrade_costs": ("mclp",),
}


def _given(problem: SitingProblem, request: Request) -> dict[str, bool]:
    rules, existing = request.rules, problem.existing
    one_by_one = isinstance(existing, Existing)
    room = [problem.capacities, existing.capacities if one_by_one else None]
    return {
        "target": request.target is not None,
        "capacities": any(r is not None and np.isfinite(r).any() for r in room),
        "existing.closable": one_by_one and bool(existing.closable.any()),
        "existing.upgrade_costs": one_by_one and bool(np.isfinite(existing.upgrade_costs).any()),
        "rules.caps": bool(rules.caps),
        "rules.conflicts": rules.conflicts is not None,
        "rules.cover_by": rules.cover_by > 1,
        "rules.equity": rules.equity,
        "rules.tiers": bool(rules.tiers),
    }


def _check_tiers(rules: Rules) -> None:
    for tier in rules.tiers:
        _above_zero(f"{tier.name}.minutes", tier.minutes)
        _amount(f"{tier.name}.cost", tier.cost)
        if not tier.capacity >= 0:
            raise SitingError(
                "siting.bad_amount", name=f"{tier.name}.capacity", value=tier.capacity
            )
        _whole(f"{tier.name}.at_most", tier.at_most)
    names = [tier.name for tier in rules.tiers]
    if len(set(names)) < len(names):
        raise SitingError("siting.same_tier", names=tuple(names))


def _whole(name: str, value: object) -> int | None:
    if value is None:
        return None
    fine = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not fine or int(value) < 0:  # type: ignore[call-overload]
        raise SitingError("siting.bad_count", name=name, value=value)
    return int(value)  # type: ignore[call-overload,no-any-return]


def _amount(name: str, value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float, np.number)) or not 0 <= value < np.inf:
        raise SitingError("siting.bad_amount", name=name, value=value)
    return float(value)


def _above_zero(name: str, value: object) -> float:
    if not isinstance(value, (int, float, np.number)) or not value > 0:
        raise SitingError("access.bad_parameter", name=name, value=value)
    return float(value)


def _share(value: object) -> float | None:
    if value is None:
        return None
    if not isinstance(value, (int, float, np.number)) or not 0 < value <= 1:
        raise SitingError("siting.bad_target", value=value)
    return float(value)


def _positions(name: str, values: Sequence[int], count: int) -> Integers:
    given = np.asarray(values)
    if given.size == 0:
        return np.empty(0, dtype=np.int64)
    if given.ndim != 1 or not np.issubdtype(given.dtype, np.integer):
        raise SitingError("siting.no_positions", name=name)
    beyond = given[(given < 0) | (given >= count)]
    if beyond.size:
        raise SitingError("siting.no_candidate", name=name, position=int(beyond[0]), count=count)
    return np.unique(given).astype(np.int64)


def _by_group(
    problem: SitingProblem, name: str, bounds: Mapping[Hashable, int] | None
) -> Mapping[Hashable, int]:
    if not bounds:
        return {}
    if problem.groups is None:
        raise SitingError("siting.no_groups", name=name)
    known = set(problem.groups.tolist())
    for group, value in bounds.items():
        if group not in known:
            raise SitingError("siting.no_group", name=name, group=group)
        _whole(f"{name}[{group}]", value)
    return {group: int(value) for group, value in bounds.items()}


def _conflicts(conflicts: object, count: int) -> sparse.csr_array | None:
    if conflicts is None:
        return None
    with siting_errors():
        pairs = sparse.coo_array(conflicts)
    if pairs.shape != (count, count):
        expected = f"{count} × {count}"
        raise SitingError(
            "access.wrong_size", name="conflicts", given=pairs.shape, expected=expected
        )
    apart = pairs.row != pairs.col
    ends = np.stack([pairs.row[apart], pairs.col[apart]])
    both = np.concatenate([ends, ends[::-1]], axis=1)
    table = sparse.csr_array((np.ones(both.shape[1]), both), shape=pairs.shape)
    table.sum_duplicates()
    return table


def obstacle(problem: SitingProblem, request: Request) -> Reason | None:
    """Return why no plan can keep to the numbers asked for, None where none is seen."""
    free = np.ones(problem.times.shape[1], dtype=bool)
    free[request.forbidden] = False
    return (
        _count_obstacle(request, int(free.sum()))
        or _group_obstacle(problem, request, free)
        or _budget_obstacle(problem, request, free)
        or _conflict_obstacle(request)
    )


def _count_obstacle(request: Request, free: int) -> Reason | None:
    if request.model == "lscp" or request.sites is None:
        return None
    # with a budget the number is a cap, without one it is what is asked for
    if request.sites > free and request.budget is None:
        return Reason("few_candidates", {"sites": request.sites, "candidates": free})
    if request.required.size > request.sites:
        values = {"required": request.required.size, "sites": request.sites}
        return Reason("many_required", values)
    return None


def _group_obstacle(problem: SitingProblem, request: Request, free: Flags) -> Reason | None:
    floors, caps = request.floors, request.rules.caps or {}
    for group in {**floors, **caps}:
        members = np.asarray(problem.groups == group)
        floor = max(floors.get(group, 0), int(members[request.required].sum()))
        if floor > (members & free).sum():
            values = {"group": group, "floor": floor, "candidates": int((members & free).sum())}
            return Reason("high_floor", values)
        if floor > caps.get(group, floor):
            return Reason("floor_above_cap", {"group": group, "floor": floor, "cap": caps[group]})
    needed = _least(problem, request, np.ones(free.size), free)
    if request.model != "lscp" and request.sites is not None and needed > request.sites:
        return Reason("many_floors", {"needed": int(needed), "sites": request.sites})
    return None


def _least(
    problem: SitingProblem, request: Request, costs: NDArray[np.float64], free: Flags
) -> float:
    """Return what required sites and floors cost at least."""
    total = float(costs[request.required].sum())
    optional = free.copy()
    optional[request.required] = False
    for group, floor in request.floors.items():
        members = np.asarray(problem.groups == group)
        rest = max(floor - int(members[request.required].sum()), 0)
        total += float(np.sort(costs[members & optional])[:rest].sum())
    return total


def _budget_obstacle(problem: SitingProblem, request: Request, free: Flags) -> Reason | None:
    if request.budget is None:
        return None
    costs = np.ones(free.size) if problem.costs is None else problem.costs
    costs = costs + min((tier.cost for tier in request.rules.tiers), default=0.0)
    cheapest = float(costs[free].min(initial=np.inf))
    existing = problem.existing
    if isinstance(existing, Existing):
        # savings and upgrades are weighed by the solver
        return None
    needed = _least(problem, request, costs, free)
    if request.model != "lscp" and request.budget < cheapest:
        return Reason("small_budget", {"budget": request.budget, "cheapest": cheapest})
    if request.budget < needed * (1 - 1e-12):
        return Reason("floors_too_dear", {"budget": request.budget, "needed": needed})
    return None


def _conflict_obstacle(request: Request) -> Reason | None:
    conflicts = request.rules.conflicts
    if conflicts is None or request.required.size == 0:
        return None
    among = conflicts[request.required][:, request.required].tocoo()
    if among.nnz == 0:
        return None
    first, second = request.required[among.row[0]], request.required[among.col[0]]
    return Reason("required_too_near", {"first": int(first), "second": int(second)})
