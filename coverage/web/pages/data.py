"""Data: is it complete and right, what is to be mended, and which project is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts
from coverage.web import map_view, session, settling
from coverage.web.new_project import projects

if TYPE_CHECKING:
    from coverage.project import CheckReport
    from coverage.web.session import Visit

_ISSUES_PX = 330
_MAP_PX = 330
_NEAR = 3  # rows of the user's table above and below the one in question
_SEVERITIES = ("error", "warning", "info")


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    report = session.checked(visit)
    tabs = st.tabs([texts.say(f"web.tab_{name}") for name in ("report", "settle", "projects")])
    with tabs[0]:
        _report(visit, report)
    with tabs[1]:
        settling.show(visit, report)
    with tabs[2]:
        projects()


def _report(visit: Visit, report: CheckReport) -> None:
    if report.blocked:
        st.error(texts.say("web.blocked"))
    left, right = st.columns([0.62, 0.38], gap="medium")
    with left:
        issue = _issues(report.issues)
        if issue is not None:
            _own_rows(report, issue)
    with right:
        if not report.blocked:
            _map(visit, issue)
        _layers(report.layers)
    st.button(texts.say("web.reload"), on_click=session.reload)


def _issues(issues: pd.DataFrame) -> pd.Series[Any] | None:
    """List the findings, and return the one that was chosen."""
    if issues.empty:
        st.success(texts.say("web.issues_none"))
        return None
    language = texts.language()
    found = [s for s in _SEVERITIES if (issues["severity"] == s).any()]
    counts = issues["severity"].value_counts()
    wanted = st.pills(
        texts.say("web.issues_severity"),
        found,
        selection_mode="multi",
        default=found,
        format_func=lambda s: f"{texts.say(f'web.severity_{s}', language)} {counts[s]}",
        key=f"severities-{language}",
        label_visibility="collapsed",
    )
    rows = issues[issues["severity"].isin(wanted)]
    rows = rows.sort_values("severity", key=lambda s: s.map(_SEVERITIES.index), kind="stable")
    rows = rows.reset_index(drop=True)
    shown = rows[["severity", "layer", "row", "message", "action"]].assign(
        severity=[texts.say(f"web.severity_{s}") for s in rows["severity"]],
        layer=rows["layer"].map(_layer_name),
    )
    text = st.column_config.TextColumn
    chosen: Any = st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=_ISSUES_PX,
        column_config={
            "severity": text(texts.say("web.column_severity"), width=76),
            "layer": text(texts.say("web.column_layer"), width=90),
            "row": st.column_config.NumberColumn(texts.say("web.column_file_row"), width=60),
            "message": text(texts.say("web.column_message"), width=330),
            "action": text(texts.say("web.column_action"), width=230),
        },
        placeholder="",
        on_select="rerun",
        selection_mode="single-row",
        key="issues",
    )
    st.caption(texts.say("web.issue_hint"))
    picked = chosen.selection.rows
    return rows.iloc[picked[0]] if picked and picked[0] < len(rows) else None


def _own_rows(report: CheckReport, issue: pd.Series[Any]) -> None:
    """Show the user's own table around the row in question."""
    st.info(f"{issue['message']} {issue['action']}")
    table = report.as_read.get(issue["layer"])
    if table is None or pd.isna(issue["row"]):
        return
    places = (table.rows == int(issue["row"])).nonzero()[0]
    if not len(places):
        return
    at = int(places[0])
    part = slice(max(0, at - _NEAR), at + _NEAR + 1)
    cells = table.cells.iloc[part].astype(str)
    cells.columns = pd.Index(_titles(table.headers))
    cells.index = pd.Index(table.rows[part], name=texts.say("web.column_file_row"))
    st.caption(texts.say("web.own_rows", layer=_layer_name(issue["layer"]), row=int(issue["row"])))
    marked = cells.style.apply(
        lambda row: ["background-color: #f6dfc4" if row.name == issue["row"] else ""] * len(row),
        axis=1,
    )
    st.dataframe(marked, width="stretch")


def _layer_name(layer: str) -> str:
    key = f"data_report.layer.{layer}"
    return texts.say(key) if texts.has(key) else layer


def _titles(headers: tuple[str, ...]) -> list[str]:
    """Return headers such that none stands twice."""
    return [h if headers.index(h) == i else f"{h} ({i + 1})" for i, h in enumerate(headers)]


def _layers(layers: pd.DataFrame) -> None:
    text, number = st.column_config.TextColumn, st.column_config.NumberColumn
    st.dataframe(
        layers.assign(layer=layers["layer"].map(_layer_name)),
        hide_index=True,
        width="stretch",
        column_config={
            "layer": text(texts.say("web.column_layer"), width=98),
            "path": text(texts.say("web.column_file"), width=128),
            **{
                name: number(texts.say(f"web.column_{name}"), width=width)
                for name, width in {"rows": 54, "used": 54, "set_aside": 76, "repaired": 70}.items()
            },
        },
    )


def _map(visit: Visit, issue: pd.Series[Any] | None) -> None:
    prepared = session.prepared(visit)
    result = session.whole(visit)
    markers = () if issue is None else settling.places_of(prepared, issue)
    map_view.draw(
        map_view.View(
            shapes=session.shapes(visit, result),
            values=session.values(visit, result),
            service=result.services[0].name,
            markers=markers,
            compact=True,
            height_px=_MAP_PX,
        ),
        "data-map",
        lambda _: None,
    )
