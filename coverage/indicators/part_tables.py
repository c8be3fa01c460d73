"""The parts of a measure, and the rows that they rest on, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coverage.indicators.explanation import BENEATH_COLUMNS, PART_COLUMNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.lookup import Place
    from coverage.indicators.measure import Measure, Parts
    from coverage.indicators.units import Level, Units
    from coverage.plans import IndicatorRow


def part_table(measure: Measure, place: Place, units: Units) -> pd.DataFrame:
    """List the parts that were summed to a unit.

    Parameters
    ----------
    measure
        What was summed.
    place
        Level and position of the unit.
    units
        The units.

    Returns
    -------
    pandas.DataFrame
        kind, code, name, community, township, numerator, denominator, value, counted.
    """
    level, at = place
    parts = measure.summed(level)
    parts = parts.take(parts.places[level] == at)
    below = np.nan if parts.denominator is None else parts.denominator
    table = pd.DataFrame(
        {
            "kind": parts.kinds,
            "code": parts.codes,
            "name": parts.names,
            "community": _names_at(parts, "community", units),
            "township": _names_at(parts, "township", units),
            "numerator": parts.numerator,
            "denominator": below,
        }
    ).astype({"denominator": float})
    divided = table["numerator"] / table["denominator"].where(table["denominator"] > 0)
    table["value"] = table["numerator"] if parts.denominator is None else divided * measure.scale
    table["counted"] = ~parts.missing
    return table[list(PART_COLUMNS)]


def beneath_table(
    measure: Measure, place: Place, row: IndicatorRow, inputs: Inputs
) -> pd.DataFrame:
    """List the rows that the parts of a unit rest on.

    Parameters
    ----------
    measure
        What was summed.
    place
        Level and position of the unit.
    row
        The plan's row.
    inputs
        What it is computed from.

    Returns
    -------
    pandas.DataFrame
        kind, code, name, category, part_code, part_name, numerator, denominator, minutes, facility.
    """
    if measure.beneath is None:
        return pd.DataFrame(columns=list(BENEATH_COLUMNS))
    level, at = place
    parts = measure.beneath()
    parts = parts.take(parts.places[level] == at)
    names = inputs.units.names(measure.level)
    position = parts.places[measure.level]
    facilities = inputs.layers.facilities
    categories = dict(zip(facilities["id"].astype(str), facilities["category"], strict=True))
    below = np.full(len(parts.codes), np.nan) if parts.denominator is None else parts.denominator
    table = pd.DataFrame(
        {
            "kind": parts.kinds,
            "code": parts.codes,
            "name": parts.names,
            "category": [
                categories.get(str(code), "") if kind == "facility" else ""
                for kind, code in zip(parts.kinds, parts.codes, strict=True)
            ],
            "part_code": np.append(names.index.to_numpy(dtype=object), "")[position],
            "part_name": np.append(names.to_numpy(dtype=object), "")[position],
            "numerator": parts.numerator,
            "denominator": below,
        }
    )
    return _with_trips(table, row, inputs)


def _with_trips(table: pd.DataFrame, row: IndicatorRow, inputs: Inputs) -> pd.DataFrame:
    """Add to demand points the minutes to the nearest facility of the row's only service."""
    service = row.parameters.get("service")
    own = row.parameters.get("categories") or row.parameters.get("where")
    if service is None or own or not (table["kind"] == "demand").any():
        table["minutes"], table["facility"] = np.nan, ""
    else:
        trips = inputs.access[service].demand.set_index("id")[["minutes", "facility"]]
        table[["minutes", "facility"]] = trips.reindex(table["code"]).to_numpy(dtype=object)
        table = table.astype({"minutes": float})
    return table[list(BENEATH_COLUMNS)]


def _names_at(parts: Parts, level: Level, units: Units) -> NDArray[Any]:
    """Return the names of the units that parts lie in, empty for those that lie in none."""
    return np.append(units.names(level).to_numpy(dtype=object), "")[parts.places[level]]
