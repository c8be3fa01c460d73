"""What ``siting.json`` says: the proof first, then what was asked and what it rests on."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import coverage
from coverage.sites.candidates import USABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from coverage.analysis import Prepared
    from coverage.sites.result import SitingResult


def record_of(
    prepared: Prepared, result: SitingResult, seconds: Mapping[str, float]
) -> dict[str, Any]:
    """Return the record of a siting result.

    Parameters
    ----------
    prepared
        The project.
    result
        The result.
    seconds
        Seconds by stage.
    """
    solution, service, reached = result.solution, result.service, result.reached
    status = result.candidates["status"].value_counts()
    usable = int(status.get(USABLE, 0))
    found: dict[str, Any] = {
        "model": result.question.model,
        "status": solution.status,
        "stopped": solution.stopped,
        "objective": solution.objective,
        "bound": solution.bound,
        "gap": solution.gap,
        "seconds": solution.seconds,
        "sites": len(result.sites),
        "cost": float(result.sites["cost"].sum()) if result.sites["cost"].notna().any() else None,
        "closed": [] if result.closed is None else result.closed["facility"].tolist(),
        "people": reached.people,
        "covered_before": reached.before,
        "covered_after": reached.after,
        "share_before": reached.share_before,
        "share_after": reached.share_after,
        "left_out": result.left_out,
        "reason": result.explanation,
        "notes": list(result.notes),
        "candidates": {
            "given": len(result.candidates),
            **{str(name): int(count) for name, count in status.items()},
            "after_reduction": usable - solution.reductions.dominated_candidates,
        },
        "reductions": asdict(solution.reductions),
        "untried": solution.untried,
        "worst_share": solution.worst,
        "worst_share_bound": solution.worst_bound,
        "parameters": {
            **asdict(result.question),
            "minutes": service.minutes,
            "mode": service.mode,
            "weight": service.weight,
            "speed_m_s": prepared.configuration.walking.speed,
            "year": prepared.year,
            "scenario": dict(prepared.scenario) or {"name": "baseline", "edits": []},
        },
        "project": prepared.configuration.name,
        "version": coverage.__version__,
        "stages": {stage: round(value, 3) for stage, value in seconds.items()},
    }
    if result.indicator is not None:
        found["plan"] = {
            "name": prepared.configuration.plan.name,
            "row": result.indicator.row.row,
            "met": result.indicator.met,
        }
    return {name: _plain(value) for name, value in found.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - any value of a record
    """Return numbers that JSON can hold, nothing in place of those that it cannot."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
