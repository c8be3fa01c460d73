"""Export: every table and map as a file, with the figures of the command line."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.outputs import csv_bytes
from coverage.outputs.atlas import can_draw, draw_map, subjects
from coverage.outputs.offline_map import map_page
from coverage.outputs.tables import TABLES, excel_bytes
from coverage.web import files, session
from coverage.web.work import awaited

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage.results import Result
    from coverage.web.session import Visit

_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = "application/zip"
_PICTURE_DPI = 200  # sharp on paper, and a moment's work


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
        st.markdown(f"**{texts.say('export_page.tables')}**")
        for name in TABLES:
            _table(result, name)
    with right:
        st.markdown(f"**{texts.say('export_page.maps')}**")
        _maps(result, texts.language())
        st.markdown(f"**{texts.say('export_page.all_together')}**")
        _together(visit, result, texts.language())


def _maps(result: Result, language: str) -> None:
    _file(result, "map.html", "text/html", lambda: map_page(result, language).encode("utf-8"))
    _file(
        result,
        "coverage.gpkg",
        "application/geopackage+sqlite3",
        partial(files.geopackage, result, language),
    )
    if not can_draw():
        st.info(texts.say("export_page.no_font"))
        return
    offered = subjects(result, language)
    choice, button = st.columns([0.6, 0.4], vertical_alignment="bottom")
    subject = choice.selectbox(
        texts.say("export_page.picture_of"),
        list(offered),
        format_func=offered.__getitem__,
        key=f"picture-{language}",
        label_visibility="collapsed",
    )
    with button:
        _file(
            result,
            "picture.png",
            "image/png",
            partial(draw_map, result, subject, language, dpi=_PICTURE_DPI),
            called=f"map-{subject}",
        )


def _together(visit: Visit, result: Result, language: str) -> None:
    """Offer the workbook and the results at once, and the report once somebody wants it made."""
    _file(result, "workbook.xlsx", _EXCEL, partial(files.workbook, result, language))
    _file(result, "results.zip", _ZIP, partial(files.results, result, language))
    if not can_draw():
        return
    begun = session.begun_dossier(visit)
    if begun is None or begun.failed:
        wanted = st.button(texts.say("export_page.make_report"), key="make-report", width="stretch")
        st.caption(texts.say("export_page.report_help"))
        if wanted:
            awaited(session.dossier(visit))
            st.rerun()
        return
    packed = awaited(begun)
    _file(result, "report.zip", _ZIP, lambda: packed)


def _table(result: Result, name: str) -> None:
    words, csv, excel = st.columns([0.5, 0.25, 0.25], vertical_alignment="center")
    table = getattr(result, name)
    words.markdown(
        texts.say(f"export_page.table_{name}"), help=texts.say("export_page.rows", count=len(table))
    )
    csv.download_button(
        "CSV",
        lambda: csv_bytes(table),
        file_name=f"{name}-{result.year}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        width="stretch",
    )
    title = texts.say(f"export_page.table_{name}")
    excel.download_button(
        "Excel",
        lambda: excel_bytes(table, title),
        file_name=f"{name}-{result.year}.xlsx",
        mime=_EXCEL,
        key=f"excel-{name}",
        on_click="ignore",
        width="stretch",
    )


def _file(
    result: Result, name: str, mime: str, content: Callable[[], bytes], *, called: str = ""
) -> None:
    """Offer a file, named by its stem or as `called`, with the year."""
    stem, _, ending = name.partition(".")
    st.download_button(
        texts.say(f"export_page.file_{stem}"),
        content,
        file_name=f"{called or stem}-{result.year}.{ending}",
        mime=mime,
        key=f"file-{stem}",
        on_click="ignore",
        width="stretch",
    )
