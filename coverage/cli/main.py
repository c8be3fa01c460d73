"""The program: find the command, run it, and turn what happens into an exit code."""

from __future__ import annotations

import gc
import sys

import click

from coverage import __version__, texts
from coverage.cli import (
    app,
    batch,
    check,
    compare,
    demo,
    explain,
    new,
    projects,
    report,
    run,
    site,
    template,
    user,
)
from coverage.cli.options import common_options
from coverage.errors import CoverageError

_COMMANDS = (
    demo,
    new,
    template,
    check,
    run,
    explain,
    site,
    compare,
    projects,
    report,
    app,
    batch,
    user,
)
_GARBAGE_THRESHOLD = 100_000


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit code.

    Parameters
    ----------
    arguments
        What follows the program's name; by default the command line's.

    Returns
    -------
    int
        0 done; 1 an input, or a place to write to, cannot be used; 2 wrong usage; 3 there is no
        plan of sites; 130 interrupted.
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


def commands() -> click.Group:
    """Build all commands, their help in the language in use."""
    group = click.Group(
        name="coverage-planner",
        help=texts.say("cli.help"),
        params=[_version_option(), *common_options()],
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    )
    for module in _COMMANDS:
        name = module.__name__.rpartition(".")[2]
        group.add_command(
            click.Command(
                name=name,
                callback=module.run,
                params=[*module.parameters(), *common_options()],
                help=texts.say(f"cli.{name}_help"),
            )
        )
    return group


def _language(arguments: list[str]) -> str:
    """Find the language before the commands are built: their help is in it too."""
    for position, word in enumerate(arguments):
        chosen = word.removeprefix("--lang=")
        if word == "--lang" and position + 1 < len(arguments):
            chosen = arguments[position + 1]
        if chosen in texts.LANGUAGES and chosen != word:
            return chosen
    return "zh"


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
