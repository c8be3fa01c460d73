"""The atlas: pages that say what they must, names apart, classes that hold what they claim."""

from __future__ import annotations

import dataclasses
import io
import warnings
from pathlib import Path

import mapclassify
import numpy as np
import pypdf
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tiny_county import write_tiny

import coverage
from coverage import texts
from coverage.errors import OutputError
from coverage.outputs.atlas import draw_large, draw_map, fonts, write_atlas
from coverage.outputs.atlas.atlas import _sheet
from coverage.outputs.atlas.classes import classes_of, natural_starts
from coverage.outputs.atlas.ground import Ground, View
from coverage.outputs.atlas.labels import place, text_width_mm, wrapped
from coverage.outputs.atlas.sheet import MAP_MM
from coverage.outputs.map_figures import headlines
from coverage.results import Result

NOTICE = "演示数据（虚构）"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Result:
    tiny = write_tiny(tmp_path_factory.mktemp("tiny"))
    return dataclasses.replace(coverage.open_project(tiny).run(), notice=NOTICE)


@pytest.fixture(scope="module")
def atlas(result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("atlas")
    write_atlas(result, folder, "zh")
    return folder


SAID = (
    "坐标系：CGCS2000", "数据年份：", "资料来源：", "编制单位：", "审图号", NOTICE,
    "北", "1 : ", "分级：", "示意图",
)  # fmt: skip


def test_every_page_says_what_a_map_must_say(atlas: Path, result: Result) -> None:
    pages = [page.extract_text() for page in pypdf.PdfReader(atlas / "atlas.pdf").pages]
    assert len(pages) == 4 + len(result.townships)
    for page in pages:
        for words in SAID:
            assert words in page
    for name, page in zip(result.townships["name"], pages[4:], strict=True):
        assert name in page


def test_pages_that_are_not_public_are_marked(result: Result) -> None:
    marked = dataclasses.replace(result, marking="内部资料 注意保管")
    with fonts.drawing():
        words = [t.get_text() for t in _sheet(marked, Ground(marked), "overview", "zh").paper.texts]
    assert "内部资料 注意保管" in words
    assert not any("审图号" in w for w in words)


def test_pages_show_the_headline_figures_of_the_result(atlas: Path, result: Result) -> None:
    pages = pypdf.PdfReader(atlas / "atlas.pdf").pages
    for page, headline in zip(pages[1:4], headlines(result, "zh"), strict=True):
        text = page.extract_text()
        for figure in headline.figures:
            assert figure.text("zh").split()[0] in text


def test_pages_are_a4_landscape_at_300_dpi(atlas: Path, result: Result) -> None:
    files = sorted((atlas / "atlas").iterdir())
    assert len(files) == 4 + len(result.townships)
    for file in files:
        with Image.open(file) as picture:
            assert abs(picture.width - 297 / 25.4 * 300) < 2
            assert abs(picture.height - 210 / 25.4 * 300) < 2
            assert round(picture.info["dpi"][0]) == 300


def test_the_same_result_gives_the_same_atlas(atlas: Path, result: Result, tmp_path: Path) -> None:
    write_atlas(result, tmp_path, "zh")
    assert (tmp_path / "atlas.pdf").read_bytes() == (atlas / "atlas.pdf").read_bytes()


def test_one_map_is_drawn_for_each_subject(result: Result) -> None:
    for subject in ("overview", "social_work", "eldercare_circle_15min_coverage",
                    str(result.townships["code"].iloc[0])):  # fmt: skip
        with Image.open(io.BytesIO(draw_map(result, subject, "en", dpi=40))) as picture:
            assert picture.format == "PNG"
            assert picture.width > picture.height
    with pytest.raises(OutputError, match="nowhere"):
        draw_map(result, "nowhere", "zh")


def test_results_with_little_in_them_are_drawn(result: Result) -> None:
    bare = dataclasses.replace(
        result,
        facilities=result.facilities.iloc[:0],
        gaps=result.gaps.iloc[:0],
        indicators=result.indicators.iloc[:0],
        communities=result.communities.assign(elderly_circle_share=np.nan),
        context={},
    )
    assert draw_map(bare, "overview", "zh", dpi=40)
    assert draw_map(bare, "social_work_station_coverage", "zh", dpi=40)
    long = result.townships.assign(name="很长的名字" * 12)
    renamed = dataclasses.replace(result, townships=long, name="长" * 60)
    assert draw_map(renamed, "overview", "zh", dpi=40)
    assert draw_map(renamed, str(long["code"].iloc[0]), "zh", dpi=40)
    unserved = dataclasses.replace(result, services=())
    assert draw_map(unserved, "overview", "zh", dpi=40)


def test_without_a_chinese_typeface_nothing_is_drawn(
    result: Result, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fonts, "FAMILIES", ("No Such Typeface",))
    with pytest.raises(OutputError, match="No Such Typeface"):
        write_atlas(result, tmp_path, "zh")
    assert not (tmp_path / "atlas.pdf").exists()


def test_a_character_that_no_typeface_has_is_marked_and_named(result: Result) -> None:
    # a place for private use, and a tag, which has no shape
    odd = dataclasses.replace(
        result, townships=result.townships.assign(name=["甲\ue123街道", "乙\U000e0041镇"])
    )
    with fonts.drawing(["乙镇"]), warnings.catch_warnings():
        warnings.simplefilter("error")
        words = [t.get_text() for t in _sheet(odd, Ground(odd), "overview", "zh").paper.texts]
        assert draw_map(odd, "overview", "zh", dpi=40)
    assert {"甲〓街道", "乙镇"} <= set(words)
    assert any("U+E123" in w for w in words)


def test_a_character_of_another_typeface_is_written() -> None:
    families = fonts._with(["镇"], ("DejaVu Sans",))
    assert families[0] == "DejaVu Sans"
    assert ord("镇") in fonts._characters(families)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=12, max_size=80, unique=True))
