"""What is handed in: one folder whose files say the same, and a zip to make it again from."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pytest
from docx import Document

import coverage
from coverage.cli import main
from coverage.outputs.atlas import fonts

TABLES = ("indicators", "communities", "townships", "demand", "facilities", "issues")


@pytest.fixture
def dossier(tiny: Path, edit: Callable[[str, str], None]) -> Path:
    """Write the report of the tiny county, its streets moved out of the project's folder."""
    edit('name = "小县（虚构）"', 'name = "小县（虚构）"\nplan = "fuling"')
    (tiny / "streets.gpkg").rename(tiny.parent / "elsewhere.gpkg")
    edit('"streets.gpkg"', '"../elsewhere.gpkg"')
    assert main(["report", str(tiny), "--bundle", "--quiet"]) == 0
    return tiny / "results" / "report"


def test_every_file_says_the_same_and_the_bundle_makes_them_again(
    dossier: Path, tmp_path: Path
) -> None:
    figures = pd.read_csv(dossier / "indicators.csv")
    own = figures.query(
        "row == 18 and kind == 'table' and variant == 'reach' and level == 'county'"
    )
    assert own["value"].item() == pytest.approx(30.0)
    document = Document(str(dossier / "report.docx"))
    cells = [[c.text for c in row.cells] for table in document.tables for row in table.rows]
    assert "30" in next(row for row in cells if row[0] == "18")
    book = openpyxl.load_workbook(dossier / "indicators.xlsx", read_only=True)
    assert any(cell == 30.0 for row in book.worksheets[0].values for cell in row)
    townships = pyogrio.read_dataframe(dossier / "coverage.gpkg", layer="townships")
    csv = pd.read_csv(dossier / "townships.csv")
    assert townships["elderly_circle_covered"].tolist() == csv["elderly_circle_covered"].tolist()
    for name in ("atlas.pdf", "map.html", "run.json"):
        assert (dossier / name).stat().st_size > 0
    assert len(list((dossier / "atlas").glob("*.png"))) == 4 + len(csv)

    with zipfile.ZipFile(dossier.with_suffix(".zip")) as bundle:
        bundle.extractall(tmp_path / "again")
    coverage.open_project(tmp_path / "again").run().save(tmp_path / "results")
    for name in TABLES:
        made = (tmp_path / "results" / f"{name}.csv").read_bytes()
        assert made == (dossier / f"{name}.csv").read_bytes(), name


def test_a_template_that_cannot_be_used_leaves_the_earlier_report(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tiny / "results" / "report"
    folder.mkdir(parents=True)
    (folder / "report.docx").write_bytes(b"earlier")
    (tiny / "own.docx").write_text("no zip", encoding="utf-8")
    assert main(["report", str(tiny), "--template", str(tiny / "own.docx")]) == 1
    assert "own.docx" in capsys.readouterr().err
    assert (folder / "report.docx").read_bytes() == b"earlier"
    assert [p.name for p in folder.iterdir()] == ["report.docx"]


def test_without_a_chinese_typeface_the_earlier_report_stays(
    tiny: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tiny / "results" / "report"
    folder.mkdir(parents=True)
    (folder / "report.docx").write_bytes(b"earlier")
    monkeypatch.setattr(fonts, "FAMILIES", ("No Such Typeface",))
    assert main(["report", str(tiny), "--quiet"]) == 1
    assert "请安装下列任一字体后重试：No Such Typeface" in capsys.readouterr().err
    assert (folder / "report.docx").read_bytes() == b"earlier"
    assert [p.name for p in folder.iterdir()] == ["report.docx"]
