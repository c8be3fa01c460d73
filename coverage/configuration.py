"""Read ``project.toml``: what stands in it, checked word by word, nothing of the layers yet."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from coverage import toml, vocabulary
from coverage.errors import ProjectError
from coverage.layers import Source
from coverage.layers.files.postgis import holds_secret, is_database
from coverage.plans import DEFAULT_PLAN, Plan, read_plan, service_from, with_choices

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from coverage.service import Direction, Service

    Choices = Mapping[str, Mapping[str, Any]]

LAYERS = (
    "townships",
    "communities",
    "facilities",
    "demand",
    "buildings",
    "elevation",
    "water",
    "barriers",
    "candidates",
    "exclusions",
    "projects",
    "counties",
    "zones",
    "estates",
    "entered",
    "crosswalk",
)
REQUIRED_LAYERS = ("townships", "communities", "facilities")
Steps = Literal["as_other", "half", "excluded"]
_Choice = TypeVar("_Choice", bound=str)

BASES = ("registered", "resident")
DIRECTIONS: tuple[Direction, ...] = ("to", "from", "round_trip")
STEPS: tuple[Steps, ...] = ("as_other", "half", "excluded")
FASTEST_WALK_M_S = 3.0

_SECTIONS = ("project", "layers", "network", "walking", "services", "indicators", "years")
_PROJECT = ("name", "plan", "year", "population_basis", "notice", "marking")
_LAYER = ("path", "datum", "columns", "layer", "crs", "encoding")
_CATEGORISED = ("facilities", "projects")  # layers whose rows have a category
_NETWORK = ("path", "snap_limit", "min_island", "node_crossings")
_WALKING = ("speed", "direction", "steps", "crossing_delay")


@dataclass(frozen=True, kw_only=True)
class NetworkOptions:
    """What ``[network]`` says: the file, limits in metres, whether crossings are junctions."""

    path: Path
    snap_limit: float = 500.0
    min_island: float = 1000.0
    node_crossings: bool = False


@dataclass(frozen=True, kw_only=True)
class Walking:
    """What ``[walking]`` says: speed on the flat in m/s, the direction of a trip, what stairs are.

    Stairs are ``as_other`` streets, are walked at ``half`` the speed, or are ``excluded``; at each
    junction of a busy street one waits ``crossing_delay`` seconds.
    """

    speed: float = 0.9
    direction: Direction = "round_trip"
    steps: Steps = "as_other"
    crossing_delay: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A project file, read and checked.

    Parameters
    ----------
    path
        The project file.
    name
        The project's name.
    year
        Year that the plain layers describe.
    population_basis
        ``registered`` or ``resident``.
    notice
        What every map and page must show, for instance that the data are fictional.
    marking
        What stands on maps that are not public in place of a number of approval: 内部资料.
    plan
        The plan the project is measured by.
    services
        Services by name: the plan's, overridden or added to by the project's.
    layers
        Sources of the plain layers by name.
    years
        Sources that replace a layer, by year and name.
    network, walking
        The sections of these names.
    """

    path: Path
    name: str
    year: int
    population_basis: str
    notice: str
    marking: str
    plan: Plan
    services: Mapping[str, Service]
    layers: Mapping[str, Source]
    years: Mapping[int, Mapping[str, Source]]
    network: NetworkOptions
    walking: Walking

    @property
    def root(self) -> Path:
        """Return the folder that paths are relative to."""
        return self.path.parent

    def sources(self, year: int) -> tuple[dict[str, Source], dict[str, int]]:
        """Choose the source of each layer for a year.

        A layer's own entry for the year is taken; else the last earlier one, where the plain entry
        stands for the project's year; where none is earlier, the first later one.

        Parameters
        ----------
        year
            Year to describe.

        Returns
        -------
        tuple
            Source by layer, and by layer the year that its source describes. A layer without any
            entry under ``[years]`` serves all years and is left out of the second.
        """
        chosen: dict[str, Source] = {}
        stands_for: dict[str, int] = {}
        names = [n for n in LAYERS if n in self.layers or any(n in y for y in self.years.values())]
        for name in names:
            entries = {y: layers[name] for y, layers in self.years.items() if name in layers}
            if not entries:
                chosen[name] = self.layers[name]
                continue
            if name in self.layers:
                entries.setdefault(self.year, self.layers[name])
            earlier = [y for y in entries if y <= year]
            vintage = max(earlier) if earlier else min(entries)
            chosen[name], stands_for[name] = entries[vintage], vintage
        return chosen, stands_for


