"""Scenario files: reading, the sentences of their faults, undoing, saving beside other writers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coverage.errors import ScenarioError
from coverage.scenario import (
    Add,
    Barrier,
    Close,
    Housing,
    Link,
    Move,
    Reopen,
    Resize,
    Scenario,
    read_scenario,
    save_scenario,
)
from coverage.scenario.edits import KINDS, Edit

FILE = """\
# 区里 6 月会议的意见
name = "城北补点"

[[edits]]  # 先补一处
action = "add"
category = "养老服务站"      # 台账里的叫法也认得
id = "N1"
lon = 107.1
lat = 29.7

[[edits]]
action = "close"
id = "f6"
"""
STATION = Add(id="N1", category="community_eldercare_station", lon=107.1, lat=29.7)
LINE = ((107.1, 29.7), (107.2, 29.7))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "scenarios" / "north.toml"
    path.parent.mkdir()
    path.write_text(FILE, encoding="utf-8")
    return path


def test_a_file_is_read(file: Path) -> None:
    scenario = read_scenario(file)
    assert (scenario.name, scenario.title) == ("north", "城北补点")
    assert scenario.edits == (STATION, Close(id="f6"))


def test_comments_and_order_stay_when_an_edit_is_added_and_one_undone(file: Path) -> None:
    scenario = read_scenario(file).without_last().with_edit(Resize(id="f1", capacity=30))
    saved = save_scenario(scenario, file)
    text = file.read_text(encoding="utf-8")
    assert text.startswith(FILE[: FILE.index("\n[[edits]]\naction")])
    assert "f6" not in text
    assert read_scenario(file) == saved == scenario
    assert save_scenario(saved.with_edit(Close(id="f2")), file).edits[-1] == Close(id="f2")


EVERY_KIND: tuple[Edit, ...] = (
    STATION,
    Move(id="f1", x=501_000.0, y=3_290_000.0, year=2025),
    Resize(id="f1", beds_total=20, floor_area_m2=300.5),
    Close(id="f1"),
    Reopen(id="f1"),
    Link(line=LINE, mode="walk", name="人行桥"),
    Barrier(polygon=(*LINE, (107.2, 29.8))),
    Housing(id="h", households=10, population=30, elders60=5, community="甲一社区"),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from(EVERY_KIND), max_size=6), st.integers(0, 6))
def test_what_is_saved_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, edits: list[Edit], undone: int
) -> None:
    path = tmp_path_factory.mktemp("any") / "a.toml"
    scenario = Scenario(name="a", title="试“一”试\n#", edits=tuple(edits))
    saved = save_scenario(scenario, path)
    assert saved == scenario == read_scenario(path)
    for _ in range(min(undone, len(edits))):
        saved = saved.without_last()
    saved = save_scenario(saved.with_edit(Close(id="z")), path)
    assert saved.edits == (*edits[: len(edits) - min(undone, len(edits))], Close(id="z"))


def test_every_kind_of_edit_is_tried() -> None:
    assert {type(edit) for edit in EVERY_KIND} == set(KINDS.values())


def test_a_file_that_somebody_else_changed_is_not_overwritten(file: Path) -> None:
    mine, theirs = read_scenario(file), read_scenario(file)
    save_scenario(theirs.with_edit(Close(id="f2")), file)
    before = file.read_bytes()
    with pytest.raises(ScenarioError, match=r"\+3 close f2") as raised:
        save_scenario(mine.with_edit(Close(id="f3")), file)
    assert raised.value.key == "scenario.changed"
    assert file.read_bytes() == before


def test_a_new_scenario_does_not_take_the_place_of_another(file: Path) -> None:
    with pytest.raises(ScenarioError) as raised:
        save_scenario(Scenario(name="north"), file)
    assert raised.value.key == "scenario.exists"
    scenario = read_scenario(file)
    file.unlink()
    with pytest.raises(ScenarioError) as raised:
        save_scenario(scenario, file)
    assert raised.value.key == "scenario.gone"


def test_a_scenario_without_a_word_is_saved_again(tmp_path: Path) -> None:
    path = tmp_path / "scenarios" / "bare.toml"
    bare = save_scenario(Scenario(name="bare"), path)
    again = save_scenario(bare.with_edit(Close(id="f1")), path)
    assert read_scenario(path).edits == again.edits == (Close(id="f1"),)
    assert read_scenario(path).title == ""


def test_writers_at_once_lose_nothing(file: Path) -> None:
    """Each writer reads, adds and saves, and reads again where it was refused."""

    def write(number: int) -> None:
        while True:
            try:
                save_scenario(read_scenario(file).with_edit(Close(id=f"w{number}")), file)
            except ScenarioError as error:
                assert error.key == "scenario.changed"  # noqa: PT017 - any other is a fault
            else:
                return

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(16)))
    written = {edit.id for edit in read_scenario(file).edits if isinstance(edit, Close)}
    assert written == {"f6", *(f"w{number}" for number in range(16))}


def test_a_file_from_an_editor_that_writes_a_mark_first_is_saved_again(file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbf" + FILE.encode())
    assert len(save_scenario(read_scenario(file).with_edit(Close(id="a")), file).edits) == 3


@pytest.mark.parametrize("name", ["baseline", "planned"])
def test_built_in_names_are_not_for_files(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScenarioError, match=name):
        save_scenario(Scenario(name=name), tmp_path / f"{name}.toml")


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a\\b", "con:", "x" * 101, "a\n"])
def test_names_that_no_file_can_bear(name: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        Scenario(name=name)
    assert raised.value.key == "scenario.bad_name"


def test_nothing_to_undo() -> None:
    with pytest.raises(ScenarioError) as raised:
        Scenario(name="a").without_last()
    assert raised.value.key == "scenario.nothing_to_undo"


ADD = 'action = "add"\nid = "n"\ncategory = "养老服务站"\n'
HOME = 'action = "housing"\nid = "h"\nhouseholds = 1\ncommunity = "甲"\n'
FAULTS = {
    "lacks_key": ['id = "a"', 'action = "close"', 'action = "link"', 'action = "add"\nid = "n"'],
    "unknown_action": ['action = "remove"', "action = 3"],
    "unknown_key": ['action = "close"\nid = "a"\nyaer = 2024'],
    "one_place": [ADD, f"{ADD}lon = 107", f'{ADD}lon = 107\nlat = 29\ncommunity = "甲"'],
    "no_amount": ['action = "resize"\nid = "a"'],
    "line_or_polygon": ['action = "barrier"'],
    "not_nested": [f"{HOME}population = 5\nelders60 = 6", f"{HOME}population = 5\nelders80 = 1"],
    "wrong_text": ['action = "close"\nid = 7', 'action = "close"\nid = " "'],
    "wrong_texts": [f'{ADD}community = "甲"\nserves = "乙"'],
    "wrong_number": [f"{HOME}population = {value}" for value in ("-1", "nan", "true")],
    "wrong_metres": [f'{ADD}x = "1"\ny = 2'],
    "wrong_degrees": [f"{ADD}lon = 107\nlat = 290", f"{ADD}lon = inf\nlat = 29"],
    "wrong_speed": ['action = "link"\nline = [[1, 2], [3, 4]]\nspeed = 0'],
    "wrong_year": [f'action = "close"\nid = "a"\nyear = {value}' for value in ("20", '"2025"')],
    "wrong_choice": ['action = "link"\nline = [[1, 2], [3, 4]]\nmode = "fly"'],
    "unknown_category": ['action = "add"\nid = "n"\ncategory = "养老服站"\ncommunity = "甲"'],
    "wrong_vertices": ['action = "link"\nline = [[1, 2]]', 'action = "barrier"\npolygon = 3'],
    "wrong_pair": [f'action = "link"\nline = [[1, 2], {pair}]' for pair in ("[3]", '"a"')],
    "mixed_pairs": ['action = "link"\nline = [[107, 29], [500000, 3290000]]'],
    "empty_shape": ['action = "link"\nline = [[107, 29], [107, 29]]'],
}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "entry"), [(k, e) for k, entries in FAULTS.items() for e in entries]
)
def test_a_faulty_edit_is_named_with_its_file_and_number(
    tmp_path: Path, key: str, entry: str
) -> None:
    path = tmp_path / "a.toml"
    path.write_text(f'[[edits]]\naction = "close"\nid = "f1"\n[[edits]]\n{entry}', encoding="utf-8")
    with pytest.raises(ScenarioError) as raised:
        read_scenario(path)
    assert raised.value.key == f"scenario.{key}"
    for language in ("zh", "en"):
        sentence = raised.value.text(language)
        assert str(path) in sentence
        assert "2" in sentence


@pytest.mark.parametrize(
    ("key", "content"),
    [
        ("not_toml", b"[[edits]\n"),
        ("not_utf8", "name = '甲'".encode("gb18030")),
        ("unknown_top_key", b"edit = []"),
        ("top_text", b"name = 3"),
        ("no_list", b"edits = 3"),
        ("not_a_table", b"edits = [3]"),
    ],
)
def test_a_damaged_file_is_told_in_a_sentence(tmp_path: Path, key: str, content: bytes) -> None:
    path = tmp_path / "a.toml"
    path.write_bytes(content)
    with pytest.raises(ScenarioError) as raised:
        read_scenario(path)
    assert raised.value.key == f"scenario.{key}"
    assert str(path) in raised.value.text()


def test_edits_made_in_python_are_checked_too() -> None:
    with pytest.raises(ScenarioError):
        Scenario(name="a").with_edit(Resize(id="f1", capacity=-1))


def test_the_documented_example_is_one_of_every_kind(tmp_path: Path) -> None:
    page = (Path(__file__).parents[1] / "docs" / "scenarios.md").read_text(encoding="utf-8")
    path = tmp_path / "example.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert [type(edit) for edit in read_scenario(path).edits] == list(KINDS.values())
