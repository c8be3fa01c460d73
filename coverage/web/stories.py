"""The story of a place: who reaches it, how long they walk, which facilities serve it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage import texts, vocabulary
from coverage.outputs import map_figures, map_layers
from coverage.web import tables

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableMapping

    from coverage.results import Result
    from coverage.service import Service
    from coverage.web.map_view import Click

_NAMED = 3  # facilities that a community's people go to


def chosen_by(click: Click, result: Result) -> dict[str, Any] | None:
    """Return what a click on the map chooses: township, community, facility; None outside.

    Parameters
    ----------
    click
        The click.
    result
        What the map shows.
    """
    communities = result.communities.set_index(result.communities["code"].astype(str))
    townships = set(result.townships["code"].astype(str))
    facility = None
    if click.facility is not None:
        drawn = map_layers.drawn_facilities(result)
        if 0 <= click.facility < len(drawn):
            facility = str(drawn["id"].iloc[click.facility])
    if click.level == "community" and click.code in communities.index:
        owner = str(communities.loc[click.code, "township"])
        return {"community": click.code, "township": owner, "facility": facility}
    if click.level == "township" and click.code in townships:
        return {"community": None, "township": click.code, "facility": facility}
    return {"facility": facility} if facility is not None else None


def tell(
    result: Result, service: Service, chosen: Mapping[str, Any] | MutableMapping[Any, Any]
) -> list[str]:
    """Return what there is to say about what was chosen, the most particular first.

    Parameters
    ----------
    result
        Result of one service.
    service
        The service.
    chosen
        ``facility``, ``community`` and ``township``: identifiers, or nothing.
    """
    if chosen.get("facility"):
        return _facility(result, service, str(chosen["facility"]))
    if chosen.get("community"):
        return _community(result, service, str(chosen["community"]))
    return _township(result, service, str(chosen.get("township")))


def _unit(service: Service) -> str:
    return map_figures.weight_unit(service.weight, texts.language())


def _facility(result: Result, service: Service, identifier: str) -> list[str]:
    rows = result.facilities[result.facilities["id"].astype(str) == identifier]
    if rows.empty:
        return []
    row = rows.iloc[0]
    known = vocabulary.categories()
    category = str(row["category"])
    title = known[category].title(texts.language()) if category in known else category
    lines = [
        texts.say(
            "web.story_facility",
            name=row["name"],
            category=title,
            status=texts.say(f"map.status_{row['status']}"),
        )
    ]
    reach = map_figures.number(row.get(f"{service.name}_reach"))
    load = map_figures.number(row.get(f"{service.name}_load"))
    if reach is None or load is None:
        return [*lines, texts.say("web.story_not_of_service")]
    numbers = {"reach": f"{reach:,.0f}", "load": f"{load:,.0f}"}
    lines.append(
        texts.say("web.story_load", minutes=f"{service.minutes:g}", unit=_unit(service), **numbers)
    )
    return lines


def _community(result: Result, service: Service, code: str) -> list[str]:
    rows = result.communities[result.communities["code"].astype(str) == code]
    if rows.empty:
        return []
    figures = tables.figures_of(rows.iloc[0], service)
    lines = [_reached(str(rows["name"].iloc[0]), figures, service)]
    demand = result.demand
    own = demand[(demand["community"].astype(str) == code) & (demand["service"] == service.name)]
    going = own.dropna(subset=["facility"]).groupby("facility", observed=True)["weight"].sum()
    names = dict(zip(result.facilities["id"].astype(str), result.facilities["name"], strict=True))
    most = going.sort_values(ascending=False, kind="stable").head(_NAMED)
    if len(most):
        said = [
            texts.say("web.story_goes", name=names.get(str(f), f), people=f"{w:,.0f}")
            for f, w in most.items()
        ]
        stop = "；" if texts.language() == "zh" else "; "
        lines.append(texts.say("web.story_nearest", facilities=stop.join(said)))
    return lines


def _township(result: Result, service: Service, code: str) -> list[str]:
    rows = result.townships[result.townships["code"].astype(str) == code]
    if rows.empty:
        return []
    return [_reached(str(rows["name"].iloc[0]), tables.figures_of(rows.iloc[0], service), service)]


def _reached(name: str, figures: Mapping[str, float | None], service: Service) -> str:
    share, minutes = figures["share"], figures["minutes"]
    if share is None:
        return texts.say("web.story_nothing", name=name)
    said = texts.say(
        "web.story_unit",
        name=name,
        share=f"{share:.1%}",
        unit=_unit(service),
        **{n: f"{figures[n] or 0:,.0f}" for n in ("covered", "people", "uncovered")},
    )
    if minutes is None:
        return said
    return said + texts.say("web.story_minutes", minutes=f"{minutes:.1f}")
