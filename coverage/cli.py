"""The commands: they read options, call the project, and say in plain words what came out."""

from __future__ import annotations

import gc
import math
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from coverage import __version__, texts
from coverage.errors import CoverageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from coverage.project import CheckReport, Project
    from coverage.results import Result

_WORST_PROBLEMS = 10
_GARBAGE_THRESHOLD = 100_000
_HEADLINES = (
    ("eldercare_circle_15min_coverage", ("reach", "units")),
    ("community_service_area_per_100hh", ("pooled", "compliance", "reach")),
    ("social_work_station_coverage", ("units", "reach")),
)


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments
        What follows the program's name; by default the command line's.

    Returns
    -------
    int
        0 done; 1 an input, or a place to write to, cannot be used; 2 wrong usage; 130 interrupted.
    """
    given = sys.argv[1:] if arguments is None else arguments
    texts.use(_language(given))
    # tables are many small objects that stay; looking for cycles among them at every turn costs
    # a twentieth of a run
    gc.set_threshold(_GARBAGE_THRESHOLD)
    debug = "--debug" in given
    try:
        code = commands().main(args=given, prog_name="coverage-planner", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo(texts.say("cli.interrupted"), err=True)
        return 130
    except CoverageError as error:
        if debug:
            raise
        click.echo(texts.say("cli.error", message=error.text()), err=True)
        return 1
    except Exception as error:
        if debug:
            raise
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
        click.echo(texts.say("cli.unexpected", detail=detail), err=True)
        return 1
    # outside its own standalone mode click hands an exit code back as a value
    return code if isinstance(code, int) else 0


def _language(arguments: list[str]) -> str:
    """Find the language before the commands are built: their help is in it too."""
    for position, word in enumerate(arguments):
        chosen = word.removeprefix("--lang=")
        if word == "--lang" and position + 1 < len(arguments):
            chosen = arguments[position + 1]
        if chosen in texts.LANGUAGES and chosen != word:
            return chosen
    return "zh"


def commands() -> click.Group:
    """Build all commands, their help in the language in use."""
    group = click.Group(
        name="coverage-planner",
        help=texts.say("cli.help"),
        params=[_version_option(), *_common_options()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for name, callback, parameters in (
        ("demo", _demo, [_folder_argument(), _dirty_option()]),
        ("new", _new, [_folder_argument(), *_osm_options()]),
        ("template", _template, [_folder_argument()]),
        ("check", _check, [_project_argument(), _year_option(), _workbook_option()]),
        ("run", _run, [_project_argument(), *_run_options()]),
        ("app", _app, [_project_argument(required=False), _port_option()]),
    ):
        group.add_command(
            click.Command(
                name=name,
                callback=callback,
                params=[*parameters, *_common_options()],
                help=texts.say(f"cli.{name}_help"),
            )
        )
    return group


def _demo(folder: Path, *, dirty: bool, quiet: bool, **_: object) -> None:
    from coverage.demo import write_demo, write_dirty_demo

    _begin(quiet, "demo")
    if dirty:
        write_dirty_demo(folder)
        _say(quiet, "demo_dirty_done", folder=folder)
        return
    write_demo(folder)
    _say(quiet, "demo_done", folder=folder)


def _new(folder: Path, *, osm: Path, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    from coverage.osm_project import create_project

    _begin(quiet, "osm")
    extract = create_project(
        folder,
        osm,
        township_level=options["township_level"],
        community_level=options["community_level"],
        boundaries=options["boundaries"],
    )
    if not quiet:
        for sentence in extract.sentences(texts.language()):
            click.echo(sentence)
    _say(quiet, "new_done", folder=folder)


def _template(folder: Path, *, quiet: bool, **_: object) -> None:
    from coverage.outputs.templates import write_templates

    files = write_templates(folder, language=texts.language())
    _say(quiet, "template_done", folder=folder, count=len(files) - 1)


def _check(
    project: Path, *, year: int | None, workbook: Path | None, quiet: bool, **_: object
) -> None:
    opened = _open(project)
    report = opened.check(year=year, progress=_progress(quiet))
    file = report.save(opened.results_folder(year))
    if not quiet:
        _print_check(report)
    _say(quiet, "check_saved", path=file)
    if workbook is not None:
        _say(quiet, "check_workbook_saved", path=report.save_workbook(workbook))
    else:
        _say(quiet, "check_workbook_offered")
    if report.blocked:
        click.echo(texts.say("cli.check_blocked"), err=True)
        raise click.exceptions.Exit(1)


def _run(project: Path, *, year: int | None, quiet: bool, **options: Any) -> None:  # noqa: ANN401
    opened = _open(project, plan=options["plan"], choices=options["set"])
    result = opened.run(
        year=year,
        minutes=options["minutes"],
        speed=options["speed"],
        progress=_progress(quiet),
    )
    _begin(quiet, "saving")
    folder = result.save(options["out"] or opened.results_folder(year))
    if not quiet:
        _print_result(result)
    _say(quiet, "run_done", folder=folder)


def _app(
    project: Path | None, *, port: int | None, quiet: bool, lang: str | None, **_: object
) -> None:
    from coverage.web.launch import launch

    if project is not None:
        # a project that cannot be opened is said here, not in the browser
        _open(project)
    code = launch(project, port=port, language=lang or texts.language())
    if code:
        raise click.exceptions.Exit(code)
    _say(quiet, "app_done")


def _open(
    path: Path,
    plan: str | None = None,
    choices: Mapping[str, Mapping[str, Any]] | None = None,
) -> Project:
    from coverage.project import open_project

    return open_project(path, plan=plan, choices=choices)


def _minutes(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, float]:
    limits = {}
    for pair in pairs:
        name, _, value = pair.partition("=")
        try:
            limits[name] = float(value)
        except ValueError:
            message = texts.say("cli.minutes_wrong", value=pair)
            raise click.BadParameter(message, context, parameter) from None
    return limits


def _choices(
    context: click.Context, parameter: click.Parameter, pairs: tuple[str, ...]
) -> Mapping[str, Mapping[str, Any]]:
    choices: dict[str, dict[str, Any]] = {}
    for pair in pairs:
        found = re.fullmatch(r"(\w+)\.(\w+)=(.*)", pair)
        if not found:
            message = texts.say("cli.set_wrong", value=pair)
            raise click.BadParameter(message, context, parameter)
        indicator, name, written = found.groups()
        try:
            value = tomllib.loads(f"value = {written}")["value"]
        except tomllib.TOMLDecodeError:
            value = written  # words need no quotation marks
        choices.setdefault(indicator, {})[name] = value
    return choices


def _progress(quiet: bool) -> Callable[[str], None] | None:  # noqa: FBT001 - a flag of the commands
    if quiet or not sys.stderr.isatty():
        return None
    return lambda stage: click.echo(texts.say(f"cli.stage_{stage}"), err=True)


def _begin(quiet: bool, stage: str) -> None:  # noqa: FBT001 - as above
    progress = _progress(quiet)
    if progress is not None:
        progress(stage)


def _say(quiet: bool, key: str, **values: object) -> None:  # noqa: FBT001 - as above
    if not quiet:
        click.echo(texts.say(f"cli.{key}", **values))


def _print_result(result: Result) -> None:
    basis = texts.say(f"cli.basis_{result.population_basis}")
    click.echo(texts.say("cli.run_title", name=result.name, year=result.year, basis=basis))
    if result.notice:
        click.echo(f"  {result.notice}")
    table = result.indicators
    top = "city" if (table["level"] == "city").any() else "county"
    language = texts.language()
    names = {row.indicator: row.name(language) for row in result.plan.rows}
    for indicator, variants in _HEADLINES:
        rows = table[(table["indicator"] == indicator) & (table["level"] == top)]
        codes = rows["unit_code"].unique()
        for code in codes:
            unit = rows[rows["unit_code"] == code].set_index("variant")
            shown = [_figure(unit.loc[v]) for v in variants if v in unit.index]
            if (unit.loc[list(variants), "method"] == "not_computable").all():
                shown = [str(unit["reason"].iloc[0])]
            place = "" if len(codes) == 1 else f"（{unit['unit_name'].iloc[0]}）"
            click.echo(f"  {names.get(indicator, indicator)}{place}：" + "；".join(shown))
    measured = {row.parameters.get("service") for row in result.plan.rows}
    for service in result.services:
        people = result.townships[f"{service.name}_people"].sum()
        if people > 0 and service.name not in measured:
            covered = result.townships[f"{service.name}_covered"].sum()
            values = {"minutes": f"{service.minutes:g}", "share": f"{covered / people:.2%}"}
            click.echo("  " + texts.say("cli.service", name=service.title(language), **values))
    _print_bands(result)
    for severity in ("error", "warning"):
        count = int((result.issues["severity"] == severity).sum())
        if count:
            click.echo("  " + texts.say(f"cli.issues_{severity}", count=count))


def _print_bands(result: Result) -> None:
    """Say for each service on foot how far its coverage hangs on speed and minutes."""
    for service in result.services:
        table = result.sensitivity[result.sensitivity["service"] == service.name]
        if service.mode != "walk" or not (table["people"] > 0).any():
            continue
        by_speed = table[table["minutes"] == service.minutes]
        own = table[table["speed"] == result.parameters["speed_m_s"]]
        by_minutes = own[own["minutes"].between(service.minutes - 5, service.minutes + 5)]
        values = {
            "name": service.title(texts.language()),
            "speeds": _range(by_speed["speed"], "g"),
            "by_speed": _range(by_speed["share"], ".1%"),
            "limits": _range(by_minutes["minutes"], "g"),
            "by_minutes": _range(by_minutes["share"], ".1%"),
        }
        click.echo("  " + texts.say("cli.band", **values))


def _range(numbers: pd.Series[float], pattern: str) -> str:
    return f"{numbers.min():{pattern}}–{numbers.max():{pattern}}"


def _figure(row: pd.Series[Any]) -> str:
    reading = texts.say(f"cli.variant_{row.name}")
    if row["method"] == "not_computable":
        return f"{reading} {row['reason']}"
    if math.isnan(row["value"]):
        return f"{reading} {texts.say('cli.no_data')}"
    note = f" {row['note']}" if row["note"] and not row["numerator"] else ""
    parts = f"（{row['numerator']:,.0f} / {row['denominator']:,.0f}）"
    return f"{reading} {row['value']:.2f} {row['unit']}{parts}{note}"


def _print_check(report: CheckReport) -> None:
    import pandas as pd

    from coverage.outputs.data_report import SEVERITIES, layer_title, problems

    click.echo(report.title)
    for row in report.layers.itertuples():
        values = {"layer": layer_title(str(row.layer)), "path": row.path}
        if row.rows is pd.NA:
            click.echo("  " + texts.say("cli.check_unread", **values))
            continue
        values |= {"rows": row.rows, "used": row.used, "aside": row.set_aside}
        key = "check_stopped" if row.used is pd.NA else "check_layer"
        click.echo("  " + texts.say(f"cli.{key}", **values, repaired=row.repaired))
    if report.issues.empty:
        click.echo(texts.say("cli.check_clean"))
        return
    kinds = problems(report.issues)
    totals = {name: int((report.issues["severity"] == name).sum()) for name in SEVERITIES}
    click.echo(texts.say("data_report.counts", **totals))
    for number, kind in enumerate(kinds.head(_WORST_PROBLEMS).to_dict("records"), start=1):
        severity = texts.say(f"data_report.severity_{kind['severity']}")
        click.echo(f"{number}. [{severity}] {kind['message']}")
        if kind["findings"] > 1:
            same = {
                "count": kind["findings"],
                "rows": kind["rows"] or texts.say("cli.check_no_rows"),
            }
            click.echo("   " + texts.say("cli.check_same", **same))
        click.echo(f"   → {kind['action']}")
    more = len(kinds) - _WORST_PROBLEMS
    if more > 0:
        click.echo(texts.say("cli.check_more", count=more))


def _common_options() -> list[click.Parameter]:
    # --lang and --debug are looked for before the commands are built; here they are only allowed
    return [
        click.Option(
            ["--lang"], type=click.Choice(texts.LANGUAGES), help=texts.say("cli.lang_option")
        ),
        click.Option(["--quiet"], is_flag=True, help=texts.say("cli.quiet_option")),
        click.Option(["--debug"], is_flag=True, help=texts.say("cli.debug_option")),
    ]


def _version_option() -> click.Parameter:
    def show(context: click.Context, _: click.Parameter, wanted: bool) -> None:  # noqa: FBT001
        if wanted:
            click.echo(f"coverage-planner {__version__}")
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=show,
        help=texts.say("cli.version_option"),
    )


def _folder_argument() -> click.Parameter:
    return click.Argument(["folder"], metavar="DIR", type=click.Path(path_type=Path))


def _project_argument(*, required: bool = True) -> click.Parameter:
    return click.Argument(
        ["project"], metavar="PROJECT", type=click.Path(path_type=Path), required=required
    )


def _year_option() -> click.Parameter:
    return click.Option(["--year"], type=int, metavar="Y", help=texts.say("cli.year_option"))


def _dirty_option() -> click.Parameter:
    return click.Option(["--dirty"], is_flag=True, help=texts.say("cli.dirty_option"))


def _workbook_option() -> click.Parameter:
    def named(context: click.Context, parameter: click.Parameter, file: Path | None) -> Path | None:
        if file is not None and file.suffix.lower() != ".xlsx":
            message = texts.say("cli.workbook_wrong", path=file)
            raise click.BadParameter(message, context, parameter)
        return file

    return click.Option(
        ["--workbook"],
        type=click.Path(path_type=Path, dir_okay=False),
        callback=named,
        metavar="FILE.xlsx",
        help=texts.say("cli.workbook_option"),
    )


def _port_option() -> click.Parameter:
    return click.Option(
        ["--port"],
        type=click.IntRange(1, 65535),
        metavar="N",
        help=texts.say("cli.port_option"),
    )


def _osm_options() -> list[click.Parameter]:
    file = click.Path(path_type=Path)
    return [
        click.Option(
            ["--osm"], type=file, required=True, metavar="FILE", help=texts.say("cli.osm_option")
        ),
        click.Option(
            ["--township-level"],
            type=click.IntRange(1, 12),
            metavar="N",
            help=texts.say("cli.township_level_option"),
        ),
        click.Option(
            ["--community-level"],
            type=click.IntRange(1, 12),
            metavar="N",
            help=texts.say("cli.community_level_option"),
        ),
        click.Option(
            ["--boundaries"], type=file, metavar="FILE", help=texts.say("cli.boundaries_option")
        ),
    ]


def _run_options() -> list[click.Parameter]:
    return [
        _year_option(),
        click.Option(["--plan"], metavar="P", help=texts.say("cli.plan_option")),
        click.Option(
            ["--out"],
            type=click.Path(path_type=Path),
            metavar="DIR",
            help=texts.say("cli.out_option"),
        ),
        click.Option(
            ["--minutes"],
            multiple=True,
            callback=_minutes,
            metavar="SERVICE=N",
            help=texts.say("cli.minutes_option"),
        ),
        click.Option(
            ["--set"],
            multiple=True,
            callback=_choices,
            metavar="INDICATOR.NAME=VALUE",
            help=texts.say("cli.set_option"),
        ),
        click.Option(["--speed"], type=float, metavar="M/S", help=texts.say("cli.speed_option")),
    ]
