"""Analyse one county, wherever a worker does it, and leave its tables for the dataset."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from coverage import __version__, texts
from coverage.batch.dataset import write_part
from coverage.batch.outcome import Outcome
from coverage.errors import BatchError, CoverageError

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.results import Result


@dataclass(frozen=True, kw_only=True)
class Job:
    """What a worker is asked to do.

    Parameters
    ----------
    project
        The project file.
    key
        Digest of everything the figures rest on.
    tiles
        Its street file, cut into tiles, where several counties share one; None: it reads the file.
    folder
        Where its tables go until they are taken into the dataset.
    language
        Language of what is said.
    """

    project: Path
    key: str
    tiles: Path | None
    folder: Path
    language: str = "zh"


def run_county(job: Job) -> Outcome:
    """Analyse one county; whatever is wrong with it is said in the outcome, never raised.

    Parameters
    ----------
    job
        What to do.
    """
    # only workers need these
    from coverage.batch.streets import streets_near  # noqa: PLC0415
    from coverage.project import open_project  # noqa: PLC0415

    texts.use(job.language)
    begun = time.perf_counter()
    outcome = Outcome(project=job.project, key=job.key, state="failed")
    try:
        project = open_project(job.project)
        outcome = replace(outcome, name=project.name)
        streets = None if job.tiles is None else streets_near(project.configuration, job.tiles)
        result = project.prepare(streets=streets).analyse(second_core=False)
        outcome = replace(outcome, **_heading(result))
        shutil.rmtree(job.folder, ignore_errors=True)
        write_part(result, job.folder)
        outcome = replace(outcome, state="done")
    except CoverageError as error:
        outcome = replace(outcome, reason=error.text(job.language))
    except MemoryError:
        outcome = replace(outcome, reason=texts.say("batch.memory", job.language))
    except Exception as error:  # noqa: BLE001 - one county stops no other
        detail = f"{type(error).__name__}: {error}".splitlines()[0]
        outcome = replace(
            outcome, reason=texts.say("batch.unexpected", job.language, detail=detail)
        )
    return replace(outcome, seconds=round(time.perf_counter() - begun, 3))


def load() -> None:
    """Load what `run_county` needs, so that the first county does not wait for it."""
    import coverage.batch.streets  # noqa: PLC0415
    import coverage.project  # noqa: F401, PLC0415


def version() -> str:
    """Return the version that a worker has."""
    return __version__


def _heading(result: Result) -> dict[str, Any]:
    people = result.communities.get("population")
    return {
        "code": _code(result),
        "name": result.name,
        "year": result.year,
        "population_basis": result.population_basis,
        "plan": result.plan.name,
        "people": None if people is None else float(people.sum()),
    }


def _code(result: Result) -> str:
    """Return the code of the county, or of the prefecture where a project holds several."""
    codes = result.townships["county"].fillna("").astype(str).unique()
    if len(codes) == 1:
        code = str(codes[0])
    else:
        prefixes = {found[:4] for found in codes}
        code = f"{prefixes.pop()}00" if len(prefixes) == 1 else ""
    if not code.isalnum():
        raise BatchError("batch.no_code", name=result.name)
    return code
