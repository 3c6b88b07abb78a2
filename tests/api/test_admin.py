"""The operator's routes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.api.conftest import World

from kineograph.core.fleet import Ability, About, QueueState, Wanted
from kineograph.core.keys import Scope

ABOUT = About("host_a", 7, "1.0", "1", 2, {"fast": Ability(("480p",), ("first_frame",))})


@pytest.fixture
def admin(world: World) -> str:
    for name, about in (("w_1", ABOUT), ("w_2", About("host_b"))):
        asyncio.run(world.store.heartbeat(name, "animatic", "up", [], about))
    return world.new_key("key_admin", "acct_admin", scopes=frozenset({Scope.ADMIN}))


def call(world: World, key: str, method: str, path: str, status: int = 200, **rest: Any) -> Any:
    answer = asyncio.run(world.call(method, path, key=key, **rest))
    assert answer.status_code == status, answer.text
    return answer.json()["data"] if status == 200 else answer.json()["error"]


def test_only_an_admin_sees_and_says(world: World, admin: str) -> None:
    for method, path in (
        ("GET", "/v1/admin/workers"),
        ("POST", "/v1/admin/workers/all/drain"),
        ("GET", "/v1/admin/queues"),
        ("POST", "/v1/admin/queues/animatic/pause"),
    ):
        assert call(world, world.text, method, path, 403)["reason"] == "missing_scope"
    assert world.store.registry["w_1"].wanted is Wanted.UP


def test_workers_say_what_they_can_and_what_they_make(world: World, admin: str) -> None:
    task_id = asyncio.run(world.submitted())
    asyncio.run(world.store.start(task_id, "w_1"))
    asyncio.run(world.store.heartbeat("w_1", "animatic", "up", [task_id]))
    first, second = call(world, admin, "GET", "/v1/admin/workers")
    assert (first["id"], first["host"], first["pid"], first["protocol"]) == ("w_1", "host_a", 7, "1")
    assert first["models"] == {"fast": {"resolutions": ["480p"], "roles": ["first_frame"]}}
    assert [task["task_id"] for task in first["running"]] == [task_id]
    assert second["running"] == []


@pytest.mark.parametrize(("which", "drained"), [("w_1", ["w_1"]), ("host_b", ["w_2"]), ("all", ["w_1", "w_2"])])
def test_a_worker_a_host_or_all_are_drained_and_wanted_again(
    world: World, admin: str, which: str, drained: list[str]
) -> None:
    found = call(world, admin, "POST", f"/v1/admin/workers/{which}/drain")
    assert [row["id"] for row in found if row["wanted"] == "drained"] == drained
    found = call(world, admin, "POST", f"/v1/admin/workers/{which}/resume")
    assert {row["wanted"] for row in found} == {"up"}


def test_nobody_is_drained_by_a_wrong_name(world: World, admin: str) -> None:
    assert "w_9" in call(world, admin, "POST", "/v1/admin/workers/w_9/drain", 404)["message"]
    assert "animatic" in call(world, admin, "POST", "/v1/admin/queues/nope/pause", 404)["message"]


def test_a_queue_is_paused_drained_opened_and_capped(world: World, admin: str) -> None:
    for word, state in (("pause", "paused"), ("drain", "draining"), ("resume", "open")):
        (row,) = call(world, admin, "POST", f"/v1/admin/queues/animatic/{word}")
        assert row["state"] == state
    assert world.fleet.rules == {"animatic": QueueState.OPEN}
    (row,) = call(world, admin, "POST", "/v1/admin/queues/animatic/cap", json={"running_cap": 3})
    assert (row["running_cap"], row["workers"]) == (3, 2)
    (row,) = call(world, admin, "POST", "/v1/admin/queues/animatic/cap", json={"running_cap": None})
    assert row["running_cap"] is None
    for wrong in ({}, {"running_cap": 0}, {"running_cap": "3"}, {"running_cap": True}):
        assert call(world, admin, "POST", "/v1/admin/queues/animatic/cap", 400, json=wrong)["param"] == "running_cap"
