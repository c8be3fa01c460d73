"""Place names on a map so that none covers another."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from coverage.texts.width import cells_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

MM_PER_POINT = 25.4 / 72
_LINE = 1.25  # height of a line in heights of its letters
_GAP_MM = 0.4
_RINGS_MM = (0.0, 2.0, 3.5, 5.0, 7.0, 9.0, 12.0, 15.0, 19.0, 24.0, 30.0, 38.0, 48.0, 60.0)
_DIRECTIONS = 16
# a Chinese character with what may not begin a line, or a run of other signs
_PIECES = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff（《“][，。、；：）》”％]*|[^\u2e80-\u9fff\uf900-\ufaff（《“\s]+\s*|\s+"
)
_LED_MM = 6.0  # farther than this a line leads to the place
_NEAR_MM = 9.0  # how far a name moves to leave marks open


@dataclass(frozen=True)
class Label:
    """A name with its place on the page, in millimetres; `led` where a line leads to it."""

    text: str
    x: float
    y: float
    led: bool


def text_width_mm(text: str, size: float) -> float:
    """Return about how wide one line of text is at a size in points."""
    return cells_of(text) / 2 * size * MM_PER_POINT


def wrapped(text: str, width_mm: float, size: float) -> list[str]:
    """Break a text into lines that fit a width, between Chinese characters or at spaces."""
    limit = max(int(width_mm / (size * MM_PER_POINT) * 2), 2)
    lines = [""]
    for piece in _PIECES.findall(text):
        if cells_of(lines[-1] + piece.rstrip()) > limit and lines[-1]:
            lines.append("")
        while cells_of(piece) > limit:
            lines[-1] = piece[:limit]
            piece = piece[limit:]  # noqa: PLW2901 - what remains of it
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines if line.strip()] or [""]


def place(
    names: Sequence[str],
    anchors: np.ndarray,
    size: float,
    frame: tuple[float, float, float, float],
    width_mm: float = 26.0,
    marks: np.ndarray | None = None,
) -> list[Label]:
    """Place names at or near their anchors.

    Each name goes to the nearest free place on rings around its anchor, those with the fewest
    neighbours last, for they find room anywhere. It covers no mark where it can move near by, else
    as few as it can.

    Parameters
    ----------
    names
        The names.
    anchors
        Where they belong, in millimetres on the page.
    size
        Size of the letters in points.
    frame
        Bounds within which they must stay: left, bottom, right, top.
    width_mm
        Width at which long names are broken.
    marks
        What names should leave open: left, bottom, right, top of each.

    Returns
    -------
    list
        One label a name, in the order given.
    """
    blocks = ["\n".join(wrapped(name, width_mm, size)) for name in names]
    open_to = np.empty((0, 4)) if marks is None else marks
    taken = np.empty((0, 4))
    placed: dict[int, Label] = {}
    for i in _crowded_first(anchors):
        half = _half_size(blocks[i], size)
        x, y, ring = _best(anchors[i], half, frame, taken, open_to)
        taken = np.vstack([taken, _box(x, y, half)])
        placed[i] = Label(blocks[i], x, y, ring > _LED_MM)
    return [placed[i] for i in range(len(blocks))]


def _best(
    anchor: np.ndarray,
    half: tuple[float, float],
    frame: tuple[float, float, float, float],
    taken: np.ndarray,
    marks: np.ndarray,
) -> tuple[float, float, float]:
    """Return the nearest place that covers no name and the fewest marks, with its distance."""
    best, fewest = (float(anchor[0]), float(anchor[1]), 0.0), np.inf
    for x, y, ring in _candidates(anchor):
        if ring > _NEAR_MM and fewest < np.inf:
            break
        box = _box(x, y, half)
        if not _inside(box, frame) or _overlapping(box, taken):
            continue
        covered = _overlapping(box, marks)
        if covered < fewest:
            best, fewest = (float(x), float(y), ring), covered
        if not covered:
            break
    return best


def _box(x: float, y: float, half: tuple[float, float]) -> np.ndarray:
    return np.array([x - half[0], y - half[1], x + half[0], y + half[1]])


def _half_size(block: str, size: float) -> tuple[float, float]:
    lines = block.split("\n")
    width = max(text_width_mm(line, size) for line in lines)
    return width / 2 + _GAP_MM, len(lines) * size * MM_PER_POINT * _LINE / 2


def _crowded_first(anchors: np.ndarray) -> list[int]:
    if len(anchors) < 2:  # noqa: PLR2004 - a single one has no neighbour
        return list(range(len(anchors)))
    away = np.hypot(*(anchors[:, np.newaxis] - anchors).transpose(2, 0, 1))
    np.fill_diagonal(away, np.inf)
    return [int(i) for i in np.argsort(away.min(axis=1), kind="stable")]


def _candidates(anchor: np.ndarray) -> Iterator[tuple[float, float, float]]:
    for ring in _RINGS_MM:
        for step in range(_DIRECTIONS if ring else 1):
            angle = 2 * np.pi * step / _DIRECTIONS
            # letters are wider than high
            yield anchor[0] + ring * np.sin(angle), anchor[1] + ring * np.cos(angle), ring


def _inside(box: np.ndarray, frame: tuple[float, float, float, float]) -> bool:
    left, bottom, right, top = frame
    return bool(box[0] >= left and box[1] >= bottom and box[2] <= right and box[3] <= top)


def _overlapping(box: np.ndarray, others: np.ndarray) -> int:
    """Return how many boxes a box overlaps."""
    apart = (
        (others[:, 0] >= box[2]) | (others[:, 2] <= box[0])
        | (others[:, 1] >= box[3]) | (others[:, 3] <= box[1])
    )  # fmt: skip
    return int((~apart).sum())
