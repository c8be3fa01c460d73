"""The workbook that a bureau hands in: the plan's table, units, shortfalls, what they rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import texts
from coverage.outputs.folder import replace_file
from coverage.outputs.workbook.basis_sheets import entered_sheet, quality_sheet
from coverage.outputs.workbook.book import book_of
from coverage.outputs.workbook.gap_sheet import gap_sheet
from coverage.outputs.workbook.parameter_sheet import parameter_sheet
from coverage.outputs.workbook.plan_sheets import main_sheet, text_sheet
from coverage.outputs.workbook.unit_sheets import community_sheet, township_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from coverage.results import Result

_SHEETS = (
    main_sheet,
    text_sheet,
    township_sheet,
    community_sheet,
    gap_sheet,
    entered_sheet,
    parameter_sheet,
    quality_sheet,
)


def write_workbook(result: Result, file: Path, language: str) -> Path:
    """Write a result as a workbook, whole or not at all.

    Parameters
    ----------
    result
        The result.
    file
        Where it goes; its name ends in ``.xlsx``.
    language
        Language of sheets and headers. What was noted during the analysis stays in the language
        that was in use then.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    OutputError
        If the file cannot be written, for instance because a program holds it open.
    """
    sheets = [sheet(result, language) for sheet in _SHEETS]
    # a plan without text and boxes needs no sheet for them
    shown = [sheet for sheet in sheets if sheet.rows or sheet is not sheets[1]]
    basis = texts.say(f"workbook.basis_{result.population_basis}", language)
    subject = texts.say(
        "workbook.subject", language, name=result.name, year=result.year, basis=basis
    )
    content = book_of(
        shown,
        title=result.plan.title(language),
        subject=subject,
        notice="　".join(filter(None, [result.marking, result.notice])),
        language=language,
    )
    replace_file(file, content)
    return file
