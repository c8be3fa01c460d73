"""Network coverage: people, and units, within the minutes of a service or of several at once."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from coverage.indicators.choose import services_of
from coverage.indicators.families.presence import equipped_units
from coverage.indicators.families.reach import reach, reached_units
from coverage.indicators.measure import Parts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.measure import Measure


def network_coverage(parameters: Mapping[str, Any], inputs: Inputs, variant: str) -> Measure:
    """Measure the share of people, and of units, that a service reaches within its minutes.

    Parameters
    ----------
    parameters
        Of the family.
    inputs
        What it is computed from.
    variant
        ``reach``; ``units``: units with a facility of each service; ``units_by_reach``.
    """
    if variant == "reach":
        return reach(parameters, inputs)
    if variant == "units_by_reach":
        return reached_units(parameters, inputs)
    each = [
        equipped_units({**parameters, "service": name, "services": ()}, inputs)
        for name in services_of(parameters)
    ]
    numerator = np.min([measure.parts.numerator for measure in each], axis=0)
    missing = np.logical_or.reduce([measure.parts.missing for measure in each])
    parts = replace(each[0].parts, numerator=numerator, missing=missing)
    rows = [measure.beneath for measure in each if measure.beneath]
    return replace(
        each[0], parts=parts, beneath=lambda: reduce(Parts.__add__, (make() for make in rows))
    )
