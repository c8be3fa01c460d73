"""The siting page: nothing runs unasked, every control counts, sites and map belong together."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from idle_buildings import S, add_idle_buildings, write_candidates
from pages import open_app, shown, turn_to
from tiny_county import write_tiny

from coverage import open_project, texts
from coverage.outputs import csv_bytes
from coverage.scenario import find_scenario, scenario_path
from coverage.sites import SiteQuestion, SitingResult
from coverage.sites import find as finding
from coverage.web import files, session, siting_found


class Page:
    """The page as one visitor uses it."""

    def __init__(self, folder: Path, language: str = "zh") -> None:
        self.folder, self.language = folder, language
        self.app = open_app(folder, "siting", language)

    def say(self, key: str, /, **values: object) -> str:
        return texts.say(f"siting_page.{key}", self.language, **values)

    def set(self, kind: str, name: str, value: object) -> None:
        getattr(self.app, kind)(key=f"siting-{name}-{self.language}").set_value(value).run()

    def press(self, label: str) -> None:
        next(b for b in self.app.button if b.label == self.say(label)).click().run()

    def find(self) -> None:
        """Press the button, wait, and look."""
        self.press("find")
        # long, for a machine that is busy with other tests
        for _ in range(2_400):
            work = session.begun_siting(session.visit(self.folder), *self.state["siting-asked"])
            if work is not None and not work.waiting:
                break
            time.sleep(0.05)
        self.app.run()
        assert not self.app.exception

    @property
    def state(self) -> Any:
        return self.app.session_state

    @property
    def question(self) -> SiteQuestion:
        question: SiteQuestion = self.state["siting-asked"][0]
        return question

    @property
    def sites(self) -> list[str]:
        """Return the table of sites, best first."""
        return list(self.app.dataframe[0].value["candidate"])


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_tiny(tmp_path_factory.mktemp("county"))
    add_idle_buildings(folder)
    return folder


@pytest.fixture
def page(kept: Path) -> Page:
    opened = Page(kept)
    # of seven candidates four can be used
    opened.set("number_input", "sites", 3)
    return opened


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> SitingResult:
    """Return the two best sites: b for 25 elders of the village, then a for 20."""
    folder = write_tiny(tmp_path_factory.mktemp("sites"))
    add_idle_buildings(folder)
    return open_project(folder).site(S, sites=2, pareto=True)


def test_nothing_runs_until_it_is_asked_for(page: Page) -> None:
    """30 of 100 elders are covered; most of the others live in the village."""
    assert "30.00%" in shown(page.app)
    assert page.say("start") in shown(page.app)
    assert list(page.app.dataframe[0].value["name"]) == ["乙二村", "乙一社区"]
    page.set("number_input", "sites", 2)
    assert "siting-asked" not in page.state
    page.find()
    said = shown(page.app)
    assert page.sites == ["b", "a"]
    for words in ("从 30.00% 升到 75.00%", "已证明这是最优方案", "1 号", "乙二村 25", "内 1 处"):
        assert words in said
    # a change of conditions is told, and changes nothing by itself
    page.set("number_input", "sites", 1)
    assert page.say("changed") in shown(page.app)
    assert page.sites == ["b", "a"]


def test_an_answer_outlives_a_change_of_page_and_of_language(page: Page) -> None:
    page.find()
    turn_to(page.app, "coverage")
    turn_to(page.app, "siting")
    assert len(page.sites) == 3
    page.app.button_group(key="lang").set_value("en").run()
    assert "coverage rises from 30.00%" in shown(page.app)
    # what was read anew may have another answer
    session.reload()
    page.app.run()
    assert texts.say("siting_page.start", "en") in shown(page.app)


def test_every_model_and_amount_is_asked_as_it_was_chosen(page: Page) -> None:
    page.set("selectbox", "model", "lscp")
    page.set("number_input", "percent", 55.0)
    page.app.slider[0].set_value(16).run()
    page.find()
    assert page.question == SiteQuestion(service=S, model="lscp", target=55.0, minutes=16.0)
    # 16 minutes reach d3 from s as it stands: 50, and d4 is needed for 55
    assert page.sites == ["b"]
    page.set("toggle", "cheapest", value := True)
    page.set("number_input", "budget", 50)
    page.find()
    assert (page.question.budget, value) == (50.0, True)
    page.set("selectbox", "model", "p_center")
    assert page.say("minutes_counted") in shown(page.app)
    page.set("button_group", "by", "budget")
    page.find()
    assert (page.question.model, page.question.target, page.question.budget) == (
        "p_center", None, 50.0,
    )  # fmt: skip
    page.set("selectbox", "model", "p_median")
    page.set("button_group", "by", "sites")
    page.set("selectbox", "candidates", "grid")
    page.set("number_input", "metres", 1_000)
    page.find()
    assert page.question.candidates == "grid:1000"
    assert "人均" in shown(page.app)


def test_only_what_the_project_has_is_offered(page: Page, tmp_path: Path) -> None:
    (tmp_path / "bare").mkdir()
    kinds = [o.split("（")[0] for o in page.app.selectbox(key="siting-candidates-zh").options]
    assert kinds == ["候选点图层", "现有其他设施", "全部路口", "有人居住处的网格"]
    page.set("selectbox", "candidates", "facilities")
    categories = page.app.selectbox(key=f"siting-category-{S}-zh").options
    # f2 and f3, f4, f6; f1 offers the service already, and f5 is only planned
    assert [c.split("（")[1] for c in categories] == ["2 处）", "1 处）", "1 处）"]
    assert categories[0].startswith("社区综合服务设施")
    # facilities have no cost and no capacity here
    assert page.say("by_budget") not in str(page.app.button_group(key="siting-by-zh").options)
    bare = Page(write_tiny(tmp_path / "bare"))
    assert len(bare.app.selectbox(key="siting-candidates-zh").options) == 3
    bare.set("selectbox", "model", "lscp")
    keys = [w.key for w in bare.app.button_group]
    assert "siting-aim-zh" in keys or bare.say("no_plan") in shown(bare.app)


def test_conditions_are_kept_to(page: Page) -> None:
    page.set("number_input", "sites", 1)
    page.set("selectbox", "capacity-capacity", "capacity")
    page.set("toggle", "pareto", value := True)
    page.set("number_input", "time_limit", 10)
    page.find()
    assert page.question == SiteQuestion(
        service=S, sites=1, capacity="capacity", pareto=value, time_limit=10.0
    )
    assert page.sites == ["b"]
    # ruled out by a click on its button; a covers 20, but has room for 5 only
    page.press("and_forbid")
    assert page.app.multiselect(key="forbid-layer-zh").value == ["b"]
    page.find()
    assert page.question.forbid == ("b",)
    assert page.sites == ["c"]
    page.press("and_require")
    assert page.app.multiselect(key="require-layer-zh").value == ["c"]
    page.app.multiselect(key="forbid-layer-zh").set_value([]).run()
    page.find()
    assert (page.question.require, page.question.forbid) == (("c",), ())
    assert page.sites == ["c"]
    page.set("number_input", "sites", 3)
    page.set("selectbox", "floor", "community")
    page.find()
    assert page.question.floors == {"community": 1}
    assert set(page.sites) == {"a", "c", "home"}


def test_rules_and_years_are_asked_for(page: Page) -> None:
    page.set("number_input", "spacing", 1_200)
    page.set("toggle", "equity", equity := True)
    page.find()
    assert (page.question.spacing, page.question.equity) == (1_200.0, equity)
    # a and b stand 1,117 m apart
    assert not {"a", "b"} <= set(page.sites)
    assert "最差的" in shown(page.app)
    page.set("toggle", "backup", backup := True)
    page.set("number_input", "spacing", 0)
    page.set("toggle", "equity", not equity)
    page.set("button_group", "by", "years")
    page.set("number_input", "years", 2)
    page.set("number_input", "yearly_budget", 30)
    page.find()
    assert page.question == SiteQuestion(service=S, backup=backup, phases={2024: 30.0, 2025: 30.0})
    page.set("toggle", "backup", not backup)
    page.find()
    years = page.app.dataframe[0].value.set_index("candidate")["year"]
    assert years.to_dict() == {"b": 2024, "a": 2024}
    # a model without a limit knows none of these
    page.set("selectbox", "model", "p_center")
    assert "siting-spacing-zh" not in [w.key for w in page.app.number_input]


def test_what_cannot_be_is_said_in_words_of_places(sited: Path) -> None:
    page = Page(sited)
    page.set("selectbox", "model", "lscp")
    page.set("number_input", "percent", 100.0)
    page.find()
    said = page.app.warning[0].value
    assert "乙二村" in said
    assert "分钟" in said
    # such a sentence is made anew in the other language
    page.app.button_group(key="lang").set_value("en").run()
    for _ in range(100):
        if page.app.warning:
            break
        time.sleep(0.05)
        page.app.run()
    assert "demand points" in page.app.warning[0].value
    # a fault of the data is said in the same place
    write_candidates(page.folder, id="same")
    session.reload()
    page.language = "en"
    page.app.run()
    page.find()
    assert "same" in page.app.error[0].value


def test_a_site_is_chosen_on_the_map_and_in_the_table(page: Page, found: SitingResult) -> None:
    page.set("number_input", "sites", 2)
    page.find()
    assert page.state[siting_found.TABLE]["selection"]["rows"] == [0]
    assert [m.kind for m in siting_found.markers(found, 2)] == ["site", "chosen"]
    first = siting_found.markers(found, None)[0]
    assert (first.lat, first.lng) == tuple(found.sites[["lat", "lon"]].iloc[0])
    page.state[siting_found.TABLE] = {"selection": {"rows": [1]}}
    page.state["site"] = 2
    page.app.run()
    assert "2 号" in shown(page.app)
    # as things stand, or once all is built
    page.set("button_group", "shown", shows_what_will_be := True)
    assert page.state["siting-built"] is shows_what_will_be
    visit = session.visit(page.folder)
    prepared = session.prepared(visit)
    choice = session.usual(prepared, prepared.configuration.services[S])
    after, sheet = session.built(visit, found, choice)
    assert after.communities[f"{S}_covered"].sum() == pytest.approx(75)
    assert sheet.content


def test_stories_give_the_reasons(found: SitingResult) -> None:
    """d3's 20 elders go 901 m at 1 m/s now, and 0 m afterwards; c would reach 15."""
    texts.use("zh")
    story = "".join(siting_found.story(found, 2))
    for words in ("闲置a（a）", "新覆盖 20 人", "乙一社区 20", "15.0 分钟", "0.0 分钟", "换成 c"):
        assert words in story
    assert "少覆盖 5 人" in story
    table = siting_found.table(found)
    assert list(table["newly"]) == pytest.approx([25, 20])
    texts.use("en")
    assert "Newly covers 20 people in 1 communities" in "".join(siting_found.story(found, 2))


