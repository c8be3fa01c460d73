"""The dataset of a batch: a folder a table, a part a county, as Parquet tools expect it.

``communities``, ``townships``, ``demand``, ``facilities``, ``gaps`` and ``service_areas`` are
GeoParquet in longitude and latitude, the other tables plain Parquet; within each stands
``county=CODE/part.parquet``. A county's parts are written aside and renamed into place, and count
once ``batch.json`` names their key.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from coverage.batch.outcome import Outcome
from coverage.errors import BatchError
from coverage.outputs import replace_file, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from coverage.results import Result

TABLES = (
    "indicators", "communities", "townships", "demand", "facilities", "gaps", "service_areas",
    "sensitivity", "accessibility", "inequality", "issues",
)  # fmt: skip
RECORD = "batch.json"
FORMAT = 1
_DEGREES = "EPSG:4326"
_PARTITION = "county"


def write_part(result: Result, folder: Path) -> None:
    """Write the tables of one county.

    Parameters
    ----------
    result
        Its result.
    folder
        Where they go, a file a table.
    """
    folder.mkdir(parents=True)
    for name in TABLES:
        table = _typed(getattr(result, name)).drop(columns=_PARTITION, errors="ignore")
        file = folder / f"{name}.parquet"
        if isinstance(table, gpd.GeoDataFrame):
            table.to_crs(_DEGREES).to_parquet(file, index=False)
        else:
            table.to_parquet(file, index=False)
    record = json.dumps(dict(result.record), ensure_ascii=False, indent=2, default=str)
    (folder / "run.json").write_text(record + "\n", encoding="utf-8")


@dataclass(frozen=True)
class Dataset:
    """The folder of a batch.

    Parameters
    ----------
    folder
        Where it is, or will be.
    """

    folder: Path

    def known(self) -> dict[str, Outcome]:
        """Return by key the counties that an earlier batch finished and whose tables are whole.

        Raises
        ------
        BatchError
            If the record is of a later version, or cannot be read.
        """
        file = self.folder / RECORD
        if not file.is_file():
            return {}
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
            if record["format"] > FORMAT:
                raise BatchError("batch.later_format", path=file)
            rows = {
                row["key"]: row
                for row in record["counties"]
                if row["key"] and row["state"] != "failed"
            }
            return {
                key: Outcome(**{**row, "project": Path(row["project"])})
                for key, row in rows.items()
                if self._is_whole(row["code"], key)
            }
        except (ValueError, KeyError, TypeError, OSError, RecursionError) as error:
            if isinstance(error, BatchError):
                raise
            raise BatchError("batch.damaged_record", path=file) from error

    def take(self, code: str, key: str, staged: Path) -> None:
        """Take the tables of a county in, in place of its earlier ones.

        Parameters
        ----------
        code
            Of the county.
        key
            Digest of what they rest on.
        staged
            Folder that `write_part` wrote.

        Raises
        ------
        OutputError
            If the folder cannot be written.
        """
        with written(self.folder):
            # without its key, what is there counts as unfinished until all of it is new
            self._key_file(code).unlink(missing_ok=True)
            for name in (*TABLES, "run"):
                ending = "json" if name == "run" else "parquet"
                place = self._place(name, code)
                place.mkdir(parents=True, exist_ok=True)
                (staged / f"{name}.{ending}").replace(place / f"part.{ending}")
            self._key_file(code).write_text(key + "\n", encoding="ascii")
        shutil.rmtree(staged, ignore_errors=True)

    def forget(self, codes: Iterable[str]) -> None:
        """Remove the tables of counties that a batch no longer holds.

        Parameters
        ----------
        codes
            Codes that stay.
        """
        kept = {f"{_PARTITION}={code}" for code in codes}
        for name in (*TABLES, "run"):
            for place in sorted((self.folder / name).glob(f"{_PARTITION}=*")):
                if place.name not in kept:
                    shutil.rmtree(place)

    def record(self, outcomes: Iterable[Outcome], **further: object) -> None:
        """Write ``batch.json``: what became of each county.

        Parameters
        ----------
        outcomes
            One a county.
        **further
            What else is to be known of the batch.
        """
        counties = [{**asdict(o), "project": o.project.as_posix()} for o in outcomes]
        content = {"format": FORMAT, **further, "counties": counties}
        text = json.dumps(content, ensure_ascii=False, indent=2, default=str)
        replace_file(self.folder / RECORD, (text + "\n").encode())

    def table(self, name: str, codes: Iterable[str], **options: Any) -> pd.DataFrame:  # noqa: ANN401 - of pandas
        """Read a table of several counties.

        Parameters
        ----------
        name
            One of `TABLES`.
        codes
            Of the counties.
        **options
            Of `pandas.read_parquet`: columns, filters.
        """
        parts = [
            pd.read_parquet(self._place(name, code) / "part.parquet", partitioning=None, **options)
            for code in codes
        ]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()

    def _is_whole(self, code: str, key: str) -> bool:
        file = self._key_file(code)
        if not file.is_file() or file.read_text(encoding="ascii", errors="replace").strip() != key:
            return False
        return all((self._place(name, code) / "part.parquet").is_file() for name in TABLES)

    def _place(self, name: str, code: str) -> Path:
        return self.folder / name / f"{_PARTITION}={code}"

    def _key_file(self, code: str) -> Path:
        return self._place("run", code) / "key.txt"


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Give columns the same types in every county, empty ones included."""
    types: Mapping[str, str] = {
        str(name): _type_of(column)
        for name, column in table.items()
        if name != "geometry" and column.dtype != "Int64"
    }
    return table.astype(types)


def _type_of(column: pd.Series[Any]) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "float64"
    known = column.dropna()
    if len(known) and known.map(lambda cell: isinstance(cell, bool)).all():
        return "boolean"
    return "string"
