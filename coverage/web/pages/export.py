"""Export: every table and map as a file, with the figures of the command line."""

from __future__ import annotations

import io
import tempfile
import zipfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.outputs import csv_bytes
from coverage.outputs.geopackage import write_geopackage
from coverage.outputs.offline_map import map_page
from coverage.outputs.tables import TABLES, excel_bytes
from coverage.web import session

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.results import Result
    from coverage.web.session import Visit

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    result = session.full(visit)
    left, right = st.columns([0.6, 0.4], gap="large")
    with left:
        st.markdown(f"**{texts.say('web.tables')}**")
        for name in TABLES:
            _table(result, name)
    with right:
        st.markdown(f"**{texts.say('web.maps')}**")
        language = texts.language()
        _file(result, "map.html", "text/html", lambda: map_page(result, language).encode("utf-8"))
        _file(result, "workbook.xlsx", _EXCEL, partial(_workbook, result, language))
        _file(result, "coverage.gpkg", "application/geopackage+sqlite3", partial(_package, result))
        st.markdown(f"**{texts.say('web.all_together')}**")
        _file(result, "results.zip", "application/zip", partial(_everything, result, language))
        st.caption(texts.say("web.export_png"))


def _table(result: Result, name: str) -> None:
    words, csv, excel = st.columns([0.5, 0.25, 0.25], vertical_alignment="center")
    table = getattr(result, name)
    words.markdown(texts.say(f"web.table_{name}"), help=texts.say("web.rows", count=len(table)))
    csv.download_button(
        "CSV",
        lambda: csv_bytes(table),
        file_name=f"{name}-{result.year}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        width="stretch",
    )
    title = texts.say(f"web.table_{name}")
    excel.download_button(
        "Excel",
        lambda: excel_bytes(table, title),
        file_name=f"{name}-{result.year}.xlsx",
        mime=_EXCEL,
        key=f"excel-{name}",
        on_click="ignore",
        width="stretch",
    )


def _file(result: Result, name: str, mime: str, content: Callable[[], bytes]) -> None:
    stem, _, ending = name.partition(".")
    st.download_button(
        texts.say(f"web.file_{stem}"),
        content,
        file_name=f"{stem}-{result.year}.{ending}",
        mime=mime,
        key=f"file-{stem}",
        on_click="ignore",
        width="stretch",
    )


def _workbook(result: Result, language: str) -> bytes:
    texts.use(language)
    with tempfile.TemporaryDirectory() as folder:
        return result.save_workbook(Path(folder) / "workbook.xlsx").read_bytes()


def _package(result: Result) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "coverage.gpkg"
        write_geopackage(result, path)
        return path.read_bytes()


def _everything(result: Result, language: str) -> bytes:
    """Return the whole results folder as ``run`` writes it, packed."""
    texts.use(language)
    with tempfile.TemporaryDirectory() as folder:
        results = result.save(Path(folder) / "results")
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(results.rglob("*")):
                if file.is_file():
                    archive.write(file, file.relative_to(results).as_posix())
    return packed.getvalue()
