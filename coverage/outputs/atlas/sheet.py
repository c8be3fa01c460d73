"""A page of the atlas: paper, frame, and what a map must say about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Polygon, Rectangle

from coverage import texts
from coverage.outputs.atlas.fonts import drawable
from coverage.outputs.atlas.labels import MM_PER_POINT, text_width_mm, wrapped
from coverage.outputs.atlas.palette import ALARM, INK, PAPER, QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PAGE_MM = (297.0, 210.0)
MAP_MM = (10.0, 25.0, 216.0, 189.0)  # left, bottom, right, top
INSET_MM = (40.0, 31.84)  # in the shape of the map's frame
_PANEL_MM = (221.0, 287.0)
_MARGIN_MM = 10.0
_MM_PER_INCH = 25.4
_TEXT = 8.5  # points
_HEADING = 9.5  # points
_LINE_MM = 4.3
_TITLE = 18.0  # points
_TITLE_ZOOM = 1.2  # titles are large enough
_SCALE_MM = 22.0  # room for scale and arrow at the foot of the panel

FOOT_MM = PAGE_MM[0] - 2 * _MARGIN_MM
FOOT_SIZE = 7.5


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What every page says about itself.

    Parameters
    ----------
    subtitle
        Stands beneath the title.
    notice
        What must be shown, for instance that the data are invented; may be empty.
    lines
        The foot of the page, a line each.
    approval
        Slot for the number under which the map was approved.
    zoom
        By what factor letters and marks are larger than on paper A4, for pages that are shown
        smaller.
    """

    subtitle: str
    notice: str
    lines: tuple[str, ...]
    approval: str
    zoom: float = 1.0