def test_files_are_those_of_the_command(found: SitingResult, tmp_path: Path) -> None:
    folder = found.save(tmp_path / "siting")
    with zipfile.ZipFile(io.BytesIO(files.siting(found))) as archive:
        names = {path.name for path in folder.iterdir()}
        assert set(archive.namelist()) == names >= {"sites.csv", "pareto.csv", "siting.json"}
        assert all(archive.read(name) == (folder / name).read_bytes() for name in names)
    assert csv_bytes(found.sites) == (folder / "sites.csv").read_bytes()


def test_sites_are_kept_as_a_scenario_and_never_over_another(page: Page) -> None:
    page.set("number_input", "sites", 2)
    page.find()
    page.app.text_input[0].set_value("两处").run()
    page.press("save")
    assert page.say("saved", name="两处") in page.app.success[0].value
    # as the command does, for the report to tell of
    assert (open_project(page.folder).siting_folder(S, "mclp") / "sites.csv").is_file()
    assert page.say("saved_files") in shown(page.app)
    kept = find_scenario(page.folder, "两处")
    assert [edit.id for edit in kept.edits] == ["new-b", "new-a"]
    result = open_project(page.folder).run(scenario="两处")
    rows = result.demand.query(f"service == '{S}' and status == 'covered'")
    assert rows["weight"].sum() == pytest.approx(75)
    text = scenario_path(page.folder, "两处").read_bytes()
    page.press("save")
    assert "两处" in page.app.error[0].value
    assert scenario_path(page.folder, "两处").read_bytes() == text
    page.app.text_input[0].set_value("../away").run()
    page.press("save")
    assert page.app.error
    assert not (page.folder.parent / "away.toml").exists()
    # the page of scenarios has it on the table
    turn_to(page.app, "scenarios")
    assert page.app.selectbox(key="scenario-zh").value == "两处"


