"""Batches of counties: same figures as alone, resumed, and nothing lost when one fails."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from types import ModuleType

import geopandas as gpd
import pandas as pd
import pytest
from filelock import FileLock
from tiny_counties import write_counties

import coverage
from coverage.batch import Outcome, run_batch
from coverage.batch.counties import Job, run_county
from coverage.batch.dataset import TABLES, Dataset
from coverage.cli import main
from coverage.errors import BatchError

dask = pytest.importorskip("dask")
distributed = pytest.importorskip("distributed")
CODES = ["510101", "510102", "500201"]
# what the cluster warns of is its own business: a port in use, a slow start, a socket left open
pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """Start a scheduler with one worker inside this process."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0"
    ) as cluster:
        yield cluster.scheduler_address


@pytest.fixture
def counties(tiny: Path, tmp_path: Path) -> list[Path]:
    return write_counties(tiny, tmp_path, CODES)


def states(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [outcome.state for outcome in outcomes]


def test_a_county_has_the_figures_that_it_has_alone(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    report = run_batch(counties, tmp_path / "batch", scheduler=scheduler)
    assert states(report.outcomes) == ["done"] * 3
    alone = coverage.open_project(counties[2]).run()
    for name in TABLES:
        expected = getattr(alone, name)
        found = pd.read_parquet(
            tmp_path / "batch" / name / "county=500201" / "part.parquet", partitioning=None
        )
        columns = [c for c in expected.columns if c not in ("geometry", "county")]
        assert [c for c in found.columns if c != "geometry"] == columns
        for column in columns:
            was, now = expected[column].reset_index(drop=True), found[column]
            assert now.isna().equals(was.isna()), (name, column)
            there = was.notna()
            assert (now[there].astype(object) == was[there].astype(object)).all(), (name, column)
    places = gpd.read_parquet(tmp_path / "batch" / "communities")
    assert sorted(places["county"].astype(str).unique()) == sorted(CODES)
    assert places.crs.to_epsg() == 4326


def test_prefectures_and_provinces_are_summed_from_numerators(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    """Give one county twice the elders within reach: shares differ, and are not averaged."""
    file = counties[0] / "communities.gpkg"
    communities = gpd.read_file(file)
    communities.loc[0, "elders60"] += 80.0
    file.unlink()
    communities.to_file(file)
    report = run_batch(counties, tmp_path / "batch", scheduler=scheduler)
    table = report.indicators
    reach = table[(table["indicator"] == "eldercare_circle_15min_coverage")]
    reach = reach[reach["variant"] == "reach"].set_index("unit_code")
    own = reach[reach["level"] == "county"]
    assert own["value"].nunique() == 2
    for unit, members in (("510100", CODES[:2]), ("510000", CODES[:2]), ("500000", CODES[2:])):
        share = own.loc[members, "numerator"].sum() / own.loc[members, "denominator"].sum()
        assert reach.loc[unit, "value"] == pytest.approx(100 * share, abs=1e-12)
    # a municipality has no prefecture between its counties and itself
    assert set(reach.index) == {"510000", "500000", "510100", *CODES}
    medians = table[(table["variant"] == "median") & (table["level"] == "province")]
    assert medians["value"].isna().all()
    assert medians["reason"].str.len().gt(0).all()
    people = report.coverage.query("service == 'elderly_circle'").set_index("code")
    assert people.loc["510000", "people"] == people.loc[CODES[:2], "people"].sum()
    parts = ["covered", "beyond", "unreachable", "off_network"]
    assert people[parts].sum(axis=1).tolist() == pytest.approx(people["people"].tolist())


def test_what_is_unchanged_is_not_run_again(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    folder = tmp_path / "batch"
    first = run_batch(counties, folder, scheduler=scheduler)
    # an address where nobody answers: with nothing to do nobody is asked
    again = run_batch(counties, folder, scheduler="tcp://127.0.0.1:9")
    assert states(again.outcomes) == ["unchanged"] * 3
    pd.testing.assert_frame_equal(first.indicators, again.indicators)
    # only content counts: a touched file is the same, a changed one is not
    os.utime(counties[1] / "facilities.gpkg", (0, 0))
    settings = counties[0] / "project.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("speed = 1.0", "speed = 0.5"), encoding="utf-8")
    # and a part that is not there any more is made again
    shutil.rmtree(folder / "demand" / "county=500201")
    third = run_batch(counties, folder, scheduler=scheduler)
    assert states(third.outcomes) == ["done", "unchanged", "done"]
    # who is in no batch any more leaves the dataset
    run_batch(counties[1:2], folder)
    assert [place.name for place in (folder / "demand").iterdir()] == ["county=510102"]


def test_a_batch_cut_off_keeps_what_it_had_not_come_to(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    folder = tmp_path / "batch"
    run_batch(counties, folder, scheduler=scheduler)

    def cut_off(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_batch(counties, folder, told=cut_off)
    again = run_batch(counties, folder, scheduler="tcp://127.0.0.1:9")
    assert states(again.outcomes) == ["unchanged"] * 3


def test_a_county_that_fails_is_named_and_stops_nobody(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    (counties[0] / "streets.gpkg").unlink()
    (counties[1] / "project.toml").write_text("[project", encoding="utf-8")
    report = run_batch(counties, tmp_path / "batch", scheduler=scheduler)
    assert states(report.outcomes) == ["failed", "failed", "done"]
    assert "streets.gpkg" in report.outcomes[0].reason
    assert "project.toml" in report.outcomes[1].reason
    table = report.indicators
    assert set(table["unit_code"]) == {"500000", "500201"}
    # where a county that failed would lie is not known: any sum may lack it
    notes = table[table["unit_code"] == "500000"]["note"]
    assert notes.str.contains("510101县").all()
    assert notes.str.contains("county1").all()
    record = json.loads((tmp_path / "batch" / "batch.json").read_text(encoding="utf-8"))
    assert [row["state"] for row in record["counties"]] == ["failed", "failed", "done"]


def test_two_counties_of_one_code_are_not_added_up(
    tiny: Path, tmp_path: Path, scheduler: str
) -> None:
    counties = write_counties(tiny, tmp_path, ["510101", "510101"])
    report = run_batch(counties, tmp_path / "batch", scheduler=scheduler)
    assert sorted(states(report.outcomes)) == ["done", "failed"]
    (failed,) = report.failed
    assert "510101" in failed.reason
    units = report.coverage.query("service == 'elderly_circle' and level == 'county'")
    assert list(units["code"]) == ["510101"]


def test_a_project_named_twice_is_run_once(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    twice = [counties[0], counties[0] / "project.toml"]
    report = run_batch(twice, tmp_path / "batch", scheduler=scheduler)
    assert states(report.outcomes) == ["done"]


def test_a_part_half_taken_in_does_not_count(counties: list[Path], tmp_path: Path) -> None:
    """Cut the taking-in off after any of its steps: the county is unfinished, not wrong."""
    dataset = Dataset(tmp_path / "batch")
    job = Job(project=counties[0], key="k", tiles=None, folder=tmp_path / "staged")
    outcome = run_county(job)
    assert outcome.state == "done"
    dataset.folder.mkdir()
    dataset.record([outcome])
    for gone in ("issues.parquet", "indicators.parquet"):
        broken = tmp_path / f"without-{gone}"
        shutil.copytree(job.folder, broken)
        (broken / gone).unlink()
        with pytest.raises(coverage.errors.OutputError):
            dataset.take(outcome.code, outcome.key, broken)
        assert dataset.known() == {}
    dataset.take(outcome.code, outcome.key, job.folder)
    assert list(dataset.known()) == ["k"]


def test_two_batches_do_not_share_a_folder(counties: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    with FileLock(folder / ".lock"), pytest.raises(BatchError, match="另一个批量任务"):
        run_batch(counties, folder)


@pytest.mark.parametrize(
    ("content", "words"),
    [("{", "损坏"), ('{"format": 1}', "损坏"), ('{"format": 99, "counties": []}', "更新版本")],
)
def test_a_record_that_cannot_be_carried_on_is_said(
    counties: list[Path], tmp_path: Path, content: str, words: str
) -> None:
    folder = tmp_path / "batch"
    folder.mkdir()
    (folder / "batch.json").write_text(content, encoding="utf-8")
    with pytest.raises(BatchError, match=words):
        run_batch(counties, folder)
    assert (folder / "batch.json").read_text(encoding="utf-8") == content


def test_workers_of_another_version_are_refused(
    counties: list[Path], tmp_path: Path, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("coverage.batch.workers.__version__", "99.0")
    with pytest.raises(BatchError, match=r"99\.0"):
        run_batch(counties, tmp_path / "batch", scheduler=scheduler)


def test_an_address_without_a_scheduler_is_said(
    counties: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("coverage.batch.workers._PATIENCE_S", 1)
    nobody = "tcp://127.0.0.1:9"
    out = str(tmp_path / "batch")
    assert main(["batch", str(counties[0]), "--scheduler", nobody, "--out", out]) == 1
    assert nobody in capsys.readouterr().err


def test_a_batch_without_dask_says_what_to_install(
    counties: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    out = str(tmp_path / "batch")
    assert main(["batch", str(counties[0]), "--out", out]) == 1
    assert "pip install dask distributed" in capsys.readouterr().err


def test_a_county_whose_streets_lead_nowhere_is_named_and_stops_nobody(
    counties: list[Path], tmp_path: Path, scheduler: str
) -> None:
    file = counties[0] / "streets.gpkg"
    streets = gpd.read_file(file)
    file.unlink()
    streets.iloc[:0].to_file(file)
    report = run_batch(counties[:2], tmp_path / "batch", scheduler=scheduler)
    assert states(report.outcomes) == ["failed", "done"]
    assert "streets.gpkg" in report.outcomes[0].reason


def test_a_killed_worker_costs_nothing(
    counties: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kill one of two processes -9 while both work: its county is done by another."""
    # new processes load the main module again, which tests of pages leave as a script of theirs
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    slowly = dask.config.set({"distributed.comm.timeouts.connect": "120s"})
    with (
        slowly,
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address="127.0.0.1:0"
        ) as cluster,
    ):
        reports = []
        batch = Thread(
            target=lambda: reports.append(
                run_batch(counties, tmp_path / "batch", scheduler=cluster.scheduler_address)
            )
        )
        batch.start()
        with distributed.Client(cluster) as client:
            while not any(client.processing().values()):
                batch.join(0.1)
            busy = next(w for w, tasks in client.processing().items() if tasks)
            os.kill(client.run(os.getpid)[busy], signal.SIGKILL)
        batch.join()
    assert states(reports[0].outcomes) == ["done"] * 3


def test_the_command_prints_sums_and_exits_with_1_where_one_failed(
    counties: list[Path],
    tmp_path: Path,
    scheduler: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = ["--scheduler", scheduler, "--out", str(tmp_path / "batch")]
    (counties[1] / "streets.gpkg").unlink()
    assert main(["batch", *map(str, counties), *out]) == 1
    said = capsys.readouterr()
    assert "30.00%" in said.out
    assert "510102县" in said.err
