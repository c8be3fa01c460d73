"""Read a workbook in a process of its own.

A damaged or hostile workbook may claim more cells than any memory holds. Its reader then does not
raise: it ends the process that it runs in, and with it the app and everybody's work. So the reader
of such files runs in a child with little memory. Run as a script this module is that child, which
is why it loads nothing of the package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

_MOST_BYTES = 3_000_000_000  # of the child's memory
_MOST_CELLS = 32_000_000  # of the rectangle that a sheet spans
_MOST_SECONDS = 120
ENCRYPTED, TOO_MANY_CELLS = "encrypted", "too_many_cells"


class WorkbookError(Exception):
    """Say why a workbook cannot be read: `ENCRYPTED`, `TOO_MANY_CELLS`, or its reader's words."""


@dataclass(frozen=True)
class Page:
    """Hold a sheet of a workbook.

    Parameters
    ----------
    name
        Its name.
    rows
        Text, numbers and truth values from the first cell on; dates as text, nothing as ``""``.
    merged
        First row, first column, last row and last column of merged cells, counted from 0.
    visible
        False for a sheet that is hidden.
    """

    name: str
    rows: list[list[Any]]
    merged: list[tuple[int, int, int, int]]
    visible: bool


def read_apart(path: Path) -> list[Page]:
    """Read all sheets of a workbook in a process of its own.

    Parameters
    ----------
    path
        The workbook, ``.xls`` or ``.xlsx``.

    Raises
    ------
    WorkbookError
        If it cannot be read in bounded time and memory.
    """
    try:
        child = subprocess.run(  # noqa: S603 - our own file
            # -P: the folder of the file must not stand before the standard library
            [sys.executable, "-P", __file__, os.fspath(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            check=False,
            creationflags=subprocess.CREATE_NO_WINDOW if os.name == "nt" else 0,  # type: ignore[attr-defined,unused-ignore]
        )
    except subprocess.TimeoutExpired as error:
        raise WorkbookError(TOO_MANY_CELLS) from error
    try:
        told = json.loads(child.stdout)
    except ValueError as error:
        # the child was ended in the middle
        raise WorkbookError("damaged") from error
    if "fault" in told:
        raise WorkbookError(told["fault"])
    pages = [Page(**page) for page in told["pages"]]
    return [replace(page, merged=[(*area,) for area in page.merged]) for page in pages]


def pages_of(file: Any, only: str | None = None) -> list[Page]:  # noqa: ANN401 - a binary file
    """Read the sheets of a workbook in this process.

    Parameters
    ----------
    file
        The workbook, open: by a path its name would decide what it is.
    only
        The one sheet to read; None reads all.
    """
    import python_calamine as calamine  # noqa: PLC0415 - most projects have no workbook

    seen = calamine.SheetVisibleEnum.Visible
    with calamine.load_workbook(file) as book:
        return [
            _page(book.get_sheet_by_name(sheet.name), visible=sheet.visible == seen)
            for sheet in book.sheets_metadata
            if sheet.typ == calamine.SheetTypeEnum.WorkSheet and only in (None, sheet.name)
        ]


def _page(sheet: Any, *, visible: bool) -> Page:  # noqa: ANN401 - calamine has no types
    if (sheet.total_height or 0) * (sheet.total_width or 0) > _MOST_CELLS:
        raise WorkbookError(TOO_MANY_CELLS)
    rows = sheet.to_python(skip_empty_area=False)
    ranges = sheet.merged_cell_ranges or []
    return Page(
        name=sheet.name,
        rows=[[_plain(value) for value in row] for row in rows],
        merged=[(r0, c0, r1, c1) for (r0, c0), (r1, c1) in ranges],
        visible=visible,
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else value


def main(path: str) -> None:
    """Write the sheets of a workbook to standard output.

    Parameters
    ----------
    path
        The workbook.
    """
    with suppress(ImportError):  # on Windows memory is not limited; the process still is another
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (_MOST_BYTES, _MOST_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - fewer modules to load
            told: dict[str, Any] = {"pages": [vars(page) for page in pages_of(file)]}
    except BaseException as error:  # noqa: BLE001 - a panic of its reader stands beside Exception
        kind = type(error).__name__
        told = {"fault": ENCRYPTED if kind == "PasswordError" else str(error)[:200] or kind}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1])
