"""Two scenarios side by side: indicators, units, map, and the files of the command."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from coverage import texts
from coverage.errors import CoverageError
from coverage.outputs import csv_bytes
from coverage.outputs.difference_map import difference_page
from coverage.scenario import BASELINE, PLANNED, Scenario, compare_sides, find_scenario
from coverage.web import changes, controls, files, map_view, session, shelf, what_if

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from streamlit.delta_generator import DeltaGenerator

    from coverage.scenario import Comparison
    from coverage.web.changes import Changes
    from coverage.web.session import Visit
    from coverage.web.shelf import Listed

_MAP_PX = 520
_TABLES = ("indicators", "townships", "communities", "facilities")
_DRAFT = "draft:"  # before the name of a scenario with edits that are not saved


def show(
    visit: Visit,
    known: dict[str, Listed],
    service: str,
    year: int | None,
    places: Sequence[DeltaGenerator],
) -> None:
    """Ask for two scenarios, and show what differs.

    Parameters
    ----------
    visit
        The project.
    known
        The project's scenarios.
    service
        Name of the service to draw.
    year
        Year to analyse; None is the project's.
    places
        Where the two are asked for.
    """
    offered = _offered(visit, known)
    language = texts.language()
    names = list(offered)
    first, second = BASELINE, next((n for n in names if n.startswith(_DRAFT)), PLANNED)
    chosen = []
    for column, side, usual in zip(places, "ab", (first, second), strict=True):
        last = controls.remembered(f"compare-{side}", usual)
        name = column.selectbox(
            texts.say(f"scenarios_page.side_{side}"),
            names,
            index=names.index(last if last in names else usual),
            format_func=lambda n: _said(n, offered, language),
            key=controls.key(f"compare-{side}"),
        )
        controls.keep(f"compare-{side}", name)
        chosen.append(str(name))
    if chosen[0] == chosen[1]:
        st.info(texts.say("scenarios_page.same_sides"))
        return
    try:
        sides = [session.side(visit, _scenario(visit, name), year) for name in chosen]
    except CoverageError as error:
        st.error(error.text())
        return
    comparison = compare_sides(
        *sides, notice=visit.configuration.notice, marking=visit.configuration.marking
    )
    _shown(visit, comparison, service, (year, *(s.result.record["scenario"] for s in sides)))


def _offered(visit: Visit, known: dict[str, Listed]) -> dict[str, str]:
    """Return what can be compared: key to title."""
    drafts = {
        f"{_DRAFT}{name}": bench.scenario.said()
        for name, bench in shelf.on_table(visit).items()
        if bench.unsaved
    }
    saved = {name: entry.title for name, entry in known.items() if entry.edits is not None}
    return {BASELINE: texts.say("scenario.baseline"), **drafts, **saved}


def _said(name: str, offered: dict[str, str], language: str) -> str:
    if name in {BASELINE, PLANNED}:
        return texts.say(f"scenario.{name}", language)
    if name.startswith(_DRAFT):
        return texts.say("scenarios_page.with_unsaved", language, title=offered[name])
    return offered[name]


def _scenario(visit: Visit, name: str) -> Scenario:
    if name.startswith(_DRAFT):
        return shelf.on_table(visit)[name.removeprefix(_DRAFT)].scenario
    return find_scenario(visit.configuration.root, name)


def _shown(visit: Visit, comparison: Comparison, service: str, mark: tuple[object, ...]) -> None:
    found = changes.of_comparison(comparison, service)
    chosen = next(s for s in comparison.b.services if s.name == service)
    left, right = st.columns([0.64, 0.36], gap="medium")
    with left:
        _map(visit, comparison, found, mark)
    with right:
        what_if.services(changes.services_of(comparison), comparison.b, comparison.titles)
        _downloads(comparison)
    tabs = st.tabs(
        [texts.say(f"scenarios_page.tab_{n}") for n in ("indicators", *what_if.LEVELS)]
    )  # fmt: skip
    with tabs[0]:
        rows = changes.differing_rows(comparison.indicators)
        what_if.indicators(rows, comparison.b, comparison.titles)
    for tab, level in zip(tabs[1:], what_if.LEVELS, strict=True):
        with tab:
            what_if.units(found, level, comparison.b, chosen)


def _map(visit: Visit, comparison: Comparison, found: Changes, mark: tuple[object, ...]) -> None:
    year = mark[0]
    base = comparison.a
    map_view.draw(
        map_view.View(
            shapes=session.shapes(visit, base, year if isinstance(year, int) else None),
            values=session.values(visit, base, mark=repr(mark[:2])),
            service=found.service,
            reading="change",
            markers=changes.compared_markers(comparison),
            change=found.drawn,
            height_px=_MAP_PX,
        ),
        "compare-map",
        lambda _: None,
    )
    what_if.legend_of_markers()


def _downloads(comparison: Comparison) -> None:
    """Offer the files that the command writes, byte for byte."""
    language = texts.language()
    st.markdown(f"**{texts.say('scenarios_page.downloads')}**")
    columns = st.columns(2)
    for place, name in enumerate(_TABLES):
        table = getattr(comparison, name)
        with columns[place % 2]:
            _file(
                texts.say(f"export_page.table_{name}"),
                f"{name}.csv",
                "text/csv",
                partial(csv_bytes, table),
            )
    with columns[0]:
        _file(
            texts.say("scenarios_page.file_map"),
            "map.html",
            "text/html",
            lambda: difference_page(comparison, language).encode("utf-8"),
        )
    with columns[1]:
        _file(
            texts.say("export_page.file_results"),
            f"{'--'.join(comparison.names)}.zip",
            "application/zip",
            partial(files.comparison, comparison, language),
        )


def _file(said: str, name: str, mime: str, content: Callable[[], bytes]) -> None:
    st.download_button(
        said,
        content,
        file_name=name,
        mime=mime,
        key=f"compare-file-{name.rpartition('.')[2]}-{said}",
        on_click="ignore",
        width="stretch",
    )
