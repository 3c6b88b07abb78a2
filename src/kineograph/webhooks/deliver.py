"""The deliverer: takes from the outbox what is due, signs it, sends it, writes down what came of it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from kineograph.core.deliveries import Answer, Deliveries, Delivery
from kineograph.core.errors import Unavailable
from kineograph.core.ports import TaskStore
from kineograph.core.signing import signature
from kineograph.core.task import Task
from kineograph.telemetry import event

POLL = 0.5  # seconds between looks at the outbox; one indexed read each
AT_ONCE = 128  # tries under way in one process
GRACE = 2.0  # seconds that tries under way may still take when the process is told to stop

Body = Callable[[Task, Delivery], Awaitable[bytes]]


class Post(Protocol):
    """How a try reaches the address."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What came of it."""
        ...


class Deliverer:
    """One process' share of the deliveries. Any number of them may work on one database.

    Args:
        body: What is sent: the task as it stood at the change.
        clock: Unix seconds, for the time that is signed.
    """

    def __init__(
        self, deliveries: Deliveries, tasks: TaskStore, post: Post, body: Body, clock: Callable[[], float]
    ) -> None:
        self._deliveries = deliveries
        self._tasks = tasks
        self._post = post
        self._body = body
        self._clock = clock
        self._under_way: dict[asyncio.Task[None], Delivery] = {}

    async def round(self) -> None:
        """Begin what is due now, and come back when it is time to look again. Raises Unavailable while the database is away."""
        busy = Counter(claim.host for claim in self._under_way.values())
        claims = await self._deliveries.claim(busy, AT_ONCE - len(self._under_way))
        for claim in claims:
            trying = asyncio.create_task(self._try(claim))
            self._under_way[trying] = claim
            trying.add_done_callback(self._under_way.pop)
        if claims:  # there may be more, as soon as one of these has made room
            await asyncio.wait(self._under_way, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(POLL)

    async def stop(self) -> None:
        """Let tries under way end; what takes longer is due again at once, for somebody else."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=GRACE)
        broken_off = dict(self._under_way)
        for trying in broken_off:
            trying.cancel()
        if broken_off:
            await asyncio.wait(broken_off)
            await self._deliveries.put_back(list(broken_off.values()))

    async def _try(self, claim: Delivery) -> None:
        """One try. While the database is away nothing is written down, and the delivery is tried again when its claim ends."""
        try:
            task = await self._tasks.get(claim.task_id)
            if task is None:  # deleted a moment ago, and its deliveries with it
                return
            answer = await self._answer(task, claim)
            after = await self._deliveries.settle(claim, answer)
        except Unavailable:
            return
        if after is not None:
            facts = {"delivery_id": claim.id, "task_id": claim.task_id, "host": claim.host, "attempt": claim.attempts}
            event(
                "delivery.tried",
                state=after.state,
                status=answer.status,
                error=answer.error,
                seconds=answer.seconds,
                **facts,
            )

    async def _answer(self, task: Task, claim: Delivery) -> Answer:
        """What came of it. What cannot be put into words is not sent, and tried again as rarely as what nobody takes."""
        try:
            body = await self._body(task, claim)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours that would come back with every claim, for ever
            event("delivery.unwritten", delivery_id=claim.id, task_id=claim.task_id, error=repr(error))
            return Answer(self._clock(), 0.0, error=f"Kineograph could not write this message ({type(error).__name__})")
        headers = await self._headers(claim, body)
        answer = await self._post.post(claim.url, headers, body)
        if task.request.simulation.duplicate_webhook:  # its receiver is to show that it acts once
            answer = await self._post.post(claim.url, headers, body)
        return answer

    async def _headers(self, claim: Delivery, body: bytes) -> Mapping[str, str]:
        now = int(self._clock())
        secret = await self._deliveries.secret(claim.account_id)
        return {
            "Content-Type": "application/json",
            "User-Agent": "Kineograph",
            "Accept": "*/*",
            "Accept-Encoding": "identity",
            "webhook-id": claim.id,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(secret.signing(now), claim.id, now, body),
        }
