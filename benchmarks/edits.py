"""What-if edits and floating catchments."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from benchmarks.measure import Line, by_turns, peak_mb
from benchmarks.searches import LIMIT, SPEED, Town
from benchmarks.streets import at_nodes
from coverage.access import WhatIf, floating_catchment, measure_access
from coverage.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from coverage.network import Snapped

_SERVICE = Service(name="benchmark", categories=("any",), weight="people", minutes=LIMIT)
_EDITS = 200
_GOALS = {"add": 0.5e-3, "close": 5e-3, "move": 5e-3}


class _Case:
    """Everybody lives at a node; facilities are edited one by one."""

    def __init__(self, town: Town, seed: int = 5) -> None:
        self.town, self.rng = town, np.random.default_rng(seed)
        size = town.graph.size
        self.demand = at_nodes(town.network, np.arange(size))
        self.people = pd.DataFrame(
            {
                "id": np.arange(size),
                "community": "",
                "township": "",
                "people": self.rng.uniform(0, 9, size),
            }
        )
        self.ids = [f"f{number}" for number in range(town.sources.size)]
        nodes = self.rng.choice(size, 2 * _EDITS, replace=False)
        self.places = [at_nodes(town.network, nodes[[k]]) for k in range(nodes.size)]

    def what_if(self) -> WhatIf:
        return WhatIf(
            _SERVICE, self.people, pd.DataFrame({"id": self.ids}), self.town.network,
            demand_snapped=self.demand, facilities_snapped=self.town.facilities, speed=SPEED,
        )  # fmt: skip

    def anew(self, ids: list[str], places: Snapped) -> Any:
        return measure_access(
            _SERVICE, self.people, pd.DataFrame({"id": ids}), self.town.network,
            demand_snapped=self.demand, facilities_snapped=places, speed=SPEED,
        )  # fmt: skip


def what_if(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare edits, minutes, coverage and loads included, with measuring anew."""
    case = _Case(town)
    edits = case.what_if()
    seconds: dict[str, list[float]] = {"add": [], "close": [], "move": []}

    def timed(kind: str, edit: Callable[..., Any], *arguments: Any) -> None:
        start = time.process_time()
        edit(*arguments)
        seconds[kind].append(time.process_time() - start)

    edits.add("first", case.places[0])  # compiles
    edits.move("first", case.places[1])
    edits.close("first")
    mb = peak_mb(case.what_if)
    for number in range(_EDITS):
        timed("add", edits.add, f"n{number}", case.places[number])
        timed("move", edits.move, f"n{number}", case.places[_EDITS + number])
        timed("close", edits.close, str(case.rng.choice(list(edits.facilities().index))))
    standing = edits.facilities().index.tolist()
    places = _joined(case, standing)
    now, anew = edits.access(), case.anew(standing, places)
    pd.testing.assert_frame_equal(now.demand, anew.demand, check_exact=True)
    assert np.array_equal(now.facilities.to_numpy(), anew.facilities.to_numpy())
    whole = by_turns({"anew": lambda: case.anew(standing, places)}, max(rounds // 2, 1))["anew"]
    for kind, goal in _GOALS.items():
        yield Line(
            job=f"what-if, {kind}", data=town.name, peer="measuring anew (ours)", theirs=whole,
            ours=statistics.median(seconds[kind]), most=goal, ours_mb=mb,
        )  # fmt: skip


def _joined(case: _Case, standing: list[str]) -> Snapped:
    nodes = []
    for name in standing:
        number = int(name[1:])
        if name.startswith("f"):
            nodes.append(case.town.sources[number])
        else:
            place = case.places[_EDITS + number]
            network = case.town.network
            at_start = place.share[0] == 0
            nodes.append((network.u if at_start else network.v)[place.edge[0]])
    return at_nodes(case.town.network, np.array(nodes))


def catchments(town: Town, *, rounds: int) -> Iterator[Line]:
    """Compare two-step floating catchments with PySAL access."""
    from access import fca

    case = _Case(town)
    times = town.network.travel_times(case.demand, town.facilities, limit=LIMIT, speed=SPEED)
    people = case.people["people"].to_numpy()
    supply = case.rng.uniform(1, 50, town.sources.size)
    pairs, every = times.tocoo(), np.arange(people.size)
    costs = pd.DataFrame({"origin": pairs.row, "dest": pairs.col, "cost": pairs.data})
    demand = pd.DataFrame({"geoid": every, "demand": people})
    offer = pd.DataFrame({"geoid": np.arange(supply.size), "supply": supply})

    def theirs() -> Any:
        # a score for every demand row, as ours
        scores = fca.two_stage_fca(demand, offer, costs, max_cost=LIMIT)
        return scores.reindex(every).fillna(0.0).to_numpy()

    engines = {
        "ours": lambda: floating_catchment(times, supply, people, limit=LIMIT),
        "theirs": theirs,
    }
    assert np.abs(theirs() - engines["ours"]()).max() <= 1e-9
    seconds = by_turns(engines, 2 * rounds)
    yield Line(
        job=f"2SFCA, {pairs.nnz:,} pairs", data=town.name, peer="PySAL access", goal=20.0,
        ours=seconds["ours"], theirs=seconds["theirs"],
        ours_mb=peak_mb(engines["ours"]), theirs_mb=peak_mb(theirs),
    )  # fmt: skip
