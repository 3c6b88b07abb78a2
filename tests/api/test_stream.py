"""Event streams of an account: who hears what, what is told again, and what it costs when many listen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from starlette.requests import Request

from kineograph import tasks as verbs
from kineograph.api.edge import Edge
from kineograph.api.gate import SCOPE_KEY
from kineograph.api.links import Signer
from kineograph.api.stream import Streams

FAST, QUALITY = "doubao-seedance-1-0-pro-fast", "doubao-seedance-1-0-pro-quality"


@pytest.fixture
def streams(world: Any) -> Streams:
    return Streams(world.service, Edge(None, ()), Signer(b"s" * 32))


@asynccontextmanager
async def listening(world: Any, streams: Streams, query: str = "", seen: int | None = None) -> AsyncIterator[Any]:
    """A function that gives the next block of the account's stream, as (event, data)."""
    headers = [(b"host", b"films.example")] + ([(b"last-event-id", str(seen).encode())] if seen is not None else [])
    scope = {"type": "http", "method": "GET", "path": "/v1/events", "scheme": "http", "headers": headers}
    key = await world.keys.get("key_one")
    response: Any = await streams.account(Request(scope | {"query_string": query.encode(), SCOPE_KEY: key}))
    blocks = response.body_iterator

    async def following() -> tuple[str, dict[str, Any]]:
        async with asyncio.timeout(10):
            while b"event: " not in (block := await anext(blocks)):
                pass
        lines = dict(line.split(": ", 1) for line in block.decode().strip().splitlines())
        return lines["event"], json.loads(lines["data"])

    assert await anext(blocks) == b"retry: 2000\n\n"
    listeners = world.tasks._feed._listeners
    before = len(listeners)
    first = asyncio.ensure_future(following())
    while len(listeners) == before and not first.done():  # else it would begin after what the test does next
        await asyncio.sleep(0.01)
    waiting = [first]

    async def following_next() -> tuple[str, dict[str, Any]]:
        return await (waiting.pop() if waiting else following())

    try:
        yield following_next
    finally:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await blocks.aclose()


async def begun(world: Any, **fields: Any) -> str:
    task_id = str(await world.submitted(**fields))
    await world.claim(task_id)
    return task_id


@pytest.mark.parametrize(
    ("query", "heard"),
    [
        ("status=processing", ["processing"]),
        (f"model={QUALITY}", ["pending", "processing"]),
        ("metadata.user=b", ["pending", "processing"]),
        ("metadata.user=b&status=pending", ["pending"]),
    ],
)
async def test_a_listener_hears_what_it_asked_for_and_nothing_else(
    world: Any, streams: Streams, query: str, heard: list[str]
) -> None:
    async with listening(world, streams, query) as following:
        await begun(world, model=FAST, metadata={"user": "a"})
        wanted = await begun(world, model=QUALITY, metadata={"user": "b"})
        await begun(world, model=FAST, metadata={"user": "c"})
        told = [(await following())[1] for _ in heard]
        if query == "status=processing":  # of whichever comes first
            assert [each["status"] for each in told] == heard
        else:
            assert [(each["id"], each["status"]) for each in told] == [(wanted, word) for word in heard]


async def test_a_wrong_status_is_refused_before_the_stream_begins(world: Any) -> None:
    refused = await world.call("GET", "/v1/events?status=done")
    assert refused.status_code == 400
    assert "pending, processing" in refused.json()["error"]["message"]


async def test_more_than_is_told_again_is_passed_over_with_a_sentence(
    world: Any, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verbs, "REPLAY", 4)
    for _ in range(5):
        await begun(world)
    async with listening(world, streams, seen=1) as following:
        told = [await following() for _ in range(9)]
        assert [name for name, _ in told] == ["task"] * 9  # a page is told whole; these fit into one
        name, gap = await following()
        assert name == "gap"
        assert "GET /v1/tasks" in gap["message"]
        assert gap["sequence"] == 10
        new = await world.submitted()
        assert (await following())[1]["id"] == new


async def test_an_id_from_before_a_restore_is_said_to_be_unknown_and_the_stream_goes_on(
    world: Any, streams: Streams
) -> None:
    await world.submitted()
    async with listening(world, streams, seen=10**12) as following:
        name, gap = await following()
        assert (name, gap["sequence"]) == ("gap", 1)
        assert "does not know" in gap["message"]
        new = await world.submitted()
        assert (await following())[1]["id"] == new


async def test_however_many_listen_a_change_is_rendered_once(world: Any, streams: Streams) -> None:
    looks, get = 0, world.store.get

    async def counting(task_id: str) -> Any:
        nonlocal looks
        looks += 1
        return await get(task_id)

    async with all_of([listening(world, streams) for _ in range(30)]) as listeners:
        task_id = await world.submitted()
        world.store.get = counting
        told = await asyncio.gather(*(following() for following in listeners))
    assert {data["id"] for _, data in told} == {task_id}
    assert looks == 1


@asynccontextmanager
async def all_of(managers: list[Any]) -> AsyncIterator[list[Any]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(each) for each in managers]
