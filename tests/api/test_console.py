"""The console as files: complete, small, strict, and nothing in them that a policy would stop."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import pytest

from kineograph.api.console import FOLDER

MODULES = sorted(FOLDER.rglob("*.js"))


def names(language: str) -> set[str]:
    return set(re.findall(r'"([a-z]+\.?[^"\n]*?)":', (FOLDER / "words" / f"{language}.js").read_text()))


async def test_the_page_is_served_without_a_key_under_a_strict_policy(world: Any) -> None:
    page = await world.call("GET", "/console/", key=None)
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert (await world.call("GET", "/console/index.html", key=None)).content == page.content


async def test_the_folder_without_its_slash_leads_to_it_under_any_prefix(world: Any) -> None:
    answer = await world.call("GET", "/console", key=None)
    assert (answer.status_code, answer.headers["location"]) == (307, "console/")


async def test_the_page_about_the_api_is_the_consoles_and_needs_no_key(world: Any) -> None:
    answer = await world.call("GET", "/docs", key=None)
    assert (answer.status_code, answer.headers["location"]) == (307, "console/#/reference")


@pytest.mark.parametrize("name", ["../account.py", "%2e%2e/account.py", "nothing.js", "pages", "/etc/passwd"])
async def test_nothing_else_is_served(world: Any, name: str) -> None:
    answer = await world.call("GET", f"/console/{name}", key=None)
    assert answer.status_code == 404
    assert answer.json()["error"]["type"] == "not_found_error"


async def test_a_part_is_packed_and_asked_for_once(world: Any) -> None:
    part = await world.call("GET", "/console/main.js", key=None, headers={"Accept-Encoding": "gzip"})
    assert part.headers["content-encoding"] == "gzip"
    again = await world.call("GET", "/console/main.js", key=None, headers={"If-None-Match": part.headers["etag"]})
    assert again.status_code == 304


def test_a_cold_load_is_small() -> None:
    assert sum(len(gzip.compress(path.read_bytes())) for path in FOLDER.rglob("*") if path.is_file()) < 150_000


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_words_of_callers_never_become_markup(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc", text)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_import_is_there(path: Path) -> None:
    for name in re.findall(r'(?:from|import\(?)\s*"(\.[^"]+)"', path.read_text()):
        assert (path.parent / name).resolve().is_file(), name


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_every_word_that_is_said_is_written(path: Path) -> None:
    said = set(re.findall(r'\bt\("([a-z_.]+)"', path.read_text()))
    assert said <= names("en")


def test_chinese_says_all_that_english_says() -> None:
    missing = names("en") - names("zh")
    assert {name for name in missing if not name.startswith("model.")} == set()  # names of models are the same in both


async def test_a_caller_learns_who_they_are(world: Any) -> None:
    answer = (await world.call("GET", "/v1/me")).json()["data"]
    assert answer["key"]["id"] == "key_one"
    assert answer["account"]["id"] == "acct_one"
    assert world.text not in str(answer)
    assert (await world.call("GET", "/v1/me", key=None)).status_code == 401


async def test_a_quote_checks_everything_and_stores_nothing(world: Any) -> None:
    path, body = "/v1/videos/generations/quote", {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat"}
    answer = await world.call("POST", path, json=body)
    assert answer.json()["data"] == {"model": body["model"], "estimated_time": answer.json()["data"]["estimated_time"]}
    refused = await world.call("POST", path, json={**body, "duration": 99})
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "duration")
    assert (await world.call("GET", "/v1/tasks")).json()["data"] == []


async def test_a_list_shows_the_beginning_of_long_words(world: Any) -> None:
    task_id = await world.submitted(prompt="x" * 3000)
    assert len((await world.call("GET", f"/v1/tasks/{task_id}")).json()["data"]["prompt"]) == 3000
    assert len((await world.call("GET", "/v1/tasks")).json()["data"][0]["prompt"]) == 500
