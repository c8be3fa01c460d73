"""What a plan of sites must keep to: floors, spacing, capacity, candidates that are in or out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from coverage import texts
from coverage.sites.question import COVERING, FLOOR_LEVELS
from coverage.web import controls
from coverage.web.siting_controls import number, pick, toggle

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.sites import SitingResult

_SECONDS = 60
_NO_PEOPLE = {"lon", "lat", "cost", "suitability", "floor_area_m2", "source_row"}
_LISTED = 400  # candidates that a list to choose from still holds


def conditions(model: str, layer: gpd.GeoDataFrame | None, asked: dict[str, Any]) -> dict[str, Any]:
    """Ask for conditions, those that go with what was asked already.

    Parameters
    ----------
    model
        What is wanted.
    layer
        Candidates, where a table holds them.
    asked
        How much is asked for.
    """
    further: dict[str, Any] = {}
    plan, covering = asked.get("target") == "plan", model in COVERING
    if not plan:
        further["floors"] = _floors()
    if covering and not plan:
        further["spacing"] = number("spacing", 0, 0, 20_000, 100) or None
        further["backup"], further["equity"] = toggle("backup"), toggle("equity")
    columns = _capacities(layer) if covering else []
    if columns:
        said = {"": texts.say("siting_page.capacity_none"), **{c: c for c in columns}}
        helps = texts.say("siting_page.capacity_help")
        further["capacity"] = pick("capacity", said, helps, of="-".join(columns))
    if covering:
        further["pareto"] = toggle("pareto")
    return {**further, "time_limit": number("time_limit", _SECONDS, 5, 3_600, 5)}


def _floors() -> dict[str, int]:
    levels = ("none", *FLOOR_LEVELS)
    said = {level: texts.say(f"siting_page.floor_{level}") for level in levels}
    floor = pick("floor", said, texts.say("siting_page.floor_help"))
    return {} if floor == "none" else {floor: 1}


def _capacities(layer: gpd.GeoDataFrame | None) -> list[str]:
    """Return the columns that could say how many people a candidate can serve."""
    if layer is None:
        return []
    numbers = layer.drop(columns="geometry").select_dtypes("number").dropna(axis=1, how="all")
    return sorted(set(numbers.columns.astype(str)) - _NO_PEOPLE, key=lambda c: c != "capacity")


def named(source: str, last: SitingResult | None) -> dict[str, tuple[str, ...]]:
    """Ask which candidates are built in any case, or never, once an answer has named them.

    Parameters
    ----------
    source
        Where candidates come from.
    last
        The last answer.
    """
    known = _known(last) if last is not None and last.question.candidates == source else {}
    asked: dict[str, tuple[str, ...]] = {}
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
            placeholder=texts.say("siting_page.choose_candidates"),
            help=texts.say(f"siting_page.{name}_help"),
        )
        controls.keep(f"{name}-{source}", chosen)
        asked[name] = tuple(chosen)
    return asked


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
