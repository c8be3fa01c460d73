"""The demo as bureaus hand it over: all faults are found, the figures those of the clean one."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pandas as pd
import pytest

import coverage
from coverage.demo import write_dirty_demo
from coverage.demo.dirty_ledger import identity
from coverage.demo.soiling import Fault, Soiled, date_serial, degrees, full_width, scientific
from coverage.project import CheckReport

CLEAN = Path(__file__).parents[1] / "data" / "demo"
YEARS = (2020, 2023)
PERSONS = ("13800000000", identity(7), "张某甲", "李某乙")


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dirty") / "demo"
    write_dirty_demo(folder)
    return folder


@pytest.fixture(scope="module")
def reports(dirty: Path) -> dict[int, CheckReport]:
    project = coverage.open_project(dirty)
    return {year: project.check(year=year) for year in YEARS}


@pytest.fixture(scope="module")
def seeds(dirty: Path) -> pd.DataFrame:
    text = dict.fromkeys(("fault", "layer", "field", "value", "code"), str)
    table = pd.read_csv(dirty / "seeded.csv", dtype={**text, "row": "Int64"})
    return table.fillna(dict.fromkeys(text, ""))


def indicators(folder: Path, year: int) -> pd.DataFrame:
    table = coverage.open_project(folder).prepare(year=year).analyse(extras=False).indicators
    return table.set_index(["plan", "row", "variant", "level", "unit_code"])


@pytest.mark.parametrize("year", YEARS)
def test_every_seeded_fault_is_found_by_code_and_row(
    reports: dict[int, CheckReport], seeds: pd.DataFrame, year: int
) -> None:
    found = reports[year].issues
    at = set(zip(found["layer"], found["code"], found["row"].fillna(0), strict=True))
    said = found.groupby(["layer", "code"])["value"].agg("\n".join)
    missed = []
    for seed in seeds[(seeds["year"] == year) & (seeds["code"] != "")].itertuples():
        if seed.row is not pd.NA:
            known = (seed.layer, seed.code, seed.row) in at
        else:
            # one finding for the table, or one for a word
            known = seed.value in said.get((seed.layer, seed.code), "\0")
        if not known:
            missed.append((seed.fault, seed.layer, seed.row, seed.value, seed.code))
    assert missed == []


def test_the_project_can_be_run_and_most_of_it_counts(reports: dict[int, CheckReport]) -> None:
    assert not any(report.blocked for report in reports.values())
    rows = reports[2023].layers.set_index("layer")
    # 2673 facilities, 4 sums, 2 notes; of an unknown category, or with an id twice, are 5
    assert rows.loc["facilities", ["rows", "used", "set_aside"]].tolist() == [2679, 2668, 11]
    assert rows.loc["demand", ["rows", "set_aside"]].tolist() == [6624, 1]
    assert rows.loc["townships", ["rows", "used", "set_aside"]].tolist() == [28, 27, 1]
    assert rows.loc["communities", "repaired"] >= 12


def test_the_figures_are_those_of_the_clean_demo(dirty: Path) -> None:
    """Shifted, swapped, renamed, damaged: what can be repaired changes no indicator."""
    clean, soiled = indicators(CLEAN, 2023), indicators(dirty, 2023)
    for column in ("value", "numerator", "denominator", "units_total", "units_missing"):
        pd.testing.assert_series_equal(
            soiled[column], clean[column], rtol=1e-9, check_dtype=False, obj=column
        )


def test_rooms_of_a_community_sum_up_to_its_floor_area(dirty: Path) -> None:
    """The ledger of 38 columns gives the area per 100 households that the clean one gives."""
    clean, soiled = indicators(CLEAN, 2020), indicators(dirty, 2020)
    named = clean["indicator"] == "community_service_area_per_100hh"
    for variant in ("pooled", "compliance"):
        rows = named & (clean.index.get_level_values("variant") == variant)
        assert rows.any()
        expected = clean.loc[rows, "value"]
        pd.testing.assert_series_equal(
            soiled.loc[expected.index, "value"], expected, rtol=1e-9, check_dtype=False
        )


def test_nothing_about_persons_is_told_or_shown(
    reports: dict[int, CheckReport], tmp_path: Path
) -> None:
    report = reports[2023]
    told = report.issues.to_csv()
    book = openpyxl.load_workbook(report.save_workbook(tmp_path / "report.xlsx"))
    for sheet in book:
        told += "".join(str(cell.value) + str(cell.comment) for row in sheet for cell in row)
    for word in PERSONS:
        assert word not in told


def test_the_workbook_marks_the_cells_of_the_users_own_rows(
    reports: dict[int, CheckReport], seeds: pd.DataFrame, tmp_path: Path
) -> None:
    report = reports[2023]
    sheet = openpyxl.load_workbook(report.save_workbook(tmp_path / "report.xlsx"))[
        "设施 facilities"
    ]
    fields = report.as_read["facilities"].fields
    cells = seeds[
        (seeds["layer"] == "facilities")
        & (seeds["year"] == 2023)
        & (seeds["code"] != "")
        & seeds["row"].notna()
        & seeds["field"].isin(list(fields))
    ]
    assert len(cells) > 40
    for seed in cells.itertuples():
        cell = sheet.cell(seed.row, fields[seed.field] + 1)
        assert cell.fill.fill_type == "solid", (seed.fault, cell.coordinate)
        assert cell.comment is not None


def test_the_same_bytes_every_time(dirty: Path, tmp_path: Path) -> None:
    write_dirty_demo(tmp_path / "again")
    for file in sorted(dirty.iterdir()):
        if file.suffix != ".dbf" and file.is_file():
            assert file.read_bytes() == (tmp_path / "again" / file.name).read_bytes(), file.name


def test_cells_are_spoiled_once_and_noted() -> None:
    table = Soiled("demand", 2023, pd.DataFrame({"a": [1000.0, 2.0, None, 4.0]}))
    table.spoil(
        [Fault("两倍", "a", "population", lambda v: v * 2, "x", lambda v: v != "", count=2)]
    )
    assert table.frame["a"].tolist() == [2000, 2, "", 8]
    assert [(seed.row, seed.value) for seed in table.seeds({0: 10, 3: 13})] == [
        (10, "2000"),
        (13, "8"),
    ]
    assert table.take(1) == [1]


def test_how_cells_are_spoiled() -> None:
    assert full_width(1204) == "１２０４"
    assert degrees(107.5125) == "107°30′45.00000″"
    assert date_serial(2019) == 43617  # what spreadsheets show for 2019-06-01 as a number
    assert scientific("500199001001") == "5.00199001001E+11"
    assert float(scientific("500199001001")) == 500199001001
