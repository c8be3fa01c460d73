"""The computation families: each turns the parameters of a plan's row into numbers of parts.

A family gives, for a variant, one row a part with numerator and denominator; these are re-summed
upward, never averaged. What it computes depends on the parameters alone, so rows may share it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage.indicators.families.counts import count
from coverage.indicators.families.network import network_coverage
from coverage.indicators.families.presence import presence_rate, quota
from coverage.indicators.families.ratio import ratio
from coverage.indicators.families.shares import attribute_share, flag_share, proximity
from coverage.indicators.families.zones import zone_share

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from coverage.indicators.inputs import Inputs
    from coverage.indicators.measure import Measure

# the tenth, entered, is no computation
FAMILIES: Mapping[str, Callable[[Mapping[str, Any], Inputs, str], Measure]] = {
    "presence_rate": presence_rate,
    "ratio": ratio,
    "network_coverage": network_coverage,
    "attribute_share": attribute_share,
    "quota": quota,
    "flag_share": flag_share,
    "proximity": proximity,
    "zone_share": zone_share,
    "count": count,
}
