"""Write a layer's style in the format of QGIS, QML: symbols, renderers, names, fields.

Symbols carry their settings twice, as ``Option`` for QGIS from 3.20 and as ``prop`` for older ones,
as QGIS itself does.

References
----------
QGIS User Guide, appendix QGIS File Formats: QML, the QGIS Style File Format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Shape = Literal["marker", "fill"]

_HEAD = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
_VERSION = "3.22.0"  # the oldest long-term release that reads all of it
_GEOMETRY = {"marker": "0", "fill": "2"}
_SOLID = 255


@dataclass(frozen=True, kw_only=True)
class Symbol:
    """A mark or a fill.

    Parameters
    ----------
    shape
        ``marker`` or ``fill``.
    colour, outline
        Colours as ``#rrggbb``.
    opacity
        Of the whole symbol, 0–1.
    width
        Of the outline in millimetres; 0 leaves it out.
    size
        Of a mark in millimetres.
    """

    shape: Shape
    colour: str
    outline: str = "#ffffff"
    opacity: float = 1.0
    width: float = 0.2
    size: float = 2.0


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What is drawn where a condition holds, and whether it is shown from the start."""

    label: str
    condition: str
    symbol: Symbol | None = None
    shown: bool = True
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Graduated:
    """Classes of a number, the first that holds a value is taken."""

    column: str
    classes: tuple[tuple[float, float, str, Symbol], ...]


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names on the map: their size in points, and the scale from which on they are shown."""

    column: str
    size: float
    scale: int = 0


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What columns are called, and for those that hold codes, what each code stands for."""

    titles: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]


def document(
    drawing: Graduated | Sequence[Rule], shape: Shape, fields: Fields, names: Names | None = None
) -> str:
    """Return the style of a layer.

    Parameters
    ----------
    drawing
        Classes, or rules.
    shape
        What the layer's geometry is drawn with.
    fields
        What is told of the layer's columns.
    names
        Names to write on the map.
    """
    root = ET.Element(
        "qgis",
        version=_VERSION,
        styleCategories="Symbology|Labeling|Fields|Forms",
        labelsEnabled="1" if names else "0",
    )
    _codes(root, fields.words)
    if isinstance(drawing, Graduated):
        _graduated(root, drawing)
    else:
        _ruled(root, drawing)
    if names:
        _labels(root, names)
    told = ET.SubElement(root, "aliases")
    for position, (column, title) in enumerate(fields.titles.items()):
        ET.SubElement(told, "alias", index=str(position), field=column, name=title)
    ET.SubElement(root, "layerGeometryType").text = _GEOMETRY[shape]
    ET.indent(root)
    return _HEAD + ET.tostring(root, encoding="unicode") + "\n"


def _codes(root: ET.Element, words: Mapping[str, Mapping[str, str]]) -> None:
    """Let columns with codes show what the codes stand for."""
    parent = ET.SubElement(root, "fieldConfiguration")
    for column, said in words.items():
        field = ET.SubElement(parent, "field", name=column)
        config = ET.SubElement(ET.SubElement(field, "editWidget", type="ValueMap"), "config")
        outer = ET.SubElement(config, "Option", type="Map")
        entries = ET.SubElement(outer, "Option", name="map", type="List")
        for code, word in said.items():
            entry = ET.SubElement(entries, "Option", type="Map")
            ET.SubElement(entry, "Option", name=word, value=code, type="QString")


def _graduated(root: ET.Element, drawing: Graduated) -> None:
    renderer = _renderer(
        root, "graduatedSymbol", attr=drawing.column, graduatedMethod="GraduatedColor"
    )
    ranges = ET.SubElement(renderer, "ranges")
    for position, (lower, upper, label, _) in enumerate(drawing.classes):
        ET.SubElement(
            ranges, "range", lower=f"{lower:.15f}", upper=f"{upper:.15f}", label=label,
            symbol=str(position), render="true",
        )  # fmt: skip
    symbols = ET.SubElement(renderer, "symbols")
    for position, (_, _, _, symbol) in enumerate(drawing.classes):
        _symbol(symbols, str(position), symbol)


