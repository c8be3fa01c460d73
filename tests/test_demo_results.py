"""The demo's results against the published baselines of the plan that it is modelled on."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pyogrio
import pytest
from demo_files import DEMO

import coverage
from coverage.analysis import Prepared
from coverage.results import Result

# indicators that count people within reach, by their service
BY_REACH = {
    "elderly_circle": "eldercare_circle_15min_coverage",
    "social_work": "social_work_station_coverage",
    "community_service": "community_service_area_per_100hh",
}


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
    # all together, in bands
    together = areas.geometry.loc[[""]]
    assert together.iloc[0].area <= areas.geometry.drop("").area.sum()
    assert together.area.is_monotonic_decreasing
    assert areas.loc[[""], "minutes"].to_list() == [15, 10, 5]


def test_one_more_category_or_minute_never_lowers_coverage(prepared: Prepared) -> None:
    def share(**options: object) -> float:
        found = prepared.analyse(**options)  # type: ignore[arg-type]
        return float(county(found, "eldercare_circle_15min_coverage", "reach")["value"])

    few = ["community_eldercare_station"]
    more = [*few, "village_eldercare_point"]
    assert share(categories={"elderly_circle": few}) <= share(categories={"elderly_circle": more})
    assert share(minutes={"elderly_circle": 10}) <= share(minutes={"elderly_circle": 15})
    assert share(speed=0.8) <= share(speed=0.9)


@pytest.fixture(scope="module")
def saved(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return result.save(tmp_path_factory.mktemp("saved") / "results")


def read_table(saved: Path, name: str) -> pd.DataFrame:
    codes = ("code", "community", "township", "county", "urban_code", "unit_code", "id", "facility")
    return pd.read_csv(saved / f"{name}.csv", dtype=dict.fromkeys(codes, str), low_memory=False)


def units(saved: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of units by level, each with its codes as index."""
    names = {"community": "communities", "township": "townships"}
    return {level: read_table(saved, name).set_index("code") for level, name in names.items()}


def test_every_saved_file_is_recorded_with_its_digest(saved: Path) -> None:
    record = json.loads((saved / "run.json").read_text(encoding="utf-8"))
    assert set(record["outputs"]) == {f.name for f in saved.iterdir()} - {"run.json"}
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((saved / name).read_bytes()).hexdigest() == digest
    assert (saved / "map.html").stat().st_size <= 5_000_000


@pytest.mark.parametrize("name", ["communities", "townships", "facilities", "demand"])
def test_a_layer_of_the_geopackage_says_what_its_table_says(saved: Path, name: str) -> None:
    table = read_table(saved, name)
    layer = pyogrio.read_dataframe(saved / "coverage.gpkg", layer=name, read_geometry=False)
    assert len(layer) == len(table)
    for column in table.columns:
        if table[column].dtype.kind in "fi":
            assert np.array_equal(layer[column], table[column], equal_nan=True), column
        else:
            assert (layer[column].fillna("") == table[column].fillna("")).all(), column


@pytest.mark.parametrize("service", [*BY_REACH, "institutions"])
def test_people_add_up_from_places_to_communities_and_townships(saved: Path, service: str) -> None:
    names = [f"{service}_people", f"{service}_covered"]
    communities, townships = units(saved).values()
    demand = read_table(saved, "demand")
    demand = demand[demand["service"] == service]
    covered = demand["weight"].where(demand["status"] == "covered", 0)
    places = demand.assign(**dict(zip(names, (demand["weight"], covered), strict=True)))
    for part, key, whole in (
        (places, "community", communities),
        (communities, "township", townships),
    ):
        sums = part.groupby(key)[names].sum().loc[whole.index]
        assert sums.to_numpy() == pytest.approx(whole[names].to_numpy())


