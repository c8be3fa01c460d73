"""Fill-in workbooks: what they ask for, and that what is filled in reads back without an issue."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pytest

from coverage import vocabulary
from coverage.cli import main
from coverage.errors import OutputError
from coverage.layers import IssueLog, Source, read_layers
from coverage.layers.ledgers.reading import read_ledger
from coverage.layers.ledgers.tidy import Table, tidy
from coverage.layers.read import read_raw
from coverage.outputs.templates import _columns, template_layers, write_templates

COMMITTED = Path(__file__).parents[1] / "data" / "templates"
LAYERS = template_layers()
LANGUAGES = ("zh", "en")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    where = tmp_path_factory.mktemp("templates")
    for language in LANGUAGES:
        write_templates(where / language, language=language)
    return where


def value_of(column: Any, row: int) -> Any:
    """Return what a person might write in a column."""
    if column.choices:
        return column.choices[row % len(column.choices)]
    return {"code": f"50099900{row}", "number": 10.5 + row, "year": 2010 + row}.get(
        column.field.kind, f"{column.field.name}{row}"
    )


def fill(file: Path, layer: str, language: str, rows: list[dict[str, Any]], out: Path) -> Path:
    """Write rows below the example row, by field, and save the workbook elsewhere."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    fields = [column.field.name for column in _columns(layer, language)]
    for number, row in enumerate(rows, start=3):
        for field, value in row.items():
            sheet.cell(number, fields.index(field) + 1, value)
    book.save(out)
    return out


def read(file: Path, layer: str, issues: IssueLog) -> Table:
    source = Source(path=file)
    ledger = read_ledger(read_raw(source, layer, issues), source, layer, issues)
    return tidy(ledger.raw, ledger.columns, layer, issues, basis="registered")


def test_committed_templates_are_what_the_command_writes(folder: Path) -> None:
    written = sorted((folder / "zh").iterdir())
    assert {f.name for f in COMMITTED.iterdir()} == {*(file.name for file in written), "plan.xlsx"}
    for file in written:
        assert file.read_bytes() == (COMMITTED / file.name).read_bytes(), file.name


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("layer", LAYERS)
def test_every_column_filled_in_reads_back_without_an_issue(
    folder: Path, tmp_path: Path, layer: str, language: str
) -> None:
    columns = list(_columns(layer, language))
    rows = [{c.field.name: value_of(c, row) for c in columns} for row in range(3)]
    file = fill(folder / language / f"{layer}.xlsx", layer, language, rows, tmp_path / "f.xlsx")
    issues = IssueLog()
    table = read(file, layer, issues)
    assert [(issue.code, issue.row) for issue in issues] == [("example_row", 2)]
    assert table.rows.tolist() == [3, 4, 5]
    assert set(table.frame.columns) == {column.field.name for column in columns}
    for column in columns:
        if column.field.kind == "number":
            assert table.frame[column.field.name].tolist() == [10.5, 11.5, 12.5]
        if column.field.kind == "year":
            assert table.frame[column.field.name].tolist() == [2010, 2011, 2012]


@pytest.mark.parametrize("layer", LAYERS)
def test_the_example_overwritten_is_a_row_like_any_other(
    folder: Path, tmp_path: Path, layer: str
) -> None:
    """Whoever types over the example row from its first cell on loses nothing."""
    columns = list(_columns(layer, "zh"))
    book = openpyxl.load_workbook(folder / "zh" / f"{layer}.xlsx")
    for number, column in enumerate(columns, start=1):
        book.worksheets[0].cell(2, number, value_of(column, 1))
    book.save(tmp_path / "f.xlsx")
    issues = IssueLog()
    assert read(tmp_path / "f.xlsx", layer, issues).rows.tolist() == [2]
    assert len(issues) == 0


