"""The guide: it is built without a network, and its Python examples run as they stand."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from demo_files import DEMO

from coverage.plans import read_plan

GUIDE = Path(__file__).parents[1] / "docs"
_LOADED = re.compile(r"""<(?:script|link|img)[^>]+(?:src|href)=["']?(https?:)?//""")


def examples(page: str) -> str:
    text = (GUIDE / "guide" / page).read_text(encoding="utf-8")
    return "\n".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))


def test_the_examples_run(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "demo")
    code = examples("zh/python.md") + "\nassert solution.status == 'optimal'\n"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, timeout=280)


def test_both_languages_show_the_same_examples() -> None:
    assert examples("zh/python.md") == examples("en/python.md")


def test_both_languages_have_the_same_pages() -> None:
    pages = {
        lang: sorted(p.name for p in (GUIDE / "guide" / lang).iterdir()) for lang in ("zh", "en")
    }
    assert pages["zh"] == pages["en"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "-q", "-f", GUIDE / "mkdocs.yml", "-d", folder],
        check=True,
        timeout=280,
    )
    return folder


def test_the_guide_loads_nothing_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 15
    for page in pages:
        assert not _LOADED.search(page.read_text(encoding="utf-8")), page.name


def test_every_plan_has_a_page_with_all_its_rows(site: Path) -> None:
    for name in ("dazhou", "anyue", "fuling", "weinan", "anonymous-city"):
        page = (site / "indicators" / f"{name}.html").read_text(encoding="utf-8")
        for row in read_plan(name).rows:
            assert f"<code>{row.indicator}</code>" in page
        assert page.count("<tr>") >= len(read_plan(name).rows)
