"""What a run was told and what it read, so that it can be told again: ``run.json``."""

from __future__ import annotations

import platform
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import shapely

import coverage
from coverage.analysis.drawing import SERVICE_AREA_BUFFER_M
from coverage.outputs import file_digest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from coverage.analysis.prepared import Prepared
    from coverage.service import Service

_DRIVING = {
    "speeds": "maxspeed, else by class",
    "one_way": "obeyed",
    "turn_restrictions": "ignored",
}


def parameters_of(prepared: Prepared, services: Sequence[Service], speed: float) -> dict[str, Any]:
    """Return what an analysis was told, as ``run.json`` says it.

    Parameters
    ----------
    prepared
        What was read.
    services
        Services, with the minutes and categories that are used.
    speed
        Walking speed on the flat in m/s.
    """
    configuration = prepared.configuration
    options, walking = configuration.network, configuration.walking
    return {
        "year": prepared.year,
        "plan": configuration.plan.name,
        "population_basis": configuration.population_basis,
        "speed_m_s": speed,
        "direction": walking.direction,
        "steps": walking.steps,
        "crossing_delay_s": walking.crossing_delay,
        "elevation": "elevation" in configuration.sources(prepared.year)[0],
        "driving": dict(_DRIVING),
        "snap_limit_m": options.snap_limit,
        "min_island_m": options.min_island,
        "node_crossings": options.node_crossings,
        "buffer_m": SERVICE_AREA_BUFFER_M,
        "crs": prepared.layers.crs.to_string(),
        "services": {service.name: asdict(service) for service in services},
        "indicators": [
            {
                "row": row.row,
                "indicator": row.indicator,
                "family": row.family,
                "choices": dict(row.choices),
                "parameters": dict(row.parameters),
            }
            for row in configuration.plan.rows
        ],
    }


def record_of(
    prepared: Prepared,
    parameters: Mapping[str, Any],
    approximate: Mapping[str, float],
    seconds: Mapping[str, float],
) -> dict[str, Any]:
    """Return what ``run.json`` says of an analysis, but for its outputs.

    Parameters
    ----------
    prepared
        What was read.
    parameters
        From `parameters_of`.
    approximate
        By service, the share of covered people whose facility is only roughly placed.
    seconds
        Seconds by stage.
    """
    sources, _ = prepared.configuration.sources(prepared.year)
    files = {name: source.path for name, source in sources.items()}
    files["network"] = prepared.configuration.network.path
    files["project"] = prepared.configuration.path
    inputs = {name: _input(path, prepared.configuration.root) for name, path in files.items()}
    for name, digest in prepared.layers.digests.items():
        inputs[name] = {"path": sources[name].database, "sha256": digest}
    return {
        "project": prepared.configuration.name,
        "versions": dict(_versions()),
        "scenario": dict(prepared.scenario) or {"name": "baseline", "edits": []},
        "parameters": dict(parameters),
        "inputs": inputs,
        "stands_for_year": dict(prepared.vintages),
        "counts": {
            "townships": len(prepared.layers.townships),
            "communities": len(prepared.layers.communities),
            "facilities": len(prepared.layers.facilities),
            "demand": len(prepared.demand),
            "street_nodes": {m: n.x.size for m, n in prepared.networks.items()},
            "street_edges": {m: n.u.size for m, n in prepared.networks.items()},
        },
        "approximate_share": dict(approximate),
        "seconds": {stage: round(value, 3) for stage, value in seconds.items()},
    }


def _input(path: Path, root: Path) -> dict[str, str]:
    name = path.relative_to(root) if path.is_relative_to(root) else path
    return {"path": name.as_posix(), "sha256": file_digest(path) if path.is_file() else ""}


@cache
def _versions() -> Mapping[str, str]:
    packages = ("geopandas", "shapely", "pyogrio", "numpy", "pandas", "scipy", "numba", "osmium")
    found = {package: version(package) for package in packages}
    return {
        "service-coverage-planner": coverage.__version__,
        "method": str(coverage.METHOD_VERSION),
        "python": platform.python_version(),
        "geos": shapely.geos_version_string,
        **found,
    }
