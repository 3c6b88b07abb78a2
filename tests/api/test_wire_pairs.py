"""Recorded wire pairs: tests/dialects/native.json holds requests and the answers clients rely on, byte for byte but ids.

KINEO_RECORD=1 writes the answers anew; read the difference before committing it.
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from tests.contracts.databases import database, empty_file, queue, sqlite_url, url

from kineograph.core.models import DEFAULT_MODELS, Catalogue
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore
from kineograph.tasks import Tasks

__all__ = ["database", "empty_file", "queue", "sqlite_url", "url"]  # fixtures


@pytest.fixture
def kind() -> str:
    return "sqlite"


RECORDED = Path(__file__).parents[1] / "dialects" / "native.json"
PAIRS: list[dict[str, Any]] = json.loads(RECORDED.read_text("utf-8"))
HEADERS = {
    "allow",
    "content-type",
    "idempotency-replayed",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-apimart-response-version",
}


def _settled(text: str, names: dict[str, str]) -> str:
    """What differs from run to run under stable names: ids by the order of their appearance, signatures as one word."""
    for found in re.findall(r"task_[0-9A-HJKMNP-TV-Z]{26}", text):
        names.setdefault(found, f"{{task_{len(names) + 1}}}")
    for found, name in names.items():
        text = text.replace(found, name)
    text = re.sub(r"signature=[A-Za-z0-9_-]{43}", "signature={signature}", text)
    return re.sub(r"uploads/[0-9A-Z]{26}", "uploads/{ulid}", text)


async def _exchange(world: Any, request: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    wire = json.dumps(request)
    for found, name in names.items():
        wire = wire.replace(name, found)
    sent = json.loads(wire)
    rest: dict[str, Any] = {"headers": sent.get("headers", {})}
    if sent.get("no_key"):
        rest["key"] = None
    if "body" in sent:
        rest["content"] = json.dumps(sent["body"])
        rest["headers"] = {"Content-Type": "application/json"} | rest["headers"]
    response = await world.call(sent["method"], sent["path"], **rest)
    headers = {name: value for name, value in response.headers.items() if name in HEADERS}
    answer = {"status": response.status_code, "headers": headers, "body": response.json()}
    return dict(json.loads(_settled(json.dumps(answer, ensure_ascii=False), names)))


async def _step(world: Any, pair: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What happens between two requests: the worker's part, told in `meanwhile`."""
    by_name = {name: found for found, name in names.items()}
    for act, task in pair.get("meanwhile", {}).items():
        if act == "report":
            await world.store.report(await world.claim(by_name[task]), 0.4, "shading")
        elif act == "finish":
            await world.finish(await world.store.get(by_name[task]))
    return await _exchange(world, pair["request"], names)


async def _replay(world: Any) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    return [{**pair, "response": await _step(world, pair, names)} for pair in PAIRS]


def test_the_recorded_exchange_is_still_what_clients_get(world: Any, run: Any) -> None:
    now = run(_replay(world))
    if os.environ.get("KINEO_RECORD"):
        RECORDED.write_text(json.dumps(now, indent=2, ensure_ascii=False) + "\n", "utf-8")
        pytest.skip("recorded anew")
    for recorded, pair in zip(PAIRS, now, strict=True):
        assert pair["response"] == recorded["response"], recorded["name"]


def _timeless(answer: dict[str, Any]) -> Any:
    """Without the times a real database's clock decides."""
    text = re.sub(r'"(created|updated|completed|actual_time|expires_at)": \d+', r'"\1": 0', json.dumps(answer))
    return json.loads(re.sub(r"expires=\d+", "expires=0", text))


def test_a_real_database_gives_the_same_answers(world: Any, run: Any, database: Database, queue: DbosQueue) -> None:
    world.now = time.time()
    world.store = SqlTaskStore(database, queue)
    world.tasks = Tasks(Catalogue(DEFAULT_MODELS), world.store, world.files, world.clock)
    world.rebuild()
    for recorded, pair in zip(PAIRS, run(_replay(world)), strict=True):
        assert _timeless(pair["response"]) == _timeless(recorded["response"]), recorded["name"]
