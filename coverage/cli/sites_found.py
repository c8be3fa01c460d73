"""Print where to build: the sites, how good that is proven to be, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np

from coverage import texts
from coverage.cli.columns import set_columns
from coverage.texts.width import cells_of

if TYPE_CHECKING:
    import pandas as pd

    from coverage.sites import SitingResult

_WIDTH = 100  # cells of a line
_NOTES = 3  # sentences on what is odd about candidates
_PLACE = 34  # cells of a place


def print_sites(result: SitingResult) -> None:
    """Print a siting result.

    Parameters
    ----------
    result
        The result.
    """
    service, reached = result.service, result.reached
    _echo(
        "title",
        service=service.title(texts.language()),
        minutes=f"{service.minutes:g}",
        model=texts.say(f"cli.site_model_{result.question.model}"),
    )
    _print_candidates(result)
    for note in result.notes[:_NOTES]:
        click.echo(f"  {note}")
    if len(result.notes) > _NOTES:
        _echo("more_notes", count=len(result.notes) - _NOTES)
    if len(result.sites):
        for line in _table(result):
            click.echo(f"  {line}")
        values = {"before": reached.share_before, "after": reached.share_after}
        gain = reached.after - reached.before
        _echo("reached", people=reached.people, gain=gain, count=len(result.sites), **values)
    else:
        _echo("nothing_needed", share=reached.share_before)
    _print_minutes(result)
    if result.left_out:
        _echo("left_out", people=result.left_out)
    if result.explanation:
        click.echo(f"  {result.explanation}")
    _print_proof(result)
    _print_indicator(result)
    _print_pareto(result)


def _print_minutes(result: SitingResult) -> None:
    """Say what the models without a limit make small."""
    objective, reached = result.solution.objective, result.reached
    if result.question.model == "p_median":
        _echo("mean", mean=objective / (reached.people - result.left_out))
    if result.question.model == "p_center":
        _echo("farthest", farthest=objective)


def _echo(key: str, **values: object) -> None:
    indent = "" if key == "title" else "  "
    click.echo(indent + texts.say(f"cli.site_{key}", **values))


def _print_candidates(result: SitingResult) -> None:
    counts = result.candidates["status"].value_counts()
    aside = [
        texts.say("cli.site_aside", reason=texts.say(f"sites.status_{name}"), count=int(count))
        for name, count in counts.items()
        if name != "usable"
    ]
    join = "、" if texts.language() == "zh" else ", "
    usable = int(counts["usable"])
    left = usable - result.solution.reductions.dominated_candidates
    key = "candidates_aside" if aside else "candidates"
    values = {"given": len(result.candidates), "usable": usable, "left": left}
    _echo(key, **values, **({"aside": join.join(aside)} if aside else {}))


def _table(result: SitingResult) -> list[str]:
    """Return the lines of the table of sites."""
    costs = result.sites["cost"].notna().any()
    heads = ["rank", "candidate", "place", "newly", "share", "load"]
    heads += ["cost"] if costs else []
    rows = [[texts.say(f"cli.site_head_{head}") for head in heads]]
    for (_, site), load in zip(result.sites.iterrows(), result.reasons["load"], strict=True):
        row = [
            str(site["rank"]),
            site["candidate"],
            _place(site),
            f"{site['newly_covered']:,.0f}",
            f"{site['cumulative_share']:.2%}",
            f"{load:,.0f}",
        ]
        rows.append(row + ([_amount(site["cost"])] if costs else []))
    return set_columns(rows, wrap=2, most=_WIDTH - 2, right=(0, 3, 4, 5, 6)[: len(heads) - 2])


def _place(site: pd.Series) -> str:
    """Return where a site is in words, not longer than a column."""
    units = f"{site['township_name']}{site['community_name']}"
    name = site["name"] if isinstance(site["name"], str) else ""
    both = f"{units} {name}".strip() if name else units
    return both if cells_of(both) <= _PLACE else name or units


def _amount(cost: float) -> str:
    return "—" if np.isnan(cost) else f"{cost:,.0f}"


def _print_proof(result: SitingResult) -> None:
    solution, question = result.solution, result.question
    values = {"seconds": solution.seconds}
    if solution.status == "optimal" and solution.stopped == "proof":
        _echo("proven", **values)
        return
    key = "bounded_time" if solution.stopped == "time" else "bounded"
    cheapest = question.model == "lscp" and question.budget is not None
    unit = texts.say(f"cli.site_unit_{'cost' if cheapest else question.model}")
    _echo(key, gap=solution.gap, bound=solution.bound, objective=solution.objective,
          unit=unit, **values)  # fmt: skip


def _print_indicator(result: SitingResult) -> None:
    change = result.indicator
    if change is None:
        return
    before, after = (row for _, row in change.table.iterrows())
    _echo(
        "indicator" if change.met else "indicator_not_met",
        row=change.row.row,
        name=change.row.name(texts.language()),
        before=before["value"],
        after=after["value"],
        target=f"{after['comparator'] if after['comparator'] != '=' else ''}{after['target']:g}",
        unit=after["unit"],
        status=texts.say(f"indicators.status_{after['status']}"),
    )


def _print_pareto(result: SitingResult) -> None:
    table = result.pareto
    if table is None or table.empty:
        return
    amount = table.columns[0]
    knee = table[table["knee"]]
    if not knee.empty:
        at = knee.iloc[0]
        _echo(f"knee_{amount}", amount=float(at[amount]), share=float(at["share"]))
