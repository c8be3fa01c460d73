"""What the pages keep between clicks: the project as read, its analyses, the files of the map."""

from __future__ import annotations

import hashlib
import ipaddress
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

import coverage
from coverage import texts, vocabulary
from coverage.outputs import map_layers

if TYPE_CHECKING:
    from coverage.analysis import Prepared
    from coverage.results import Result
    from coverage.service import Service

_KEPT_RESULTS = 16


@dataclass(frozen=True)
class Settings:
    """What the reader of a page chose.

    Parameters
    ----------
    service
        Service that is looked at.
    minutes
        Its limit.
    speed
        Walking speed in m/s.
    categories
        Facility categories that offer it.
    areas
        Whether service areas are drawn, which takes a while.
    """

    service: str
    minutes: float
    speed: float
    categories: tuple[str, ...]
    areas: bool = False


@st.cache_resource(show_spinner=False, max_entries=2)
def prepared_project(path: str, stamp: int) -> Prepared:
    """Read a project once for all sessions.

    Parameters
    ----------
    path
        Project folder or its ``project.toml``.
    stamp
        Changes when the project file does; part of the key only.
    """
    del stamp
    return coverage.open_project(path).prepare()


def project_stamp(path: str) -> int:
    """Return a number that changes when the project file does; 0 where there is none."""
    file = Path(path)
    file = file / "project.toml" if file.is_dir() else file
    return file.stat().st_mtime_ns if file.is_file() else 0


@st.cache_resource(show_spinner=False, max_entries=_KEPT_RESULTS)
def analysed(path: str, stamp: int, settings: Settings) -> Result:
    """Analyse a project with the reader's settings; each is kept for the next time.

    Parameters
    ----------
    path, stamp
        As for `prepared_project`.
    settings
        What the reader chose.
    """
    return prepared_project(path, stamp).analyse(
        minutes={settings.service: settings.minutes},
        speed=settings.speed,
        categories={settings.service: list(settings.categories)},
        extras=settings.areas,
    )


def offered(prepared: Prepared, service: Service) -> list[str]:
    """Return the categories that can be chosen for a service, in the vocabulary's order."""
    present = {str(c) for c in prepared.layers.facilities["category"].dropna()}
    return [c for c in vocabulary.categories() if c in present or c in service.categories]


def usual_settings(prepared: Prepared, service: Service) -> Settings:
    """Return what a page shows of a service until its reader chooses something else.

    Parameters
    ----------
    prepared
        The project as read.
    service
        One of its services.
    """
    return Settings(
        service=service.name,
        minutes=float(round(service.minutes)),
        speed=prepared.configuration.walking.speed,
        categories=tuple(c for c in offered(prepared, service) if c in service.categories),
    )


def read_ahead(path: str, language: str) -> None:
    """Do what the first page needs, so that it finds it done.

    Parameters
    ----------
    path
        As for `prepared_project`.
    language
        ``zh`` or ``en``: language the page opens in.
    """
    texts.use(language)
    stamp = project_stamp(path)
    prepared = prepared_project(path, stamp)
    settings = usual_settings(prepared, next(iter(prepared.configuration.services.values())))
    shapes_file(path, stamp, settings)
    values_file(path, stamp, settings, language)


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    # removed when the server ends
    return tempfile.TemporaryDirectory(prefix="coverage-map-", ignore_cleanup_errors=True)


def files_folder() -> Path:
    """Return the folder whose files the page may fetch: shapes and figures of the map."""
    return Path(_folder().name)


@st.cache_resource(show_spinner=False, max_entries=4)
def shapes_file(path: str, stamp: int, settings: Settings) -> str:
    """Write the shapes of a project's map and return the file's name.

    Parameters
    ----------
    path, stamp, settings
        As for `analysed`.
    """
    return _publish(map_layers.shapes_json(analysed(path, stamp, settings)), "shapes")


@st.cache_resource(show_spinner=False, max_entries=_KEPT_RESULTS)
def values_file(path: str, stamp: int, settings: Settings, language: str) -> str:
    """Write the figures of a map and return the file's name.

    Parameters
    ----------
    path, stamp, settings
        As for `analysed`.
    language
        ``zh`` or ``en``.
    """
    return _publish(map_layers.values_json(analysed(path, stamp, settings), language), "values")


def _publish(text: str, kind: str) -> str:
    """Write a text under a name made from its content, so that browsers may keep it."""
    content = text.encode("utf-8")
    file = files_folder() / f"{kind}-{hashlib.sha256(content).hexdigest()[:20]}.json"
    file.write_bytes(content)
    return file.name


def is_loopback(address: str | None) -> bool:
    """Return whether a server address is this machine's own; unset means every address."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
