"""The data page: findings beside the user's own rows, what is settled, new projects."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import tomlkit
from pages import open_app, shown, turn_to

from coverage import open_project, texts
from coverage.errors import ProjectError
from coverage.web import project_file, settling


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_file, "projects_folder", lambda: tmp_path / "projects")


@pytest.fixture
def odd(tiny: Path) -> Path:
    """The tiny county with a column of its own and a category nobody knows in row 2."""
    facilities = gpd.read_file(tiny / "facilities.gpkg")
    facilities["怪列"] = 1.5
    facilities.loc[1, "category"] = "鬼屋"
    facilities.to_file(tiny / "facilities.gpkg")
    return tiny


def test_a_finding_leads_to_the_users_own_row(odd: Path) -> None:
    app = open_app(odd, "data")
    assert not app.exception
    issues = app.dataframe[0].value
    assert issues["message"].str.contains("鬼屋").any()
    report = open_project(odd).check()
    issue = report.issues.set_index("code").loc["unknown_category"]
    [place] = settling.places_of(open_project(odd).prepare(), issue)
    assert place.label == "设施f2"


def test_an_unknown_column_is_settled_in_the_project_file(odd: Path) -> None:
    before = (odd / "project.toml").read_text("utf-8")
    app = open_app(odd, "data")
    app.selectbox(key="column-facilities-怪列-zh").set_value("beds_total")
    app.button(key="FormSubmitter:columns-facilities-写入项目文件").click().run()
    assert not app.exception
    written = tomlkit.parse((odd / "project.toml").read_text("utf-8"))
    assert written["layers"]["facilities"]["columns"] == {"beds_total": "怪列"}
    # nothing else has changed, and the column is read now
    assert written["network"] == tomlkit.parse(before)["network"]
    assert open_project(odd).prepare().layers.facilities["beds_total"].iloc[0] == 1.5


def test_a_datum_is_settled_and_comments_stay(tiny: Path) -> None:
    file = tiny / "project.toml"
    file.write_text("# 我的备注\n" + file.read_text("utf-8"), encoding="utf-8")
    project_file.settle(tiny, ("layers", "facilities"), {"datum": "gcj02"})
    text = file.read_text("utf-8")
    assert text.startswith("# 我的备注")
    assert tomlkit.parse(text)["layers"]["facilities"]["datum"] == "gcj02"
    with pytest.raises(ProjectError, match=r"project\.toml"):
        project_file.settle(tiny, ("layers", "nothing"), {"datum": "gcj02"})


def _uploads(folder: Path) -> dict[str, tuple[str, bytes]]:
    files = {layer: f"{layer}.gpkg" for layer in ("townships", "communities", "facilities")}
    files["network"] = "streets.gpkg"
    return {layer: (f"上传 {n}", (folder / n).read_bytes()) for layer, n in files.items()}


def test_a_project_is_made_of_uploads(tiny: Path) -> None:
    folder = project_file.new_project("我的 区/../x", 2023, _uploads(tiny))
    # whatever the name says, it lies in the folder of projects
    assert folder.parent == project_file.projects_folder()
    assert open_project(folder).name == "我的 区/../x"
    result = open_project(folder).run()
    assert len(result.townships) == 2
    with pytest.raises(ProjectError, match="同名"):
        project_file.new_project("我的 区/../x", 2023, _uploads(tiny))
    app = open_app(tiny, "data")
    app.button(key=f"open-{folder}").click().run()
    assert not app.exception
    assert "我的 区/../x" in shown(app)


@pytest.mark.parametrize(
    ("name", "file", "words"),
    [
        ("...", ("a.gpkg", b"x"), "名称"),
        ("甲", ("a.exe", b"x"), "a.exe"),
        ("甲", ("a.gpkg", b""), "空"),
    ],
)
def test_a_wrong_upload_is_one_sentence(
    tiny: Path, name: str, file: tuple[str, bytes], words: str
) -> None:
    with pytest.raises(ProjectError, match=words):
        project_file.new_project(name, 2023, {**_uploads(tiny), "facilities": file})
    assert not list(project_file.projects_folder().glob("*"))


def test_what_is_missing_is_named(tiny: Path) -> None:
    app = open_app(tiny, "data")
    app.button(key="new-create").click().run()
    assert texts.say("data_report.layer.network", "zh") in app.error[0].value


def test_a_blocked_project_still_shows_its_report(tiny: Path) -> None:
    (tiny / "streets.gpkg").write_bytes(b"no streets")
    app = open_app(tiny, "data")
    assert not app.exception
    assert app.error[0].value == texts.say("web.blocked", "zh")
    assert isinstance(app.dataframe[0].value, pd.DataFrame)


def test_a_category_is_settled_in_the_project_file(odd: Path) -> None:
    before = open_project(odd).prepare().analyse(extras=False).facilities
    assert before.set_index("id").loc["f2", "status"] == "set_aside"
    app = open_app(odd, "data")
    app.selectbox(key="category-facilities-鬼屋-zh").set_value("eldercare_institution")
    app.button(key="FormSubmitter:categories-facilities-写入项目文件").click().run()
    assert not app.exception
    written = tomlkit.parse((odd / "project.toml").read_text("utf-8"))
    assert written["layers"]["facilities"]["categories"] == {"鬼屋": "eldercare_institution"}
    after = open_project(odd).prepare().analyse(extras=False).facilities.set_index("id")
    assert after.loc["f2", "category"] == "eldercare_institution"
    assert after.loc["f2", "status"] == "counted"


def test_a_plan_is_settled_in_the_project_file(tiny: Path) -> None:
    app = open_app(tiny)
    assert texts.say("web.no_plan", "zh") in shown(app)
    app = open_app(tiny, "data")
    app.selectbox(key="plan-zh").set_value("fuling")
    app.button(key="FormSubmitter:plan-写入项目文件").click().run()
    assert not app.exception
    assert open_project(tiny).configuration.plan.name == "fuling"
    app = turn_to(app, "overview")
    assert texts.say("web.no_plan", "zh") not in shown(app)