def _ruled(root: ET.Element, rules: Sequence[Rule]) -> None:
    renderer = _renderer(root, "RuleRenderer")
    top = ET.SubElement(renderer, "rules", key="{rules}")
    found: list[Symbol] = []
    _rules(top, rules, found, "rule")
    symbols = ET.SubElement(renderer, "symbols")
    for position, symbol in enumerate(found):
        _symbol(symbols, str(position), symbol)


def _rules(parent: ET.Element, rules: Sequence[Rule], found: list[Symbol], key: str) -> None:
    for position, rule in enumerate(rules):
        own = f"{key}-{position}"
        node = ET.SubElement(
            parent, "rule", key=f"{{{own}}}", label=rule.label, filter=rule.condition,
            checkstate="1" if rule.shown else "0",
        )  # fmt: skip
        if rule.symbol:
            node.set("symbol", str(len(found)))
            found.append(rule.symbol)
        _rules(node, rule.rules, found, own)


def _renderer(root: ET.Element, kind: str, **options: str) -> ET.Element:
    node = ET.SubElement(
        root, "renderer-v2", type=kind, symbollevels="0", enableorderby="0", forceraster="0",
        referencescale="-1",
    )  # fmt: skip
    for name, value in options.items():
        node.set(name, value)
    return node


def _symbol(parent: ET.Element, name: str, symbol: Symbol) -> None:
    node = ET.SubElement(
        parent, "symbol", name=name, type=symbol.shape, alpha=f"{symbol.opacity:g}",
        clip_to_extent="1", force_rhr="0",
    )  # fmt: skip
    kind = "SimpleMarker" if symbol.shape == "marker" else "SimpleFill"
    layer = ET.SubElement(
        node, "layer", {"class": kind, "enabled": "1", "locked": "0", "pass": "0"}
    )
    options = ET.SubElement(layer, "Option", type="Map")
    settings = _settings(symbol)
    for key, value in settings.items():
        ET.SubElement(options, "Option", name=key, value=value, type="QString")
    for key, value in settings.items():
        ET.SubElement(layer, "prop", k=key, v=value)


def _settings(symbol: Symbol) -> dict[str, str]:
    common = {
        "color": _colour(symbol.colour),
        "outline_color": _colour(symbol.outline),
        "outline_style": "solid" if symbol.width else "no",
        "outline_width": f"{symbol.width:g}",
        "outline_width_unit": "MM",
        "joinstyle": "bevel",
    }
    if symbol.shape == "fill":
        return {**common, "style": "solid"}
    return {**common, "name": "circle", "size": f"{symbol.size:g}", "size_unit": "MM"}


def _labels(root: ET.Element, names: Names) -> None:
    labelling = ET.SubElement(root, "labeling", type="simple")
    settings = ET.SubElement(labelling, "settings", calloutType="simple")
    style = ET.SubElement(
        settings, "text-style", fieldName=names.column, isExpression="0",
        fontSize=f"{names.size:g}", fontSizeUnit="Point", textColor=_colour("#1f2226"),
        textOpacity="1",
    )  # fmt: skip
    ET.SubElement(
        style, "text-buffer", bufferDraw="1", bufferSize="0.8", bufferSizeUnits="MM",
        bufferColor=_colour("#ffffff"), bufferOpacity="1",
    )  # fmt: skip
    ET.SubElement(settings, "placement", placement="0", dist="0", distUnits="MM")
    ET.SubElement(
        settings, "rendering", drawLabels="1", obstacle="1", displayAll="0",
        scaleVisibility="1" if names.scale else "0", scaleMin="1", scaleMax=str(names.scale),
    )  # fmt: skip


def _colour(code: str) -> str:
    red, green, blue = (int(code[at : at + 2], 16) for at in (1, 3, 5))
    return f"{red},{green},{blue},{_SOLID}"
