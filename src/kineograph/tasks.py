"""A caller's verbs: submit, get, wait, list, cancel, delete, follow. Every dialect speaks through these."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from ulid import ULID

from kineograph.core.errors import Conflict, IdempotencyInProgress, NotFound, Unavailable
from kineograph.core.files import FileStore
from kineograph.core.keys import Key
from kineograph.core.models import Catalogue, Model
from kineograph.core.ports import Event, Found, Idempotency, Inserted, TaskQuery, TaskStore
from kineograph.core.pricing import Cost, PriceTable
from kineograph.core.request import VideoRequest
from kineograph.core.simulation import ENGINE
from kineograph.core.task import TERMINAL, Status, Task
from kineograph.media.images import parse_data_uri
from kineograph.store.admission import anybody
from kineograph.store.events import Feed
from kineograph.store.prices import free
from kineograph.telemetry import event


@dataclass(frozen=True, slots=True)
class Gap:
    """What a follower is not told: it has to look how things stand, and goes on from here.

    Attributes:
        id: Of the last event before which it was told nothing.
        message: A sentence with the way out.
    """

    id: int
    message: str


UNKNOWN = (
    "this service does not know the event you saw last; ask GET /v1/tasks how things stand, changes follow from now on"
)
TOO_MUCH = (
    "more happened since the event you saw last than is told again; ask GET /v1/tasks how things stand, changes follow from "
    "now on"
)
REPLAY = 10_000  # events told again at most: some seconds of work for each who comes back


class Tasks:
    """What callers can do with tasks. One per process.

    Args:
        catalogue: The models offered.
        store: Where tasks are remembered.
        files: Where images and films are kept.
        clock: Unix seconds.
        queue: Put every task there instead of in its engine's queue.
        admit: Raises Unavailable while nothing new may be taken.
        serves: Raises Unavailable for a request that its queue does not take, or nobody could serve.
        prices: What a film costs when it is accepted.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        store: TaskStore,
        files: FileStore,
        clock: Callable[[], float] = time.time,
        queue: str | None = None,
        admit: Callable[[], None] = lambda: None,
        serves: Callable[[str, VideoRequest], Awaitable[None]] = anybody,
        prices: Callable[[], Awaitable[PriceTable]] = free,
    ) -> None:
        self.catalogue = catalogue
        self._store = store
        self._files = files
        self._clock = clock
        self._queue = queue
        self.admit = admit
        self._serves = serves
        self._prices = prices
        self._arriving: set[tuple[str, str]] = set()
        self._feed = Feed(store)

    def model(self, name: str) -> Model:
        """The model of that name. Raises UnknownModel."""
        return self.catalogue.find(name)

    async def submit(self, request: VideoRequest, key: Key, idempotency: Idempotency | None = None) -> Inserted:
        """Accept a generation: durable when it returns. Nothing is stored before everything is checked.

        Args:
            request: `data:` sources are decoded into the file store here.

        Raises:
            UnknownModel, Unsupported, InvalidRequest: refused; nothing was stored.
            Forbidden: the key or its account may not use the model.
            PaymentRequired, TooMany: the balance or a limit does not cover it; nothing was stored.
            IdempotencyReused, IdempotencyInProgress: see the errors.
            Unavailable: database or storage is away, or the disk is full; nothing was stored.
        """
        model = self.check(request, key)
        if idempotency is None:
            return await self._accept(request, model, key, None)
        arriving = (idempotency.key_id, idempotency.value)
        if arriving in self._arriving:
            raise IdempotencyInProgress("the first request with this Idempotency-Key is still being stored; ask again")
        self._arriving.add(arriving)
        try:
            earlier = await self._store.replayed(idempotency)
            if earlier is not None:
                return Inserted(earlier, replayed=True)
            return await self._accept(request, model, key, idempotency)
        finally:
            self._arriving.discard(arriving)

    def check(self, request: VideoRequest, key: Key) -> Model:
        """The model that is asked for, if it can do that and the key may. Raises UnknownModel, Unsupported, Forbidden."""
        model = self.catalogue.find(request.model)
        model.check(request)
        for whose, allowance in key.allowances:
            allowance.check(request, whose)
        return model

    async def cost(self, request: VideoRequest) -> Cost | None:
        """What the film would cost if it were submitted now; None = its model has no price."""
        return (await self._prices()).cost(request)

    async def earlier(self, idempotency: Idempotency) -> Task | None:
        """The task this key already stands for, if any. Raises IdempotencyReused for another body."""
        return await self._store.replayed(idempotency)

    async def _accept(self, request: VideoRequest, model: Model, key: Key, idempotency: Idempotency | None) -> Inserted:
        self.admit()
        engine = model.engine_for(request) or model.engine
        await self._serves(self._queue or engine, request)
        decoded = [await _decode(image.source) for image in request.images]  # all of them before the first is stored
        now = self._clock()
        task_id = f"task_{ULID.from_timestamp(now)}"
        stored: list[str] = []
        try:
            images = []
            for image, data in zip(request.images, decoded, strict=True):
                if data is None:
                    images.append(image)
                    continue
                stored.append(name := f"inputs/{task_id}/{image.role}")
                await self._files.put(name, data)
                images.append(replace(image, source=f"file:{name}"))
            task = Task(
                id=task_id,
                account_id=key.account_id,
                key_id=key.id,
                request=replace(request, images=tuple(images)),
                engine=ENGINE if request.simulated else engine,
                queue=self._queue or engine,
                created_at=now,
                updated_at=now,
                cost=await self.cost(request) if not request.simulated else None,
            )
            inserted = await self._store.insert(task, idempotency)
        except BaseException:
            await self._forget(stored)
            raise
        if inserted.replayed:
            await self._forget(stored)
        else:
            event("task.submitted", task_id=task_id, key_id=key.id, model=request.model, duration=request.duration)
        return inserted

    async def _forget(self, names: Sequence[str]) -> None:
        for name in names:
            with contextlib.suppress(Unavailable):  # what led here matters more; the sweep takes orphans
                await self._files.delete(name)

    async def get(self, task_id: str, key: Key) -> Task:
        """The caller's task. Raises NotFound, also for somebody else's."""
        task = await self._store.get(task_id)
        if task is None or task.account_id != key.account_id:
            raise NotFound(
                f"no task {task_id[:60]!r} of yours; see GET /v1/tasks for the ones there are", param="task_id"
            )
        return task

    async def wait(self, task_id: str, key: Key, seconds: float, seen: int | None = None) -> Task:
        """The task at its next change, or as it is after `seconds`. At once if it is finished, or already past `seen`, the
        sequence the caller knows."""
        async with self._feed.listen(task_id=task_id) as changes:
            task = await self.get(task_id, key)
            if task.finished or seconds <= 0 or (seen is not None and task.sequence > seen):
                return task
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for change in changes:
                        if change.sequence > task.sequence:
                            break
        return await self.get(task_id, key)

    async def list(self, query: TaskQuery, words: Sequence[str] = ()) -> Found:
        """One page, newest first; with words only of those whose prompt holds them all, and maybe not full before the end."""
        if words:
            return await self._store.search(query, words)
        rows = await self._store.list(replace(query, limit=query.limit + 1))
        more = len(rows) > query.limit
        tasks = rows[: query.limit]
        return Found(tasks, tasks[-1].id if more else None)

    async def some(self, query: TaskQuery) -> tuple[Sequence[Task], int]:
        """One page, and how many there are of them all."""
        return await self._store.list(query), await self._store.count(query)

    async def cancel(self, task_id: str, key: Key) -> Task:
        """Queued: cancelled now. Running: stops at the next step. Raises NotFound; Conflict if it is over."""
        task = await self.get(task_id, key)
        if not task.finished:
            task = await self._store.cancel(task_id) or task
            if not task.finished or task.status is Status.CANCELLED:
                return task
        raise Conflict(
            f"task {task_id} is already over; only unfinished tasks can be cancelled", reason="task_finished"
        )

    async def delete(self, task_id: str, key: Key) -> None:
        """Wipe a finished task and its files. Raises NotFound; Conflict while it is not finished."""
        task = await self.get(task_id, key)
        if not task.finished:
            raise Conflict(
                f"task {task_id} is not finished; cancel it first, then delete it", reason="task_not_finished"
            )
        for prefix in (f"tasks/{task_id}/", f"inputs/{task_id}/"):
            async for file in self._files.list(prefix):
                await self._files.delete(file.name)
        await self._store.delete(task_id)
        event("task.deleted", task_id=task_id, key_id=key.id)

    async def follow(self, key: Key, after: int | None, task_id: str | None = None) -> AsyncGenerator[Event | Gap]:
        """Events of the caller's account or of one task, from `after` on, for ever (a task's: until it is finished; anybody's:
        until they read too slowly, then they may come back with the last id they have).

        Args:
            after: Id of the last event already seen; None = from now on for an account, from the start for a task. What
                cannot be told from there on is a Gap.
        """
        async with self._feed.listen(key.account_id, task_id) as changes:
            last = after if after is not None else (0 if task_id else self._feed.last)
            if after is not None and after > (newest := await self._store.last_event()):
                last = newest  # of a database that was restored since, or the newest events were deleted
                yield Gap(newest, UNKNOWN)
            told = 0
            while True:
                # Asked before the events are read: a task that is over by now has all of them written.
                over = task_id is not None and (await self.get(task_id, key)).finished
                past = await self._store.events(last, key.account_id, task_id)
                for change in past:
                    last = change.id
                    yield change
                told += len(past)
                if not past:
                    break
                if told >= REPLAY:
                    last = await self._store.last_event()
                    yield Gap(last, TOO_MUCH)
                    break
            if over:
                return
            async for change in changes:
                if change.id > last:
                    yield change
                    if task_id and change.status in TERMINAL:
                        return


async def _decode(source: str) -> bytes | None:
    """The bytes of a `data:` source, None for any other. Raises InvalidRequest."""
    if source[:5].lower() != "data:":
        return None
    # In a thread: the largest take a tenth of a second, and everybody else's polls would wait for it.
    return (await asyncio.to_thread(parse_data_uri, source))[1]
