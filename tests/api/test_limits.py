"""Limits of keys and accounts over HTTP: what is refused, how, and with which headers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kineograph.core.allowance import Allowance

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"


def limited(world: Any, of_account: bool = False, **limits: Any) -> None:
    """Limit the first key, or its account."""
    allowance, owner = Allowance(**limits), world.ledger.owners["acct_one"]
    if of_account:
        world.ledger.owners["acct_one"] = replace(owner, limits=allowance)
    else:
        world.keys.keep(replace(world.keys.keys["key_one"], limits=allowance))
    world.rebuild()  # without what the gate remembers for a second


@pytest.mark.parametrize("of_account", [False, True])
@pytest.mark.parametrize(
    ("limits", "body", "status", "reason", "param"),
    [
        ({"models": (FAST,)}, {"model": QUALITY}, 403, "model_not_allowed", "model"),
        ({"max_resolution": "720p"}, {"resolution": "1080p"}, 400, "resolution_not_allowed", "resolution"),
        ({"max_duration": 4}, {"duration": 5}, 400, "duration_not_allowed", "duration"),
    ],
)
async def test_what_a_key_may_not_ask_for_is_refused_at_submit_and_in_a_quote(
    world: Any, of_account: bool, limits: dict[str, Any], body: dict[str, Any], status: int, reason: str, param: str
) -> None:
    limited(world, of_account, **limits)
    wrong = {"model": FAST, "prompt": "a cat"} | body
    for path in ("/v1/videos/generations", "/v1/videos/generations/quote"):
        answer = await world.call("POST", path, json=wrong)
        error = answer.json()["error"]
        assert (answer.status_code, error["reason"], error["param"]) == (status, reason, param)
    right = {"model": FAST, "prompt": "a cat", "resolution": "480p", "duration": 2}
    assert (await world.submit(right)).status_code == 200


async def test_a_key_works_only_from_its_networks(world: Any) -> None:
    limited(world, addresses=("10.1.0.0/16", "2001:db8::/32"))
    for address, status in (("10.1.2.3", 200), ("10.2.0.1", 403), ("2001:db8::7", 200), ("2001:db9::7", 403)):
        world.address = address
        answer = await world.call("GET", "/v1/me")
        assert answer.status_code == status, address
        if status == 403:
            assert answer.json()["error"]["reason"] == "address_not_allowed"


async def test_requests_a_minute_are_counted_and_told_in_headers(world: Any) -> None:
    limited(world, requests_per_minute=2)
    first = await world.call("GET", "/v1/me")
    assert first.headers["ratelimit-policy"] == '"requests";q=2;w=60'
    assert first.headers["ratelimit"].startswith('"requests";r=1;t=')
    await world.call("GET", "/v1/me")
    refused = await world.call("GET", "/v1/me")
    assert (refused.status_code, refused.json()["error"]["reason"]) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 61
    assert refused.headers["ratelimit"].startswith('"requests";r=0;t=')
    assert (await world.call("GET", "/v1/me", key=world.new_key("key_two", "acct_two"))).status_code == 200


async def test_the_keys_of_an_account_share_its_requests(world: Any) -> None:
    limited(world, of_account=True, requests_per_minute=2)
    other = world.new_key("key_two", "acct_one")
    statuses = [(await world.call("GET", "/v1/me", key=key)).status_code for key in (world.text, other, other)]
    assert statuses == [200, 200, 429]


async def test_seconds_of_a_day_run_out_with_429_and_begin_anew(world: Any) -> None:
    limited(world, seconds_per_day=10)
    for _ in range(2):
        await world.submitted()
    refused = await world.submit()
    error = refused.json()["error"]
    assert (refused.status_code, error["type"], error["reason"]) == (429, "rate_limit_error", "seconds_per_day")
    left = 86_400 - int(world.now) % 86_400
    assert refused.headers["retry-after"] == str(left)
    assert refused.headers["ratelimit-policy"] == '"seconds_per_day";q=10;w=86400'
    assert refused.headers["ratelimit"] == f'"seconds_per_day";r=0;t={left}'
    world.now += left
    await world.submitted()


async def test_without_limits_there_are_no_such_headers(world: Any) -> None:
    answer = await world.call("GET", "/v1/me")
    assert "ratelimit" not in answer.headers