class Sheet:
    """A page under construction; the panel beside the map fills from the top.

    Parameters
    ----------
    title
        Title of the page.
    imprint
        What every page says.
    language
        ``zh`` or ``en``.
    """

    def __init__(self, title: str, imprint: Imprint, language: str) -> None:
        wide, high = (side / _MM_PER_INCH for side in PAGE_MM)
        self.figure = Figure(figsize=(wide, high))
        self.language = language
        self.zoom = imprint.zoom
        self.marks = np.empty((0, 4))
        self.lacking: frozenset[str] = frozenset()
        self.map = self._axes(MAP_MM)
        self.paper = self._axes((0, 0, *PAGE_MM))
        self.paper.set(xlim=(0, PAGE_MM[0]), ylim=(0, PAGE_MM[1]))
        self.paper.patch.set_visible(False)
        self.paper.set_axis_off()
        self.paper.set_zorder(2)
        self.map.set(xticks=[], yticks=[])
        self._cursor = MAP_MM[3]
        self._head(title, imprint)
        self._foot(imprint)

    def _axes(self, box: tuple[float, float, float, float]) -> Axes:
        left, bottom, right, top = box
        width, height = PAGE_MM
        return self.figure.add_axes(
            (left / width, bottom / height, (right - left) / width, (top - bottom) / height)
        )

    def _head(self, title: str, imprint: Imprint) -> None:
        room = PAGE_MM[0] - 2 * _MARGIN_MM
        largest = _TITLE * min(self.zoom, _TITLE_ZOOM)
        size = min(largest, largest * room / max(text_width_mm(title, largest), 1.0))
        self.write(_MARGIN_MM, 199.5, title, size=size, color=INK, va="center", weight="bold")
        self.write(
            _MARGIN_MM, 192, imprint.subtitle, size=_TEXT * self.zoom, color=QUIET, va="center"
        )
        if imprint.notice:
            self.write(
                PAGE_MM[0] - _MARGIN_MM, 192, imprint.notice, size=9 * self.zoom, color=ALARM,
                ha="right", va="center", weight="bold",
                bbox={"facecolor": PAPER, "edgecolor": ALARM, "linewidth": 0.8, "pad": 2.5},
            )  # fmt: skip

    def _foot(self, imprint: Imprint) -> None:
        for position, line in enumerate(imprint.lines):
            self.write(
                _MARGIN_MM,
                22.2 - (position + 0.5) * 4.2 * self.zoom,
                line,
                size=FOOT_SIZE * self.zoom,
                color=QUIET,
                va="center",
            )
        self.write(
            PAGE_MM[0] - _MARGIN_MM, 22.2 - 2.1 * self.zoom, imprint.approval,
            size=_TEXT * self.zoom, color=INK, ha="right", va="center",
        )  # fmt: skip

    def write(self, x: float, y: float, text: str, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
        """Write a text on the page, as the typefaces can."""
        shown, lacking = drawable(text)
        self.lacking |= lacking
        self.paper.text(x, y, shown, **style)

    def heading(self, text: str) -> None:
        """Begin a part of the panel."""
        self._cursor -= 2.5
        for line in wrapped(text, _PANEL_MM[1] - _PANEL_MM[0], _HEADING * self.zoom):
            self._write(line, size=_HEADING, weight="bold")
        self._cursor -= 0.8

    def words(self, text: str) -> None:
        """Write a paragraph into the panel."""
        width = _PANEL_MM[1] - _PANEL_MM[0]
        for line in wrapped(text, width, _TEXT * self.zoom):
            self._write(line, size=_TEXT)

    def area(self, text: str, *, colour: str, hatch: str = "") -> None:
        """Explain the fill of an area."""
        patch = Rectangle(
            (_PANEL_MM[0], self._cursor - 3.6 * self.zoom), 8, 3.4 * self.zoom,
            facecolor=colour, hatch=hatch, edgecolor=QUIET, linewidth=0.4,
        )  # fmt: skip
        self.paper.add_patch(patch)
        self._entry(text)

    def mark(self, text: str, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
        """Explain a mark, a point or a line across its place."""
        middle = self._cursor - 1.9 * self.zoom
        if "marker" in style:
            self.paper.scatter([_PANEL_MM[0] + 4], [middle], **style)
        else:
            self.paper.plot([_PANEL_MM[0], _PANEL_MM[0] + 8], [middle] * 2, **style)
        self._entry(text)

    def _entry(self, text: str) -> None:
        for line in wrapped(text, _PANEL_MM[1] - _PANEL_MM[0] - 10, _TEXT * self.zoom):
            self._write(line, size=_TEXT, indent=10)

    def _write(self, text: str, *, size: float, indent: float = 0, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
        self.write(
            _PANEL_MM[0] + indent, self._cursor - 1.9 * self.zoom, text, size=size * self.zoom,
            color=INK, va="center", **style,
        )  # fmt: skip
        self._cursor -= max(_LINE_MM, size * MM_PER_POINT * 1.3) * self.zoom

    @property
    def fits(self) -> bool:
        """Return whether the panel leaves the scale free."""
        return self._cursor >= MAP_MM[1] + _SCALE_MM

    def keep_open(self, at: np.ndarray, area: float) -> None:
        """Remember where marks of an area in square points stand: names should not cover them."""
        half = np.sqrt(area) / 2 * MM_PER_POINT
        self.marks = np.vstack([self.marks, np.hstack([at - half, at + half])])

    def inset(self, box: tuple[float, float, float, float]) -> Axes:
        """Return a small map in a corner of the large one."""
        axes = self._axes(box)
        axes.set(xticks=[], yticks=[])
        axes.set_zorder(3)
        return axes

    def finish(self, metres_per_mm: float) -> None:
        """Say what could not be written, and draw north arrow and scale at the panel's foot."""
        if self.lacking:
            codes = " ".join(f"U+{ord(c):04X}" for c in sorted(self.lacking))
            self.words(texts.say("atlas.lacking", self.language, codes=codes))
        left, bottom = _PANEL_MM[0], MAP_MM[1]
        arrow = [(left + 4, bottom + 16), (left + 7.5, bottom + 3), (left + 4, bottom + 6)]
        self.paper.add_patch(Polygon(arrow, closed=True, color=INK, linewidth=0.5))
        mirrored = [(2 * (left + 4) - x, y) for x, y in arrow]
        self.paper.add_patch(
            Polygon(mirrored, closed=True, facecolor=PAPER, edgecolor=INK, linewidth=0.5)
        )
        north = texts.say("map.north", self.language)
        self.write(left + 4, bottom + 18.5, north, size=9 * self.zoom, ha="center", va="center")
        self._bar(left + 14, bottom + 6, metres_per_mm)
        ratio = texts.say(
            "atlas.scale", self.language, ratio=f"{_rounded(metres_per_mm * 1000):,.0f}"
        )
        self.write(
            left + 14, bottom + 14, ratio, size=FOOT_SIZE * self.zoom, color=QUIET, va="center"
        )

    def _bar(self, left: float, bottom: float, metres_per_mm: float) -> None:
        length = _scale_length(40 * metres_per_mm)
        half = length / 2 / metres_per_mm
        for part, colour in ((0, INK), (1, PAPER)):
            box = Rectangle(
                (left + part * half, bottom), half, 1.6, facecolor=colour, edgecolor=INK,
                linewidth=0.6,
            )  # fmt: skip
            self.paper.add_patch(box)
        unit, size = ("km", 1000.0) if length >= 2000 else ("m", 1.0)  # noqa: PLR2004 - metres
        for part in range(3):
            text = f"{length / 2 * part / size:g}" + (f" {unit}" if part == 2 else "")  # noqa: PLR2004 - the last
            self.write(
                left + part * half, bottom + 1.6 + 2 * self.zoom, text,
                size=FOOT_SIZE * self.zoom, ha="center", va="center",
            )  # fmt: skip


def _scale_length(longest: float) -> float:
    """Return the longest of 1, 2, 4, 5 times a power of ten that is not longer."""
    power = 10.0 ** (len(str(int(longest))) - 1)
    return max(step * power for step in (1, 2, 4, 5) if step * power <= max(longest, 1.0))


def _rounded(ratio: float) -> float:
    power = 10.0 ** max(len(str(int(ratio))) - 2, 0)
    return round(ratio / power) * power
