"""What a question asks of a plan beyond numbers, money and floors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from coverage.siting import Existing, Rules, too_near

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from coverage.access import MeasuredAccess
    from coverage.analysis import Prepared
    from coverage.sites.candidates import Candidates
    from coverage.sites.question import SiteQuestion

    Floats = NDArray[np.float64]


def rules_of(question: SiteQuestion, candidates: Candidates) -> Rules | None:
    """Return the rules of a question, None where it has none.

    Parameters
    ----------
    question
        What is asked.
    candidates
        Places that could be used.
    """
    conflicts = None
    if question.spacing is not None:
        places = shapely.get_coordinates(np.asarray(candidates.usable.geometry.array))
        conflicts = too_near(places, question.spacing)
    elif not (question.backup or question.equity):
        return None
    return Rules(conflicts=conflicts, cover_by=2 if question.backup else 1, equity=question.equity)


def existing_of(
    prepared: Prepared, question: SiteQuestion, access: MeasuredAccess, minutes: Floats
) -> Floats | Existing:
    """Return minutes to the nearest existing facility, or to each where that makes a difference.

    Parameters
    ----------
    prepared
        The project.
    question
        What is asked.
    access
        Of the service, as things stand.
    minutes
        Of each demand point to the nearest; inf where there is none.
    """
    if not question.backup:
        return minutes
    ids = prepared.layers.facilities["id"].loc[access.facilities.index].astype("str")
    return Existing(times=_with_nearest(access, ids, minutes))


def _with_nearest(access: MeasuredAccess, ids: pd.Series, minutes: Floats) -> sparse.csr_array:
    """Return trips within the limit, and beyond it the one to the nearest facility."""
    trips = access.times.tocoo()
    near = np.zeros(minutes.size, dtype=bool)
    near[trips.row] = True
    beyond = np.flatnonzero(np.isfinite(minutes) & ~near)
    position = dict(zip(ids, range(len(ids)), strict=True))
    nearest = access.demand["facility"].iloc[beyond].map(position).to_numpy(dtype=np.int64)
    return sparse.csr_array(
        (
            np.concatenate([trips.data, minutes[beyond]]),
            (np.concatenate([trips.row, beyond]), np.concatenate([trips.col, nearest])),
        ),
        shape=access.times.shape,
    )
