"""The ten computation families: the parameters each takes and the variants it computes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from coverage.plans.conditions import LAYERS, UNITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Family = Literal[
    "presence_rate",
    "ratio",
    "network_coverage",
    "attribute_share",
    "quota",
    "flag_share",
    "proximity",
    "zone_share",
    "count",
    "entered",
]
Parameters = dict[str, Any]

_UNITS_WITH = (
    "units", "scope", "urban_rule", "categories", "where", "at_least", "assignment", "metres",
    "unit_counts_where", "and_city", "only_within",
)  # fmt: skip
_REACH = ("service", "min_unit_share")
# what each family takes, what it cannot do without, and the variants it computes
TAKES: Mapping[str, tuple[str, ...]] = {
    "presence_rate": (*_UNITS_WITH, *_REACH, "tiers"),
    "quota": (*_UNITS_WITH, "field"),
    "ratio": (
        "units", "scope", "urban_rule", "numerator", "denominator", "scale", "standard", "split",
        "people_per_household", *_REACH,
    ),
    "network_coverage": ("units", "scope", "urban_rule", "services", "weight", *_REACH),
    "attribute_share": ("categories", "where", "numerator", "denominator"),
    "flag_share": ("of", "categories", "where", "passes", "urban_rule"),
    "proximity": ("categories", "where", "near", "metres", "metric"),
    "zone_share": ("weight", "zone", "flag", "service", "supply", "decay", "scale"),
    "count": ("of", "categories", "where", "field", "urban_rule", "service"),
    "entered": (),
}  # fmt: skip
NEEDS: Mapping[str, tuple[str, ...]] = {
    "presence_rate": ("units", "categories|service|tiers"),
    "quota": ("units", "categories"),
    "ratio": ("units", "numerator", "denominator"),
    "network_coverage": ("units", "service|services"),
    "attribute_share": ("categories", "numerator", "denominator"),
    "flag_share": ("of", "passes"),
    "proximity": ("categories", "near", "metres"),
    "zone_share": ("zone|flag|supply",),
    "count": ("of",),
    "entered": (),
}
FAMILIES: tuple[Family, ...] = (
    "presence_rate", "ratio", "network_coverage", "attribute_share", "quota", "flag_share",
    "proximity", "zone_share", "count", "entered",
)  # fmt: skip
VARIANTS = (
    "reach",
    "units",
    "units_by_reach",
    "pooled",
    "mean",
    "median",
    "compliance",
    "total",
)
COMPUTES: Mapping[str, tuple[str, ...]] = {
    "presence_rate": ("units", "reach", "units_by_reach"),
    "quota": ("units",),
    "ratio": ("pooled", "compliance", "mean", "median", "reach"),
    "network_coverage": ("reach", "units", "units_by_reach"),
    "attribute_share": ("pooled", "mean", "median"),
    "flag_share": ("pooled", "units"),
    "proximity": ("pooled",),
    "zone_share": ("pooled", "mean"),
    "count": ("total", "mean", "median"),
    "entered": ("total",),
}

# parameters that name a field, and the layer it belongs to
FIELDS: Mapping[str, Callable[[str], str]] = {
    "field": lambda of: of,
    "weight": lambda _: "demand",
    "supply": lambda _: "facilities",
    "flag": lambda _: "communities",
}


def default_variants(family: str, parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the variant that a family computes where nobody says which."""
    if family == "flag_share":
        return ("units" if parameters.get("of") in UNITS else "pooled",)
    return COMPUTES[family][:1]


def fields_used(parameters: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the layers and fields that a row reads beside places, codes and categories.

    Parameters
    ----------
    parameters
        All parameters of the row.
    """
    units = layer_of(parameters.get("units"), "communities")
    of = layer_of(parameters.get("of"), "facilities")
    layers = {
        "scope": units,
        "unit_counts_where": units,
        "where": of,
        "passes": of,
        "zone": "zones",
    }
    used = {(layer, f) for name, layer in layers.items() for f in _named(parameters.get(name))}
    for name in ("numerator", "denominator"):
        value = parameters.get(name, [])
        for amount in value if isinstance(value, list) else [value]:
            layer = amount.get("of", "facilities")
            used |= {(layer, f) for f in (amount.get("field"), *_named(amount.get("where"))) if f}
    for name, place in FIELDS.items():
        if parameters.get(name):
            used.add((place(of), parameters[name]))
    for tier in parameters.get("tiers", []):
        used |= fields_used(tier)
    return used


def _named(conditions: Any) -> set[str]:  # noqa: ANN401
    sets = conditions if isinstance(conditions, list) else [conditions or {}]
    return {field for entry in sets for field in entry}


def layer_of(value: object, default: str) -> str:
    """Return a layer that parameters name, or the one meant where they name none."""
    return str(value) if value in LAYERS else default