def test_natural_breaks_are_those_of_mapclassify(values: list[int]) -> None:
    ordered = np.sort(np.array(values, dtype=float))
    starts = [0, *natural_starts(ordered, 5), len(ordered)]
    theirs = mapclassify.FisherJenks(ordered, k=5)
    ours = sum(((part - part.mean()) ** 2).sum() for part in np.split(ordered, starts[1:-1]))
    best = sum(
        ((part - part.mean()) ** 2).sum() for part in (ordered[theirs.yb == k] for k in range(5))
    )
    assert ours == pytest.approx(best)


@given(st.lists(st.none() | st.floats(0, 200, width=32), max_size=60), st.none() | st.just(30.0))
def test_each_value_is_in_the_class_whose_bounds_the_legend_prints(
    values: list[float | None], threshold: float | None
) -> None:
    classes = classes_of(values, "㎡", "zh", threshold)
    assert len(classes.labels) == len(classes.bounds) + 1 == len(classes.colours)
    edges = [-np.inf, *classes.bounds, np.inf]
    for value, position in zip(values, classes.of(values), strict=True):
        if value is None:
            assert position is None
        else:
            assert position is not None
            assert edges[position] <= value < edges[position + 1]


def test_a_standard_is_a_bound_and_ties_are_not_parted() -> None:
    assert classes_of([1.0, 50.0], "㎡", "zh", 30.0).bounds == (10, 20, 30, 40)
    assert classes_of([1.0, 50.0], "%", "zh", 90.0).bounds == (30, 60, 90)
    crowded = classes_of([*np.linspace(0, 1, 80), *np.linspace(50, 100, 20)], "%", "zh")
    assert crowded.method == "quantile"
    assert classes_of([0.0, 100.0, None], "%", "zh").method == "values"


