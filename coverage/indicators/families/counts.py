"""Counts: how many rows of a layer there are, or the sum of a field over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.amounts import values_of
from coverage.indicators.choose import note_unknown, rows_of
from coverage.indicators.errors import NotComputableError
from coverage.indicators.measure import Measure, Parts
from coverage.indicators.units import LAYER_LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.indicators.inputs import Inputs

    Parameters = Mapping[str, Any]


def count(parameters: Parameters, inputs: Inputs, variant: str) -> Measure:
    """Count rows, or sum a field over them.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``total``; ``mean`` or ``median`` of the field over the rows that have it.
    """
    layer = parameters["of"]
    if layer == "candidates" and parameters.get("service"):
        raise NotComputableError("by_siting")  # what sites gain depends on where others are opened
    table = inputs.table(layer)
    chosen = rows_of(layer, parameters, inputs)
    value = values_of(table, parameters.get("field"), chosen)
    parts = Parts.of_rows(
        table,
        numerator=value,
        denominator=None if variant == "total" else np.ones(len(table)),
        missing=np.isnan(value),
    )
    return Measure(
        level=LAYER_LEVELS.get(layer, "community"),
        parts=parts.take(chosen.holds),
        scale=1.0,
        median=variant == "median",
        notes=note_unknown("unsaid", chosen.unknown, layer=layer),
    )
