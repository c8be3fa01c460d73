"""Run a batch: what is unchanged stays, the rest goes to the workers, all is summed upward."""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from filelock import FileLock, Timeout

from coverage import texts
from coverage.batch.counties import Job
from coverage.batch.dataset import Dataset
from coverage.batch.keys import Keys
from coverage.batch.outcome import Outcome
from coverage.batch.rollup import sum_access, sum_indicators
from coverage.batch.streets import cut_streets
from coverage.batch.workers import Workers
from coverage.configuration import read_configuration
from coverage.errors import BatchError, CoverageError
from coverage.outputs import csv_bytes, replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from coverage.configuration import Configuration

_STAGED = ".staged"
_STREETS = ".streets"
_LOCK = ".lock"


@dataclass(frozen=True, kw_only=True)
class BatchReport:
    """What a batch did.

    Parameters
    ----------
    folder
        Where the dataset is.
    outcomes
        One a project, in the order given.
    indicators
        The table ``indicators.csv``: provinces, prefectures and counties.
    coverage
        The table ``coverage.csv``: people within and beyond reach by service.
    seconds
        How long it took.
    """

    folder: Path
    outcomes: tuple[Outcome, ...]
    indicators: pd.DataFrame
    coverage: pd.DataFrame
    seconds: float

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Return the counties that could not be analysed."""
        return tuple(outcome for outcome in self.outcomes if outcome.state == "failed")


def run_batch(
    projects: Sequence[str | Path],
    folder: str | Path,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    told: Callable[[Outcome, int, int], None] | None = None,
    told_cut: Callable[[Path, int], None] | None = None,
) -> BatchReport:
    """Analyse many counties and keep what is unchanged since the last time.

    Parameters
    ----------
    projects
        Project folders or files, one a county.
    folder
        Where the dataset goes. What an interrupted or earlier batch finished there is not done
        again while its inputs, settings and the version are the same.
    scheduler
        Address of a Dask scheduler whose workers see the same files; None starts processes here.
    workers
        How many processes to start here; by default one a core.
    told
        Is told each outcome as it comes, how many there are so far, and of how many.
    told_cut
        Is told each extract of streets before it is cut, and how many counties share it: no county
        begins before, which takes minutes for a province.

    Returns
    -------
    BatchReport
        Outcomes and the summed tables.

    Raises
    ------
    BatchError
        If the folder is in use by another batch or of a later version, or the scheduler cannot be
        reached or used. What is wrong with a county is said in its outcome.
    MissingPackageError
        If Dask is not installed.
    """
    begun = time.perf_counter()
    place = Path(folder)
    dataset = Dataset(place)
    try:
        place.mkdir(parents=True, exist_ok=True)
        with FileLock(place / _LOCK, timeout=0):
            batch = _Batch(dataset, told, told_cut)
            batch.run([Path(p) for p in projects], scheduler, workers)
            return batch.finish(time.perf_counter() - begun)
    except Timeout as error:
        raise BatchError("batch.in_use", path=place) from error
    except OSError as error:
        if isinstance(error, CoverageError):
            raise
        raise BatchError(
            "batch.cannot_write", path=place, detail=error.strerror or error
        ) from error


class _Batch:
    """One batch while it runs; `outcomes` fill in the order in which counties end."""

    def __init__(
        self,
        dataset: Dataset,
        told: Callable[[Outcome, int, int], None] | None,
        told_cut: Callable[[Path, int], None] | None,
    ) -> None:
        self.dataset, self.told, self.told_cut = dataset, told, told_cut
        self.count = 0
        self.outcomes: dict[Path, Outcome] = {}
        self.holders: dict[str, Path] = {}
        self.configurations: dict[Path, Configuration] = {}
        self.known: dict[str, Outcome] = {}

    def run(self, projects: Sequence[Path], scheduler: str | None, workers: int | None) -> None:
        self.known = self.dataset.known()
        keys = Keys()
        waiting: dict[Path, str] = {}
        files = dict.fromkeys(_file(project) for project in projects)
        self.count = len(files)
        for file in files:
            try:
                configuration = read_configuration(file)
                key = keys.of(configuration)
            except CoverageError as error:
                self.end(Outcome(project=file, key="", state="failed", reason=error.text()))
                continue
            self.configurations[file] = configuration
            if key in self.known:
                self.end(replace(self.known[key], project=file, state="unchanged"))
            else:
                waiting[file] = key
        if waiting:
            self.work(waiting, scheduler, workers)
        self.outcomes = {file: self.outcomes[file] for file in files}

    def work(self, waiting: Mapping[Path, str], scheduler: str | None, workers: int | None) -> None:
        """Have all counties analysed that are not known yet."""
        staged, streets = self.dataset.folder / _STAGED, self.dataset.folder / _STREETS
        count = min(len(waiting), workers or os.cpu_count() or 1)
        try:
            with Workers(scheduler, count) as hands:
                counties = [self.configurations[file] for file in waiting]
                cut = cut_streets(counties, streets, self.told_cut)
                jobs = [
                    Job(
                        project=file,
                        key=key,
                        tiles=cut.get(file),
                        folder=(staged / f"{number}").resolve(),
                        language=texts.language(),
                    )
                    for number, (file, key) in enumerate(waiting.items())
                ]
                for outcome in hands.outcomes(jobs):
                    self.end(self.taken(outcome, jobs))
        finally:
            shutil.rmtree(staged, ignore_errors=True)
            shutil.rmtree(streets, ignore_errors=True)

    def taken(self, outcome: Outcome, jobs: Sequence[Job]) -> Outcome:
        """Take a county's tables into the dataset, unless its code is another's."""
        if outcome.state != "done":
            return outcome
        holder = self.holders.get(outcome.code)
        if holder is not None:
            reason = texts.say("batch.same_code", code=outcome.code, project=holder.parent)
            return replace(outcome, state="failed", reason=reason)
        job = next(job for job in jobs if job.project == outcome.project)
        try:
            self.dataset.take(outcome.code, outcome.key, job.folder)
        except CoverageError as error:
            return replace(outcome, state="failed", reason=error.text())
        return outcome

    def end(self, outcome: Outcome) -> None:
        self.outcomes[outcome.project] = outcome
        if outcome.state != "failed":
            self.holders[outcome.code] = outcome.project
        # written after each county, with what earlier batches finished and this one has not come
        # to: a batch that is cut off is carried on from here
        decided = {found.key for found in self.outcomes.values()}
        waiting = [outcome for key, outcome in self.known.items() if key not in decided]
        self.dataset.record([*self.outcomes.values(), *waiting], finished=False)
        if self.told is not None:
            self.told(outcome, len(self.outcomes), self.count)

    def finish(self, seconds: float) -> BatchReport:
        """Sum upward what there is, and write the tables."""
        outcomes = tuple(self.outcomes.values())
        whole = {o.code: o for o in outcomes if o.state != "failed"}
        self.dataset.forget(whole)
        codes = sorted(whole)
        counties = self.dataset.table("indicators", codes, filters=[("level", "==", "county")])
        plans = {c.plan.name: c.plan for c in self.configurations.values()}
        indicators = sum_indicators(counties, plans, outcomes) if codes else counties
        townships = [self.dataset.table("townships", [c]).assign(county=c) for c in codes]
        coverage = (
            sum_access(pd.concat(townships, ignore_index=True), {c: whole[c].name for c in codes})
            if codes
            else pd.DataFrame()
        )
        for name, table in (("indicators", indicators), ("coverage", coverage)):
            replace_file(self.dataset.folder / f"{name}.csv", csv_bytes(table))
        self.dataset.record(outcomes, finished=True, seconds=round(seconds, 3))
        return BatchReport(
            folder=self.dataset.folder,
            outcomes=outcomes,
            indicators=indicators,
            coverage=coverage,
            seconds=seconds,
        )


def _file(project: Path) -> Path:
    """Return the project file of a folder, the same for every way of writing it."""
    file = project / "project.toml" if project.is_dir() or not project.suffix else project
    return file.resolve()
