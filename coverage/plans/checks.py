"""Find what is wrong with the parameters of a row, and name the nearest right word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from coverage import vocabulary
from coverage.plans.conditions import LAYERS, UNITS, URBAN_RULES, check_conditions, fields_of
from coverage.plans.parameters import FIELDS, NEEDS, TAKES, layer_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from coverage.plans.findings import Findings

_WORDS: Mapping[str, tuple[object, ...]] = {
    "units": UNITS,
    "of": LAYERS,
    "only_within": ("townships", "counties"),
    "urban_rule": URBAN_RULES,
    "assignment": ("within_or_serves", "within", "serves", "nearest", "reach"),
    "metric": ("network", "straight"),
    "split": ("households", "equally", "primary"),
    "decay": ("binary", "gaussian", "exponential", "power", "stepped"),
    "and_city": (True, False),
}
# above the first, up to the second
_NUMBERS: Mapping[str, tuple[float, float]] = {
    "at_least": (0, 1e9),
    "metres": (0, 1e6),
    "scale": (0, 1e9),
    "standard": (0, 1e9),
    "min_unit_share": (0, 1),
    "people_per_household": (0, 100),
}
_AMOUNT = ("of", "field", "categories", "where")
_TIER = ("units", "scope", "categories", "where", "at_least", "assignment")


def check_parameters(
    family: str, parameters: Mapping[str, Any], services: Collection[str], found: Findings
) -> None:
    """Find what is wrong with the parameters of a row.

    Parameters
    ----------
    family
        One of the ten families.
    parameters
        All parameters of the row, those of the catalogue included.
    services
        Names of the services there are.
    found
        Where findings go.
    """
    for needed in NEEDS[family]:
        if not any(parameters.get(name) for name in needed.split("|")):
            found.error("lacks_parameter", needed.replace("|", " / "), family=family)
    for name, value in parameters.items():
        if name not in TAKES[family]:
            found.unknown("unknown_parameter", name, name, TAKES[family] or ("family",))
        else:
            _check(name, value, parameters, found)
    several = parameters.get("services", [])
    if not isinstance(several, list):
        found.error("not_a_list", "services", several)
        return
    for service in (parameters.get("service"), *several):
        if service is not None and str(service) not in services:
            found.unknown("unknown_service", "service", service, services)


def _check(name: str, value: Any, parameters: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    if name in _WORDS:
        if value not in _WORDS[name]:
            allowed = tuple(str(word).lower() for word in _WORDS[name])
            found.error("not_allowed", name, value, allowed=allowed)
    elif name in _NUMBERS:
        low, high = _NUMBERS[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not low < value <= high:
            found.error("number", name, value)
    elif name in FIELDS:
        of = layer_of(parameters.get("of"), "facilities")
        _check_field(name, value, FIELDS[name](of), found)
    elif name in _SHAPES:
        _SHAPES[name](name, value, parameters, found)


def _check_units(name: str, value: Any, parameters: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    check_conditions(value, layer_of(parameters.get("units"), "communities"), name, found)


def _check_rows(name: str, value: Any, parameters: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    check_conditions(value, layer_of(parameters.get("of"), "facilities"), name, found)


def _check_zone(name: str, value: Any, _: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    check_conditions(value, "zones", name, found)


def _check_field(name: str, value: object, layer: str, found: Findings) -> None:
    if str(value) not in fields_of(layer):
        found.unknown("unknown_field", name, value, fields_of(layer))


def _check_categories(name: str, value: Any, _: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    if not isinstance(value, list) or not value:
        found.error("not_a_list", name, value)
        return
    for category in value:
        if str(category) not in vocabulary.categories():
            found.unknown("unknown_category", name, category, vocabulary.categories())


def _check_amounts(name: str, value: Any, _: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    for amount in value if isinstance(value, list) else [value]:
        if not isinstance(amount, dict):
            found.error("not_an_amount", name, amount)
            continue
        layer = layer_of(amount.get("of"), "facilities")
        for key, part in amount.items():
            if key not in _AMOUNT:
                found.unknown("unknown_parameter", f"{name}.{key}", key, _AMOUNT)
            elif key == "of" and part not in LAYERS:
                found.unknown("unknown_word", f"{name}.of", part, LAYERS)
            elif key == "field":
                _check_field(f"{name}.field", part, layer, found)
            elif key == "categories":
                _check_categories(f"{name}.categories", part, {}, found)
            elif key == "where":
                check_conditions(part, layer, f"{name}.where", found)


def _check_tiers(name: str, value: Any, _: Mapping[str, Any], found: Findings) -> None:  # noqa: ANN401
    for tier in value if isinstance(value, list) else [value]:
        if not isinstance(tier, dict) or not {"units", "categories"} <= set(tier):
            found.error("lacks_parameter", f"{name}: units, categories", family="presence_rate")
            continue
        for key, part in tier.items():
            if key in _TIER:
                _check(key, part, tier, found)
            else:
                found.unknown("unknown_parameter", f"{name}.{key}", key, _TIER)


_SHAPES: Mapping[str, Callable[[str, Any, Mapping[str, Any], Findings], None]] = {
    "categories": _check_categories,
    "near": _check_categories,
    "scope": _check_units,
    "unit_counts_where": _check_units,
    "where": _check_rows,
    "passes": _check_rows,
    "zone": _check_zone,
    "numerator": _check_amounts,
    "denominator": _check_amounts,
    "tiers": _check_tiers,
}
