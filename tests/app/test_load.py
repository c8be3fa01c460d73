"""Several visitors of one process at once: each sees the figures of their own choice."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from benchmarks.visitors import compare, load, serving


def test_visitors_at_once_see_their_own_figures(tiny: Path) -> None:
    with serving(tiny) as (port, process):
        shown = asyncio.run(load(port, process.pid, visitors=3, pause_s=0.1, changes=2))
    assert len(shown) == 6
    assert len({one.share for one in shown}) > 1
    compare(tiny, shown)
