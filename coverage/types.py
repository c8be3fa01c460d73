"""Stand in for the module of the same name in coverage.py, the test-coverage tool.

This package is called ``coverage``, as the tool is. numba looks for the tool while it is imported
(``numba.misc.coverage_support`` tests ``coverage`` for an attribute ``types``, then reads type
names from it and asks ``coverage.Coverage.current()``), and through numba so do libpysal, momepy
and spopt. What they look for is here and answers "no measurement is running", so that they import
whole beside this package, in either order.
"""

from __future__ import annotations

from typing import Any


class Tracer:
    """Answer for coverage.py's ``Tracer``, which numba subclasses."""


def __getattr__(name: str) -> Any:  # noqa: ANN401 - the names asked for are type aliases of another package
    if name.startswith("__"):
        raise AttributeError(name)
    return Any
