"""What may be asked of a siting run beside the usual: rules, tiers, facilities that change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray
    from scipy import sparse

    Integers: TypeAlias = NDArray[np.int64]

ModelName = Literal["lscp", "mclp", "p_median", "p_center"]


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A size in which a site can be built, with a reach, a capacity and a cost of its own.

    Parameters
    ----------
    name
        What it is called, for instance ``村级服务点``.
    minutes
        Longest trip to it, inclusive.
    cost
        Added to the candidate's own.
    capacity
        Weight it can serve; a candidate's own capacity binds as well.
    at_most
        How many sites may be of this tier; None for as many as there may be sites.
    """

    name: str
    minutes: float
    cost: float = 0.0
    capacity: float = np.inf
    at_most: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Existing:
    """Facilities that stand, one by one, where they can be full, closed or upgraded.

    Parameters
    ----------
    times
        Demand × facilities, minutes, as in `SitingProblem`.
    capacities
        Weight each can serve; None for no limit.
    closable
        Whether each may be closed; None for none. A closed one makes room for one more new site.
    savings
        What closing each adds to the budget; None for nothing.
    upgrade_costs
        What upgrading each costs, NaN where it cannot be; None for none.
    upgraded_minutes, upgraded_capacities
        What holds once upgraded; None for what held before.
    most_closed
        How many may be closed together; None for all that may.
    """

    times: Any
    capacities: Any = None
    closable: Any = None
    savings: Any = None
    upgrade_costs: Any = None
    upgraded_minutes: float | None = None
    upgraded_capacities: Any = None
    most_closed: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Rules:
    """What a plan of coverage must keep to beyond numbers, budget and floors.

    Parameters
    ----------
    caps
        By group of candidates, how many new sites at most.
    conflicts
        Candidates × candidates, sparse: two with an entry cannot both be built; `too_near` makes
        one from a least distance.
    cover_by
        Sites that must be in reach for a demand row to count, existing ones among them; 2 is backup
        coverage.
    equity
        The worst-off area comes first: mclp makes the least share covered of any of the problem's
        `areas` as large as can be, then the weight; lscp reaches the target in every area.
    tiers
        Sizes to choose from at each site; ``limit`` then holds for existing facilities alone.
    """

    caps: Mapping[Hashable, int] | None = None
    conflicts: Any = None
    cover_by: int = 1
    equity: bool = False
    tiers: tuple[Tier, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Request:
    """All options of a run, checked.

    Parameters
    ----------
    model, sites, limit, target, budget, floors, rules, gap
        As in `solve`; no limit is infinite.
    required, forbidden
        Positions of candidates, ascending.
    """

    model: ModelName
    sites: int | None
    limit: float
    target: float | None
    budget: float | None
    floors: Mapping[Hashable, int]
    required: Integers
    forbidden: Integers
    rules: Rules = field(default_factory=Rules)
    gap: float = 0.0
    seed: int = 0


def too_near(places: ArrayLike, distance: float) -> sparse.csr_array:
    """Return which pairs of candidates stand nearer to each other than a distance.

    Parameters
    ----------
    places
        Candidates × 2: coordinates in metres.
    distance
        Metres that two sites must be apart at least.

    Examples
    --------
    >>> too_near([[0, 0], [300, 0], [900, 0]], 500).nnz
    2
    """
    from scipy import sparse  # noqa: PLC0415 - a tree is seldom wanted
    from scipy.spatial import cKDTree  # noqa: PLC0415

    tree = cKDTree(np.asarray(places, dtype=np.float64))
    # pairs that are just that far apart are far enough
    pairs = tree.query_pairs(np.nextafter(distance, 0.0), output_type="ndarray")
    ends = np.concatenate([pairs, pairs[:, ::-1]])
    return sparse.csr_array((np.ones(len(ends)), ends.T), shape=(tree.n, tree.n))
