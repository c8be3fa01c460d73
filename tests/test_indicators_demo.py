"""The families on the demo against a second, plain reckoning from the formulas in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from demo_files import DEMO
from small_city import plan_of

import coverage
from coverage.analysis import Prepared
from coverage.plans import Plan
from coverage.results import Result

ROWS = """
[[rows]]
row = 1
indicator = "village_mutual_aid_coverage"
[[rows]]
row = 2
indicator = "community_service_area_per_100hh"
[[rows]]
row = 3
indicator = "eldercare_circle_15min_coverage"
[[rows]]
row = 4
indicator = "nursing_bed_share"
[[rows]]
row = 5
indicator = "community_service_facility_300m2_share"
[[rows]]
row = 6
indicator = "medical_care_combo_rate"
[[rows]]
row = 7
indicator = "eldercare_health_colocation"
parameters = { metres = 250, metric = "straight" }
[[rows]]
row = 8
indicator = "cremation_zone_population_share"
[[rows]]
row = 9
indicator = "eldercare_beds_total"
[[rows]]
row = 10
indicator = "community_circle_15min_coverage"
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return plan_of(tmp_path_factory.mktemp("plan"), ROWS, 'level = "county"\n')


@pytest.fixture(scope="module")
def prepared(plan: Plan) -> Prepared:
    return coverage.open_project(DEMO, plan=str(plan.source)).prepare()


@pytest.fixture(scope="module")
def result(prepared: Prepared) -> Result:
    return prepared.analyse(extras=False)


@pytest.fixture(scope="module")
def facilities(prepared: Prepared, result: Result) -> pd.DataFrame:
    """Return the facilities that count in the year."""
    counted = result.facilities["status"].isin(["counted", "off_network", "no_location"])
    return pd.DataFrame(prepared.layers.facilities[counted.to_numpy()])


@pytest.fixture(scope="module")
def communities(prepared: Prepared) -> pd.DataFrame:
    return pd.DataFrame(prepared.layers.communities).set_index("code")


def values(result: Result, row: int, variant: str, level: str) -> pd.DataFrame:
    table = result.indicators
    chosen = (table["row"] == row) & (table["variant"] == variant) & (table["level"] == level)
    columns = ["value", "numerator", "denominator"]
    return table[chosen].set_index("unit_code")[columns].astype(float)


def agree(result: Result, row: int, variant: str, expected: pd.DataFrame) -> None:
    """Compare communities, and townships and county summed from them."""
    found = values(result, row, variant, "community")
    assert found["numerator"].to_list() == pytest.approx(expected["up"].to_list())
    assert found["denominator"].to_list() == pytest.approx(expected["down"].to_list())
    whole = values(result, row, variant, "county").iloc[0]
    share = expected["up"].sum() / expected["down"].sum()
    assert whole[["numerator", "denominator"]].to_list() == pytest.approx(
        expected[["up", "down"]].sum().to_list()
    )
    assert whole["value"] == pytest.approx(100 * share)


def test_presence(result: Result, facilities: pd.DataFrame, communities: pd.DataFrame) -> None:
    points = facilities[facilities["category"] == "village_eldercare_point"]
    have = set(points["community"])
    for codes in points["serves"]:
        have |= set(codes)
        have |= {c for c, row in communities.iterrows() if row["township"] in codes}
    village = communities["kind"] == "村"
    expected = pd.DataFrame({"up": communities.index.isin(have) & village, "down": village})
    agree(result, 1, "units", expected.astype(float))


def test_area_per_100_households(
    result: Result, facilities: pd.DataFrame, communities: pd.DataFrame
) -> None:
    rooms = facilities[facilities["category"] == "community_service_facility"]
    area = dict.fromkeys(communities.index, 0.0)
    for _, room in rooms.iterrows():
        served = [code for code in room["serves"] if code in area]
        for code in room["serves"]:
            served += [
                c for c in communities.index[communities["township"] == code] if c not in served
            ]
        households = communities.loc[served, "households"].sum()
        for code in served:
            area[code] += room["floor_area_m2"] * communities.loc[code, "households"] / households
        if not served and room["community"] in area:
            area[room["community"]] += room["floor_area_m2"]
    expected = pd.DataFrame({"up": pd.Series(area), "down": communities["households"]})
    agree(result, 2, "pooled", expected)
    each = 100 * expected["up"] / expected["down"]
    passing = values(result, 2, "compliance", "county").iloc[0]
    assert passing["numerator"] == (each >= 30).sum()
    assert values(result, 2, "mean", "county")["value"].to_list() == pytest.approx([each.mean()])
    assert values(result, 2, "median", "county")["value"].to_list() == pytest.approx(
        [each.median()]
    )


