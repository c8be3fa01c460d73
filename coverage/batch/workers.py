"""Hand counties to workers: processes of this machine, or a Dask cluster by its address."""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coverage import __version__, texts
from coverage.batch.counties import run_county, version
from coverage.batch.outcome import Outcome
from coverage.errors import BatchError, MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.batch.counties import Job

_PATIENCE_S = 15  # to reach a scheduler
_TRIES = 2  # of a county whose worker died


def outcomes_of(
    jobs: Sequence[Job], *, scheduler: str | None, workers: int | None
) -> Iterator[Outcome]:
    """Yield the outcome of each county as it comes.

    A county whose worker dies is given to another one once more; then it has failed.

    Parameters
    ----------
    jobs
        The counties.
    scheduler
        Address of a Dask scheduler; None starts processes here.
    workers
        How many processes to start here.

    Raises
    ------
    BatchError
        If the scheduler cannot be reached, has no workers, or they have another version.
    MissingPackageError
        If Dask is not installed.
    """
    try:
        import distributed  # noqa: PLC0415 - an extra
        from distributed import KilledWorker  # noqa: PLC0415
    except ImportError as error:
        raise MissingPackageError("batch.no_dask") from error
    with ExitStack() as stack:
        client = _client(distributed, stack, scheduler, _count(jobs, workers))
        futures = {
            client.submit(run_county, job, key=f"{job.folder}", retries=0, pure=False): job
            for job in jobs
        }
        for future in distributed.as_completed(futures):  # type: ignore[no-untyped-call]
            try:
                yield future.result()
            except KilledWorker:
                lost = texts.say("batch.worker_died")
                yield replace(_failed(futures[future]), reason=lost)
            except (distributed.client.FutureCancelledError, OSError) as error:
                raise BatchError("batch.lost_scheduler", detail=error) from error


def _client(distributed: Any, stack: ExitStack, scheduler: str | None, count: int | None) -> Any:  # noqa: ANN401
    import dask  # noqa: PLC0415 - an extra

    # one county a process at a time; what listens, listens to this machine only
    settings = {
        "distributed.scheduler.allowed-failures": _TRIES - 1,
        # processes start slowly where all cores are busy
        "distributed.comm.timeouts.connect": "120s",
        "distributed.logging": {"distributed": "critical"},
    }
    stack.enter_context(dask.config.set(settings))
    if scheduler is None:
        cluster = stack.enter_context(
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
                silence_logs="CRITICAL",
            )
        )
        return stack.enter_context(distributed.Client(cluster))
    try:
        client = stack.enter_context(distributed.Client(scheduler, timeout=_PATIENCE_S))
    except (OSError, ValueError, TimeoutError) as error:
        raise BatchError("batch.no_scheduler", address=scheduler) from error
    _check_workers(client, scheduler)
    return client


def _check_workers(client: Any, scheduler: str) -> None:  # noqa: ANN401 - of an extra
    try:
        found = client.run(version)
    except Exception as error:
        # a worker without this package cannot even load what it is asked
        raise BatchError("batch.worker_without", address=scheduler) from error
    if not found:
        raise BatchError("batch.no_workers", address=scheduler)
    other = {worker: has for worker, has in found.items() if has != __version__}
    if other:
        worker, has = next(iter(other.items()))
        raise BatchError("batch.other_version", worker=worker, has=has, own=__version__)


def _count(jobs: Sequence[Job], workers: int | None) -> int | None:
    return min(len(jobs), workers or os.cpu_count() or 1)


def _failed(job: Job) -> Outcome:
    return Outcome(project=job.project, key=job.key, state="failed", name=job.project.parent.name)
