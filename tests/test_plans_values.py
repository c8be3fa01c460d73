from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coverage.plans.values import Figure, rank, read_figure, split_change


@pytest.mark.parametrize(
    ("cell", "number", "comparator"),
    [
        (60, 60.0, ""),
        ("60", 60.0, ""),
        ("≥60", 60.0, "≥"),
        (">= 60", 60.0, "≥"),
        ("＞60％", 60.0, ">"),
        ("100%", 100.0, ""),
        ("不低于60", 60.0, "≥"),
        ("不少于 12 个", 12.0, "≥"),
        ("60%以上", 60.0, "≥"),
        ("超过8000张", 8000.0, ">"),
        ("约300张", 300.0, "≈"),
        ("不超过 5", 5.0, "≤"),
        ("3.57万", 35700.0, ""),
        ("3.57万张", 35700.0, ""),
        ("4.2亿元", 4.2e8, ""),
        ("1,200", 1200.0, ""),
        ("５０", 50.0, ""),
        ("全覆盖", 100.0, ""),
        ("30㎡", 30.0, ""),
    ],
)
def test_a_figure_is_read_as_it_is_written(cell: object, number: float, comparator: str) -> None:
    figure = read_figure(cell)
    assert figure.number == pytest.approx(number)
    assert figure.comparator == comparator
    assert figure.understood


@pytest.mark.parametrize("cell", [None, "", "—", "/", "无数值", " - "])
def test_signs_for_none(cell: object) -> None:
    assert read_figure(cell) == Figure()


@pytest.mark.parametrize(
    "cell", ["*", "达磷", "*万人", "不低于全省标准低限", "1000(散居) 1400(机构)", True]
)
def test_what_is_no_figure_stays_as_text(cell: object) -> None:
    figure = read_figure(cell)
    assert figure.number is None
    assert figure.text == str(cell)
    assert not figure.understood


def test_of_a_range_the_low_end_is_to_be_reached() -> None:
    assert read_figure("1—2") == Figure(number=1.0, comparator="≥", text="1—2")
    assert read_figure("610—620元").number == 610.0


def test_a_unit_that_says_ten_thousand_is_not_multiplied_again() -> None:
    assert read_figure("0.8万", "万人").number == 0.8
    assert read_figure("0.8万", "人").number == 8000.0
    assert read_figure("8000", "万人").number == 8000.0


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("0.5→0.8", ("0.5", "0.8")),
        ("/≥60", (None, "≥60")),
        ("—100", (None, "100")),
        ("/", (None, "/")),
        ("60", (None, "60")),
        (60, (None, 60)),
    ],
)
def test_baseline_and_target_in_one_cell(cell: object, parts: tuple[object, object]) -> None:
    assert split_change(cell) == parts


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三星级", 3),
        ("二星", 2),
        ("4A", 4),
        ("ＡＡＡＡ", 4),
        ("5A级", 5),
        ("5星级", 5),
        ("无", None),
    ],
)
def test_grades_have_a_rank(text: str, number: float | None) -> None:
    assert rank(text) == number


@given(st.floats(0, 1e9).map(lambda x: round(x, 3)), st.sampled_from(["", "≥", ">", "≤", "="]))
def test_numbers_come_back(number: float, sign: str) -> None:
    figure = read_figure(f"{sign}{number:.3f}")
    assert figure.number is not None
    assert math.isclose(figure.number, number, abs_tol=1e-9)
    assert figure.comparator == sign


@given(st.text(max_size=12))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    figure = read_figure(text)
    assert figure.understood or figure.text == text.strip()
