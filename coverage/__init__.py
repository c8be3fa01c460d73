"""Plan the service coverage of civil-affairs facilities (民政设施服务覆盖规划).

::

    import coverage

    project = coverage.open_project("data/demo")
    result = project.run()
    result.save("results")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

# numba looks for this attribute; see coverage/types.py
from coverage import types as types

if TYPE_CHECKING:
    from coverage.project import Project as Project
    from coverage.project import open_project as open_project
    from coverage.results import Result as Result

__version__ = "0.1.0"
# raised with every change that moves a figure; CHANGELOG.md says what moved
METHOD_VERSION = 1

# name -> module that holds it; loaded at first use, so that start-up stays light
_LAZY = {
    "Project": "coverage.project",
    "Result": "coverage.results",
    "open_project": "coverage.project",
}
# rooms with functions of their own for Python users
_ROOMS = ("access", "network", "plans", "service", "sites", "siting", "vocabulary")


class Coverage:
    """Answer for coverage.py's ``Coverage``: no measurement is running. See `coverage.types`."""

    @classmethod
    def current(cls) -> None:
        """Return None: no measurement of test coverage is running."""
        return


def __getattr__(name: str) -> Any:  # noqa: ANN401 - any public name
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    if name in _ROOMS:
        return import_module(f"coverage.{name}")
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LAZY, *_ROOMS])
