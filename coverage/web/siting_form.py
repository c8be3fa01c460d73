"""The controls of siting: where a planner says what is wanted, and what must be kept to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.errors import SitingError
from coverage.sites import SiteQuestion
from coverage.sites.plan_target import plan_target
from coverage.sites.question import COVERING
from coverage.web import controls, session
from coverage.web.siting_conditions import conditions, named
from coverage.web.siting_controls import number, pick, switch, toggle

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.analysis import Prepared
    from coverage.service import Service
    from coverage.sites import SitingResult
    from coverage.sites.plan_target import PlanTarget
    from coverage.web.session import Visit

# as planners rank them: whom to reach first, then how far
_MODELS = ("mclp", "lscp", "p_median", "p_center")
_MOST_SITES = 100
_SITES = 10
_PERCENT = 90.0
_METRES = 500
_YEARS, _YEARLY = 3, 3


def question_of(visit: Visit, prepared: Prepared, last: SitingResult | None) -> SiteQuestion:
    """Ask what is wanted, and return it as a question.

    Parameters
    ----------
    visit, prepared
        The project, and as read.
    last
        Last answer, whose candidates can be required or ruled out.
    """
    service = controls.service_of(prepared)
    model = _model()
    target = _plan_target(visit, service) if model == "lscp" else None
    source = _source(prepared, service)
    layer = _candidates(prepared, source)
    asked: dict[str, Any] = _amount(model, layer, target, prepared.year)
    minutes = controls.minutes_of(service)
    if model not in COVERING:
        st.caption(texts.say("siting_page.minutes_counted"))
    with st.expander(texts.say("siting_page.conditions")):
        asked |= conditions(model, layer, asked) | named(source, last)
    return SiteQuestion(
        service=service.name,
        model=model,  # type: ignore[arg-type]
        candidates=source,
        minutes=None if minutes == service.minutes else minutes,
        **asked,
    )


def _model() -> str:
    said = {model: texts.say(f"siting_page.model_{model}") for model in _MODELS}
    helps = "\n\n".join(
        f"**{words}**  \n{texts.say(f'siting_page.model_{model}_help')}"
        for model, words in said.items()
    )
    model = pick("model", said, helps)
    st.caption(texts.say(f"siting_page.model_{model}_help"))
    return model


def _plan_target(visit: Visit, service: Service) -> PlanTarget | None:
    """Return what the plan wants of the service, None where new sites could meet nothing of it."""
    try:
        return plan_target(session.whole(visit), service)
    except SitingError:
        return None


# --- candidates ------------------------------------------------------------------------------


def _source(prepared: Prepared, service: Service) -> str:
    layer = prepared.layers.others.get("candidates")
    categories = _categories(prepared, service)
    offered = {
        "layer": layer is not None and len(layer) > 0,
        "facilities": bool(categories),
        "nodes": True,
        "grid": True,
    }
    counts = {
        "layer": 0 if layer is None else len(layer),
        "nodes": len(prepared.networks[service.mode].x),
    }
    kinds = [kind for kind, there in offered.items() if there]
    said = {k: texts.say(f"siting_page.from_{k}", count=counts.get(k, 0)) for k in kinds}
    kind = pick("candidates", said, texts.say("siting_page.candidates_help"))
    if kind == "facilities":
        return f"facilities:{pick('category', categories, of=service.name)}"
    if kind == "grid":
        return f"grid:{number('metres', _METRES, 50, 5_000, 50):g}"
    return kind


def _categories(prepared: Prepared, service: Service) -> dict[str, str]:
    """Return what existing facilities could take the service in, most first."""
    counted = prepared.layers.facilities["category"][
        prepared.facility_status[0].isin(["counted", "off_network"]).to_numpy()
    ].value_counts()
    known, language = vocabulary.categories(), texts.language()
    return {
        str(category): texts.say(
            "siting_page.category_count", title=known[category].title(language), count=int(count)
        )
        for category, count in counted.items()
        if category in known and category not in service.categories
    }


def _candidates(prepared: Prepared, source: str) -> gpd.GeoDataFrame | None:
    """Return the candidates where a table holds them, with what it says of them."""
    kind, _, category = source.partition(":")
    if kind == "layer":
        return prepared.layers.others["candidates"]
    if kind == "facilities":
        facilities = prepared.layers.facilities
        columns = [c for c in ("capacity", "geometry") if c in facilities]
        return facilities.loc[facilities["category"] == category, columns]
    return None


# --- how much --------------------------------------------------------------------------------


def _amount(
    model: str, layer: gpd.GeoDataFrame | None, target: PlanTarget | None, year: int
) -> dict[str, Any]:
    if model == "lscp":
        return _aim(layer, target)
    costs = _costs(layer)
    ways = {"sites": True, "budget": costs is not None, "years": model == "mclp"}
    by = switch("by", [way for way, there in ways.items() if there])
    if by == "years":
        return {"phases": _years(year, costs)}
    if by == "budget" and costs is not None:
        return {"budget": _budget("budget", costs, _SITES)}
    most = _MOST_SITES if layer is None else min(len(layer), _MOST_SITES)
    return {"sites": int(number("sites", min(_SITES, most), 1, most, 1))}


def _aim(layer: gpd.GeoDataFrame | None, target: PlanTarget | None) -> dict[str, Any]:
    by = ["percent"] if target is None else ["percent", "plan"]
    if switch("aim", by) == "plan" and target is not None:
        row = target.row
        said = [
            texts.say(
                "siting_page.plan_row",
                row=row.row,
                name=row.name(texts.language()),
                target=100 * target.share,
            )
        ]
        if target.level:
            said.append(texts.say("siting_page.plan_units", needed=target.needed))
        st.caption((" " if texts.language() == "en" else "").join(said))
        return {"target": "plan"}
    if target is None:
        st.caption(texts.say("siting_page.no_plan"))
    asked: dict[str, Any] = {"target": number("percent", _PERCENT, 1.0, 100.0, 1.0)}
    costs = _costs(layer)
    if costs is not None and toggle("cheapest"):
        asked["budget"] = _budget("budget", costs, _SITES)
    return asked


def _costs(layer: gpd.GeoDataFrame | None) -> pd.Series[float] | None:
    if layer is None or "cost" not in layer:
        return None
    costs = pd.to_numeric(layer["cost"], errors="coerce").dropna()
    return None if costs.empty else costs


def _years(year: int, costs: pd.Series[float] | None) -> dict[int, float]:
    """Ask for some years, and what is built in each: as much money, or as many sites."""
    first = int(number("first_year", year + 1, year, year + 50, 1))
    count = int(number("years", _YEARS, 1, 10, 1))
    if costs is None:
        each = number("yearly_sites", _YEARLY, 1, _MOST_SITES, 1)
    else:
        each = _budget("yearly_budget", costs, _YEARLY)
    return dict.fromkeys(range(first, first + count), float(each))


def _budget(name: str, costs: pd.Series[float], sites: int) -> float:
    """Ask for a sum, by default what some usual candidates cost."""
    usual = max(int(sites * costs.median()), 1)
    digits = 10 ** max(len(str(usual)) - 2, 0)
    return float(number(name, usual // digits * digits, 0, None, digits))
