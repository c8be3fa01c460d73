"""The atlas: a result as pages of maps, A4 landscape, for paper and for documents."""

from __future__ import annotations

from coverage.outputs.atlas.atlas import draw_large as draw_large
from coverage.outputs.atlas.atlas import draw_map as draw_map
from coverage.outputs.atlas.atlas import subjects as subjects
from coverage.outputs.atlas.atlas import write_atlas as write_atlas
from coverage.outputs.atlas.fonts import can_draw as can_draw
