"""The export page: its files hold the figures of the command line, and are the same files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from pages import open_app

from coverage import open_project, texts
from coverage.outputs import atlas, csv_bytes
from coverage.outputs.atlas import fonts
from coverage.outputs.tables import excel_bytes
from coverage.web import files, session


def test_files_carry_the_figures_of_the_command_line(tiny: Path, tmp_path: Path) -> None:
    result = open_project(tiny).run()
    folder = result.save(tmp_path / "results")
    packed = files.results(result, "zh")
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        names = set(archive.namelist())
        assert {"indicators.csv", "map.html", "coverage.gpkg", "run.json"} <= names
        assert archive.read("demand.csv") == (folder / "demand.csv").read_bytes()
    assert csv_bytes(result.communities) == (folder / "communities.csv").read_bytes()


def test_a_workbook_reads_back_as_the_table() -> None:
    table = pd.DataFrame({"code": ["001", "=1+1"], "value": [0.1 + 0.2, None]})
    book = io.BytesIO(excel_bytes(table, "表"))
    back = pd.read_excel(book, dtype={"code": str}, engine="openpyxl")
    pd.testing.assert_frame_equal(back, table, check_dtype=False)


def test_the_report_is_made_once_it_is_asked_for(tiny: Path, tmp_path: Path) -> None:
    app = open_app(tiny, "export")
    assert not app.exception
    visit = session.visit(tiny)
    assert session.begun_dossier(visit) is None
    app.button(key="make-report").click().run()
    assert not app.exception
    assert "make-report" not in {button.key for button in app.button}
    begun = session.begun_dossier(visit)
    assert begun is not None
    folder = open_project(tiny).run().save(tmp_path / "results")
    with zipfile.ZipFile(io.BytesIO(begun.result())) as archive:
        names = set(archive.namelist())
        assert {"report.docx", "indicators.xlsx", "atlas.pdf", "map.html", "run.json"} <= names
        for table in folder.glob("*.csv"):
            assert archive.read(table.name) == table.read_bytes(), table.name


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_map_that_is_offered_can_be_drawn(tiny: Path, language: str) -> None:
    result = open_project(tiny).run()
    offered = atlas.subjects(result, language)
    assert {"overview", "elderly_circle", *result.townships["code"].astype(str)} <= set(offered)
    for subject in offered:
        assert atlas.draw_map(result, subject, language, dpi=20).startswith(b"\x89PNG"), subject


def test_without_a_chinese_typeface_no_picture_is_offered(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "installed", tuple)
    app = open_app(tiny, "export")
    assert not app.exception
    assert app.info[0].value == texts.say("export_page.no_font", "zh")
    assert not app.selectbox
