"""The demo project: a fictional district, drawn from a seed, its figures built in.

It imports nothing of the analysis: what the analysis finds in it is a test of the analysis.
"""

from __future__ import annotations

import shutil
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PROJECT_FILE = "project.toml"
# where the finished project stands: in an installed package, in a checkout
_FINISHED = (Path(__file__).parent / "finished", Path(__file__).parents[2] / "data" / "demo")


def write_demo(folder: Path) -> None:
    """Write the demo project, the same bytes every time.

    Parameters
    ----------
    folder
        Made where it does not exist; it must be empty or hold an earlier demo project.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written.
    """
    from coverage.demo import district  # noqa: PLC0415 - start-up stays light

    _check_free(folder)
    drawn = district.make_district()
    with _made(folder):
        district.write_district(folder, drawn)


def write_dirty_demo(folder: Path) -> None:
    """Write the demo project as a bureau would hand it over, every fault seeded on purpose.

    ``seeded.csv`` beside the data lists the faults: layer, year, row, field, the code of the
    finding expected, and whether the right content can be had from what is left.

    Parameters
    ----------
    folder
        As for `write_demo`.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written.
    """
    from coverage.demo.dirty import soil_demo  # noqa: PLC0415 - start-up stays light

    copy_demo(folder)
    with _made(folder):
        soil_demo(folder)


def copy_demo(folder: Path) -> None:
    """Put the demo project where it can be worked in, faster than it is drawn.

    The finished project comes with the package; where it does not, it is drawn.

    Parameters
    ----------
    folder
        As for `write_demo`.

    Raises
    ------
    OutputError
        If the folder holds something else, or cannot be written.
    """
    finished = next((place for place in _FINISHED if (place / _PROJECT_FILE).is_file()), None)
    if finished is None:
        write_demo(folder)
        return
    _check_free(folder)
    with _made(folder):
        for file in sorted(finished.iterdir()):
            if file.is_file():
                shutil.copyfile(file, folder / file.name)


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make the folder; what keeps files from being written into it becomes one sentence."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise OutputError(
            "demo.not_written", path=folder, detail=error.strerror or error
        ) from error


def _check_free(folder: Path) -> None:
    from coverage.demo.figures import PROJECT_NAME  # noqa: PLC0415 - start-up stays light

    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        known = tomllib.loads((folder / _PROJECT_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    if known.get("project", {}).get("name") != PROJECT_NAME:
        raise OutputError("demo.folder_not_empty", path=folder)
