"""Start the web app: on this machine's own address, elsewhere only with sign-in."""

from __future__ import annotations

import socket
import sys
from pathlib import Path
from typing import Any

import platformdirs
import streamlit as st

import coverage
from coverage import texts
from coverage.errors import ProjectError
from coverage.web import server
from coverage.web.addresses import is_loopback
from coverage.web.users import Users

ADDRESS = "127.0.0.1"
FIRST_PORT = 8501  # Streamlit's usual one
_TRIED_PORTS = 50
_MOST_UPLOAD_MB = 200

# the same options as .streamlit/config.toml, for a start from any folder
OPTIONS: dict[str, Any] = {
    "server.address": ADDRESS,
    "server.fileWatcherType": "none",
    "server.maxUploadSize": _MOST_UPLOAD_MB,
    "server.showEmailPrompt": False,
    "browser.gatherUsageStats": False,
    "runner.magicEnabled": False,
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": True,
    "theme.primaryColor": "#1d6a70",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f6f4ee",
    "theme.textColor": "#26282b",
    "theme.font": (
        "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, "
        "WenQuanYi Zen Hei, sans-serif"
    ),
}


def launch(
    project: Path | None,
    *,
    port: int | None = None,
    address: str = ADDRESS,
    users: Path | None = None,
    language: str = "zh",
) -> None:
    """Serve the app until it is stopped.

    Parameters
    ----------
    project
        Project folder or its ``project.toml``; None: the demo, written to the user's data folder
        first.
    port
        Port to listen on; by default the first free one from 8501 on.
    address
        Address to listen on; another than this machine's own only with `users`.
    users
        File of those who may sign in; None: whoever sits at this machine.
    language
        ``zh`` or ``en``: language the page opens in.

    Raises
    ------
    ProjectError
        If the port cannot be used, the file of users cannot, or an address that others reach is
        wanted without one.
    """
    if users is None and not is_loopback(address):
        raise ProjectError("web.users_needed", address=address)
    folder = demo_folder() if project is None else Path(project).resolve()
    number = free_port(port, address)
    known = None if users is None else Users(users)
    served = server.Served(project=folder, language=language, users=known)
    url = f"http://{address}:{number}"
    sys.stdout.write(texts.say("web.opening", language, project=folder, url=url) + "\n")
    sys.stdout.flush()
    # in this very process, so that whatever stops it stops the server too
    app = st.App(server.SCRIPT, **server.parts(served))
    app.run(config={**OPTIONS, "server.address": address, "server.port": number})


def demo_folder() -> Path:
    """Put the demo project into the user's data folder, one for each version, and return it."""
    from coverage.demo import copy_demo  # noqa: PLC0415 - only where no project is given

    home = Path(platformdirs.user_data_dir("service-coverage-planner", appauthor=False))
    folder = home / f"demo-{coverage.__version__}"
    if not (folder / "project.toml").is_file():
        copy_demo(folder)
    return folder


def free_port(wanted: int | None, address: str = ADDRESS) -> int:
    """Return a port that can be listened on.

    Parameters
    ----------
    wanted
        The port; 0: any that nobody else is given; None: the first free one from 8501 on.
    address
        Address to listen on.

    Raises
    ------
    ProjectError
        If no such port is free.
    """
    ports = range(FIRST_PORT, FIRST_PORT + _TRIED_PORTS) if wanted is None else (wanted,)
    reason = ""
    for port in ports:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((address, port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                continue
            found: int = listener.getsockname()[1]
        return found
    raise ProjectError("web.no_port", port=ports[-1], reason=reason)
