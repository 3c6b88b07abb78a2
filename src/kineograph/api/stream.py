"""Server-Sent Events: every change of one task or of an account, resumable, and links for web pages."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from kineograph.api.auth import caller
from kineograph.api.blocks import Blocks, Wanted, gap_block
from kineograph.api.edge import Edge
from kineograph.api.links import Links, Signer
from kineograph.api.query import Query
from kineograph.api.render import LANGUAGES
from kineograph.api.reply import reply
from kineograph.api.routes import task_id_of
from kineograph.api.service import Service
from kineograph.core.errors import InvalidRequest, KineographError
from kineograph.core.keys import Key, Scope
from kineograph.core.ports import Event
from kineograph.tasks import Gap
from kineograph.telemetry import event

KEEP_ALIVE = 15.0  # seconds of silence after which a comment goes out; proxies cut idle connections at 30 or 60
LINK_TTL = 900  # seconds an event link may be opened; a stream that is open stays open
_OPENING = b"retry: 2000\n\n"  # milliseconds a browser waits before it connects again
_COMMENT = b": keep-alive\n\n"


class Streams:
    """GET /v1/events, GET /v1/tasks/{task_id}/events, POST /v1/tasks/{task_id}/event-link."""

    def __init__(self, service: Service, edge: Edge, signer: Signer) -> None:
        self._service, self._edge, self._signer = service, edge, signer
        self._tasks = service.tasks
        self._blocks = Blocks(service.tasks, service.clock)

    async def account(self, request: Request) -> Response:
        """Changes of the account's tasks, all or those that are asked for, from now on or from Last-Event-ID."""
        return self._stream(request, caller(request, Scope.READ), None)

    async def task(self, request: Request) -> Response:
        """Changes of one task from its start; closes when it is finished."""
        key, task_id = caller(request, Scope.READ), task_id_of(request)
        task, after = await self._tasks.get(task_id, key), _last_seen(request)
        if task.finished and after is not None and not await self._more(key, after, task_id):
            return Response(None, 204)  # the one answer after which an EventSource does not connect again
        return self._stream(request, key, task_id)

    async def link(self, request: Request) -> Response:
        """A URL of the stream for EventSource, which cannot send a header."""
        key, task_id = caller(request, Scope.READ), task_id_of(request)
        await self._tasks.get(task_id, key)
        expires = int(self._service.clock()) + LINK_TTL
        url = self._links(request).events(task_id, key.id, expires)
        return reply({"code": 200, "data": {"url": url, "expires_at": expires}})

    async def _more(self, key: Key, after: int, task_id: str) -> bool:
        """Whether a finished task has changes after that one."""
        async with contextlib.aclosing(self._tasks.follow(key, after, task_id)) as changes:
            return await anext(changes, None) is not None

    def _stream(self, request: Request, key: Key, task_id: str | None) -> Response:
        query = Query(request)
        language = query.choice("language", LANGUAGES) or "en"
        wanted = Wanted.of(query) if task_id is None else Wanted()
        after = _last_seen(request)
        headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(None, 200, headers, "text/event-stream")
        changes = self._tasks.follow(key, after, task_id)
        blocks = self._shown(changes, key, self._links(request), language, wanted)
        return StreamingResponse(_kept_alive(blocks, KEEP_ALIVE), 200, headers, "text/event-stream")

    async def _shown(
        self, changes: AsyncGenerator[Event | Gap], key: Key, links: Links, language: str, wanted: Wanted
    ) -> AsyncGenerator[bytes]:
        """One `event: task` per change, as the task stood then. Ends where the store fails: the caller resumes."""
        try:
            async for change in changes:
                if isinstance(change, Gap):
                    yield gap_block(change)
                    continue
                shown = await self._blocks.of(change, key, links, language)
                if shown is not None and wanted.takes(shown):
                    yield shown.block
        except KineographError as error:
            event("stream.broken", reason=error.reason)
        finally:
            await changes.aclose()

    def _links(self, request: Request) -> Links:
        return Links(self._edge.base_url(request.scope), self._signer, self._service.link_ttl)


def _last_seen(request: Request) -> int | None:
    value = request.headers.get("last-event-id")
    if not value:
        return None
    if value.isascii() and value.isdigit() and len(value) <= 18:
        return int(value)
    raise InvalidRequest(
        f"Last-Event-ID {value[:40]!r} is not the id of an event; send the `id:` of the last one you saw",
        param="Last-Event-ID",
        reason="invalid_last_event_id",
    )


async def _kept_alive(blocks: AsyncGenerator[bytes], silence: float) -> AsyncIterator[bytes]:
    """The blocks, and a comment whenever nothing happens for `silence` seconds."""
    yield _OPENING
    coming: asyncio.Future[bytes] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(blocks))
            done, _ = await asyncio.wait({coming}, timeout=silence)
            if not done:
                yield _COMMENT
                continue
            try:
                block = coming.result()
            except StopAsyncIteration:
                return
            coming = None
            yield block
    finally:
        if coming is not None and not coming.done():
            coming.cancel()
            await asyncio.wait({coming})
        await blocks.aclose()