@pytest.mark.parametrize(("service", "indicator"), BY_REACH.items())
def test_indicators_by_reach_are_the_shares_of_the_tables(
    saved: Path, service: str, indicator: str
) -> None:
    names = [f"{service}_covered", f"{service}_people"]
    rows = read_table(saved, "indicators")
    rows = rows[(rows["indicator"] == indicator) & (rows["variant"] == "reach")]
    for level, table in units(saved).items():
        of_level = rows[rows["level"] == level].set_index("unit_code").loc[table.index]
        numbers = of_level[["numerator", "denominator"]].to_numpy()
        assert numbers == pytest.approx(table[names].to_numpy())
        shares = 100 * table[f"{service}_share"]
        assert of_level["value"].to_numpy() == pytest.approx(shares.to_numpy(), nan_ok=True)
        whole = rows[rows["level"] == "county"][["numerator", "denominator"]].iloc[0]
        assert whole.to_list() == pytest.approx(table[names].sum().to_list())


def test_the_map_bears_the_numbers_of_the_tables(saved: Path) -> None:
    page = (saved / "map.html").read_text(encoding="utf-8")
    found = re.search(r'id="coverage-values">(.*?)</script>', page)
    assert found is not None
    drawn = json.loads(found[1], parse_constant=pytest.fail)
    measures = ["people", "covered", "beyond", "unreachable", "off_network", "share", "minutes"]
    for level, table in units(saved).items():
        for service in (*BY_REACH, "institutions"):
            columns = table[[f"{service}_{measure}" for measure in measures]]
            numbers = pd.DataFrame.from_dict(drawn["units"][level][service], orient="index")
            numbers = numbers.loc[table.index].to_numpy(dtype=float)
            assert numbers == pytest.approx(columns.to_numpy(), abs=1e-4, nan_ok=True)
            shares = pd.Series(drawn["themes"][service]["reach"][level], dtype=float)
            expected = 100 * table[f"{service}_share"]
            assert shares[table.index].to_numpy() == pytest.approx(
                expected.to_numpy(), abs=1e-3, nan_ok=True
            )
    assert len(drawn["headlines"]) == 3
    county = read_table(saved, "indicators").query("level == 'county'")
    by_name = county.set_index(["indicator", "variant"])
    for headline in drawn["headlines"]:
        indicator = BY_REACH[headline["service"]]
        for figure in headline["figures"]:
            assert figure["value"] == by_name.loc[(indicator, figure["reading"]), "value"]


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


def test_supply_per_person_adds_up_from_communities_to_the_county(prepared: Prepared) -> None:
    result = prepared.analyse()
    table = result.accessibility
    assert set(table["service"]) == {service.name for service in result.services}
    for _, rows in table.groupby("service"):
        by_level = rows.groupby("level")[["people", "supply", "served", "out_of_reach"]].sum()
        for level in ("community", "township"):
            assert by_level.loc[level].to_numpy() == pytest.approx(
                by_level.loc["county"].to_numpy()
            )
        assert (rows["score"] * rows["people"]).sum() == pytest.approx(rows["supply"].sum())


def test_without_capacities_everyone_covered_is_served(result: Result) -> None:
    table = result.accessibility
    for service in result.services:
        rows = table[(table["service"] == service.name) & (table["level"] == "township")]
        covered = result.townships[f"{service.name}_covered"].to_numpy()
        assert rows["served"].to_numpy() == pytest.approx(covered)
        assert (rows["full"] == 0).all()


def test_a_circle_never_claims_less_than_streets_and_ways_are_no_shorter(result: Result) -> None:
    walked = result.accessibility.dropna(subset=["circle_covered"])
    assert set(walked["service"]) == {"elderly_circle", "social_work", "community_service"}
    covered = walked["circle_covered"] - walked["overclaimed"]
    assert covered.to_numpy() == pytest.approx(walked["served"].to_numpy())
    assert (walked["detour"].dropna() >= 1 - 1e-9).all()


def test_who_walks_farther_than_whom(result: Result) -> None:
    table = result.inequality.set_index(["service", "measure"])
    minutes = table.loc[("elderly_circle", "minutes")]
    people = result.townships["elderly_circle_people"].sum()
    assert minutes["people"] + minutes["without_value"] == pytest.approx(people)
    rows = result.demand[result.demand["service"] == "elderly_circle"].dropna(subset=["minutes"])
    mean = np.average(rows["minutes"], weights=rows["weight"])
    assert minutes["mean"] == pytest.approx(mean)
    assert minutes["urban_mean"] < mean < minutes["rural_mean"]
    assert 0 < minutes["gini"] < 1
