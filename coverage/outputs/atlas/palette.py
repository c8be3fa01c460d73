"""The colours of the atlas, and pages as PNG in these colours and their blends only.

A page holds few colours. With a palette its file is a third as long and written sooner, and a fill
is exactly what the legend shows.
"""

from __future__ import annotations

import io
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from PIL import Image

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAPER = "#ffffff"
INK = "#1d2427"
QUIET = "#5a6468"
ALARM = "#a3271b"
# light to dark in equal steps of lightness, so that a grey print keeps the order
RAMP = ("#e3ecea", "#bfd6d3", "#8ab7b5", "#4a8b8a", "#175a5c")
WATER = "#d3e1ec"
SHORE = "#a3b8c9"
LINE = "#4a5357"
STREET = "#85898c"
FAINT = "#b4b9bb"

_COLOURS = (PAPER, INK, ALARM, *RAMP, WATER, FAINT, QUIET, LINE, STREET, SHORE)
_BLENDS = (0.25, 0.5, 0.75)  # where an edge crosses a pixel
_APART = 14  # levels of 255; nearer ones would stand in for a colour itself
_MOST = 256  # of a palette
_EFFORT = 3  # of compression, of 9; more saves little


def png(figure: Figure, dpi: int) -> bytes:
    """Draw a figure as PNG."""
    figure.set_dpi(dpi)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    size = canvas.get_width_height()
    picture = Image.frombytes("RGB", size, canvas.buffer_rgba(), "raw", "RGBX")
    few = picture.quantize(palette=_palette(), dither=Image.Dither.NONE)
    content = io.BytesIO()
    few.save(content, format="png", dpi=(dpi, dpi), compress_level=_EFFORT)
    return content.getvalue()


@cache
def _palette() -> Image.Image:
    own = np.round(np.array([to_rgb(colour) for colour in _COLOURS]) * 255)
    chosen = [*own]
    for one, other in combinations(own, 2):
        for part in _BLENDS:
            blend = np.round(one + (other - one) * part)
            if len(chosen) < _MOST and np.abs(np.array(chosen) - blend).max(axis=1).min() > _APART:
                chosen.append(blend)
    palette = Image.new("P", (1, 1))
    palette.putpalette([int(level) for colour in chosen for level in colour])
    return palette
