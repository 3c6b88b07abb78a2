"""A real server on a real socket: what only bytes on the wire can show."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvicorn

from kineograph.api.protocol import HEAD_LIMIT, Protocol

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


async def _served(world: Any, talk: Talk) -> Any:
    """What comes of talking to the application over a socket."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(world.app, http=Protocol, ws="none", lifespan="off", log_config=None, proxy_headers=False)
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve([listening]))
    try:
        async with asyncio.timeout(20):
            while not server.started:
                await asyncio.sleep(0.01)
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            try:
                return await talk(reader, writer)
            finally:
                writer.close()
    finally:
        server.should_exit = True
        await serving
        listening.close()


def _says(*parts: bytes) -> Talk:
    """Sends these and reads until the server hangs up."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        for part in parts:
            writer.write(part)
            await asyncio.sleep(0.02)
        return await reader.read()

    return talk


def _answer(raw: bytes) -> tuple[int, dict[str, str], Any]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, json.loads(body) if body else None


@pytest.mark.parametrize(
    "said",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-A: b\x00c\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        b"POST /v1/tasks HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_is_not_http_is_refused_in_the_envelope(world: Any, run: Any, said: bytes) -> None:
    status, headers, body = _answer(run(_served(world, _says(said))))
    assert (status, headers["content-type"]) == (400, "application/json")
    assert headers["x-request-id"].startswith("req_")
    assert (body["error"]["code"], body["error"]["reason"]) == (400, "malformed_http")


@pytest.mark.parametrize(
    "endless", [b"X-A: " + b"x" * HEAD_LIMIT, b"".join(b"X-%d: y\r\n" % n for n in range(20_000))[: HEAD_LIMIT + 100]]
)
def test_a_head_without_end_is_cut_off(world: Any, run: Any, endless: bytes) -> None:
    parts = [endless[start : start + 30_000] for start in range(0, len(endless), 30_000)]
    status, _, body = _answer(run(_served(world, _says(b"GET / HTTP/1.1\r\nHost: a\r\n", *parts))))
    assert status == 400
    assert "head is larger" in body["error"]["message"]


def test_a_chunked_body_is_read_and_a_websocket_upgrade_is_a_plain_request(world: Any, run: Any) -> None:
    body = b'{"model": "doubao-seedance-1-0-pro-fast", "prompt": "a cat"}'
    request = (
        b"POST /v1/videos/generations HTTP/1.1\r\nHost: films.example\r\nConnection: close\r\n"
        b"Authorization: Bearer %b\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"%x\r\n%b\r\n0\r\n\r\n" % (world.text.encode(), len(body), body)
    )
    assert _answer(run(_served(world, _says(request))))[0] == 200
    upgrade = (
        b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )
    status, _, answer = _answer(run(_served(world, _says(upgrade))))
    assert (status, answer) == (200, {"status": "ok"})


def test_a_caller_who_leaves_a_stream_leaves_no_listener_behind(world: Any, run: Any) -> None:
    async def leave(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> tuple[bytes, int]:
        writer.write(
            b"GET /v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + world.text.encode() + b"\r\n\r\n"
        )
        await reader.readuntil(b"retry: 2000\n\n\r\n")
        await asyncio.sleep(0.05)
        await world.submitted()
        block = await reader.readuntil(b"\n\n\r\n")
        writer.close()
        for _ in range(100):
            await asyncio.sleep(0.02)
            if not world.tasks._feed._listeners:
                break
        return block, len(world.tasks._feed._listeners)

    block, listeners = run(_served(world, leave))
    assert b"event: task\ndata: {" in block
    assert listeners == 0
