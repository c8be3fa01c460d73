"""``site``: where to build next."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import texts
from coverage.cli.options import (
    open_project,
    plan_option,
    project_argument,
    scenario_option,
    year_option,
)
from coverage.cli.speech import begin, progress, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.siting import Tier

_INFEASIBLE = 3
_MODELS = ("lscp", "mclp", "p_median", "p_center")


def parameters() -> list[click.Parameter]:
    """Return the command's arguments and options."""
    return [
        project_argument(),
        click.Option(["--service"], required=True, metavar="S", help=_help("service")),
        click.Option(
            ["--model"], type=click.Choice(_MODELS), default="mclp", show_default=True,
            help=_help("model"),
        ),
        click.Option(["--sites"], type=click.IntRange(min=1), metavar="N", help=_help("sites")),
        click.Option(["--target"], callback=_target, metavar="PERCENT|plan", help=_help("target")),
        click.Option(
            ["--budget"], type=click.FloatRange(min=0), metavar="X", help=_help("budget")
        ),
        click.Option(
            ["--floor"], multiple=True, callback=_floors, metavar="township=1",
            help=_help("floor"),
        ),
        click.Option(
            ["--capacity"], is_flag=False, flag_value="capacity", default="", metavar="[FIELD]",
            help=_help("capacity"),
        ),
        click.Option(
            ["--candidates"], default="layer", show_default=True,
            metavar="layer|facilities:CATEGORY|nodes|grid:METRES", help=_help("candidates"),
        ),
        click.Option(["--minutes"], type=float, metavar="N", help=_help("minutes")),
        click.Option(["--require"], multiple=True, metavar="ID", help=_help("require")),
        click.Option(["--forbid"], multiple=True, metavar="ID", help=_help("forbid")),
        click.Option(
            ["--spacing"], type=click.FloatRange(min=0, min_open=True), metavar="METRES",
            help=_help("spacing"),
        ),
        click.Option(["--backup"], is_flag=True, help=_help("backup")),
        click.Option(["--equity"], is_flag=True, help=_help("equity")),
        click.Option(
            ["--phase", "phases"], multiple=True, callback=_phases, metavar="2026=300",
            help=_help("phase"),
        ),
        click.Option(
            ["--close"], type=click.IntRange(min=0), default=0, metavar="N", help=_help("close")
        ),
        click.Option(["--keep"], multiple=True, metavar="ID", help=_help("keep")),
        click.Option(
            ["--tier", "tiers"], multiple=True, callback=_tiers,
            metavar="NAME:MINUTES:CAPACITY:COST", help=_help("tier"),
        ),
        click.Option(["--pareto"], is_flag=True, help=_help("pareto")),
        click.Option(["--save"], metavar="SCENARIO", default="", help=_help("save")),
        click.Option(
            ["--time-limit"], type=click.FloatRange(min=0, min_open=True), default=60.0,
            show_default=True, metavar="S", help=_help("time"),
        ),
        click.Option(
            ["--out"], type=click.Path(path_type=Path), metavar="DIR", help=_help("out")
        ),
        scenario_option(),
        year_option(),
        plan_option(),
    ]  # fmt: skip


def run(project: Path, *, quiet: bool, out: Path | None, plan: str | None, **options: Any) -> int:  # noqa: ANN401
    """Find sites, print them with their proof, and write them.

    Parameters
    ----------
    project
        The project.
    quiet
        Whether to say nothing.
    out
        Folder to write in place of the usual one.
    plan
        Plan to use in place of the project's own.
    **options
        What is asked.

    Returns
    -------
    int
        0 done; 3 there is no plan, and nothing was written.
    """
    for word in ("lang", "debug"):
        options.pop(word, None)
    opened = open_project(project, plan=plan)
    floors: Mapping[str, int] = options.pop("floor")
    result = opened.site(floors=floors, progress=progress(quiet=quiet), **options)
    if not result.found:
        click.echo(texts.say("cli.error", message=result.explanation), err=True)
        return _INFEASIBLE
    begin("saving", quiet=quiet)
    kept = result.scenario if result.question.save else None
    if kept is not None:
        # first: where its file cannot be written, nothing is
        from coverage.scenario import save_scenario, scenario_path

        save_scenario(kept, scenario_path(opened.root, kept.name))
    question = result.question
    folder = result.save(out or opened.siting_folder(question.service, question.model))
    if not quiet:
        # here: words about sites come with all that finds them
        from coverage.cli.sites_found import print_sites, print_unheeded

        print_sites(result)
    if kept is not None:
        limit = (
            ""
            if question.minutes is None
            else f" --minutes {question.service}={question.minutes:g}"
        )
        say("site_saved", quiet=quiet, name=kept.name, limit=limit)
        if question.phases:
            say("site_saved_years", quiet=quiet, year=max(question.phases))
        if not quiet:
            print_unheeded(result)
    elif question.save:
        say("site_not_saved", quiet=quiet, name=question.save)
    say("site_done", quiet=quiet, folder=folder)
    return 0


def _help(option: str) -> str:
    return texts.say(f"cli.site_{option}_option")


def _target(
    context: click.Context, parameter: click.Parameter, value: str | None
) -> float | str | None:
    if value is None or value == "plan":
        return value
    try:
        return float(value.removesuffix("%"))
    except ValueError:
        message = texts.say("cli.site_target_wrong", value=value)
        raise click.BadParameter(message, context, parameter) from None


def _floors(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, int]:
    floors = {}
    for pair in pairs:
        level, _, least = pair.partition("=")
        if not least.isdecimal():
            message = texts.say("cli.site_floor_wrong", value=pair)
            raise click.BadParameter(message, context, parameter)
        floors[level] = int(least)
    return floors


def _phases(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[int, float]:
    phases: dict[int, float] = {}
    for pair in pairs:
        year, _, money = pair.partition("=")
        try:
            fresh = int(year) not in phases
            phases[int(year)] = float(money)
        except ValueError:
            fresh = False
        if not fresh:
            message = texts.say("cli.site_phase_wrong", value=pair)
            raise click.BadParameter(message, context, parameter)
    return phases


def _tiers(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> tuple[Tier, ...]:
    from coverage.siting import Tier

    tiers: list[Tier] = []
    for text in given:
        name, *numbers = text.split(":")
        try:
            minutes, room, cost = (float(n) if n else math.inf for n in numbers)
            fine = bool(name) and 0 < minutes < math.inf and room >= 0 and 0 <= cost < math.inf
        except ValueError:
            fine = False
        if not fine or name in {tier.name for tier in tiers}:
            message = texts.say("cli.site_tier_wrong", value=text)
            raise click.BadParameter(message, context, parameter)
        tiers.append(Tier(name=name, minutes=minutes, capacity=room, cost=cost))
    return tuple(tiers)