def test_where_most_units_have_nothing_the_few_stand_out() -> None:
    shares = [0.0] * 240 + [*np.linspace(1, 90, 60)]
    classes = classes_of(shares, "%", "zh")
    found = classes.of(shares)
    assert set(found[:240]) == {0}
    assert len(set(found)) == len(classes.labels) > 2
    # a least bound that would be printed as the least value parts nothing
    assert classes_of([0.0] * 9 + [0.3, 0.31, 0.33, 0.34, 0.35], "%", "zh").bounds[0] > 0


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.floats(20, 200), st.floats(40, 180)), min_size=1, max_size=40))
def test_names_do_not_cover_each_other(places: list[tuple[float, float]]) -> None:
    labels = place(["望澜街道社区"] * len(places), np.array(places), 6.5, MAP_MM)
    half = text_width_mm("望澜街道社区", 6.5) / 2
    boxes = [shapely.box(p.x - half, p.y - 1.3, p.x + half, p.y + 1.3) for p in labels]
    for i, box in enumerate(boxes):
        assert all(box.intersection(other).area < 1e-9 for other in boxes[:i])
        assert shapely.box(*MAP_MM).covers(box)


def test_names_leave_marks_open_where_there_is_room() -> None:
    anchors = np.array([[60.0, 100.0], [120.0, 100.0], [180.0, 100.0]])
    marks = np.vstack([np.hstack([anchors + at - 1, anchors + at + 1]) for at in (0, [4, 0])])
    half = text_width_mm("望澜街道", 8) / 2
    for label in place(["望澜街道"] * 3, anchors, 8, MAP_MM, marks=marks):
        box = shapely.box(label.x - half, label.y - 1.4, label.x + half, label.y + 1.4)
        assert not box.intersects(shapely.union_all(shapely.box(*marks.T)))
        assert not label.led
    # in a field of marks a name stays near its place and covers as few as it can
    everywhere = np.array(
        [(x, y, x + 1, y + 1) for x in range(20, 200, 2) for y in range(30, 180, 2)]
    )
    (label,) = place(["望澜街道"], anchors[:1], 8, MAP_MM, marks=everywhere)
    assert np.hypot(label.x - 60, label.y - 100) <= 9


def test_a_map_for_a_document_has_larger_letters_that_stay_in_their_panel(result: Result) -> None:
    sizes = {}
    for zoom in (1.0, 1.4):
        with fonts.drawing():
            sheet = _sheet(result, Ground(result), "overview", "zh", zoom)
        sizes[zoom] = {t.get_text(): t.get_size() for t in sheet.paper.texts}
    assert sizes[1.4]["线划"] == pytest.approx(1.4 * sizes[1.0]["线划"])
    assert sheet.fits
    (large,) = draw_large(result, ["overview"], "zh")
    assert large != draw_map(result, "overview", "zh", dpi=150)


@given(st.text(alphabet="中文村，（）ab 12/%", max_size=60), st.integers(8, 60))
def test_broken_lines_hold_the_whole_text(text: str, width: int) -> None:
    lines = wrapped(text, width, 8.0)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(text_width_mm(line, 8.0) <= width + 3 for line in lines)


def test_a_view_shows_its_bounds_whole_in_the_shape_of_the_frame() -> None:
    for bounds in ((0, 0, 1000, 10), (0, 0, 10, 1000), (5, 5, 5, 5)):
        view = View.around(bounds)
        corners = view.on_page(np.array([bounds[:2], bounds[2:]], dtype=float))
        left, bottom, right, top = MAP_MM
        assert (corners >= [left, bottom]).all()
        assert (corners <= [right, top]).all()
        frame = (right - left) / (top - bottom)
        assert (view.east - view.west) / (view.north - view.south) == pytest.approx(frame)


def test_every_word_of_the_atlas_is_said_in_both_languages() -> None:
    assert {key for key in texts.keys("atlas") if key.startswith("method_")} == {
        f"method_{m}" for m in ("thresholds", "natural", "quantile", "values", "yes_no")
    }
