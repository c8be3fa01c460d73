"""The one way through the house: a project file becomes layers, streets, access and a result."""

from __future__ import annotations

from coverage.project.check import CheckReport as CheckReport
from coverage.project.project import Project as Project
from coverage.project.project import open_project as open_project
