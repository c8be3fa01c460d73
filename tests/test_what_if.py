"""Edits of facilities: figures by hand, and equal to measuring anew after any edits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from networks import ladder, lines, points
from test_network_oracle import CASES, frame, networks, places

from coverage.access import WhatIf, measure_access
from coverage.errors import AccessError
from coverage.network import StreetNetwork
from coverage.network.effort import Effort, Walking
from coverage.service import Service

SERVICE = Service(name="s", categories=("c",), weight="people", minutes=2.0)


def demand_of(places_: gpd.GeoDataFrame, people: list[float]) -> gpd.GeoDataFrame:
    number = [f"d{row}" for row in range(len(places_))]
    return places_.assign(id=number, community="a", township="t", people=people)


def what_if(
    network: StreetNetwork, demand: gpd.GeoDataFrame, facilities: gpd.GeoDataFrame, **options: Any
) -> WhatIf:
    return WhatIf(
        options.get("service", SERVICE), demand, facilities, network,
        demand_snapped=network.snap(demand), facilities_snapped=network.snap(facilities),
        speed=options.get("speed", 1.0),
    )  # fmt: skip


@pytest.fixture
def street() -> WhatIf:
    """One street, facilities a and b, demand in tens of people; two minutes are 120 m.

    ::

        0    60   120  180  240  300  360
        +----+----+----+----+----+----+
        a    d0        d1   d2        b      10, 20 and 40 people
    """
    demand = demand_of(points((60, 0), (180, 0), (240, 0)), [10.0, 20.0, 40.0])
    facilities = points((0, 0), (360, 0)).assign(id=["a", "b"], capacity=[5.0, np.nan])
    return what_if(StreetNetwork.from_edges(lines([(0, 0), (360, 0)])), demand, facilities)


def test_figures_before_any_edit(street: WhatIf) -> None:
    table = street.facilities()
    assert street.minutes.tolist() == pytest.approx([1, 3, 2])
    assert street.covered.tolist() == [True, False, True]
    assert table.index.tolist() == ["a", "b"]
    assert table[["reach", "load"]].to_numpy().tolist() == [[10, 10], [40, 40]]
    assert table["over"].tolist() == pytest.approx([5, np.nan], nan_ok=True)


def test_a_facility_more(street: WhatIf) -> None:
    """c at 150 m: d0 stays with a, d1 is covered, d2 changes from two minutes to one and a half."""
    change = street.add("c", points((150, 0)), capacity=50)
    assert change.rows.tolist() == [1, 2]
    assert (change.gained.tolist(), change.lost.tolist()) == ([1], [])
    assert (change.people_gained, change.people_lost) == (20, 0)
    assert change.facilities == ("b", "c")
    table = street.facilities()
    assert table["load"].to_dict() == {"a": 10, "b": 0, "c": 60}
    assert table["reach"].to_dict() == {"a": 10, "b": 40, "c": 70}
    assert table.loc["c", "over"] == 10


def test_a_facility_less_and_back(street: WhatIf) -> None:
    before = street.access()
    change = street.close("b")
    assert change.lost.tolist() == [2]
    assert change.people_lost == 40
    assert street.minutes.tolist() == pytest.approx([1, 3, 4])
    assert street.facilities().index.tolist() == ["a"]
    back = street.add("b", points((360, 0)))
    assert back.gained.tolist() == [2]
    pd.testing.assert_frame_equal(street.access().demand, before.demand)
    pd.testing.assert_frame_equal(street.access().facilities, before.facilities)


def test_the_last_facility_leaves_nobody_reached(street: WhatIf) -> None:
    street.close("a")
    street.close("b")
    assert np.isinf(street.minutes).all()
    assert not street.covered.any()
    assert street.access().demand["status"].tolist() == ["unreachable"] * 3
    assert street.facilities().empty


def test_moving(street: WhatIf) -> None:
    change = street.move("a", points((180, 0)))
    assert street.minutes.tolist() == pytest.approx([2, 0, 1])
    assert change.rows.tolist() == [0, 1, 2]
    assert change.gained.tolist() == [1]
    assert street.facilities()["load"].to_dict() == {"a": 70, "b": 0}
    assert street.facilities().loc["a", "capacity"] == 5


def test_moving_by_nothing_changes_nothing(street: WhatIf) -> None:
    assert not street.move("a", points((0, 0))).rows.size


def test_resizing_changes_only_what_finds_room(street: WhatIf) -> None:
    minutes = street.minutes.copy()
    change = street.resize("a", 8)
    assert not change.rows.size
    assert change.facilities == ("a",)
    assert street.minutes.tolist() == minutes.tolist()
    assert street.facilities()["over"].to_dict() == pytest.approx(
        {"a": 2, "b": np.nan}, nan_ok=True
    )


def test_off_the_network_nothing_changes(street: WhatIf) -> None:
    change = street.add("far", points((0, 9000)))
    assert not change.rows.size
    assert street.facilities().loc["far", ["reach", "load"]].tolist() == [0, 0]
    assert not street.close("far").rows.size
    assert not street.add("far", points(None)).rows.size


def test_equal_minutes_go_to_the_first_facility_again() -> None:
    """A facility that is closed and comes back keeps its place before one equally near."""
    demand = demand_of(points((150, 0)), [1.0])
    facilities = points((50, 0), (250, 0)).assign(id=["west", "east"])
    edits = what_if(ladder(), demand, facilities)
    assert edits.facilities()["load"].to_dict() == {"west": 1, "east": 0}
    edits.close("west")
    assert edits.facilities()["load"].to_dict() == {"east": 1}
    edits.add("west", points((50, 0)))
    assert edits.facilities()["load"].to_dict() == {"west": 1, "east": 0}


def test_wrong_ids_are_named(street: WhatIf) -> None:
    for edit in (street.close, lambda name: street.resize(name, 1)):
        with pytest.raises(AccessError, match="nowhere"):
            edit("nowhere")
    with pytest.raises(AccessError, match="a"):
        street.add("a", points((0, 0)))
    with pytest.raises(AccessError, match="2"):
        street.add("c", points((0, 0), (1, 0)))
    street.close("a")
    with pytest.raises(AccessError, match="a"):
        street.close("a")


def check_equal(
    edits: WhatIf, network: StreetNetwork, standing: dict[str, Any], speed: float
) -> None:
    names = [name for name, place in standing.items() if place is not None]
    found = [standing[name] for name in names] or [(0.0, 0.0)]
    facilities = frame(found).assign(id=names or ["nobody"]).iloc[: len(names)]
    demand = edits._demand
    anew = measure_access(
        edits._service, demand, facilities, network,
        demand_snapped=network.snap(demand), facilities_snapped=network.snap(facilities),
        speed=speed,
    )  # fmt: skip
    now = edits.access()
    pd.testing.assert_frame_equal(now.demand, anew.demand, check_exact=True, check_dtype=False)
    assert now.facilities.index.tolist() == names
    assert now.facilities.to_numpy().tolist() == anew.facilities.to_numpy().tolist()
    assert edits.covered.tolist() == (anew.demand["status"] == "covered").tolist()


def uneven(network: StreetNetwork, seed: int) -> StreetNetwork:
    """The same streets, but every edge takes its own minutes in either direction."""
    factor = np.random.default_rng(seed).uniform(0.5, 3, (2, network.u.size))
    nothing = np.zeros(network.u.size)
    effort = Effort(
        walking=Walking(), ahead_m=factor[0] * network.length_m,
        back_m=factor[1] * network.length_m, wait_s=nothing, flat_m=nothing,
    )  # fmt: skip
    return replace(network, effort=effort)


@CASES
@given(st.data())
def test_any_edits_equal_measuring_anew(data: Any) -> None:
    network = data.draw(networks())
    if data.draw(st.booleans()):
        network = uneven(network, data.draw(st.integers(0, 2**32 - 1)))
    speed = data.draw(st.sampled_from([0.65, 0.9, 1.0]))
    demand = frame(data.draw(places(network, 12)))
    weights = st.lists(
        st.floats(0, 1000) | st.just(np.nan), min_size=len(demand), max_size=len(demand)
    )
    demand = demand_of(demand, data.draw(weights))
    known = data.draw(places(network, 4))
    # facilities at the same places have equal minutes everywhere
    spots = data.draw(places(network, 4)) + known + [(0.0, 0.0)]
    standing: dict[str, Any] = {f"f{row}": place for row, place in enumerate(known)}
    edits = what_if(
        network, demand, frame(known).assign(id=list(standing)), speed=speed,
        service=Service(
            name="s", categories=("c",), weight="people",
            minutes=data.draw(st.sampled_from([0.5, 2.0, 8.0])),
        ),
    )  # fmt: skip
    for number in range(data.draw(st.integers(1, 8))):
        here = [name for name, place in standing.items() if place is not None]
        gone = [name for name, place in standing.items() if place is None]
        kinds = ["add"] + ["close", "move"] * bool(here) + ["back"] * bool(gone)
        kind = data.draw(st.sampled_from(kinds))
        spot = data.draw(st.sampled_from(spots))
        before = edits.covered.copy()
        if kind in {"add", "back"}:
            name = f"n{number}" if kind == "add" else data.draw(st.sampled_from(gone))
            change = edits.add(name, frame([spot]))
            standing[name] = spot
        elif kind == "close":
            name = data.draw(st.sampled_from(here))
            change = edits.close(name)
            standing[name] = None
        else:
            name = data.draw(st.sampled_from(here))
            change = edits.move(name, frame([spot]))
            standing[name] = spot
        check_equal(edits, network, standing, speed)
        assert np.flatnonzero(edits.covered & ~before).tolist() == change.gained.tolist()
        assert np.flatnonzero(before & ~edits.covered).tolist() == change.lost.tolist()
        assert name in change.facilities
