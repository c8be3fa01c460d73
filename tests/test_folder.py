"""The swap of a results folder, cut short at every step."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from coverage.errors import OutputError
from coverage.outputs.folder import finish_swap, replaced


def _write(folder: Path, text: str) -> None:
    with replaced(folder) as partial:
        (partial / "a.csv").write_text(text)


def test_new_files_take_the_place_of_old_ones_and_subfolders_stay(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    _write(folder, "one")
    (folder / "2020").mkdir()
    (folder / "2020" / "b.csv").write_text("kept")
    (folder / "stale.csv").write_text("goes")
    _write(folder, "two")
    assert (folder / "a.csv").read_text() == "two"
    assert (folder / "2020" / "b.csv").read_text() == "kept"
    assert not (folder / "stale.csv").exists()
    assert {p.name for p in tmp_path.iterdir()} == {"results", ".results.lock"}


def test_a_failed_run_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    _write(folder, "one")
    with pytest.raises(KeyboardInterrupt), replaced(folder) as partial:
        (partial / "a.csv").write_text("two")
        raise KeyboardInterrupt
    assert (folder / "a.csv").read_text() == "one"
    assert {p.name for p in tmp_path.iterdir()} == {"results", ".results.lock"}


@pytest.mark.parametrize("stop_after", range(4))
def test_a_swap_cut_short_is_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    folder = tmp_path / "results"
    _write(folder, "one")
    (folder / "2020").mkdir()
    (folder / "2020" / "b.csv").write_text("kept")
    done = 0
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        nonlocal done
        if done == stop_after:
            raise SystemExit  # as if the power went
        done += 1
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(SystemExit):
        _write(folder, "two")
    monkeypatch.undo()
    finish_swap(folder)
    # before the new folder was complete the old one stands; afterwards the new one
    assert (folder / "a.csv").read_text() == ("one" if stop_after == 0 else "two")
    assert (folder / "2020" / "b.csv").read_text() == "kept"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results").write_text("a file")
    with pytest.raises(OutputError):
        _write(tmp_path / "results", "one")
    assert (tmp_path / "results").read_text() == "a file"


def test_a_full_disk_is_said_and_earlier_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "results"
    _write(folder, "earlier")

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="磁盘空间不足"), replaced(folder) as partial:
        (partial / "b.csv").write_bytes(b"later")
    assert [p.name for p in folder.iterdir()] == ["a.csv"]


def test_a_folder_whose_files_are_held_open_is_told_and_written_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows no folder moves while a program holds one of its files open."""
    folder = tmp_path / "results"
    folder.mkdir()
    (folder / "indicators.xlsx").write_bytes(b"earlier")
    rename = Path.rename

    def held(path: Path, target: Path) -> Path:
        if path == folder:
            raise PermissionError(errno.EACCES, "in use")
        return rename(path, target)

    with monkeypatch.context() as windows:
        windows.setattr(Path, "rename", held)
        with pytest.raises(OutputError, match="WPS"), replaced(folder) as partial:
            (partial / "indicators.xlsx").write_bytes(b"later")
    assert (folder / "indicators.xlsx").read_bytes() == b"earlier"
    # closed by now: the next command puts the finished folder in its place
    finish_swap(folder)
    assert (folder / "indicators.xlsx").read_bytes() == b"later"
