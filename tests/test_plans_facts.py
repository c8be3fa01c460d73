"""The five plans against the list of their requirements, and against the plans themselves.

Both stand beside the real files and stay outside this repository.
"""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from coverage.plans import Plan, read_plan

pytestmark = pytest.mark.real

PLANS = ("dazhou", "anyue", "fuling", "weinan", "anonymous-city")
TABLES = {"dazhou": 18, "anyue": 17, "fuling": 19, "weinan": 21}
COMPUTED = {"dazhou": 12, "anyue": 8, "fuling": 11, "weinan": 10}
COUNTED = {"dazhou": 4, "anyue": 0, "fuling": 2, "weinan": 1}
# where a plan file differs from the list, and why
IN_SINGLE_BEDS = {("dazhou", 27), ("weinan", 35)}  # 万张 there, 张 here: beds are counted in beds


@pytest.fixture(scope="session")
def reference(real_data: Path) -> Path:
    folder = real_data.parent / "reference"
    if not (folder / "requirements.csv").is_file():
        pytest.skip("needs the list of requirements beside PLANNER_REAL_DATA")
    return folder


@pytest.fixture(scope="session")
def requirements(reference: Path) -> list[dict[str, str]]:
    with (reference / "requirements.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def _digits(text: str) -> list[str]:
    return re.findall(r"\d+(?:\.\d+)?", text)


def test_every_requirement_stands_in_its_plan_or_is_left_out(
    requirements: list[dict[str, str]],
) -> None:
    assert len(requirements) == 447
    for name in PLANS:
        plan = read_plan(name)
        kinds = {r.row: (r.kind, r.indicator) for r in (*plan.rows, *plan.left_out)}
        wanted = {
            int(r["seq"]): (r["kind"], r["indicator_id"]) for r in requirements if r["plan"] == name
        }
        assert kinds == wanted
        assert len(plan.rows) + len(plan.left_out) == len(wanted)
        ignored = {
            int(r["seq"]) for r in requirements if r["plan"] == name and r["computable"] == "no"
        }
        assert {left.row for left in plan.left_out} <= ignored
        assert all(left.reason_zh and left.reason_en for left in plan.left_out)


@pytest.mark.parametrize("name", PLANS)
def test_rows_have_the_facts_of_their_requirement(
    name: str, requirements: list[dict[str, str]]
) -> None:
    rows = {row.row: row for row in read_plan(name).rows}
    for fact in requirements:
        row = rows.get(int(fact["seq"]))
        if fact["plan"] != name or row is None:
            continue
        key = (name, row.row)
        factor = 1e4 if key in IN_SINGLE_BEDS else 1.0
        assert row.unit == fact["unit"].removeprefix("万" if factor > 1 else ""), key
        for what, number, text in (
            ("baseline", row.baseline, row.baseline_text),
            ("target", row.target, row.target_text),
        ):
            said = fact[what]
            if said in ("", "—", "/"):
                assert number is None, (key, what)
                assert not text or what == "baseline", (key, what)
            elif _number(said) is not None:
                assert number == pytest.approx(float(said) * factor), (key, what)
            else:
                assert text, (key, what)
                assert set(_digits(said)) <= set(_digits(text)), (key, what)
                if not _digits(said) and number is None:
                    assert text == said, (key, what)
        assert row.attribute == fact["attribute"], key
        if fact["comparator"]:
            assert row.comparator == fact["comparator"], key
        else:
            assert row.target is None, key
        assert row.statement == (fact["target_year"] == ""), key
        assert row.yearly == (fact["target_year"] == "每年"), key
        year = int(fact["target_year"]) if fact["target_year"].isdigit() else None
        assert row.target_year == year, key
        assert row.base_year == 2020
        assert fact["chapter"] in row.source, key
        method = "entered" if fact["computable"] == "no" else fact["computable"]
        assert row.method == method, key
        assert (row.family == "entered") == (method == "entered"), key


@pytest.mark.parametrize("name", TABLES)
def test_table_rows_that_are_computed(name: str) -> None:
    rows = [row for row in read_plan(name).rows if row.kind == "table"]
    assert [row.row for row in rows] == list(range(1, TABLES[name] + 1))
    methods = [row.method for row in rows]
    assert methods.count("layers") + methods.count("ledger") == COMPUTED[name]
    assert methods.count("ledger") == COUNTED[name]


def test_no_sentence_of_a_plan_is_copied(requirements: list[dict[str, str]]) -> None:
    """Names of indicators may be the plan's; a run of its text may not."""
    for name in PLANS:
        rows = read_plan(name).rows
        own = [t for row in rows for t in (row.conflict, row.meaning_zh) if t]
        sentences = [r["sentence"] for r in requirements if r["kind"] != "table"]
        grams = {s[i : i + 24] for s in sentences for i in range(len(s) - 23)}
        for text in own:
            assert not [g for g in (text[i : i + 24] for i in range(len(text) - 23)) if g in grams]


def _table(name: str, folder: Path) -> list[list[str]]:
    """Return the cells of a plan's indicator table: name, baseline, target, attribute."""
    text = (folder / f"{name}.txt").read_text(encoding="utf-8")
    if name == "weinan":
        lines = [
            line.split("\t")
            for line in text.splitlines()
            if line.endswith(("预期性", "约束性", "预期性\t"))
        ]
        return [[line[1], *line[3:]] for line in lines]
    cells = [cell.strip() for cell in re.split(r"[|\n]", text) if cell.strip()]
    wide = 4 if name == "anyue" else 5
    ends = [i for i, cell in enumerate(cells) if cell in ("约束性", "预期性")]
    rows = [cells[i - wide + 1 : i + 1] for i in ends]
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    return [[row[1], "", *row[2:]] if wide == 4 else row[1:] for row in rows]


def _fold(text: str) -> str:
    return re.sub(r"[\s；;]", "", text).replace("(", "（").replace(")", "）")


@pytest.mark.parametrize("name", TABLES)
def test_tables_read_from_the_plan_itself(name: str, real_data: Path, tmp_path: Path) -> None:
    """The cells, read as a user's plan with text for figures, give the same rows."""
    folder = real_data.parent / "plans"
    if not folder.is_dir():
        pytest.skip("needs the plans beside PLANNER_REAL_DATA")
    cells = _table(name, folder)
    assert len(cells) == TABLES[name]
    ours = {row.row: row for row in read_plan(name).rows}
    written = []
    for number, (title, baseline, target, *attribute) in enumerate(cells, start=1):
        assert _fold(title).startswith(_fold(ours[number].name_zh)), title
        keys = {
            "row": number, "indicator": ours[number].indicator, "unit": ours[number].unit,
            "family": "entered", "baseline": baseline, "target": target,
            "attribute": attribute[0] if attribute else "",
        }  # fmt: skip
        lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items())
        written.append("\n".join(["[[rows]]", *lines]))
    (tmp_path / "own.toml").write_text("\n".join(written), encoding="utf-8")
    read: Plan = read_plan("own.toml", tmp_path)
    assert len(read.rows) == TABLES[name]
    for row in read.rows:
        mine = ours[row.row]
        assert row.attribute == mine.attribute
        if row.target is None:  # words, or two figures in a cell
            assert mine.target_text
            continue
        assert (row.baseline, row.target) == (mine.baseline, mine.target)
        assert row.comparator == mine.comparator


def test_rows_stand_in_the_order_of_the_plan() -> None:
    for name in PLANS:
        numbers = [row.row for row in read_plan(name).rows]
        assert all(a < b for a, b in pairwise(numbers))
