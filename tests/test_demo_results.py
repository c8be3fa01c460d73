"""The demo's results against the published baselines of the plan that it is modelled on."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

import coverage
from coverage.analysis import Prepared
from coverage.results import Result

DEMO = Path(__file__).parents[1] / "data" / "demo"


@pytest.fixture(scope="module")
def prepared() -> Prepared:
    return coverage.open_project(DEMO).prepare(year=2020)


@pytest.fixture(scope="module")
def result(prepared: Prepared) -> Result:
    return prepared.analyse()


def county(result: Result, indicator: str, variant: str) -> pd.Series:
    table = result.indicators
    rows = table[
        (table["indicator"] == indicator)
        & (table["variant"] == variant)
        & (table["level"] == "county")
    ]
    assert len(rows) == 1
    return rows.iloc[0]


def test_the_circle_of_2020_is_the_published_55_percent(result: Result) -> None:
    row = county(result, "eldercare_circle_15min_coverage", "reach")
    assert row["denominator"] == pytest.approx(232_400)
    assert row["value"] == pytest.approx(55, abs=0.5)


def test_floor_area_of_2020_passes_in_72_communities(result: Result) -> None:
    row = county(result, "community_service_area_per_100hh", "compliance")
    assert (row["numerator"], row["denominator"]) == (72, 303)
    pooled = county(result, "community_service_area_per_100hh", "pooled")
    assert pooled["denominator"] == pytest.approx(468_694)


def test_each_level_sums_to_the_county(result: Result) -> None:
    table = result.indicators[result.indicators["variant"].isin(["reach", "units", "pooled"])]
    for _, group in table.groupby(["indicator", "variant"]):
        sums = group.groupby("level")[["numerator", "denominator"]].sum()
        for level in sums.index:
            assert sums.loc[level].to_list() == pytest.approx(sums.loc["county"].to_list())


def test_nobody_is_lost_or_counted_twice(result: Result) -> None:
    parts = ["covered", "beyond", "unreachable", "off_network"]
    for service in result.services:
        rows = result.demand[result.demand["service"] == service.name]
        for table in (result.communities, result.townships):
            people = table[f"{service.name}_people"]
            total = sum(table[f"{service.name}_{part}"] for part in parts)
            assert np.abs(total - people).max() < 1e-6
            assert people.sum() == pytest.approx(rows["weight"].sum())
        load = result.facilities[f"{service.name}_load"]
        covered = rows.loc[rows["status"] == "covered", "weight"].sum()
        assert load.sum() == pytest.approx(covered)
        assert (result.facilities[f"{service.name}_reach"] >= load - 1e-6)[load.notna()].all()


def test_people_of_every_community_are_its_total(result: Result) -> None:
    assert (
        result.communities["elderly_circle_people"] - result.communities["elders60"]
    ).abs().max() <= 1e-6


def test_service_areas_hold_their_facilities_and_covered_places(result: Result) -> None:
    areas = result.service_areas.query("service == 'elderly_circle'").set_index("facility")
    places = result.facilities.set_index("id").geometry
    for name, area in areas.geometry.drop("").items():
        assert area.buffer(1e-6).contains(places[name])
    assert areas.geometry[""].area <= areas.geometry.drop("").area.sum()


def test_one_more_category_or_minute_never_lowers_coverage(prepared: Prepared) -> None:
    def share(**options: object) -> float:
        found = prepared.analyse(**options)  # type: ignore[arg-type]
        return float(county(found, "eldercare_circle_15min_coverage", "reach")["value"])

    few = ["community_eldercare_station"]
    more = [*few, "village_eldercare_point"]
    assert share(categories={"elderly_circle": few}) <= share(categories={"elderly_circle": more})
    assert share(minutes={"elderly_circle": 10}) <= share(minutes={"elderly_circle": 15})
    assert share(speed=0.8) <= share(speed=0.9)


def test_saved_results_agree_with_each_other(result: Result, tmp_path: Path) -> None:
    folder = result.save(tmp_path / "results")
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    communities = pd.read_csv(folder / "communities.csv", dtype={"code": str})
    layer = gpd.read_file(folder / "coverage.gpkg", layer="communities")
    assert communities["code"].tolist() == layer["code"].tolist()
    for column in ("elderly_circle_covered", "elderly_circle_share"):
        assert communities[column].to_numpy() == pytest.approx(
            layer[column].to_numpy(), nan_ok=True
        )
    demand = pd.read_csv(folder / "demand.csv", dtype={"community": str})
    circle = demand[demand["service"] == "elderly_circle"]
    covered = circle[circle["status"] == "covered"].groupby("community")["weight"].sum()
    listed = communities.set_index("code")["elderly_circle_covered"].dropna()
    assert covered.reindex(listed.index, fill_value=0).to_numpy() == pytest.approx(
        listed.to_numpy()
    )
    assert (folder / "map.html").stat().st_size <= 5_000_000


@pytest.mark.parametrize("year", [2023, 2025])
def test_the_same_folder_answers_for_later_years(result: Result, year: int) -> None:
    later = coverage.open_project(DEMO).run(year=year)
    for indicator, variant in (
        ("eldercare_circle_15min_coverage", "reach"),
        ("eldercare_circle_15min_coverage", "units"),
        ("social_work_station_coverage", "units"),
    ):
        before, after = (county(r, indicator, variant)["value"] for r in (result, later))
        assert after > before
    assert "error" not in set(later.issues["severity"])
