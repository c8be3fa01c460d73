"""Start the web app on this machine's own address."""

from __future__ import annotations

import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from threading import Thread

import platformdirs
from streamlit.web.cli import main as streamlit_commands

import coverage
from coverage import texts
from coverage.errors import ProjectError

ADDRESS = "127.0.0.1"
FIRST_PORT = 8501  # Streamlit's usual one
_TRIED_PORTS = 50
_PAUSE_S = 0.05

# the same options as .streamlit/config.toml, for a start from any folder
OPTIONS = {
    "server.address": ADDRESS,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "runner.magicEnabled": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "minimal",
    "logger.hideWelcomeMessage": "true",
    "theme.primaryColor": "#1d6a70",
    "theme.backgroundColor": "#ffffff",
    "theme.secondaryBackgroundColor": "#f6f4ee",
    "theme.textColor": "#26282b",
    "theme.font": (
        "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, "
        "WenQuanYi Zen Hei, sans-serif"
    ),
}


def launch(project: Path | None, *, port: int | None = None, language: str = "zh") -> int:
    """Serve the app until it is stopped.

    Parameters
    ----------
    project
        Project folder or its ``project.toml``; None: the demo, written to the user's data folder
        first.
    port
        Port to listen on; by default the first free one from 8501 on.
    language
        ``zh`` or ``en``: language the page opens in.

    Returns
    -------
    int
        Exit code of the server.

    Raises
    ------
    ProjectError
        If the port cannot be used.
    """
    folder = demo_folder() if project is None else Path(project).resolve()
    number = free_port(port)
    url = f"http://{ADDRESS}:{number}"
    sys.stdout.write(texts.say("web.opening", language, project=folder, url=url) + "\n")
    sys.stdout.flush()
    Thread(target=_read_ahead, args=(folder, number, language), daemon=True).start()
    # in this very process, so that whatever stops it stops the server too
    arguments = server_arguments(folder, port=number, language=language)
    code = streamlit_commands.main(args=arguments, prog_name="streamlit", standalone_mode=False)
    return code if isinstance(code, int) else 0


def _read_ahead(folder: Path, port: int, language: str) -> None:
    """Read the project while the browser is still opening, once the server answers."""
    while not _answers(port):
        time.sleep(_PAUSE_S)
    # whatever goes wrong, the page meets it too, and says it
    with suppress(Exception):
        from coverage.web import session  # noqa: PLC0415 - the server starts before this is loaded

        session.read_ahead(str(folder), language)


def _answers(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex((ADDRESS, port)) == 0


def server_arguments(folder: Path, *, port: int, language: str) -> list[str]:
    """Return what Streamlit is told to serve the page for a project.

    Parameters
    ----------
    folder
        Project folder or its ``project.toml``.
    port
        Port to listen on.
    language
        ``zh`` or ``en``.

    Returns
    -------
    list of str
        Arguments of the command ``streamlit``.
    """
    page = Path(__file__).with_name("page.py")
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    return [
        *("run", str(page), f"--server.port={port}", *options),
        *("--", str(folder), f"--lang={language}"),
    ]


def demo_folder() -> Path:
    """Put the demo project into the user's data folder, one for each version, and return it."""
    from coverage.demo import copy_demo  # noqa: PLC0415 - only where no project is given

    home = Path(platformdirs.user_data_dir("service-coverage-planner", appauthor=False))
    folder = home / f"demo-{coverage.__version__}"
    if not (folder / "project.toml").is_file():
        copy_demo(folder)
    return folder


def free_port(wanted: int | None) -> int:
    """Return a port of this machine's own address that can be listened on.

    Parameters
    ----------
    wanted
        The port; None: the first free one from 8501 on.

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
                listener.bind((ADDRESS, port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or str(error)
                continue
        return port
    raise ProjectError("web.no_port", port=ports[-1], reason=reason)
