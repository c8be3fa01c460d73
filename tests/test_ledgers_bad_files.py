"""Files that are no tables: one sentence each, in bounded time and memory."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ledger_files import read

from coverage.errors import CoverageError, LayerError
from coverage.layers import IssueLog, Source, read_layers

if TYPE_CHECKING:
    from collections.abc import Iterable

LEDGERS = Path(__file__).parent / "ledgers"
TABLE = pd.DataFrame({"编号": ["a", "b"], "类型": ["敬老院", "养老驿站"], "面积": [1, 2]})
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
HEAD = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/'
    b'main"><sheetData>'
)
TEXT_CELL = b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>'


def workbook() -> bytes:
    file = io.BytesIO()
    TABLE.to_excel(file, index=False)
    return file.getvalue()


def packed(path: Path, sheet: Iterable[bytes]) -> Path:
    """Write a workbook whose sheet is this XML."""
    good = zipfile.ZipFile(io.BytesIO(workbook()))
    with good, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name in good.namelist():
            with book.open(name, "w") as part:
                changed = name.endswith("sheet1.xml")
                part.writelines(sheet if changed else [good.read(name)])
    return path


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"%PDF-1.7", "它实际是 PDF"),
        ("a.csv", b"\x89PNG\r\n", "它实际是 PNG"),
        ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "有密码"),
        ("a.xls", OLE, "无法读取"),
        ("a.doc.xls", OLE + "WordDocument".encode("utf-16-le"), "它实际是 Word"),
        ("a.xlsx", b"PK\x03\x04", "无法读取"),
        ("a.xlsx", workbook()[:3000], "无法读取"),
        ("a.xlsx", b"", "一行数据也没有"),
        ("a.csv", b"\0\0\0", "一行数据也没有"),
        ("a.xls", b"<html><p>please sign in</p></html>", "它实际是 HTML"),
        ("a.xls", b"<?xml version='1.0'?><a/>", "它实际是 XML"),
        ("a.csv", ",".join(f"c{i}" for i in range(1_000_000)).encode(), "不是一张表"),
        ("a.csv", b'a,"b\nx,y\n', "无法读取"),
    ],
)
def test_one_sentence_each(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(LayerError, match=words) as caught:
        read(tmp_path / name)
    assert str(tmp_path / name) in caught.value.text("en")


def test_a_zip_of_something_else(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as file:
        file.writestr("readme.txt", "x")
    with pytest.raises(LayerError, match="它实际是 ZIP"):
        read(tmp_path / "a.xlsx")


def test_a_folder_and_a_link_to_itself(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("folder.csv", "loop.csv"):
        with pytest.raises(LayerError, match="不是文件"):
            read(tmp_path / name)


@pytest.mark.parametrize(
    ("sheet", "words"),
    [
        ([HEAD, *[b" " * 10_000_000] * 60], "太大"),
        # the only filled cells are the first and the last that a sheet has
        (
            [
                HEAD, TEXT_CELL % b"x", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
                b"</sheetData></worksheet>",
            ],
            "范围过大",
        ),
        ([HEAD, TEXT_CELL % b"&lol;", b"</sheetData></worksheet>"], "无法读取"),
    ],
    ids=["bomb", "far", "entity"],
)  # fmt: skip
def test_workbooks_that_claim_too_much(tmp_path: Path, sheet: list[bytes], words: str) -> None:
    path = packed(tmp_path / "a.xlsx", sheet)
    started = time.process_time()
    with pytest.raises(LayerError, match=words):
        read(path)
    assert time.process_time() - started < 5


def test_empty_cells_far_away_do_no_harm(tmp_path: Path) -> None:
    header = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
    rows = (
        b'<row r="2"><c r="A2"><v>7</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    path = packed(tmp_path / "a.xlsx", [HEAD, header, rows, b"</sheetData></worksheet>"])
    assert read(path).frame["id"].tolist() == ["7"]


def test_a_page_whose_cells_span_too_much(tmp_path: Path) -> None:
    cell = b"<td colspan=1000 rowspan=1000>x"
    (tmp_path / "a.xls").write_bytes(b"<table><tr>" + cell * 100 + b"</table>")
    with pytest.raises(LayerError, match="范围过大"):
        read(tmp_path / "a.xls")


@pytest.mark.parametrize(
    ("name", "data", "really"),
    [
        ("a.csv", workbook(), "Excel"),
        ("a.xls", workbook(), ""),
        ("a.xls", TABLE.to_csv(index=False).encode("gb18030"), "CSV"),
        ("a.xls", TABLE.to_csv(index=False, sep="\t").encode("utf-16"), "CSV"),
        ("a.xls", TABLE.to_html(index=False).encode("gb18030"), "HTML"),
        ("a.csv", TABLE.to_csv(index=False).encode("utf-16-le"), ""),
    ],
)
def test_tables_under_another_name_are_read(
    tmp_path: Path, name: str, data: bytes, really: str
) -> None:
    (tmp_path / name).write_bytes(data)
    result = read(tmp_path / name)
    assert result.frame["category"].tolist() == ["敬老院", "养老驿站"]
    assert result.frame["floor_area_m2"].tolist() == [1, 2]
    assert [value for _, _, value in result.found("renamed_file")] == ([really] if really else [])


def test_control_characters_are_taken_out(tmp_path: Path) -> None:
    text = TABLE.to_csv(index=False).replace("敬", "\x01敬\0\u200b")
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    result = read(tmp_path / "a.csv")
    assert result.frame["category"].tolist() == ["敬老院", "养老驿站"]
    assert result.found("control_characters") == [(pd.NA, "", "a.csv"), (2, "类型", "")]


def test_a_damaged_character_does_not_make_utf8_gb18030(tmp_path: Path) -> None:
    data = TABLE.loc[[0] * 200].to_csv(index=False).encode()
    (tmp_path / "a.csv").write_bytes(data[:-400] + b"\xff" + data[-400:])
    result = read(tmp_path / "a.csv")
    assert result.frame["category"].iloc[0] == "敬老院"
    assert len(result.found("damaged_text")) == 1


def test_the_other_layers_faults_are_told_too(county: dict[str, Source], tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"%PDF")
    (tmp_path / "b.csv").write_bytes(b"")
    sources = {"facilities": Source(path=tmp_path / "a.xlsx")}
    sources["demand"] = Source(path=tmp_path / "b.csv")
    with pytest.raises(LayerError, match=r"(?s)PDF.*一行数据也没有"):
        read_layers({**county, **sources}, IssueLog())


def cut_and_changed(good: bytes) -> st.SearchStrategy[bytes]:
    """Return bytes of a good file, cut and with some of them changed."""
    places = st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=8)

    def changed(length: int, changes: list[tuple[int, int]]) -> bytes:
        data = bytearray(good[:length])
        for place, value in changes:
            if place < len(data):
                data[place] = value
        return bytes(data)

    return st.builds(changed, st.integers(0, len(good)), places)


@settings(
    deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)  # others may share the machine
@given(
    st.one_of(
        st.binary(max_size=300),
        st.text(alphabet='编号类型乡镇合计\n,\t"1 ㎡', max_size=200).map(str.encode),
        cut_and_changed(workbook()),
        cut_and_changed((LEDGERS / "old.xls").read_bytes()),
        cut_and_changed(TABLE.to_html().encode()),
    ),
    st.sampled_from([".csv", ".xlsx", ".xls"]),
    st.sampled_from(["facilities", "communities", "demand", "crosswalk"]),
)
def test_no_bytes_raise_anything_but_ours(data: bytes, suffix: str, layer: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(data)
        said = str(path)
        try:
            read(path, layer)
        except CoverageError as error:
            said = error.text("zh")
        assert str(path) in said
