"""Whatever stands in a file, its reader gives a result or an error of ours, soon.

``FUZZ_INPUTS=10000 python -m pytest tests/fuzz -k xlsx`` tries more than the few of every day.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest
from fuzz.edits import EDITS, Edit, damaged
from fuzz.readers import READERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coverage.errors import CoverageError

INPUTS = int(os.environ.get("FUZZ_INPUTS", "40"))
SETTINGS = settings(
    max_examples=INPUTS,
    derandomize="FUZZ_INPUTS" not in os.environ,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MOST_SECONDS = 10.0  # of one small file, on a machine that is busy with others


@pytest.mark.timeout(0)
@pytest.mark.parametrize("name", READERS)
def test_damaged_files_are_read_or_refused(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    file = tmp_path / reader.file
    reader.write(file)
    good = file.read_bytes()
    reader.read(file)

    @settings(SETTINGS, max_examples=int(INPUTS * reader.share))
    @given(EDITS, st.integers(0, 60))
    def read(edits: list[Edit], member: int) -> None:
        # a reader that takes the process with it leaves the file that did it
        file.write_bytes(damaged(good, edits, reader.packed, member))
        began = time.process_time()
        with contextlib.suppress(CoverageError):
            reader.read(file)
        assert time.process_time() - began < MOST_SECONDS

    read()
