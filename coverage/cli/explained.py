"""An explanation laid out for a terminal of a hundred columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import texts
from coverage.cli.columns import set_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from coverage.indicators import ExplainedRow, Explanation, Reading
    from coverage.plans import IndicatorRow

_MOST = 100  # cells a line
_FIRST = 20  # rows of a list
_NAMED = 10  # units or facilities that a sentence names
_DIGITS = 12  # of a hash


def lines_of(explanation: Explanation, variant: str | None = None) -> Iterator[str]:
    """Lay out an explanation, line by line.

    Parameters
    ----------
    explanation
        What is explained.
    variant
        The only variant to show; by default all.
    """
    basis = texts.say(f"cli.basis_{explanation.population_basis}")
    year = texts.say("explain.print_year", year=explanation.year)
    title = f"{explanation.name} · {explanation.unit_name} · {year} · {basis}"
    yield from set_columns([[title]], wrap=0, most=_MOST)
    if explanation.notice:
        yield explanation.notice
    yield from _told("meaning", explanation.meaning)
    shown: dict[tuple[str, str], int] = {}
    settings: dict[str, int] = {}
    for row in explanation.rows:
        computed = repr((row.row.family, row.row.parameters, row.row.choices))
        yield ""
        yield from _row(row, explanation, settings.setdefault(computed, row.row.row))
        before: list[str] = []
        for reading in (r for r in row.readings if variant in (None, r.variant)):
            # what is entered is entered for each row
            own = row.row.row if row.row.family == "entered" else 0
            key = (reading.variant, repr((row.row.family, row.row.parameters, own)))
            yield ""
            yield from _reading(reading, row.row, shown.setdefault(key, row.row.row))
            aside = _aside(reading)
            # several readings set the same facilities aside
            same = [texts.say("explain.print_same_aside")] if aside and aside == before else aside
            if shown[key] == row.row.row:
                yield from _told("aside", *same)
            before = aside
        if row.row.row in shown.values() and variant is None:
            yield from _differences(row)
    yield ""
    yield from _files(explanation.files)


def _row(explained: ExplainedRow, explanation: Explanation, first: int) -> Iterator[str]:
    """Say where the plan has it, what it wants, and what it is computed with."""
    row = explained.row
    place = texts.say("explain.print_row", kind=texts.say(f"explain.plan_{row.kind}"), row=row.row)
    title = f"{explanation.plan_title} · {place} · {row.name(texts.language())}"
    yield from set_columns([["■", title]], wrap=1, most=_MOST)
    yield from _told("source", row.source or texts.say("explain.print_no_source"))
    yield from _told("goal", _goal(explained))
    if row.conflict:
        yield from _told("conflict", row.conflict)
    if first != row.row:
        yield from _told("setting", texts.say("explain.print_same_settings", row=first))
        return
    yield from _told("service", *map(_service, explained.services.to_dict("records")))
    settings = [
        texts.say(
            "explain.print_choice",
            question=choice["question"],
            name=choice["choice"],
            value=choice["value"],
            by=_origin(choice["origin"]),
        )
        for choice in explained.choices.to_dict("records")
    ]
    settings += [
        texts.say(
            "explain.print_parameter",
            name=parameter["parameter"],
            value=parameter["text"],
            by=_origin(parameter["origin"]),
            default=_default(parameter),
        )
        for parameter in explained.parameters.to_dict("records")
    ]
    yield from _told("setting", *settings)


def _goal(explained: ExplainedRow) -> str:
    row, none = explained.row, texts.say("explain.print_none")
    baseline = row.baseline_text or ("" if row.baseline is None else f"{row.baseline:g}")
    target = row.target_text or ("" if row.target is None else f"{row.comparator} {row.target:g}")
    return texts.say(
        "explain.print_goal_words",
        baseline=baseline or none,
        base_year=row.base_year or "—",
        target=target or none,
        target_year=row.target_year or "—",
        unit=row.unit,
        attribute=texts.say(f"explain.attribute_{row.attribute or 'none'}"),
    )


def _service(service: dict[Any, Any]) -> str:
    walks = service["mode"] == "walk"
    told = texts.say(
        "explain.print_walk" if walks else "explain.print_drive",
        title=service["title"],
        name=service["service"],
        minutes=f"{service['minutes']:g}",
        speed=f"{service['speed']:g}" if walks else "",
        categories=service["categories"],
    )
    if service["minutes"] == service["plan_minutes"]:
        return told
    return told + texts.say("explain.print_other_minutes", minutes=f"{service['plan_minutes']:g}")


def _origin(origin: str) -> str:
    return texts.say(f"explain.origin_{origin}")


def _default(parameter: dict[Any, Any]) -> str:
    default = parameter["default"]
    same = default == parameter["value"] or default is None
    return "" if same else texts.say("explain.print_default", value=default)


def _reading(reading: Reading, row: IndicatorRow, first: int) -> Iterator[str]:
    """Say how the number comes about; of a later row of the same numbers, only how it is judged."""
    figures, own = reading.figures, row.row
    # the conflict stands with the row already, the baseline with the judgement
    note = str(figures["note"])
    for told in (row.conflict, texts.say("indicators.no_baseline")):
        note = note.replace(told, "").strip()
    title = texts.say(f"explain.variant_{reading.variant}")
    unit = f"{figures['unit_name']} {figures['unit_code']}".rstrip()
    yield f"【{title}】 {reading.variant} · {unit}"
    if first != own:
        told = reading.calculation or figures["reason"]
        yield from _told("same", texts.say("explain.print_same_as", row=first, told=told))
    else:
        yield from _told("formula", reading.formula)
        if reading.calculation:
            yield from _told("calculation", reading.calculation)
        else:
            yield from _told("result", figures["reason"])
    if reading.remedy:
        yield from _told("remedy", reading.remedy)
    if not pd.isna(reading.value):
        yield from _told("judgement", *reading.judgement)
    if note and reading.entered is None:
        yield from _told("note", note)
    if first == own:
        yield from _parts(reading)


def _parts(reading: Reading) -> Iterator[str]:
    parts = reading.parts[reading.parts["counted"]]
    if reading.entered is not None:
        figure = reading.entered
        values = {"date": figure.date or "—", "source": figure.source or "—"}
        told = texts.say("explain.print_entered_at", row=figure.source_row, **values)
        yield from _told("entered", told)
        return
    if len(parts):
        yield from _table(parts)
    if reading.remark:
        yield from _told("remark", reading.remark)
    for key, rows in (("lacking", reading.lacking), ("missing", reading.missing)):
        if len(rows):
            yield from _told(key, _named(rows["name"]))
    if len(reading.beneath):
        yield from _told("beneath", *_beneath(reading.beneath))


def _aside(reading: Reading) -> list[str]:
    """Name what is set aside, a sentence a reason."""
    told = []
    for why, rows in reading.set_aside.groupby("sentence", sort=False):
        names = [
            texts.say("explain.print_facility", name=name, id=identifier)
            for name, identifier in zip(rows["name"], rows["id"], strict=True)
        ]
        told.append(texts.say("explain.print_why_aside", why=why, names=_named(pd.Series(names))))
    return told


def _table(parts: pd.DataFrame) -> Iterator[str]:
    """List the parts, the largest first, and say how many more there are."""
    from coverage.indicators.wording import kind_name, number

    ordered = parts.sort_values(["numerator", "denominator"], ascending=False, kind="stable")
    rates = parts["denominator"].notna().any()
    columns = ["code", "name", "place", "numerator", *(["denominator", "value"] if rates else [])]
    rows = [[texts.say(f"explain.column_{column}") for column in columns]]
    for part in ordered.head(_FIRST).to_dict("records"):
        place = part["community"] if part["community"] != part["name"] else ""
        own = part["township"] if part["township"] != part["name"] else ""
        part["place"] = " ".join(word for word in (own, place) if word)
        rows.append(
            [number(part[c]) if c in ("numerator", "denominator", "value") and pd.notna(part[c])
             else "" if pd.isna(part[c]) else str(part[c]) for c in columns]
        )  # fmt: skip
    kinds = texts.say("explain.list_mark").join(kind_name(kind) for kind in parts["kind"].unique())
    yield from _told("parts", texts.say("explain.print_parts_count", count=len(parts), kinds=kinds))
    right = range(3, len(columns))
    for line in set_columns(rows, wrap=2, most=_MOST - 4, right=right):
        yield f"    {line}"
    more = len(parts) - _FIRST
    if more > 0:
        yield "    " + texts.say("explain.print_more", count=more)


def _beneath(beneath: pd.DataFrame) -> Iterator[str]:
    """Count the rows beneath by kind; facilities are named."""
    from coverage.indicators.wording import kind_name, number

    for kind, rows in beneath.groupby("kind", sort=False):
        count, total = f"{len(rows):,}", number(rows["numerator"].sum())
        yield texts.say(
            "explain.print_beneath_count", count=count, kind=kind_name(str(kind)), numerator=total
        )
        if kind == "facility":
            largest = rows.sort_values("numerator", ascending=False, kind="stable")
            yield _named(largest.drop_duplicates("code")["name"])


def _named(names: pd.Series) -> str:
    """Name the first of a list, and say how many there are."""
    shown = texts.say("explain.list_mark").join(names.astype(str).head(_NAMED))
    key = "print_named" if len(names) <= _NAMED else "print_named_first"
    return texts.say(f"explain.{key}", count=len(names), names=shown)


def _differences(explained: ExplainedRow) -> Iterator[str]:
    told: list[set[str]] = []
    for difference in explained.differences:
        units = set(difference.units.index)
        # reach, and units by reach, part from units in the same places
        if not units or units in told:
            continue
        told.append(units)
        first, second = (
            texts.say(f"explain.variant_{v}") for v in (difference.first, difference.second)
        )
        yield ""
        yield "【" + texts.say("explain.print_difference", first=first, second=second) + "】"
        yield from _told("why", difference.sentence)
        only = [
            texts.say(
                "explain.print_only",
                variant=texts.say(f"explain.variant_{variant}"),
                names=_named(rows["unit_name"]),
            )
            for variant, rows in difference.units.groupby("counted", sort=False)
        ]
        yield from _told("units", *only)


def _files(files: pd.DataFrame) -> Iterator[str]:
    yield texts.say("explain.print_files")
    rows = [
        [
            str(file["layer"]),
            str(file["path"]),
            f"SHA-256 {file['sha256'][:_DIGITS]}…" if file["sha256"] else "",
            "" if pd.isna(file["stands_for"])
            else texts.say("explain.print_stands_for", year=file["stands_for"]),
        ]
        for file in files.to_dict("records")
    ]  # fmt: skip
    for line in set_columns(rows, wrap=1, most=_MOST - 2):
        yield f"  {line}"


def _told(key: str, *sentences: str) -> Iterator[str]:
    """Set sentences beside their heading, further lines under them."""
    heading = texts.say(f"explain.print_{key}")
    headings = [heading, *[""] * (len(sentences) - 1)]
    if sentences:
        rows = list(zip(headings, sentences, strict=True))
        yield from (f"  {line}" for line in set_columns(rows, wrap=1, most=_MOST - 2))
