"""The hands of a worker that waits for upstreams: a ticket is used up with its claim, thousands of films wait in one loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from kineograph.core.errors import EngineError, Unavailable
from kineograph.core.lifecycle import held
from kineograph.core.models import Catalogue
from kineograph.core.ports import TaskStore
from kineograph.core.task import Failure, Status, Task
from kineograph.engines.base import Engine, LoopEngine
from kineograph.telemetry import event
from kineograph.worker.intake import Intake
from kineograph.worker.maker import Worker

HOLD = 5_000  # films in one process; benchmarks/upstream.py
TICKETS = 32  # taken side by side; each is in hand only until its task is claimed
WITHDRAW = 10.0  # seconds an upstream has to hear that a film is not wanted any more
CANCELLED = Failure("cancelled", "the caller cancelled it")
FULL = "as many films are waiting for upstreams as this worker may hold"


class Line(Protocol):
    """What the supervisor is told."""

    def say(self, is_: str, task: str | None = None) -> None:
        """begin, end."""
        ...


class LoopHands:
    """Takes tickets, and keeps their films in the making until they are done, cancelled, or another process goes on with them.

    Args:
        concurrency: Films at once.
        engine: Name -> engine, the same object each time.
    """

    def __init__(
        self,
        line: Line,
        store: TaskStore,
        worker: Worker,
        intake: Intake,
        *,
        catalogue: Catalogue,
        engine: Callable[[str], Engine | LoopEngine],
        concurrency: int,
    ) -> None:
        self._line, self._store, self._worker, self._intake = line, store, worker, intake
        self._catalogue, self._engine = catalogue, engine
        self._loop = asyncio.get_running_loop()
        self._concurrency = concurrency
        self._taking = 0
        self._films: dict[str, asyncio.Task[None]] = {}
        self._leaving = False

    def handle(self, task_id: str) -> None:
        """In a thread of the queue's; returns when the task is claimed, or not ours to make.

        Raises:
            Unavailable: nothing can be taken now; the ticket stays in hand.
        """
        self._line.say("begin", task_id)  # while it is in hand nobody takes the ticket for lost, also between two tries
        asyncio.run_coroutine_threadsafe(self._take(task_id), self._loop).result()

    async def _take(self, task_id: str) -> None:
        task = await self._store.get(task_id)
        claim = None
        if task is not None and task.status is Status.QUEUED:
            if any(not image.source.startswith("file:") for image in task.request.images):
                await self._intake.run_one(task_id)
            else:
                self._check(task)
                claim = await self._claim(task_id)
        elif task is not None and task.status in {Status.CANCELLED, Status.FAILED}:  # by others, and it may go on there
            await self._call_off(task)
        if claim is None:
            if task_id not in self._films:  # a ticket may come twice
                self._line.say("end", task_id)
        else:
            self._films[task_id] = asyncio.create_task(self._make(claim))

    async def _claim(self, task_id: str) -> Task | None:
        self._taking += 1
        try:
            return await self._worker.claim(task_id)
        finally:
            self._taking -= 1

    def _check(self, task: Task) -> None:
        """Leave it in the queue while it could only be handed back. Raises Unavailable."""
        if self._leaving or len(self._films) + self._taking >= self._concurrency:
            raise Unavailable(FULL)
        engine = self._engine(task.engine)
        model = next((model for model in self._catalogue.models if model.name == task.request.model), None)
        reason = engine.shut(task.resume_token) if isinstance(engine, LoopEngine) else None
        if reason and model and not model.engine_for(task.request, after=task.engine):
            raise Unavailable(reason)

    async def _make(self, claim: Task) -> None:
        try:
            await self._worker.make(claim)
        except asyncio.CancelledError:
            await self._stopped(claim)
        finally:
            if self._films.get(claim.id) is asyncio.current_task():  # else it was handed back, and to us again
                del self._films[claim.id]
                self._line.say("end", claim.id)

    async def _stopped(self, claim: Task) -> None:
        """Settle what was stopped in the middle: cancelled by its caller; else handed back, if it was not lost."""
        task = await self._store.get(claim.id)
        if task is None or not (held(task, claim) and task.cancel_requested):
            await self._store.release(claim)
            return
        await self._call_off(task)
        await self._store.fail(claim, CANCELLED)

    async def _call_off(self, task: Task) -> None:
        """Tell the upstream, if it was asked for this film, that nobody wants it any more."""
        engine = self._engine(task.engine)
        if task.resume_token is not None and isinstance(engine, LoopEngine):
            try:
                async with asyncio.timeout(WITHDRAW):
                    await engine.withdraw(task.resume_token)
            except (EngineError, TimeoutError) as error:
                event("upstream.not_stopped", task_id=task.id, error=f"{type(error).__name__}: {error}")

    def withdraw(self, task_id: str) -> None:
        """From any thread: its caller wants it stopped, or others make it by now."""
        self._loop.call_soon_threadsafe(self._withdraw, task_id)

    def _withdraw(self, task_id: str) -> None:
        making = self._films.get(task_id)
        if making is not None:
            making.cancel()

    def leave(self) -> None:
        """Take nothing more."""
        self._leaving = True

    async def stop(self) -> None:
        """Hand everything back: the upstreams go on, and the next process waits for them."""
        films = list(self._films.values())
        for making in films:
            making.cancel()
        await asyncio.gather(*films, return_exceptions=True)
