"""Swap a finished folder in whole: a run that dies leaves the earlier results as they were.

A run writes into ``.NAME.partial`` beside the results folder NAME. When that is complete it becomes
``.NAME.new``; the earlier folder moves to ``.NAME.old``; the new one takes its place; subfolders
that other commands have written (years, scenarios, siting) move over; the old one goes. Each step
is one rename, and whatever step a crash falls between, `finish_swap` carries on from there.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write into, and put it in the place of `folder` at the end.

    Files of the earlier folder go; its subfolders stay. Where the writing fails, nothing changes.

    Parameters
    ----------
    folder
        Results folder; it need not exist.

    Raises
    ------
    OutputError
        If the folder cannot be written, or its place is taken by a file.
    """
    try:
        finish_swap(folder)
        if folder.exists() and not folder.is_dir():
            raise OutputError("outputs.not_a_folder", path=folder)
        partial = _sibling(folder, "partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
    except OSError as error:
        raise _as_output_error(error, folder) from error
    try:
        yield partial
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    try:
        _sync(partial)
        partial.rename(_sibling(folder, "new"))
        finish_swap(folder)
    except OSError as error:
        raise _as_output_error(error, folder) from error


def finish_swap(folder: Path) -> None:
    """Finish a swap that was cut short; do nothing where there is none.

    Parameters
    ----------
    folder
        Results folder.
    """
    new, old = _sibling(folder, "new"), _sibling(folder, "old")
    if new.exists():
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    if not old.exists():
        return
    if not folder.exists():
        old.rename(folder)
        return
    for entry in sorted(old.iterdir()):
        target = folder / entry.name
        if entry.is_dir() and not target.exists():
            entry.rename(target)
    shutil.rmtree(old)


def replace_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all.

    Parameters
    ----------
    path
        File to write; its folder is made.
    content
        What it is to hold.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    partial = path.with_name(f".{path.name}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        raise _as_output_error(error, path) from error


def _sibling(folder: Path, part: str) -> Path:
    return folder.with_name(f".{folder.name}.{part}")


def _sync(folder: Path) -> None:
    """Make sure the files are on the disk before they count as complete."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


def _as_output_error(error: OSError, path: Path) -> OutputError:
    if isinstance(error, OutputError):
        return error
    if isinstance(error, PermissionError) and path.suffix == ".xlsx":
        # programs for spreadsheets keep others from replacing what they show
        return OutputError("outputs.workbook_open", path=path)
    return OutputError("outputs.cannot_write", path=path, detail=error.strerror or error)
