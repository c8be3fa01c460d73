"""What is asked of siting in a project."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from coverage.errors import SitingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.siting.options import ModelName, Tier

FLOOR_LEVELS = ("township", "community")
SOURCES = ("layer", "facilities", "nodes", "grid")
MODELS = ("lscp", "mclp", "p_median", "p_center")
COVERING = ("lscp", "mclp")
# the other rules go with both models of coverage
_TAKEN_BY = dict.fromkeys(("phase", "close", "tier"), ("mclp",))
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_SITES = 10  # new sites where neither a number nor a budget is given


@dataclass(frozen=True, kw_only=True)
class SiteQuestion:
    """Ask where to build.

    Parameters
    ----------
    service
        Name of the service.
    model
        ``lscp``, ``mclp``, ``p_median`` or ``p_center``; see `coverage.siting.solve`.
    sites
        How many new sites at most; without it and without a budget, 10. Not for lscp.
    target
        Of lscp: percent of people to reach, or ``plan`` for what the project's plan aims at.
    budget
        What new sites may cost together, in the unit of the candidates' cost; lscp then looks for
        the least cost in place of the fewest sites. Candidates without any cost count 1 each.
    floors
        New sites at least in every ``township`` or in every ``community``.
    capacity
        Column of the candidates that holds how many people each can serve.
    candidates
        ``layer``, ``facilities:CATEGORY``, ``nodes`` or ``grid:METRES``.
    minutes
        Limit of a trip, in place of the service's own.
    require, forbid
        Candidates that are built in any case, or never.
    spacing
        Metres, as the crow flies, that new sites stand apart at least. Of lscp and mclp.
    backup
        Whether somebody counts only with two facilities or sites within the limit. Of lscp and
        mclp.
    equity
        Whether the worst-off township comes first: mclp makes the least share covered of any as
        large as can be, then covers most people; lscp reaches the target in every township.
    phases
        Money of each year in which is built; without costs, how many sites. Of mclp, in place of
        a budget.
    close
        How many existing facilities may be closed at most, each making room for one more new site.
        Of mclp.
    keep
        Ids of facilities that may not.
    tiers
        Sizes in which a site can be built, each with its own minutes, capacity and cost. Of mclp.
    pareto
        Whether to say what each further site, or sum of money, is worth.
    time_limit
        Seconds for solving, and as many for the trade-off.
    seed
        Of the search for plans.
    save
        Name of the scenario to make of the sites; empty for none.
    """

    service: str
    model: ModelName = "mclp"
    sites: int | None = None
    target: float | Literal["plan"] | None = None
    budget: float | None = None
    floors: Mapping[str, int] = field(default_factory=dict)
    capacity: str = ""
    candidates: str = "layer"
    minutes: float | None = None
    require: tuple[str, ...] = ()
    forbid: tuple[str, ...] = ()
    spacing: float | None = None
    backup: bool = False
    equity: bool = False
    phases: Mapping[int, float] = field(default_factory=dict)
    close: int = 0
    keep: tuple[str, ...] = ()
    tiers: tuple[Tier, ...] = ()
    pareto: bool = False
    time_limit: float = 60.0
    seed: int = 0
    save: str = ""

    def __post_init__(self) -> None:
        if self.model not in MODELS:
            raise SitingError("siting.unknown_model", value=self.model, known=tuple(MODELS))
        self._check_target()
        self._check_rules()
        if self.sites is not None and self.model == "lscp":
            raise SitingError("siting.not_together", name="sites", model="lscp", takers="mclp")
        if self.sites is not None and self.sites < 1:
            raise SitingError("sites.bad_sites", value=self.sites)
        for level, least in self.floors.items():
            if level not in FLOOR_LEVELS or least < 0:
                known = tuple(FLOOR_LEVELS)
                raise SitingError("sites.bad_floor", value=f"{level}={least}", known=known)
        if len(self.floors) > 1:
            raise SitingError("sites.two_floors", known=tuple(self.floors))
        self._check_source()

    @property
    def number(self) -> int | None:
        """How many sites are asked for; None where a budget or the model decides."""
        if self.model == "lscp" or self.sites is not None:
            return self.sites
        return None if self.money is not None else _SITES

    @property
    def money(self) -> float | None:
        """What new sites may cost together; None where nothing says so."""
        return sum(self.phases.values()) if self.phases else self.budget

    @property
    def source(self) -> tuple[str, str]:
        """What candidates are made of, and the category or the metres that goes with it."""
        kind, _, detail = self.candidates.partition(":")
        return kind, detail

    @property
    def covering(self) -> bool:
        """Whether the model counts who is within the limit, not how far all have to go."""
        return self.model in COVERING

    def _check_target(self) -> None:
        if self.target is None:
            return
        if self.model != "lscp":
            raise SitingError("siting.not_together", name="target", model=self.model, takers="lscp")
        if self.target != "plan" and not 0 < self.target <= 100:  # noqa: PLR2004 - percent
            raise SitingError("sites.bad_target", value=self.target)
        if self.target == "plan" and (self.floors or self.budget is not None or self._rules):
            raise SitingError("sites.plan_alone")

    @property
    def _rules(self) -> tuple[str, ...]:
        """Which rules of coverage are asked for."""
        asked = {
            "spacing": self.spacing is not None,
            "backup": self.backup,
            "equity": self.equity,
            "phase": bool(self.phases),
            "close": self.close > 0,
            "tier": bool(self.tiers),
        }
        return tuple(name for name, given in asked.items() if given)

    def _check_rules(self) -> None:
        for name in self._rules:
            takers = _TAKEN_BY.get(name, COVERING)
            if self.model not in takers:
                raise SitingError(
                    "siting.not_together", name=name, model=self.model, takers=tuple(takers)
                )
        if self.spacing is not None and not self.spacing > 0:
            raise SitingError("sites.bad_spacing", value=self.spacing)
        if self.close < 0 or (self.keep and not self.close):
            raise SitingError("sites.bad_close", value=self.close)
        if self.phases and (self.close or self.tiers):
            raise SitingError("sites.phases_of_new", name="close" if self.close else "tier")
        if self.phases and self.budget is not None:
            raise SitingError("sites.phases_are_budget")
        for year, money in self.phases.items():
            if not (_FIRST_YEAR <= year <= _LAST_YEAR and 0 <= money < math.inf):
                raise SitingError("sites.bad_phase", value=f"{year}={money:g}")

    def _check_source(self) -> None:
        kind, detail = self.source
        if kind not in SOURCES or bool(detail) != (kind in {"facilities", "grid"}):
            near = get_close_matches(kind, SOURCES, n=1, cutoff=0.0)[0]
            raise SitingError("sites.bad_source", value=self.candidates, near=near)
        if kind != "grid":
            return
        try:
            metres = float(detail)
        except ValueError:
            metres = 0.0
        if not 10 <= metres <= 20_000:  # noqa: PLR2004 - a doorstep, a county
            raise SitingError("sites.bad_grid", value=detail)
