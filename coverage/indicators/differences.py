"""Why two readings of a row differ: the units that one counts and the other does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from coverage.indicators.measure import SHARE_TOLERANCE
from coverage.indicators.units import LEVELS

if TYPE_CHECKING:
    from coverage.plans import IndicatorRow

_PERCENT = 100.0
_HALF = 0.5
_BY_UNIT = ("units", "units_by_reach", "compliance")


def differing_units(
    indicators: pd.DataFrame, row: IndicatorRow, first: str, second: str
) -> pd.DataFrame:
    """List the units that one reading of a row counts and the other does not.

    ``units``, ``units_by_reach`` and ``compliance`` count units that pass; ``reach`` those of which
    enough people are within reach; the pooled sum, mean and median all whose value is known.

    Parameters
    ----------
    indicators
        Results, as `evaluate` returns them.
    row
        The row.
    first, second
        Two of its variants.

    Returns
    -------
    pandas.DataFrame
        Index unit_code, in the order of the results; unit_name, the value of either reading in
        columns of their names, and counted, the reading that counts the unit. Units are those of
        the lowest level that both readings have.
    """
    own = indicators[indicators["row"] == row.row]
    rows = {variant: own[own["variant"] == variant] for variant in (first, second)}
    shared = set.intersection(*(set(table["level"]) for table in rows.values()))
    level = next(level for level in LEVELS if level in shared)
    units = {
        variant: table[table["level"] == level].set_index("unit_code")
        for variant, table in rows.items()
    }
    counts = pd.DataFrame(
        {variant: _counts(table["value"], variant, row) for variant, table in units.items()}
    )
    differs = counts[first] != counts[second]
    names = units[first]["unit_name"]
    found = pd.DataFrame({variant: table["value"] for variant, table in units.items()})
    found.insert(0, "unit_name", names)
    found["counted"] = counts[first].map({True: first, False: second})
    return found.reindex(names.index)[differs.reindex(names.index)]


def _counts(value: pd.Series, variant: str, row: IndicatorRow) -> pd.Series:
    if variant in _BY_UNIT:
        return value > 0
    if variant == "reach":
        enough = row.parameters.get("min_unit_share", _HALF)
        return value.ge((enough - SHARE_TOLERANCE) * _PERCENT)
    return value.notna()
