"""Points on a map: facilities by shape of their mark, uncovered places by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from coverage import texts, vocabulary
from coverage.outputs import map_figures
from coverage.outputs.atlas.ground import Style, drawn
from coverage.outputs.atlas.palette import ALARM, INK, PAPER

if TYPE_CHECKING:
    import geopandas as gpd

    from coverage.outputs.atlas.ground import View
    from coverage.outputs.atlas.sheet import Sheet
    from coverage.results import Result
    from coverage.service import Service

_FACILITY: Style = {"edgecolor": PAPER, "linewidth": 0.5}
_GAP: Style = {"facecolor": INK, "edgecolor": PAPER, "linewidth": 0.2}
_SHAPES = ("o", "s", "^", "D", "*", "P", "v", "X")
_STRETCH = {"*": 1.8, "P": 1.2, "X": 1.2, "D": 0.8}  # area that makes shapes look equally large
_MANY = 100  # marks past which they shrink
_SIZES = (22.0, 34.0)  # square points of a mark: among many, among few
_LARGEST = 40.0  # square points of the largest uncovered place
_SMALLEST = 1.5


def draw_facilities(
    sheet: Sheet, result: Result, service: Service, view: View, township: str | None = None
) -> None:
    """Draw the facilities that count for a service, and explain their marks.

    Parameters
    ----------
    sheet
        The page.
    result
        The result.
    service
        The service.
    view
        What the map shows.
    township
        Code of the township to stay within; all by default.
    """
    frame = drawn(result.facilities)
    frame = frame[(frame["status"] == "counted") & frame["category"].isin(service.categories)]
    if township is not None:
        frame = frame[frame["township"].astype(str) == township]
    sheet.heading(texts.say("atlas.facilities", sheet.language, count=len(frame)))
    if frame.empty:
        sheet.words(texts.say("atlas.no_facilities", sheet.language))
        return
    size = _SIZES[len(frame) <= _MANY] * sheet.zoom
    known = vocabulary.categories()
    # the most frequent first: rarer ones lie above them
    counts = frame["category"].value_counts(sort=True)
    for category, count in counts.items():
        # a category keeps its shape on every page
        shape = _SHAPES[service.categories.index(category) % len(_SHAPES)]
        title = known[category].title(sheet.language) if category in known else str(category)
        _scatter(sheet, frame[frame["category"] == category], shape, size, view)
        sheet.mark(
            texts.say("atlas.counted", sheet.language, what=title, count=count),
            marker=shape, s=size * _STRETCH.get(shape, 1.0), facecolor=ALARM, **_FACILITY,
        )  # fmt: skip
    if (frame["location"] == "approximate").any():
        sheet.mark(
            texts.say("map.location_approximate", sheet.language),
            marker="o", s=size, facecolor=PAPER, edgecolor=ALARM, linewidth=0.8,
        )  # fmt: skip


def _scatter(sheet: Sheet, frame: gpd.GeoDataFrame, shape: str, size: float, view: View) -> None:
    at = view.on_page(shapely.get_coordinates(shapely.centroid(frame.geometry.to_numpy())))
    rough = (frame["location"] == "approximate").to_numpy()
    area = size * _STRETCH.get(shape, 1.0)
    sheet.keep_open(at, area)
    x, y = at[~rough].T
    sheet.paper.scatter(x, y, marker=shape, s=area, facecolor=ALARM, zorder=3, **_FACILITY)
    if rough.any():
        x, y = at[rough].T
        sheet.paper.scatter(
            x, y, marker=shape, s=area, facecolor=PAPER, edgecolor=ALARM,
            linewidth=0.8, zorder=3,
        )  # fmt: skip


def draw_gaps(
    sheet: Sheet, result: Result, service: Service, view: View, township: str | None = None
) -> None:
    """Draw the places that a service does not cover, larger with more people, and explain them.

    Parameters
    ----------
    sheet
        The page.
    result
        The result.
    service
        The service.
    view
        What the map shows.
    township
        Code of the township to stay within; all by default.
    """
    frame = drawn(result.gaps)
    frame = frame[(frame["service"] == service.name) & (frame["weight"] > 0)]
    if frame.empty:
        return
    largest = _round_up(float(frame["weight"].max()))
    if township is not None:
        frame = frame[frame["township"].astype(str) == township]
    if frame.empty:
        return
    weights = frame["weight"].to_numpy(float)
    at = view.on_page(shapely.get_coordinates(frame.geometry.to_numpy()))
    areas = np.maximum(weights / largest * _LARGEST, _SMALLEST) * sheet.zoom
    x, y = at.T
    sheet.paper.scatter(x, y, s=areas, zorder=2, alpha=0.75, **_GAP)
    weight = map_figures.weight_title(service.weight, sheet.language)
    unit = map_figures.weight_unit(service.weight, sheet.language)
    total = f"{weights.sum():,.0f}"
    sheet.heading(texts.say("atlas.gaps", sheet.language, weight=weight, total=total, unit=unit))
    for people in (largest, largest / 4):
        sheet.mark(
            texts.say("atlas.gap_size", sheet.language, people=f"{people:,.0f}", unit=unit),
            marker="o", s=max(people / largest * _LARGEST, _SMALLEST) * sheet.zoom, alpha=0.75,
            **_GAP,
        )  # fmt: skip


def _round_up(value: float) -> float:
    """Return the next of 1, 2, 5, 10 times a power of ten, 4 at least."""
    power = 10.0 ** (len(str(int(value))) - 1)
    return max(next(step * power for step in (1, 2, 5, 10) if step * power >= value), 4.0)
