"""Draw shapes on a map: units, water, streets, facilities, uncovered places, names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import shapely
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from coverage.outputs.atlas.labels import place
from coverage.outputs.atlas.palette import FAINT, INK, LINE, PAPER, SHORE, STREET, WATER
from coverage.outputs.atlas.sheet import MAP_MM

if TYPE_CHECKING:
    from collections.abc import Sequence

    import geopandas as gpd
    from matplotlib.axes import Axes

    from coverage.outputs.atlas.sheet import Sheet
    from coverage.results import Result

Style: TypeAlias = dict[str, Any]

NO_DATA_HATCH = "////"
MAIN_STREET: Style = {"color": STREET, "linewidth": 0.7}
MINOR_STREET: Style = {"color": FAINT, "linewidth": 0.35}
COMMUNITY_LINE: Style = {"edgecolor": PAPER, "linewidth": 0.4}
TOWNSHIP_CASING: Style = {
    "edgecolor": PAPER,
    "linewidth": 1.8,
}  # keeps the line apart from dark fills
TOWNSHIP_LINE: Style = {"edgecolor": LINE, "linewidth": 0.8}
COUNTY_LINE: Style = {"edgecolor": INK, "linewidth": 1.6}

_MAIN_STREETS = ("motorway", "trunk", "primary", "secondary", "tertiary")
_MARGIN = 0.04  # of the map's extent, around what is shown
_DETAIL = 4000  # the finest bend drawn is the frame's width over this
_HEAVY = 40_000  # vertices from which a layer goes into a PDF as a picture
_HALO = [withStroke(linewidth=1.8, foreground=PAPER)]
_LEAST_M = 200.0  # half the width of the smallest map, for places without extent


@dataclass(frozen=True)
class View:
    """The part of the ground that a map shows: its bounds, in the shape of the map's frame.

    Parameters
    ----------
    west, south, east, north
        Bounds in metres.
    """

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def around(cls, bounds: Sequence[float]) -> View:
        """Return the view that shows bounds whole, with a margin."""
        west, south, east, north = bounds
        half = np.array([east - west, north - south]) / 2 * (1 + 2 * _MARGIN)
        frame = np.array([MAP_MM[2] - MAP_MM[0], MAP_MM[3] - MAP_MM[1]])
        scale = max(float((half / frame).max()), _LEAST_M / float(frame[0]))
        x, y = (west + east) / 2, (south + north) / 2
        return cls(x - scale * frame[0], y - scale * frame[1],
                   x + scale * frame[0], y + scale * frame[1])  # fmt: skip

    @property
    def metres_per_mm(self) -> float:
        """Return metres on the ground to a millimetre on the page."""
        return (self.east - self.west) / (MAP_MM[2] - MAP_MM[0])

    @property
    def tolerance(self) -> float:
        """Return metres that nobody sees on the page."""
        return (self.east - self.west) / _DETAIL

    def on_page(self, at: np.ndarray) -> np.ndarray:
        """Return millimetres on the page for places."""
        origin = np.array([self.west, self.south])
        page: np.ndarray = (at - origin) / self.metres_per_mm + np.array(MAP_MM[:2])
        return page

    def clipped(self, shapes: np.ndarray) -> np.ndarray:
        """Return shapes cut to the view, those outside it left out."""
        cut = shapely.clip_by_rect(shapes, self.west, self.south, self.east, self.north)
        kept: np.ndarray = cut[~(shapely.is_missing(cut) | shapely.is_empty(cut))]
        return kept


class Ground:
    """Shapes of a result, prepared once for all pages.

    Parameters
    ----------
    result
        The result.
    """

    def __init__(self, result: Result) -> None:
        self._result = result
        self._outlines: dict[View, tuple[np.ndarray, shapely.Geometry]] = {}

    @cached_property
    def streets(self) -> tuple[np.ndarray, np.ndarray]:
        """Return main and minor streets."""
        frame = self._result.context.get("streets")
        if frame is None or frame.empty:
            return np.array([], dtype=object), np.array([], dtype=object)
        lines = frame.geometry.to_numpy()
        if "highway" not in frame.columns:
            return np.array([], dtype=object), lines
        kinds = frame["highway"].astype(str).str.removesuffix("_link")
        main = kinds.isin(_MAIN_STREETS).to_numpy()
        return lines[main], lines[~main]

    @cached_property
    def water(self) -> np.ndarray:
        """Return rivers and lakes."""
        frame = self._result.context.get("water")
        if frame is None:
            return np.array([], dtype=object)
        shapes: np.ndarray = frame.geometry.dropna().to_numpy()
        return shapes

    def outlines(self, view: View) -> tuple[np.ndarray, shapely.Geometry]:
        """Return the townships as a view shows them, and all of them as one shape."""
        if view not in self._outlines:
            shapes = simplified(drawn(self._result.townships), view)
            self._outlines[view] = shapes, shapely.union_all(shapes)
        return self._outlines[view]

    def draw_water(self, axes: Axes, view: View, within: shapely.Geometry | None = None) -> None:
        """Draw water, within a shape where one is given."""
        shapes = view.clipped(self.water)
        if within is not None:
            shapes = shapely.intersection(shapes, within)
        draw_areas(axes, view, shapes, facecolor=WATER, edgecolor=SHORE, linewidth=0.4)

    def draw_streets(self, axes: Axes, view: View, within: shapely.Geometry | None = None) -> None:
        """Draw main streets; minor ones too, cut to a shape, where one is given."""
        main, minor = self.streets
        if within is None:
            draw_lines(axes, view, view.clipped(main), **MAIN_STREET)
            return
        shapely.prepare(within)
        for lines, style in ((minor, MINOR_STREET), (main, MAIN_STREET)):
            near = lines[shapely.intersects(lines, within)]
            draw_lines(axes, view, shapely.intersection(near, within), **style)


def drawn(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the rows that have a shape."""
    return frame[~(frame.geometry.isna() | frame.geometry.is_empty)]


