"""Say in words of places why there is no plan, or none that gains anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from coverage import texts
from coverage.sites.tables import named

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.network import Snapped
    from coverage.sites.candidates import Candidates
    from coverage.sites.model import Model
    from coverage.siting import Solution

_PLACES = 3  # named in a sentence
_OF_ROWS = ("uncoverable", "target_unreachable", "unreachable")


def why_not(prepared: Prepared, model: Model, solution: Solution, candidates: Candidates) -> str:
    """Return the sentence that explains a solution's reason, empty where it has none.

    Parameters
    ----------
    prepared
        The project.
    model
        What was solved.
    solution
        The answer.
    candidates
        Places that could be used.
    """
    reason = solution.reason
    if reason is None:
        # to reach a target without building is an answer; otherwise nothing is gained
        idle = not solution.sites.size and model.question.model != "lscp"
        return texts.say("siting.no_improvement") if idle else ""
    if reason.code == "required_too_near":
        ids = candidates.usable["candidate"]
        values = {name: ids.iloc[int(str(at))] for name, at in dict(reason.values).items()}
        return texts.say("sites.required_too_near", **values)
    if reason.code not in _OF_ROWS or not solution.uncoverable.size:
        return reason.text()
    said = _beyond_reach(prepared, model, solution, candidates)
    if reason.code != "target_unreachable":
        return said
    most = float(model.covered(np.arange(model.problem.times.shape[1])).sum())
    share = most / float(model.problem.weights.sum())
    target = 1.0 if model.share is None else model.share
    return texts.say("sites.target_unreachable", target=target, share=share) + said


def _beyond_reach(
    prepared: Prepared, model: Model, solution: Solution, candidates: Candidates
) -> str:
    """Say which places no candidate reaches, and where the least is missing."""
    rows, weights = solution.uncoverable, model.problem.weights
    mode = prepared.configuration.services[model.question.service].mode
    starts: Snapped = prepared.snapped[mode][0].take(rows)
    nearest = prepared.networks[mode].nearest(
        starts, candidates.snapped, speed=prepared.configuration.walking.speed
    )
    names = named(prepared.layers.communities)
    lives = prepared.demand["community"].iloc[rows]
    people = pd.Series(weights[rows], index=lives).groupby(level=0).sum()
    most = people.sort_values(ascending=False, kind="stable").head(_PLACES)
    places = "、".join(str(names.get(code, code)) for code in most.index)
    values = {
        "points": rows.size,
        "people": float(weights[rows].sum()),
        "places": places,
        "more": "……" if len(people) > _PLACES else "",
        "minutes": model.limit,
    }
    minutes = nearest["minutes"].to_numpy(dtype=float)
    if model.question.backup:
        return texts.say("sites.beyond_backup", **values)
    if not np.isfinite(minutes).any():
        return texts.say("sites.beyond_reach_no_way", **values)
    least = int(np.nanargmin(minutes))
    # labels of the snapped candidates are those of the whole table
    reached = candidates.table.loc[nearest["facility"].iloc[least], "candidate"]
    lives_at = names.get(lives.iloc[least], lives.iloc[least])
    return texts.say(
        "sites.beyond_reach",
        nearest=str(prepared.demand["id"].iloc[rows[least]]),
        community=lives_at,
        candidate=reached,
        miss=float(minutes[least]),
        **values,
    )