def test_an_answer_asked_in_english_is_in_english(kept: Path) -> None:
    """What buttons call runs before the page has said its language."""
    page = Page(kept, "en")
    page.set("number_input", "sites", 2)
    page.find()
    assert page.state["siting-asked"][1] == "en"
    page.set("toggle", "backup", backup := True)
    page.find()
    page.press("save")
    said = texts.say("sites.unheeded", "en", what=texts.say("sites.unheeded_backup", "en"))
    assert (page.question.backup, said in shown(page.app)) == (backup, True)
    page.press("and_forbid")
    assert page.app.multiselect(key="forbid-layer-en").value == page.sites[:1]


def test_a_visitor_may_stop_and_others_need_not(
    sited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(sited)
    page.set("number_input", "sites", 3)
    go = Event()
    own = finding.gather

    def slow(*given: Any) -> Any:
        go.wait(20)
        return own(*given)

    monkeypatch.setattr(finding, "gather", slow)
    page.press("find")
    other = Page(page.folder)
    other.set("number_input", "sites", 3)
    other.press("find")
    work = session.begun_siting(session.visit(page.folder), *page.state["siting-asked"])
    assert work is not None
    # while it is worked on, the page stands, and says what is being done
    assert "停止" in [b.label for b in page.app.button]
    assert any("秒" in m.value for m in page.app.markdown)
    assert page.app.dataframe
    next(b for b in page.app.button if b.label == "停止").click().run()
    assert texts.say("web.stopped", "zh") in [i.value for i in page.app.info]
    go.set()
    assert len(work.result(20).sites) == 3
    other.app.run()
    assert len(other.sites) == 3
