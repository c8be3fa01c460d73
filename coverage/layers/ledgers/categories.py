"""Tell what kind of facility a row is, by the word of its category or by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from coverage import vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from coverage.layers.issues import IssueLog
    from coverage.layers.ledgers.tidy import Table

_LAYER = "facilities"


def keyword_of(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the word in a text that names a category, and the categories its words name.

    Words within longer ones do not count: 儿童福利院 is no 福利院. Where words of several
    categories stand beside each other the word is empty: which is meant is not guessed.
    """
    left = vocabulary.fold(text)
    found: dict[str, str] = {}
    for word, category in vocabulary.category_words().items():
        if word in left:
            left = left.replace(word, "\n")
            found.setdefault(category, word)
    return (next(iter(found.values())) if len(found) == 1 else ""), tuple(found)


def settled_categories(frame: pd.DataFrame, settled: Mapping[str, str]) -> pd.Series:
    """Return the categories as written, with the words replaced that the project settles.

    Parameters
    ----------
    frame
        Columns category and name, text, where the layer has them; a name counts where there is no
        category.
    settled
        Category by word, as in ``[layers.facilities.categories]``.
    """
    known = {vocabulary.fold(word): category for word, category in settled.items()}
    nothing = pd.Series("", index=frame.index, dtype="str")
    written = frame.get("category", nothing)
    words = written.where(written != "", frame.get("name", nothing))
    return words.map(lambda word: known.get(vocabulary.fold(word))).fillna(written).astype("str")


def facility_categories(
    frame: pd.DataFrame, table: Table, issues: IssueLog
) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Return the category of each facility, empty where it is not known, and which are not.

    The word in the category column decides: as it is, else by a category's name in it. The
    facility's name decides where that cell is empty, or where no cell of the column names a
    category, so that it says something else (公办, 三星). What was told by keyword is an issue a
    word with the number of rows; each row without a category is one.

    Parameters
    ----------
    frame
        Columns category and name, text.
    table
        The layer.
    issues
        Where findings go.
    """
    written, names = frame["category"], frame["name"]
    exact = _each(written, lambda word: vocabulary.category_of(word) or "")
    by_word = _each(written.where(exact == "", ""), _by_keyword)
    says_other = not ((exact != "") | (by_word != "")).any()
    nameless = (exact == "") & (by_word == "") & ((written == "") | says_other)
    by_name = _each(names.where(nameless, ""), _exactly_or_by_keyword)
    category = exact.where(exact != "", by_word).where(~nameless, by_name).astype("str")
    _tell(by_word, "category", table, issues, words=written)
    keywords = _each(names.where(by_name != "", ""), lambda name: keyword_of(name)[0] or name)
    _tell(by_name, "name", table, issues, words=keywords)
    unknown = (category == "").to_numpy(dtype=bool)
    shown = written.where(written != "", names)[unknown].to_numpy(dtype=object)
    near = {word: near_categories(word) for word in dict.fromkeys(shown)}
    issues.add_rows(
        "warning", "unknown_category", layer=_LAYER, rows=table.rows[unknown], field="category",
        value=shown, near=[near[word] for word in shown],
    )  # fmt: skip
    return category, unknown


def names_tell(names: Iterable[str]) -> bool:
    """Return whether any name says what kind of facility it is."""
    return any(_exactly_or_by_keyword(name) for name in dict.fromkeys(names))


def near_categories(word: str) -> str:
    """Return the categories that a word may mean: those it has words of, else the nearest."""
    known = vocabulary.categories()
    likely = keyword_of(word)[1] or vocabulary.near_categories(word)
    return "、".join(f"{known[name].zh} {name}" for name in likely[:3]) or "-"


def _by_keyword(word: str) -> str:
    keyword, found = keyword_of(word)
    return found[0] if keyword else ""


def _exactly_or_by_keyword(name: str) -> str:
    # what stands in brackets only explains the name
    bare = re.sub(r"[(（][^()（）]*[)）]", "", name)
    return vocabulary.category_of(name) or _by_keyword(bare) or _by_keyword(name)


def _each(words: pd.Series, meaning: Callable[[str], str]) -> pd.Series:
    meanings = {word: meaning(word) if word else "" for word in words.unique()}
    return words.map(meanings).astype("str")


def _tell(
    category: pd.Series,
    field: str,
    table: Table,
    issues: IssueLog,
    *,
    words: pd.Series,
) -> None:
    known = vocabulary.categories()
    told = (category != "").to_numpy(dtype=bool)
    rows = pd.DataFrame({"word": words[told], "category": category[told], "row": table.rows[told]})
    for (word, name), group in rows.groupby(["word", "category"], sort=False):
        issues.add(
            "info", "category_by_keyword", layer=_LAYER, row=group["row"].iloc[0], field=field,
            value=word, category=f"{known[str(name)].zh} {name}", count=len(group),
        )  # fmt: skip
