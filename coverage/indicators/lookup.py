"""Find what people ask for: rows of a plan by indicator, name or place; units by code or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import texts
from coverage.errors import ProjectError
from coverage.plans import nearest

if TYPE_CHECKING:
    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow, Plan

    Place = tuple[Level, int]


def rows_of_plan(plan: Plan, wanted: str) -> list[IndicatorRow]:
    """Return the rows of a plan that somebody means.

    Parameters
    ----------
    plan
        The plan.
    wanted
        Identifier or name of an indicator, or ``kind:row``.

    Raises
    ------
    ProjectError
        If there is none; the sentence names the nearest known.
    """
    kind, _, written = wanted.replace("：", ":").partition(":")
    if written.strip().isdigit():
        found = [row for row in plan.rows if (row.kind, row.row) == (kind, int(written))]
        known = [f"{row.kind}:{row.row}" for row in plan.rows]
    else:
        named = {name for name, each in plan.indicators.items() if wanted in (each.zh, each.en)}
        named |= {row.indicator for row in plan.rows if wanted in (row.name_zh, row.name_en)}
        found = [row for row in plan.rows if row.indicator in {wanted, *named}]
        known = [word for row in plan.rows for word in (row.indicator, row.name_zh, row.name_en)]
        if not found and (wanted in plan.indicators or named):
            title = plan.title(texts.language())
            raise ProjectError("explain.not_in_plan", indicator=wanted, plan=title)
    if not found and not known:
        raise ProjectError("explain.no_rows", plan=plan.title(texts.language()))
    if not found:
        raise ProjectError(
            "explain.unknown_indicator", indicator=wanted, near=nearest(wanted, known)
        )
    by_name = [row for row in found if wanted in (row.name_zh, row.name_en)]
    return by_name or found


def place_of(wanted: str, units: Units) -> Place:
    """Return level and position of the unit that a code or a name stands for.

    Parameters
    ----------
    wanted
        Code, or a name that only one unit of its level bears.
    units
        The units.

    Raises
    ------
    ProjectError
        If there is none; the sentence names the nearest known.
    """
    found = units.find(wanted)
    if found is not None:
        return found
    levels = units.levels_from("community")[::-1]
    for level in levels:
        at = np.flatnonzero((units.names(level) == wanted).to_numpy())
        if len(at) == 1:
            return level, int(at[0])
    names = pd.concat([units.names(level) for level in levels])
    words = [*names.index, *names]
    near = nearest(wanted, words)
    position = words.index(near) % len(names)
    raise ProjectError(
        "explain.unknown_unit", unit=wanted, code=names.index[position], name=names.iloc[position]
    )
