"""The controls of siting: where a planner says what is wanted, and what must be kept to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.errors import SitingError
from coverage.sites import SiteQuestion
from coverage.sites.plan_target import plan_target
from coverage.sites.question import COVERING, FLOOR_LEVELS
from coverage.web import controls, session

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
_SECONDS = 60
_NO_PEOPLE = {"lon", "lat", "cost", "suitability", "floor_area_m2", "source_row"}
_LISTED = 400  # candidates that a list to choose from still holds


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
    asked: dict[str, Any] = _amount(model, layer, target)
    minutes = controls.minutes_of(service)
    if model not in COVERING:
        st.caption(texts.say("siting_page.minutes_counted"))
    with st.expander(texts.say("siting_page.conditions")):
        asked |= _conditions(model, layer, asked)
        asked |= _named(source, last)
        asked["time_limit"] = _seconds()
    return SiteQuestion(
        service=service.name,
        model=model,  # type: ignore[arg-type]
        candidates=source,
        minutes=None if minutes == service.minutes else minutes,
        **asked,
    )


def name_later(name: str, source: str, candidate: str) -> None:
    """Add a candidate to those that the next question requires or forbids.

    Parameters
    ----------
    name
        ``require`` or ``forbid``.
    source
        Where candidates come from.
    candidate
        Its id.
    """
    for other in ("require", "forbid"):
        chosen = [c for c in controls.remembered(f"{other}-{source}", []) if c != candidate]
        chosen += [candidate] if other == name else []
        controls.keep(f"{other}-{source}", chosen)
        # the control keeps a choice of its own
        st.session_state[controls.key(f"{other}-{source}")] = chosen


def _pick(name: str, said: dict[str, str], helps: str | None = None, *, of: str = "") -> str:
    """Ask for one of several options, the first by default; `of` tells sets of them apart."""
    options, place = list(said), f"siting-{name}{of and '-'}{of}"
    chosen = controls.remembered(place, options[0])
    picked = st.selectbox(
        texts.say(f"siting_page.{name}"),
        options,
        index=options.index(chosen) if chosen in options else 0,
        format_func=said.__getitem__,
        key=controls.key(place),
        help=helps,
    )
    controls.keep(place, picked)
    return str(picked)


def _number(name: str, usual: float, least: float, most: float | None, step: float) -> float:
    whole, place = isinstance(step, int), f"siting-{name}"
    kept = controls.remembered(place, usual)
    kept = kept if most is None else min(kept, most)
    number = st.number_input(
        texts.say(f"siting_page.{name}"),
        min_value=least,
        max_value=most,
        value=int(kept) if whole else float(kept),
        step=step,
        format="%d" if whole else "%.1f",
        key=controls.key(place),
        help=texts.say(f"siting_page.{name}_help"),
    )
    controls.keep(place, number)
    return number


def _model() -> str:
    said = {model: texts.say(f"siting_page.model_{model}") for model in _MODELS}
    helps = "\n\n".join(
        f"**{words}**  \n{texts.say(f'siting_page.model_{model}_help')}"
        for model, words in said.items()
    )
    model = _pick("model", said, helps)
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
    kind = _pick("candidates", said, texts.say("siting_page.candidates_help"))
    if kind == "facilities":
        return f"facilities:{_pick('category', categories, of=service.name)}"
    if kind == "grid":
        return f"grid:{_number('metres', _METRES, 50, 5_000, 50):g}"
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
    model: str, layer: gpd.GeoDataFrame | None, target: PlanTarget | None
) -> dict[str, Any]:
    if model == "lscp":
        return _aim(layer, target)
    costs = _costs(layer)
    by = ["sites"] if costs is None else ["sites", "budget"]
    if _switch("by", by) == "budget" and costs is not None:
        return {"budget": _budget(costs)}
    most = _MOST_SITES if layer is None else min(len(layer), _MOST_SITES)
    return {"sites": int(_number("sites", min(_SITES, most), 1, most, 1))}


def _aim(layer: gpd.GeoDataFrame | None, target: PlanTarget | None) -> dict[str, Any]:
    by = ["percent"] if target is None else ["percent", "plan"]
    if _switch("aim", by) == "plan" and target is not None:
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
    asked: dict[str, Any] = {"target": _number("percent", _PERCENT, 1.0, 100.0, 1.0)}
    costs = _costs(layer)
    if costs is not None and _toggle("cheapest"):
        asked["budget"] = _budget(costs)
    return asked


def _switch(name: str, options: list[str]) -> str:
    """Ask for one of two ways where there are two."""
    if len(options) == 1:
        return options[0]
    chosen = controls.remembered(f"siting-{name}", options[0])
    picked = st.segmented_control(
        texts.say("siting_page.amount"),
        options,
        default=chosen if chosen in options else options[0],
        format_func=lambda option: texts.say(f"siting_page.by_{option}"),
        key=controls.key(f"siting-{name}"),
        required=True,
    )
    controls.keep(f"siting-{name}", picked)
    return str(picked)


def _costs(layer: gpd.GeoDataFrame | None) -> pd.Series[float] | None:
    if layer is None or "cost" not in layer:
        return None
    costs = pd.to_numeric(layer["cost"], errors="coerce").dropna()
    return None if costs.empty else costs


def _budget(costs: pd.Series[float]) -> float:
    """Ask for a sum, by default what ten usual candidates cost."""
    usual = max(int(_SITES * costs.median()), 1)
    digits = 10 ** max(len(str(usual)) - 2, 0)
    return float(_number("budget", usual // digits * digits, 0, None, digits))


# --- further conditions ----------------------------------------------------------------------


def _conditions(
    model: str, layer: gpd.GeoDataFrame | None, asked: dict[str, Any]
) -> dict[str, Any]:
    further: dict[str, Any] = {}
    if asked.get("target") != "plan":
        levels = ["none", *FLOOR_LEVELS]
        said = {level: texts.say(f"siting_page.floor_{level}") for level in levels}
        floor = _pick("floor", said, texts.say("siting_page.floor_help"))
        further["floors"] = {} if floor == "none" else {floor: 1}
    if model not in COVERING:
        return further
    columns = _capacities(layer)
    if columns:
        said = {"": texts.say("siting_page.capacity_none"), **{c: c for c in columns}}
        helps = texts.say("siting_page.capacity_help")
        further["capacity"] = _pick("capacity", said, helps, of="-".join(columns))
    further["pareto"] = _toggle("pareto")
    return further


def _capacities(layer: gpd.GeoDataFrame | None) -> list[str]:
    """Return the columns that could say how many people a candidate can serve."""
    if layer is None:
        return []
    numbers = layer.drop(columns="geometry").select_dtypes("number").dropna(axis=1, how="all")
    return sorted(set(numbers.columns.astype(str)) - _NO_PEOPLE, key=lambda c: c != "capacity")


def _named(source: str, last: SitingResult | None) -> dict[str, tuple[str, ...]]:
    """Ask which candidates are built in any case, or never, once an answer has named them."""
    known = _known(last) if last is not None and last.question.candidates == source else {}
    named: dict[str, tuple[str, ...]] = {}
    for name, other in (("require", "forbid"), ("forbid", "require")):
        kept = controls.remembered(f"{name}-{source}", [])
        taken = set(controls.remembered(f"{other}-{source}", []))
        options = [c for c in dict.fromkeys((*known, *kept)) if c not in taken or c in kept]
        if not options:
            continue
        chosen = st.multiselect(
            texts.say(f"siting_page.{name}"),
            options,
            default=kept,
            format_func=lambda c: known.get(c, c),
            key=controls.key(f"{name}-{source}"),
            help=texts.say(f"siting_page.{name}_help"),
        )
        controls.keep(f"{name}-{source}", chosen)
        named[name] = tuple(chosen)
    return named


def _known(last: SitingResult) -> dict[str, str]:
    """Return the candidates to choose from: all of a short list, else those that were named."""
    table = last.candidates[last.candidates["status"] == "usable"]
    if len(table) > _LISTED:
        named = [*last.sites["candidate"], *last.reasons["runner_up"]]
        table = table[table["candidate"].isin(named)]
    names = table["name"].where(table["name"].notna(), "").astype(str)
    return {
        str(c): f"{c} {name}".strip() for c, name in zip(table["candidate"], names, strict=True)
    }


def _toggle(name: str) -> bool:
    on = st.toggle(
        texts.say(f"siting_page.{name}"),
        value=controls.remembered(f"siting-{name}", default=False),
        key=controls.key(f"siting-{name}"),
        help=texts.say(f"siting_page.{name}_help"),
    )
    controls.keep(f"siting-{name}", on)
    return bool(on)


def _seconds() -> float:
    return float(_number("time_limit", _SECONDS, 5, 3_600, 5))
