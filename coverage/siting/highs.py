"""HiGHS as a process of its own: reads a model, tells what it finds as it finds it.

This file imports nothing of the package, since it is also run by its path: a child that loads
NumPy and HiGHS alone is ready in a fraction of a second, needs no guard in the caller's script, and
can be ended at any moment without losing what it told before. HiGHS keeps no time limit reliably.
"""

from __future__ import annotations

import io
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import IO, TYPE_CHECKING, Any

import highspy
import numpy as np
from highspy._core import _Highs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Positions = NDArray[np.int32]
    Flags = NDArray[np.bool_]
    Tell = Callable[["Found"], None]

# how far a variable may be from a whole number, and a row from its bounds
_TOLERANCE = 1e-9
_SECONDS_BETWEEN_BOUNDS = 0.2

_BY_ROW, _LEAST = 2, 1  # HiGHS's MatrixFormat and ObjSense

PROVEN, STOPPED, INFEASIBLE = 1.0, 0.0, -1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A mixed-integer program: least cost·x, lower ≤ Ax ≤ upper, 0 ≤ least ≤ x ≤ most.

    Parameters
    ----------
    cost, least, most, whole
        By variable: what a unit costs, its bounds, and whether it must be a whole number.
    start, item, value
        The matrix, by row, in compressed rows.
    lower, upper
        Bounds of the rows.
    """

    cost: Floats
    least: Floats
    most: Floats
    whole: Flags
    start: Positions
    item: Positions
    value: Floats
    lower: Floats
    upper: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What is known of a model so far.

    Parameters
    ----------
    values
        Best variables found; empty if none.
    bound
        No solution costs less than this.
    state
        `PROVEN` when that is the optimum up to the gap, `INFEASIBLE` when there is none,
        `STOPPED` while neither is known.
    """

    values: Floats
    bound: float
    state: float = STOPPED


def run(
    model: Model, *, seconds: float, gap: float, start: Floats | None, tell: Tell | None = None
) -> Found:
    """Solve a model in this process.

    Parameters
    ----------
    model
        What to solve.
    seconds
        HiGHS's own time limit, which it may overrun.
    gap
        Relative gap that is small enough.
    start
        The first variables of a plan to start from, or None; the solver finds the others.
    tell
        Called with each better solution and from time to time with the bound.
    """
    # callbacks need the class that prints a banner, which is kept from callers' output
    solver: Any = _Highs() if tell is None else highspy.Highs()
    for name, value in _options(seconds, gap).items():
        solver.setOptionValue(name, value)
    solver.passModel(
        model.cost.size, model.lower.size, model.value.size, _BY_ROW, _LEAST, 0.0,
        model.cost, model.least, model.most, model.lower, model.upper,
        model.start, model.item, model.value, model.whole.astype(np.int32),
    )  # fmt: skip
    if start is not None:
        solver.setSolution(start.size, np.arange(start.size, dtype=np.int32), start)
    if tell is not None:
        _listen(solver, tell)
    solver.run()
    return _found(solver, mixed=bool(model.whole.any()))


def _options(seconds: float, gap: float) -> dict[str, Any]:
    return {
        "output_flag": False,
        "time_limit": float(seconds),
        "mip_rel_gap": float(gap),
        "mip_abs_gap": 1e-7,
        "mip_feasibility_tolerance": _TOLERANCE,
        "primal_feasibility_tolerance": _TOLERANCE,
        "dual_feasibility_tolerance": _TOLERANCE,
        # the same answer on every machine
        "threads": 1,
        "random_seed": 0,
    }


def _listen(solver: highspy.Highs, tell: Tell) -> None:
    said = [0.0]

    def better(event: highspy.HighsCallbackEvent) -> None:
        values = np.array(event.data_out.mip_solution, dtype=np.float64)
        tell(Found(values=values, bound=event.data_out.mip_dual_bound))

    def bound(event: highspy.HighsCallbackEvent) -> None:
        now = time.monotonic()
        if now - said[0] > _SECONDS_BETWEEN_BOUNDS:
            said[0] = now
            tell(Found(values=np.empty(0), bound=event.data_out.mip_dual_bound))

    solver.cbMipImprovingSolution += better
    solver.cbMipInterrupt += bound


def _found(solver: _Highs, *, mixed: bool) -> Found:
    status, info = solver.getModelStatus(), solver.getInfo()
    kinds = highspy.HighsModelStatus
    if status in {kinds.kInfeasible, kinds.kUnboundedOrInfeasible}:
        return Found(values=np.empty(0), bound=np.inf, state=INFEASIBLE)
    feasible = info.primal_solution_status == 2  # noqa: PLR2004 - HiGHS's kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value) if feasible else np.empty(0)
    if status in {kinds.kOptimal, kinds.kModelEmpty}:
        bound = info.mip_dual_bound if mixed else info.objective_function_value
        return Found(values=values, bound=bound, state=PROVEN)
    return Found(values=values, bound=info.mip_dual_bound if mixed else -np.inf)


def packed(model: Model, *, seconds: float, gap: float, start: Floats | None) -> bytes:
    """Return a model and how to solve it as bytes, for `main`."""
    stream = io.BytesIO()
    begin = np.empty(0) if start is None else start
    np.savez(stream, seconds=seconds, gap=gap, begin=begin, **asdict(model))
    return stream.getvalue()


def read(stream: IO[bytes]) -> Found | None:
    """Return what a child tells next, None when it has ended."""
    head = np.frombuffer(stream.read(24))
    if head.size < 3:  # noqa: PLR2004 - state, bound, number of variables
        return None
    values = np.frombuffer(stream.read(int(head[2]) * 8))
    if values.size < head[2]:
        return None
    return Found(values=values, bound=float(head[1]), state=float(head[0]))


def main() -> None:
    """Read a model from standard input, write what is found to standard output."""
    # what the solver prints must not get between
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as given:
        arrays = dict(given)
    begin = arrays.pop("begin")
    seconds, gap = float(arrays.pop("seconds")), float(arrays.pop("gap"))

    def tell(found: Found) -> None:
        head = np.array([found.state, found.bound, found.values.size])
        answers.write(head.tobytes() + found.values.tobytes())
        answers.flush()

    start = begin if begin.size else None
    tell(run(Model(**arrays), seconds=seconds, gap=gap, start=start, tell=tell))


if __name__ == "__main__":
    main()
