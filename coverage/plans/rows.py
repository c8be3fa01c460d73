"""Make one row of a plan: what the catalogue says, what the row changes, what was chosen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from coverage.plans.catalogue import DIRECTIONS, METHODS, reading
from coverage.plans.checks import check_parameters
from coverage.plans.findings import nearest
from coverage.plans.parameters import COMPUTES, FAMILIES, TAKES, default_variants
from coverage.plans.plan import ATTRIBUTES, KINDS, LEVELS, IndicatorRow
from coverage.plans.values import COMPARATORS, Figure, read_figure, split_change

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from coverage.plans.catalogue import Choice, Indicator
    from coverage.plans.findings import Findings
    from coverage.plans.parameters import Parameters

_KEYS = (
    "row", "kind", "indicator", "name_zh", "name_en", "family", "method", "unit", "variants",
    "parameters", "choices", "baseline", "target", "baseline_text", "target_text", "comparator",
    "attribute", "base_year", "target_year", "level", "source", "conflict", "repeats", "statement",
    "yearly", "direction", "meaning_zh", "meaning_en",
)  # fmt: skip
_WORDS: Mapping[str, tuple[str, ...]] = {
    "kind": KINDS,
    "family": FAMILIES,
    "method": METHODS,
    "comparator": COMPARATORS,
    "attribute": (*ATTRIBUTES, ""),
    "level": LEVELS,
    "direction": DIRECTIONS,
}
_TEXTS = (
    "indicator", "name_zh", "name_en", "unit", "source", "conflict", "meaning_zh", "meaning_en",
    "baseline_text", "target_text",
)  # fmt: skip
YEARS = range(1949, 2101)
_WHOLE = 100.0  # percent


@dataclass(frozen=True, kw_only=True)
class Head:
    """What a plan says once for all its rows."""

    level: str
    base_year: int | None
    target_year: int | None
    services: Collection[str]
    indicators: Mapping[str, Indicator]


def make_row(
    entry: Mapping[str, Any], head: Head, chosen: Mapping[str, Any], found: Findings
) -> IndicatorRow | None:
    """Make a row, or say why it cannot be used.

    Parameters
    ----------
    entry
        The row's table, or the cells of a sheet by the same keys.
    head
        What holds for all rows.
    chosen
        Readings and parameters chosen outside the plan for the row's indicator.
    found
        Where findings go.

    Returns
    -------
    IndicatorRow or None
        None where a finding is an error.
    """
    _check_entry(entry, head, found)
    if found.failed:
        return None
    indicator = head.indicators[entry["indicator"]]
    recipe = _recipe(entry, indicator, chosen, found)
    facts = _facts(entry, recipe.unit, found)
    if found.failed:
        return None
    _complete(recipe, facts["target"])
    for variant in recipe.variants:
        if variant not in COMPUTES[recipe.family]:
            allowed = tuple(COMPUTES[recipe.family])
            found.error("not_allowed", "variants", variant, allowed=allowed)
    check_parameters(recipe.family, recipe.parameters, head.services, found)
    if found.failed:
        return None
    row = IndicatorRow(
        row=entry["row"],
        kind=entry.get("kind", "table"),
        indicator=indicator.name,
        name_zh=entry.get("name_zh") or indicator.zh,
        name_en=entry.get("name_en") or indicator.en,
        family=recipe.family,  # type: ignore[arg-type] # checked above
        unit=recipe.unit,
        variants=tuple(recipe.variants),
        parameters=recipe.parameters,
        method=recipe.method,
        choices=recipe.choices,
        **facts,
        base_year=entry.get("base_year", head.base_year),
        target_year=_target_year(entry, head),
        level=entry.get("level", head.level),
        source=entry.get("source", ""),
        conflict=entry.get("conflict", ""),
        direction=entry.get("direction", indicator.direction),
        meaning_zh=entry.get("meaning_zh") or indicator.meaning_zh,
        meaning_en=entry.get("meaning_en") or indicator.meaning_en,
        repeats=entry.get("repeats"),
        statement=entry.get("statement", False),
        yearly=entry.get("yearly", False),
    )
    _doubt(row, found)
    return row


def _check_entry(entry: Mapping[str, Any], head: Head, found: Findings) -> None:
    for key in entry:
        if key not in _KEYS:
            found.unknown("unknown_key", key, key, _KEYS)
    for key in ("row", "indicator"):
        if entry.get(key) in (None, ""):
            found.error("lacks", key)
    number = entry.get("row", 1)
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        found.error("row_number", "row", number)
    name = entry.get("indicator")
    if name and str(name) not in head.indicators:
        words = {i.zh: i.name for i in head.indicators.values()} | {i: i for i in head.indicators}
        near = words[nearest(str(name), words)]
        found.error("unknown_indicator", "indicator", name, near=near)
    for key, value in entry.items():
        _check_value(key, value, found)


def _check_value(key: str, value: object, found: Findings) -> None:
    if key in _WORDS and value not in _WORDS[key]:
        found.error("not_allowed", key, value, allowed=tuple(w for w in _WORDS[key] if w))
    elif key in _TEXTS and not isinstance(value, str):
        found.error("not_text", key, value)
    elif key in ("statement", "yearly") and not isinstance(value, bool):
        found.error("not_allowed", key, value, allowed="true、false")
    elif key == "repeats" and not isinstance(value, int):
        found.error("row_number", key, value)
    elif key in ("base_year", "target_year") and value not in YEARS:
        found.error("year", key, value)
    elif key in ("parameters", "choices") and not isinstance(value, dict):
        found.error("not_a_table", key, value)
    elif key == "variants" and not (isinstance(value, list) and value):
        found.error("not_a_list", key, value)


@dataclass
class _Recipe:
    """How a row is computed, while it is put together."""

    family: str
    method: str
    unit: str
    variants: list[str]
    parameters: Parameters
    choices: dict[str, str]

    def change(self, changes: Mapping[str, Any]) -> None:
        """Take over family, method, unit and variants where they are named."""
        family, of = self.family, self.parameters.get("of")
        self.family = changes.get("family", family)
        self.unit = changes.get("unit", self.unit)
        if self.family != family:
            self.parameters = {k: v for k, v in self.parameters.items() if k in TAKES[self.family]}
        if self.family == "entered":
            self.method = "entered"
        self.method = changes.get("method", self.method)
        new_of = (changes.get("parameters") or changes).get("of", of)
        if "variants" in changes:
            self.variants = list(changes["variants"])
        elif self.family != family or new_of != of:
            self.variants = list(default_variants(self.family, {"of": new_of}))


def _recipe(
    entry: Mapping[str, Any], indicator: Indicator, chosen: Mapping[str, Any], found: Findings
) -> _Recipe:
    """Put together catalogue, row, readings and what was chosen outside the plan, in this order.

    What a row writes takes the place of the catalogue's value; a reading adds to it, so that
    several readings of an indicator go together.
    """
    recipe = _Recipe(
        family=indicator.family,
        method=indicator.method,
        unit=indicator.unit,
        variants=list(indicator.variants),
        parameters=dict(indicator.parameters),
        choices={},
    )
    recipe.change(entry)
    recipe.parameters.update(entry.get("parameters", {}))
    own_family = recipe.family != indicator.family
    asked = entry.get("choices", {})
    for name in asked:
        if name not in indicator.choices:
            found.unknown("unknown_choice", f"choices.{name}", name, indicator.choices or (name,))
    for name, choice in indicator.choices.items():
        if own_family and not _concerns(choice, recipe.family):
            continue
        value = reading(chosen.get(name, asked.get(name, choice.default)))
        recipe.choices[name] = value
        if value in choice.values:
            _apply(choice.values[value], recipe)
        else:
            found.unknown("unknown_word", f"choices.{name}", value, choice.values)
    for name, value in chosen.items():
        if name in TAKES[recipe.family]:
            recipe.parameters[name] = value
    recipe.parameters = {
        name: _without_any(value) for name, value in recipe.parameters.items() if value != ""
    }
    return recipe


def _concerns(choice: Choice, family: str) -> bool:
    """Return whether a choice says anything of a row that is computed by another family."""
    return all(key in TAKES[family] for changes in choice.values.values() for key in changes)


def _apply(changes: Mapping[str, Any], recipe: _Recipe) -> None:
    recipe.change(changes)
    for key, value in changes.items():
        if key in ("family", "method", "unit", "variants"):
            continue
        before = recipe.parameters.get(key)
        both = isinstance(value, dict) and isinstance(before, dict)
        recipe.parameters[key] = {**before, **value} if both else value  # type: ignore[dict-item]


def _without_any(value: Any) -> Any:  # noqa: ANN401 - whatever a parameter holds
    """Drop the conditions that were taken away."""
    if isinstance(value, dict):
        return {k: _without_any(v) for k, v in value.items() if v != "any"}
    if isinstance(value, list):
        return [_without_any(v) for v in value]
    return value


def _complete(recipe: _Recipe, target: float | None) -> None:
    """Fill in thresholds that the plan's target gives: at least so many in each unit."""
    counted = recipe.unit != "%"
    if recipe.family == "quota" and "at_least" not in recipe.parameters:
        recipe.parameters["at_least"] = target if counted and target else 1
    if recipe.family == "ratio" and "compliance" in recipe.variants:
        if "standard" not in recipe.parameters and counted and target is not None:
            recipe.parameters["standard"] = target
        if "standard" not in recipe.parameters:
            recipe.variants.remove("compliance")


