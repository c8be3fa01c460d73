"""Run the command line: ``python -m coverage`` is ``coverage-planner``."""

from __future__ import annotations

import sys

from coverage.cli import main

if __name__ == "__main__":
    sys.exit(main())
