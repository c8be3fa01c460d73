"""Townships as they were divided in a year, and as they are divided now, by the crosswalk.

A unit that was renamed, or became another kind of unit, keeps its code here, so that the rows of
one unit carry one code in every year. Units that one layer has apart and the other division has as
one are put together. A unit that comes of several, or goes into several, stays whole: what lies in
it cannot be told apart.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Mapping

    import geopandas as gpd

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.units import Units
    from coverage.plans import IndicatorRow

    Unit = tuple[str, str, str]  # code, name, kind

_NEW, _OLD = ("code", "name", "kind"), ("old_code", "old_name", "old_kind")
_MOST_STEPS = 8  # changes one after the other


def divided_inputs(row: IndicatorRow, inputs: Inputs, year: int) -> tuple[Inputs, Inputs | None]:
    """Return what a row is computed from, and the same by the other division, if that differs.

    Parameters
    ----------
    row
        Row of a plan; only townships were divided anew.
    inputs
        Units as the layer of townships has them.
    year
        The row is computed by the division of this year; the other one is today's.

    Returns
    -------
    tuple
        Inputs, and None where both divisions are the same to the row.
    """
    table = inputs.layers.others.get("crosswalk")
    if table is None or "year" not in table or "townships" not in str(dict(row.parameters)):
        return inputs, None
    then = inputs.once(("division", year), lambda: _divided(inputs, _undone(table, year)))
    now = inputs.once(("division", None), lambda: _divided(inputs, _done(table)))
    if then is None and now is None:
        return inputs, None
    return then or inputs, now or inputs


def _undone(table: pd.DataFrame, year: int) -> dict[str, set[Unit]]:
    """Return what each unit was before the changes that came after a year."""
    return _changes(table[table["year"] > year], _NEW, _OLD)


def _done(table: pd.DataFrame) -> dict[str, set[Unit]]:
    """Return what each unit has become."""
    return _changes(table[table["year"].notna()], _OLD, _NEW)


def _changes(
    table: pd.DataFrame, given: tuple[str, ...], wanted: tuple[str, ...]
) -> dict[str, set[Unit]]:
    """Return the other units of each code, or of each name where there is no code."""
    found: dict[str, set[Unit]] = {}
    for row in table.to_dict("records"):
        own, other = ([str(row.get(field) or "") for field in fields] for fields in (given, wanted))
        key = own[0] or vocabulary.fold(own[1])
        if key and any(other[:2]):
            found.setdefault(key, set()).add((other[0], other[1], other[2]))
    return found


def _divided(inputs: Inputs, changes: Mapping[str, set[Unit]]) -> Inputs | None:
    """Return inputs on other townships, None where the changes concern none of them."""
    towns = inputs.units.townships
    others = {
        code: unit
        for code, name in zip(towns.index, towns["name"], strict=True)
        if (unit := _followed(code, name, changes)) is not None
    }
    count = pd.Series(list(others.values()), dtype=object).value_counts()
    codes = {code: unit[0] or unit[1] for code, unit in others.items() if count[unit] > 1}
    kinds = {code: unit[2] for code, unit in others.items() if unit[2]}
    names = {codes[code]: unit[1] for code, unit in others.items() if code in codes and unit[1]}
    if not codes and all(kinds[code] == towns["kind"].get(code) for code in kinds):
        return None
    return _on(inputs, codes, kinds, names)


def _followed(code: str, name: str, changes: Mapping[str, set[Unit]]) -> Unit | None:
    """Return the one unit that a unit was or became, by one change after the other."""
    unit: Unit | None = None
    seen = {code}
    for _ in range(_MOST_STEPS):
        steps = changes.get(code) or changes.get(vocabulary.fold(name)) or set()
        if len(steps) != 1:
            break
        unit = next(iter(steps))
        code, name = unit[0] or code, unit[1] or name
        if code in seen and len(seen) > 1:
            break
        seen.add(code)
    return unit


def _on(
    inputs: Inputs, codes: Mapping[str, str], kinds: Mapping[str, str], names: Mapping[str, str]
) -> Inputs:
    """Return inputs whose townships have other codes and kinds."""

    def recoded(column: pd.Series) -> pd.Series:
        return column.map(lambda code: codes.get(code, code)).astype(column.dtype)

    layers = inputs.layers
    outlines = layers.townships
    outlines = outlines.assign(
        kind=outlines["code"].map(kinds).fillna(outlines["kind"]), code=recoded(outlines["code"])
    )
    if codes:
        merged = outlines.dissolve("code", aggfunc=_joined(outlines), sort=False).reset_index()
        outlines = merged[list(outlines.columns)]
        outlines["name"] = outlines["code"].map(names).fillna(outlines["name"])
    return replace(
        inputs,
        units=_ladder(inputs.units, outlines, recoded),
        layers=replace(
            layers,
            townships=outlines,
            communities=layers.communities.assign(township=recoded(layers.communities["township"])),
            facilities=layers.facilities.assign(township=recoded(layers.facilities["township"])),
        ),
        demand=inputs.demand.assign(township=recoded(inputs.demand["township"])),
        _known={},
    )


def _joined(outlines: gpd.GeoDataFrame) -> dict[str, Any]:
    """Say how columns of units are put together: amounts are summed, other things the first's."""
    known = vocabulary.fields()
    return {
        name: "sum" if name in known and known[name].kind == "number" else "first"
        for name in outlines.columns.drop(["geometry", "code"])
    }


def _ladder(units: Units, outlines: gpd.GeoDataFrame, recoded: Any) -> Units:  # noqa: ANN401
    towns = pd.DataFrame(outlines.drop(columns="geometry")).set_index("code")
    towns.index = pd.Index(towns.index.astype(object), name="code")
    towns["county"] = towns["county"].fillna("").astype(str).astype(object)
    places = units.communities.assign(township=recoded(units.communities["township"]))
    return replace(units, communities=places, townships=towns)
