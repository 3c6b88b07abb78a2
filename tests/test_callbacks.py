"""Callbacks of the running service: a real receiver, real kills."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

import httpx2
import pytest
from tests.conftest import Service, both
from tests.webhooks.receivers import LOCAL, Call, receiving

from kineograph.webhooks import verify

BODY = {"model": "card", "prompt": "a test", "duration": 2, "resolution": "480p"}


def secret(service: Service) -> str:
    return str(service.call("GET", "/v1/webhooks/secret").json()["data"]["secret"])


def settled(service: Service, task_ids: list[str], seconds: float = 90) -> list[dict[str, Any]]:
    """The deliveries of these tasks, once all are done."""
    deadline = time.monotonic() + seconds
    with httpx2.Client(headers={"Authorization": f"Bearer {service.key}"}, base_url=service.url) as client:
        while client.get("/v1/deliveries?state=waiting&limit=1").json()["data"]:
            assert time.monotonic() < deadline, service.log[-3000:]
            time.sleep(0.1)
        rows = [row for one in task_ids for row in client.get(f"/v1/tasks/{one}/deliveries").json()["data"]]
    assert {row["state"] for row in rows} == {"delivered"}
    return rows


@both
def test_a_film_is_told_of_as_it_starts_and_as_it_is_there(service: Service) -> None:
    service.environment |= {"KINEO_FETCH_ALLOW": LOCAL[0]}
    service.start()
    with receiving() as receiver:
        task_id = service.submit(callback_url=f"{receiver.url}/all", webhook=f"{receiver.url}/base")
        service.finished(task_id)
        rows = settled(service, [task_id])
        assert [row["status"] for row in rows if row["via"] == "callback_url"] == ["processing", "completed"]
        told = {call.id: verify(secret(service), call.headers, call.body) for call in receiver.calls}
    assert {row["id"] for row in rows} == set(told)
    assert Counter(call.path for call in receiver.calls) == {"/all": 2, "/base/callback": 1}
    for row in rows:
        assert told[row["id"]]["data"]["status"] == row["status"]
    film = next(each["data"] for each in told.values() if each["data"]["status"] == "completed")
    assert film["result"]["videos"][0]["url"][0].startswith(service.url)


def through_a_kill(service: Service, tasks: int, fails: float) -> None:
    """Tasks that are cancelled as they come, a receiver that fails its first tries, a server that is killed between.

    Args:
        fails: Share of first tries that the receiver refuses.
    """
    service.environment |= {"KINEO_FETCH_ALLOW": LOCAL[0]}
    service.arguments = ("--no-worker",)
    service.start()
    seen, dice = Counter[str](), random.Random(7)

    def answer(call: Call) -> int:
        seen[call.id] += 1
        return 503 if seen[call.id] == 1 and dice.random() < fails else 204

    with receiving(answer) as receiver:
        ids = []
        for half in (0, 1):
            with httpx2.Client(headers={"Authorization": f"Bearer {service.key}"}, base_url=service.url) as client:
                for number in range(half, tasks, 2):
                    body = BODY | {"callback_url": f"{receiver.url}/{number}"}
                    ids.append(client.post("/v1/videos/generations", json=body).json()["data"][0]["task_id"])
                    assert client.post(f"/v1/tasks/{ids[-1]}/cancel").status_code == 200
            service.kill()
            service.start()
        rows = settled(service, ids, seconds=300)
        calls = list(receiver.calls)
    assert len(rows) == tasks
    by_task = {call.document["data"]["id"]: set[str]() for call in calls}
    for call in calls:
        by_task[call.document["data"]["id"]].add(call.id)
        assert verify(secret(service), call.headers, call.body, tolerance=3600)["type"] == "task.cancelled"
    assert by_task == {row["task_id"]: {row["id"]} for row in rows}  # each told, under one id only
    print(f"{tasks} tasks, {len(calls)} calls")


def test_what_was_to_be_told_is_told_though_the_server_is_killed(service: Service) -> None:
    through_a_kill(service, 12, fails=0)


@pytest.mark.chaos
@pytest.mark.timeout(1200)
@both
def test_a_thousand_callbacks_survive_kills_of_the_server(service: Service) -> None:
    through_a_kill(service, 1000, fails=0.3)
