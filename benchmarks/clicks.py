"""A click's what-if on the demo: ``python -m benchmarks.clicks [PLAN]``.

Fifty random edits of facilities, undoing among them; at the end every indicator is held against
the scenario measured anew. Figures include services, townships and the headline indicators.
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from pathlib import Path

import pandas as pd

import coverage
from coverage.scenario import (
    Add,
    Close,
    Edit,
    LiveScenario,
    Move,
    Resize,
    Scenario,
    apply_scenario,
)

EDITS = 50
CATEGORIES = (
    "community_eldercare_station", "day_care_center", "eldercare_institution",
    "community_service_facility", "social_work_station",
)  # fmt: skip
_DEMO = Path(__file__).parents[1] / "data" / "demo"


def main() -> None:
    """Time the edits and print the median, in seconds of the processor and on the clock."""
    plan = sys.argv[1] if len(sys.argv) > 1 else None
    prepared = coverage.open_project(_DEMO, plan=plan).prepare()
    rng = random.Random(1)  # noqa: S311 - draws edits, guards nothing
    layer = prepared.layers.facilities
    ids = list(layer.loc[layer["category"].isin(CATEGORIES), "id"])
    inner = prepared.layers.communities.geometry.representative_point()
    places = [(point.x, point.y) for point in inner]

    def any_edit(number: int) -> Edit | None:
        x, y = rng.choice(places)
        own = rng.choice(ids)
        return rng.choice(
            [
                Add(id=f"n{number}", category=rng.choice(CATEGORIES), x=x, y=y, capacity=50),
                Move(id=own, x=x, y=y),
                Close(id=own),
                Resize(id=own, capacity=rng.randrange(200), beds_total=30),
                None,
            ]
        )

    live = LiveScenario(prepared, Scenario(name="clicks"))
    live.edit(Close(id=ids[0]))  # compiled before the clock runs
    clock, processor = [], []
    for number in range(EDITS):
        edit = any_edit(number)
        began, used = time.perf_counter(), time.process_time()
        if edit is not None:
            live.edit(edit)
        elif live.scenario.edits:
            live.undo()
        clock.append(time.perf_counter() - began)
        processor.append(time.process_time() - used)
    fresh = apply_scenario(prepared, live.scenario).analyse(extras=False)
    pd.testing.assert_frame_equal(live.indicators, fresh.indicators, check_exact=True)
    for name, seconds in (("processor", processor), ("clock", clock)):
        worst = sorted(seconds)[int(0.9 * EDITS)]
        print(
            f"{name}: median {1e3 * statistics.median(seconds):.0f} ms, 90 % {1e3 * worst:.0f} ms"
        )


if __name__ == "__main__":
    main()
