"""Keys over HTTP: who may see and change which."""

from __future__ import annotations

from typing import Any

import pytest

from kineograph.core.keys import LOCAL_KEY_ID, Scope


@pytest.fixture
def admin(world: Any) -> str:
    text: str = world.new_key("key_01K8SGYNNNVBQTXNR4MM964S7K", "acct_boss", scopes=frozenset({Scope.ADMIN}))
    return text


async def make(world: Any, admin: str, **body: Any) -> dict[str, Any]:
    answer = await world.call("POST", "/v1/admin/keys", key=admin, json={"name": "storefront"} | body)
    assert answer.status_code == 200, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


async def test_a_new_key_is_told_once_and_works_at_once(world: Any, admin: str) -> None:
    made = await make(world, admin, limit=2, expires_in=3600)
    me = (await world.call("GET", "/v1/me", key=made["text"])).json()["data"]["key"]
    assert (me["id"], me["limit"], me["scopes"]) == (made["id"], 2, ["generate", "read"])
    assert me["expires_at"] == int(world.now) + 3600
    listed = await world.call("GET", "/v1/admin/keys", key=admin)
    assert made["text"] not in listed.text
    assert made["shown"] in listed.text


async def test_a_key_made_for_an_account_sees_its_films(world: Any, admin: str) -> None:
    task_id = await world.submitted()
    made = await make(world, admin, account_id="acct_one")
    assert (await world.call("GET", f"/v1/tasks/{task_id}", key=made["text"])).status_code == 200
    stranger = await make(world, admin)
    assert (await world.call("GET", f"/v1/tasks/{task_id}", key=stranger["text"])).status_code == 404


async def test_changing_rotating_and_revoking_hold(world: Any, admin: str) -> None:
    made = await make(world, admin)
    path = f"/v1/admin/keys/{made['id']}"
    changed = await world.call("PATCH", path, key=admin, json={"name": "shop", "limit": 9})
    assert (changed.json()["data"]["name"], changed.json()["data"]["limit"]) == ("shop", 9)
    rotated = (await world.call("POST", f"{path}/rotate", key=admin)).json()["data"]
    assert rotated["id"] == made["id"]
    assert (await world.call("GET", "/v1/me", key=made["text"])).status_code == 401
    assert (await world.call("DELETE", path, key=admin)).json()["data"] == {"id": made["id"], "revoked": True}
    world.rebuild()  # without what the gate remembers for a second
    assert (await world.call("GET", "/v1/me", key=rotated["text"])).status_code == 401


async def test_without_the_admin_scope_one_sees_only_the_keys_of_ones_account(world: Any, admin: str) -> None:
    own = (await world.call("GET", "/v1/keys")).json()["data"]
    assert [key["id"] for key in own] == ["key_one"]
    for method, path in (
        ("GET", "/v1/admin/keys"),
        ("POST", "/v1/admin/keys"),
        ("PATCH", "/v1/admin/keys/key_one"),
        ("DELETE", "/v1/admin/keys/key_one"),
        ("POST", "/v1/admin/keys/key_one/rotate"),
    ):
        assert (await world.call(method, path, json={"name": "x"})).status_code == 403, path


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": " x"}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "x", "limit": 0}, "limit"),
        ({"name": "x", "limit": True}, "limit"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "expires_in": 1}, "expires_in"),
        ({"name": "x", "account_id": "somebody"}, "account_id"),
        ({"name": "x", "limits": 3}, "limits"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_made(
    world: Any, admin: str, body: dict[str, Any], param: str
) -> None:
    answer = await world.call("POST", "/v1/admin/keys", key=admin, json=body)
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)
    assert len((await world.call("GET", "/v1/admin/keys", key=admin)).json()["data"]) == 2


async def test_a_key_that_is_not_there_is_404(world: Any, admin: str) -> None:
    for key_id in ("key_none", LOCAL_KEY_ID):
        assert (await world.call("DELETE", f"/v1/admin/keys/{key_id}", key=admin)).status_code == 404


async def test_a_script_in_a_name_is_only_text(world: Any, admin: str) -> None:
    made = await make(world, admin, name="<script>alert(1)</script>")
    assert made["name"] == "<script>alert(1)</script>"
