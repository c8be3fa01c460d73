"""How gap, progress and status follow from a value, told in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from coverage import texts
from coverage.indicators.wording import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.indicators.assess import Aim


def judgement(figures: Mapping[str, Any], aim: Aim, year: int) -> tuple[str, ...]:
    """Tell how gap, progress and status follow.

    Parameters
    ----------
    figures
        A row of ``indicators.csv``.
    aim
        What its value is held against.
    year
        Year evaluated.
    """
    if aim.target is None or pd.isna(figures["value"]):
        return (_say("no_target" if aim.target is None else "no_value"),)
    values = {
        "value": number(figures["value"]),
        "target": number(aim.target),
        "baseline": "" if aim.baseline is None else number(aim.baseline),
        "comparator": aim.comparator,
        "gap": number(figures["gap"]),
        "unit": figures["unit"],
        "progress": _percent(figures["progress"]),
    }
    told = [_say("gap" if figures["gap"] > 0 else "no_gap", **values)]
    if pd.notna(figures["progress"]):
        told.append(_say(_progress_key(aim), **values))
    return (*told, _status(str(figures["status"]), aim, year, values))


def _progress_key(aim: Aim) -> str:
    if aim.baseline is None:
        return "progress_without_baseline"
    return "progress_stays" if aim.baseline == aim.target else "progress"


def _status(status: str, aim: Aim, year: int, values: Mapping[str, object]) -> str:
    name = texts.say(f"explain.status_{status}")
    if status == "not_met":
        key = "due_yearly" if aim.yearly else "due"
        return _say(key, status=name, target_year=aim.target_year, year=year)
    if status not in ("on_track", "behind"):
        return _say("so", status=name)
    begin, end = aim.base_year, aim.target_year
    if begin is None or end is None or begin == end:
        return _say("no_path", status=name)
    return _say(
        status,
        status=name,
        progress=values["progress"],
        expected=_percent((year - begin) / (end - begin)),
        passed=year - begin,
        span=end - begin,
        base_year=begin,
        target_year=end,
        year=year,
    )


def _percent(share: float) -> str:
    return f"{number(share * 100)}%"


def _say(key: str, **values: object) -> str:
    return texts.say(f"explain.judge_{key}", **values)
