"""Kills, full disks, forbidden folders, two writers at once: what was there before stays whole.

``PLANNER_KILLS=50 pytest tests/test_faults.py`` kills more often than the usual run of the tests.
"""

from __future__ import annotations

import errno
import json
import os
import random
import resource
import shutil
import signal
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from tiny_county import write_tiny

import coverage
from coverage.errors import OutputError
from coverage.outputs import replace_file, write_results, written
from coverage.outputs.digests import digests
from coverage.outputs.folder import finish_swap
from coverage.outputs.report import write_dossier
from coverage.outputs.workbook import write_workbook
from coverage.results import Result
from coverage.scenario import Close, Scenario, save_scenario

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills and limits are of POSIX")

KILLS = int(os.environ.get("PLANNER_KILLS", "8"))
WRITTEN, REFUSED, FOREIGN = 0, 3, 9
NOBODY = 65534

NAMES = ("run", "site", "compare", "report", "workbook", "scenario")

Write = Callable[[Path], object]


def in_child(job: Callable[[], object]) -> int:
    """Begin a job in a process of its own and return its number."""
    child = os.fork()
    if child:
        return child
    code = FOREIGN
    try:
        job()
        code = WRITTEN
    except OutputError as error:
        code = REFUSED if all(error.text(language) for language in ("zh", "en")) else FOREIGN
    except BaseException:  # noqa: BLE001 - told by the code
        traceback.print_exc()
    finally:
        os._exit(code)


def end_of(child: int) -> int:
    """Return how a child ended: its code, or the negative number of the signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def record_of(folder: Path) -> str:
    """Return whose results a folder holds, after looking at every file of them."""
    record = json.loads((folder / "run.json").read_text("utf-8"))
    found = digests(folder)
    del found["run.json"]
    assert found == record["outputs"]
    return str(record["project"])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> coverage.Project:
    return coverage.open_project(write_tiny(tmp_path_factory.mktemp("faults")))


@pytest.fixture(scope="module")
def one(project: coverage.Project) -> Result:
    return project.run()


@pytest.fixture(scope="module")
def other(one: Result) -> Result:
    return replace(one, record={**one.record, "project": "other"})


@pytest.fixture
def folder(tmp_path: Path, one: Result) -> Path:
    return write_results(one, tmp_path / "results")


def test_a_run_that_is_killed_leaves_results_whole(
    folder: Path, one: Result, other: Result
) -> None:
    """At any moment the folder holds all files of one run, or the next command brings it there."""
    begun = time.perf_counter()
    assert end_of(in_child(lambda: write_results(other, folder))) == WRITTEN
    lasts = time.perf_counter() - begun
    moments = random.Random(20)  # noqa: S311 - no secret
    ends = []
    for number in range(KILLS):
        writer = (one, other)[number % 2]
        child = in_child(lambda writer=writer: write_results(writer, folder))
        time.sleep(moments.uniform(0, lasts * 1.1))
        os.kill(child, signal.SIGKILL)
        ends.append(end_of(child))
        finish_swap(folder)
        assert record_of(folder) in (one.name, "other")
    assert -signal.SIGKILL in ends
    write_results(one, folder)
    assert record_of(folder) == one.name
    assert {path.name for path in folder.parent.iterdir()} <= {"results", ".results.lock"}


def test_two_runs_that_write_one_folder_wait_for_each_other(
    folder: Path, one: Result, other: Result
) -> None:
    children = [in_child(lambda r=r: write_results(r, folder)) for r in (one, other, one)]
    assert [end_of(child) for child in children] == [WRITTEN] * 3
    assert record_of(folder) in (one.name, "other")


def test_writers_of_one_file_do_not_write_into_each_others(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    texts = [bytes([65 + n]) * (10 ** (n + 2)) for n in range(4)]

    def write(text: bytes) -> None:
        for _ in range(30):
            replace_file(file, text)

    children = [in_child(lambda t=t: write(t)) for t in texts]
    seen = set()
    while children:
        if file.exists():
            seen.add(file.read_bytes())
        children = [c for c in children if os.waitpid(c, os.WNOHANG) == (0, 0)]
    assert seen <= set(texts)
    assert list(tmp_path.iterdir()) == [file]


@pytest.fixture(scope="module")
def writers(one: Result, project: coverage.Project) -> dict[str, Write]:
    siting = project.site("elderly_circle", sites=1, candidates="nodes")
    comparison = project.compare("baseline", "planned")
    return {
        "run": lambda folder: write_results(one, folder / "results"),
        "site": lambda folder: siting.save(folder / "siting"),
        "compare": lambda folder: comparison.save(folder / "compare"),
        "report": lambda folder: write_dossier(
            one, folder / "report", results=folder, language="zh"
        ),
        "workbook": lambda folder: write_workbook(one, folder / "book.xlsx", "zh"),
        "scenario": lambda folder: save_scenario(
            Scenario(name="s").with_edit(Close(id="f1")), folder / "s.toml"
        ),
    }


@pytest.mark.parametrize(
    ("name", "limit"),
    [*product(NAMES, [0, 3_000, 60_000]), ("run", 300_000), ("report", 300_000)],
)
def test_a_disk_without_room_is_a_sentence_and_what_was_there_stays(
    tmp_path: Path, writers: dict[str, Write], name: str, limit: int
) -> None:
    """The system lets no file of the child grow beyond the limit, as a full disk would."""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "earlier.csv").write_text("earlier")

    def write() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        writers[name](tmp_path)

    end = end_of(in_child(write))
    assert end in (WRITTEN, REFUSED)
    if limit == 0:
        assert end == REFUSED
    if end == REFUSED:
        assert {p.name for p in tmp_path.iterdir() if not p.name.endswith(".lock")} == {"results"}
        assert (tmp_path / "results" / "earlier.csv").read_text() == "earlier"


def test_a_full_disk_is_told_as_such(tmp_path: Path) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    with pytest.raises(OutputError) as caught, written(tmp_path / "a.csv"):
        raise full
    assert caught.value.key == "outputs.disk_full"


@pytest.fixture
def forbidden() -> Iterator[Path]:
    """A folder that everybody may look into and nobody may write to."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR | stat.S_IRGRP | stat.S_IXGRP | 0o005)
    yield folder
    folder.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "report"])
