"""The gallery's page shows every chosen prompt with its sheet and its command, and stays small."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "gallery"


def test_the_page_is_what_its_script_writes() -> None:
    page = runpy.run_path(str(ROOT / "docs" / "gallery.py"))["page"]
    assert (FOLDER / "README.md").read_text("utf-8") == page()


def test_forty_films_are_shown_in_english_and_chinese_and_all_of_it_is_small() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "gallery.py"))
    shown = made["TABLE"]["shown"]
    assert len(shown) == len(set(shown)) == 40
    assert all((FOLDER / f"{name}.jpg").exists() for name in shown)
    chinese = [name for name in shown if any("\u4e00" <= letter <= "\u9fff" for letter in made["PROMPTS"][name])]
    assert len(chinese) >= 10
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) < 6_000_000
