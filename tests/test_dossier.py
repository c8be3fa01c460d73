"""What is handed in: one folder whose files say the same, and a zip to make it again from."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import openpyxl
import pandas as pd
import pyogrio
import pypdf
import pytest
from docx import Document

import coverage
from coverage.cli import main
from coverage.outputs.atlas import fonts
from coverage.outputs.map_figures import MEASURES

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
    figures = pd.read_csv(dossier / "indicators.csv", dtype={"unit_code": str})
    own = figures.query("kind == 'table' and level == 'county'")
    reach = own.query("row == 18 and variant == 'reach'")
    assert reach["value"].item() == pytest.approx(30.0)
    _report_says(dossier / "report.docx", own)
    _workbook_says(dossier / "indicators.xlsx", own)
    _atlas_says(dossier, reach["value"].item())
    _map_says(dossier, figures[figures["level"] == "county"])
    _package_says(dossier)
    _record_says(dossier)

    with zipfile.ZipFile(dossier.with_suffix(".zip")) as bundle:
        bundle.extractall(tmp_path / "again")
    coverage.open_project(tmp_path / "again").run().save(tmp_path / "results")
    for name in TABLES:
        made = (tmp_path / "results" / f"{name}.csv").read_bytes()
        assert made == (dossier / f"{name}.csv").read_bytes(), name


def _written(value: float) -> str:
    return "—" if pd.isna(value) else f"{value:,.2f}".rstrip("0").rstrip(".")


def _report_says(file: Path, own: pd.DataFrame) -> None:
    tables = Document(str(file)).tables
    (table,) = [t for t in tables if t.rows[0].cells[-1].text == "评价" and len(t.columns) == 8]
    rows = [[cell.text for cell in row.cells] for row in table.rows[1:]]
    assert {int(row[0]) for row in rows} == set(own["row"])
    for row in rows:
        assert row[6] in {_written(v) for v in own[own["row"] == int(row[0])]["value"]}


def _workbook_says(file: Path, own: pd.DataFrame) -> None:
    sheet = openpyxl.load_workbook(file, read_only=True).worksheets[0]
    lines = [(row[0], row[6]) for row in sheet.values if isinstance(row[0], int)]
    known = own[own["value"].notna()]
    assert len(known)
    for row, value in zip(known["row"], known["value"], strict=True):
        assert (row, pytest.approx(value)) in lines


def _atlas_says(dossier: Path, reach: float) -> None:
    townships = pd.read_csv(dossier / "townships.csv")
    assert len(list((dossier / "atlas").glob("*.png"))) == 4 + len(townships)
    pages = [page.extract_text() for page in pypdf.PdfReader(dossier / "atlas.pdf").pages]
    assert f"{reach:.1f} %" in pages[1]
    for page, share in zip(pages[4:], townships["elderly_circle_share"], strict=True):
        assert f"{share * 100:.1f} %" in page


def _map_says(dossier: Path, whole: pd.DataFrame) -> None:
    page = (dossier / "map.html").read_text(encoding="utf-8")
    found = re.search(r'id="coverage-values">(.*?)</script>', page)
    assert found is not None
    values = json.loads(found[1])
    shown = [f["value"] for headline in values["headlines"] for f in headline["figures"]]
    known = whole["value"].dropna().tolist()
    assert all(any(v == pytest.approx(k) for k in known) for v in shown if v is not None)
    for level, name in (("township", "townships"), ("community", "communities")):
        table = pd.read_csv(dossier / f"{name}.csv", dtype={"code": str})
        for service, units in values["units"][level].items():
            columns = [f"{service}_{measure}" for measure in MEASURES]
            for code, *measures in table[["code", *columns]].itertuples(index=False):
                drawn = [float("nan") if v is None else v for v in units[code]]
                assert drawn == pytest.approx(measures, abs=1e-4, nan_ok=True)


def _package_says(dossier: Path) -> None:
    for layer in ("townships", "communities", "demand", "facilities"):
        mapped = pyogrio.read_dataframe(dossier / "coverage.gpkg", layer=layer)
        table = pd.read_csv(dossier / f"{layer}.csv")
        # codes are text in the one, digits in the other
        figures = mapped.select_dtypes("number").columns.intersection(table.columns)
        assert len(figures)
        assert len(mapped) == len(table)
        for column in figures:
            assert mapped[column].tolist() == pytest.approx(table[column].tolist(), nan_ok=True)


def _record_says(dossier: Path) -> None:
    record = json.loads((dossier / "run.json").read_text(encoding="utf-8"))
    files = [f for f in dossier.rglob("*") if f.is_file() and f.name != "run.json"]
    assert record["outputs"] == {
        f.relative_to(dossier).as_posix(): sha256(f.read_bytes()).hexdigest() for f in files
    }


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
