"""Hand counties to workers: processes of this machine, or a Dask cluster by its address."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from coverage import __version__, texts
from coverage.batch.counties import load, run_county, version
from coverage.batch.outcome import Outcome
from coverage.errors import BatchError, MissingPackageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager
    from types import TracebackType
    from typing import Self

    from coverage.batch.counties import Job

_PATIENCE_S = 15  # to reach a scheduler
_TRIES = 2  # of a county whose worker died


class Workers:
    """Workers for counties; those of this machine start while the caller does something else.

    Parameters
    ----------
    scheduler
        Address of a Dask scheduler; None starts processes here.
    count
        How many processes to start here.

    Raises
    ------
    BatchError
        If the scheduler cannot be reached, has no workers, or they have another version.
    MissingPackageError
        If Dask is not installed.
    """

    def __init__(self, scheduler: str | None, count: int) -> None:
        try:
            import distributed  # noqa: PLC0415 - an extra
        except ImportError as error:
            raise MissingPackageError("batch.no_dask") from error
        self._distributed = distributed
        self._open = ExitStack()
        self._client: Callable[[], Any]
        try:
            self._open.enter_context(_settings())
            if scheduler is None:
                thread = self._open.enter_context(ThreadPoolExecutor(max_workers=1))
                self._client = thread.submit(self._start, count).result
            else:
                client = self._open.enter_context(_reached(distributed, scheduler))
                self._client = lambda: client
        except BaseException:
            self._open.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def outcomes(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Yield the outcome of each county as it comes.

        A county whose worker dies is given to another one once more; then it has failed.

        Parameters
        ----------
        jobs
            The counties.

        Raises
        ------
        BatchError
            If the scheduler is lost meanwhile.
        """
        client, distributed = self._client(), self._distributed
        futures = {
            client.submit(run_county, job, key=f"{job.folder}", retries=0, pure=False): job
            for job in jobs
        }
        for future in distributed.as_completed(futures):
            try:
                yield future.result()
            except distributed.KilledWorker:
                lost = texts.say("batch.worker_died")
                yield replace(_failed(futures[future]), reason=lost)
            except (distributed.client.FutureCancelledError, OSError) as error:
                raise BatchError("batch.lost_scheduler", detail=error) from error

    def _start(self, count: int) -> Any:  # noqa: ANN401 - of an extra
        distributed = self._distributed
        cluster = self._open.enter_context(
            distributed.LocalCluster(
                n_workers=count,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                host="127.0.0.1",
                silence_logs="CRITICAL",
            )
        )
        client = self._open.enter_context(distributed.Client(cluster))
        client.run(load)
        return client


def _settings() -> AbstractContextManager[object]:
    import dask  # noqa: PLC0415 - an extra

    # one county a process at a time; what listens, listens to this machine only
    return dask.config.set(
        {
            "distributed.scheduler.allowed-failures": _TRIES - 1,
            # processes start slowly where all cores are busy
            "distributed.comm.timeouts.connect": "120s",
            "distributed.logging": {"distributed": "critical"},
        }
    )


def _reached(distributed: Any, scheduler: str) -> Any:  # noqa: ANN401 - of an extra
    try:
        client = distributed.Client(scheduler, timeout=_PATIENCE_S)
    except (OSError, ValueError, TimeoutError) as error:
        raise BatchError("batch.no_scheduler", address=scheduler) from error
    try:
        _check_workers(client, scheduler)
    except BatchError:
        client.close()
        raise
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


def _failed(job: Job) -> Outcome:
    return Outcome(project=job.project, key=job.key, state="failed", name=job.project.parent.name)
