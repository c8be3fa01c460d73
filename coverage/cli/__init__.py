"""The commands: they read options, call the project, and say in plain words what came out."""

from __future__ import annotations

from coverage.cli.main import main as main
