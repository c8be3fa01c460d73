"""Read files and tables into tidy layers, and say everything odd that was found on the way.

The only place that knows encodings, headers, coordinate systems and datums.
"""

from __future__ import annotations

from coverage.layers.issues import Issue as Issue
from coverage.layers.issues import IssueLog as IssueLog
from coverage.layers.issues import Severity as Severity
from coverage.layers.location.crs import metric_crs as metric_crs
from coverage.layers.model import AsRead as AsRead
from coverage.layers.model import Layers as Layers
from coverage.layers.model import Source as Source
from coverage.layers.projects import PRIVATE as PRIVATE
from coverage.layers.projects import with_projects as with_projects
from coverage.layers.read import read_as_is as read_as_is
from coverage.layers.read import read_layers as read_layers
