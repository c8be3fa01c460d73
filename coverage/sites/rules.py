"""What a question asks of a plan beyond numbers, money and floors."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np
import shapely
from scipy import sparse

from coverage.errors import SitingError
from coverage.siting import Existing, Rules, too_near

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from coverage.access import MeasuredAccess
    from coverage.analysis import Prepared
    from coverage.sites.candidates import Candidates
    from coverage.sites.question import SiteQuestion

    Floats = NDArray[np.float64]


_FAR = 4  # times the limit


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
    elif not (question.backup or question.equity or question.tiers):
        return None
    return Rules(
        conflicts=conflicts,
        cover_by=2 if question.backup else 1,
        equity=question.equity,
        tiers=question.tiers,
    )


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

    Raises
    ------
    SitingError
        If a facility that is to stay does not offer the service.
    """
    if not (question.backup or question.close):
        return minutes
    standing = prepared.layers.facilities.loc[access.facilities.index]
    ids = standing["id"].astype("str")
    if not question.close:
        return Existing(times=_with_nearest(access, access.times, ids, minutes))
    for identifier in question.keep:
        if identifier not in set(ids):
            near = get_close_matches(identifier, ids, n=1, cutoff=0.0)
            raise SitingError("sites.no_facility", id=identifier, near=near[0] if near else "-")
    service = access.service
    demand, facilities = prepared.snapped[service.mode]
    trips = prepared.networks[service.mode].travel_times(
        demand,
        facilities.take(access.facilities.index.to_numpy()),
        # whoever loses the nearest facility goes to the next, which may be far
        limit=_FAR * service.minutes,
        speed=prepared.configuration.walking.speed,
    )
    return Existing(
        times=_with_nearest(access, trips, ids, minutes),
        closable=~ids.isin(question.keep).to_numpy(),
        most_closed=question.close,
    )


def _with_nearest(
    access: MeasuredAccess, times: sparse.csr_array, ids: pd.Series, minutes: Floats
) -> sparse.csr_array:
    """Return trips, and for whoever has none the one to the nearest facility."""
    trips = times.tocoo()
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
        shape=times.shape,
    )
