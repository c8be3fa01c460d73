"""Set words in columns of a terminal, where Chinese characters are two cells wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage.texts.width import cells_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_GAP = 2  # cells between columns
_CLOSING = "、，。；：）”》"


def set_columns(
    rows: Sequence[Sequence[str]], *, wrap: int, most: int, right: Sequence[int] = ()
) -> list[str]:
    """Set rows of words in columns as wide as their widest word.

    Parameters
    ----------
    rows
        Words by row and column.
    wrap
        Column whose words go on in the next line where the line would grow too long.
    most
        Cells that a line may take.
    right
        Columns set flush right.
    """
    widths = [max(map(cells_of, column)) for column in zip(*rows, strict=True)]
    others = sum(widths) - widths[wrap] + _GAP * (len(widths) - 1)
    widths[wrap] = max(2, min(widths[wrap], most - others))
    lines = []
    for row in rows:
        first, *further = _wrapped(row[wrap], widths[wrap])
        shown = [*row[:wrap], first, *row[wrap + 1 :]]
        padded = [
            _padded(word, width, flush=column in right)
            for column, (word, width) in enumerate(zip(shown, widths, strict=True))
        ]
        lines.append((" " * _GAP).join(padded).rstrip())
        indent = " " * (sum(widths[:wrap]) + _GAP * wrap)
        lines += [indent + part for part in further]
    return lines


def _padded(word: str, width: int, *, flush: bool) -> str:
    blank = " " * (width - cells_of(word))
    return blank + word if flush else word + blank


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Break a text into lines: at blanks between words, else between characters."""
    line = text
    while cells_of(line) > width:
        end = next(n for n in range(len(line), 0, -1) if cells_of(line[:n]) <= width)
        blank = line.rfind(" ", 1, end + 1)
        # a blank near the left is one of few among Chinese characters, which part anywhere
        end = blank if blank > end // 2 else _before_mark(line, end)
        yield line[:end].rstrip()
        line = line[end:].lstrip()
    yield line


def _before_mark(line: str, end: int) -> int:
    """Return where to break so that the next line begins with no closing mark."""
    while end > 1 and line[end] in _CLOSING:
        end -= 1
    return end
