"""Swap a finished folder in whole: a run that dies leaves the earlier results as they were.

A run writes into ``.NAME.partial`` beside the results folder NAME. When that is complete it becomes
``.NAME.new``; the earlier folder moves to ``.NAME.old``; the new one takes its place; subfolders
that other commands have written (years, scenarios, siting) move over; the old one goes. Each step
is one rename, and whatever step a crash falls between, `finish_swap` carries on from there. Of two
commands that write one folder the second waits for the first, by the lock ``.NAME.lock``.
"""

from __future__ import annotations

import errno
import os
import shutil
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from coverage.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LEAST_BYTES = 2**20  # less than that is no space to write into
_WAIT_S = 120.0  # seconds that another command may take to write


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
        If the folder cannot be written, its place is taken by a file, or another command has been
        writing it for minutes.
    """
    with written(folder), _alone(folder):
        _finish(folder)
        partial = _begun(folder)
        try:
            with written(folder):
                yield partial
                _sync(partial)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        partial.rename(_sibling(folder, "new"))
        _finish(folder)


def _begun(folder: Path) -> Path:
    """Return an empty folder to write into; what an earlier command left half done goes."""
    if folder.exists() and not folder.is_dir():
        raise OutputError("outputs.not_a_folder", path=folder)
    partial = _sibling(folder, "partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    return partial


def finish_swap(folder: Path) -> None:
    """Finish a swap that was cut short; do nothing where there is none.

    Parameters
    ----------
    folder
        Results folder.

    Raises
    ------
    OutputError
        If another command has been writing the folder for minutes.
    """
    if _sibling(folder, "new").exists() or _sibling(folder, "old").exists():
        with _alone(folder):
            _finish(folder)


def _finish(folder: Path) -> None:
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
    # two that write one file at once do not write into each other's
    writer = f"{os.getpid()}-{threading.get_ident()}"
    partial = path.with_name(f".{path.name}.{writer}.partial")
    with written(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with partial.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fsync(handle.fileno())
            partial.replace(path)
        except OSError:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
            raise


def _sibling(folder: Path, part: str) -> Path:
    return folder.with_name(f".{folder.name}.{part}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, waiting for another command that writes it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(_sibling(folder, "lock"), timeout=_WAIT_S)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError("outputs.busy", path=folder) from error
    try:
        yield
    finally:
        lock.release()


def _sync(folder: Path) -> None:
    """Make sure the files are on the disk before they count as complete."""
    for file in folder.rglob("*"):
        if file.is_file():
            with file.open("rb") as handle:
                os.fsync(handle.fileno())


@contextmanager
def written(path: Path, *further: type[Exception]) -> Iterator[None]:
    """Say in a sentence that something could not be written.

    Parameters
    ----------
    path
        File or folder that is written.
    *further
        What a library raises beside `OSError`.

    Raises
    ------
    OutputError
        If it could not be written; with what to do about it.
    """
    faults: tuple[type[Exception], ...] = (OSError, *further)
    try:
        yield
    except (OutputError, Timeout):  # who waits for a lock tells what for
        raise
    except faults as error:
        raise _told(error, path) from error


def _told(error: Exception, path: Path) -> OutputError:
    if isinstance(error, PermissionError) and path.suffix == ".xlsx":
        # programs for spreadsheets keep others from replacing what they show
        return OutputError("outputs.workbook_open", path=path)
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOSPC or _is_full(path):
        return OutputError("outputs.disk_full", path=path)
    reason = error.strerror if isinstance(error, OSError) else None
    return OutputError("outputs.cannot_write", path=path, detail=reason or error)


def _is_full(path: Path) -> bool:
    """Return whether the disk is full: the error itself does not say so in every library."""
    there = next(folder for folder in path.absolute().parents if folder.exists())
    return shutil.disk_usage(there).free < _LEAST_BYTES