def test_both_readings_of_the_circle(
    result: Result, facilities: pd.DataFrame, communities: pd.DataFrame
) -> None:
    people = result.demand[result.demand["service"] == "elderly_circle"]
    people = pd.DataFrame(people).assign(in_time=people["minutes"] <= 15)
    everybody = people.groupby("community")["weight"].sum().reindex(communities.index)
    reached = people[people["in_time"]].groupby("community")["weight"].sum()
    expected = pd.DataFrame({"up": reached.reindex(communities.index).fillna(0), "down": everybody})
    agree(result, 3, "reach", expected)
    half = pd.DataFrame({"up": expected["up"] >= expected["down"] / 2 - 1e-9, "down": 1.0})
    agree(result, 3, "units_by_reach", half.astype(float))
    service = next(s for s in result.services if s.name == "elderly_circle")
    stations = facilities[facilities["category"].isin(service.categories)]
    have = set(stations["community"]).union(*stations["serves"])
    present = pd.DataFrame({"up": communities.index.isin(have), "down": 1.0})
    agree(result, 3, "units", present.astype(float))


def test_nursing_beds(result: Result, facilities: pd.DataFrame) -> None:
    homes = facilities[facilities["category"] == "eldercare_institution"]
    homes = homes[homes["beds_nursing"].notna() & homes["beds_total"].notna()]
    found = values(result, 4, "pooled", "county").iloc[0]
    expected = [homes["beds_nursing"].sum(), homes["beds_total"].sum()]
    assert found[["numerator", "denominator"]].to_list() == expected
    towns = homes.groupby("township")["beds_total"].sum()
    by_town = values(result, 4, "pooled", "township")["denominator"]
    assert by_town[by_town > 0].to_dict() == towns[towns > 0].to_dict()


def test_quota_of_300_square_metres(result: Result) -> None:
    area = values(result, 2, "pooled", "community")["numerator"]
    found = values(result, 5, "units", "county").iloc[0]
    assert found["numerator"] == (area >= 300).sum()
    assert found["denominator"] == len(area)


def test_medical_care(result: Result, facilities: pd.DataFrame, plan: Plan) -> None:
    kinds = plan.rows[5].parameters["categories"]
    homes = facilities[facilities["category"].isin(kinds) & (facilities["medical_mode"] != "")]
    able = homes["medical_mode"].isin(["内设", "签约"])
    found = values(result, 6, "pooled", "county").iloc[0]
    assert found[["numerator", "denominator"]].to_list() == [able.sum(), len(homes)]


def test_facilities_next_to_health_care(
    result: Result, facilities: pd.DataFrame, plan: Plan
) -> None:
    exact = facilities[facilities["location"] == "exact"]
    places = {
        kind: np.array([[point.x, point.y] for point in group["geometry"]])
        for kind, group in exact.groupby("category")
    }
    clinics = places["health_facility"]
    # one beyond the border counts for those near it, not among them
    of = [
        np.array([[point.x, point.y] for point in group["geometry"]])
        for kind, group in exact[exact["township"] != ""].groupby("category")
        if kind in plan.rows[6].parameters["categories"]
    ]
    near = sum((np.hypot(*(clinics - p).T).min() <= 250) for group in of for p in group)
    found = values(result, 7, "pooled", "county").iloc[0]
    assert found[["numerator", "denominator"]].to_list() == [near, sum(map(len, of))]


def test_people_of_the_cremation_zone(result: Result, communities: pd.DataFrame) -> None:
    zones = pd.read_csv(Path(DEMO) / "zones.csv", dtype=str)
    listed = set(zones["code"][zones["kind"] == "火化区"])
    inside = communities["township"].isin(listed) | communities.index.isin(listed)
    people = communities["population"]
    agree(result, 8, "pooled", pd.DataFrame({"up": people.where(inside, 0), "down": people}))


def test_beds(result: Result, facilities: pd.DataFrame, plan: Plan) -> None:
    kinds = plan.rows[8].parameters["categories"]
    beds = facilities.loc[facilities["category"].isin(kinds), "beds_total"]
    found = values(result, 9, "total", "county").iloc[0]
    assert found["value"] == found["numerator"] == beds.sum()
    assert np.isnan(found["denominator"])


def test_several_services_at_once(result: Result) -> None:
    names = plan_services(result)
    rows = {name: result.demand[result.demand["service"] == name] for name in names}
    together = np.logical_and.reduce(
        [(table["minutes"] <= 15).to_numpy() for table in rows.values()]
    )
    people = rows["day_care"]["weight"].to_numpy()
    found = values(result, 10, "reach", "county").iloc[0]
    assert found["numerator"] == pytest.approx(people[together].sum())
    assert found["denominator"] == pytest.approx(people.sum())


def plan_services(result: Result) -> list[str]:
    names: list[str] = result.plan.rows[9].parameters["services"]
    return names


def test_all_rows_of_a_plan_are_there_at_every_level(result: Result) -> None:
    table = result.indicators
    assert table["row"].drop_duplicates().to_list() == list(range(1, 11))
    assert set(table["method"]) <= {"layers", "ledger"}
    assert set(table["level"]) == {"county", "township", "community"}
    assert not table.duplicated(["plan", "row", "variant", "level", "unit_code", "year"]).any()