def _facts(entry: Mapping[str, Any], unit: str, found: Findings) -> dict[str, Any]:
    """Read baseline, target, comparator and attribute, wherever the cells slipped to."""
    baseline, target, attribute = entry.get("baseline"), entry.get("target"), entry.get("attribute")
    if target in ATTRIBUTES and not attribute:
        found.warn("shifted", "target", target)
        attribute, target = target, None
    before, after = split_change(baseline if target is None else target)
    wanted = read_figure(after, unit)
    if target is None:
        if after != baseline or wanted.comparator:
            found.warn("target_in_baseline", "baseline", baseline)
            stood = read_figure(before, unit)
        else:
            stood, wanted = wanted, Figure()
    else:
        stood = read_figure(baseline if before is None else before, unit)
    for key, figure in (("baseline", stood), ("target", wanted)):
        if not figure.understood:
            found.warn("not_understood", key, figure.text)
    sign = (
        entry.get("comparator") or wanted.comparator or ("=" if wanted.number is not None else "≥")
    )
    return {
        "baseline": stood.number,
        "target": wanted.number,
        "baseline_text": entry.get("baseline_text", stood.text),
        "target_text": entry.get("target_text", wanted.text),
        "comparator": sign,
        "attribute": attribute or "",
    }


def _target_year(entry: Mapping[str, Any], head: Head) -> int | None:
    no_end = entry.get("statement") or entry.get("yearly")
    year: int | None = entry.get("target_year", None if no_end else head.target_year)
    return year


def _doubt(row: IndicatorRow, found: Findings) -> None:
    """Warn of figures that cannot be meant."""
    target, baseline = row.target, row.baseline
    if target is not None:
        share = row.unit == "%" and row.family not in ("ratio", "entered", "count")
        if share and target > _WHOLE:
            found.warn("over_100", "target", target)
        if target < 0:
            found.warn("negative", "target", target)
    rises = row.direction == "up" and row.comparator in ("≥", "=", ">", "≈")
    if target is not None and baseline is not None and rises and target < baseline:
        found.warn("below_baseline", "target", target, baseline=baseline)
    if row.target_year and row.base_year and row.target_year < row.base_year:
        found.warn("years", "target_year", row.target_year, base_year=row.base_year)
