"""What a report is made of, before anybody knows of Word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class Heading:
    """A heading: 1 for a chapter, 2 for a section of it."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A paragraph of running text."""

    text: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table with a caption; cells are written as they are.

    Parameters
    ----------
    caption
        Stands above it.
    heads
        Heads of the columns.
    rows
        Cells, a row a line.
    widths
        Width of each column, in parts of the page.
    numbers
        Positions of the columns that hold numbers.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture with a caption.

    Parameters
    ----------
    caption
        Stands below it.
    content
        PNG.
    """

    caption: str
    content: bytes


Block: TypeAlias = Heading | Paragraph | Table | Picture
