"""What a siting result says, a sentence each: the command prints them, a page shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import texts

if TYPE_CHECKING:
    from coverage.sites.result import SitingResult


def headline(result: SitingResult) -> str:
    """Return what the sites change: the share covered before and after, and the people gained.

    Parameters
    ----------
    result
        A plan that was found.
    """
    reached = result.reached
    if result.sites.empty:
        return texts.say("sites.nothing_needed", share=reached.share_before)
    return texts.say(
        "sites.reached",
        count=len(result.sites),
        before=reached.share_before,
        after=reached.share_after,
        people=reached.people,
        gain=reached.after - reached.before,
    )


def proof(result: SitingResult) -> str:
    """Return how good the plan is proven to be.

    Parameters
    ----------
    result
        A plan that was found.
    """
    solution, question = result.solution, result.question
    if solution.status == "optimal" and solution.stopped == "proof":
        return texts.say("sites.proven", seconds=solution.seconds)
    cheapest = question.model == "lscp" and question.budget is not None
    return texts.say(
        "sites.bounded_time" if solution.stopped == "time" else "sites.bounded",
        gap=solution.gap,
        bound=solution.bound,
        objective=solution.objective,
        unit=texts.say(f"sites.unit_{'cost' if cheapest else question.model}"),
        seconds=solution.seconds,
    )


def untried(result: SitingResult) -> str:
    """Return how many candidates there was no time to look at, empty where there was."""
    count = result.solution.untried
    return texts.say("sites.untried", count=count) if count else ""


def minutes(result: SitingResult) -> str:
    """Return what a model without a limit makes small, empty for the others."""
    objective, counted = result.solution.objective, result.reached.people - result.left_out
    if result.question.model == "p_median":
        return texts.say("sites.mean", mean=objective / counted)
    if result.question.model == "p_center":
        return texts.say("sites.farthest", farthest=objective)
    return ""


def left_out(result: SitingResult) -> str:
    """Return how many people no way leads to, empty where there are none or they count."""
    return texts.say("sites.left_out", people=result.left_out) if result.left_out else ""


def candidates(result: SitingResult) -> str:
    """Return how many candidates there were, and why some could not be used."""
    counts = result.candidates["status"].value_counts()
    aside = [
        texts.say("sites.aside", reason=texts.say(f"sites.status_{name}"), count=int(count))
        for name, count in counts.items()
        if name != "usable"
    ]
    usable = int(counts["usable"])
    values = {
        "given": len(result.candidates),
        "usable": usable,
        "left": usable - result.solution.reductions.dominated_candidates,
    }
    if not aside:
        return texts.say("sites.candidates", **values)
    return texts.say("sites.candidates_aside", aside=tuple(aside), **values)


def indicator(result: SitingResult) -> str:
    """Return the plan's row before and after, empty without ``target="plan"``."""
    change = result.indicator
    if change is None:
        return ""
    before, after = (row for _, row in change.table.iterrows())
    said = texts.say(
        "sites.indicator",
        row=change.row.row,
        name=change.row.name(texts.language()),
        before=before["value"],
        after=after["value"],
        target=f"{after['comparator'] if after['comparator'] != '=' else ''}{after['target']:g}",
        unit=after["unit"],
        status=texts.say(f"indicators.status_{after['status']}"),
    )
    if change.met:
        return said
    return f"{said}{'；' if texts.language() == 'zh' else '; '}{texts.say('sites.indicator_more')}"


def knee(result: SitingResult) -> str:
    """Return past which number of sites, or sum of money, more brings clearly less; else empty."""
    table = result.pareto
    if table is None or not table["knee"].any():
        return ""
    amount = table.columns[0]
    at = table[table["knee"]].iloc[0]
    return texts.say(f"sites.knee_{amount}", amount=float(at[amount]), share=float(at["share"]))


def counting(result: SitingResult) -> str:
    """Return what counts as covered, empty where one facility within the limit is enough."""
    return texts.say("sites.two_in_reach") if result.question.backup else ""


def pricing(result: SitingResult) -> str:
    """Return that money counts sites, empty where candidates have costs or money is no matter."""
    if result.question.money is None or result.candidates["cost"].notna().any():
        return ""
    # tiers have costs of their own
    return "" if result.question.tiers else texts.say("sites.no_costs")


def unheeded(result: SitingResult) -> str:
    """Return what an analysis of the saved scenario does not heed, empty for nothing."""
    asked = [name for name in ("capacity", "tiers", "backup") if getattr(result.question, name)]
    if not asked:
        return ""
    return texts.say("sites.unheeded", what=tuple(texts.say(f"sites.unheeded_{n}") for n in asked))


def worst(result: SitingResult) -> str:
    """Return how far the worst-off township has come, empty where that was not asked for."""
    if not result.question.equity or result.townships is None:
        return ""
    table = result.townships.dropna(subset="share_before")
    before = table.iloc[int(table["share_before"].argmin())]
    after = table.iloc[int(table["share_after"].argmin())]
    said = texts.say(
        "sites.worst",
        first=before["name"],
        before=before["share_before"],
        then=after["name"],
        after=after["share_after"],
    )
    solution = result.solution
    if solution.worst_bound is None or solution.worst_bound == solution.worst:
        return said
    stop = "；" if texts.language() == "zh" else "; "
    return said + stop + texts.say("sites.worst_bound", bound=solution.worst_bound)


def years(result: SitingResult) -> str:
    """Return what is built in which year, empty where no years were given."""
    if result.phases is None:
        return ""
    join = "；" if texts.language() == "zh" else "; "
    return join.join(
        texts.say(
            "sites.phase",
            year=int(row["year"]),
            count=int(row["sites"]),
            cost=float(row["cost"]),
            share=float(row["share"]),
        )
        for _, row in result.phases.iterrows()
    )


def closed(result: SitingResult) -> str:
    """Return which existing facilities close, empty where none may."""
    if result.closed is None:
        return ""
    if result.closed.empty:
        return texts.say("sites.none_closed")
    names = tuple(f"{row['name']} {row['facility']}" for _, row in result.closed.iterrows())
    return texts.say("sites.closed", count=len(result.closed), names=names)
