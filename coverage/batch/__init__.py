"""Many counties: each analysed by itself, on this machine or a cluster, then summed upward."""

from __future__ import annotations

from coverage.batch.dataset import Dataset as Dataset
from coverage.batch.outcome import Outcome as Outcome
from coverage.batch.run import BatchReport as BatchReport
from coverage.batch.run import run_batch as run_batch