def test_a_folder_that_may_not_be_written_is_a_sentence(
    forbidden: Path, tmp_path: Path, writers: dict[str, Write], name: str
) -> None:
    writers[name](tmp_path)  # what it needs is loaded while all may be read

    def write() -> None:
        if os.geteuid() == 0:
            os.seteuid(NOBODY)  # nothing is forbidden to root
        writers[name](forbidden)

    assert end_of(in_child(write)) == REFUSED
    assert not list(forbidden.iterdir())


def test_a_clock_that_goes_backwards_changes_no_figure(
    project: coverage.Project, one: Result, tmp_path: Path
) -> None:
    """Inputs from the future, results newer than they: the same tables, no negative durations."""
    copied = tmp_path / "county"
    shutil.copytree(project.root, copied)
    for file in copied.rglob("*"):
        os.utime(file, (4e9, 4e9))
    late = coverage.open_project(copied).run()
    for file in copied.rglob("*"):
        os.utime(file, (1e6, 1e6))
    early = coverage.open_project(copied).run()
    folders = [r.save(tmp_path / f"{n}") for n, r in enumerate((one, late, early))]
    first, *rest = ({n: d for n, d in digests(f).items() if n.endswith(".csv")} for f in folders)
    assert rest == [first, first]
    assert min(late.record["seconds"].values()) >= 0


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("siting/elderly_circle-mclp/siting.json", '{"model": "mclp"}'),
        ("siting/elderly_circle-mclp/siting.json", '{"model": "mc'),
        ("siting/elderly_circle-mclp/siting.json", "[]"),
        ("compare/a--b/indicators.csv", "plan,row\ndefault,1\n"),
        ("compare/a--b/indicators.csv", ""),
    ],
)
def test_results_of_another_version_are_refused_in_a_sentence(
    tmp_path: Path, one: Result, file: str, content: str
) -> None:
    place = tmp_path / file
    place.parent.mkdir(parents=True)
    place.write_text(content)
    with pytest.raises(OutputError, match=place.parent.name):
        write_dossier(one, tmp_path / "report", results=tmp_path, language="zh")
    assert not (tmp_path / "report").exists()
