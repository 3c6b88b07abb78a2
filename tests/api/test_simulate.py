"""Trouble on purpose, as a caller meets it: allowed or not, at submit, in links, in the ledger."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.core.pricing import Per, Price
from kineograph.core.simulation import HEADER

ASKED = {"Content-Type": "application/json"}


async def submit(world: Any, text: str, **headers: str) -> Any:
    return await world.submit(headers=ASKED | {HEADER: text} | headers)


async def submitted(world: Any, text: str, **headers: str) -> str:
    answer = await submit(world, text, **headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"][0]["task_id"])


async def test_where_it_is_not_allowed_it_is_refused_politely_and_nothing_is_stored(world: Any) -> None:
    answer = await submit(world, "slow=3")
    error = answer.json()["error"]
    assert (answer.status_code, error["reason"], error["param"]) == (403, "simulation_off", HEADER)
    assert "KINEO_SIMULATION" in error["message"]
    assert (await world.call("GET", "/v1/tasks")).json()["data"] == []


async def test_a_wrong_word_names_all_there_are(world: Any) -> None:
    world.rebuild(simulation=True)
    answer = await submit(world, "slow=3, explode")
    assert (answer.status_code, answer.json()["error"]["reason"]) == (400, "invalid_simulation")
    assert "duplicate-webhook" in answer.json()["error"]["message"]


async def test_a_simulated_task_says_so_and_is_a_test_card(world: Any) -> None:
    world.rebuild(simulation=True)
    task_id = await submitted(world, "fail=content_policy,  slow=3")
    data = await world.data(task_id)
    assert (data["simulated"], data["engine"]) == ("slow=3, fail=content_policy", "bars")
    assert data["model"] == "doubao-seedance-1-0-pro-fast"
    task = await world.store.get(task_id)
    assert task.queue == "animatic", "it waits where a real one would"
    assert "simulated" not in await world.data(await world.submitted())


async def test_it_costs_nothing_and_uses_nothing_up(world: Any) -> None:
    world.rebuild(simulation=True)
    await world.ledger.set_prices("USD", [Price("*", "*", Per.SECOND, 1_000_000)], None, "admin")
    task_id = await submitted(world, "slow=1")
    await world.finish(await world.claim(task_id))
    data = await world.data(task_id)
    assert data["status"] == "completed"
    assert "cost" not in data
    assert data["usage"] == {"seconds": 0, "tokens": 0}
    assert (await world.data(await world.submitted()))["cost"] == 5, "a real one does"


async def test_a_submit_is_refused_as_often_as_asked_and_then_taken(world: Any) -> None:
    world.rebuild(simulation=True)
    answers = [await submit(world, "rate-limit=2", **{"Idempotency-Key": "order-17"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "1"
    assert [(await submit(world, "rate-limit")).status_code for _ in range(4)] == [429] * 4
    again = await submit(world, "rate-limit=2", **{"Idempotency-Key": "order-18"})
    assert again.status_code == 429, "another submit is counted by itself"


@pytest.mark.parametrize(("text", "lives"), [("expire", 0), ("expire=5", 5), ("slow=1", 86_400)])
async def test_links_live_as_long_as_asked(world: Any, text: str, lives: int) -> None:
    world.rebuild(simulation=True)
    task_id = await submitted(world, text)
    await world.finish(await world.claim(task_id))
    result = (await world.data(task_id))["result"]
    assert result["videos"][0]["expires_at"] == int(world.now) + lives
    link = result["videos"][0]["url"][0].removeprefix("http://films.example")
    assert (await world.call("GET", link, key=None)).status_code == (200 if lives else 403)
    world.now += lives + 1
    late = await world.call("GET", link, key=None)
    assert (late.status_code, late.json()["error"]["reason"]) == (403, "link_expired")


async def test_the_same_idempotency_key_stands_for_the_same_task_simulated_or_not(world: Any) -> None:
    world.rebuild(simulation=True)
    first = await submitted(world, "slow=1", **{"Idempotency-Key": "order-17"})
    again = await submit(world, "fail", **{"Idempotency-Key": "order-17"})
    assert again.json()["data"][0]["task_id"] == first
    assert again.headers["Idempotency-Replayed"] == "true"
