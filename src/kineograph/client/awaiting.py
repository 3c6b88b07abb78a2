"""AsyncClient: the same calls for an event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from pathlib import Path
from typing import Any, TypeVar, Unpack

import httpx2

from kineograph.client.base import Base, Turns, answer_of
from kineograph.client.errors import ClientError
from kineograph.client.pictures import Picture
from kineograph.client.results import Balance, Event, Film, Model, Quote, Task, Upload
from kineograph.client.verbs import Progress, TaskOrId
from kineograph.client.wire import Answer, Effect, Emit, Flow, Pause, Read, Request, Work
from kineograph.client.wish import Wish

T = TypeVar("T")


class AsyncClient(Base):
    """Client for asyncio: the same arguments, the same errors; calls are awaited, iterators are `async for`."""

    def __init__(
        self,
        server: str | None = None,
        key: str | None = None,
        *,
        timeout: float = 75.0,
        retries: int = 5,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        super().__init__(server, key, timeout, retries)
        self._http = httpx2.AsyncClient(timeout=timeout, transport=transport)

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def generate(
        self,
        prompt: str,
        output: str | Path | None = None,
        *,
        progress: Progress | None = None,
        timeout: float | None = None,
        idempotency_key: str | None = None,
        simulate: str | None = None,
        **wish: Unpack[Wish],
    ) -> Film:
        """From words to a file; see Client.generate. Cancelled while it waits, it cancels the task."""
        return await self._run(
            self._verbs.generate(prompt, output, wish, progress, timeout, idempotency_key, simulate),
        )

    async def submit(
        self,
        prompt: str,
        *,
        idempotency_key: str | None = None,
        simulate: str | None = None,
        **wish: Unpack[Wish],
    ) -> Task:
        """Ask for a film and do not wait for it."""
        return await self._run(self._verbs.submit(prompt, wish, idempotency_key, simulate))

    async def get(self, task: TaskOrId) -> Task:
        """The task as it is now."""
        return await self._run(self._verbs.get(task))

    async def wait(self, task: TaskOrId, *, progress: Progress | None = None, timeout: float | None = None) -> Task:
        """The task at its end, whatever that is."""
        return await self._run(self._verbs.wait(task, progress, timeout))

    async def cancel(self, task: TaskOrId) -> Task:
        """Stop it."""
        return await self._run(self._verbs.cancel(task))

    async def delete(self, task: TaskOrId) -> None:
        """Wipe a finished task."""
        await self._run(self._verbs.delete(task))

    def list(
        self,
        limit: int | None = None,
        *,
        search: str | None = None,
        status: str | None = None,
        model: str | None = None,
        created_after: int | None = None,
        created_before: int | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Task]:
        """Your tasks, newest first."""
        filters = self._filters(
            search=search,
            status=status,
            model=model,
            created_after=created_after,
            created_before=created_before,
            metadata=metadata,
        )
        return self._each(self._verbs.list(limit, filters))

    async def upload(self, picture: Picture) -> Upload:
        """Hand over an image that several requests will use."""
        return await self._run(self._verbs.upload(picture))

    async def download(self, task: TaskOrId, output: str | Path | None = None) -> Path:
        """The film of a completed task into a file."""
        return await self._run(self._verbs.download(task, output))

    async def quote(self, prompt: str, **wish: Unpack[Wish]) -> Quote:
        """What it would cost."""
        return await self._run(self._verbs.quote(prompt, wish))

    async def models(self) -> tuple[Model, ...]:
        """What is offered."""
        return await self._run(self._verbs.models())

    async def balance(self) -> Balance:
        """What is left."""
        return await self._run(self._verbs.balance())

    def events(
        self,
        task: TaskOrId | None = None,
        *,
        after: str | None = None,
        status: str | None = None,
        model: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncGenerator[Event]:
        """Changes as they happen."""
        filters = self._filters(status=status, model=model, metadata=metadata)
        return self._each(self._verbs.events(task, after, filters))

    async def _run(self, flow: Flow[T]) -> T:
        turns = Turns(flow)
        async with contextlib.aclosing(self._perform(turns)) as emitted:
            async for _ in emitted:
                raise AssertionError("a call of one answer emits nothing")
        return turns.value

    def _each(self, flow: Flow[None]) -> AsyncGenerator[Any]:
        return self._perform(Turns(flow))

    async def _perform(self, turns: Turns[Any]) -> AsyncGenerator[Any]:
        """Do what the flow wants; what it emits comes out."""
        line = _Line(self._http, self)
        try:
            while (effect := turns.effect) is not None:
                if isinstance(effect, Emit):
                    yield effect.value
                    turns.go(None)
                    continue
                try:
                    reply = await line.do(effect)
                except (ClientError, asyncio.CancelledError) as error:
                    turns.fail(error)
                else:
                    turns.go(reply)
        finally:
            turns.close()
            await line.close()


class _Line:
    """One flow's connection."""

    def __init__(self, http: httpx2.AsyncClient, base: Base) -> None:
        self._http, self._base = http, base
        self._response: httpx2.Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None

    async def do(self, effect: Effect) -> Any:
        """The reply to an effect. Raises NoAnswer, and what a piece of work raises."""
        match effect:
            case Request():
                return await self._ask(effect)
            case Read():
                return await self._read()
            case Pause():
                return await asyncio.sleep(effect.seconds)
            case Work():
                return await asyncio.to_thread(effect.call)

    async def _ask(self, request: Request) -> Answer:
        await self.close()
        try:
            sent = self._http.build_request(**self._base.options(request))
            response = await self._http.send(sent, stream=True, follow_redirects=request.whole)
            self._response = response
            if request.stream and response.status_code < 300:
                self._chunks = response.aiter_bytes()
                return answer_of(response, b"")
            return answer_of(response, await response.aread())
        except (httpx2.RequestError, httpx2.InvalidURL) as error:
            raise self._base.broken(error) from error

    async def _read(self) -> bytes | None:
        assert self._chunks is not None
        try:
            return await anext(self._chunks, None)
        except httpx2.RequestError as error:
            raise self._base.broken(error) from error

    async def close(self) -> None:
        """Let go of what was streamed."""
        if self._response is not None:
            await self._response.aclose()
            self._response = None
