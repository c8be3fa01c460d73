"""What a person has to decide about the data: which plan, what columns and words mean, datums."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.errors import CoverageError
from coverage.plans import DEFAULT_PLAN, built_in_plans, read_plan
from coverage.web import project_file, session
from coverage.web.map_view import Marker

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.layers import AsRead
    from coverage.project import CheckReport
    from coverage.web.session import Visit

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")
_DATUM_ISSUES = ("converted_datum", "uncertain_datum")
_CATEGORY_ISSUES = ("unknown_category", "project_category")
_WORDS = 20  # that are asked for at once, those of most rows first


def show(visit: Visit, report: CheckReport) -> None:
    """Ask what there is to decide, and write the answers into the project file.

    Parameters
    ----------
    visit
        The project.
    report
        Its data report.
    """
    issues = report.issues
    unknown = issues.loc[issues["code"] == "unknown_columns", "layer"]
    doubtful = issues.loc[issues["code"].isin(_DATUM_ISSUES), "layer"]
    layers = [layer for layer in dict.fromkeys(unknown) if layer in report.as_read]
    unknown_words = issues[issues["code"].isin(_CATEGORY_ISSUES)]
    settled = visit.configuration.plan.name != DEFAULT_PLAN
    if settled and not layers and doubtful.empty and unknown_words.empty:
        st.success(texts.say("web.settle_nothing"))
    if not settled:
        _plan(visit)
    for layer in dict.fromkeys(doubtful):
        _datum(visit, str(layer))
    for layer, rows in unknown_words.groupby("layer", sort=False):
        _categories(visit, str(layer), Counter(map(str, rows["value"])))
    for layer in layers:
        _columns(visit, str(layer), report.as_read[layer])


def _plan(visit: Visit) -> None:
    """Offer the built-in plans to a project that names none."""
    language = texts.language()
    titles = {n: read_plan(n).title(language) for n in built_in_plans() if n != DEFAULT_PLAN}
    with st.form("plan"):
        st.markdown(texts.say("web.settle_plan"))
        chosen = st.selectbox(
            texts.say("web.settle_plan_label"),
            list(titles),
            format_func=titles.__getitem__,
            index=None,
            placeholder=texts.say("web.settle_plan_none"),
            key=f"plan-{language}",
        )
        if st.form_submit_button(texts.say("web.settle_save")) and chosen:
            _write(visit.path, ("project",), {"plan": chosen})
            st.rerun()


def _datum(visit: Visit, layer: str) -> None:
    with st.container(border=True):
        st.markdown(texts.say("web.settle_datum", layer=texts.say(f"data_report.layer.{layer}")))
        for column, datum in zip(st.columns(len(DATUMS)), DATUMS, strict=True):
            column.button(
                texts.say(f"web.datum_{datum}"),
                key=f"datum-{layer}-{datum}",
                on_click=texts.spoken(_write),
                args=(visit.path, ("layers", layer), {"datum": datum}),
                width="stretch",
            )


def _categories(visit: Visit, layer: str, words: Counter[str]) -> None:
    """Ask which category each word means that no category is known for; the likely ones first."""
    language = texts.language()
    titles = {name: c.title(language) for name, c in vocabulary.categories().items()}
    with st.form(f"categories-{layer}"):
        st.markdown(
            texts.say("web.settle_categories", layer=texts.say(f"data_report.layer.{layer}"))
        )
        chosen = {
            word: st.selectbox(
                texts.say("web.settle_word", word=word, count=count),
                ["", *dict.fromkeys((*vocabulary.near_categories(word), *titles))],
                format_func=lambda c: titles.get(c) or texts.say("web.settle_later", language),
                key=f"category-{layer}-{word}-{language}",
            )
            for word, count in words.most_common(_WORDS)
        }
        if st.form_submit_button(texts.say("web.settle_save")):
            named = {word: category for word, category in chosen.items() if category}
            if named:
                _write(visit.path, ("layers", layer), {"categories": named})
                st.rerun()


def _columns(visit: Visit, layer: str, table: AsRead) -> None:
    """Offer the fields of a layer that no column was read for."""
    taken = set(table.fields.values())
    unknown = [h for i, h in enumerate(table.headers) if i not in taken and h]
    language = texts.language()
    free = {
        name: field.title(language)
        for name, field in vocabulary.fields().items()
        if layer in field.layers and name not in table.fields
    }
    with st.form(f"columns-{layer}"):
        st.markdown(texts.say("web.settle_columns", layer=texts.say(f"data_report.layer.{layer}")))
        chosen = {
            header: st.selectbox(
                header,
                ["", *free],
                format_func=lambda f: free.get(f) or texts.say("web.settle_skip", language),
                key=f"column-{layer}-{header}-{language}",
            )
            for header in unknown
        }
        if st.form_submit_button(texts.say("web.settle_save")):
            named = {field: header for header, field in chosen.items() if field}
            if named:
                _write(visit.path, ("layers", layer), {"columns": named})
                st.rerun()


def _write(path: str, section: tuple[str, ...], options: dict[str, Any]) -> None:
    try:
        project_file.settle(Path(path), section, options)
    except CoverageError as error:
        st.toast(error.text())
        return
    session.reload()
    st.toast(texts.say("web.settled"))


def places_of(prepared: Prepared, issue: pd.Series[Any]) -> tuple[Marker, ...]:
    """Return where the row of a finding lies; nothing where it has no place.

    Parameters
    ----------
    prepared
        The project as read.
    issue
        Row of the table of issues.
    """
    layers = prepared.layers
    own = {
        "townships": layers.townships,
        "communities": layers.communities,
        "facilities": layers.facilities,
    }
    frame = own.get(issue["layer"], layers.others.get(issue["layer"]))
    if frame is None or pd.isna(issue["row"]) or "source_row" not in frame:
        return ()
    rows = frame[(frame["source_row"] == issue["row"]) & ~frame.geometry.isna()]
    points = rows.geometry.representative_point().to_crs(4326)
    named = zip(points, rows["name"].astype(str), strict=True)
    return tuple(Marker(lat=p.y, lng=p.x, label=name) for p, name in named)