def test_a_county_filled_in_by_hand_is_read_as_it_stands(
    folder: Path, tmp_path: Path, tiny: Path
) -> None:
    place = {"lon": 108.0, "lat": 29.73}
    unit = {"township": "甲街道", "community": "甲一社区"}
    station = {"name": "甲站", "id": "F1", "category": "社区养老服务站", "status": "运营"}
    rows = {
        "communities": {"name": "甲一社区", "code": "500999001001", "township": "甲街道"},
        "facilities": {**station, **unit, "floor_area_m2": 320, "open_year": 2019},
        "demand": {"id": "D1", "community": "500999001001", "population": 10, **place},
        "candidates": {"name": "闲置用房", "id": "C1", **unit, **place},
        "projects": {"name": "新建", "id": "P1", "category": "日间照料中心", "open_year": 2025,
                     **unit},
        "estates": {"name": "雅苑", "id": "X1", "households": 100, "area_community": 60},
        "entered": {"indicator": "rate", "year": 2023, "value": 99.5},
        "counties": {"name": "某县", "code": "500999", "population": 390},
        "zones": {"name": "甲街道", "code": "500999001", "kind": "火化区", "year": 2023},
        "crosswalk": {"old_name": "甲镇", "old_code": "500999100", "name": "甲街道",
                      "code": "500999001", "year": 2021},
    }  # fmt: skip
    sources = {"townships": Source(path=tiny / "townships.gpkg")}
    for layer, row in rows.items():
        file = fill(folder / "zh" / f"{layer}.xlsx", layer, "zh", [row], tmp_path / f"{layer}.xlsx")
        sources[layer] = Source(path=file)
    issues = IssueLog()
    layers = read_layers(sources, issues)
    said = {issue.code for issue in issues if issue.severity != "info"}
    assert said == set()
    assert layers.facilities["floor_area_m2"].tolist() == [320.0]
    assert layers.facilities["community"].tolist() == ["500999001001"]
    assert layers.others["demand"]["population"].tolist() == [10.0]


def test_words_to_choose_from_are_understood() -> None:
    for language in LANGUAGES:
        columns = {c.field.name: c for c in _columns("facilities", language)}
        for word in columns["category"].choices:
            assert vocabulary.category_of(word), word
        statuses = [vocabulary.status_of(word) for word in columns["status"].choices]
        assert statuses == ["operating", "idle", "building", "planned", "closed"]


def test_drop_downs_cover_the_rows_to_fill_in(folder: Path) -> None:
    sheet = openpyxl.load_workbook(folder / "zh" / "facilities.xlsx").worksheets[0]
    header = {cell.value: cell.column_letter for cell in sheet[1]}
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    category = rules[f"{header['设施类型']}2:{header['设施类型']}10001"]
    count = len(vocabulary.categories())
    assert category.type == "list"
    assert category.formula1.endswith(f"${count + 1}")
    assert rules[f"{header['投入使用年份']}2:{header['投入使用年份']}10001"].type == "whole"
    assert rules[f"{header['建筑面积（㎡）']}2:{header['建筑面积（㎡）']}10001"].type == "decimal"


def test_a_workbook_filled_in_is_never_overwritten(tmp_path: Path) -> None:
    write_templates(tmp_path)
    write_templates(tmp_path)
    (tmp_path / "zones.xlsx").write_bytes(b"mine")
    (tmp_path / "demand.xlsx").unlink()
    with pytest.raises(OutputError, match=r"zones\.xlsx"):
        write_templates(tmp_path)
    assert (tmp_path / "zones.xlsx").read_bytes() == b"mine"
    assert not (tmp_path / "demand.xlsx").exists()


def test_the_command_says_how_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["template", str(tmp_path / "t")]) == 0
    assert f"{len(LAYERS)} 个填写模板" in capsys.readouterr().out
    assert (tmp_path / "t" / "facilities.xlsx").is_file()
    assert "water" in (tmp_path / "t" / "README.txt").read_text(encoding="utf-8-sig")
