"""Files made to hurt: each is refused with a sentence, in moments and in little memory."""

from __future__ import annotations

import time
import zipfile
from pathlib import Path

import pytest
from layer_files import townships
from ledger_files import read

from coverage.batch.dataset import Dataset
from coverage.errors import BatchError, CoverageError, LayerError, PlanError, ProjectError
from coverage.layers import IssueLog, Source
from coverage.layers.read import read_raw
from coverage.network import read_network
from coverage.plans import read_plan
from coverage.web.users import Users

OLD = (Path(__file__).parent / "ledgers" / "old.xls").read_bytes()
# a billion laughs: eight entities, each ten of the one before
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
DOCTYPE = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol lol lol">{LAUGHS}]>'
OTHER_FILE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l8 SYSTEM "file:///etc/hostname">]>'


def old_with_a_cell_far_away() -> bytes:
    """Return an .xls whose last text stands in row 65536, column 65536: 100 GB to its reader."""
    at = OLD.rindex(b"\xfd\x00\x0a\x00") + 4
    return OLD[:at] + b"\xff" * 4 + OLD[at + 4 :]


@pytest.mark.parametrize("name", ["a.xls", "a.csv"])
def test_an_old_workbook_that_claims_more_than_memory_ends_nobodys_work(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(old_with_a_cell_far_away())
    with pytest.raises(LayerError, match=name):
        read(tmp_path / name)


def test_so_does_a_plan(tmp_path: Path) -> None:
    (tmp_path / "plan.xls").write_bytes(old_with_a_cell_far_away())
    with pytest.raises(PlanError, match=r"plan\.xls"):
        read_plan("plan.xls", tmp_path)


@pytest.mark.parametrize("head", [DOCTYPE, OTHER_FILE], ids=["laughs", "another file"])
@pytest.mark.parametrize("kind", ["osm", "graphml"])
def test_entities_are_not_unfolded(tmp_path: Path, kind: str, head: str) -> None:
    path = tmp_path / f"a.{kind}"
    body = '<osm version="0.6">&l8;</osm>' if kind == "osm" else "<graphml>&l8;</graphml>"
    path.write_text(head + body, encoding="utf-8")
    began = time.process_time()
    with pytest.raises(CoverageError, match=path.name) as caught:
        read_network(path)
    assert len(caught.value.text("zh")) < 1000
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        b'{"format": 1, "counties": [{"key": "k", "state": "done"}]}',
    ],
    ids=["deep", "no code"],
)
def test_a_damaged_record_of_a_batch(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "batch.json").write_bytes(content)
    with pytest.raises(BatchError, match=r"batch\.json"):
        Dataset(tmp_path).known()


@pytest.mark.parametrize("content", [b"[" * 100_000, b"{}", b'{"a": 1}', b"\xff"])
def test_a_damaged_file_of_users_lets_nobody_in(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "users.json").write_bytes(content)
    with pytest.raises(ProjectError, match=r"users\.json"):
        Users(tmp_path / "users.json")


def test_nothing_in_a_zip_leads_out_of_its_folder(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    townships().to_file(tmp_path / "units.gpkg")
    good = (tmp_path / "units.gpkg").read_bytes()
    (tmp_path / "units.gpkg").unlink()
    with zipfile.ZipFile(inside / "a.zip", "w") as packed:
        packed.writestr("../../units.gpkg", good)
        packed.writestr("../outside.txt", "x")
        packed.writestr("/etc/outside.txt", "x")
    raw = read_raw(Source(path=inside / "a.zip"), "townships", IssueLog())
    assert len(raw.rows) == 2
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "inside"]
    assert not Path("/etc/outside.txt").exists()
