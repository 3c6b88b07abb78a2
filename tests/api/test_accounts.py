"""Accounts, prices, usage and the log of admins over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.core.keys import Scope

FAST = "doubao-seedance-1-0-pro-fast"
PRICES = {
    "currency": "USD",
    "rows": [{"model": FAST, "per": "second", "amount": 0.02}, {"model": "*", "amount": "0.1"}],
}


@pytest.fixture
def admin(world: Any) -> str:
    text: str = world.new_key("key_01K8SGYNNNVBQTXNR4MM964S7K", "acct_boss", scopes=frozenset({Scope.ADMIN}))
    return text


async def told(world: Any, admin: str, method: str, path: str, **rest: Any) -> Any:
    answer = await world.call(method, path, key=admin, **rest)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def team(world: Any, admin: str, **body: Any) -> tuple[dict[str, Any], str]:
    """A new account and the text of its key."""
    account = await told(world, admin, "POST", "/v1/admin/accounts", json={"name": "film team", "balance": 1} | body)
    key = await told(world, admin, "POST", "/v1/admin/keys", json={"name": "team", "account_id": account["id"]})
    return account, key["text"]


async def test_a_film_is_paid_from_the_balance_of_the_keys_account(world: Any, admin: str) -> None:
    await told(world, admin, "PUT", "/v1/admin/prices", json=PRICES)
    account, text = await team(world, admin)
    body = {"model": FAST, "prompt": "a cat"}
    quote = (await world.call("POST", "/v1/videos/generations/quote", key=text, json=body)).json()["data"]
    assert (quote["cost"], quote["credits_cost"], quote["currency"]) == (0.1, 1, "USD")
    task_id = (await world.submit(body, key=text)).json()["data"][0]["task_id"]
    balance = (await world.call("GET", "/v1/balance", key=text)).json()
    assert balance == {
        "success": True,
        "remain_balance": 0.9,
        "used_balance": 0.1,
        "remain_credits": 9,
        "used_credits": 1,
        "unlimited_quota": False,
    }
    await world.finish(await world.claim(task_id))
    task = await world.data(task_id, key=text)
    assert (task["cost"], task["credits_cost"]) == (0.1, 1)
    path = f"/v1/admin/accounts/{account['id']}/entries"
    lines = await told(world, admin, "GET", path)
    assert [(line["kind"], line["amount"], line["balance_after"]) for line in lines] == [
        ("settle", 0, 0.9),
        ("reserve", -0.1, 0.9),
        ("grant", 1, 1),
    ]
    page = (await world.call("GET", path, key=admin, params={"limit": 2})).json()
    assert (page["has_more"], page["next"]) == (True, 2)
    assert [line["id"] for line in await told(world, admin, "GET", path, params={"before": 2})] == [1]
    me = (await world.call("GET", "/v1/me", key=text)).json()["data"]["account"]
    assert (me["name"], me["balance"], me["currency"], me["limits"]) == ("film team", 0.9, "USD", {})


async def test_a_film_that_the_balance_does_not_cover_is_refused_with_402(world: Any, admin: str) -> None:
    await told(world, admin, "PUT", "/v1/admin/prices", json=PRICES)
    account, text = await team(world, admin, balance="0.05")
    refused = await world.submit({"model": FAST, "prompt": "a cat"}, key=text)
    error = refused.json()["error"]
    assert (refused.status_code, error["type"], error["reason"]) == (402, "payment_required", "insufficient_balance")
    assert "balance of 0.05 USD" in error["message"]
    assert "costs 0.10 USD" in error["message"]
    path = f"/v1/admin/accounts/{account['id']}/adjustments"
    once = {"Idempotency-Key": "invoice-17"}
    for _ in range(2):
        line = await told(world, admin, "POST", path, json={"amount": 0.05, "reason": "invoice 17"}, headers=once)
        assert (line["kind"], line["balance_after"], line["by"]) == ("adjust", 0.1, "key_01K8SGYNNNVBQTXNR4MM964S7K")
    assert (await world.submit({"model": FAST, "prompt": "a cat"}, key=text)).status_code == 200


async def test_a_price_that_changes_does_not_change_what_was_accepted(world: Any, admin: str) -> None:
    await told(world, admin, "PUT", "/v1/admin/prices", json=PRICES)
    _, text = await team(world, admin)
    task_id = (await world.submit({"model": FAST, "prompt": "a cat"}, key=text)).json()["data"][0]["task_id"]
    dearer = {"rows": [{"model": FAST, "amount": 9}], "version": 1}
    await told(world, admin, "PUT", "/v1/admin/prices", json=dearer)
    await world.finish(await world.claim(task_id))
    assert (await world.data(task_id, key=text))["cost"] == 0.1
    second = await world.call("PUT", "/v1/admin/prices", key=admin, json=dearer)
    assert (second.status_code, second.json()["error"]["reason"]) == (409, "version_conflict")


@pytest.mark.parametrize(
    ("prices", "param"),
    [
        ({"rows": [{"model": "a", "amount": -1}]}, "rows[0].amount"),
        ({"rows": [{"model": "a", "amount": 0.0000001}]}, "rows[0].amount"),
        ({"rows": [{"model": "a", "amount": True}]}, "rows[0].amount"),
        ({"rows": [{"model": "a", "amount": 1}, {"model": "a", "amount": 2}]}, "rows[1]"),
        ({"rows": [{"model": "a", "amount": 1, "resolution": "4k"}]}, "rows[0].resolution"),
        ({"rows": [{"model": "a", "amount": 1, "per": "film"}]}, "rows[0].per"),
        ({"rows": [{"model": "a"}]}, "rows[0]"),
        ({"rows": {}}, "rows"),
        ({"rows": [], "currency": ""}, "currency"),
        ({"rows": [], "version": "1"}, "version"),
        ({"rows": [], "colour": 1}, "colour"),
    ],
)
async def test_a_wrong_price_table_is_refused_by_its_row(
    world: Any, admin: str, prices: dict[str, Any], param: str
) -> None:
    if prices.get("currency") == "":
        prices["currency"] = " "
    answer = await world.call("PUT", "/v1/admin/prices", key=admin, json=prices)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text


async def test_of_two_admins_who_change_one_thing_the_second_is_told(world: Any, admin: str) -> None:
    account, _ = await team(world, admin)
    path = f"/v1/admin/accounts/{account['id']}"
    changed = await told(world, admin, "PATCH", path, json={"limits": {"max_duration": 5}, "version": 1})
    assert (changed["limits"], changed["version"]) == ({"max_duration": 5}, 2)
    late = await world.call("PATCH", path, key=admin, json={"name": "x"}, headers={"If-Match": '"1"'})
    assert (late.status_code, late.json()["error"]["reason"]) == (409, "version_conflict")
    key = (await told(world, admin, "GET", "/v1/admin/keys", params={"account_id": account["id"]}))[0]
    path = f"/v1/admin/keys/{key['id']}"
    await told(world, admin, "PATCH", path, json={"limits": {"spend": 5}}, headers={"If-Match": '"1"'})
    late = await world.call("PATCH", path, key=admin, json={"limit": 9, "version": 1})
    assert (late.status_code, late.json()["error"]["reason"]) == (409, "version_conflict")
    broken = await world.call("PATCH", path, key=admin, json={"limit": 9}, headers={"If-Match": "abc"})
    assert broken.status_code == 400


@pytest.mark.parametrize(
    ("limits", "param"),
    [
        ({"spend": -1}, "limits"),
        ({"spend": "much"}, "limits.spend"),
        ({"addresses": ["10.0.0.0/99"]}, "limits"),
        ({"max_resolution": "4k"}, "limits"),
        ({"seconds_per_day": 1.5}, "limits"),
        ({"colour": 1}, "limits"),
    ],
)
async def test_a_wrong_limit_is_refused(world: Any, admin: str, limits: dict[str, Any], param: str) -> None:
    answer = await world.call("POST", "/v1/admin/accounts", key=admin, json={"name": "a", "limits": limits})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param), answer.text


async def test_usage_is_added_up_as_json_and_as_csv(world: Any, admin: str) -> None:
    await told(world, admin, "PUT", "/v1/admin/prices", json=PRICES)
    account, text = await team(world, admin)
    task_id = (await world.submit({"model": FAST, "prompt": "a cat"}, key=text)).json()["data"][0]["task_id"]
    await world.finish(await world.claim(task_id))
    rows = await told(world, text, "GET", "/v1/usage")
    assert rows == [{"day": "2025-11-14", "tasks": 1, "seconds": 5, "tokens": 244800, "cost": 0.1}]
    by_status = await told(
        world, text, "GET", "/v1/usage", params={"by": "status", "from": "2025-11-14", "to": "2025-11-14"}
    )
    assert by_status == [{"status": "completed", "tasks": 1, "seconds": 5, "tokens": 244800, "cost": 0.1}]
    assert await told(world, text, "GET", "/v1/usage", params={"to": "2025-11-13"}) == []
    csv = await world.call("GET", "/v1/usage", key=text, params={"by": "model", "format": "csv"})
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.text == f"model,tasks,seconds,tokens,cost\r\n{FAST},1,5,244800,0.1\r\n"
    assert (await world.call("GET", "/v1/usage", params={"account_id": account["id"]})).status_code == 403
    assert len(await told(world, admin, "GET", "/v1/usage", params={"account_id": "all", "by": "key"})) == 1
    wrong = await world.call("GET", "/v1/usage", params={"from": "2025-13-01"})
    assert (wrong.status_code, wrong.json()["error"]["reason"]) == (400, "invalid_from")


async def test_what_admins_do_is_in_the_log_without_any_keys_text(world: Any, admin: str) -> None:
    account, text = await team(world, admin)
    await told(
        world, admin, "POST", f"/v1/admin/accounts/{account['id']}/adjustments", json={"amount": 1, "reason": "a"}
    )
    key = (await told(world, admin, "GET", "/v1/admin/keys", params={"account_id": account["id"]}))[0]
    await told(world, admin, "PATCH", f"/v1/admin/keys/{key['id']}", json={"limit": 9})
    rotated = await told(world, admin, "POST", f"/v1/admin/keys/{key['id']}/rotate")
    await told(world, admin, "DELETE", f"/v1/admin/keys/{key['id']}")
    log = await world.call("GET", "/v1/admin/audit", key=admin)
    actions = {note["action"] for note in log.json()["data"]}
    assert actions == {"account.create", "key.create", "account.adjust", "key.change", "key.rotate", "key.revoke"}
    change = next(note for note in log.json()["data"] if note["action"] == "key.change")
    assert (change["by"], change["target"]) == ("key_01K8SGYNNNVBQTXNR4MM964S7K", key["id"])
    assert (change["before"]["limit"], change["after"]["limit"]) == (4, 9)
    assert text not in log.text
    assert rotated["text"] not in log.text
    page = (await world.call("GET", "/v1/admin/audit", key=admin, params={"limit": 2})).json()
    assert len(page["data"]) == 2
    rest = await told(world, admin, "GET", "/v1/admin/audit", params={"before": page["next"]})
    assert len(rest) == 4


async def test_only_admins_see_and_change_accounts(world: Any, admin: str) -> None:
    account, text = await team(world, admin)
    own = f"/v1/admin/accounts/{account['id']}"
    for method, path, body in (
        ("GET", "/v1/admin/accounts", None),
        ("POST", "/v1/admin/accounts", {"name": "x"}),
        ("GET", own, None),
        ("PATCH", own, {"metered": False}),
        ("POST", f"{own}/adjustments", {"amount": 1, "reason": "x"}),
        ("GET", f"{own}/entries", None),
        ("GET", "/v1/admin/prices", None),
        ("PUT", "/v1/admin/prices", {"rows": []}),
        ("GET", "/v1/admin/audit", None),
    ):
        assert (await world.call(method, path, key=text, json=body)).status_code == 403, path
        assert (await world.call(method, path, key=None, json=body)).status_code == 401, path
    assert (await world.call("GET", "/v1/admin/accounts/acct_none", key=admin)).status_code == 404
    assert account["id"] in [each["id"] for each in await told(world, admin, "GET", "/v1/admin/accounts")]
