"""The gate: cross-origin rules, what is public, what is told to the log; and the service's own routes."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from kineograph.telemetry import subscribe

APP = {"Origin": "https://app.example"}
PREFLIGHT = {**APP, "Access-Control-Request-Method": "POST"}


def test_by_default_no_page_of_another_origin_may_call(world: Any, run: Any) -> None:
    assert "access-control-allow-origin" not in run(world.call("GET", "/v1/tasks", headers=APP)).headers
    assert run(world.call("OPTIONS", "/v1/tasks", headers=PREFLIGHT, key=None)).status_code == 401


def test_an_allowed_origin_may_call_and_read_our_headers(world: Any, run: Any) -> None:
    world.rebuild(cors_origins=("https://app.example",))
    preflight = run(world.call("OPTIONS", "/v1/videos/generations", headers=PREFLIGHT, key=None))
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert "idempotency-key" in preflight.headers["access-control-allow-headers"]
    for method in ("PATCH", "DELETE", "PUT"):
        asked = PREFLIGHT | {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "if-match"}
        allowed = run(world.call("OPTIONS", "/v1/admin/keys/key_1", headers=asked, key=None))
        assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, APP["Origin"])
        assert method in allowed.headers["access-control-allow-methods"]
        assert "if-match" in allowed.headers["access-control-allow-headers"].lower()
    for path, key in (("/v1/tasks", world.text), ("/v1/tasks", None)):  # errors too, or the page cannot read them
        answer = run(world.call("GET", path, headers=APP, key=key))
        assert answer.headers["access-control-allow-origin"] == "https://app.example"
        assert "retry-after" in answer.headers["access-control-expose-headers"]
        assert answer.headers["vary"] == "Origin"
    other = run(world.call("GET", "/v1/tasks", headers={"Origin": "https://evil.example"}))
    assert "access-control-allow-origin" not in other.headers


def test_a_crash_is_readable_for_an_allowed_page_and_has_its_request_id_once(world: Any, run: Any) -> None:
    world.rebuild(cors_origins=("*",))

    async def broken(*_: Any) -> None:
        raise RuntimeError("secret")

    world.store.get = broken
    answer = run(world.call("GET", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K", headers=APP))
    assert answer.status_code == 500
    assert answer.headers["access-control-allow-origin"] == "https://app.example"
    assert len(answer.headers.get_list("x-request-id")) == 1


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json", "/console/"])
def test_these_answer_without_a_key(world: Any, run: Any, path: str) -> None:
    assert run(world.call("GET", path, key=None)).status_code == 200


def test_readiness_names_what_is_missing(world: Any, run: Any) -> None:
    async def health() -> dict[str, str | None]:
        return {"database": None, "workers": "no live worker; start one with `kineo worker`"}

    world.rebuild(health=health)
    response = run(world.call("GET", "/readyz", key=None))
    assert response.status_code == 503
    assert "workers: no live worker" in response.json()["error"]["message"]
    assert "database" not in response.json()["error"]["message"]
    assert int(response.headers["retry-after"]) >= 1


def test_links_follow_the_public_url(world: Any, run: Any) -> None:
    world.rebuild(public_url="https://films.test/base/", link_ttl=60)

    async def journey() -> dict[str, Any]:
        return dict((await world.data(await world.completed()))["result"]["videos"][0])

    video = run(journey())
    assert video["url"][0].startswith("https://films.test/base/v1/files/tasks/")
    assert video["expires_at"] == int(world.now) + 60


def test_the_log_hears_of_requests_with_their_ids_and_never_of_prompts_or_keys(world: Any, run: Any) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    stop = subscribe(lambda name, fields: heard.append((name, fields)))
    try:
        body = {
            "model": "doubao-seedance-1-0-pro-fast",
            "prompt": "xyzzy",
            "image_urls": ["https://example.com/quux.png"],
        }
        response = run(world.submit(body))
        run(world.call("GET", "/v1/tasks", key="kineo_plugh"))
    finally:
        stop()
    names = [name for name, _ in heard]
    assert names == ["task.submitted", "http.request", "auth.failed", "http.request"]
    assert heard[0][1]["request_id"] == heard[1][1]["request_id"] == response.headers["x-request-id"]
    assert (heard[1][1]["status"], heard[1][1]["path"]) == (200, "/v1/videos/generations")
    assert heard[2][1]["address"] == world.address
    for secret in ("xyzzy", "quux", "plugh", world.text):
        assert secret not in str(heard)


def test_a_request_that_a_leaving_server_drops_is_told_to_come_again(world: Any, run: Any) -> None:
    asked = asyncio.Event()

    async def slow(*_: Any) -> None:
        asked.set()
        await asyncio.Event().wait()

    async def dropped() -> Any:
        world.store.get = slow
        call = asyncio.create_task(world.call("GET", "/v1/tasks/task_01K8SGYNNNVBQTXNR4MM964S7K"))
        await asked.wait()
        call.cancel()  # as uvicorn does
        return await call

    answer = run(dropped())
    assert answer.status_code == 503
    assert answer.json()["error"]["reason"] == "unavailable"
    assert answer.headers["retry-after"] == "1"
