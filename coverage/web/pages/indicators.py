"""Indicators: the plan's table, a matrix of townships, and where a number comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from coverage import texts, vocabulary
from coverage.web import controls, explained, plan_table, session
from coverage.web.matrix import matrix, matrix_style

if TYPE_CHECKING:
    from coverage.results import Result
    from coverage.web.session import Visit

_TABLE_PX = 420
_HEAD_PX, _ROW_PX = 38, 35
_MATRIX_PX = 520
_KINDS = ("table", "box", "text")


def show(visit: Visit) -> None:
    """Show the page.

    Parameters
    ----------
    visit
        The project.
    """
    session.prepared(visit)
    result = session.whole(visit)
    years = _years(visit)
    others = {year: session.whole(visit, year) for year in years}
    plan = plan_table.plan_table(result)
    tabs = st.tabs([texts.say(f"web.tab_{name}") for name in ("plan", "matrix")])
    with tabs[0]:
        _plan(result, plan, others)
    with tabs[1]:
        _matrix(result, plan)


def _years(visit: Visit) -> list[int]:
    """Ask for the years to compare with."""
    configuration = visit.configuration
    offered = [year for year in sorted(configuration.years) if year != configuration.year]
    if not offered:
        return []
    years = st.pills(
        texts.say("web.compare_years"),
        offered,
        selection_mode="multi",
        default=controls.remembered("years", []),
        key=controls.key("years"),
        help=texts.say("web.compare_years_help"),
    )
    controls.keep("years", years)
    return sorted(years)


def _plan(result: Result, plan: pd.DataFrame, others: dict[int, Result]) -> None:
    kinds = [kind for kind in _KINDS if (plan["kind"] == kind).any()]
    language = texts.language()
    kind = st.segmented_control(
        texts.say("web.plan_part"),
        kinds,
        default=kinds[0] if kinds else None,
        format_func=lambda k: texts.say(f"web.kind_{k}", language),
        key=controls.key("plan-kind"),
        required=True,
    )
    rows = plan[plan["kind"] == kind].reset_index(drop=True)
    values = {year: plan_table.values_of(other) for year, other in others.items()}
    shown = _shown(rows, result.year, values)
    chosen = st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=min(_TABLE_PX, _HEAD_PX + _ROW_PX * len(rows)),
        placeholder=texts.say("map.nothing"),
        column_config=_columns(result.year, values),
        on_select="rerun",
        selection_mode="single-row",
        key=f"plan-{kind}",
    )
    picked = _picked(chosen)
    if picked is None or picked >= len(rows):
        st.caption(texts.say("web.plan_hint"))
    else:
        _explain(result, rows.iloc[picked], None)


def _picked(state: Any) -> int | None:  # noqa: ANN401 - Streamlit's own
    rows = state.selection.rows
    return int(rows[0]) if rows else None


def _shown(
    rows: pd.DataFrame, year: int, values: dict[int, dict[tuple[Any, ...], float]]
) -> pd.DataFrame:
    keys = [tuple(r) for r in rows[list(plan_table.KEY)].itertuples(index=False)]
    shown = pd.DataFrame(
        {
            "attribute": [texts.say(f"web.{plan_table.attribute(a)}") for a in rows["attribute"]],
            "row": rows["row"],
            "name": rows["name"],
            "unit": [vocabulary.unit_title(u, texts.language()) for u in rows["unit"]],
            "baseline": rows["baseline"],
            **{str(y): [found.get(key) for key in keys] for y, found in values.items()},
            "value": rows["value"],
            "target": rows["target"],
            "progress": rows["progress"] * 100,
            "status": [plan_table.status_words(s) for s in rows["status"]],
            "readings": rows["readings"],
        }
    )
    before = [y for y in values if y < year]
    after = [y for y in values if y > year]
    lines = shown[["baseline", *map(str, before), "value", *map(str, after)]]
    known = [[v for v in line if pd.notna(v)] for line in lines.to_numpy()]
    # one figure is no course
    shown.insert(5, "line", [line if len(line) > 1 else [] for line in known])
    return shown


def _columns(year: int, values: dict[int, Any]) -> dict[str, Any]:
    column, zh = st.column_config, texts.language() == "zh"
    number = column.NumberColumn
    return {
        "attribute": column.TextColumn(texts.say("web.column_attribute"), width=70),
        "row": number(texts.say("web.column_row"), width=50),
        "name": column.TextColumn(texts.say("web.column_indicator"), width=250),
        "unit": column.TextColumn(texts.say("web.column_unit"), width=70 if zh else 170),
        "line": column.LineChartColumn(texts.say("web.column_line"), width=90),
        "baseline": number(texts.say("web.column_baseline"), format="%,.2f"),
        **{str(y): number(texts.say("web.column_year", year=y), format="%,.2f") for y in values},
        "value": number(texts.say("web.column_year", year=year), format="%,.2f"),
        "target": number(texts.say("web.column_target"), format="%,.2f"),
        "progress": number(texts.say("web.column_progress"), format="%.0f%%"),
        "status": column.TextColumn(texts.say("web.column_plan_status"), width=100),
        "readings": column.TextColumn(texts.say("web.column_readings"), width=260),
    }


def _explain(result: Result, row: pd.Series[Any], unit: str | None) -> None:
    explained.show(result.explain(f"{row['kind']}:{row['row']}", unit))


def _matrix(result: Result, plan: pd.DataFrame) -> None:
    table = matrix(result, plan)
    if table.empty:
        st.info(texts.say("web.no_matrix"))
        return
    st.caption(texts.say("web.matrix_help"))
    chosen = st.dataframe(
        matrix_style(table),
        width="stretch",
        height=_MATRIX_PX,
        on_select="rerun",
        selection_mode="single-cell",
        key="matrix",
    )
    cells = chosen.selection.get("cells", [])
    if not cells:
        st.caption(texts.say("web.matrix_hint"))
        return
    position, name = cells[0]
    rows = table.attrs["rows"]
    if name in rows:
        code = table.attrs["codes"][position]
        _explain(result, plan.loc[rows[name]], code)
