"""Callbacks over HTTP: whose they are, what was said, what came back, the secret that signs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kineograph.api.callbacks import Callbacks
from kineograph.api.links import Signer
from kineograph.core.deliveries import BOTH_SIGN, Answer
from kineograph.core.keys import Scope
from kineograph.core.models import DEFAULT_MODELS, Catalogue

HOOK = {"callback_url": "https://hooks.example.com/x?y=1", "webhook": "https://films.example.com/base"}


def callbacks(world: Any, base: str | None = None) -> Callbacks:
    signer = Signer(b"s" * 32)
    return Callbacks(
        Catalogue(DEFAULT_MODELS), signer, base=base, fallback="http://f.test", link_ttl=60, clock=world.clock
    )


async def said(world: Any, task_id: str, base: str | None = None) -> list[dict[str, Any]]:
    task = await world.store.get(task_id)
    return [
        json.loads(callbacks(world, base).body(task, each)) for each in await world.store.deliveries.of_task(task_id)
    ]


async def test_what_is_told_is_what_get_answered_just_then(world: Any) -> None:
    task_id = await world.submitted(**HOOK)
    claim = await world.claim(task_id)
    started = await world.data(task_id)
    await world.store.report(claim, 0.5, "rendering")
    await world.finish(claim)
    over = (await world.call("GET", f"/v1/tasks/{task_id}")).json()
    first, last, webhook = await said(world, task_id)
    if "sequence" not in last["data"]:  # ids of the two that are written together have no order
        last, webhook = webhook, last
    assert first == {
        "code": 200,
        "type": "task.processing",
        "timestamp": "2025-11-14T02:44:49.250Z",
        "data": started | {"sequence": first["data"]["sequence"]},
    }
    assert (last["type"], last["data"]["status"]) == ("task.completed", "completed")
    assert last["data"]["sequence"] > first["data"]["sequence"]
    assert set(webhook) == {"code", "data"}
    assert set(webhook["data"]) == set(over["data"])
    assert {name: value for name, value in webhook["data"].items() if name != "result"} == {
        name: value for name, value in over["data"].items() if name != "result"
    }


async def test_sequences_are_those_of_the_event_stream(world: Any) -> None:
    task_id = await world.completed(**HOOK)
    events = {change.id: change.status for change in await world.store.events(0, task_id=task_id)}
    for each in await world.store.deliveries.of_task(task_id):
        assert events[each.event] is each.status


async def test_links_begin_with_the_address_the_caller_used_or_the_setting(world: Any) -> None:
    task_id = await world.completed(**HOOK)
    for base, wanted in ((None, "http://films.example/"), ("https://public.example", "https://public.example/")):
        *_, last = await said(world, task_id, base)
        assert last["data"]["result"]["videos"][0]["url"][0].startswith(wanted)


async def test_a_task_shows_its_deliveries_with_what_came_back(world: Any) -> None:
    task_id = await world.completed(**HOOK)
    for claim in await world.store.deliveries.claim({}, 10):
        await world.store.deliveries.settle(claim, Answer(world.now, 0.25, 500, "<b>no</b>"))
    answer = await world.call("GET", f"/v1/tasks/{task_id}/deliveries")
    assert answer.status_code == 200
    rows = answer.json()["data"]
    assert [(row["via"], row["status"], row["state"], row["attempts"]) for row in rows if row["via"] == "webhook"] == [
        ("webhook", "completed", "waiting", 1)
    ]
    row = rows[0]
    assert row["answer"] == {"at": int(world.now), "seconds": 0.25, "status": 500, "body": "<b>no</b>"}
    assert row["next_at"] >= int(world.now) + 4
    assert row["request"]["data"]["id"] == task_id
    assert row["url"] in {HOOK["callback_url"], f"{HOOK['webhook']}/callback"}
    stranger = world.new_key("key_two", "acct_two")
    assert (await world.call("GET", f"/v1/tasks/{task_id}/deliveries", key=stranger)).status_code == 404


async def test_deliveries_are_listed_by_state_and_page(world: Any) -> None:
    for _ in range(3):
        await world.completed(webhook=HOOK["webhook"])
    (claim,) = await world.store.deliveries.claim({}, 1)
    await world.store.deliveries.settle(claim, Answer(world.now, 0.1, 200))
    page = (await world.call("GET", "/v1/deliveries?limit=2")).json()
    rest = (await world.call("GET", f"/v1/deliveries?limit=2&after={page['next']}")).json()
    assert (page["has_more"], rest["has_more"], rest["next"]) == (True, False, None)
    assert len({row["id"] for row in page["data"] + rest["data"]}) == 3
    done = (await world.call("GET", "/v1/deliveries?state=delivered")).json()["data"]
    assert [row["id"] for row in done] == [claim.id]
    for query, word in (("state=lost", "delivered"), ("after=x", "`next`"), ("limit=0", "1 to 100")):
        refused = await world.call("GET", f"/v1/deliveries?{query}")
        assert refused.status_code == 400
        assert word in refused.json()["error"]["message"]
    stranger = world.new_key("key_two", "acct_two")
    assert (await world.call("GET", "/v1/deliveries", key=stranger)).json()["data"] == []


async def test_a_delivery_is_sent_again_by_its_owner_only(world: Any) -> None:
    await world.completed(webhook=HOOK["webhook"])
    (claim,) = await world.store.deliveries.claim({}, 1)
    await world.store.deliveries.settle(claim, Answer(world.now, 0.1, 200))
    stranger = world.new_key("key_two", "acct_two")
    reader = world.new_key("key_three", "acct_one", scopes=frozenset({Scope.READ}))
    path = f"/v1/deliveries/{claim.id}/redeliver"
    assert (await world.call("POST", path, key=stranger)).status_code == 404
    assert (await world.call("POST", path, key=reader)).status_code == 403
    assert (await world.call("POST", "/v1/deliveries/none/redeliver")).status_code == 404
    again = await world.call("POST", path)
    assert (again.json()["data"]["id"], again.json()["data"]["state"]) == (claim.id, "waiting")
    assert [each.id for each in await world.store.deliveries.claim({}, 10)] == [claim.id]


async def test_a_disabled_endpoint_is_shown_and_enabled(world: Any) -> None:
    await world.completed(webhook=HOOK["webhook"])
    (claim,) = await world.store.deliveries.claim({}, 1)
    await world.store.deliveries.settle(claim, Answer(world.now, 0.1, 410))
    (endpoint,) = (await world.call("GET", "/v1/webhooks/endpoints")).json()["data"]
    assert endpoint == {
        "url": "https://films.example.com/base/callback",
        "failing_since": int(world.now),
        "reason": "it answered 410",
        "disabled": True,
        "disabled_at": int(world.now),
    }
    body = {"content": json.dumps({"url": endpoint["url"]}), "headers": {"Content-Type": "application/json"}}
    stranger = world.new_key("key_two", "acct_two")
    assert (await world.call("POST", "/v1/webhooks/endpoints/enable", key=stranger, **body)).status_code == 409
    assert (await world.call("POST", "/v1/webhooks/endpoints/enable", **body)).status_code == 200
    assert (await world.call("GET", "/v1/webhooks/endpoints")).json()["data"] == []
    assert (await world.call("POST", "/v1/webhooks/endpoints/enable", **body)).status_code == 409


async def test_the_secret_is_the_accounts_and_the_old_one_signs_for_a_day(world: Any) -> None:
    first = (await world.call("GET", "/v1/webhooks/secret")).json()["data"]
    assert first["secret"].startswith("whsec_")
    assert "previous_signs_until" not in first
    second = (await world.call("POST", "/v1/webhooks/secret/rotate")).json()["data"]
    assert second["secret"] != first["secret"]
    assert second["previous_signs_until"] == int(world.now + BOTH_SIGN)
    mate = world.new_key("key_two", "acct_one")
    assert (await world.call("GET", "/v1/webhooks/secret", key=mate)).json()["data"]["secret"] == second["secret"]
    stranger = world.new_key("key_three", "acct_two")
    assert (await world.call("GET", "/v1/webhooks/secret", key=stranger)).json()["data"]["secret"] != second["secret"]
    reader = world.new_key("key_four", "acct_one", scopes=frozenset({Scope.READ}))
    for method, path in (("GET", "/v1/webhooks/secret"), ("POST", "/v1/webhooks/secret/rotate")):
        assert (await world.call(method, path, key=reader)).status_code == 403
    assert world.ledger.log[-1].action == "webhooks.rotate"
    assert second["secret"] not in repr(world.ledger.log)


@pytest.mark.parametrize("value", ["some", 1, True, ["all"]])
async def test_callback_events_are_all_or_terminal(world: Any, value: Any) -> None:
    refused = await world.submit(
        {"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat", "callback_events": value} | HOOK
    )
    assert refused.status_code == 400
    assert refused.json()["error"]["reason"] == "invalid_callback_events"
    assert "all or terminal" in refused.json()["error"]["message"]


async def test_only_the_end_is_told_where_that_is_asked_for(world: Any) -> None:
    task_id = await world.completed(callback_url=HOOK["callback_url"], callback_events="terminal")
    assert [one["type"] for one in await said(world, task_id)] == ["task.completed"]
