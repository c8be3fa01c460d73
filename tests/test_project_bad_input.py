"""Input that says nothing or nonsense: every gap in the results has a status that explains it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pytest
from tiny_county import point

import coverage
from coverage.errors import CoverageError

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.results import Result

    Change = Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]

NOWHERE = point(1500, 940)  # 440 m from the street, the snap limit is 300 m


def changed(folder: Path, layer: str, change: Change) -> Result:
    """Analyse the tiny county with a layer changed."""
    file = folder / f"{layer}.gpkg"
    frame = change(gpd.read_file(file))
    file.unlink()
    frame.to_file(file)
    return coverage.open_project(folder).run()


def weighing(value: float) -> Change:
    return lambda frame: frame.assign(elders60=value)


def away(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_geometry([NOWHERE] * len(frame))


@pytest.mark.parametrize(
    ("layer", "change", "statuses"),
    [
        ("facilities", lambda frame: frame.iloc[:0], {"unreachable", "off_network"}),
        ("facilities", away, {"unreachable", "off_network"}),
        ("demand", lambda frame: frame.iloc[:0], {"covered", "beyond_limit", "unreachable"}),
        ("demand", away, {"off_network"}),
        ("demand", weighing(np.nan), None),
        ("demand", weighing(-5.0), None),
    ],
)
def test_whatever_is_missing_has_a_status_that_says_so(
    tiny: Path, layer: str, change: Change, statuses: set[str] | None
) -> None:
    result = changed(tiny, layer, change)
    demand = result.demand
    if statuses is not None:
        assert set(demand["status"]) <= statuses
    timed = demand["minutes"].notna()
    assert (timed == demand["status"].isin(["covered", "beyond_limit"])).all()
    assert (timed == (demand["facility"] != "")).all()
    # the three parts of nobody reached, and the covered, are all the people
    units = result.communities
    parts = [f"elderly_circle_{part}" for part in ("covered", "beyond", "unreachable")]
    sums = units[[*parts, "elderly_circle_off_network"]].sum(axis=1)
    assert sums.to_list() == pytest.approx(units["elderly_circle_people"].to_list())
    rows = result.indicators
    silent = rows["value"].isna() & (rows["method"] != "not_computable")
    assert set(rows.loc[silent, "status"]) <= {"no_data"}
    assert rows.loc[rows["method"] == "not_computable", "reason"].ne("").all()
    assert np.isfinite(result.sensitivity["share"]).all()


@pytest.mark.parametrize(
    ("layer", "crs"), [("demand", 4326), ("streets", 4490), ("facilities", 3857)]
)
def test_layers_in_other_coordinate_systems_give_the_same_figures(
    tiny: Path, layer: str, crs: int
) -> None:
    plain = coverage.open_project(tiny).run()
    mixed = changed(tiny, layer, lambda frame: frame.to_crs(crs))
    columns = ["elderly_circle_covered", "elderly_circle_minutes"]
    expected = plain.communities[columns].to_numpy()
    assert mixed.communities[columns].to_numpy() == pytest.approx(expected, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_speed_and_minutes_that_cannot_be_used(tiny: Path, value: float) -> None:
    options: list[dict[str, Any]] = [{"speed": value}, {"minutes": {"elderly_circle": value}}]
    for option in options:
        with pytest.raises(CoverageError, match="不可用"):
            coverage.open_project(tiny).run(**option)