def draw_units(
    axes: Axes,
    view: View,
    frame: gpd.GeoDataFrame,
    colours: Sequence[str | None],
    **style: Any,  # noqa: ANN401 - matplotlib's own
) -> None:
    """Fill units with their colours; those without one are hatched.

    Parameters
    ----------
    axes
        The map.
    view
        What it shows.
    frame
        Units, all with a shape.
    colours
        A colour a unit, None without data.
    **style
        Of the outlines.
    """
    shapes = simplified(frame, view)
    known = np.array([colour is not None for colour in colours], dtype=bool)
    fills = [colour for colour in colours if colour is not None]
    axes.add_collection(PathCollection(_paths(shapes[known]), facecolors=fills, **style))
    if not known.all():
        hatched: Style = {"facecolor": PAPER, "edgecolor": STREET, "linewidth": 0.35}
        paths = _paths(shapes[~known])
        axes.add_collection(PathCollection(paths, hatch=NO_DATA_HATCH, **hatched))


def simplified(frame: gpd.GeoDataFrame, view: View) -> np.ndarray:
    """Return units without bends that nobody sees, borders still shared."""
    shapes: np.ndarray = shapely.coverage_simplify(frame.geometry.to_numpy(), view.tolerance)
    return shapes


def draw_areas(axes: Axes, view: View, shapes: np.ndarray, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
    """Draw areas in one style."""
    simple = shapely.simplify(shapes, view.tolerance)
    paths = _paths(simple[~shapely.is_empty(simple)])
    axes.add_collection(PathCollection(paths, **{"facecolor": "none", **style}))


def draw_lines(axes: Axes, view: View, lines: np.ndarray, **style: Any) -> None:  # noqa: ANN401 - matplotlib's own
    """Draw lines in one style; a heavy lot goes into a PDF as a picture."""
    parts = shapely.get_parts(shapely.simplify(lines, view.tolerance, preserve_topology=False))
    parts = parts[np.isin(shapely.get_type_id(parts), (1, 2)) & ~shapely.is_empty(parts)]
    heavy = shapely.get_num_coordinates(parts).sum() > _HEAVY
    segments = [shapely.get_coordinates(part) for part in parts]
    axes.add_collection(LineCollection(segments, rasterized=bool(heavy), capstyle="round", **style))


def draw_names(sheet: Sheet, view: View, names: Sequence[str], at: np.ndarray, size: float) -> None:
    """Write names so that none covers another or a mark, with a line where one had to move far.

    Parameters
    ----------
    sheet
        The page.
    view
        What the map shows.
    names
        The names.
    at
        Where they belong, in metres.
    size
        Size of the letters in points.
    """
    anchors = view.on_page(at)
    axes = sheet.paper
    placed = place(names, anchors, size, MAP_MM, marks=sheet.marks)
    for label, anchor in zip(placed, anchors, strict=True):
        if label.led:
            axes.plot([anchor[0], label.x], [anchor[1], label.y], color=INK, linewidth=0.4)
        sheet.write(
            label.x, label.y, label.text, size=size, ha="center", va="center", color=INK,
            path_effects=_HALO, linespacing=1.1,
        )  # fmt: skip


def _paths(shapes: np.ndarray) -> list[Path]:
    return [_path(shape) for shape in shapes]


def _path(shape: shapely.Geometry) -> Path:
    """Return an area as one path, holes included."""
    rings = shapely.get_rings(shapely.get_parts([shape]))
    if not len(rings):
        return Path(np.empty((0, 2)))
    codes = []
    for count in shapely.get_num_coordinates(rings):
        codes += [Path.MOVETO, *[Path.LINETO] * (int(count) - 2), Path.CLOSEPOLY]
    return Path(shapely.get_coordinates(rings), codes)
