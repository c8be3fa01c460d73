"""How a clean table is spoiled: each fault changes some cells, and a list keeps which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Fault:
    """A way in which cells of a column are wrong.

    Parameters
    ----------
    name
        What a person would call it.
    column, field
        Header of the column in the clean table, and the field it holds.
    change
        What becomes of a cell.
    code
        Code of the finding that is expected, empty where the cell is understood as it stands.
    fits
        Which cells the fault can befall; by default those that hold something.
    by_word
        Whether the finding is expected once for a word, whatever the row.
    count
        How many cells are changed.
    """

    name: str
    column: str
    field: str
    change: Callable[[Any], Any]
    code: str
    fits: Callable[[Any], bool] = bool
    by_word: bool = False
    count: int = 3


@dataclass(frozen=True, kw_only=True)
class Seed:
    """A fault as it stands in a file.

    Parameters
    ----------
    fault, code
        As in `Fault`.
    layer, year
        Layer, and the year whose file it is.
    row
        Row that a person sees; None where the fault is the table's.
    field
        Field, empty where it is the row's or the table's.
    value
        What stands there.
    repairable
        Whether the right content can be had from what is left.
    """

    fault: str
    layer: str
    year: int
    row: int | None = None
    field: str = ""
    value: str = ""
    code: str
    repairable: bool = True


class Soiled:
    """A table that is being spoiled; a row takes one fault at most.

    Parameters
    ----------
    layer, year
        Layer, and the year whose file it is.
    frame
        The clean table; it is copied, and what is missing is empty text in it.
    """

    def __init__(self, layer: str, year: int, frame: pd.DataFrame) -> None:
        self.layer, self.year = layer, year
        whole = frame.reset_index(drop=True).astype(object)
        self.frame = whole.where(whole.notna(), "").map(_whole).astype(object)
        self._free = np.ones(len(frame), dtype=bool)
        self._noted: list[tuple[int | None, dict[str, Any]]] = []

    def cell(self, position: int, column: str) -> Any:  # noqa: ANN401 - whatever stands there
        """Return what stands in a cell."""
        return self.frame.loc[position, column]

    def put(self, position: int, **cells: object) -> None:
        """Let something else stand in cells of a row, by column."""
        for column, value in cells.items():
            self.frame.loc[position, column] = value  # type: ignore[call-overload]

    def take(self, count: int, among: NDArray[np.bool_] | None = None) -> list[int]:
        """Return positions of rows without a fault, spread over the table, and keep them."""
        free = np.flatnonzero(self._free if among is None else self._free & among)
        chosen = free[np.linspace(0, len(free) - 1, count).astype(int)]
        self._free[chosen] = False
        return [int(position) for position in chosen]

    def find(self, column: str, values: Sequence[object]) -> list[int]:
        """Return positions of the rows that hold one of some values, and keep them."""
        found = np.flatnonzero(self.frame[column].isin(values))
        self._free[found] = False
        return [int(position) for position in found]

    def spoil(
        self,
        faults: Sequence[Fault],
        among: NDArray[np.bool_] | None = None,
        *,
        repairable: bool = True,
    ) -> None:
        """Change cells.

        Parameters
        ----------
        faults
            What is done, in this order.
        among
            Rows that may be changed; by default all.
        repairable
            Whether the right content can be had from what is left.
        """
        allowed = np.ones(len(self.frame), dtype=bool) if among is None else among
        for fault in faults:
            column = self.frame[fault.column]
            fits = self._free & allowed
            fits[fits] = column[fits].map(fault.fits).to_numpy(dtype=bool)
            for position in self.take(fault.count, fits):
                value = fault.change(column[position])
                self.put(position, **{fault.column: value})
                self.note(
                    fault.name,
                    fault.code,
                    position=None if fault.by_word else position,
                    field=fault.field,
                    value=value,
                    repairable=repairable,
                )

    def note(
        self,
        fault: str,
        code: str,
        *,
        position: int | None = None,
        field: str = "",
        value: object = "",
        repairable: bool = True,
    ) -> None:
        """Note what was done; `position` is None where it befell the whole table."""
        seen = {"fault": fault, "code": code, "field": field, "repairable": repairable}
        self._noted.append((position, {**seen, "value": str(value)}))

    def seeds(self, rows: Mapping[int, int]) -> list[Seed]:
        """Return what was done, with the row that each row of the table got in its file."""
        return [
            Seed(
                layer=self.layer,
                year=self.year,
                row=None if position is None else rows[position],
                **seen,
            )
            for position, seen in self._noted
        ]


def _whole(value: object) -> object:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def full_width(value: object) -> str:
    """Return digits as they are typed in full width: １２３."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in str(value))


def thousands(value: float) -> str:
    """Return a number with a comma after each thousand."""
    return f"{value:,}"


def degrees(value: float) -> str:
    """Return degrees, minutes and seconds, to a millimetre."""
    whole, rest = divmod(float(value), 1)
    minutes, rest = divmod(rest * 60, 1)
    return f"{whole:.0f}°{minutes:02.0f}′{rest * 60:08.5f}″"


def date_serial(year: int) -> int:
    """Return the 1st of June of a year as the number that spreadsheets keep for it."""
    return int((np.datetime64(f"{year}-06-01") - np.datetime64("1899-12-30")).astype(int))


def scientific(code: str) -> str:
    """Return a code as a spreadsheet writes it that took it for a number: 5.00199001001E+11."""
    return f"{code[0]}.{code[1:]}E+{len(code) - 1}"
