"""Write the atlas: county, headline indicators, townships, each a page in PDF and PNG."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.backends.backend_pdf import PdfPages

from coverage.errors import OutputError
from coverage.outputs.atlas.fonts import drawing
from coverage.outputs.atlas.ground import Ground, drawn
from coverage.outputs.atlas.pages import (
    county_page,
    headline_page,
    imprint_of,
    service_page,
    township_page,
)
from coverage.outputs.atlas.palette import png
from coverage.outputs.atlas.themes import service_theme
from coverage.outputs.folder import written
from coverage.outputs.map_figures import HEADLINES, headlines, main_service

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from coverage.outputs.atlas.sheet import Sheet
    from coverage.results import Result

PAGE_DPI = 300
MAP_DPI = 150
_ZOOMS = (1.4, 1.25, 1.1, 1.0)


def write_atlas(result: Result, folder: Path, language: str) -> list[Path]:
    """Write ``atlas.pdf`` and its pages as ``atlas/*.png`` into a folder.

    The same result gives the same bytes with the same libraries and typefaces.

    Parameters
    ----------
    result
        The result.
    folder
        Folder to write into; it must exist.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of pathlib.Path
        The PDF, then the pages in its order.

    Raises
    ------
    OutputError
        If no typeface with Chinese characters is installed, or the files cannot be written.
    """
    file = folder / "atlas.pdf"
    pages = folder / "atlas"
    files = [file]
    with written(file):
        pages.mkdir(exist_ok=True)
        # without a date, so that the same result gives the same file
        with drawing(_words(result)), PdfPages(file, metadata={"CreationDate": None}) as book:
            for position, (name, sheet) in enumerate(_sheets(result, language), start=1):
                files.append(pages / f"{position:02}-{name}.png")
                book.savefig(sheet.figure, dpi=PAGE_DPI)
                files[-1].write_bytes(png(sheet.figure, PAGE_DPI))
    return files


def draw_map(result: Result, subject: str, language: str, *, dpi: int = MAP_DPI) -> bytes:
    """Draw one map of a result as PNG.

    Parameters
    ----------
    result
        The result.
    subject
        ``overview``, a service's name, one of the headline indicators, or a township's code.
    language
        ``zh`` or ``en``.
    dpi
        Points an inch of a page A4.

    Raises
    ------
    OutputError
        If the result has nothing of that name, or no typeface with Chinese characters is installed.
    """
    with drawing(_words(result)):
        return png(_sheet(result, Ground(result), subject, language).figure, dpi)


def draw_large(result: Result, subjects: Iterable[str], language: str) -> Iterator[bytes]:
    """Draw maps as PNG that are shown small, their letters as large as there is room for.

    Parameters
    ----------
    result, subjects, language
        As for `draw_map`; a map a subject.

    Raises
    ------
    OutputError
        As for `draw_map`.
    """
    ground = Ground(result)
    for subject in subjects:
        with drawing(_words(result)):
            for zoom in _ZOOMS:
                sheet = _sheet(result, ground, subject, language, zoom)
                if sheet.fits:
                    break
            content = png(sheet.figure, MAP_DPI)
        yield content


def subjects(result: Result, language: str) -> dict[str, str]:
    """Return what `draw_map` can draw of a result, each with its title.

    Parameters
    ----------
    result, language
        As for `draw_map`.
    """
    titles = {"overview": result.name}
    titles |= {h.indicator: h.title for h in headlines(result, language)}
    titles |= {service.name: service.title(language) for service in result.services}
    if main_service(result) is not None:
        townships = drawn(result.townships)
        titles |= dict(zip(townships["code"].astype(str), townships["name"], strict=True))
    return titles


def _words(result: Result) -> Iterator[str]:
    """Give the words of a result that its maps write."""
    yield from (result.name, result.notice, result.marking)
    yield from (result.plan.title("zh"), *(s.title("zh") for s in result.services))
    for units in (result.townships, result.communities):
        yield from units["name"].astype(str)


def _sheet(result: Result, ground: Ground, subject: str, language: str, zoom: float = 1.0) -> Sheet:
    imprint = imprint_of(result, language, zoom)
    if subject == "overview":
        return county_page(result, ground, imprint, language)
    if subject in HEADLINES:
        return headline_page(result, ground, imprint, subject, language)
    for service in result.services:
        if service.name == subject:
            theme = service_theme(result, service, language)
            return service_page(result, ground, imprint, theme, language)
    main = main_service(result)
    if main is not None and subject in set(drawn(result.townships)["code"].astype(str)):
        theme = service_theme(result, main, language)
        return township_page(result, ground, imprint, theme, subject, language)
    names = ["overview", *HEADLINES, *(s.name for s in result.services)]
    raise OutputError("atlas.unknown_map", subject=subject, names=tuple(names))


def _sheets(result: Result, language: str) -> Iterator[tuple[str, Sheet]]:
    ground, imprint = Ground(result), imprint_of(result, language)
    yield "county", county_page(result, ground, imprint, language)
    for indicator, (name, _, _) in HEADLINES.items():
        yield name, headline_page(result, ground, imprint, indicator, language)
    service = main_service(result)
    if service is None:
        return
    theme = service_theme(result, service, language)
    for code in drawn(result.townships)["code"].astype(str):
        yield code, township_page(result, ground, imprint, theme, code, language)
