"""Recorded wire pairs: tests/dialects/*.json hold requests and the answers clients rely on, byte for byte but ids.

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

from kineograph.api.ids import ark_id, task_of_ark, task_of_video, video_id
from kineograph.core.models import DEFAULT_MODELS, Catalogue
from kineograph.core.task import Failure
from kineograph.store.database import Database
from kineograph.store.queue import DbosQueue
from kineograph.store.tasks import SqlTaskStore
from kineograph.tasks import Tasks

__all__ = ["database", "empty_file", "queue", "sqlite_url", "url"]  # fixtures


@pytest.fixture
def kind() -> str:
    return "sqlite"


RECORDED = sorted((Path(__file__).parents[1] / "dialects").glob("*.json"))
of_each_dialect = pytest.mark.parametrize("recorded", RECORDED, ids=[path.stem for path in RECORDED])
HEADERS = {
    "allow",
    "content-type",
    "idempotency-replayed",
    "link",
    "location",
    "openai-poll-after-ms",
    "retry-after",
    "www-authenticate",
    "x-apimart-response-version",
}


def _settled(text: str, names: dict[str, str]) -> str:
    """What differs from run to run under stable names: ids by the order of their appearance, signatures as one word."""
    for found in re.findall(r"task_[0-9A-HJKMNP-TV-Z]{26}|cgt-\d{14}-[0-9a-z]{18}|video_[0-9a-z]{26}", text):
        task_id = task_of_ark(found) or task_of_video(found) or found
        number = len({name.rpartition("_")[2] for name in names.values()}) + 1
        if task_id not in names:
            names |= {task_id: f"{{task_{number}}}", ark_id(task_id): f"{{ark_{number}}}"}
            names |= {video_id(task_id): f"{{video_{number}}}"}
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
    if "form" in sent:
        rest["files"] = [(name, (None, value.encode())) for name, value in sent["form"]]
    if "body" in sent:
        rest["content"] = json.dumps(sent["body"])
        rest["headers"] = {"Content-Type": "application/json"} | rest["headers"]
    response = await world.call(sent["method"], sent["path"], **rest)
    headers = {name: value for name, value in response.headers.items() if name in HEADERS}
    shown = response.json() if headers.get("content-type") == "application/json" else len(response.content)
    answer = {"status": response.status_code, "headers": headers, "body": shown}
    return dict(json.loads(_settled(json.dumps(answer, ensure_ascii=False), names)))


async def _step(world: Any, pair: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """What happens between two requests: the worker's part, told in `meanwhile`."""
    by_name = {name: found for found, name in names.items()}
    for act, task in pair.get("meanwhile", {}).items():
        if act == "report":
            await world.store.report(await world.claim(by_name[task]), 0.4, "shading")
        elif act == "finish":
            await world.finish(await world.store.get(by_name[task]))
        elif act == "fail":
            await world.store.fail(await world.claim(by_name[task]), Failure("engine_failed", "it broke", status=500))
    return await _exchange(world, pair["request"], names)


async def _replay(world: Any, pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[str, str] = {}
    return [{**pair, "response": await _step(world, pair, names)} for pair in pairs]


@of_each_dialect
def test_the_recorded_exchange_is_still_what_clients_get(world: Any, run: Any, recorded: Path) -> None:
    pairs = json.loads(recorded.read_text("utf-8"))
    now = run(_replay(world, pairs))
    if os.environ.get("KINEO_RECORD"):
        recorded.write_text(json.dumps(now, indent=2, ensure_ascii=False) + "\n", "utf-8")
        pytest.skip("recorded anew")
    for before, pair in zip(pairs, now, strict=True):
        assert pair["response"] == before["response"], before["name"]


def _timeless(answer: dict[str, Any]) -> Any:
    """Without the times a real database's clock decides."""
    times = "created|updated|completed|actual_time|expires_at|created_at|updated_at|completed_at"
    text = re.sub(rf'"({times})": \d+', r'"\1": 0', json.dumps(answer))
    return json.loads(re.sub(r"expires=\d+", "expires=0", text))


@of_each_dialect
def test_a_real_database_gives_the_same_answers(
    world: Any, run: Any, database: Database, queue: DbosQueue, recorded: Path
) -> None:
    world.now = time.time()
    world.store = SqlTaskStore(database, queue)
    world.tasks = Tasks(Catalogue(DEFAULT_MODELS), world.store, world.files, world.clock)
    world.rebuild()
    pairs = json.loads(recorded.read_text("utf-8"))
    for before, pair in zip(pairs, run(_replay(world, pairs)), strict=True):
        assert _timeless(pair["response"]) == _timeless(before["response"]), before["name"]
