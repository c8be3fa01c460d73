"""The frame of every page: language, navigation, addresses, faults."""

from __future__ import annotations

import socket
import tomllib
from pathlib import Path

import pytest
from pages import open_app, shown, turn_to
from streamlit import config

from coverage import texts
from coverage.errors import ProjectError
from coverage.web import launch, server, session
from coverage.web.addresses import is_loopback
from coverage.web.pages import PAGES

REPOSITORY = Path(__file__).parents[2]


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("page", ["", *list(PAGES)[1:]])
def test_every_page_opens_and_says_what_it_answers(tiny: Path, page: str, language: str) -> None:
    app = open_app(tiny, page, language)
    assert not app.exception
    assert not app.error
    text = shown(app)
    assert texts.say(f"web.answers_{page or 'overview'}", language) in text
    assert "小县（虚构）" in text


def test_language_changes_words_and_keeps_choices(tiny: Path) -> None:
    app = open_app(tiny, "coverage")
    app.slider[0].set_value(16).run()
    app.button_group(key="lang").set_value("en").run()
    assert not app.exception
    assert app.slider[0].label == "Walk of at most (minutes)"
    assert app.slider[0].value == 16
    turn_to(app, "")
    assert texts.say("web.answers_overview", "en") in shown(app)
    turn_to(app, "coverage")
    assert app.slider[0].value == 16


def test_a_fault_is_one_sentence(tmp_path: Path) -> None:
    app = open_app(tmp_path)
    assert not app.exception
    assert len(app.error) == 1
    assert "project.toml" in app.error[0].value


def test_a_project_deleted_underneath_is_said(tiny: Path) -> None:
    app = open_app(tiny)
    (tiny / "project.toml").unlink()
    app.run()
    assert not app.exception
    assert "project.toml" in app.error[0].value


def test_what_nobody_foresaw_is_a_sentence_too(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        msg = "a secret of the server"
        raise RuntimeError(msg)

    monkeypatch.setattr(PAGES["overview"], "show", fails)
    app = open_app(tiny)
    assert not app.exception
    assert app.error[0].value == texts.say("web.failed", "zh")


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "", None])  # noqa: S104
def test_other_addresses_are_refused(tiny: Path, address: str | None) -> None:
    config.set_option("server.address", address)
    app = open_app(tiny)
    assert "127.0.0.1" in app.error[0].value
    assert not app.metric


@pytest.mark.parametrize(
    ("address", "own"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.8.0.1", True),
     ("192.168.1.5", False), ("example.org", False), ("", False), (None, False)],
)  # fmt: skip
def test_only_loopback_is_this_machine(address: str | None, own: bool) -> None:  # noqa: FBT001
    assert is_loopback(address) is own


def test_both_ways_to_start_give_the_same_options() -> None:
    written = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text("utf-8"))
    flat = {
        f"{section}.{name}": value
        for section, entries in written.items()
        for name, value in entries.items()
    }
    assert flat == launch.OPTIONS


def test_arguments_after_the_dashes(tmp_path: Path) -> None:
    said = server.arguments(["a/b", "--lang=en"], project=tmp_path)
    assert (said.project, said.language, said.users) == (Path("a/b"), "en", None)
    assert server.arguments([], project=tmp_path).project == tmp_path


def test_another_address_needs_users() -> None:
    with pytest.raises(ProjectError, match="--users"):
        launch.launch(None, address="0.0.0.0")  # noqa: S104 - refused


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind((launch.ADDRESS, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ProjectError, match=str(port)):
            launch.free_port(port)
    assert launch.free_port(None) >= launch.FIRST_PORT


def test_what_was_read_ahead_is_not_worked_out_again(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.read_ahead(str(tiny), "zh")

    def again(*_: object, **__: object) -> None:
        pytest.fail("the page asks for something else than what was read ahead")

    monkeypatch.setattr("coverage.analysis.Prepared.analyse", again)
    monkeypatch.setattr(session.map_layers, "values_json", again)
    monkeypatch.setattr(session.map_layers, "shapes_json", again)
    app = open_app(tiny)
    assert not app.error
    assert app.metric
