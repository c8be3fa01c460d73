"""Townships by indicators: one look says where what is lacking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage import texts, vocabulary
from coverage.web import plan_table

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

    from coverage.results import Result

# light enough to read on; told apart in grey by lightness, and by the sign in the plan's table
_FILLS = {"met": "#cfe2dd", "on_track": "#e6f0ec", "behind": "#f6dfc4", "not_met": "#eeb79f"}


def matrix(result: Result, plan: pd.DataFrame) -> pd.DataFrame:
    """Return the townships' values of the plan's own table of indicators.

    Parameters
    ----------
    result
        Result of a run.
    plan
        From `plan_table.plan_table`.

    Returns
    -------
    pandas.DataFrame
        A row a township, a column an indicator that any of them has a value of. ``attrs`` holds
        the townships' codes, the position in `plan` of each column, and the statuses.
    """
    table = result.indicators[result.indicators["level"] == "township"]
    codes = [str(code) for code in result.townships["code"]]
    columns: dict[str, list[float]] = {}
    rows: dict[str, int] = {}
    statuses: dict[str, list[str]] = {}
    headline = plan_table.headline_rows(plan)
    for position, row in plan.iterrows():
        if row["kind"] not in set(headline["kind"]):
            continue
        own = (table[list(plan_table.KEY)] == row[list(plan_table.KEY)]).all(axis=1)
        found = table[own & (table["variant"] == row["variant"])].drop_duplicates("unit_code")
        found = found.set_index(found["unit_code"].astype(str)).reindex(codes)
        if found["value"].isna().all():
            continue
        name = (
            f"{row['row']} {row['name']}（{vocabulary.unit_title(row['unit'], texts.language())}）"
        )
        columns[name] = found["value"].tolist()
        statuses[name] = found["status"].fillna("no_data").tolist()
        rows[name] = int(str(position))
    frame = pd.DataFrame(columns, index=pd.Index(result.townships["name"].astype(str)))
    frame.index.name = texts.say("web.township")
    frame.attrs = {"codes": codes, "rows": rows, "statuses": statuses}
    return frame


def matrix_style(table: pd.DataFrame) -> Styler:
    """Return a matrix with each cell's status as its ground.

    Parameters
    ----------
    table
        From `matrix`.
    """
    statuses = table.attrs["statuses"]

    def fills(column: pd.Series[float]) -> list[str]:
        own = statuses[column.name]
        return [f"background-color: {_FILLS[s]}" if s in _FILLS else "" for s in own]

    plain = table.copy()
    # names may stand twice; the styler wants them once
    plain.index = pd.Index(_once(plain.index.tolist()), name=plain.index.name)
    return plain.style.apply(fills, axis=0).format("{:,.1f}", na_rep=texts.say("map.nothing"))


def _once(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found
