"""Print where to build: the sites, how good that is proven to be, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
import numpy as np

from coverage import texts
from coverage.cli.columns import set_columns
from coverage.sites import told
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
    service, question = result.service, result.question
    cheapest = question.model == "lscp" and question.budget is not None
    _echo(
        "title",
        service=service.title(texts.language()),
        minutes=f"{service.minutes:g}",
        model=texts.say(f"cli.site_model_{'cheapest' if cheapest else question.model}"),
    )
    _say(told.candidates(result), told.counting(result), told.pricing(result))
    _say(*result.notes[:_NOTES])
    if len(result.notes) > _NOTES:
        _echo("more_notes", count=len(result.notes) - _NOTES)
    _say(*_table(result))
    _say(told.headline(result), told.closed(result), told.worst(result), told.years(result))
    _say(told.minutes(result), told.left_out(result))
    _say(result.explanation, told.proof(result), told.untried(result))
    _say(told.indicator(result), told.knee(result))


def print_unheeded(result: SitingResult) -> None:
    """Print what an analysis of the saved scenario does not heed.

    Parameters
    ----------
    result
        The result that was saved.
    """
    if sentence := told.unheeded(result):
        click.echo(sentence)


def _echo(key: str, **values: object) -> None:
    indent = "" if key == "title" else "  "
    click.echo(indent + texts.say(f"cli.site_{key}", **values))


def _say(*sentences: str) -> None:
    """Print what there is to say, a line each."""
    for sentence in sentences:
        if sentence:
            click.echo(f"  {sentence}")


def _table(result: SitingResult) -> list[str]:
    """Return the lines of the table of sites, none without any."""
    if result.sites.empty:
        return []
    tiers = "tier" in result.sites
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
        if tiers:
            row[2] = f"{row[2]} · {site['tier']}"
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