def read_configuration(
    path: str | Path, *, plan: str | None = None, choices: Choices | None = None
) -> Configuration:
    """Read a project file.

    Parameters
    ----------
    path
        A folder that holds ``project.toml``, or the file itself.
    plan
        Plan to use in place of the project's own.
    choices
        By indicator, readings and parameters by name, in place of the project's own.

    Raises
    ------
    ProjectError
        If the file is missing, not UTF-8 or not TOML, a key is unknown, or a value cannot be used.
    PlanError
        If the plan, or a service of the project, cannot be used.
    """
    file = Path(path)
    if file.is_dir() or not file.suffix:
        file = file / "project.toml"
    if not file.is_file():
        raise ProjectError("configuration.no_project", path=file)
    try:
        content = toml.parse(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ProjectError("configuration.not_utf8", path=file, line=line) from error
    except tomllib.TOMLDecodeError as error:
        raise ProjectError("configuration.not_toml", path=file, detail=error) from error
    return _Reader(file, content).read(plan, choices or {})


class _Reader:
    """Check one project file; every complaint names the file and the section."""

    def __init__(self, file: Path, content: Mapping[str, Any]) -> None:
        self.file = file.resolve()
        self.content = content

    def read(self, plan_name: str | None, choices: Choices) -> Configuration:
        self.known(self.content, _SECTIONS, "")
        project = self.table("project", _PROJECT, required=("name", "year"))
        year = self.year(project["year"], "project.year")
        own_plan = self.text(project.get("plan", ""), "project.plan")
        plan = read_plan(plan_name or own_plan or DEFAULT_PLAN, self.file.parent)
        plan = self.chosen(plan, choices)
        layers = self.layers(self.content.get("layers", {}), "layers")
        years = {
            self.year(y, f"years.{y}"): self.year_layers(y, entry)
            for y, entry in self.section("years").items()
        }
        for name in REQUIRED_LAYERS:
            if name not in layers and not any(name in entry for entry in years.values()):
                raise ProjectError("configuration.lacks_layer", path=self.file, layer=name)
        return Configuration(
            path=self.file,
            name=self.text(project["name"], "project.name"),
            year=year,
            population_basis=self.choice(
                project.get("population_basis", "registered"), BASES, "project.population_basis"
            ),
            notice=self.text(project.get("notice", ""), "project.notice"),
            marking=self.text(project.get("marking", ""), "project.marking"),
            plan=plan,
            services=MappingProxyType(self.services(plan)),
            layers=MappingProxyType(layers),
            years=MappingProxyType(dict(sorted(years.items()))),
            network=self.network(),
            walking=self.walking(),
        )

    def chosen(self, plan: Plan, choices: Choices) -> Plan:
        """Return the plan with the project's readings, and over them those of a command."""
        own = self.content.get("indicators", {})
        entries = {
            name: dict(self.mapping(entry, f"indicators.{name}"))
            for name, entry in self.mapping(own, "indicators").items()
        }
        by_whom = {name: dict.fromkeys(entry, "project") for name, entry in entries.items()}
        for name, entry in choices.items():
            entries[name] = {**entries.get(name, {}), **entry}
            by_whom[name] = {**by_whom.get(name, {}), **dict.fromkeys(entry, "caller")}
        return replace(with_choices(plan, entries), chosen=by_whom) if entries else plan

    def services(self, plan: Plan) -> dict[str, Service]:
        services = dict(plan.services)
        for name, entry in self.section("services").items():
            if not name.isidentifier():
                raise ProjectError("configuration.service_name", path=self.file, name=name)
            table = self.mapping(entry, f"services.{name}")
            services[name] = service_from(name, table, services.get(name), str(self.file))
        return services

    def network(self) -> NetworkOptions:
        table = self.table("network", _NETWORK, required=("path",))
        return NetworkOptions(
            path=self.file.parent / self.text(table["path"], "network.path"),
            snap_limit=self.number(table.get("snap_limit", 500), "network.snap_limit"),
            min_island=self.number(table.get("min_island", 1000), "network.min_island"),
            node_crossings=self.flag(table.get("node_crossings", False), "network.node_crossings"),
        )

    def walking(self) -> Walking:
        table = self.table("walking", _WALKING) if "walking" in self.content else {}
        speed = self.number(table.get("speed", 0.9), "walking.speed")
        if not 0 < speed <= FASTEST_WALK_M_S:
            raise ProjectError("configuration.speed", path=self.file, value=speed)
        delay = self.number(table.get("crossing_delay", 0), "walking.crossing_delay")
        if not delay <= 600:  # noqa: PLR2004 - ten minutes
            raise ProjectError("configuration.crossing_delay", path=self.file, value=delay)
        direction = table.get("direction", "round_trip")
        steps = table.get("steps", "as_other")
        return Walking(
            speed=speed,
            direction=self.choice(direction, DIRECTIONS, "walking.direction"),
            steps=self.choice(steps, STEPS, "walking.steps"),
            crossing_delay=delay,
        )

    def layers(self, table: object, where: str) -> dict[str, Source]:
        entries = self.mapping(table, where)
        self.known(entries, LAYERS, where)
        return {name: self.source(entry, f"{where}.{name}") for name, entry in entries.items()}

    def year_layers(self, year: str, entry: object) -> dict[str, Source]:
        table = self.mapping(entry, f"years.{year}")
        self.known(table, ("layers",), f"years.{year}")
        return self.layers(table.get("layers", {}), f"years.{year}.layers")

    def source(self, entry: object, where: str) -> Source:
        table = self.mapping(entry, where)
        categorised = where.rpartition(".")[2] in _CATEGORISED
        self.known(table, (*_LAYER, "categories") if categorised else _LAYER, where)
        if "path" not in table:
            raise ProjectError("configuration.lacks_key", path=self.file, where=where, key="path")
        columns = self.mapping(table.get("columns", {}), f"{where}.columns")
        path = self.text(table["path"], f"{where}.path")
        database = path if is_database(path) else ""
        if database and holds_secret(database):
            raise ProjectError("configuration.password", path=self.file, where=f"{where}.path")
        layer = self.text_or_none(table, "layer", where)
        named = layer or where.rpartition(".")[2]
        return Source(
            path=Path(named) if database else self.file.parent / path,
            database=database,
            layer=layer,
            datum=self.choice(
                table.get("datum", "auto"),
                ("auto", "wgs84", "cgcs2000", "gcj02", "bd09"),
                f"{where}.datum",
            ),
            columns={k: self.text(v, f"{where}.columns.{k}") for k, v in columns.items()},
            categories=self.categories(table.get("categories", {}), f"{where}.categories"),
            crs=self.crs(table.get("crs"), f"{where}.crs"),
            encoding=self.text_or_none(table, "encoding", where),
        )

    def categories(self, table: object, where: str) -> dict[str, str]:
        known = vocabulary.categories()
        found = {}
        for word, value in self.mapping(table, where).items():
            name = self.text(value, f"{where}.{word}")
            category = vocabulary.category_of(name)
            if category is None:
                near = tuple(f"{known[n].zh} {n}" for n in vocabulary.near_categories(name))
                raise ProjectError(
                    "configuration.category", path=self.file, where=where, value=name, near=near
                )
            found[word] = category
        return found

    def section(self, name: str) -> Mapping[str, Any]:
        return self.mapping(self.content.get(name, {}), name)

    def table(
        self, name: str, known: Sequence[str], *, required: Sequence[str] = ()
    ) -> Mapping[str, Any]:
        table = self.section(name)
        self.known(table, known, name)
        for key in required:
            if key not in table:
                raise ProjectError("configuration.lacks_key", path=self.file, where=name, key=key)
        return table

    def known(self, table: Mapping[str, Any], known: Sequence[str], where: str) -> None:
        for key in table:
            if key in known:
                continue
            near = get_close_matches(key, known, n=1, cutoff=0.0)[0]
            if not where:
                raise ProjectError(
                    "configuration.unknown_section", path=self.file, key=key, near=near
                )
            raise ProjectError(
                "configuration.unknown_key", path=self.file, key=key, where=where, near=near
            )

    def mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if isinstance(value, dict):
            return value
        raise self.wrong(where, value, "table")

    def text(self, value: object, where: str) -> str:
        if isinstance(value, str):
            return value
        raise self.wrong(where, value, "text")

    def text_or_none(self, table: Mapping[str, Any], key: str, where: str) -> str | None:
        return self.text(table[key], f"{where}.{key}") if key in table else None

    def crs(self, value: object, where: str) -> str | int | None:
        """Return a name or number; whether there is such a system shows when it is used."""
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self.text(value, where)

    def number(self, value: object, where: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf:
            return float(value)
        raise self.wrong(where, value, "number")

    def flag(self, value: object, where: str) -> bool:
        if isinstance(value, bool):
            return value
        raise self.wrong(where, value, "flag")

    def year(self, value: object, where: str) -> int:
        if str(value).isdecimal() and 1900 <= int(str(value)) <= 2100:  # noqa: PLR2004
            return int(str(value))
        raise self.wrong(where, value, "year")

    def choice(self, value: object, allowed: Sequence[_Choice], where: str) -> _Choice:
        for known in allowed:
            if value == known:
                return known
        raise ProjectError(
            "configuration.choice",
            path=self.file,
            where=where,
            value=value,
            allowed=tuple(allowed),
        )

    def wrong(self, where: str, value: object, kind: str) -> ProjectError:
        return ProjectError(f"configuration.wrong_{kind}", path=self.file, where=where, value=value)
