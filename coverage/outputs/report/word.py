"""What Word can do and python-docx cannot: Chinese typefaces, fields, bookmarks, borders, fills."""

from __future__ import annotations

import re
from typing import Any

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

LATIN = "Times New Roman"
_SHADE = "E7EBEE"
_EIGHTHS = "4"  # of a point: width of a border
# what XML cannot hold
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def set_font(run: Any, font: str, size: float) -> None:  # noqa: ANN401 - of docx
    """Set the typefaces of a run for Latin and Chinese, and its size in points."""
    run.font.name, run.font.size = LATIN, Pt(size)
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)  # noqa: SLF001 - docx sets the Latin font only


def add_text(paragraph: Any, text: str, *, chinese: bool) -> Any:  # noqa: ANN401 - of docx
    """Add a run of text, without what XML cannot hold."""
    run = paragraph.add_run(clean(text))
    if chinese:
        # quotation marks and dashes are Latin to Word unless it is told
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:hint"), "eastAsia")  # noqa: SLF001
    return run


def add_field(paragraph: Any, code: str, shown: str) -> list[Any]:  # noqa: ANN401 - of docx
    """Add a field with what it shows until it is updated; return its runs."""
    instruction = OxmlElement("w:instrText")
    instruction.set(qn("xml:space"), "preserve")
    instruction.text = code
    begun = [_run(paragraph, e) for e in (_mark("begin"), instruction, _mark("separate"))]
    return [*begun, paragraph.add_run(shown), _run(paragraph, _mark("end"))]


def _run(paragraph: Any, element: Any) -> Any:  # noqa: ANN401 - of docx
    run = paragraph.add_run()
    run._r.append(element)  # noqa: SLF001 - docx has no fields
    return run


def _mark(kind: str) -> Any:  # noqa: ANN401 - of docx
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), kind)
    return element


def bookmark(paragraph: Any, name: str, number: int) -> None:  # noqa: ANN401 - of docx
    """Give a paragraph a name that fields can refer to."""
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for element in (start, end):
        element.set(qn("w:id"), str(number))
    start.set(qn("w:name"), name)
    paragraph._p.insert(1 if paragraph._p.pPr is not None else 0, start)  # noqa: SLF001 - as above
    paragraph._p.append(end)  # noqa: SLF001 - as above


def shade(cell: Any) -> None:  # noqa: ANN401 - of docx
    """Fill a cell."""
    element = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        element.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(element)  # noqa: SLF001 - docx has no fills


def repeat(row: Any) -> None:  # noqa: ANN401 - of docx
    """Repeat a row at the top of each page."""
    _switch(row, "w:tblHeader")


def keep_whole(row: Any) -> None:  # noqa: ANN401 - of docx
    """Keep a row on one page."""
    _switch(row, "w:cantSplit")


def _switch(row: Any, name: str) -> None:  # noqa: ANN401 - of docx
    element = OxmlElement(name)
    element.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(element)  # noqa: SLF001 - docx knows neither


def rule(table: Any) -> None:  # noqa: ANN401 - of docx
    """Draw a table's lines, where no style does."""
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", _EIGHTHS), ("space", "0"), ("color", "auto")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    table._tbl.tblPr.append(borders)  # noqa: SLF001 - docx has no borders


def clean(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _CONTROL.sub("", text)
