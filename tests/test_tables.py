"""Tables as CSV and workbooks: what came out of a file is text, never a formula."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest
import python_calamine

from coverage.outputs.tables import csv_bytes, excel_bytes


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return list(csv.reader(io.StringIO(csv_bytes(table).decode("utf-8-sig"))))[1:]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "-甲站", "+86 138",
     "=", "--"],
)  # fmt: skip
def test_a_name_that_begins_as_a_formula_is_text(name: str) -> None:
    table = pd.DataFrame({"code": ["001"], "name": pd.Series([name], dtype="str")})
    assert _cells(table) == [["001", f"'{name}"]]
    book = python_calamine.load_workbook(io.BytesIO(excel_bytes(table, "表")))
    assert book.get_sheet_by_index(0).to_python()[1] == ["001", name]


def test_numbers_codes_and_other_texts_stay_as_they_are() -> None:
    texts = ["-5", "+3.5", "-1e-7", "-12%", "-", "", "a=b", "'x", "-1,234.5", "00123"]
    table = pd.DataFrame({"text": texts, "number": [-1.25] * 9 + [None], "mixed": [-1, "=x"] * 5})
    cells = _cells(table)
    assert [row[0] for row in cells] == texts
    assert [row[1] for row in cells] == ["-1.25"] * 9 + [""]
    assert [row[2] for row in cells] == ["-1", "'=x"] * 5
    assert table["mixed"].tolist() == [-1, "=x"] * 5


def test_categories_are_quoted_too() -> None:
    table = pd.DataFrame({"kind": pd.Categorical(["=a", "b", None])})
    assert _cells(table)[:2] == [["'=a"], ["b"]]
