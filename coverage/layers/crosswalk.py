"""What became of units that were renamed, merged or given new codes, by a layer that lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coverage import vocabulary

if TYPE_CHECKING:
    import pandas as pd

_MOST_STEPS = 8  # changes one after the other
_OLD, _NEW = ("old_code", "old_name"), ("code", "name")


class Crosswalk:
    """Follow old codes and names of units to what they are now.

    Parameters
    ----------
    table
        One row a change: ``old_code`` or ``old_name``, and ``code`` or ``name``.
    """

    def __init__(self, table: pd.DataFrame) -> None:
        self._next: dict[str, set[tuple[str, ...]]] = {}
        columns = [[field for field in fields if field in table] for fields in (_OLD, _NEW)]
        for old, new in zip(
            table[columns[0]].itertuples(index=False, name=None),
            table[columns[1]].itertuples(index=False, name=None),
            strict=True,
        ):
            later = tuple(word for word in new if word)
            for word in old:
                if word and later:
                    self._next.setdefault(vocabulary.fold(word), set()).add(later)

    def later(self, written: str) -> list[tuple[str, ...]]:
        """Return code and name, where given, of each unit that an old code or name became.

        Later changes of those units are followed; what a unit was in between comes too.
        """
        found: dict[tuple[str, ...], None] = {}
        words = [written]
        for _ in range(_MOST_STEPS):
            units = [
                unit for word in words for unit in sorted(self._next.get(vocabulary.fold(word), ()))
            ]
            new = [unit for unit in dict.fromkeys(units) if unit not in found]
            if not new:
                break
            found |= dict.fromkeys(new)
            words = [word for unit in new for word in unit]
        return list(found)
