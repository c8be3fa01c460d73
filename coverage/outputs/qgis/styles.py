"""How the layers of a result are drawn: the classes and colours of the offline map."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from coverage import texts, vocabulary
from coverage.access import DEMAND_STATUSES
from coverage.outputs.map_layers import GROUPS, group_of
from coverage.outputs.qgis.columns import code_words, column_titles, status_word
from coverage.outputs.qgis.qml import Fields, Graduated, Names, Rule, Symbol, document

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from coverage.outputs.qgis.qml import Shape
    from coverage.service import Service

# those of map.js, which cannot read them here
SHARES = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
RAMP = ("#f3e9d2", "#cfdcc3", "#93c2b1", "#519c99", "#1d6a70")
GROUP_COLOURS = {
    "eldercare": "#173f5f", "institutions": "#6a3d7c", "community": "#8a6d1f",
    "social": "#2f6b2f", "funeral": "#4a4a4a", "other": "#7a7a7a",
}  # fmt: skip
AREA = "#3f3a8c"
_STATUS_COLOURS = dict(
    zip(DEMAND_STATUSES, ("#1d6a70", "#c4441c", "#7b1e3a", "#4a4a4a"), strict=True)
)
_UNITS = {
    "townships": Names(column="name", size=10),
    "communities": Names(column="name", size=8, scale=60_000),
}
_ROUNDING = 1e-9  # by which a share of all may pass 1
_LONGEST = 30  # letters that QGIS keeps of a style's name


@dataclass(frozen=True, kw_only=True)
class Style:
    """A style of a layer.

    Parameters
    ----------
    name
        What it is called.
    qml
        The style as QGIS writes it.
    default
        Whether the layer opens in it; others are offered.
    """

    name: str
    qml: str
    default: bool


def styles(
    layer: str, columns: Sequence[str], shape: Shape, services: Sequence[Service], language: str
) -> Iterator[Style]:
    """Give the styles of a layer, its own first.

    Parameters
    ----------
    layer
        Name of the layer.
    columns
        Its columns, without geometry.
    shape
        Whether its geometry is drawn by marks or fills.
    services
        Services of the result, the one to open with first.
    language
        ``zh`` or ``en``.
    """
    fields = Fields(
        titles=column_titles(columns, services, language),
        words=code_words(layer, columns, services, language),
    )
    if layer in _UNITS:
        for position, service in enumerate(services):
            drawing = _shares(service, shape)
            qml = document(drawing, shape, fields, _UNITS[layer])
            name = service.title(language)[:_LONGEST]
            yield Style(name=name, qml=qml, default=position == 0)
        return
    if layer == "facilities":
        rules = _facilities(language)
    elif layer == "service_areas":
        rules = _areas(services, language)
    else:
        rules = _points(layer, services, language)
    name = texts.say(f"qgis.style_{layer}", language)
    yield Style(name=name, qml=document(rules, shape, fields), default=True)


def _shares(service: Service, shape: Shape) -> Graduated:
    """Return classes of shares, the highest first: a bound belongs to the class above it."""
    classes = [
        (
            low,
            high + _ROUNDING,
            f"{low:.0%} – {high:.0%}",
            Symbol(shape=shape, colour=colour, outline="#8a8a84"),
        )
        for (low, high), colour in zip(pairwise(SHARES), RAMP, strict=True)
    ]
    return Graduated(column=f"{service.name}_share", classes=tuple(reversed(classes)))


def _facilities(language: str) -> tuple[Rule, ...]:
    counted = "\"status\" = 'counted'"
    known = vocabulary.categories()
    rules = [
        Rule(
            label=texts.say(f"map.group_{group}", language),
            condition=f'{counted} AND "category" IN ({_listed(names)})',
            symbol=Symbol(shape="marker", colour=GROUP_COLOURS[group], size=2.4),
        )
        for group in GROUPS
        if (names := [name for name in known if group_of(name) == group])
    ]
    hollow = Symbol(shape="marker", colour="#ffffff", outline="#4a4a4a", width=0.4, size=1.8)
    label = texts.say("map.not_counted", language)
    not_counted = Rule(label=label, condition="\"status\" <> 'counted'", symbol=hollow)
    return (*rules, not_counted)


def _areas(services: Sequence[Service], language: str) -> tuple[Rule, ...]:
    # thirds of the minutes lie on each other: the nearer, the darker
    symbol = Symbol(shape="fill", colour=AREA, outline=AREA, opacity=0.3, width=0.1)
    return tuple(
        Rule(
            label=service.title(language),
            condition=f"\"service\" = {_quoted(service.name)} AND coalesce(\"facility\", '') = ''",
            symbol=symbol,
            shown=position == 0,
        )
        for position, service in enumerate(services)
    )


def _points(layer: str, services: Sequence[Service], language: str) -> tuple[Rule, ...]:
    """Return rules by service, and within it by status; one service is shown at a time."""
    names = DEMAND_STATUSES if layer == "demand" else DEMAND_STATUSES[1:]
    by_status = tuple(
        Rule(
            label=status_word(layer, status, language),
            condition=f'"status" = {_quoted(status)}',
            symbol=Symbol(shape="marker", colour=_STATUS_COLOURS[status], width=0, size=1.2),
        )
        for status in names
    )
    return tuple(
        Rule(
            label=service.title(language),
            condition=f'"service" = {_quoted(service.name)}',
            shown=position == 0,
            rules=by_status,
        )
        for position, service in enumerate(services)
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(_quoted, names))


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
