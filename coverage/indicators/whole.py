"""The figures of the whole: what a plan's table says, one line a row and reading."""

from __future__ import annotations

import numpy as np
import pandas as pd

from coverage.indicators.units import LEVELS
from coverage.plans import BINDING


def figures_of_the_whole(indicators: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of the highest level that each row and reading has, binding rows first.

    Parameters
    ----------
    indicators
        Results, as `evaluate` returns them.

    Returns
    -------
    pandas.DataFrame
        Rows of `indicators`, those of binding indicators before the others, each in the plan's
        order. There is one for each reading, several where only parts of the whole have figures.
    """
    level = indicators["level"].map(LEVELS.index).to_numpy(dtype=int)
    highest = indicators.assign(rank=level).groupby(["row", "variant"])["rank"].transform("max")
    top = indicators[level == highest.to_numpy()]
    binding = (top["attribute"] == BINDING).to_numpy()
    order = np.argsort(~binding, kind="stable")
    return pd.DataFrame(top.iloc[order])
